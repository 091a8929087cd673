//! The seat audit of all clients, or of one. A run audits the clients that were not audited today, as many as time
//! allows; the next run continues.

use std::{collections::BTreeSet, time::Duration};

use coulisses_aws::{
    app::App,
    command::{Attempt, RequestContext},
    logs,
    table::{self, Audited, ClientRecords, GrantRow, Invited, Reading, StoreError},
};
use coulisses_domain::{
    audit::{self, Figures, Step},
    collaborator::Collaborator,
    decision::Decision,
    history::view::EntryId,
    scope::ClientId,
    time::Timestamp,
};
use lambda_http::{LambdaEvent, tracing};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

/// How many clients are audited in parallel.
const AT_ONCE: usize = 8;

/// No audit starts in the last seconds of the function's time, so that those in progress can finish.
const LAST_SECONDS: Duration = Duration::from_secs(30);

/// How many steps of 250 history entries get their pointers in one audit of a client. A longer history takes some days.
const HISTORY_STEPS: usize = 40;

/// The event that starts a run: from the schedule, or from an operator who names a client.
#[derive(Debug, Default, Deserialize)]
pub struct Event {
    /// What to audit.
    #[serde(default)]
    detail: Detail,
}

/// What to audit.
#[derive(Debug, Default, Deserialize)]
struct Detail {
    /// Only this client, even if it was audited today; by default, all that were not.
    client: Option<String>,
    /// Whether seats are only passed on to people who wait.
    #[serde(default)]
    waiting: bool,
}

/// The outcome of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many clients were audited.
    pub audited: usize,
    /// How many could not be audited; the next run retries them.
    pub failed: usize,
    /// How many are left to the next run because time ran out.
    pub left: usize,
}

/// Audits clients.
#[derive(Clone)]
pub struct Audit {
    /// The table, the clock and the settings.
    pub app: App,
}

/// The outcome of the audit of one client.
struct AuditResult {
    figures: Figures,
    result: Result<(), StoreError>,
}

impl Audit {
    /// Audits the client that the event names, or all that were not audited today.
    ///
    /// A client that cannot be audited does not stop the others. It is logged and counted, and the next run retries it.
    ///
    /// # Errors
    /// [`StoreError`] if the clients cannot be listed, so that Lambda retries the event; an error if the event names an
    /// invalid client id.
    pub async fn wake(&self, event: LambdaEvent<Event>) -> Result<Summary, lambda_http::Error> {
        let LambdaEvent { payload: Event { detail }, context } = event;
        if detail.waiting {
            return Ok(Box::pin(self.pass_seats(&context.request_id)).await?);
        }
        let (clients, unreadable) = match detail.client {
            Some(name) => (vec![ClientId::parse(&name)?], 0),
            None => self.due().await?,
        };
        let until = i64::try_from(context.deadline).ok().map(Timestamp::from_millis);
        // A run outside Lambda has no deadline: the value is long past.
        let until = until.filter(|until| *until > self.app.clock.now());
        let totals = self.audit_all(clients, until, &context.request_id).await;
        let summary = Summary { failed: totals.summary.failed + unreadable, ..totals.summary };
        self.count(&Totals { summary, ..totals });
        let Summary { audited, failed, left } = summary;
        tracing::info!(audited, failed, left, "the seats were audited");
        Ok(summary)
    }

    /// Passes free seats on in all clients that have people who wait. A client that fails is logged, and retried in five
    /// minutes.
    ///
    /// # Errors
    /// [`StoreError`] if the clients cannot be listed.
    async fn pass_seats(&self, request_id: &str) -> Result<Summary, StoreError> {
        let mut summary = Summary::default();
        for waiting in self.app.table.waiting_clients().await? {
            let request = RequestContext::for_event(&waiting.client, request_id);
            let passed = async {
                if Box::pin(self.app.pass_seats(request)).await? == 0 {
                    self.app.table.forget_waiting(&waiting).await?;
                }
                Ok::<_, StoreError>(())
            };
            if let Err(error) = passed.await {
                log(&error, Some(&waiting.client));
                summary.failed += 1;
            }
        }
        self.app.count("WaitingFailed", summary.failed);
        Ok(summary)
    }

    /// The clients that were not audited today, and how many entries of the registry are unreadable.
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

