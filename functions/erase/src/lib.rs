//! Exports what is stored about a collaborator of a client, erases it on request, and lists a client's known addresses.
//!
//! Only an operator invokes it, with IAM permissions. Sending the same event again finishes an interrupted erasure.

mod export;
mod request;

use std::collections::BTreeSet;

use coulisses_aws::{
    app::App,
    command::{Attempt, CommandError, RequestContext},
    table::{ClientRecords, HistoryReading, QueuedContent, QueuedMail, Reading, StoreError},
};
use coulisses_domain::{
    actor::Actor,
    client::Client,
    email::Email,
    erase::{ErasureSubject, MailDisposition, RewrittenEntry},
    history::view::{EntryId, HistoryPage, RecordedEntry},
    refusal::Refusal,
    scope::ClientId,
    time::Timestamp,
};
use export::Export;
use lambda_http::{Error, LambdaEvent, tracing};
use request::ErasureRequest;
use serde_json::{Value, json};

/// Exports and erases.
#[derive(Clone)]
pub struct Erase {
    /// The table, the clock and the settings.
    pub app: App,
    /// The most bytes of history in one response.
    pub largest: usize,
}

impl Erase {
    /// Well below the 6 MB of a Lambda response.
    const LARGEST: usize = 4_000_000;

    /// Exports as much at once as a Lambda response may contain.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app, largest: Self::LARGEST }
    }

    /// Does what the event requests. If it is invalid or cannot be done, the response says why and nothing changes.
    ///
    /// # Errors
    /// Fails if the table does not respond or the records keep changing. The same event can be sent again.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let LambdaEvent { payload, context } = event;
        let Ok(request) = ErasureRequest::read(payload) else {
            return Ok(json!({ "outcome": "not-understood", "detail": request::USAGE }));
        };
        let answer = Box::pin(self.answer(&request, &context.request_id)).await;
        let client = &request.client;
        let outcome = answer
            .as_ref()
            .map_or("failed", |answer| answer["outcome"].as_str().unwrap_or("listed"));
        let (client, action) = (client.as_str(), request.action());
        tracing::info!(request_id = context.request_id, client, action, outcome, "request");
        answer
    }

    async fn answer(&self, request: &ErasureRequest, request_id: &str) -> Result<Value, Error> {
        let records = self.records(&request.client).await?;
        let Some(client) = &records.client else {
            return Ok(json!({ "outcome": "no-client", "detail": "There is no such client." }));
        };
        let Some(email) = &request.email else { return self.list(client, &records).await };
        let id = self.app.settings.ids.collaborator(&request.client, email);
        let subject = ErasureSubject::new(id, email.clone());
        let collaborator = records.collaborators.get(subject.id());
        let mut export = Export::new(&self.app, &subject, client);
        let owns = subject.owned_scopes(client, &records.scopes, collaborator);
        if request.after.is_none() {
            export.collaborator(collaborator, self.app.clock.now());
            export.owns(&owns);
            export.caused(records.collaborators.values());
            export.mails(&self.app.table.queued_mails(&request.client).await?);
        }
        let next = self.export_history(&mut export, request).await?;
        let outcome = match (request.erase, &next) {
            (false, _) | (true, Some(_)) => ErasureOutcome::Exported,
            (true, None) if !owns.is_empty() => ErasureOutcome::Refused,
            (true, None) if export.is_empty() && request.after.is_none() => {
                ErasureOutcome::Exported
            }
            (true, None) => self.erase(&subject, &request.client, request_id).await?,
        };
        Ok(export.into_response(outcome, next.as_ref()))
    }

    /// The records of the client, including those past their time to live that DynamoDB has not deleted yet.
    async fn records(&self, client: &ClientId) -> Result<ClientRecords, StoreError> {
        let nothing_is_past = Timestamp::from_millis(0);
        self.app.table.read_client(client, nothing_is_past).await
    }

    /// Exports the history until the response is full. Returns the entry after which to continue.
    async fn export_history(
        &self,
        export: &mut Export<'_>,
        request: &ErasureRequest,
    ) -> Result<Option<EntryId>, Error> {
        let mut after = request.after.clone();
        loop {
            let page = self.page(&request.client, after.as_ref()).await?;
            for recorded in &page.entries {
                if !export.entry(recorded, self.largest) {
                    return Ok(after);
                }
                after = Some(recorded.id.clone());
            }
            after = page.end;
            if after.is_none() {
                return Ok(None);
            }
        }
    }

    async fn page(
        &self,
        client: &ClientId,
        after: Option<&EntryId>,
    ) -> Result<HistoryPage, StoreError> {
        let reading = HistoryReading { client, collaborator: None, after, most: None };
        self.app.table.read_history(reading).await
    }

    /// Erases the record first, so that no one acts under it any more and nothing new can name the collaborator; then
    /// everything else of that time, in any order. The person may be invited again in the meantime.
    async fn erase(
        &self,
        subject: &ErasureSubject,
        id: &ClientId,
        request_id: &str,
    ) -> Result<ErasureOutcome, Error> {
        // The record is removed once: one that exists later belongs to a new invitation.
        let erased = self.app.run(false, |is_removed, now| async move {
            let ClientRecords { client, scopes, collaborators, .. } = self.records(id).await?;
            let client = client.ok_or(StoreError::NoClient)?;
            let record = collaborators.get(subject.id());
            let next = if is_removed {
                subject.before(record).rewrite_others(collaborators.values(), now)
            } else {
                let removal = subject.remove(&client, &scopes, record, now)?;
                removal.or_else(|| subject.rewrite_others(collaborators.values(), now))
            };
            let Some(next) = next else { return Ok(Attempt::Done(())) };
            let context = RequestContext::for_event(id, request_id);
            let written = self.app.write(&next, context, None).await?;
            Ok(Attempt::step(written, is_removed || written))
        });
        match erased.await {
            Ok(()) => {}
            // The collaborator became an owner after the export.
            Err(CommandError::Refused(Refusal::OwnerMustTransfer)) => {
                return Ok(ErasureOutcome::Refused);
            }
            Err(other) => return Err(other.into()),
        }
        let queued_mails = self.app.table.queued_mails(id).await?;
        let erased = self.before_new_invitation(subject, id).await?;
        for queued in queued_mails {
            self.app.table.settle(&queued, &disposition(&erased, &queued)).await?;
        }
        self.remove_rows(subject, id).await?;
        self.rewrite_history(subject, id).await?;
        self.app.count("Erasures", 1);
        Ok(ErasureOutcome::Erased)
    }

    /// The person up to the time when they were invited again, if they were.
    async fn before_new_invitation(
        &self,
        subject: &ErasureSubject,
        client: &ClientId,
    ) -> Result<ErasureSubject, StoreError> {
        let collaborators = vec![subject.id()];
        let reading = Reading { client, scopes: vec![], collaborators, counters: vec![] };
        let records = self.app.table.read(reading, self.app.clock.now()).await?;
        Ok(subject.before(records.collaborators.get(subject.id())))
    }

    /// Removes the rows of the person's grants, which have their address.
    async fn remove_rows(
        &self,
        subject: &ErasureSubject,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        let rows = self.app.table.read_all_rows(client).await?;
        let of_person: Vec<_> = rows.into_iter().filter(|row| row.id == *subject.id()).collect();
        self.app.table.remove_rows(&of_person).await
    }

    async fn rewrite_history(
        &self,
        subject: &ErasureSubject,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let HistoryPage { entries, end } = self.page(client, after.as_ref()).await?;
            let erased = self.before_new_invitation(subject, client).await?;
            let rewritten: Vec<RewrittenEntry> =
                entries.iter().filter_map(|recorded| erased.rewrite(recorded)).collect();
            self.app.table.rewrite(client, &rewritten).await?;
            after = end;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// The addresses in the records and the history of the client.
    async fn list(&self, client: &Client, records: &ClientRecords) -> Result<Value, Error> {
        let mut known = BTreeSet::new();
        let mut add = |email: &Email| {
            if !email.is_pseudonym() {
                known.insert(email.key().to_owned());
            }
        };
        records.collaborators.values().for_each(|collaborator| add(&collaborator.email));
        let mut after = None;
        loop {
            let HistoryPage { entries, end } = self.page(&client.id, after.as_ref()).await?;
            for RecordedEntry { entry, .. } in &entries {
                entry.collaborator.iter().for_each(|it| add(&it.email));
                if let Actor::User { email, .. } = &entry.actor {
                    add(email);
                }
            }
            after = end;
            if after.is_none() {
                break;
            }
        }
        let owners: Vec<&str> = [&client.owner]
            .into_iter()
            .chain(records.scopes.values().filter_map(|scope| scope.owner.as_ref()))
            .map(|owner| owner.email.key())
            .collect();
        Ok(json!({ "client": client.id.as_str(), "known": known, "owners": owners }))
    }
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErasureOutcome {
    Exported,
    Erased,
    Refused,
}

/// What happens to a queued mail.
fn disposition(subject: &ErasureSubject, queued: &QueuedMail) -> MailDisposition {
    match &queued.content {
        QueuedContent::Mail(mail) => subject.disposition(mail),
        QueuedContent::Announcement { announcement, .. } => {
            subject.disposition_by(&announcement.actor, &announcement.mail_id)
        }
    }
}
