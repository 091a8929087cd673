//! The Lambda function `delivery-status`.

use coulisses_aws::logs;
use delivery_status::DeliveryStatus;
use lambda_http::{Error, lambda_runtime, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let status = DeliveryStatus::from_env().await?;
    lambda_runtime::run(service_fn(async |event| status.handle(event).await)).await
}