    /// Audits `clients`, [`AT_ONCE`] in parallel, and starts none in the last seconds before `until`.
    async fn audit_all(
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
                running.spawn(self.clone().audit_one(client, request_id.to_owned()));
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

    async fn audit_one(self, client: ClientId, request_id: String) -> AuditResult {
        let mut figures = Figures::default();
        let result = self.run_steps(&client, &mut figures, &request_id).await;
        if let Err(error) = &result {
            log(error, Some(&client));
        }
        AuditResult { figures, result }
    }

    /// Reads, decides and writes, one step after the other, until nothing is left to do.
    async fn run_steps(
        &self,
        id: &ClientId,
        figures: &mut Figures,
        request_id: &str,
    ) -> Result<(), StoreError> {
        self.app
            .run(figures, |figures: &mut Figures, now| async move {
                // INVARIANT: the client, with the `seq` of its seats, is read before the seats are counted.
                let only_client =
                    Reading { client: id, scopes: vec![], collaborators: vec![], counters: vec![] };
                let client = self.app.table.read(only_client, now).await?.client;
                let client = client.ok_or(StoreError::NoClient)?;
                let records = self.app.table.read_client(id, now).await?;
                let collaborators: Vec<&Collaborator> = records.collaborators.values().collect();
                match audit::next(&client, &collaborators, now) {
                    Step::Sweep(decision) => {
                        let swept = self.write(id, &decision, request_id).await?;
                        if swept {
                            figures.swept(&decision);
                        }
                        Ok(Attempt::step(swept, figures))
                    }
                    Step::Repair(repair) => {
                        let repaired = self.app.table.repair(&repair).await?;
                        // If the repair fails, the seats changed while they were counted: there was no drift.
                        if repaired {
                            figures.drift = repair.drift();
                            figures.repaired += 1;
                        }
                        Ok(Attempt::step(repaired, figures))
                    }
                    Step::Done(findings) => {
                        if let Some(reminders) = self.reminders(&client, &records, now)? {
                            let written = self.write(id, &reminders, request_id).await?;
                            return Ok(Attempt::step(written, figures));
                        }
                        *figures = figures.with(findings);
                        self.notify_expiries(&client, &records, now, request_id).await?;
                        self.notify_teams(&client, &records, now, request_id).await?;
                        self.notify_inviters(&client, &records, now, request_id).await?;
                        figures.undeliverable += self.give_up_lost(id, &collaborators, now).await?;
                        self.tidy_rows(id, &records).await?;
                        self.index_history(id, records.indexed.clone(), now).await?;
                        if collaborators.iter().any(|it| it.waiting().is_some()) {
                            let request = RequestContext::for_event(id, request_id);
                            Box::pin(self.app.pass_seats(request)).await?;
                        }
                        let audited = Audited { at: now, figures: *figures };
                        self.app.table.write_audit(id, audited).await.map(Attempt::Done)
                    }
                }
            })
            .await
    }

    pub(crate) async fn write(
        &self,
        client: &ClientId,
        decision: &Decision,
        request_id: &str,
    ) -> Result<bool, StoreError> {
        self.app.write(decision, RequestContext::for_event(client, request_id), None).await
    }

    /// Marks the invitations as failed whose mail is queued but not in the outbox, and returns their number. Nothing else
    /// would send or report such a mail.
    async fn give_up_lost(
        &self,
        client: &ClientId,
        collaborators: &[&Collaborator],
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let overdue: Vec<_> = audit::overdue(collaborators.iter().copied(), now).collect();
        let mails: Vec<_> = overdue.iter().map(|(_, mail_id)| *mail_id).collect();
        let lost = self.app.table.not_in_outbox(&mails).await?;
        let mut given_up = 0;
        for (id, mail_id) in overdue.into_iter().filter(|(_, mail_id)| lost.contains(*mail_id)) {
            if self.app.table.record_lost(Invited { client, id, mail_id }, now).await? {
                tracing::error!(
                    collaborator = id.as_str(),
                    "an invitation was queued, but is not in the outbox"
                );
                given_up += 1;
            }
        }
        Ok(given_up)
    }

    /// Writes the rows that grants lack, because the version before this one gave them, and removes those whose grants
    /// are gone. From then on lists read the rows.
    async fn tidy_rows(
        &self,
        client: &ClientId,
        records: &ClientRecords,
    ) -> Result<(), StoreError> {
        let table = &self.app.table;
        let found = table.read_all_rows(client).await?;
        let needed: BTreeSet<GrantRow> =
            records.collaborators.values().flat_map(table::rows_of).collect();
        let missing: Vec<GrantRow> = needed.difference(&found).cloned().collect();
        table.write_rows(&missing).await?;
        let left_over: Vec<GrantRow> = found.difference(&needed).cloned().collect();
        table.remove_rows(&left_over).await?;
        if !records.listed {
            table.mark_listed(client).await?;
        }
        Ok(())
    }

    /// Writes the pointers of the history entries since the last audit, as many as an audit has time for.
    async fn index_history(
        &self,
        client: &ClientId,
        mut indexed: Option<EntryId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for _ in 0..HISTORY_STEPS {
            let next = self.app.table.index_history(client, indexed.as_ref(), now).await?;
            if next.is_none() {
                break;
            }
            indexed = next;
        }
        Ok(())
    }

    /// Emits the metrics of a run, unless there was nothing to do.
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

/// The sums of the figures of a run's clients.
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
    /// Adds the figures of one client. Drift counts in both directions.
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

/// Logs why a client could not be audited. The errors contain no address.
fn log(error: &(dyn std::error::Error + 'static), client: Option<&ClientId>) {
    let (client, cause) = (client.map(ClientId::as_str), logs::causes(error));
    tracing::error!(client, cause, "the seats of a client were not audited");
}
