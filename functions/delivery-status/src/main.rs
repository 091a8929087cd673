//! The Lambda function `delivery-status`.

use delivery_status::DeliveryStatus;
use lambda_http::{Error, lambda_runtime, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let status = DeliveryStatus::from_env().await?;
    lambda_runtime::run(service_fn(async |event| status.handle(event).await)).await
}
