//! The code behind the same words as the model: a client in a deployment, with its people.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::{email::Email, scope::ClientId};
use coulisses_tests::{Answer, Fault, Request, Who, World};
use serde_json::{Value, json};

use crate::{
    mail::Ses,
    rules::Command,
    table::{Counter, DAY, Delivered, Kind, PEOPLE, Record, Status, Table},
};

const PEOPLE_NAMED: [&str; PEOPLE] = ["p0@example.org", "p1@example.org", "p2@example.org"];
const ADA: &str = "ada@acme.test";
const PATH: &str = "/v1/scopes/acme";

/// How long it takes until whatever was put off is tried again.
pub const A_WHILE: u32 = 31 * 60;

type Item = HashMap<String, AttributeValue>;

/// A client with its people, of whom the first is its owner; Ada, an administrator, is none of them.
pub struct Real {
    world: World,
    ids: Vec<String>,
}

/// What both of them can be asked at any time.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    limit: i64,
    used: i64,
    owner: usize,
    /// Each with role, status, seat and the delivery of the invitation.
    people: Vec<String>,
    /// The mails that wait, by kind and recipient.
    outbox: Vec<String>,
    /// How many mails each got.
    received: Vec<usize>,
}

impl Real {
    /// A client with `limit` seats, and what the model is to begin with.
    pub async fn new(limit: i8) -> (Self, Table) {
        let world = World::new().await;
        let owner = json!({ "email": PEOPLE_NAMED[0] });
        let client = json!({ "name": "Acme", "seatLimit": limit, "granting": "administrators", "owner": owner });
        let client_id = ClientId::parse("acme").unwrap();
        let id = |email: &&str| world.app.settings.ids.collaborator(&client_id, &Email::parse(email).unwrap()).unwrap();
        let ids = PEOPLE_NAMED.iter().map(|email| id(email).to_string()).collect();
        world.send(&Who::platform(), Request::new("PUT", PATH).json(&client)).await.expect(201);
        let invitation = json!({ "email": ADA, "role": "administrator" });
        let invite = Request::new("POST", &format!("{PATH}/collaborators")).json(&invitation);
        for (who, request) in [
            (PEOPLE_NAMED[0], Request::new("POST", &format!("{PATH}/logins"))),
            (PEOPLE_NAMED[0], invite),
            (ADA, Request::new("POST", &format!("{PATH}/logins"))),
        ] {
            assert!(world.send(&Who::person(who), request).await.status < 300);
        }
        world.deliver().await;
        let mut table = Table::new(limit, true, 1);
        table.counters[0] = Some(Counter { day: table.now / DAY, resends: 0, last: table.now });
        let mut real = Self { world, ids };
        real.wait(&mut table, A_WHILE);
        (real, table)
    }

    /// Turns both clocks on.
    pub fn wait(&mut self, table: &mut Table, seconds: u32) {
        table.now += seconds;
        self.world.wait(Duration::from_secs(seconds.into()));
    }

    /// Asks for what `command` says; the status and the code of the answer.
    pub async fn ask(&self, command: Command, by_platform: bool) -> String {
        let person = |who: usize| format!("{PATH}/collaborators/{}", self.ids[who]);
        let giver = if by_platform { Who::platform() } else { Who::person(ADA) };
        let (who, request) = match command {
            Command::Invite(who) => {
                let body = json!({ "email": PEOPLE_NAMED[who], "role": "observer" });
                (giver, Request::new("POST", &format!("{PATH}/collaborators")).json(&body))
            }
            Command::Resend(who) => (giver, Request::new("POST", &format!("{}/resend", person(who)))),
            Command::Login(who) => {
                (Who::person(PEOPLE_NAMED[who]), Request::new("POST", &format!("{PATH}/logins")))
            }
            Command::Revoke(who) => {
                let seen = self.world.send(&giver, Request::new("GET", &person(who))).await;
                let etag = if seen.status == 200 { seen.etag() } else { "\"1\"" };
                (giver, Request::new("DELETE", &person(who)).if_match(etag))
            }
            Command::Limit(limit) => {
                let body = json!({ "name": "Acme", "seatLimit": limit, "granting": "administrators" });
                (Who::platform(), Request::new("PUT", PATH).json(&body))
            }
            Command::HandOver(who) => {
                let body = json!({ "email": PEOPLE_NAMED[who] });
                (Who::platform(), Request::new("POST", &format!("{PATH}/owner")).json(&body))
            }
            Command::Accept(..) => panic!("a link is taken from a mail"),
        };
        self.world.send(&who, request).await.told()
    }

    /// Uses the link of somebody's last mail, or of the one before; `None` if there is none.
    pub async fn accept(&self, who: usize, before: usize) -> Option<String> {
        let mails = self.world.ses.mails_to(PEOPLE_NAMED[who]);
        let token = mails.iter().rev().filter(|mail| mail.text.contains('#')).nth(before)?.token();
        let request = Request::new("POST", "/v1/invitations/accept").json(&json!({ "token": token }));
        Some(self.world.send(&Who::person(PEOPLE_NAMED[who]), request).await.told())
    }

    /// From now on the answer to the first transaction is lost.
    pub fn lose_an_answer(&self) {
        let mut lost = false;
        self.world.break_calls(move |trip| {
            let loses = !lost && trip.operation == "TransactWriteItems";
            lost |= loses;
            loses.then_some(Fault::AnswerLost)
        });
    }

