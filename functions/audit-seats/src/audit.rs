//! The audit of all clients, or of one: each once a day, as many as time allows, the others by the next run.

use std::time::Duration;

use coulisses_aws::{
    app::App,
    random,
    table::{Audited, Partition, Reading, StoreError},
};
use coulisses_domain::{
    audit::{self, ExpiringAccess, Figures, Step},
    client::Client,
    collaborator::Collaborator,
    scope::ClientId,
    time::Timestamp,
};
use lambda_http::{LambdaEvent, tracing};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

/// How many clients are audited side by side.
const AT_ONCE: usize = 8;

/// No client is begun in the last seconds of the function's time, so that those begun are finished.
const LAST_SECONDS: Duration = Duration::from_secs(30);

/// How often in a row the world may change under an audit, before it is left to the next run.
const TRIES: u32 = 3;

/// How many counts of mails one trip reads, the client's own item being the hundredth.
const COUNTERS: usize = 99;

/// What wakes the audit: a schedule, or an operator who names a client.
#[derive(Debug, Default, Deserialize)]
pub struct Event {
    /// What is to be audited.
    #[serde(default)]
    detail: Detail,
}

/// What is to be audited.
#[derive(Debug, Default, Deserialize)]
struct Detail {
    /// This client alone, whether it was audited today or not; if none is named, all that were not.
    client: Option<String>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many clients were audited.
    pub audited: usize,
    /// How many could not be; the next run tries again.
    pub failed: usize,
    /// How many are left to the next run for want of time.
    pub left: usize,
}

/// Audits clients.
#[derive(Clone)]
pub struct Audit {
    /// The table, the clock and the settings.
    pub app: App,
}

/// What became of the audit of one client.
struct AuditResult {
    figures: Figures,
    result: Result<(), StoreError>,
}

impl Audit {
    /// Audits the client that the event names, or all that were not audited today.
    ///
    /// A client that cannot be audited stops no other; it is logged, counted, and tried again by the next run.
    ///
    /// # Errors
    /// What the table gives where the clients cannot be listed, upon which the event is handed over again; a name that
    /// is no client's.
    pub async fn wake(&self, event: LambdaEvent<Event>) -> Result<Summary, lambda_http::Error> {
        let LambdaEvent { payload: Event { detail }, context } = event;
        let (clients, unreadable) = match detail.client {
            Some(name) => (vec![ClientId::parse(&name)?], 0),
            None => self.due().await?,
        };
        let until = i64::try_from(context.deadline).ok().map(Timestamp::from_millis);
        // Where it runs without one, as on one machine, the deadline is long past.
        let until = until.filter(|until| *until > self.app.clock.now());
        let totals = self.all(clients, until, &context.request_id).await;
        let summary = Summary { failed: totals.summary.failed + unreadable, ..totals.summary };
        self.count(&Totals { summary, ..totals });
        let Summary { audited, failed, left } = summary;
        tracing::info!(audited, failed, left, "the seats were audited");
        Ok(summary)
    }

    /// The clients that were not audited today, and how many entries of the registry name none.
    async fn due(&self) -> Result<(Vec<ClientId>, usize), StoreError> {
        let (mut clients, mut unreadable) = (Vec::new(), 0);
        for client in self.app.table.clients().await? {
            match client {
                Ok(client) => clients.push(client),
                Err(error) => {
                    log(&error, None);
                    unreadable += 1;
                }
            }
        }
        let today = self.app.clock.now().day();
        let audited = self.app.table.audited_on(today, &clients).await?;
        clients.retain(|client| !audited.contains(client));
        Ok((clients, unreadable))
    }

    /// Audits `clients`, some side by side, and begins none in the last seconds before `until`.
    async fn all(
        &self,
        clients: Vec<ClientId>,
        until: Option<Timestamp>,
        request_id: &str,
    ) -> Totals {
        let has_time = || until.is_none_or(|end| end.since(self.app.clock.now()) > LAST_SECONDS);
        let (mut totals, mut running) = (Totals::default(), JoinSet::new());
        let mut waiting = clients.into_iter().peekable();
        loop {
            while running.len() < AT_ONCE && waiting.peek().is_some() && has_time() {
                let Some(client) = waiting.next() else { break };
                running.spawn(self.clone().one(client, request_id.to_owned()));
            }
            match running.join_next().await {
                Some(Ok(outcome)) => totals.add(&outcome),
                Some(Err(_)) => totals.summary.failed += 1,
                None => break,
            }
        }
        totals.summary.left = waiting.count();
        totals
    }

    async fn one(self, client: ClientId, request_id: String) -> AuditResult {
        let mut figures = Figures::default();
        let result = self.settle(&client, &mut figures, &request_id).await;
        if let Err(error) = &result {
            log(error, Some(&client));
        }
        AuditResult { figures, result }
    }

