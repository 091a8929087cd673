//! What an erasure reads and writes beside records: the mails that wait in the outbox, and the history, of which it alone
//! rewrites entries.

use coulisses_domain::{
    announce::Announcement,
    collaborator::MailId,
    erase::{MailDisposition, Rewritten},
    history::Actor,
    mail::Mail,
    scope::ClientId,
    time::Timestamp,
};

use super::{
    CommitError, StoreError, Table,
    collaborator::StoredActor,
    key::{self, Key, SHARDS},
    load::{as_item, key_of, parse, readable},
    outbox::is_announcement,
    record::{StoredAnnouncement, StoredEntry, StoredMail},
    update::{Expression, attribute, item, text},
};

/// How many entries of the history are rewritten at once.
const AT_ONCE: usize = 50;

/// A mail that waits in the outbox.
#[derive(Clone, Debug)]
pub struct WaitingMail {
    key: Key,
    /// What is to be said.
    pub what: QueuedContent,
    /// When it was written.
    pub queued_at: Timestamp,
}

/// What is to be said by a row of the outbox.
#[derive(Clone, Debug)]
pub enum QueuedContent {
    /// Something to one person.
    Mail(Box<Mail>),
    /// Something to everybody, of which the mails are still to be written.
    Announcement(Box<Announcement>),
}

impl QueuedContent {
    /// Who says it.
    #[must_use]
    pub const fn by(&self) -> &Actor {
        match self {
            Self::Mail(mail) => &mail.by,
            Self::Announcement(announcement) => &announcement.by,
        }
    }
}

impl Table {
    /// The mails of a client that wait in the outbox, leased or not, the oldest first: a trip a shard and megabyte.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds what cannot be read.
    pub async fn waiting_of(&self, client: &ClientId) -> Result<Vec<WaitingMail>, StoreError> {
        let mut waiting = Vec::new();
        for shard in 0..SHARDS {
            let query = self
                .client
                .query()
                .key_condition_expression("pk = :pk")
                .filter_expression("#client = :client")
                .expression_attribute_names("#client", "client")
                .expression_attribute_values(":pk", text(&key::outbox_shard(shard)))
                .expression_attribute_values(":client", text(client.as_str()));
            for item in self.query_all(query).await? {
                let key = key_of(&item)?;
                let mail_id = MailId::new(key.sk.clone());
                let (what, queued_at) = if is_announcement(&item) {
                    let stored: StoredAnnouncement = parse(&key, item)?;
                    let queued_at = stored.queued_at;
                    let (announcement, _) = readable(&key, stored.into_domain(mail_id))?;
                    (QueuedContent::Announcement(Box::new(announcement)), queued_at)
                } else {
                    let stored: StoredMail = parse(&key, item)?;
                    let queued_at = stored.queued_at;
                    let mail = readable(&key, stored.into_domain(mail_id))?;
                    (QueuedContent::Mail(Box::new(mail)), queued_at)
                };
                waiting.push(WaitingMail {
                    key,
                    what,
                    queued_at: Timestamp::from_millis(queued_at),
                });
            }
        }
        waiting.sort_by(|left, right| left.key.sk.cmp(&right.key.sk));
        Ok(waiting)
    }

    /// Does with a mail what is to become of it; one that was sent meanwhile is left alone.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn settle(
        &self,
        waiting: &WaitingMail,
        disposition: &MailDisposition,
    ) -> Result<(), StoreError> {
        let key = &waiting.key;
        match disposition {
            MailDisposition::Stays => Ok(()),
            MailDisposition::Goes => {
                let request = self.client.delete_item().table_name(&self.name);
                let sent = request.set_key(Some(as_item(key))).send().await;
                sent.map(drop).map_err(|error| StoreError::request("DeleteItem", error))
            }
            MailDisposition::From(actor) => {
                let mut expression = Expression::default();
                expression.require("pk", text(&key.pk));
                expression.set("by", attribute(&StoredActor::from(actor))?);
                expression.remove("message");
                self.update_if(key, expression).await.map(drop)
            }
        }
    }

    /// Rewrites entries of a client's history, some at a time. Only what differs is written, so that the erasure of
    /// somebody else who stands in the same entry is not undone.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not do it, or it is not known whether it did.
    pub async fn rewrite(
        &self,
        client: &ClientId,
        entries: &[Rewritten],
    ) -> Result<(), StoreError> {
        for some in entries.chunks(AT_ONCE) {
            let mut actions = Vec::with_capacity(some.len());
            for entry in some {
                let (before, after) = (entry.before(), entry.after());
                let key = key::history(client, before.id.as_str());
                let mut expression = Expression::default();
                expression.require("pk", text(&key.pk));
                expression.set_difference(
                    &item(&StoredEntry::new(&before.entry, None))?,
                    &item(&StoredEntry::new(&after.entry, None))?,
                    &[],
                );
                actions.push(self.update(&key, expression)?);
            }
            match self.transact(&actions, self.patience).await {
                Ok(()) => {}
                // Nothing ever removes an entry.
                Err(CommitError::ConditionFailed) => return Err(StoreError::Busy),
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }
}
