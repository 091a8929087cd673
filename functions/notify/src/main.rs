//! The Lambda function `notify`.

use coulisses_aws::{app::App, http};
use lambda_http::{Error, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let app = &App::from_env(env!("CARGO_PKG_NAME")).await?;
    http::serve(|request| async move { notify::handle(app, &request).await }).await
}
