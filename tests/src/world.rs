//! The deployment of one test: a table in the emulator, an SES and a clock that the test sets.

mod events;
mod sdk;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use audit_seats::Audit;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use coulisses_aws::{
    app::{App, SupportMark},
    bus::Bus,
    claims::Claims,
    clock::Clock,
    config::{EventSettings, Settings},
    http,
    ids::IdKey,
    mail::Mailer,
    table::Table,
};
use coulisses_domain::{mail_budget::MailLimits, time::Timestamp};
use deliver::Deliver;
use delivery_status::DeliveryStatus;
use publish::Publish;
use serde_json::Value;
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    Answer, EventBus, Fault, Gate, Principal, ReadLimits, Request, SentMail, Ses, Trip,
    bus::{BUS, SOURCE},
    contract, lock, logs, mails, policy,
    recorder::Recorder,
    request::routed,
    table::{Emulator, SnapshotFile, TABLE, emulator, item_text, sdk_config},
};

/// The address of the console.
pub const CONSOLE_URL: &str = "https://console.test";

/// The key of the collaborator ids.
pub const ID_KEY: &str = "a key for tests, of 32 bytes and more";

/// A rate at SES, in mails per second, for which no test waits.
pub(crate) const FASTER_THAN_SES: u32 = 1_000_000;

/// A copy of the data, the clock and the sent mails of a deployment.
#[derive(Debug)]
pub struct Snapshot {
    file: SnapshotFile,
    now: Timestamp,
    mails: Vec<SentMail>,
    bus: EventBus,
}

#[derive(Clone, Debug, Default)]
struct Services {
    ses: Ses,
    bus: EventBus,
}

/// A deployment.
pub struct World {
    /// The state shared by the HTTP functions.
    pub app: App,
    /// The function that sends mail; boxed to keep the futures of tests small.
    pub deliver: Box<Deliver>,
    /// The function that audits the seats.
    pub audit: Box<Audit>,
    /// The function that receives the events of SES.
    pub delivery_status: DeliveryStatus,
    /// The function that puts the history on the event bus.
    pub publish: Box<Publish>,
    /// The mail service.
    pub ses: Ses,
    /// The event bus.
    pub bus: EventBus,
    metrics: Arc<Mutex<Vec<Value>>>,
    counts: Arc<Mutex<Vec<Value>>>,
    pub(crate) millis: Arc<AtomicI64>,
    recorder: Recorder,
    pub(crate) emulator: Emulator,
}

impl World {
    /// A deployment with an empty table, on 22 November 2026 at noon.
    pub async fn new() -> Self {
        Self::with_limits(MailLimits::default()).await
    }

    /// The same with other mail limits.
    pub async fn with_limits(limits: MailLimits) -> Self {
        let emulator = emulator().await;
        let noon = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
        let millis = Arc::new(AtomicI64::new(noon.millis()));
        Self::on(emulator, millis, Services::default(), limits)
    }

    /// A second instance of the same deployment, for use while a call of this one is in flight.
    pub fn second_instance(&self) -> Self {
        let (millis, limits) = (Arc::clone(&self.millis), self.app.settings.limits);
        Self::on(self.emulator.clone(), millis, self.services(), limits)
    }

    fn services(&self) -> Services {
        Services { ses: self.ses.clone(), bus: self.bus.clone() }
    }

    /// Takes a snapshot.
    pub fn snapshot(&self) -> Snapshot {
        let (mails, bus) = (self.ses.mails(), self.bus.copy());
        Snapshot { file: self.emulator.snapshot(), now: self.now(), mails, bus }
    }

