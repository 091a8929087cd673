//! The code behind the interface of the model: a client in a deployment, with its collaborators.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use coulisses_domain::{
    collaborator::Collaborator, email::Email, ids::CollaboratorId, scope::ClientId, token::Token,
};
use coulisses_tests::{Fault, Principal, Request, SentMail, World};
use serde_json::{Value, json};

use crate::{
    mail::Ses,
    rules::Command,
    table::{Counter, DAY, Delivered, Kind, PEOPLE, Record, Status, Table},
};

const ADA: &str = "ada@acme.test";

/// The time in seconds after which every postponed mail is due again.
pub const A_WHILE: u32 = 31 * 60;

/// A deployment for several histories, each in its own client.
pub struct Deployment {
    world: World,
    dynamodb: Client,
    clients: usize,
}

impl Deployment {
    pub async fn new() -> Self {
        let world = World::new().await;
        Self { dynamodb: world.dynamodb(), world, clients: 0 }
    }

    /// The number of histories so far.
    pub const fn clients(&self) -> usize {
        self.clients
    }
}

/// A client with its collaborators; the first is the owner. Ada, an administrator, is not one of them.
pub struct Real {
    deployment: Deployment,
    client: ClientId,
    path: String,
    emails: [String; PEOPLE],
    ids: [CollaboratorId; PEOPLE],
}

/// The observable state of code and model.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    limit: Option<i64>,
    used: i64,
    owner: Option<usize>,
    /// The people who wait, in order.
    waiting: Vec<Option<usize>>,
    /// Role, status, seat and delivery of the invitation of each.
    collaborators: Vec<String>,
    /// The queued mails, by kind and recipient.
    outbox: Vec<String>,
    /// The number of mails that each received.
    received: Vec<usize>,
    /// Whether the invitation of each can be accepted with the link of the last mail, and of the one before.
    opened: Vec<[bool; 2]>,
}

impl Real {
    /// A new client with `limit` seats, and the model's initial state.
    pub async fn new(mut deployment: Deployment, limit: i8) -> (Self, Table) {
        deployment.clients += 1;
        let (number, world) = (deployment.clients, &deployment.world);
        let client = ClientId::parse(&format!("acme-{number}")).unwrap();
        let emails: [String; PEOPLE] = std::array::from_fn(|who| format!("p{who}@{client}.test"));
        let id = |email: &String| {
            world.app.settings.ids.collaborator(&client, &Email::parse(email).unwrap())
        };
        let ids = std::array::from_fn(|who| id(&emails[who]));
        let path = format!("/v1/scopes/{client}");
        let owner = json!({ "email": emails[0] });
        let mut settings = settings(limit);
        settings["owner"] = owner;
        let login = Request::new("POST", &format!("{path}/logins"));
        let invited = json!({ "email": ADA, "role": "administrator" });
        for (who, request) in [
            (Principal::platform(), Request::new("PUT", &path).json(&settings)),
            (Principal::user(&emails[0]), login.clone()),
            (
                Principal::user(&emails[0]),
                Request::new("POST", &format!("{path}/collaborators")).json(&invited),
            ),
            (Principal::user(ADA), login),
        ] {
            let answer = world.send(&who, request).await;
            assert!(answer.status < 300, "{}", answer.body);
        }
        world.deliver().await;
        let mut table = Table::new(limit, true, 1);
        table.now = u32::try_from(world.now().seconds() % (1_000 * i64::from(DAY))).unwrap();
        table.counters[0] = Some(Counter { day: table.now / DAY, resends: 0, last: table.now });
        let real = Self { deployment, client, path, emails, ids };
        real.wait(&mut table, A_WHILE);
        (real, table)
    }

    /// The deployment, for the next client.
    pub fn end(self) -> Deployment {
        self.deployment
    }

    /// Advances both clocks.
    pub fn wait(&self, table: &mut Table, seconds: u32) {
        table.now += seconds;
        self.deployment.world.wait(Duration::from_secs(seconds.into()));
    }

    /// Sends the request of `command`; returns its outcome, which a dry run must have predicted.
    pub async fn ask(&self, command: Command, by_platform: bool) -> String {
        let path = &self.path;
        let person = |who: usize| format!("{path}/collaborators/{}", self.ids[who]);
        let grantor = if by_platform { Principal::platform() } else { Principal::user(ADA) };
        let (who, request) = match command {
            Command::Invite(who) | Command::Wait(who) => {
                let mut body = json!({ "email": self.emails[who], "role": "observer" });
                if matches!(command, Command::Wait(_)) {
                    body["ifFull"] = json!("wait");
                }
                (grantor, Request::new("POST", &format!("{path}/collaborators")).json(&body))
            }
            Command::Resend(who) => {
                (grantor, Request::new("POST", &format!("{}/resend", person(who))))
            }
            Command::Login(who) => (
                Principal::user(&self.emails[who]),
                Request::new("POST", &format!("{path}/logins")),
            ),
            Command::Revoke(who) => {
                let seen =
                    self.deployment.world.send(&grantor, Request::new("GET", &person(who))).await;
                let etag = if seen.status == 200 { seen.etag() } else { "\"1\"" };
                (grantor, Request::new("DELETE", &person(who)).if_match(etag))
            }
            Command::Limit(limit) => {
                (Principal::platform(), Request::new("PUT", path).json(&settings(limit)))
            }
            Command::HandOver(who) => {
                let body = json!({ "email": self.emails[who] });
                (Principal::platform(), Request::new("POST", &format!("{path}/owner")).json(&body))
            }
            Command::Accept(..) | Command::Decline(..) => panic!("they take the link from a mail"),
            Command::Move(_) | Command::Pass => panic!("only explored"),
        };
        let world = &self.deployment.world;
        if matches!(command, Command::Login(_)) {
            return world.send(&who, request).await.outcome();
        }
        let dry = world.send(&who, request.clone().parameter("dryRun=true")).await;
        let said = match dry.status {
            200 => dry.body["status"].to_string(),
            _ => dry.outcome(),
        };
        let outcome = world.send(&who, request).await.outcome();
        assert_eq!(said, outcome, "the dry run of {command:?}");
        outcome
    }

