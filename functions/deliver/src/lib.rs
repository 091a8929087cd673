//! Sends the mail in the outbox. The table's stream reports new rows, and a sweep finds those that the stream missed.
//! An announcement is first expanded into one row for each mail, which the stream then reports.
//!
//! Mails are paced, so that the account's rate at SES is not exceeded. An announcement queues its mails at half that rate
//! at most, so they do not delay an invitation that is queued meanwhile.
//!
//! SES has no idempotency, so a mail is sent at least once. If it is sent twice, the link in the last one works.

mod event;
mod pace;

use std::time::Duration;

pub use coulisses_aws::stream::{BatchItemFailure, BatchResponse};
use coulisses_aws::{
    clock::Clock,
    config::{Sdk, SettingsError, number_setting, setting},
    logs,
    mail::{Frame, Link, MailSettings, Mailer, SendError},
    metrics::Metrics,
    random,
    table::{
        QueuedContent, QueuedMail, StoreError, Table, Waiting,
        key::{self, Key},
    },
};
use coulisses_domain::{
    announcement::Announcement,
    collaborator::Collaborator,
    delivery::Delivery,
    ids::CollaboratorId,
    mail::{Mail, Recipient},
    mail_retry::{NextAttempt, after_failure},
    time::Timestamp,
    token::Token,
};
pub use event::Event;
use futures_util::{StreamExt, stream};
use lambda_http::{Error, LambdaEvent, tracing};
use pace::Pace;

/// A row of this age counts as missed by the stream.
const MISSED_AFTER: Duration = Duration::from_mins(2);

/// How long an invocation may begin mails. The function times out after 60 seconds, and the last mail takes at most 9
/// seconds in SES and a few calls to the table.
const TIME_BUDGET: Duration = Duration::from_secs(40);

/// How many mails of a sweep are sent at once, so that it reaches its pace although SES takes up to a second for each.
const SENT_AT_ONCE: usize = 8;

/// The sending rate of an account that SES has just taken out of the sandbox, in mails per second.
const DEFAULT_RATE: u32 = 14;

/// Sends the mail in the outbox.
#[derive(Clone)]
pub struct Deliver {
    /// The table.
    pub table: Table,
    /// Sends mail.
    pub mailer: Mailer,
    /// The clock.
    pub clock: Clock,
    /// Counts for CloudWatch.
    pub metrics: Metrics,
    /// How many mails SES accepts from this account per second.
    pub rate: u32,
}

/// The limits of one invocation.
struct Limits {
    pace: Pace,
    until: Timestamp,
}

impl Deliver {
    /// Reads the settings from the environment, and opens the table and SES.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing.
    pub async fn from_env() -> Result<Self, SettingsError> {
        let sdk = Sdk::from_env()?;
        let settings = MailSettings {
            link_url: setting("LINK_URL")?,
            sender: setting("MAIL_FROM")?,
            product: setting("PRODUCT_NAME")?,
            platform_url: setting("PLATFORM_URL").ok(),
            console_url: setting("CONSOLE_URL").ok(),
            reply_to_inviter: setting("REPLY_TO_INVITER").is_ok_and(|it| it == "true"),
            configuration_set: setting("SES_CONFIGURATION_SET")?,
        };
        Ok(Self {
            table: sdk.table().await?,
            mailer: Mailer::open(&sdk.ses(), settings),
            clock: Clock::system(),
            metrics: Metrics::stdout("deliver"),
            rate: number_setting("MAX_SEND_RATE", DEFAULT_RATE)?,
        })
    }

    /// Delivers the rows of a batch and returns the records that failed or for which no time was left, or sweeps the
    /// outbox.
    ///
    /// # Errors
    /// [`StoreError`] if a sweep fails, so that Lambda retries it.
    pub async fn handle(&self, event: LambdaEvent<Event>) -> Result<BatchResponse, Error> {
        let until = self.clock.now().after(TIME_BUDGET);
        match event.payload {
            Event::Stream { records } => {
                let limits = Limits { pace: Pace::of_stream(self.rate, TIME_BUDGET), until };
                let mut response = BatchResponse::default();
                for record in records {
                    let Some(key) = record.inserted(key::is_outbox) else { continue };
                    let has_time = self.clock.now() < until;
                    if !has_time || !self.deliver(&key, &limits).await {
                        response.batch_item_failures.push(BatchItemFailure::from(record));
                    }
                    if !has_time {
                        // Lambda retries everything from this record on.
                        break;
                    }
                }
                Ok(response)
            }
            Event::Schedule { detail } => {
                let older_than =
                    detail.older_than_seconds.map_or(MISSED_AFTER, Duration::from_secs);
                self.sweep(older_than, until).await?;
                Ok(BatchResponse::default())
            }
        }
    }

