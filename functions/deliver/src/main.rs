//! The Lambda function `deliver`.

use deliver::Deliver;
use lambda_http::{Error, lambda_runtime, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let deliver = Deliver::from_env().await?;
    lambda_runtime::run(service_fn(async |event| deliver.handle(event).await)).await
}