    /// Accepts with the link of the last mail or of the one before; `None` without such a mail.
    pub async fn accept(&self, who: usize, before: usize) -> Option<String> {
        let token = self.token(who, before)?;
        let request =
            Request::new("POST", "/v1/invitations/accept").json(&json!({ "token": token }));
        Some(
            self.deployment
                .world
                .send(&Principal::user(&self.emails[who]), request)
                .await
                .outcome(),
        )
    }

    /// Declines with the link of the last mail or of the one before; `None` without such a mail.
    pub async fn decline(&self, who: usize, before: usize) -> Option<String> {
        let token = self.token(who, before)?;
        let request = Request::new("POST", "/v1/invitations/decline");
        let request = request.json(&json!({ "token": token }));
        Some(self.deployment.world.send(&Principal::anonymous(), request).await.outcome())
    }

    /// Loses the response to the next transaction.
    pub fn lose_an_answer(&self) {
        let mut lost = false;
        self.deployment.world.break_calls(move |trip| {
            let loses = !lost && trip.operation == "TransactWriteItems";
            lost |= loses;
            loses.then_some(Fault::AnswerLost)
        });
    }

    /// Ends all faults.
    pub fn mend(&self) {
        self.deployment.world.set_table_down(false);
        self.deployment.world.ses.refuse(None);
    }

    /// Delivers as the stream or as the sweep does; with `removals_fail`, sent rows stay in the outbox.
    pub async fn deliver(&self, by_sweep: bool, ses: Ses, removals_fail: bool) {
        self.deployment.world.ses.refuse(match ses {
            Ses::Accepts | Ses::AcceptsUnheard => None,
            Ses::IsBusy => Some((400, "SendingPausedException")),
            Ses::Refuses => Some((400, "BadRequestException")),
        });
        if removals_fail {
            self.deployment
                .world
                .break_calls(|trip| (trip.operation == "DeleteItem").then_some(Fault::Unreachable));
        }
        if by_sweep {
            self.deployment.world.sweep().await;
        } else {
            self.deployment.world.deliver().await;
        }
        self.mend();
    }

    pub async fn audit(&self) {
        let summary = self.deployment.world.audit_client(self.client.as_str()).await;
        assert_eq!((summary.audited, summary.failed), (1, 0));
    }

    /// Runs the schedule that passes seats on.
    pub async fn pass_seats(&self) {
        let detail = json!({ "waiting": true });
        let world = &self.deployment.world;
        assert_eq!(world.audit_within(Duration::from_mins(5), detail).await.failed, 0);
    }

    /// Corrupts `used`, which no function does.
    pub async fn drift(&self, by: i8) {
        let update = self.deployment.dynamodb.update_item().table_name("coulisses");
        let update = update.key("pk", AttributeValue::S(format!("C#{}", self.client)));
        let update = update.key("sk", AttributeValue::S("#".into()));
        let update = update.update_expression("SET seats.used = seats.used + :by");
        let by = AttributeValue::N(by.to_string());
        update.expression_attribute_values(":by", by).send().await.unwrap();
    }

    /// The state of the client, as the functions read it, and its mails.
    pub async fn seen(&self) -> Seen {
        let world = &self.deployment.world;
        let now = world.now();
        let all = world.app.table.read_client(&self.client, now).await.unwrap();
        let client = all.client.unwrap();
        let person = |id: &CollaboratorId| {
            all.collaborators.get(id).map_or("absent".to_owned(), |person| {
                let delivery = person.invitation().map_or("-", |it| it.delivery.name());
                line(person.is_owner(), person.status(now).name(), person.seat, delivery)
            })
        };
        let rows = self.deployment.dynamodb.scan().table_name("coulisses");
        let rows = rows.filter_expression("begins_with(pk, :shard)");
        let rows = rows.expression_attribute_values(":shard", AttributeValue::S("O#".into()));
        let rows = rows.send().await.unwrap().items.unwrap_or_default();
        let mut outbox: Vec<String> = rows
            .iter()
            .map(|row| (row["kind"].as_s().unwrap(), row["collaborator"].as_s().unwrap()))
            // Ada's mails, about people who declined and other outcomes, are not in the model.
            .filter_map(|(kind, who)| Some(format!("{:?} {}", kind_of(kind), self.number(who)?)))
            .collect();
        outbox.sort_unstable();
        let mails = |email: &String| world.ses.mails_to(email).len();
        Seen {
            limit: client.seats.limit.map(Into::into),
            used: client.seats.used.into(),
            owner: self.number(client.owner.id.as_str()),
            waiting: client.waiting.iter().map(|id| self.number(id.as_str())).collect(),
            collaborators: self.ids.iter().map(person).collect(),
            outbox,
            received: self.emails.iter().map(mails).collect(),
            opened: (0..PEOPLE)
                .map(|who| self.opened(who, all.collaborators.get(&self.ids[who])))
                .collect(),
        }
    }