    /// Delivers the rows that are due and older than `older_than`, as many as time allows. A row that fails stays for
    /// the next sweep.
    async fn sweep(&self, older_than: Duration, until: Timestamp) -> Result<(), StoreError> {
        let now = self.clock.now();
        let age = i64::try_from(older_than.as_millis()).unwrap_or(i64::MAX);
        let written_before = Timestamp::from_millis(now.millis().saturating_sub(age));
        let Waiting { due, oldest } = self.table.waiting(written_before, now).await?;
        // 0 if nothing waits. Always emitted, because an alarm treats missing data as a stopped sweep.
        let oldest = oldest.map_or(0, |written| now.since(written).as_secs());
        self.metrics.seconds("OutboxAge", oldest, now);
        let rows = due.len();
        let limits = Limits { pace: Pace::of_sweep(self.rate, TIME_BUDGET), until };
        let deliver = async |key| self.clock.now() < until && self.deliver(&key, &limits).await;
        let delivered = stream::iter(due).map(deliver).buffer_unordered(SENT_AT_ONCE);
        let done = delivered.filter(|done| std::future::ready(*done)).count().await;
        if rows > 0 {
            tracing::info!(rows, done, "the outbox was swept");
        }
        Ok(())
    }

    /// Delivers one row, unless it is gone, leased by another delivery, or not due. Returns `false` if it failed; the
    /// cause is logged and counted.
    async fn deliver(&self, key: &Key, limits: &Limits) -> bool {
        let Err(error) = self.lease_and_deliver(key, limits).await else { return true };
        log(&error, "a row of the outbox was not delivered");
        self.metrics.count(&[("RowsFailed", 1)], self.clock.now());
        false
    }

    async fn lease_and_deliver(&self, key: &Key, limits: &Limits) -> Result<(), StoreError> {
        let Some(row) = self.table.lease(key, self.clock.now()).await? else { return Ok(()) };
        match &row.content {
            QueuedContent::Mail(mail) => self.send(&row, mail, limits).await,
            QueuedContent::Announcement { announcement, after } => {
                self.expand(&row, announcement, after.clone(), limits).await
            }
        }
    }

    /// Queues the mails of an announcement, some at a time. The next sweep continues with what is left when time is up.
    ///
    /// Each transaction also moves the cursor, so an interruption neither skips a recipient nor mails one twice.
    async fn expand(
        &self,
        row: &QueuedMail,
        announcement: &Announcement,
        mut after: Option<CollaboratorId>,
        limits: &Limits,
    ) -> Result<(), StoreError> {
        let client = &announcement.client;
        let collaborators = self.table.read_client(client, self.clock.now()).await?.collaborators;
        loop {
            let now = self.clock.now();
            let mails = announcement.next(&collaborators, after.as_ref(), now);
            if mails.is_empty() {
                tracing::info!(client = client.as_str(), "the mails of an announcement are queued");
                return self.table.finish(row).await;
            }
            if now >= limits.until || !limits.pace.turns(mails.len()).await {
                return self.table.postpone(row, now).await;
            }
            if !self.table.expand(row, &mut after, &mails, now).await? {
                return Ok(());
            }
        }
    }

    /// Sends one mail, unless it is obsolete.
    async fn send(&self, row: &QueuedMail, mail: &Mail, limits: &Limits) -> Result<(), StoreError> {
        if !limits.pace.turns(1).await {
            return self.table.postpone(row, self.clock.now()).await;
        }
        match self.prepare(mail).await {
            Ok(Some((recipient, frame, link))) => {
                let sent = self.mailer.send(mail, &recipient, (&frame, link)).await;
                self.record(row, mail, sent).await
            }
            Ok(None) => self.table.finish(row).await,
            Err(error) => {
                // Otherwise the retry, within the minute of the lease, would find the row leased and count as done. After
                // the mail is sent, the lease stays: a retry would send it twice. If this fails too, the lease expires.
                drop(self.table.postpone(row, self.clock.now()).await);
                Err(error)
            }
        }
    }

