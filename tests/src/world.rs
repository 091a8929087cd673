//! A deployment of its own for each test: a table in the emulator, an SES, a clock that is turned by hand.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use audit_seats::{Audit, Summary};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use coulisses_aws::{
    app::{App, Clock, Settings},
    http,
    ids::IdKey,
    mail::Mailer,
    table::Table,
};
use coulisses_domain::{client::MailLimits, time::Timestamp};
use deliver::{BatchAnswer, Deliver, Event};
use delivery_status::DeliveryStatus;
use erase::Erase;
use lambda_http::{Context, Error, LambdaEvent};
use serde_json::{Value, json};

use crate::{
    Answer, Fault, Gate, Request, SentMail, Ses, Template, Trip, Who, contract,
    counting::Counting,
    logs, mails, policy,
    request::routed,
    table::{Emulator, KeptFile, TABLE, create_table, emulator, sdk_config, told},
};

/// The key of the ids.
pub(crate) const ID_KEY: &str = "a key for tests, of 32 bytes and more";

/// A deployment as it was at a moment.
#[derive(Debug)]
pub struct Kept {
    file: KeptFile,
    now: Timestamp,
    mails: Vec<SentMail>,
}

/// A deployment.
pub struct World {
    /// What the functions that answer HTTP share.
    pub app: App,
    /// The function that sends mail; in a box, so that the futures of tests, which hold a world, stay small.
    pub deliver: Box<Deliver>,
    /// The function that audits the seats.
    pub audit: Box<Audit>,
    /// The function that hears of mails.
    pub delivery_status: DeliveryStatus,
    /// The mail service.
    pub ses: Ses,
    metrics: Arc<Mutex<Vec<Value>>>,
    counts: Arc<Mutex<Vec<Value>>>,
    pub(crate) millis: Arc<AtomicI64>,
    counting: Counting,
    pub(crate) emulator: Emulator,
}

impl World {
    /// A deployment with an empty table, on 22 November 2026 at noon.
    pub async fn new() -> Self {
        Self::with_limits(MailLimits::default()).await
    }

    /// The same with other limits on mail.
    pub async fn with_limits(limits: MailLimits) -> Self {
        let emulator = emulator().await;
        let plain = aws_smithy_http_client::Builder::new().build_http();
        create_table(&sdk_config(&emulator.endpoint, plain), &Template::read()).await;
        let noon = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
        let millis = Arc::new(AtomicI64::new(noon.millis()));
        Self::on(emulator, millis, Ses::default(), limits)
    }

    /// The same deployment once more, to act in while a call of this one is on its way.
    #[must_use]
    pub fn beside(&self) -> Self {
        let (millis, limits) = (Arc::clone(&self.millis), self.app.settings.limits);
        Self::on(self.emulator.clone(), millis, self.ses.clone(), limits)
    }

    /// Keeps all as it is here now, to come back to it.
    #[must_use]
    pub fn keep(&self) -> Kept {
        Kept { file: self.emulator.keep(), now: self.now(), mails: self.ses.mails() }
    }

    /// Makes all as it was when it was kept.
    pub fn restore(&self, kept: &Kept) {
        self.emulator.restore(&kept.file);
        self.millis.store(kept.now.millis(), Ordering::SeqCst);
        self.ses.restore(kept.mails.clone());
    }

    /// The same deployment once more, of which each call waits, as [`World::hold_calls`] says, however long; what breaks
    /// calls here breaks them there.
    #[must_use]
    pub fn in_turns(&self) -> Self {
        let (millis, limits) = (Arc::clone(&self.millis), self.app.settings.limits);
        let emulator = self.emulator.clone().unhurried();
        Self::wired(emulator, millis, (self.ses.clone(), limits), self.counting.apart())
    }

    /// Lets each call wait, from now on, where `gate` says.
    pub fn hold_calls(&self, gate: Gate) {
        self.counting.set_gate(Some(gate));
    }

    /// Another deployment in which all is as it is here now, and which goes its own way.
    pub async fn copy(&self) -> Self {
        let millis = Arc::new(AtomicI64::new(self.now().millis()));
        let ses = Ses::with_mails(self.ses.mails());
        Self::on(self.emulator.copy().await, millis, ses, self.app.settings.limits)
    }

    fn on(emulator: Emulator, millis: Arc<AtomicI64>, ses: Ses, limits: MailLimits) -> Self {
        Self::wired(emulator, millis, (ses, limits), Counting::new())
    }