    /// Which of the last two links is the current one.
    fn opened(&self, who: usize, person: Option<&Collaborator>) -> [bool; 2] {
        let wanted = person.and_then(Collaborator::invitation).and_then(|it| it.token_hash);
        [0, 1].map(|before| {
            let token = self.token(who, before).and_then(|token| Token::parse(&token).ok());
            wanted.is_some() && token.map(|token| token.hash()) == wanted
        })
    }

    /// The token of the last mail with a link or of the one before.
    fn token(&self, who: usize, before: usize) -> Option<String> {
        let mails = self.deployment.world.ses.mails_to(&self.emails[who]);
        mails.iter().rev().filter(|mail| mail.text.contains('#')).nth(before).map(SentMail::token)
    }

    /// The grid as Ada sees it, without seats.
    pub async fn grid(&self) -> Vec<String> {
        let request = Request::new("GET", &format!("{}/collaborators", self.path));
        let grid = self.deployment.world.send(&Principal::user(ADA), request).await.expect(200);
        let rows: BTreeMap<&str, &Value> = grid.body["collaborators"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["id"].as_str().unwrap(), row))
            .collect();
        let shown = |id: &CollaboratorId| {
            rows.get(id.as_str()).map_or("absent".to_owned(), |row| {
                let delivery =
                    row.pointer("/invitation/delivery").and_then(Value::as_str).unwrap_or("-");
                let owns = row["grants"][0]["role"] == "owner";
                line(owns, row["status"].as_str().unwrap(), true, delivery)
            })
        };
        self.ids.iter().map(shown).collect()
    }

    fn number(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|other| other.as_str() == id)
    }
}

/// The client, without reminders, which the model does not have.
fn settings(limit: i8) -> Value {
    json!({ "name": "Acme", "seatLimit": limit, "granting": "administrators", "reminders": false })
}

fn kind_of(kind: &str) -> Kind {
    match kind {
        "invitation" | "seat-free" => Kind::Invitation,
        "access-taken" => Kind::Removal,
        "ownership-received" | "ownership-handed-over" | "declined" | "invitation-digest" => {
            Kind::News
        }
        other => panic!("unexpected kind {other}"),
    }
}

fn line(owns: bool, status: &str, seat: bool, delivery: &str) -> String {
    let role = if owns { "owner" } else { "other" };
    let seat = if seat { "seat" } else { "no seat" };
    format!("{role} {status} {seat} {delivery}")
}

/// The observable state of the model.
pub fn seen(table: &Table) -> Seen {
    let mut outbox: Vec<String> =
        table.outbox.iter().map(|row| format!("{:?} {}", row.kind, row.who)).collect();
    outbox.sort_unstable();
    Seen {
        limit: Some(table.client.limit.into()),
        used: table.client.used.into(),
        owner: Some(table.client.owner),
        waiting: table.client.list.iter().copied().map(Some).collect(),
        collaborators: collaborators(table, |record| record.seat),
        outbox,
        received: table.received.iter().map(|count| usize::try_from(*count).unwrap()).collect(),
        opened: (0..PEOPLE).map(|who| opened(table, who)).collect(),
    }
}

fn opened(table: &Table, who: usize) -> [bool; 2] {
    let wanted = table.seen(who).and_then(Record::invitation).and_then(|it| it.link);
    table.links[who].map(|link| wanted.is_some() && link == wanted)
}

/// The grid that the model expects.
pub fn grid(table: &Table) -> Vec<String> {
    collaborators(table, |_| true)
}

fn collaborators(table: &Table, sits: impl Fn(&Record) -> bool) -> Vec<String> {
    let person = |record: &Record| {
        let status = match record.status(table.now) {
            Status::Pending => "pending",
            Status::Active => "active",
            Status::Expired => "expired",
            Status::Declined => "declined",
            Status::Waiting => "waiting",
        };
        let delivery = record.invitation().map_or("-", |it| match it.delivery {
            Delivered::Queued => "queued",
            Delivered::Sent => "sent",
            Delivered::Failed => "failed",
        });
        line(record.owner, status, sits(record), delivery)
    };
    (0..PEOPLE).map(|who| table.seen(who).map_or("absent".to_owned(), person)).collect()
}
