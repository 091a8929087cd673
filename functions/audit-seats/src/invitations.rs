//! The mails about invitations that no one has accepted: reminders to the recipients, digests to the inviters.

use coulisses_aws::{
    random::{self, NoRandomness},
    table::{ClientRecords, StoreError},
};
use coulisses_domain::{
    client::Client, collaborator::Collaborator, decision::Decision, digest, ids::MailId, remind,
    time::Timestamp,
};

use crate::Audit;

impl Audit {
    /// The next reminders, as many as one transaction holds; `None` if none are due.
    pub(crate) fn reminders(
        &self,
        client: &Client,
        records: &ClientRecords,
        now: Timestamp,
    ) -> Result<Option<Decision>, NoRandomness> {
        let pending = records.collaborators.values().filter(|it| it.invitation().is_some());
        let mail_ids: Result<Vec<MailId>, _> =
            pending.take(remind::MOST_AT_ONCE).map(|_| random::mail_id(now)).collect();
        let (scopes, people) = (&records.scopes, &records.collaborators);
        let limits = self.app.settings.limits;
        Ok(remind::decide((client, scopes), people, limits, mail_ids?, now))
    }

    /// Queues a digest to each inviter whose invitations need them. If a record changes meanwhile, the next audit queues it.
    pub(crate) async fn notify_inviters(
        &self,
        client: &Client,
        records: &ClientRecords,
        now: Timestamp,
        request_id: &str,
    ) -> Result<(), StoreError> {
        let inviters = digest::inviters(&records.collaborators, now);
        let people: Vec<&Collaborator> = inviters.iter().map(|issues| issues.inviter).collect();
        let counters = self.counters(client, &people, now).await?;
        for issues in &inviters {
            let (counter, mail_id) = (counters.get(&issues.inviter.id), random::mail_id(now)?);
            if let Some(next) = digest::decide(client, issues, counter, mail_id, now) {
                self.write(&client.id, &next.decision, request_id).await?;
            }
        }
        Ok(())
    }
}
