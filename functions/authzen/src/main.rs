//! The Lambda function `authzen`.

use coulisses_aws::{app::App, http, logs};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let app = &App::from_env(env!("CARGO_PKG_NAME")).await?;
    http::serve(|request| async move { authzen::handle(&app.for_request(), &request).await }).await
}
