//! The Lambda function `publish`.

use coulisses_aws::logs;
use lambda_http::{Error, lambda_runtime, service_fn};
use publish::Publish;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let publish = Publish::from_env().await?;
    lambda_runtime::run(service_fn(async |event| publish.handle(event).await)).await
}
