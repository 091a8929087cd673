//! The Lambda function `deliver`.

use coulisses_aws::logs;
use deliver::Deliver;
use lambda_http::{Error, lambda_runtime, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let deliver = Deliver::from_env().await?;
    lambda_runtime::run(service_fn(async |event| deliver.handle(event).await)).await
}
