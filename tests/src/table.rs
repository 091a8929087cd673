//! The table of a test in the emulator, created from the definition in the template.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep, TokioSleep};
use aws_smithy_runtime_api::client::{behavior_version::BehaviorVersion, http::SharedHttpClient};
use aws_types::{SdkConfig, region::Region};
use tokio::net::TcpListener;

use crate::{ReadLimits, Template, limited};

/// The table's name.
pub const TABLE: &str = "coulisses";

/// Gives the invitation of a pending collaborator a mail id of 1970, so that a resend is allowed, in the table at
/// `endpoint`.
pub async fn age_last_mail(endpoint: &str, client: &str, collaborator: &str) {
    let plain = aws_smithy_http_client::Builder::new().build_http();
    let text = |text: String| AttributeValue::S(text);
    let update = aws_sdk_dynamodb::Client::new(&sdk_config(endpoint, plain)).update_item();
    let update = update
        .table_name(TABLE)
        .key("pk", text(format!("C#{client}")))
        .key("sk", text(format!("P#{collaborator}")))
        .update_expression("SET invitation.sending = :old")
        .expression_attribute_values(":old", text("0".repeat(26)));
    update.send().await.expect("the invitation");
}

/// Starts an emulator in-process on its own port, with an empty table; it ends with the test's runtime.
pub(crate) async fn emulator() -> Emulator {
    let database = dynoxide::Database::memory().expect("a database");
    let request = serde_json::from_value(Template::read().create_table(TABLE)).expect("a request");
    database.create_table(request).expect("the table");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
    Emulator { endpoint: format!("http://{address}"), database, slow_timeouts: false }
}

/// Makes time-outs sixty times longer, for calls that wait at a gate.
#[derive(Debug)]
struct SlowTimeouts;

impl AsyncSleep for SlowTimeouts {
    fn sleep(&self, span: Duration) -> Sleep {
        TokioSleep::new().sleep(span * 60)
    }
}

/// An emulator and its endpoint.
#[derive(Clone)]
pub(crate) struct Emulator {
    pub(crate) endpoint: String,
    database: dynoxide::Database,
    slow_timeouts: bool,
}

impl Emulator {
    /// The same emulator for clients with sixty times longer time-outs.
    pub(crate) fn with_slow_timeouts(self) -> Self {
        Self { slow_timeouts: true, ..self }
    }

    /// The SDK configuration with `http_client`.
    pub(crate) fn config(&self, http_client: SharedHttpClient) -> SdkConfig {
        let config = sdk_config(&self.endpoint, http_client);
        if self.slow_timeouts {
            config.into_builder().sleep_impl(SharedAsyncSleep::new(SlowTimeouts)).build()
        } else {
            config
        }
    }

    /// The SDK configuration with `limits` on reads, for an app that only reads.
    pub(crate) fn config_with_limits(&self, limits: ReadLimits) -> SdkConfig {
        sdk_config(&self.endpoint, limited::client(self.database.clone(), limits))
    }

    /// Another emulator with the same data.
    pub(crate) async fn copy(&self) -> Self {
        let other = emulator().await;
        other.restore(&self.snapshot());
        other
    }

    /// Copies the data to a temporary file.
    pub(crate) fn snapshot(&self) -> SnapshotFile {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let file = std::env::temp_dir().join(format!("coulisses-{}-{number}", std::process::id()));
        let file = SnapshotFile(file.to_str().expect("a path of text").to_owned());
        self.database.vacuum_into(&file.0).expect("a copy");
        file
    }

    /// Replaces the data with a snapshot.
    pub(crate) fn restore(&self, snapshot: &SnapshotFile) {
        self.database.restore_from(&snapshot.0).expect("the copy");
    }
}

/// A temporary file, removed when dropped.
#[derive(Debug)]
pub(crate) struct SnapshotFile(String);

impl Drop for SnapshotFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(crate) fn sdk_config(endpoint: &str, http_client: SharedHttpClient) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-3"))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            Credentials::new("test", "test", None, None, "test"),
        ))
        .http_client(http_client)
        .build()
}

/// An item as text, with its attributes and those of nested maps in order.
pub(crate) fn item_text(item: &HashMap<String, AttributeValue>) -> String {
    let attributes: BTreeMap<&String, String> =
        item.iter().map(|(name, value)| (name, value_text(value))).collect();
    format!("{attributes:?}")
}

fn value_text(value: &AttributeValue) -> String {
    if let AttributeValue::M(map) = value {
        item_text(map)
    } else if let AttributeValue::L(list) = value {
        format!("{:?}", list.iter().map(value_text).collect::<Vec<_>>())
    } else {
        format!("{value:?}")
    }
}
