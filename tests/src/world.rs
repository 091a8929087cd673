//! A deployment of its own for each test: a table in the emulator, an SES, a clock that is turned by hand.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use coulisses_aws::{
    app::{App, Clock, Settings},
    ids::IdKey,
    mail::{MailSettings, Mailer},
    table::Table,
};
use coulisses_domain::{client::MailLimits, time::Timestamp};
use deliver::{BatchAnswer, Deliver, Event};
use lambda_http::{Context, LambdaEvent};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{Answer, Route, Ses, Template, Trip, Who, counting::Counting};

const TABLE: &str = "coulisses";

/// A deployment.
pub struct World {
    /// What the functions that answer HTTP share.
    pub app: App,
    /// The function that sends mail.
    pub deliver: Deliver,
    /// The mail service.
    pub ses: Ses,
    routes: Vec<Route>,
    millis: Arc<AtomicI64>,
    counting: Counting,
    endpoint: String,
}

/// A request to the HTTP API.
#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Request {
    /// A request without a body; `target` may have a query.
    #[must_use]
    pub fn new(method: &'static str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { method, path: path.to_owned(), query: query.to_owned(), headers: vec![], body: None }
    }

    /// The same with a body of JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(&body.to_string())
    }

    /// The same with any body.
    #[must_use]
    pub fn body(self, body: &str) -> Self {
        Self { body: Some(body.to_owned()), ..self }
    }

    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with `If-Match`.
    #[must_use]
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }
}

impl World {
    /// A deployment with an empty table, on 22 November 2026 at noon.
    pub async fn new() -> Self {
        Self::with_limits(MailLimits::default()).await
    }

    /// The same with other limits on mail.
    pub async fn with_limits(limits: MailLimits) -> Self {
        let template = Template::read();
        let endpoint = emulator().await;
        let counting = Counting::new();
        let config = sdk_config(&endpoint, SharedHttpClient::new(counting.clone()));
        create_table(&config, &template).await;
        let ses = Ses::default();
        let mail_config = sdk_config("http://ses.test", ses.http_client());
        let noon = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
        let millis = Arc::new(AtomicI64::new(noon.millis()));
        let clock = {
            let millis = Arc::clone(&millis);
            Clock::new(move || Timestamp::from_millis(millis.load(Ordering::SeqCst)))
        };
        let table = Table::open(&config, TABLE.to_owned());
        let settings = Settings {
            ids: IdKey::new("a key for tests, of 32 bytes and more").expect("a key"),
            platform_clients: vec!["platform".to_owned()],
            limits,
        };
        let mail = MailSettings {
            link_url: "https://console.test/invitation".to_owned(),
            from: "Coulisses <access@coulisses.test>".to_owned(),
            configuration_set: "coulisses".to_owned(),
        };
        let deliver = Deliver {
            table: table.clone(),
            mailer: Mailer::open(&mail_config, mail),
            clock: clock.clone(),
        };
        let app = App { table, clock, settings };
        counting.take();
        Self { app, deliver, ses, routes: template.routes(), millis, counting, endpoint }
    }

    /// Turns the clock on.
    pub fn wait(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).expect("a short span");
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// The calls to the table since the last time.
    #[must_use]
    pub fn trips(&self) -> Vec<Trip> {
        self.counting.take()
    }

    /// Makes the table unreachable, or reachable again.
    pub fn set_table_down(&self, down: bool) {
        self.counting.set_down(down);
    }

    /// A client of the SDK of its own, to look at the table and to write what no function would.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let plain = aws_smithy_http_client::Builder::new().build_http();
        aws_sdk_dynamodb::Client::new(&sdk_config(&self.endpoint, plain))
    }

    /// Everything in the table, as text that can be searched.
    pub async fn everything(&self) -> String {
        let all = self.dynamodb().scan().table_name(TABLE).send().await.expect("a scan");
        format!("{:?}", all.items())
    }

    /// Sends `request` as `who`, through the route of the template; 404 without a code if there is none.
    pub async fn send(&self, who: &Who, request: Request) -> Answer {
        let Some((route, parameters)) = self.routes.iter().find_map(|route| {
            matching(route, request.method, &request.path).map(|parameters| (route, parameters))
        }) else {
            panic!("no route for {} {}", request.method, request.path);
        };
        let event = event(route, who, &request, &parameters).to_string();
        let request = lambda_http::request::from_str(&event).expect("an event of API Gateway");
        let app = &self.app;
        let response = match route.function.as_str() {
            "accept" => accept::handle(app, &request).await,
            "assign-role" => assign_role::handle(app, &request).await,
            "invite" => invite::handle(app, &request).await,
            "list-access" => list_access::handle(app, &request).await,
            "provision" => provision::handle(app, &request).await,
            "record-login" => record_login::handle(app, &request).await,
            "resend" => resend::handle(app, &request).await,
            "revoke" => revoke::handle(app, &request).await,
            other => panic!("the tests do not know the function {other}"),
        };
        Answer::read(&response)
    }

    /// Hands all rows of the outbox to `deliver`, as the table's stream would.
    pub async fn deliver(&self) -> BatchAnswer {
        let all = self.dynamodb().scan().table_name(TABLE).filter_expression("begins_with(pk, :o)");
        let all = all.expression_attribute_values(
            ":o",
            aws_sdk_dynamodb::types::AttributeValue::S("O#".into()),
        );
        let rows = all.send().await.expect("a scan").items.unwrap_or_default();
        let records: Vec<Value> = rows
            .iter()
            .enumerate()
            .map(|(number, row)| {
                let key = |name: &str| json!({ "S": row[name].as_s().expect("a text") });
                json!({
                    "eventName": "INSERT",
                    "dynamodb": { "Keys": { "pk": key("pk"), "sk": key("sk") }, "SequenceNumber": number.to_string() },
                })
            })
            .collect();
        self.hand_to_deliver(json!({ "Records": records })).await
    }

    /// Sweeps the outbox, as the schedule does.
    pub async fn sweep(&self) {
        self.hand_to_deliver(json!({ "detail-type": "Scheduled Event", "detail": {} })).await;
    }

    async fn hand_to_deliver(&self, event: Value) -> BatchAnswer {
        let event: Event = serde_json::from_value(event).expect("an event of deliver");
        self.deliver.handle(LambdaEvent::new(event, Context::default())).await.expect("deliver")
    }
}