    fn wired(
        emulator: Emulator,
        millis: Arc<AtomicI64>,
        (ses, limits): (Ses, MailLimits),
        counting: Counting,
    ) -> Self {
        logs::install();
        let config = emulator.config(SharedHttpClient::new(counting.clone()));
        let mail = SharedHttpClient::new(counting.around(ses.http_client()));
        let mail_config = sdk_config("http://ses.test", mail);
        let clock = {
            let millis = Arc::clone(&millis);
            Clock::new(move || Timestamp::from_millis(millis.load(Ordering::SeqCst)))
        };
        let table = Table::open(&config, TABLE.to_owned());
        let settings = Settings {
            ids: IdKey::new(ID_KEY).expect("a key"),
            platform_oauth_clients: vec!["platform".to_owned()],
            limits,
        };
        let (metrics, counts) = (Arc::default(), Arc::default());
        let deliver = Box::new(Deliver {
            table: table.clone(),
            mailer: Mailer::open(&mail_config, mails::settings()),
            clock: clock.clone(),
            metrics: logs::metrics("deliver", &metrics),
        });
        let delivery_status = DeliveryStatus {
            table: table.clone(),
            clock: clock.clone(),
            metrics: logs::metrics("delivery-status", &metrics),
        };
        let app = App { table, clock, settings, metrics: logs::metrics("requests", &counts) };
        // The audit has its clients done by tasks of their own, which do not know for whom they act.
        let its_calls = SharedHttpClient::new(counting.of("audit-seats"));
        let its_table = Table::open(&emulator.config(its_calls), TABLE.to_owned());
        let its_metrics = logs::metrics("audit-seats", &metrics);
        let audit = Audit { app: App { table: its_table, metrics: its_metrics, ..app.clone() } };
        Self {
            app,
            deliver,
            audit: Box::new(audit),
            delivery_status,
            ses,
            metrics,
            counts,
            millis,
            counting,
            emulator,
        }
    }

    /// Turns the clock on.
    pub fn wait(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).expect("a short span");
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// Turns the clock on from elsewhere, as in the midst of a request.
    pub fn hand(&self) -> impl Fn(Duration) + Send + 'static {
        let millis = Arc::clone(&self.millis);
        move |span| {
            let span = i64::try_from(span.as_millis()).expect("a short span");
            millis.fetch_add(span, Ordering::SeqCst);
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Has it noted, from now on, what each call to the table takes.
    pub fn measure(&self) {
        self.counting.measure();
    }

    /// The calls to the table since the last time.
    #[must_use]
    pub fn trips(&self) -> Vec<Trip> {
        self.counting.take()
    }

    /// Makes the table unreachable, or reachable again.
    pub fn set_table_down(&self, down: bool) {
        let faults = |trip: &Trip| (trip.operation != "SendEmail").then_some(Fault::Unreachable);
        self.counting.set_faults(down.then_some(Box::new(faults)));
    }

    /// Lets go wrong, from now on, what `faults` says of each call to the table or to SES.
    pub fn break_calls(&self, faults: impl FnMut(&Trip) -> Option<Fault> + Send + 'static) {
        self.counting.set_faults(Some(Box::new(faults)));
    }

    /// Turns the clock on by `span` with each call to the table, from now on.
    pub fn wait_with_each_call(&self, span: Duration) {
        let span = i64::try_from(span.as_millis()).expect("a short span");
        let millis = Arc::clone(&self.millis);
        self.break_calls(move |_| {
            millis.fetch_add(span, Ordering::SeqCst);
            None
        });
    }

    /// The same deployment, whose commands give up soon.
    #[must_use]
    pub fn impatient(mut self) -> Self {
        for part in [
            &mut self.app.table,
            &mut self.deliver.table,
            &mut self.audit.app.table,
            &mut self.delivery_status.table,
        ] {
            *part = part.clone().with_patience(Duration::from_millis(200));
        }
        self
    }

    /// The settings of a client of the table that goes through `http_client`, and minds not how long calls take.
    pub(crate) fn unhurried_config(&self, http_client: SharedHttpClient) -> SdkConfig {
        self.emulator.clone().unhurried().config(http_client)
    }

    /// A client of the SDK of its own, to look at the table and to write what no function would.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let plain = aws_smithy_http_client::Builder::new().build_http();
        aws_sdk_dynamodb::Client::new(&sdk_config(&self.emulator.endpoint, plain))
    }

    /// Everything in the table, as text that can be searched and compared: an item a line.
    pub async fn everything(&self) -> String {
        let all = self.dynamodb().scan().table_name(TABLE).send().await.expect("a scan");
        assert!(all.last_evaluated_key.is_none(), "one page is everything");
        let mut lines: Vec<String> = all.items().iter().map(told).collect();
        lines.sort();
        lines.join("\n")
    }

    /// Sends `request` as `who`, through the route of the template; 404 without a code if there is none.
    pub async fn send(&self, who: &Who, request: Request) -> Answer {
        let (function, request) = routed(who, &request);
        let answer = Box::pin(self.answer(function, &request)).await;
        contract::check(&request, &answer);
        answer
    }

