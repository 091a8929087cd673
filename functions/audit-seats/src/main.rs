//! The Lambda function `audit-seats`.

use audit_seats::Audit;
use coulisses_aws::{app::App, http, logs};
use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let app = &App::from_env(env!("CARGO_PKG_NAME")).await?;
    let audit = &Audit { app: app.clone() };
    let handle = |request| async move { audit_seats::handle(&app.for_request(), &request).await };
    http::serve_and_wake(handle, |event| audit.wake(event)).await
}
