//! The outbox: queued mails and announcements (docs/storage.md#mail).

use std::{collections::BTreeSet, iter, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::{
    actor::Actor,
    announcement::Announcement,
    delivery::Delivery,
    ids::{CollaboratorId, MailId},
    mail::Mail,
    scope::{ClientId, ScopeId},
    time::Timestamp,
    token::TokenHash,
};

use super::{
    ClientRecords, CommitError, Reading, StoreError, Table,
    any_item::{Item, as_item, key_of, parse, readable},
    key::{self, Key, SHARDS},
    query::all_pages,
    queued::StoredMail,
    update::{Expression, Updated, number, text},
};

/// A row of the outbox.
#[derive(Clone, Debug)]
pub struct QueuedMail {
    pub(super) key: Key,
    /// The mail or announcement.
    pub content: QueuedContent,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// How often it was leased, the present attempt included.
    pub attempts: u32,
    /// The end of the lease, which also identifies it.
    leased_until: i64,
}

/// A queued mail or announcement.
#[derive(Clone, Debug)]
pub enum QueuedContent {
    /// A mail to one recipient.
    Mail(Box<Mail>),
    /// A message to the people at a scope.
    Announcement {
        /// The message.
        announcement: Box<Announcement>,
        /// The last recipient whose copy is queued.
        after: Option<CollaboratorId>,
    },
}

impl QueuedContent {
    /// The sender.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        match self {
            Self::Mail(mail) => &mail.actor,
            Self::Announcement { announcement, .. } => &announcement.actor,
        }
    }
}

impl QueuedMail {
    pub(super) fn read(item: Item) -> Result<Self, StoreError> {
        let key = key_of(&item)?;
        let stored: StoredMail = parse(&key, item)?;
        let (attempts, leased_until) = (stored.attempts, stored.lease_until);
        let queued_at = Timestamp::from_millis(stored.queued_at);
        let content = readable(&key, stored.into_domain(MailId::new(key.sk.clone())))?;
        Ok(Self { key, content, queued_at, attempts, leased_until })
    }

    /// Requires that this run still has the lease.
    fn is_leased(&self) -> Expression {
        let mut expression = Expression::default();
        expression.require("leaseUntil", number(self.leased_until));
        expression
    }
}

/// The rows that a sweep of the outbox finds.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// The rows that are due.
    pub due: Vec<Key>,
    /// When the oldest row was queued, due or not.
    pub oldest: Option<Timestamp>,
}

/// Identifies an invitation by its last mail.
#[derive(Clone, Copy, Debug)]
pub struct Invited<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// The collaborator.
    pub id: &'a CollaboratorId,
    /// The mail.
    pub mail_id: &'a MailId,
}

impl<'a> From<&'a Mail> for Invited<'a> {
    fn from(mail: &'a Mail) -> Self {
        Self { client: &mail.client, id: &mail.collaborator, mail_id: &mail.mail_id }
    }
}

impl Table {
    /// How long a lease lasts.
    const LEASE: Duration = Duration::from_mins(1);

    /// Leases a row for a minute. Returns `None` if the row is gone, leased already or not due.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails or the row cannot be read.
    pub async fn lease(&self, key: &Key, now: Timestamp) -> Result<Option<QueuedMail>, StoreError> {
        let mut expression = Expression::default();
        for path in ["leaseUntil", "nextAttemptAt"] {
            let (path, now) = (expression.path(path), expression.value(number(now.millis())));
            expression.require_that(format!("{path} <= {now}"));
        }
        expression.set("leaseUntil", number(now.after(Self::LEASE).millis()));
        expression.add("attempts", 1);
        match self.update_if(key, expression).await? {
            Updated::Done(item) => QueuedMail::read(item).map(Some),
            Updated::Refused(_) => Ok(None),
        }
    }

