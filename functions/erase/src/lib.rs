//! Exports what is known of a person in a client, and erases it if told to; tells who is known in a client.
//!
//! An operator invokes it, whom IAM lets; nothing else does. The words of the event find everything again, so whatever
//! interrupts an erasure, the same once more finishes it.

mod export;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use coulisses_aws::{
    app::App,
    table::{HistoryReading, Partition, Said, StoreError, WaitingMail},
};
use coulisses_domain::{
    client::Client,
    collaborator::{Collaborator, CollaboratorId},
    email::Email,
    erase::{Fate, Rewritten, Subject, is_pseudonym},
    history::{
        Actor,
        seen::{EntryId, Recorded},
    },
    refusal::Refusal,
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
};
use export::Export;
use lambda_http::{Error, LambdaEvent, tracing};
use serde_json::{Value, json};
use wanted::Wanted;

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
    people: BTreeMap<CollaboratorId, Collaborator>,
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
        let Ok(wanted) = Wanted::read(payload) else {
            return Ok(json!({ "outcome": "not-understood", "detail": wanted::USAGE }));
        };
        let answer = Box::pin(self.answer(&wanted, &context.request_id)).await;
        let client = &wanted.client;
        let outcome = answer
            .as_ref()
            .map_or("failed", |answer| answer["outcome"].as_str().unwrap_or("listed"));
        let (client, action) = (client.as_str(), wanted.action());
        tracing::info!(request_id = context.request_id, client, action, outcome, "request");
        answer
    }

    async fn answer(&self, wanted: &Wanted, request_id: &str) -> Result<Value, Error> {
        let Some(all) = self.everything(&wanted.client).await? else {
            return Ok(json!({ "outcome": "no-client", "detail": "There is no such client." }));
        };
        let Some(email) = &wanted.email else { return self.list(&all).await };
        let id = self.app.settings.ids.collaborator(&wanted.client, email)?;
        let subject = Subject::new(id, email.clone())?;
        let person = all.people.get(subject.id());
        let mut export = Export::new(&self.app, &subject, &all.client);
        let owns = subject.owns(&all.client, &all.scopes, person);
        if wanted.after.is_none() {
            export.person(person, self.app.clock.now())?;
            export.owns(&owns);
            export.caused(all.people.values());
            export.mails(&self.app.table.waiting_of(&wanted.client).await?)?;
        }
        let next = self.export_history(&mut export, wanted).await?;
        let outcome = match (wanted.erase, &next) {
            (false, _) | (true, Some(_)) => Outcome::Exported,
            (true, None) if !owns.is_empty() => Outcome::Refused,
            (true, None) if export.is_empty() && wanted.after.is_none() => Outcome::Exported,
            (true, None) => self.erase(&subject, &wanted.client, request_id).await?,
        };
        Ok(export.told(outcome, next.as_ref()))
    }

    /// The client with its people, those included whose time to live is over, as long as they are still there.
    async fn everything(&self, client: &ClientId) -> Result<Option<Everything>, StoreError> {
        let nothing_is_past = Timestamp::from_millis(0);
        let all = self.app.table.read_partition(client, nothing_is_past).await?;
        let Partition { client, scopes, people } = all;
        Ok(client.map(|client| Everything { client, scopes, people }))
    }

    /// Exports the history until the answer is full; where it goes on then.
    async fn export_history(
        &self,
        export: &mut Export<'_>,
        wanted: &Wanted,
    ) -> Result<Option<EntryId>, Error> {
        let mut after = wanted.after.clone();
        loop {
            let stretch = self.stretch(&wanted.client, after.as_ref()).await?;
            for recorded in &stretch.0 {
                if !export.entry(recorded, self.largest)? {
                    return Ok(after);
                }
                after = Some(recorded.id.clone());
            }
            after = stretch.1;
            if after.is_none() {
                return Ok(None);
            }
        }
    }

    /// A stretch of the history, the newest first, and where the next one begins.
    async fn stretch(
        &self,
        client: &ClientId,
        after: Option<&EntryId>,
    ) -> Result<(Vec<Recorded>, Option<EntryId>), StoreError> {
        let reading = HistoryReading { client, collaborator: None, after, most: None };
        let stretch = self.app.table.read_history(reading).await?;
        Ok((stretch.entries, stretch.end))
    }

    /// Erases: the record first, so that nobody acts under it any more and nothing new can name the person; then all
    /// else, in any order.
    async fn erase(
        &self,
        subject: &Subject,
        id: &ClientId,
        request_id: &str,
    ) -> Result<Outcome, Error> {
        let mut tries = 0;
        loop {
            let Everything { client, scopes, people } =
                self.everything(id).await?.ok_or(StoreError::NoClient)?;
            let (person, now) = (people.get(subject.id()), self.app.clock.now());
            let removal = match subject.remove(&client, &scopes, person, now) {
                Ok(removal) => removal,
                // Ownership was handed to the person since it was exported.
                Err(Refusal::OwnerMustTransfer) => return Ok(Outcome::Refused),
                Err(other) => return Err(other.into()),
            };
            let Some(next) = removal.or_else(|| subject.leave(people.values(), now)) else { break };
            let written = self.app.write_once(id, &next, request_id).await?;
            tries = if written { 0 } else { tries + 1 };
            if tries == TRIES {
                return Err(StoreError::Busy.into());
            }
        }
        for waiting in self.app.table.waiting_of(id).await? {
            self.app.table.settle(&waiting, &fate(subject, &waiting)).await?;
        }
        self.rewrite_history(subject, id).await?;
        self.app.count("Erasures", 1);
        Ok(Outcome::Erased)
    }

    async fn rewrite_history(
        &self,
        subject: &Subject,
        client: &ClientId,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let (entries, end) = self.stretch(client, after.as_ref()).await?;
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
        all.people.values().for_each(|person| note(&person.email));
        let mut after = None;
        loop {
            let (entries, end) = self.stretch(&all.client.id, after.as_ref()).await?;
            for Recorded { entry, .. } in &entries {
                note(&entry.collaborator.email);
                if let Actor::Person { email, .. } = &entry.actor {
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
enum Outcome {
    Exported,
    Erased,
    Refused,
}

/// What becomes of a mail that waits.
fn fate(subject: &Subject, waiting: &WaitingMail) -> Fate {
    match &waiting.what {
        Said::ToOne(notice) => subject.fate(notice),
        Said::ToEverybody(announcement) => subject.fate_by(&announcement.by),
    }
}