    /// From now on all is well.
    pub fn mend(&self) {
        self.world.set_table_down(false);
        self.world.ses.refuse(None);
    }

    /// Delivers as the stream does, or as the sweep; where `removals_fail`, what is done stays in the outbox.
    pub async fn deliver(&self, by_sweep: bool, ses: Ses, removals_fail: bool) {
        self.world.ses.refuse(match ses {
            Ses::Accepts | Ses::AcceptsUnheard => None,
            Ses::IsBusy => Some((400, "SendingPausedException")),
            Ses::Refuses => Some((400, "MessageRejected")),
        });
        if removals_fail {
            self.world.break_calls(|trip| (trip.operation == "DeleteItem").then_some(Fault::Unreachable));
        }
        if by_sweep {
            self.world.sweep().await;
        } else {
            self.world.deliver().await;
        }
        self.mend();
    }

    pub async fn audit(&self) {
        let summary = self.world.audit_client("acme").await;
        assert_eq!((summary.audited, summary.failed), (1, 0));
    }

    /// Makes `used` wrong, as no function would.
    pub async fn drift(&self, by: i8) {
        let update = self.world.dynamodb().update_item().table_name("coulisses");
        let update = update.key("pk", AttributeValue::S("C#acme".into())).key("sk", AttributeValue::S("#".into()));
        let update = update.update_expression("SET seats.used = seats.used + :by");
        update.expression_attribute_values(":by", AttributeValue::N(by.to_string())).send().await.unwrap();
    }

    pub async fn seen(&self) -> Seen {
        let all = self.world.dynamodb().scan().table_name("coulisses").send().await.unwrap();
        let items: HashMap<(&str, &str), &Item> =
            all.items().iter().map(|item| ((text(item, "pk"), text(item, "sk")), item)).collect();
        let client = items[&("C#acme", "#")];
        let seats = client["seats"].as_m().unwrap();
        let number = |name: &str| seats[name].as_n().unwrap().parse().unwrap();
        let owner = text(client["owner"].as_m().unwrap(), "id");
        let request = Request::new("GET", &format!("{PATH}/collaborators"));
        let grid = self.world.send(&Who::person(ADA), request).await.expect(200);
        let person = |id: &String| {
            let seat = items.get(&("C#acme", &*format!("P#{id}"))).map(|item| item["seat"].as_bool() == Ok(&true));
            shown(&grid, id, seat)
        };
        let rows = items.iter().filter(|((shard, _), _)| shard.starts_with("O#"));
        let mut outbox: Vec<String> = rows.map(|(_, row)| self.row(row)).collect();
        outbox.sort_unstable();
        Seen {
            limit: number("limit"),
            used: number("used"),
            owner: self.number(owner),
            people: self.ids.iter().map(person).collect(),
            outbox,
            received: PEOPLE_NAMED.iter().map(|email| self.world.ses.mails_to(email).len()).collect(),
        }
    }

    fn number(&self, id: &str) -> usize {
        self.ids.iter().position(|other| other == id).expect("one of the people")
    }

    fn row(&self, row: &Item) -> String {
        let kind = match text(row, "kind") {
            "invitation" => Kind::Invitation,
            "access-taken" => Kind::Removal,
            "ownership-received" | "ownership-handed-over" => Kind::News,
            other => panic!("nobody writes of {other} here"),
        };
        format!("{kind:?} {}", self.number(text(row, "collaborator")))
    }
}

/// Somebody as the grid shows him.
fn shown(grid: &Answer, id: &str, seat: Option<bool>) -> String {
    let rows = grid.body["collaborators"].as_array().unwrap();
    let Some(row) = rows.iter().find(|row| row["id"] == id) else { return "absent".to_owned() };
    let role = if row["grants"][0]["role"] == "owner" { "owner" } else { "other" };
    let delivery = row.pointer("/invitation/delivery").and_then(Value::as_str).unwrap_or("-");
    format!("{role} {} {} {delivery}", row["status"].as_str().unwrap(), sits(seat.unwrap()))
}

const fn sits(seat: bool) -> &'static str {
    if seat { "sits" } else { "stands" }
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

/// What the model shows.
pub fn seen(table: &Table) -> Seen {
    let mut outbox: Vec<String> = table.outbox.iter().map(|row| format!("{:?} {}", row.kind, row.who)).collect();
    outbox.sort_unstable();
    Seen {
        limit: table.client.limit.into(),
        used: table.client.used.into(),
        owner: table.client.owner,
        people: (0..PEOPLE).map(|who| table.seen(who).map_or("absent".to_owned(), |it| told(it, table.now))).collect(),
        outbox,
        received: table.received.iter().map(|count| usize::try_from(*count).unwrap()).collect(),
    }
}

fn told(record: &Record, now: u32) -> String {
    let role = if record.owner { "owner" } else { "other" };
    let status = match record.status(now) {
        Status::Pending => "pending",
        Status::Active => "active",
        Status::Expired => "expired",
    };
    let delivery = record.invitation().map_or("-", |it| match it.delivery {
        Delivered::Queued => "queued",
        Delivered::Sent => "sent",
        Delivered::Failed => "failed",
    });
    format!("{role} {status} {} {delivery}", sits(record.seat))
}