    /// What a function answers.
    pub(crate) async fn answer(&self, function: &str, request: &http::Request) -> Answer {
        Answer::read(&policy::acting(function, response(&self.app, function, request)).await)
    }

    /// Hands all rows of the outbox to `deliver`, as the table's stream would.
    pub async fn deliver(&self) -> BatchAnswer {
        self.hand_to_deliver(self.stream_event().await).await
    }

    /// Sweeps the outbox, as the schedule does.
    pub async fn sweep(&self) {
        self.hand_to_deliver(json!({ "detail-type": "Scheduled Event", "detail": {} })).await;
    }

    async fn hand_to_deliver(&self, event: Value) -> BatchAnswer {
        self.wake_deliver(event).await.expect("deliver")
    }

    /// Hands any event to `deliver`.
    ///
    /// # Errors
    /// What `deliver` gives, upon which Lambda hands the event over again.
    pub async fn wake_deliver(&self, event: Value) -> Result<BatchAnswer, Error> {
        let event: Event = serde_json::from_value(event).expect("an event of deliver");
        policy::acting("deliver", self.deliver.handle(LambdaEvent::new(event, Context::default())))
            .await
    }

    /// Audits the seats as the schedule does, in five minutes at most.
    pub async fn audit(&self) -> Summary {
        self.audit_within(Duration::from_mins(5), json!({ "olderThanSeconds": 0 })).await
    }

    /// Audits the seats of one client, as an operator does.
    pub async fn audit_client(&self, client: &str) -> Summary {
        self.audit_within(Duration::from_mins(5), json!({ "client": client })).await
    }

    /// Wakes the audit with `detail`, in a function that has `time`.
    pub async fn audit_within(&self, time: Duration, detail: Value) -> Summary {
        self.wake_audit(time, detail).await.expect("an audit")
    }

    /// Wakes the audit with `detail`, in a function that has `time`.
    ///
    /// # Errors
    /// What the audit gives, upon which EventBridge hands the event over again.
    pub async fn wake_audit(&self, time: Duration, detail: Value) -> Result<Summary, Error> {
        let event =
            json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": detail });
        let event = serde_json::from_value(event).expect("an event of the audit");
        let mut context = Context::default();
        "run-1".clone_into(&mut context.request_id);
        context.deadline = self.now().after(time).millis().try_into().expect("a deadline");
        policy::acting("audit-seats", self.audit.wake(LambdaEvent::new(event, context))).await
    }

    /// Hands an event to `delivery-status`, as EventBridge does.
    ///
    /// # Errors
    /// What the function gives, upon which Lambda hands the event over again.
    pub async fn ses_event(&self, event: Value) -> Result<(), Error> {
        let told = self.delivery_status.handle(LambdaEvent::new(event, Context::default()));
        policy::acting("delivery-status", told).await
    }

    /// Invokes `erase`, as an operator does.
    ///
    /// # Errors
    /// What the function gives, upon which the operator asks again.
    pub async fn erase(&self, event: Value) -> Result<Value, Error> {
        let mut context = Context::default();
        "run-1".clone_into(&mut context.request_id);
        let erase = Erase::new(self.app.clone());
        policy::acting("erase", erase.handle(LambdaEvent::new(event, context))).await
    }

    /// What was counted of requests since the last time: each metric, with its code if it has one, and its sum.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        logs::summed(std::mem::take(
            &mut self.counts.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }

    /// What was counted for CloudWatch by what is woken since the last time, a line each.
    #[must_use]
    pub fn metrics(&self) -> Vec<Value> {
        std::mem::take(&mut self.metrics.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a function of `app` answers.
pub(crate) async fn response(app: &App, function: &str, request: &http::Request) -> http::Response {
    match function {
        "accept" => accept::handle(app, request).await,
        "assign-role" => assign_role::handle(app, request).await,
        "audit-seats" => audit_seats::handle(app, request).await,
        "check" => check::handle(app, request).await,
        "history" => history::handle(app, request).await,
        "invite" => invite::handle(app, request).await,
        "list-access" => list_access::handle(app, request).await,
        "announce" => announce::handle(app, request).await,
        "provision" => provision::handle(app, request).await,
        "record-login" => record_login::handle(app, request).await,
        "resend" => resend::handle(app, request).await,
        "revoke" => revoke::handle(app, request).await,
        "transfer-ownership" => transfer_ownership::handle(app, request).await,
        other => panic!("the tests do not know the function {other}"),
    }
}

/// Whatever a deployment logged was watched: see `logs`.
impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            logs::assert_nothing_private();
        }
    }
}
