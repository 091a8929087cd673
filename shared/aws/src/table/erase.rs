//! The outbox and the history, as an erasure reads and rewrites them. Nothing else changes a history entry.

use coulisses_domain::{
    erase::{MailDisposition, RewrittenEntry},
    scope::ClientId,
};

use super::{
    CommitError, StoreError, Table,
    actor::StoredActor,
    key::{self, SHARDS},
    outbox::QueuedMail,
    query::all_pages,
    record::StoredEntry,
    update::{Expression, attribute, item, text},
};

/// How many history entries one transaction rewrites.
const AT_ONCE: usize = 50;

impl Table {
    /// Reads the queued mails of a client, leased or not, oldest first: one call for each shard and megabyte.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or a row cannot be read.
    pub async fn queued_mails(&self, client: &ClientId) -> Result<Vec<QueuedMail>, StoreError> {
        let mut queued = Vec::new();
        for shard in 0..SHARDS {
            let query = self
                .partition_query(&key::outbox_shard(shard))
                .filter_expression("#client = :client")
                .expression_attribute_names("#client", "client")
                .expression_attribute_values(":client", text(client.as_str()));
            for item in all_pages(query).await? {
                queued.push(QueuedMail::read(item)?);
            }
        }
        queued.sort_by(|left, right| left.key.sk.cmp(&right.key.sk));
        Ok(queued)
    }

    /// Keeps, deletes or rewrites a queued mail. A mail that was sent meanwhile stays deleted.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn settle(
        &self,
        queued: &QueuedMail,
        disposition: &MailDisposition,
    ) -> Result<(), StoreError> {
        let key = &queued.key;
        match disposition {
            MailDisposition::Keep => Ok(()),
            MailDisposition::Discard => self.finish(queued).await,
            MailDisposition::Reattribute(actor) => {
                let mut expression = Expression::default();
                expression.require("pk", text(&key.pk));
                expression.set("by", attribute(&StoredActor::new(actor))?);
                expression.remove("message");
                self.update_if(key, expression).await.map(drop)
            }
        }
    }

    /// Rewrites history entries of a client. Only the attributes that differ are written, so the erasure of another person
    /// in the same entry is kept.
    ///
    /// # Errors
    /// [`StoreError`] if a transaction fails or its outcome is unknown.
    pub async fn rewrite(
        &self,
        client: &ClientId,
        entries: &[RewrittenEntry],
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
            match self.transact(&actions).await {
                Ok(()) => {}
                // History entries are never deleted, so this does not happen.
                Err(CommitError::ConditionFailed) => return Err(StoreError::Busy),
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }
}