/// Makes the last mail to somebody older than the minute within which no other is sent, in the table at `endpoint`.
pub async fn forget_last_mail(endpoint: &str, client: &str, collaborator: &str) {
    use aws_sdk_dynamodb::types::AttributeValue;
    let plain = aws_smithy_http_client::Builder::new().build_http();
    let counter = format!("M#{client}#{collaborator}");
    aws_sdk_dynamodb::Client::new(&sdk_config(endpoint, plain))
        .update_item()
        .table_name(TABLE)
        .key("pk", AttributeValue::S(counter))
        .key("sk", AttributeValue::S("#".into()))
        .update_expression("SET lastMailAt = lastMailAt - :minute")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":minute", AttributeValue::N("60000".into()))
        .send()
        .await
        .expect("the count of mails");
}

/// The emulator, in-process, on a port of its own; it ends with the test's runtime.
async fn emulator() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let database = dynoxide::Database::memory().expect("a database");
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    format!("http://{address}")
}

fn sdk_config(endpoint: &str, http_client: SharedHttpClient) -> SdkConfig {
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

async fn create_table(config: &SdkConfig, template: &Template) {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection,
    };
    let request = template.create_table(TABLE);
    let word = |value: &Value, name: &str| value[name].as_str().expect("a word").to_owned();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let keys = |value: &Value| -> Vec<KeySchemaElement> {
        let element = |key: &Value| {
            KeySchemaElement::builder()
                .attribute_name(word(key, "AttributeName"))
                .key_type(word(key, "KeyType").as_str().into())
                .build()
                .expect("a key")
        };
        list(value).iter().map(element).collect()
    };
    let attributes = list(&request["AttributeDefinitions"])
        .iter()
        .map(|attribute| {
            AttributeDefinition::builder()
                .attribute_name(word(attribute, "AttributeName"))
                .attribute_type(word(attribute, "AttributeType").as_str().into())
                .build()
                .expect("an attribute")
        })
        .collect();
    let indexes = list(&request["GlobalSecondaryIndexes"])
        .iter()
        .map(|index| {
            let projection = word(&index["Projection"], "ProjectionType");
            GlobalSecondaryIndex::builder()
                .index_name(word(index, "IndexName"))
                .set_key_schema(Some(keys(&index["KeySchema"])))
                .projection(
                    Projection::builder().projection_type(projection.as_str().into()).build(),
                )
                .build()
                .expect("an index")
        })
        .collect();
    aws_sdk_dynamodb::Client::new(config)
        .create_table()
        .table_name(TABLE)
        .set_attribute_definitions(Some(attributes))
        .set_key_schema(Some(keys(&request["KeySchema"])))
        .set_global_secondary_indexes(Some(indexes))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .expect("the table");
}

/// The parameters of the path, decoded, if it is one of this route.
fn matching(route: &Route, method: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (wanted, given): (Vec<_>, Vec<_>) =
        (route.path.split('/').collect(), path.split('/').collect());
    if route.method != method || wanted.len() != given.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => parameters.push((name.to_owned(), given.replace("%3A", ":"))),
            None if wanted == given => {}
            None => return None,
        }
    }
    Some(parameters)
}

/// The event as API Gateway sends it, payload format 2.0.
fn event(route: &Route, who: &Who, request: &Request, parameters: &[(String, String)]) -> Value {
    let headers: serde_json::Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let parameters: serde_json::Map<String, Value> =
        parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut context = json!({
        "accountId": "123456789012", "apiId": "api", "domainName": "api.test", "stage": "$default",
        "requestId": "request-1", "routeKey": format!("{} {}", route.method, route.path),
        "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_i64,
        "http": {
            "method": request.method, "path": request.path, "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1", "userAgent": "test",
        },
    });
    if let (Some(authorizer), false) = (who.authorizer(), route.open) {
        context["authorizer"] = authorizer;
    }
    json!({
        "version": "2.0", "routeKey": format!("{} {}", route.method, route.path), "rawPath": request.path,
        "rawQueryString": request.query, "headers": headers, "pathParameters": parameters,
        "requestContext": context, "body": request.body, "isBase64Encoded": false,
    })
}