    /// Releases a row, which is due again at `next`.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn postpone(&self, row: &QueuedMail, next: Timestamp) -> Result<(), StoreError> {
        let mut expression = row.is_leased();
        expression.set("leaseUntil", number(0));
        expression.set("nextAttemptAt", number(next.millis()));
        self.update_if(&row.key, expression).await.map(drop)
    }

    /// Queues the next mails of an announcement and moves its cursor from `after`, in one transaction. Returns `false` if
    /// another run has the lease or has moved the cursor.
    ///
    /// # Errors
    /// [`StoreError`] if the transaction fails or its outcome is unknown.
    pub async fn expand(
        &self,
        row: &QueuedMail,
        after: &mut Option<CollaboratorId>,
        mails: &[Mail],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut progress = row.is_leased();
        progress.require_same("cursor", after.as_ref().map(|id| text(id.as_str())));
        let last = mails.last().map(|mail| mail.collaborator.clone());
        if let Some(last) = &last {
            progress.set("cursor", text(last.as_str()));
        }
        let mut actions = vec![self.update(&row.key, progress)?];
        for mail in mails {
            actions.push(self.outbox_action(mail, now)?);
        }
        match self.transact(&actions).await {
            Ok(()) => {
                *after = last;
                Ok(true)
            }
            Err(CommitError::ConditionFailed) => Ok(false),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Deletes a row: its mail is sent, given up or obsolete, or all its copies are queued.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn finish(&self, row: &QueuedMail) -> Result<(), StoreError> {
        let key = Some(as_item(&row.key));
        let request = self.dynamodb.delete_item().table_name(&self.name).set_key(key);
        request.send().await.map(drop).map_err(|error| StoreError::request("DeleteItem", error))
    }

    /// Reads the recipient of a mail, the client, the scope with those above it, and the scopes that the mail names,
    /// consistently, in one trip.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails or a record cannot be read.
    pub async fn read_for(&self, mail: &Mail, now: Timestamp) -> Result<ClientRecords, StoreError> {
        let lineage: Vec<ScopeId> = mail.scope.up_to_client().collect();
        let reading = Reading {
            client: &mail.client,
            scopes: lineage.iter().chain(mail.named_scopes()).collect(),
            collaborators: iter::once(&mail.collaborator).chain(mail.people_to_read()).collect(),
            counters: vec![],
        };
        self.read(reading, now).await
    }

    /// Stores the hash of the token that is about to be sent. Returns `false` if a newer mail replaced this one.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn store_token(&self, mail: &Mail, hash: TokenHash) -> Result<bool, StoreError> {
        let mut expression = Expression::default();
        expression.set("invitation.tokenHash", text(&hash.to_hex()));
        self.update_invitation(mail.into(), expression).await
    }

    /// Stores the delivery status of an invitation's mail. Returns `false` if a newer mail replaced this one, or if its
    /// present status stays.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn record_delivery(
        &self,
        invited: Invited<'_>,
        delivery: Delivery,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.record(invited, (delivery, now), Expression::default()).await
    }

    /// Stores that an invitation's mail bounced because SES suppresses the address. Returns `false` as
    /// [`Table::record_delivery`] does.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn record_suppressed(
        &self,
        invited: Invited<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut expression = Expression::default();
        expression.set("invitation.suppressed", AttributeValue::Bool(true));
        self.record(invited, (Delivery::Bounced, now), expression).await
    }

    /// Stores that SES accepted an invitation's mail at `now`. The time is stored even if its delivery was reported first.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn record_sent(
        &self,
        invited: Invited<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sent_at = || {
            let mut expression = Expression::default();
            expression.set("invitation.sentAt", number(now.millis()));
            expression
        };
        if !self.record(invited, (Delivery::Sent, now), sent_at()).await? {
            self.update_invitation(invited, sent_at()).await?;
        }
        Ok(())
    }

    /// Returns those of `mails` that are not in the outbox: one call for each hundred.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or the table stays busy.
    pub async fn not_in_outbox(&self, mails: &[&MailId]) -> Result<BTreeSet<MailId>, StoreError> {
        let keys: Vec<Key> = mails.iter().map(|mail| key::outbox(mail)).collect();
        let found = self.batch_get(keys.iter()).await?;
        let found: BTreeSet<MailId> =
            found.into_iter().map(|(key, _)| MailId::new(key.sk)).collect();
        Ok(mails.iter().copied().filter(|mail| !found.contains(*mail)).cloned().collect())
    }

    /// Stores that an invitation's mail will not be sent, unless it is not `queued` any more.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn record_lost(
        &self,
        invited: Invited<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let from = &[Delivery::Queued];
        let failed = to_delivery((Delivery::Failed, now), from, Expression::default());
        self.update_invitation(invited, failed).await
    }

    async fn record(
        &self,
        invited: Invited<'_>,
        (delivery, now): (Delivery, Timestamp),
        expression: Expression,
    ) -> Result<bool, StoreError> {
        let changed = to_delivery((delivery, now), delivery.replaces(), expression);
        self.update_invitation(invited, changed).await
    }

    /// Finds the rows in all shards that are due at `now` and were queued up to `queued_before`, and the age of the oldest
    /// row.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails.
    pub async fn waiting(
        &self,
        queued_before: Timestamp,
        now: Timestamp,
    ) -> Result<Waiting, StoreError> {
        let mut waiting = Waiting::default();
        for shard in 0..SHARDS {
            let query = self
                .partition_query(&key::outbox_shard(shard))
                .projection_expression("pk, sk, queuedAt, leaseUntil, nextAttemptAt");
            for item in all_pages(query).await? {
                let is_past = |name, end| time_in(&item, name).is_some_and(|time| time <= end);
                let is_free = is_past("leaseUntil", now) && is_past("nextAttemptAt", now);
                if is_free && is_past("queuedAt", queued_before) {
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

/// Sets `delivery` if the present one is among those that are `replaced`.
fn to_delivery(
    (delivery, now): (Delivery, Timestamp),
    replaced: &[Delivery],
    mut expression: Expression,
) -> Expression {
    let replaced: Vec<String> =
        replaced.iter().map(|state| expression.value(text(state.name()))).collect();
    let path = expression.path("invitation.delivery");
    expression.require_that(format!("{path} IN ({})", replaced.join(", ")));
    expression.set("invitation.delivery", text(delivery.name()));
    if delivery.is_undeliverable() {
        expression.set("invitation.undeliveredAt", number(now.millis()));
    }
    expression
}

/// A time attribute of a row.
fn time_in(item: &Item, name: &str) -> Option<Timestamp> {
    let millis = item.get(name)?.as_n().ok()?.parse().ok()?;
    Some(Timestamp::from_millis(millis))
}
