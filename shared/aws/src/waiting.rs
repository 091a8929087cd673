//! Passing a seat on to the people who wait for one.

use std::collections::BTreeMap;

use coulisses_domain::{
    actor::Actor,
    caller::Caller,
    client::Client,
    collaborator::Collaborator,
    decision::Decision,
    facts::Facts,
    ids::CollaboratorId,
    scope::{ClientId, ScopeId},
    time::Timestamp,
    waiting::{self, Candidate, Head, LOOKED_AT},
};

use crate::{
    app::App,
    command::{Attempt, RequestContext},
    random,
    table::{ClientRecords, Reading, StoreError},
};

impl App {
    /// The decision with the seat that it releases passed on to the first of those who wait in `client`, which is the client
    /// after it; `None` if no one can have it. At least two trips.
    pub(crate) async fn passing_on(
        &self,
        decision: &Decision,
        client: &Client,
    ) -> Result<Option<Decision>, StoreError> {
        let head = self.head(client, decision.now()).await?;
        let mail_id = random::mail_id(decision.now())?;
        Ok(waiting::pass(decision, client, &head, &mail_id))
    }

    /// Reads the head of the waiting list: in one trip the records, in another one what decides about them.
    async fn head(&self, client: &Client, now: Timestamp) -> Result<Head, StoreError> {
        let ids: Vec<&CollaboratorId> = client.waiting.iter().take(LOOKED_AT).collect();
        let reading = Reading {
            client: &client.id,
            scopes: vec![],
            collaborators: ids.clone(),
            counters: ids.clone(),
        };
        let first = self.table.read_without_events(reading, now).await?;
        let scopes: Vec<ScopeId> =
            first.collaborators.values().flat_map(|it| it.grants.keys().cloned()).collect();
        let inviters: Vec<CollaboratorId> =
            first.collaborators.values().filter_map(|it| self.inviter(&client.id, it)).collect();
        let reading = Reading {
            client: &client.id,
            scopes: scopes.iter().filter(|scope| !scope.is_client()).collect(),
            collaborators: ids.into_iter().chain(&inviters).collect(),
            counters: vec![],
        };
        let mut found = self.table.read(reading, now).await?;
        found.counters = first.counters;
        Ok(self.head_of(client, &found))
    }

    /// The people who wait, in order, as far as they were read.
    fn head_of(&self, client: &Client, records: &ClientRecords) -> Head {
        let candidate = |id: &CollaboratorId| {
            let record = records.collaborators.get(id)?;
            let inviter = self.inviter(&client.id, record);
            Some(Candidate {
                record: record.clone(),
                counter: records.counters.get(id).cloned(),
                inviter: inviter.and_then(|id| records.collaborators.get(&id).cloned()),
            })
        };
        Head {
            candidates: client.waiting.iter().filter_map(candidate).collect(),
            scopes: records.scopes.clone(),
            limits: self.settings.limits,
        }
    }

    /// The id of the user who invited a collaborator, or put them on the waiting list. `None` if a platform or the system did.
    #[must_use]
    pub fn inviter(&self, client: &ClientId, invited: &Collaborator) -> Option<CollaboratorId> {
        match invited.invited_by()? {
            Actor::User { email, .. } => Some(self.settings.ids.collaborator(client, email)),
            Actor::Platform(_) | Actor::System(_) => None,
        }
    }

    /// Passes the free seats of a client on to people who wait, one by one, until none is free or no one can have it.
    /// Returns how many are still on the list.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn pass_seats(&self, request: RequestContext<'_>) -> Result<usize, StoreError> {
        self.run(None, |read: Option<ClientRecords>, now| async move {
            let mut records = match read {
                Some(records) => records,
                None => self.read_waiting(request.client, now).await?,
            };
            let Some(client) = records.client.clone() else { return Ok(Attempt::Done(0)) };
            let mail_id = random::mail_id(now)?;
            let head = self.head_of(&client, &records);
            let next = waiting::tidy(&client, &records.collaborators, now)
                .or_else(|| waiting::pass_free(&client, &head, &mail_id, now));
            let Some(decision) = next else { return Ok(Attempt::Done(client.waiting.len())) };
            let written = self.write(&decision, request, None).await?;
            if written {
                records.apply(&decision);
            }
            Ok(Attempt::step(written, written.then_some(records)))
        })
        .await
    }

    /// Reads the facts of a command about the waiting list of a client, and those who wait: in one trip to find them, and in
    /// another one as they are.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn waiting_list(
        &self,
        caller: &Caller,
        at: &ScopeId,
        now: Timestamp,
    ) -> Result<(Facts, BTreeMap<CollaboratorId, Collaborator>), StoreError> {
        let client = at.client();
        let mut reading = Reading {
            client: &client,
            scopes: vec![],
            collaborators: caller.id().into_iter().collect(),
            counters: vec![],
        };
        let mut records = self.table.read(reading.clone(), now).await?;
        let waiting = waiting_in(&records);
        if !waiting.is_empty() {
            reading.collaborators.extend(&waiting);
            records = self.table.read(reading, now).await?;
        }
        Ok((self.facts_from(&records, caller, at, None), records.collaborators))
    }

    /// Reads a whole client, and the mail counters of those who wait.
    async fn read_waiting(
        &self,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<ClientRecords, StoreError> {
        let mut records = self.table.read_client(client, now).await?;
        let waiting = waiting_in(&records);
        if !waiting.is_empty() {
            let counters = waiting.iter().collect();
            let reading = Reading { client, scopes: vec![], collaborators: vec![], counters };
            records.counters = self.table.read(reading, now).await?.counters;
        }
        Ok(records)
    }
}

/// The ids of the people who wait for a seat of the client that was read, in order.
fn waiting_in(records: &ClientRecords) -> Vec<CollaboratorId> {
    records.client.as_ref().map(|client| client.waiting.clone()).unwrap_or_default()
}
