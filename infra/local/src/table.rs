//! The table: dynoxide in this process behind its HTTP interface, or another `DynamoDB` at an address.

use anyhow::{Context, Result, bail, ensure};
use dynoxide::storage::Storage;
use dynoxide::{Database, DynoxideError};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

/// The place where the table is stored.
#[derive(Debug, Clone)]
pub enum Location {
    /// In memory, until the stack ends.
    Memory,
    File(PathBuf),
    /// In the `DynamoDB` at this address.
    External(String),
}

/// The account that requests are made for. Emulators keep a separate set of tables for each.
#[derive(Debug, Clone)]
pub struct Account {
    pub region: String,
    pub key_id: String,
}

/// The stream's records by number. Without this index, dynoxide scans them all at each write of an item and at each read
/// of the stream: milliseconds after a few thousand changes, and more with each.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS _coulisses_stream ON _stream_records \
    (table_name, CAST(sequence_number AS INTEGER))";

pub struct Table {
    /// The address that the functions use.
    pub endpoint: String,
    /// The database, if it is in this process.
    pub database: Option<Database>,
    http: Client,
    account: Account,
}

impl Table {
    /// Opens the location; a database in this process is served from now on.
    pub async fn open(location: Location, http: Client, account: Account) -> Result<Self> {
        let (endpoint, database) = match location {
            Location::External(endpoint) => (endpoint, None),
            Location::Memory => serve(in_memory()?).await?,
            Location::File(path) => {
                let database = open_file(&path).with_context(|| {
                    format!("{} cannot be opened; choose another file for --data", path.display())
                })?;
                serve(database).await?
            }
        };
        Ok(Self { endpoint, database, http, account })
    }

    /// Creates the table with this definition, unless it exists.
    pub async fn create(&self, definition: &Value, ttl: Option<&str>) -> Result<()> {
        let name = definition.get("TableName");
        let (status, response) = self.send("CreateTable", definition).await?;
        if status != StatusCode::OK {
            let kind = response.get("__type").and_then(Value::as_str).unwrap_or_default();
            ensure!(kind.ends_with("ResourceInUseException"), "CreateTable failed: {response}");
            return Ok(());
        }
        self.wait_until_active(&json!({ "TableName": name })).await?;
        if let Some(attribute) = ttl {
            let specification = json!({"AttributeName": attribute, "Enabled": true});
            let request = json!({"TableName": name, "TimeToLiveSpecification": specification});
            let (status, response) = self.send("UpdateTimeToLive", &request).await?;
            ensure!(status == StatusCode::OK, "UpdateTimeToLive failed: {response}");
        }
        Ok(())
    }

    async fn wait_until_active(&self, request: &Value) -> Result<()> {
        for _ in 0..100 {
            let (status, response) = self.send("DescribeTable", request).await?;
            ensure!(status == StatusCode::OK, "DescribeTable failed: {response}");
            if response.pointer("/Table/TableStatus").and_then(Value::as_str) == Some("ACTIVE") {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("the table did not become active")
    }

    /// Sends one operation. No emulator verifies signatures, but all require one.
    async fn send(&self, operation: &str, body: &Value) -> Result<(StatusCode, Value)> {
        let Account { region, key_id } = &self.account;
        let scope = format!("{key_id}/20260101/{region}/dynamodb/aws4_request");
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
        );
        let request = self
            .http
            .post(&self.endpoint)
            .header("authorization", authorization)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260101T000000Z")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .timeout(Duration::from_secs(10))
            .body(body.to_string());
        let response = async {
            let response = request.send().await?;
            Ok::<_, reqwest::Error>((response.status(), response.text().await?))
        };
        let response = response.await;
        let (status, text) =
            response.with_context(|| format!("the table at {} does not answer", self.endpoint))?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }
}

fn open_file(path: &Path) -> Result<Database> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)?;
    }
    Ok(open_indexed(&path.to_string_lossy())?)
}

/// A database in memory with a unique name.
fn in_memory() -> Result<Database, DynoxideError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    open_indexed(&format!("file:coulisses-{number}?mode=memory&cache=shared"))
}

fn open_indexed(address: &str) -> Result<Database, DynoxideError> {
    let storage = Storage::new(address)?;
    storage.conn().execute_batch(STREAM_INDEX)?;
    // `storage` is still open here: a database in memory lasts only as long as a connection to it.
    Database::new(address)
}

async fn serve(database: Database) -> Result<(String, Option<Database>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("the table has no port")?;
    let address = listener.local_addr()?;
    let served = database.clone();
    tokio::spawn(async move {
        let forever = std::future::pending();
        if let Err(error) = dynoxide::server::serve_with_shutdown(listener, served, forever).await {
            eprintln!("the table is no longer served: {error}");
        }
    });
    Ok((format!("http://{address}"), Some(database)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Value {
        json!({
            "TableName": "coulisses",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
        })
    }

    fn account() -> Account {
        Account { region: "eu-west-3".to_owned(), key_id: "local".to_owned() }
    }

    #[tokio::test]
    async fn a_table_is_created_once_and_found_again() {
        let http = Client::builder().no_proxy().build().unwrap();
        let table = Table::open(Location::Memory, http.clone(), account()).await.unwrap();
        table.create(&definition(), Some("ttl")).await.unwrap();
        table.create(&definition(), Some("ttl")).await.unwrap();

        let external = Location::External(table.endpoint.clone());
        let external = Table::open(external, http, account()).await.unwrap();
        external.create(&definition(), Some("ttl")).await.unwrap();
        assert!(external.database.is_none());
    }

    #[tokio::test]
    async fn databases_in_memory_are_separate() {
        let http = Client::builder().no_proxy().build().unwrap();
        let one = Table::open(Location::Memory, http.clone(), account()).await.unwrap();
        one.create(&definition(), None).await.unwrap();
        let other = Table::open(Location::Memory, http, account()).await.unwrap();
        let found = other.send("DescribeTable", &json!({"TableName": "coulisses"})).await;
        assert_eq!(found.unwrap().0, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn the_end_of_the_stream_is_found_by_the_index() {
        let address = "file:coulisses-stream?mode=memory&cache=shared";
        let _open = open_indexed(address).unwrap();
        let storage = Storage::new(address).unwrap();
        // The query that dynoxide runs at each write of an item.
        let query = "EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 \
            FROM _stream_records WHERE table_name = ?1";
        let plan =
            storage.conn().query_row(query, ["coulisses"], |row| row.get::<_, String>(3)).unwrap();
        assert!(plan.contains("INDEX _coulisses_stream"), "{plan}");
    }

    #[tokio::test]
    async fn a_wrong_definition_is_an_error_with_the_reason() {
        let http = Client::builder().no_proxy().build().unwrap();
        let table = Table::open(Location::Memory, http, account()).await.unwrap();
        let error = table.create(&json!({"TableName": "coulisses"}), None).await.unwrap_err();
        assert!(error.to_string().starts_with("CreateTable failed: {"), "{error}");
    }
}
