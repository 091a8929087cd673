//! The mails about access that ends soon. If a record changes meanwhile, the next audit queues them.

use std::collections::BTreeMap;

use coulisses_aws::{
    random,
    table::{ClientRecords, Reading, StoreError},
};
use coulisses_domain::{
    audit::{self, ExpiringAccess},
    client::Client,
    collaborator::Collaborator,
    ending_team,
    ids::CollaboratorId,
    mail_quota::MailCounter,
    time::Timestamp,
};

use crate::Audit;

/// How many mail counters one trip reads: it reads 100 items, and the client's is one of them.
const COUNTERS: usize = 99;

impl Audit {
    /// Queues a mail to each collaborator whose access ends soon.
    pub(crate) async fn notify_expiries(
        &self,
        client: &Client,
        records: &ClientRecords,
        now: Timestamp,
        request_id: &str,
    ) -> Result<(), StoreError> {
        let soon = |collaborator: &&Collaborator| audit::ends_soon(collaborator, now);
        let soon: Vec<&Collaborator> = records.collaborators.values().filter(soon).collect();
        let mut counters = self.counters(client, &soon, now).await?;
        for collaborator in soon {
            let mut counter = counters.remove(&collaborator.id);
            loop {
                let scopes = &records.scopes;
                let facts =
                    ExpiringAccess { client, scopes, collaborator, counter: counter.as_ref() };
                let Some(next) = audit::notify_expiry(facts, random::mail_id(now)?, now) else {
                    break;
                };
                if !self.write(&client.id, &next.decision, request_id).await? {
                    break;
                }
                counter = Some(next.answer);
            }
        }
        Ok(())
    }

    /// Queues a mail to those who manage an event whose team's access ends soon.
    pub(crate) async fn notify_teams(
        &self,
        client: &Client,
        records: &ClientRecords,
        now: Timestamp,
        request_id: &str,
    ) -> Result<(), StoreError> {
        for team in ending_team::ending(client, &records.scopes, &records.collaborators, now) {
            let counters = self.counters(client, &team.managers, now).await?;
            for manager in &team.managers {
                let (counter, mail_id) = (counters.get(&manager.id), random::mail_id(now)?);
                let next = ending_team::notify(client, &team, manager, counter, mail_id, now);
                if let Some(next) = next {
                    self.write(&client.id, &next.decision, request_id).await?;
                }
            }
        }
        Ok(())
    }

    /// The mail counters of these people.
    pub(crate) async fn counters(
        &self,
        client: &Client,
        of: &[&Collaborator],
        now: Timestamp,
    ) -> Result<BTreeMap<CollaboratorId, MailCounter>, StoreError> {
        let mut found = BTreeMap::new();
        for chunk in of.chunks(COUNTERS) {
            let counters = chunk.iter().map(|collaborator| &collaborator.id).collect();
            let reading =
                Reading { client: &client.id, scopes: vec![], collaborators: vec![], counters };
            found.extend(self.app.table.read(reading, now).await?.counters);
        }
        Ok(found)
    }
}
