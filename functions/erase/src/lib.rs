//! Exports what is known of a person in a client, and erases it if told to; tells who is known in a client.
//!
//! An operator invokes it, whom IAM lets; nothing else does. The words of the event find everything again, so whatever
//! interrupts an erasure, the same once more finishes it.

mod export;
mod request;

use std::collections::{BTreeMap, BTreeSet};

use coulisses_aws::{
    app::App,
    table::{HistoryReading, Partition, QueuedContent, StoreError, WaitingMail},
};
use coulisses_domain::{
    client::Client,
    collaborator::{Collaborator, CollaboratorId},
    email::Email,
    erase::{ErasureSubject, MailDisposition, Rewritten, is_pseudonym},
    history::{
        Actor,
        view::{EntryId, Recorded},
    },
    refusal::Refusal,
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
};
use export::Export;
use lambda_http::{Error, LambdaEvent, tracing};
use request::ErasureRequest;
use serde_json::{Value, json};

/// How often in a row the world may change under an erasure.
const TRIES: u32 = 3;

/// Exports and erases.
#[derive(Clone)]
pub struct Erase {
    /// The table, the clock and the settings.
    pub app: App,
    /// The most bytes of the history in one answer.
    pub largest: usize,
}

/// All of a client but its history and its mail.
struct Everything {
    client: Client,
    scopes: BTreeMap<ScopeId, Scope>,
    collaborators: BTreeMap<CollaboratorId, Collaborator>,
}

impl Erase {
    /// Well below what a Lambda function may answer (6 MB).
    const LARGEST: usize = 4_000_000;

    /// Exports as much at once as a Lambda function may answer.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app, largest: Self::LARGEST }
    }

    /// Does what the event says. What is wrong with it, or stands against it, is answered; nothing is changed then.
    ///
    /// # Errors
    /// What the table gives, or that the world kept changing: the same is to be asked again.
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
        let Some(all) = self.everything(&request.client).await? else {
            return Ok(json!({ "outcome": "no-client", "detail": "There is no such client." }));
        };
        let Some(email) = &request.email else { return self.list(&all).await };
        let id = self.app.settings.ids.collaborator(&request.client, email)?;
        let subject = ErasureSubject::new(id, email.clone())?;
        let collaborator = all.collaborators.get(subject.id());
        let mut export = Export::new(&self.app, &subject, &all.client);
        let owns = subject.owns(&all.client, &all.scopes, collaborator);
        if request.after.is_none() {
            export.collaborator(collaborator, self.app.clock.now())?;
            export.owns(&owns);
            export.caused(all.collaborators.values());
            export.mails(&self.app.table.waiting_of(&request.client).await?)?;
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
        Ok(export.told(outcome, next.as_ref()))
    }

    /// The client with its people, those included whose time to live is over, as long as they are still there.
    async fn everything(&self, client: &ClientId) -> Result<Option<Everything>, StoreError> {
        let nothing_is_past = Timestamp::from_millis(0);
        let all = self.app.table.read_partition(client, nothing_is_past).await?;
        let Partition { client, scopes, collaborators } = all;
        Ok(client.map(|client| Everything { client, scopes, collaborators }))
    }

    /// Exports the history until the answer is full; where it goes on then.
    async fn export_history(
        &self,
        export: &mut Export<'_>,
        request: &ErasureRequest,
    ) -> Result<Option<EntryId>, Error> {
        let mut after = request.after.clone();
        loop {
            let page = self.page(&request.client, after.as_ref()).await?;
            for recorded in &page.0 {
                if !export.entry(recorded, self.largest)? {
                    return Ok(after);
                }
                after = Some(recorded.id.clone());
            }
            after = page.1;
            if after.is_none() {
                return Ok(None);
            }
        }
    }

    /// A stretch of the history, the newest first, and where the next one begins.
    async fn page(
        &self,
        client: &ClientId,
        after: Option<&EntryId>,
    ) -> Result<(Vec<Recorded>, Option<EntryId>), StoreError> {
        let reading = HistoryReading { client, collaborator: None, after, most: None };
        let page = self.app.table.read_history(reading).await?;
        Ok((page.entries, page.end))
    }

    /// Erases: the record first, so that nobody acts under it any more and nothing new can name the person; then all
    /// else, in any order.
    async fn erase(
        &self,
        subject: &ErasureSubject,
        id: &ClientId,
        request_id: &str,
    ) -> Result<ErasureOutcome, Error> {
        let mut tries = 0;
        loop {
            let Everything { client, scopes, collaborators } =
                self.everything(id).await?.ok_or(StoreError::NoClient)?;
            let (collaborator, now) = (collaborators.get(subject.id()), self.app.clock.now());
            let removal = match subject.remove(&client, &scopes, collaborator, now) {
                Ok(removal) => removal,
                // Ownership was handed to the person since it was exported.
                Err(Refusal::OwnerMustTransfer) => return Ok(ErasureOutcome::Refused),
                Err(other) => return Err(other.into()),
            };
            let Some(next) = removal.or_else(|| subject.leave(collaborators.values(), now)) else {
                break;
            };
            let written = self.app.write_once(id, &next, request_id).await?;
            tries = if written { 0 } else { tries + 1 };
            if tries == TRIES {
                return Err(StoreError::Busy.into());
            }
        }
        for waiting in self.app.table.waiting_of(id).await? {
            self.app.table.settle(&waiting, &disposition(subject, &waiting)).await?;
        }
        self.rewrite_history(subject, id).await?;
        self.app.count("Erasures", 1);
        Ok(ErasureOutcome::Erased)
    }

    async fn rewrite_history(
        &self,
        subject: &ErasureSubject,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let (entries, end) = self.page(client, after.as_ref()).await?;
            let rewritten: Vec<Rewritten> =
                entries.iter().filter_map(|recorded| subject.rewrite(recorded)).collect();
            self.app.table.rewrite(client, &rewritten).await?;
            after = end;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Everybody whose address stands in a record or in the history of the client.
    async fn list(&self, all: &Everything) -> Result<Value, Error> {
        let mut known = BTreeSet::new();
        let mut note = |email: &Email| {
            if !is_pseudonym(email) {
                known.insert(email.key().to_owned());
            }
        };
        all.collaborators.values().for_each(|collaborator| note(&collaborator.email));
        let mut after = None;
        loop {
            let (entries, end) = self.page(&all.client.id, after.as_ref()).await?;
            for Recorded { entry, .. } in &entries {
                note(&entry.collaborator.email);
                if let Actor::User { email, .. } = &entry.actor {
                    note(email);
                }
            }
            after = end;
            if after.is_none() {
                break;
            }
        }
        let owners: Vec<&str> = [&all.client.owner]
            .into_iter()
            .chain(all.scopes.values().filter_map(|scope| scope.owner.as_ref()))
            .map(|owner| owner.email.key())
            .collect();
        Ok(json!({ "client": all.client.id.as_str(), "known": known, "owners": owners }))
    }
}

/// What became of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErasureOutcome {
    Exported,
    Erased,
    Refused,
}

/// What becomes of a mail that waits.
fn disposition(subject: &ErasureSubject, waiting: &WaitingMail) -> MailDisposition {
    match &waiting.what {
        QueuedContent::Mail(mail) => subject.disposition(mail),
        QueuedContent::Announcement(announcement) => subject.disposition_by(&announcement.by),
    }
}
