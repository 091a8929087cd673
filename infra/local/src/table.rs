//! The table: dynoxide in this process behind its HTTP interface, or any `DynamoDB` at an address.

use dynoxide::storage::Storage;
use dynoxide::{Database, DynoxideError};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;

/// Where the table is kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// In memory; gone at the end.
    Memory,
    /// In a file.
    File(PathBuf),
    /// Behind this address.
    External(String),
}

/// The account under which the table is asked; emulators keep tables by it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The region.
    pub region: String,
    /// The access key's id.
    pub key_id: String,
}

/// Why there is no table.
#[derive(Debug, Error)]
pub enum NoTable {
    /// The file cannot be opened.
    #[error("{} cannot be opened; choose another file for --data", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: dynoxide::DynoxideError,
    },
    /// The directory of the file cannot be made.
    #[error("the directory of {} cannot be made; choose another file for --data", path.display())]
    Directory {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database in memory cannot be made.
    #[error("the table cannot be kept in memory")]
    Memory(#[source] dynoxide::DynoxideError),
    /// No port is free.
    #[error("the table finds no port to listen on")]
    Port(#[source] std::io::Error),
    /// The address does not answer.
    #[error("the table at {address} does not answer")]
    Unreachable {
        /// The address.
        address: String,
        /// What happened.
        source: reqwest::Error,
    },
    /// The request was refused.
    #[error("{operation} was refused: {answer}")]
    Refused {
        /// The operation.
        operation: &'static str,
        /// The answer's body.
        answer: Value,
    },
    /// The table stays without becoming usable.
    #[error("the table does not become active")]
    NotActive,
}

/// The records of the stream by their number. Without it, dynoxide reads all there are at each item that is written and
/// each time that the stream is read: milliseconds after some thousand changes, and more with each.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS _coulisses_stream ON _stream_records \
    (table_name, CAST(sequence_number AS INTEGER))";

/// The table, ready for use.
pub struct Table {
    /// Where the functions find it.
    pub endpoint: String,
    /// The database itself, if it is in this process.
    pub database: Option<Database>,
    http: Client,
    account: Account,
}

impl Table {
    /// Opens the table's place; a database of our own is served from now on.
    ///
    /// # Errors
    /// When the place cannot be opened or served.
    pub async fn open(place: Place, http: Client, account: Account) -> Result<Self, NoTable> {
        let (endpoint, database) = match place {
            Place::External(endpoint) => (endpoint, None),
            Place::Memory => serve(in_memory().map_err(NoTable::Memory)?).await?,
            Place::File(path) => serve(open_file(path)?).await?,
        };
        Ok(Self { endpoint, database, http, account })
    }

    /// Makes the table as `definition` says, unless it is there.
    ///
    /// # Errors
    /// When the table cannot be made.
    pub async fn create(&self, definition: &Value, ttl: Option<&str>) -> Result<(), NoTable> {
        let name = json!({"TableName": definition.get("TableName")});
        match self.ask("CreateTable", definition).await {
            Ok(_) => {}
            Err(NoTable::Refused { answer, .. }) if is_kind(&answer, "ResourceInUseException") => {
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.wait_until_active(&name).await?;
        if let Some(attribute) = ttl {
            let mut request = name;
            if let Some(request) = request.as_object_mut() {
                let specification = json!({"AttributeName": attribute, "Enabled": true});
                request.insert("TimeToLiveSpecification".to_owned(), specification);
            }
            self.ask("UpdateTimeToLive", &request).await?;
        }
        Ok(())
    }

    async fn wait_until_active(&self, name: &Value) -> Result<(), NoTable> {
        for _ in 0..100 {
            let answer = self.ask("DescribeTable", name).await?;
            if answer.pointer("/Table/TableStatus").and_then(Value::as_str) == Some("ACTIVE") {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(NoTable::NotActive)
    }

    /// Posts one operation. No emulator verifies signatures, but all want one to be there.
    async fn ask(&self, operation: &'static str, body: &Value) -> Result<Value, NoTable> {
        let unreachable = |source| NoTable::Unreachable { address: self.endpoint.clone(), source };
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
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let text = response.text().await.map_err(unreachable)?;
        let answer = serde_json::from_str(&text).unwrap_or(Value::String(text));
        if status == StatusCode::OK {
            Ok(answer)
        } else {
            Err(NoTable::Refused { operation, answer })
        }
    }
}

fn is_kind(answer: &Value, kind: &str) -> bool {
    answer.get("__type").and_then(Value::as_str).is_some_and(|given| given.ends_with(kind))
}

fn open_file(path: PathBuf) -> Result<Database, NoTable> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)
            .map_err(|source| NoTable::Directory { path: path.clone(), source })?;
    }
    open_indexed(&path.to_string_lossy()).map_err(|source| NoTable::File { path, source })
}

/// A database in memory, known by a name of its own as long as it is open.
fn in_memory() -> Result<Database, DynoxideError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    open_indexed(&format!("file:coulisses-{number}?mode=memory&cache=shared"))
}

fn open_indexed(address: &str) -> Result<Database, DynoxideError> {
    let storage = Storage::new(address)?;
    storage.conn().execute_batch(STREAM_INDEX)?;
    // Opened before the first connection goes, with which a database in memory would go.
    Database::new(address)
}

async fn serve(database: Database) -> Result<(String, Option<Database>), NoTable> {
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(NoTable::Port)?;
    let address = listener.local_addr().map_err(NoTable::Port)?;
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
    async fn a_table_is_made_once_and_found_again() {
        let http = Client::builder().no_proxy().build().unwrap();
        let table = Table::open(Place::Memory, http.clone(), account()).await.unwrap();
        table.create(&definition(), Some("ttl")).await.unwrap();
        table.create(&definition(), Some("ttl")).await.unwrap();

        let external = Place::External(table.endpoint.clone());
        let external = Table::open(external, http, account()).await.unwrap();
        external.create(&definition(), Some("ttl")).await.unwrap();
        assert!(external.database.is_none());
    }

    #[tokio::test]
    async fn databases_in_memory_are_each_their_own() {
        let http = Client::builder().no_proxy().build().unwrap();
        let one = Table::open(Place::Memory, http.clone(), account()).await.unwrap();
        one.create(&definition(), None).await.unwrap();
        let other = Table::open(Place::Memory, http, account()).await.unwrap();
        let found = other.ask("DescribeTable", &json!({"TableName": "coulisses"})).await;
        assert!(matches!(found, Err(NoTable::Refused { operation: "DescribeTable", .. })));
    }

    #[test]
    fn the_end_of_the_stream_is_found_without_reading_all_of_it() {
        let address = "file:coulisses-stream?mode=memory&cache=shared";
        let _open = open_indexed(address).unwrap();
        let storage = Storage::new(address).unwrap();
        // What dynoxide asks at each item that is written.
        let asked = "EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 \
            FROM _stream_records WHERE table_name = ?1";
        let plan =
            storage.conn().query_row(asked, ["coulisses"], |row| row.get::<_, String>(3)).unwrap();
        assert!(plan.contains("INDEX _coulisses_stream"), "{plan}");
    }

    #[tokio::test]
    async fn a_wrong_definition_is_refused_with_the_reason() {
        let http = Client::builder().no_proxy().build().unwrap();
        let table = Table::open(Place::Memory, http, account()).await.unwrap();
        let refused = table.create(&json!({"TableName": "coulisses"}), None).await;
        assert!(matches!(refused, Err(NoTable::Refused { operation: "CreateTable", .. })));
    }
}
