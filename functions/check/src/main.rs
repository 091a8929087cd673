//! The Lambda function `check`.

use coulisses_aws::{app::App, http};
use lambda_http::{Error, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let app = &App::from_env().await?;
    http::serve(|request| async move { check::handle(app, &request).await }).await
}
