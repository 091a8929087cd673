//! A deployment for benchmarks: only a stopwatch watches it.

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
    Answer, Principal, Request, World,
    event::stream_event,
    mails::settings,
    request::routed,
    stopwatch::Stopwatch,
    table::{TABLE, sdk_config},
    text,
    world::{FASTER_THAN_SES, response},
};

/// The number of outbox partitions.
const SHARDS: u8 = 16;

/// The future of a function, boxed because its own type is large.
type Run<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// How long a run took.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The total time.
    pub total: Duration,
    /// The part of it during which a call to DynamoDB or SES was in flight.
    pub calls: Duration,
}

/// A timed deployment on the table and the clock of a [`World`].
pub struct TimedWorld {
    app: App,
    deliver: Deliver,
    audit: Audit,
    dynamodb: aws_sdk_dynamodb::Client,
    stopwatch: Stopwatch,
}

impl TimedWorld {
    /// Times the deployment of `world`.
    pub fn of(world: &World) -> Self {
        let stopwatch = Stopwatch::default();
        let calls = stopwatch.around(Builder::new().build_http());
        let table = Table::open(&world.config_with_slow_timeouts(calls), TABLE.to_owned());
        let mails = stopwatch.around(world.ses.http_client());
        let mailer = Mailer::open(&sdk_config("http://ses.test", mails), settings());
        let (clock, metrics) = (world.app.clock.clone(), Metrics::new("timed", |_| {}));
        let app = App { table: table.clone(), metrics: metrics.clone(), ..world.app.clone() };
        let deliver = Deliver { table, mailer, clock, metrics, rate: FASTER_THAN_SES };
        let audit = Audit { app: app.clone() };
        Self { app, deliver, audit, dynamodb: world.dynamodb(), stopwatch }
    }

    /// Sends `request` as `who`. The routing is not timed.
    pub async fn send(&self, who: &Principal, request: &Request) -> (Answer, Timing) {
        let (function, request) = routed(who, request);
        let (answer, timing) = self.time(Box::pin(response(&self.app, function, &request))).await;
        (Answer::read(&answer), timing)
    }

    /// Sends the rows of the outbox to `deliver`, as the stream does.
    ///
    /// # Panics
    /// If the outbox cannot be read, or `deliver` fails.
    pub async fn deliver(&self) -> Timing {
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
        let (answer, timing) = self.time(Box::pin(self.deliver.handle(event))).await;
        assert!(answer.expect("deliver").batch_item_failures.is_empty());
        timing
    }

    /// Audits the seats of one client.
    ///
    /// # Panics
    /// If the audit fails.
    pub async fn audit(&self, client: &str) -> Timing {
        let event: Value = json!({ "detail": { "client": client } });
        let event = serde_json::from_value(event).expect("an event of the audit");
        let mut context = Context::default();
        let deadline = self.app.clock.now().after(Duration::from_mins(5));
        context.deadline = deadline.millis().try_into().expect("a deadline");
        let event = LambdaEvent::new(event, context);
        let (summary, timing) = self.time(Box::pin(self.audit.wake(event))).await;
        assert_eq!(summary.expect("an audit").failed, 0);
        timing
    }

    async fn time<T>(&self, run: Run<'_, T>) -> (T, Timing) {
        self.stopwatch.take();
        let start = Instant::now();
        let result = run.await;
        (result, Timing { total: start.elapsed(), calls: self.stopwatch.take() })
    }
}
