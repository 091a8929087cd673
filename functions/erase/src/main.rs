//! The Lambda function `erase`.

use coulisses_aws::{app::App, logs};
use erase::Erase;
use lambda_http::{Error, lambda_runtime, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logs::start();
    let erase = Erase::new(App::from_env(env!("CARGO_PKG_NAME")).await?);
    lambda_runtime::run(service_fn(async |event| erase.handle(event).await)).await
}
