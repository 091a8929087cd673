//! Access to the table beside the functions.

use aws_types::SdkConfig;

use crate::{table::sdk_config, world::World};

impl World {
    /// An SDK client to read and write the table directly.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk_config())
    }

    /// The SDK's settings of a service that reads the table itself.
    pub fn sdk_config(&self) -> SdkConfig {
        let plain = aws_smithy_http_client::Builder::new().build_http();
        sdk_config(&self.emulator.endpoint, plain)
    }
}
