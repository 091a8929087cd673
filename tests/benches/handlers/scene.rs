//! A deployment with clients of any size, most of whose people are written as they are stored.

use std::{cell::Cell, collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use coulisses_domain::{client::MailLimits, email::Email, scope::ClientId};
use coulisses_tests::{Answer, Lap, Request, Timed, Who, World};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Owns every client.
pub const OWNER: &str = "owner@example.org";
/// Is active in every client, with three grants.
pub const LEA: &str = "lea@example.org";

type Item = HashMap<String, AttributeValue>;

/// A deployment, and what drives it.
pub struct Scene {
    pub runtime: Runtime,
    pub world: World,
    pub timed: Timed,
    turns: Cell<u64>,
}

impl Scene {
    /// A deployment with one client, in which mail is not limited.
    pub fn with_client(client: &str, people: usize) -> Self {
        let scene = Self::empty();
        scene.add_client(client, people);
        scene
    }

    fn empty() -> Self {
        let limits = MailLimits { invitations: u32::MAX, notices: u32::MAX };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let world = runtime.block_on(World::with_limits(limits));
        let timed = Timed::of(&world);
        Self { runtime, world, timed, turns: Cell::new(0) }
    }

    /// An address that nobody has had.
    pub fn newcomer(&self) -> String {
        self.turns.set(self.turns.get() + 1);
        format!("newcomer-{}@example.org", self.turns.get())
    }

    /// Whether this is asked for the first, third, fifth … time.
    pub fn other_turn(&self) -> bool {
        self.turns.set(self.turns.get() + 1);
        self.turns.get() % 2 == 1
    }

    /// Sends a request, which must be done.
    pub async fn send(&self, who: &Who, request: Request) -> (Answer, Lap) {
        let (answer, lap) = self.timed.send(who, &request).await;
        assert!((200..300).contains(&answer.status), "{}", answer.told());
        (answer, lap)
    }

    /// Sends a body as a person.
    pub async fn post(&self, email: &str, path: &str, body: &Value) -> (Answer, Lap) {
        self.send(&Who::person(email), Request::new("POST", path).json(body)).await
    }

    /// The path of somebody at the client's audience.
    pub fn path_of(&self, client: &str, email: &str) -> String {
        format!("/v1/scopes/{client}:tech/collaborators/{}", self.id_of(client, email))
    }

    /// The id that an address has in a client.
    pub fn id_of(&self, client: &str, email: &str) -> String {
        let client = ClientId::parse(client).expect("a client");
        let email = Email::parse(email).expect("an address");
        self.world.app.settings.ids.collaborator(&client, &email).expect("an id").to_string()
    }

    /// Makes a client with an owner, Léa, and others up to `people` who are active.
    pub fn add_client(&self, client: &str, people: usize) {
        self.runtime.block_on(async {
            let scope = |path: &str| format!("/v1/scopes/{client}{path}");
            let put = async |path: &str, body: Value| {
                self.send(&Who::platform(), Request::new("PUT", &scope(path)).json(&body)).await
            };
            let settings = json!({
                "name": "A client", "seatLimit": null, "granting": "administrators",
                "owner": { "email": OWNER, "name": "Odile" },
            });
            put("", settings).await;
            put(":tech", json!({ "name": "Tech" })).await;
            put(":tech:summit", json!({ "name": "Summit", "kind": "event" })).await;
            put(":tech:meetup", json!({ "name": "Meetup", "kind": "event" })).await;
            self.post(OWNER, &scope("/logins"), &json!({})).await;
            for (at, role) in
                [(":tech", "reader"), (":tech:summit", "manager"), (":tech:meetup", "observer")]
            {
                let lea = json!({ "email": LEA, "role": role, "name": "Léa Martin" });
                self.post(OWNER, &scope(&format!("{at}/collaborators")), &lea).await;
            }
            self.post(LEA, &scope("/logins"), &json!({})).await;
            self.timed.deliver().await;
            self.multiply(client, people.saturating_sub(2)).await;
        });
    }

    /// Writes `number` records like Léa's into a client.
    async fn multiply(&self, client: &str, number: usize) {
        let lea = self.item(client, &format!("P#{}", self.id_of(client, LEA))).await;
        let copies = (0..number).map(|number| {
            let email = format!("person-{number}@example.org");
            let id = self.id_of(client, &email);
            let mut copy = lea.clone();
            copy.insert("sk".to_owned(), text(format!("P#{id}")));
            copy.insert("gsi1pk".to_owned(), text(format!("E#{id}")));
            copy.insert("email".to_owned(), text(email));
            copy
        });
        self.write(copies).await;
    }

    /// Writes as many clients like `like`, each with its owner's record.
    pub fn add_clients_like(&self, like: &str, number: usize) {
        self.runtime.block_on(async {
            let client = self.item(like, "#").await;
            let owner = self.item(like, &format!("P#{}", self.id_of(like, OWNER))).await;
            let copies = (0..number).flat_map(|number| {
                let name = format!("client-{number}");
                [&client, &owner].map(|item| {
                    let mut copy = item.clone();
                    copy.insert("pk".to_owned(), text(format!("C#{name}")));
                    copy.insert("gsi1sk".to_owned(), text(name.clone()));
                    copy
                })
            });
            self.write(copies).await;
        });
    }

    async fn item(&self, client: &str, sk: &str) -> Item {
        let item = self.world.dynamodb().get_item().table_name("coulisses");
        let item = item.key("pk", text(format!("C#{client}"))).key("sk", text(sk.to_owned()));
        item.send().await.expect("an item").item.expect("an item")
    }

    async fn write(&self, mut items: impl Iterator<Item = Item>) {
        let dynamodb = self.world.dynamodb();
        loop {
            let batch: Vec<WriteRequest> = items.by_ref().take(25).map(put).collect();
            if batch.is_empty() {
                break;
            }
            let written =
                dynamodb.batch_write_item().request_items("coulisses", batch).send().await;
            let left = written.expect("a batch").unprocessed_items.unwrap_or_default();
            assert!(left.is_empty(), "the emulator takes all of a batch");
        }
    }

    /// Lets the minute pass within which nobody is sent another mail.
    pub fn wait(&self) {
        self.world.wait(Duration::from_secs(61));
    }
}

fn put(item: Item) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item)).build().expect("an item");
    WriteRequest::builder().put_request(put).build()
}

fn text(text: String) -> AttributeValue {
    AttributeValue::S(text)
}
