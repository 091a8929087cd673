//! The outbox: mail that a transaction wrote down and that is still to be sent.

use std::time::Duration;

use coulisses_domain::{
    announce::Announcement,
    collaborator::{Collaborator, CollaboratorId, Delivery, MailId},
    mail::Mail,
    scope::ClientId,
    time::Timestamp,
    token::TokenHash,
};

use super::{
    CommitError, StoreError, Table,
    key::{self, Key, SHARDS},
    load::{Item, as_item, key_of, parse, readable},
    record::{StoredAnnouncement, StoredMail},
    update::{Expression, Updated, number, text},
};

/// A row of the outbox that this delivery has leased.
#[derive(Clone, Debug)]
pub enum Leased {
    /// A mail.
    Mail(LeasedMail),
    /// A message to everybody, of which the mails are still to be written.
    Announcement(LeasedAnnouncement),
}

/// A mail.
#[derive(Clone, Debug)]
pub struct LeasedMail {
    /// What is to be said to whom.
    pub mail: Mail,
    /// When it was written.
    pub queued_at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// This delivery's hold on it.
    pub lease: Lease,
}

/// A message to everybody, of which the mails are still to be written.
#[derive(Clone, Debug)]
pub struct LeasedAnnouncement {
    /// What is to be said.
    pub announcement: Announcement,
    /// Whom the last mail so far is for.
    pub after: Option<CollaboratorId>,
    /// This delivery's hold on it.
    pub lease: Lease,
}

/// What waits in the outbox.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// The rows that are due.
    pub due: Vec<Key>,
    /// When the oldest row was written, due or not.
    pub oldest: Option<Timestamp>,
}

/// A delivery's hold on a row.
#[derive(Clone, Debug)]
pub struct Lease {
    key: Key,
    /// Its end, by which its holder is known.
    until: Timestamp,
}

/// Who has an invitation, and of which sending.
#[derive(Clone, Copy, Debug)]
pub struct Invited<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// The person.
    pub id: &'a CollaboratorId,
    /// The sending.
    pub mail_id: &'a MailId,
}

/// Whether a row is a message to everybody, of which the mails are still to be written.
pub(super) fn is_announcement(row: &Item) -> bool {
    row.get("kind") == Some(&text(StoredAnnouncement::KIND))
}

impl<'a> From<&'a Mail> for Invited<'a> {
    fn from(mail: &'a Mail) -> Self {
        Self { client: &mail.client, id: &mail.collaborator, mail_id: &mail.mail_id }
    }
}

impl Table {
    /// How long one delivery has a row for itself.
    const LEASE: Duration = Duration::from_mins(1);

    /// Leases a row for a minute, and returns it; `None` if it is gone, leased by another delivery, or not due.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds what cannot be read.
    pub async fn lease(&self, key: &Key, now: Timestamp) -> Result<Option<Leased>, StoreError> {
        let mut expression = Expression::default();
        for path in ["leaseUntil", "nextAttemptAt"] {
            let (path, now) = (expression.path(path), expression.value(number(now.millis())));
            expression.require_that(format!("{path} <= {now}"));
        }
        let lease = Lease { key: key.clone(), until: now.after(Self::LEASE) };
        expression.set("leaseUntil", number(lease.until.millis()));
        expression.add("attempts", 1);
        let Updated::Done(item) = self.update_if(key, expression).await? else { return Ok(None) };
        let mail_id = MailId::new(key.sk.clone());
        if is_announcement(&item) {
            let stored: StoredAnnouncement = parse(key, item)?;
            let (announcement, after) = readable(key, stored.into_domain(mail_id))?;
            return Ok(Some(Leased::Announcement(LeasedAnnouncement {
                announcement,
                after,
                lease,
            })));
        }
        let stored: StoredMail = parse(key, item)?;
        let (queued_at, attempts) = (Timestamp::from_millis(stored.queued_at), stored.attempts);
        let mail = readable(key, stored.into_domain(mail_id))?;
        Ok(Some(Leased::Mail(LeasedMail { mail, queued_at, attempts, lease })))
    }