    /// The recipient of a mail, what surrounds its text, and the link of an invitation; `None` if the mail is obsolete.
    async fn prepare(
        &self,
        mail: &Mail,
    ) -> Result<Option<(Recipient, Frame, Option<Link>)>, StoreError> {
        let now = self.clock.now();
        let found = self.table.read_for(mail, now).await?;
        let collaborator = found.collaborators.get(&mail.collaborator);
        let Some(recipient) = mail.recipient(collaborator, now) else {
            if mail.expired_unsent(collaborator) {
                self.table.record_delivery(mail.into(), Delivery::Failed, now).await?;
            }
            return Ok(None);
        };
        let Some(people) = mail.named_people(&found.collaborators, now) else { return Ok(None) };
        let deployment = self.mailer.deployment();
        let frame = Frame::of(mail, found.client.as_ref(), &found.scopes, &people, deployment);
        let link = match self.fresh_link(mail, collaborator).await? {
            InvitationLink::Superseded => return Ok(None),
            InvitationLink::NotNeeded => None,
            InvitationLink::New(token, expires_at) => Some(self.mailer.link(&token, expires_at)),
        };
        Ok(Some((recipient, frame, link)))
    }

    /// Makes the link of an invitation and stores the hash of its token, unless a newer mail replaced this one.
    async fn fresh_link(
        &self,
        mail: &Mail,
        collaborator: Option<&Collaborator>,
    ) -> Result<InvitationLink, StoreError> {
        let invitation = collaborator.and_then(Collaborator::invitation);
        let Some(invitation) = invitation.filter(|_| mail.kind.has_link()) else {
            return Ok(InvitationLink::NotNeeded);
        };
        let token = Token::new(mail.client.clone(), mail.collaborator.clone(), random::bytes()?);
        if self.table.store_token(mail, token.hash()).await? {
            Ok(InvitationLink::New(token, invitation.expires_at))
        } else {
            Ok(InvitationLink::Superseded)
        }
    }

    /// Stores the outcome of an attempt: the mail is sent, retried later, or failed.
    async fn record(
        &self,
        row: &QueuedMail,
        mail: &Mail,
        sent: Result<(), SendError>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let outcome = match sent {
            Ok(()) => Delivery::Sent,
            Err(error) => {
                log(&error, "a mail was not accepted");
                let age = now.since(row.queued_at);
                if let NextAttempt::RetryAfter(wait) =
                    after_failure(error.failure, row.attempts, age)
                {
                    // SES throttles when others send from this account too; the mail is only a little late.
                    if !error.is_throttled {
                        self.metrics.count(&[("MailsPostponed", 1)], now);
                    }
                    return self.table.postpone(row, now.after(wait)).await;
                }
                self.metrics.count(&[("FailedMails", 1)], now);
                Delivery::Failed
            }
        };
        if mail.kind.has_link() {
            let invited = mail.into();
            if outcome == Delivery::Sent {
                self.table.record_sent(invited, now).await?;
            } else {
                self.table.record_delivery(invited, outcome, now).await?;
            }
        }
        let (client, collaborator) = (mail.client.as_str(), mail.collaborator.as_str());
        tracing::info!(
            client,
            collaborator,
            kind = mail.kind.name(),
            outcome = outcome.name(),
            "mail finished"
        );
        self.table.finish(row).await
    }
}

/// The link in a mail.
enum InvitationLink {
    /// The mail has no such link.
    NotNeeded,
    /// A new token, and when the invitation expires.
    New(Token, Timestamp),
    /// A newer mail replaced this one.
    Superseded,
}

/// Logs an error. It contains no address or token.
fn log(error: &(dyn std::error::Error + 'static), message: &'static str) {
    tracing::error!(cause = logs::causes(error), "{message}");
}
