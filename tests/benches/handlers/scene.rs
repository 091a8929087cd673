//! A deployment with clients of any size. Most collaborators are written directly to the table.

use std::{cell::Cell, time::Duration};

use coulisses_domain::mail_budget::MailLimits;
use coulisses_tests::{Answer, Principal, Request, TimedWorld, Timing, World, text};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The owner of every client.
pub const OWNER: &str = "owner@example.org";
/// Active in every client, with three grants.
pub const LEA: &str = "lea@example.org";

pub struct Scene {
    pub runtime: Runtime,
    pub world: World,
    pub timed: TimedWorld,
    turns: Cell<u64>,
}

impl Scene {
    /// A deployment with one client and no limits on mail.
    pub fn with_client(client: &str, people: usize) -> Self {
        let scene = Self::empty();
        scene.add_client(client, people);
        scene
    }

    fn empty() -> Self {
        let limits = MailLimits { invitations: u32::MAX, announcements: u32::MAX };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let world = runtime.block_on(World::with_limits(limits));
        let timed = TimedWorld::of(&world);
        Self { runtime, world, timed, turns: Cell::new(0) }
    }

    /// A new address.
    pub fn new_collaborator(&self) -> String {
        self.turns.set(self.turns.get() + 1);
        format!("newcomer-{}@example.org", self.turns.get())
    }

    /// `true` on every second call, starting with the first.
    pub fn other_turn(&self) -> bool {
        self.turns.set(self.turns.get() + 1);
        self.turns.get() % 2 == 1
    }

    /// Sends a request and asserts success.
    pub async fn send(&self, who: &Principal, request: Request) -> (Answer, Timing) {
        let (answer, timing) = self.timed.send(who, &request).await;
        assert!((200..300).contains(&answer.status), "{}", answer.outcome());
        (answer, timing)
    }

    /// Posts a body as a user.
    pub async fn post(&self, email: &str, path: &str, body: &Value) -> (Answer, Timing) {
        self.send(&Principal::user(email), Request::new("POST", path).json(body)).await
    }

    /// The path of a collaborator at the client's audience.
    pub fn path_of(&self, client: &str, email: &str) -> String {
        format!("/v1/scopes/{client}:tech/collaborators/{}", self.world.id_of(client, email))
    }

    /// Adds a client with an owner, Léa, and other active collaborators, `people` in all.
    pub fn add_client(&self, client: &str, people: usize) {
        self.runtime.block_on(async {
            let scope = |path: &str| format!("/v1/scopes/{client}{path}");
            let put = async |path: &str, body: Value| {
                self.send(&Principal::platform(), Request::new("PUT", &scope(path)).json(&body))
                    .await
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
            self.world.add_collaborators((client, LEA), people.saturating_sub(2), 0).await;
            // A list chooses by the used seats how it reads the records.
            self.world.set_used_seats(client, people).await;
        });
    }

    /// Adds `number` copies of the client `like`, each with its owner's record.
    pub fn add_clients_like(&self, like: &str, number: usize) {
        self.runtime.block_on(async {
            let client = self.world.item(like, "#").await;
            let owner =
                self.world.item(like, &format!("P#{}", self.world.id_of(like, OWNER))).await;
            let copies = (0..number).flat_map(|number| {
                let name = format!("client-{number}");
                [&client, &owner].map(|item| {
                    let mut copy = item.clone();
                    copy.insert("pk".to_owned(), text(format!("C#{name}")));
                    copy.insert("gsi1sk".to_owned(), text(name.clone()));
                    copy
                })
            });
            self.world.write(copies).await;
        });
    }

    /// Waits for a minute, since another mail is refused before.
    pub fn wait(&self) {
        self.world.wait(Duration::from_secs(61));
    }
}