    /// Gives a row back, to be tried again from `next` on.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn postpone(&self, lease: &Lease, next: Timestamp) -> Result<(), StoreError> {
        let mut expression = Expression::default();
        expression.require("leaseUntil", number(lease.until.millis()));
        expression.set("leaseUntil", number(0));
        expression.set("nextAttemptAt", number(next.millis()));
        self.update_if(&lease.key, expression).await.map(drop)
    }

    /// Writes a row for each of the next mails of a message to everybody, and how far it has come: all of it, or nothing.
    /// `false` if another delivery has the message by now, or has come further already.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not do it, or it is not known whether it did.
    pub async fn expand(
        &self,
        message: &mut LeasedAnnouncement,
        mails: &[Mail],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut progress = Expression::default();
        progress.require("leaseUntil", number(message.lease.until.millis()));
        progress.require_same("cursor", message.after.as_ref().map(|id| text(id.as_str())));
        let after = mails.last().map(|mail| mail.collaborator.clone());
        if let Some(after) = &after {
            progress.set("cursor", text(after.as_str()));
        }
        let mut actions = vec![self.update(&message.lease.key, progress)?];
        for mail in mails {
            actions.push(self.outbox_action(mail, now)?);
        }
        match self.transact(&actions, self.patience).await {
            Ok(()) => {
                message.after = after;
                Ok(true)
            }
            Err(CommitError::ConditionFailed) => Ok(false),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Removes a row whose mail is sent, given up or no longer wanted, or of which all mails are written.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn finish(&self, lease: &Lease) -> Result<(), StoreError> {
        let request =
            self.client.delete_item().table_name(&self.name).set_key(Some(as_item(&lease.key)));
        request.send().await.map(drop).map_err(|error| StoreError::request("DeleteItem", error))
    }

    /// Reads the person that a notice is for, consistently.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds what cannot be read.
    pub async fn read_recipient(
        &self,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<Option<Collaborator>, StoreError> {
        let (client, id) = (&mail.client, &mail.collaborator);
        let reading =
            super::Reading { client, scopes: vec![], collaborators: vec![id], counters: vec![] };
        Ok(self.read(reading, now).await?.collaborators.remove(id))
    }

    /// Stores the hash of the token that is about to be mailed; `false` if another sending is wanted by now.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn store_token(&self, mail: &Mail, hash: TokenHash) -> Result<bool, StoreError> {
        let mut expression = Expression::default();
        expression.set("invitation.tokenHash", text(&hash.to_hex()));
        self.update_invitation(mail.into(), expression).await
    }

    /// Notes what became of an invitation's mail; `false` if another sending is wanted by now, or if what is known of
    /// this one already stays.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn note_delivery(
        &self,
        invited: Invited<'_>,
        delivery: Delivery,
    ) -> Result<bool, StoreError> {
        self.note(invited, delivery, Expression::default()).await
    }

    /// Notes that an invitation's mail was accepted at `now`, which may come later than the news of its delivery.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn note_sent(&self, invited: Invited<'_>, now: Timestamp) -> Result<(), StoreError> {
        let sent_at = || {
            let mut expression = Expression::default();
            expression.set("invitation.sentAt", number(now.millis()));
            expression
        };
        if !self.note(invited, Delivery::Sent, sent_at()).await? {
            self.update_invitation(invited, sent_at()).await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        invited: Invited<'_>,
        delivery: Delivery,
        mut expression: Expression,
    ) -> Result<bool, StoreError> {
        let replaced: Vec<String> =
            delivery.replaces().iter().map(|state| expression.value(text(state.name()))).collect();
        let path = expression.path("invitation.delivery");
        expression.require_that(format!("{path} IN ({})", replaced.join(", ")));
        expression.set("invitation.delivery", text(delivery.name()));
        self.update_invitation(invited, expression).await
    }

    /// What waits in all shards: which rows are due at `now` and were written before `written_before`, and since when the
    /// oldest one waits.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn waiting(
        &self,
        written_before: Timestamp,
        now: Timestamp,
    ) -> Result<Waiting, StoreError> {
        let mut waiting = Waiting::default();
        for shard in 0..SHARDS {
            let query = self
                .client
                .query()
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(&key::outbox_shard(shard)))
                .projection_expression("pk, sk, queuedAt, leaseUntil, nextAttemptAt");
            for item in self.query_all(query).await? {
                let is_past = |name, end| time_in(&item, name).is_some_and(|time| time <= end);
                let is_free = is_past("leaseUntil", now) && is_past("nextAttemptAt", now);
                if is_free && is_past("queuedAt", written_before) {
                    waiting.due.push(key_of(&item)?);
                }
                let queued_at = time_in(&item, "queuedAt");
                waiting.oldest = waiting.oldest.into_iter().chain(queued_at).min();
            }
        }
        Ok(waiting)
    }

    async fn update_invitation(
        &self,
        invited: Invited<'_>,
        mut expression: Expression,
    ) -> Result<bool, StoreError> {
        expression.require("invitation.sending", text(invited.mail_id.as_str()));
        let key = key::collaborator(invited.client, invited.id);
        Ok(self.update_if(&key, expression).await?.is_done())
    }
}

/// A time that a row of the outbox holds, if it holds one.
fn time_in(item: &Item, name: &str) -> Option<Timestamp> {
    let millis = item.get(name)?.as_n().ok()?.parse().ok()?;
    Some(Timestamp::from_millis(millis))
}
