//! A deployment that is timed: the functions as they are released, and of what watches them in tests, a stopwatch alone.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use audit_seats::Audit;
use aws_smithy_http_client::Builder;
use coulisses_aws::{app::App, mail::Mailer, metrics::Metrics, table::Table};
use deliver::{Deliver, Event};
use lambda_http::{Context, LambdaEvent};
use serde_json::{Value, json};

use crate::{
    Answer, Request, Who, World,
    event::stream_event,
    mails::settings,
    request::routed,
    stopwatch::Stopwatch,
    table::{TABLE, sdk_config},
    text,
    world::response,
};

/// How many partitions the outbox has.
const SHARDS: u8 = 16;

/// What is timed; without the type of it, which would be that of a whole function.
type AuditEvent<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// How long something took.
#[derive(Clone, Copy, Debug)]
pub struct Lap {
    /// All of it.
    pub whole: Duration,
    /// What of it passed while a call to the table, or to SES, was on its way.
    pub calls: Duration,
}

/// A deployment that is timed, on the table of a [`World`] and by its clock.
pub struct Timed {
    app: App,
    deliver: Deliver,
    audit: Audit,
    dynamodb: aws_sdk_dynamodb::Client,
    stopwatch: Stopwatch,
}

impl Timed {
    /// The deployment of `world`.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let stopwatch = Stopwatch::default();
        let calls = stopwatch.around(Builder::new().build_http());
        let table = Table::open(&world.unhurried_config(calls), TABLE.to_owned());
        let mails = stopwatch.around(world.ses.http_client());
        let mailer = Mailer::open(&sdk_config("http://ses.test", mails), settings());
        let (clock, metrics) = (world.app.clock.clone(), Metrics::new("timed", |_| {}));
        let app = App { table: table.clone(), metrics: metrics.clone(), ..world.app.clone() };
        let deliver = Deliver { table, mailer, clock, metrics };
        let audit = Audit { app: app.clone() };
        Self { app, deliver, audit, dynamodb: world.dynamodb(), stopwatch }
    }

    /// Sends `request` as `who`. The event's way through API Gateway is not timed.
    pub async fn send(&self, who: &Who, request: &Request) -> (Answer, Lap) {
        let (function, request) = routed(who, request);
        let (answer, lap) = self.time(Box::pin(response(&self.app, function, &request))).await;
        (Answer::read(&answer), lap)
    }

    /// Hands to `deliver` what waits in the outbox, as the stream does.
    ///
    /// # Panics
    /// If the outbox cannot be read, or `deliver` fails.
    pub async fn deliver(&self) -> Lap {
        let mut waiting = Vec::new();
        for shard in 0..SHARDS {
            let rows = self.dynamodb.query().table_name(TABLE).key_condition_expression("pk = :pk");
            let shard = text(format!("O#{shard}"));
            let rows = rows.expression_attribute_values(":pk", shard).send().await.expect("rows");
            waiting.extend(rows.items.unwrap_or_default());
        }
        let event: Event =
            serde_json::from_value(stream_event(&waiting)).expect("an event of deliver");
        let event = LambdaEvent::new(event, Context::default());
        let (answer, lap) = self.time(Box::pin(self.deliver.handle(event))).await;
        assert!(answer.expect("deliver").batch_item_failures.is_empty());
        lap
    }

    /// Audits the seats of one client.
    ///
    /// # Panics
    /// If the audit fails.
    pub async fn audit(&self, client: &str) -> Lap {
        let event: Value = json!({ "detail": { "client": client } });
        let event = serde_json::from_value(event).expect("an event of the audit");
        let mut context = Context::default();
        let deadline = self.app.clock.now().after(Duration::from_mins(5));
        context.deadline = deadline.millis().try_into().expect("a deadline");
        let event = LambdaEvent::new(event, context);
        let (summary, lap) = self.time(Box::pin(self.audit.wake(event))).await;
        assert_eq!(summary.expect("an audit").failed, 0);
        lap
    }

    async fn time<T>(&self, event: AuditEvent<'_, T>) -> (T, Lap) {
        self.stopwatch.take();
        let begun = Instant::now();
        let done = event.await;
        (done, Lap { whole: begun.elapsed(), calls: self.stopwatch.take() })
    }
}