    /// Reads, decides and writes until nothing is left to do; again where the world changed meanwhile.
    async fn settle(
        &self,
        id: &ClientId,
        figures: &mut Figures,
        request_id: &str,
    ) -> Result<(), StoreError> {
        let mut tries = 0;
        while tries < TRIES {
            let now = self.app.clock.now();
            // INVARIANT: the client, with the `seq` of its seats, is read before anybody is counted.
            let itself =
                Reading { client: id, scopes: vec![], collaborators: vec![], counters: vec![] };
            let Some(client) = self.app.table.read(itself, now).await?.client else {
                return Err(StoreError::NoClient);
            };
            let all = self.app.table.read_partition(id, now).await?;
            let collaborators: Vec<&Collaborator> = all.collaborators.values().collect();
            let done = match audit::next(&client, &collaborators, now) {
                Step::Sweep(decision) => {
                    let swept = self.app.write_once(id, &decision, request_id).await?;
                    if swept {
                        figures.swept(&decision);
                    }
                    swept
                }
                Step::Repair(repair) => {
                    figures.drift = repair.drift();
                    let repaired = self.app.table.repair(&repair).await?;
                    figures.repaired += u32::from(repaired);
                    repaired
                }
                Step::Done(found) => {
                    *figures = figures.with(found);
                    self.notify_expiries(&client, &all, now, request_id).await?;
                    let audited = Audited { at: now, figures: *figures };
                    return self.app.table.write_audit(id, audited).await;
                }
            };
            tries = if done { 0 } else { tries + 1 };
        }
        Err(StoreError::Busy)
    }

    /// Tells whose access ends soon; who is changed at this very moment is told by the next audit.
    async fn notify_expiries(
        &self,
        client: &Client,
        all: &Partition,
        now: Timestamp,
        request_id: &str,
    ) -> Result<(), StoreError> {
        let soon = |collaborator: &&Collaborator| audit::ends_soon(collaborator, now);
        let soon: Vec<&Collaborator> = all.collaborators.values().filter(soon).collect();
        for some in soon.chunks(COUNTERS) {
            let counters = some.iter().map(|collaborator| &collaborator.id).collect();
            let reading =
                Reading { client: &client.id, scopes: vec![], collaborators: vec![], counters };
            let mut counters = self.app.table.read(reading, now).await?.counters;
            for collaborator in some {
                let mut counter = counters.remove(&collaborator.id);
                loop {
                    let scopes = &all.scopes;
                    let facts =
                        ExpiringAccess { client, scopes, collaborator, counter: counter.as_ref() };
                    let Some(told) = audit::notify_expiry(facts, random::mail_id(now)?, now) else {
                        break;
                    };
                    if !self.app.write_once(&client.id, &told.decision, request_id).await? {
                        break;
                    }
                    counter = Some(told.answer);
                }
            }
        }
        Ok(())
    }

    /// Counts what a run did, unless there was nothing to do.
    fn count(&self, totals: &Totals) {
        let Totals { summary, drift, repaired, invitations, grants, over_limit, .. } = *totals;
        if summary == Summary::default() {
            return;
        }
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let counts = [
            ("ClientsAudited", number(summary.audited)),
            ("ClientsFailed", number(summary.failed)),
            ("ClientsLeft", number(summary.left)),
            ("Drift", drift),
            ("Repaired", repaired),
            ("ExpiredInvitations", invitations),
            ("ExpiredGrants", grants),
            ("OverLimit", over_limit),
            ("Dormant", totals.dormant),
            ("Undeliverable", totals.undeliverable),
        ];
        self.app.metrics.count(&counts, self.app.clock.now());
    }
}

/// The figures of all clients of a run together.
#[derive(Clone, Copy, Default)]
struct Totals {
    summary: Summary,
    drift: u64,
    repaired: u64,
    invitations: u64,
    grants: u64,
    over_limit: u64,
    dormant: u64,
    undeliverable: u64,
}

impl Totals {
    /// Adds what became of one client; drift in whichever direction.
    fn add(&mut self, AuditResult { figures, result }: &AuditResult) {
        self.drift += figures.drift.unsigned_abs();
        self.repaired += u64::from(figures.repaired);
        self.invitations += u64::from(figures.expired_invitations);
        self.grants += u64::from(figures.expired_grants);
        self.over_limit += u64::from(figures.over_limit);
        self.dormant += u64::from(figures.dormant);
        self.undeliverable += u64::from(figures.undeliverable);
        match result {
            Ok(()) => self.summary.audited += 1,
            Err(_) => self.summary.failed += 1,
        }
    }
}

/// Logs why a client could not be audited, with what caused it; neither holds an address.
fn log(error: &(dyn std::error::Error + 'static), client: Option<&ClientId>) {
    let causes: Vec<String> = std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect();
    let client = client.map(ClientId::as_str);
    tracing::error!(client, cause = causes.join(": "), "the seats of a client were not audited");
}