    /// Restores a snapshot.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.emulator.restore(&snapshot.file);
        self.millis.store(snapshot.now.millis(), Ordering::SeqCst);
        self.ses.restore(snapshot.mails.clone());
        self.bus.restore(&snapshot.bus);
    }

    /// A second instance with its own gate ([`World::gate_calls`]), long time-outs and the same faults.
    pub fn gated_instance(&self) -> Self {
        let (millis, limits) = (Arc::clone(&self.millis), self.app.settings.limits);
        let emulator = self.emulator.clone().with_slow_timeouts();
        Self::wired(emulator, millis, (self.services(), limits), self.recorder.with_own_gate())
    }

    /// Makes each call wait at `gate` from now on.
    pub fn gate_calls(&self, gate: Gate) {
        self.recorder.set_gate(Some(gate));
    }

    /// The state of HTTP functions that only read, from a table with `limits`. Its calls are not recorded.
    pub fn app_with_limits(&self, limits: ReadLimits) -> App {
        let table = Table::open(&self.emulator.config_with_limits(limits), TABLE.to_owned());
        App { table, ..self.app.clone() }
    }

    /// Sends `request` as `who` to the function of its route with the state of `app`.
    pub async fn send_with(&self, app: &App, who: &Principal, request: &Request) -> Answer {
        let (function, request) = routed(who, request);
        Answer::read(&Box::pin(response(app, function, &request)).await)
    }

    /// An independent copy of the deployment and its data.
    pub async fn copy(&self) -> Self {
        let millis = Arc::new(AtomicI64::new(self.now().millis()));
        let services = Services { ses: Ses::with_mails(self.ses.mails()), bus: self.bus.copy() };
        Self::on(self.emulator.copy().await, millis, services, self.app.settings.limits)
    }

    fn on(
        emulator: Emulator,
        millis: Arc<AtomicI64>,
        services: Services,
        limits: MailLimits,
    ) -> Self {
        Self::wired(emulator, millis, (services, limits), Recorder::new())
    }

    fn wired(
        emulator: Emulator,
        millis: Arc<AtomicI64>,
        (Services { ses, bus }, limits): (Services, MailLimits),
        recorder: Recorder,
    ) -> Self {
        logs::install();
        let config = emulator.config(recorder.clone().client());
        let mail_config =
            sdk_config("http://ses.test", recorder.around(ses.http_client()).client());
        let clock = {
            let millis = Arc::clone(&millis);
            Clock::new(move || Timestamp::from_millis(millis.load(Ordering::SeqCst)))
        };
        let table = Table::open(&config, TABLE.to_owned());
        let settings = Settings {
            ids: IdKey::new(ID_KEY).expect("a key"),
            platform_oauth_clients: vec!["platform".to_owned()],
            claims: Claims::default(),
            origin_secret: None,
            console: CONSOLE_URL.to_owned(),
            fresh_login: None,
            lists_by_grant: true,
            events: Some(EventSettings { source: SOURCE.to_owned(), names_people: false }),
            limits,
        };
        let (metrics, counts) = (Arc::default(), Arc::default());
        let deliver = Box::new(Deliver {
            table: table.clone(),
            mailer: Mailer::open(&mail_config, mails::settings()),
            clock: clock.clone(),
            metrics: logs::metrics("deliver", &metrics),
            rate: FASTER_THAN_SES,
        });
        let delivery_status = DeliveryStatus {
            table: table.clone(),
            clock: clock.clone(),
            metrics: logs::metrics("delivery-status", &metrics),
        };
        let bus_config =
            sdk_config("http://events.test", recorder.around(bus.http_client()).client());
        let publish = Box::new(Publish {
            table: table.clone(),
            bus: Bus::open(&bus_config, BUS.to_owned()),
            settings: EventSettings { source: SOURCE.to_owned(), names_people: false },
            ids: IdKey::new(ID_KEY).expect("a key"),
            clock: clock.clone(),
            metrics: logs::metrics("publish", &metrics),
        });
        let (metrics_of_requests, as_support) =
            (logs::metrics("requests", &counts), SupportMark::default());
        let app = App { table, clock, settings, metrics: metrics_of_requests, as_support };
        // The audit spawns a task for each client, and a spawned task does not inherit the task-local function name.
        let calls = recorder.of("audit-seats").client();
        let table = Table::open(&emulator.config(calls), TABLE.to_owned());
        let audit_metrics = logs::metrics("audit-seats", &metrics);
        let audit = Audit { app: App { table, metrics: audit_metrics, ..app.clone() } };
        Self {
            app,
            deliver,
            audit: Box::new(audit),
            delivery_status,
            publish,
            ses,
            bus,
            metrics,
            counts,
            millis,
            recorder,
            emulator,
        }
    }

    /// Advances the clock.
    pub fn wait(&self, span: Duration) {
        self.clock_advancer()(span);
    }

    /// A function that advances the clock, for use during a request.
    pub fn clock_advancer(&self) -> impl Fn(Duration) + Send + use<> + 'static {
        let millis = Arc::clone(&self.millis);
        move |span| {
            let span = i64::try_from(span.as_millis()).expect("a short span");
            millis.fetch_add(span, Ordering::SeqCst);
        }
    }

    /// The time of the clock.
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Records the units that each call consumes from now on.
    pub fn measure(&self) {
        self.recorder.measure();
    }

    /// The calls to the table since the last time.
    pub fn trips(&self) -> Vec<Trip> {
        self.recorder.take()
    }

    /// The operations of the calls to the table since the last time.
    pub fn operations(&self) -> Vec<String> {
        self.trips().into_iter().map(|trip| trip.operation).collect()
    }

    /// Makes the table unreachable, or reachable again.
    pub fn set_table_down(&self, down: bool) {
        let of_table = |trip: &Trip| !["SendEmail", "PutEvents"].contains(&trip.operation.as_str());
        let faults = move |trip: &Trip| of_table(trip).then_some(Fault::Unreachable);
        self.recorder.set_faults(down.then_some(Box::new(faults)));
    }

    /// Injects a fault into each call to the table, SES or EventBridge for which `faults` returns one.
    pub fn break_calls(&self, faults: impl FnMut(&Trip) -> Option<Fault> + Send + 'static) {
        self.recorder.set_faults(Some(Box::new(faults)));
    }

    /// Runs `action` once, just before the first call of `operation`. Needs a runtime with several threads.
    pub fn before_first(
        &self,
        operation: &'static str,
        action: impl AsyncFnOnce() + Send + 'static,
    ) {
        let mut action = Some(action);
        self.break_calls(move |trip| {
            if let Some(action) = action.take_if(|_| trip.operation == operation) {
                block_in_place(|| Handle::current().block_on(action()));
            }
            None
        });
    }

    /// Advances the clock by `span` with each call to the table from now on.
    pub fn advance_with_each_call(&self, span: Duration) {
        let advance = self.clock_advancer();
        self.break_calls(move |_| {
            advance(span);
            None
        });
    }

    /// The same deployment with commands that give up after 200 ms.
    pub fn impatient(self) -> Self {
        self.with_patience(Duration::from_millis(200))
    }

    /// The same deployment with the time that commands have by default.
    pub fn patient(self) -> Self {
        self.with_patience(Table::REQUEST_TIME)
    }

    fn with_patience(mut self, patience: Duration) -> Self {
        for part in [
            &mut self.app.table,
            &mut self.deliver.table,
            &mut self.audit.app.table,
            &mut self.delivery_status.table,
            &mut self.publish.table,
        ] {
            *part = part.clone().with_patience(patience);
        }
        self
    }

    /// The SDK configuration with `http_client` and long time-outs.
    pub(crate) fn config_with_slow_timeouts(&self, http_client: SharedHttpClient) -> SdkConfig {
        self.emulator.clone().with_slow_timeouts().config(http_client)
    }

    /// How many mails wait in the outbox.
    pub async fn outbox_rows(&self) -> usize {
        let all = self.dynamodb().scan().table_name(TABLE).send().await.expect("a scan");
        let is_row = |item: &&crate::Item| item["pk"].as_s().is_ok_and(|pk| pk.starts_with("O#"));
        all.items().iter().filter(is_row).count()
    }

    /// The whole table as text, one item a line.
    pub async fn dump(&self) -> String {
        let all = self.dynamodb().scan().table_name(TABLE).send().await.expect("a scan");
        assert!(all.last_evaluated_key.is_none(), "the table fits into one page");
        let mut lines: Vec<String> = all.items().iter().map(item_text).collect();
        lines.sort();
        lines.join("\n")
    }

    /// Sends `request` as `who` to the function of its route in the template, and checks the answer against the contract.
    pub async fn send(&self, who: &Principal, request: Request) -> Answer {
        let (function, request) = routed(who, &request);
        let answer = Box::pin(self.answer(function, &request)).await;
        contract::check(&request, &answer);
        answer
    }

    /// Sends `request` as `who` to a function that is not that of its route.
    pub async fn send_to(&self, function: &str, who: &Principal, request: &Request) -> Answer {
        let (_, request) = routed(who, request);
        Box::pin(self.answer(function, &request)).await
    }

    /// Runs a function with the permissions of its policy.
    pub(crate) async fn answer(&self, function: &str, request: &http::Request) -> Answer {
        let response = Box::pin(response(&self.app, function, request));
        Answer::read(&policy::acting(function, response).await)
    }

    /// The metrics of requests since the last time: the sum by name, and by code if there is one.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        logs::summed(std::mem::take(&mut *lock(&self.counts)))
    }

    /// The metrics of the functions without HTTP since the last time, one JSON line each.
    pub fn metrics(&self) -> Vec<Value> {
        std::mem::take(&mut *lock(&self.metrics))
    }
}

/// Runs an HTTP function of `app`.
pub(crate) async fn response(app: &App, function: &str, request: &http::Request) -> http::Response {
    let app = &app.for_request();
    match function {
        "accept" => accept::handle(app, request).await,
        "assign-role" => assign_role::handle(app, request).await,
        "audit-seats" => audit_seats::handle(app, request).await,
        "authzen" => authzen::handle(app, request).await,
        "check" => check::handle(app, request).await,
        "identity" => identity::handle(app, request).await,
        "history" => history::handle(app, request).await,
        "invite" => invite::handle(app, request).await,
        "list-access" => list_access::handle(app, request).await,
        "announce" => announce::handle(app, request).await,
        "provision" => provision::handle(app, request).await,
        "record-login" => record_login::handle(app, request).await,
        "resend" => resend::handle(app, request).await,
        "roles" => roles::handle(app, request).await,
        "revoke" => revoke::handle(app, request).await,
        "transfer-ownership" => transfer_ownership::handle(app, request).await,
        other => panic!("unknown function {other}"),
    }
}

/// Each test fails if private data was logged: see `logs`.
impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            logs::assert_nothing_private();
        }
    }
}
