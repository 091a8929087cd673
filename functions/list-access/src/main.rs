//! The Lambda function `list-access`.

use coulisses_aws::{app::App, http::Request};
use lambda_http::{Error, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let app = &App::from_env().await?;
    run(service_fn(|request: Request| async move {
        Ok::<_, Error>(list_access::handle(app, &request).await)
    }))
    .await
}
