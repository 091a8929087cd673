//! Sends the mail in the outbox. The table's stream reports new rows, and a sweep finds those that the stream missed.
//! An announcement is first expanded into one row for each mail, which the stream then reports.
//!
//! SES has no idempotency, so a mail is sent at least once. If it is sent twice, the link in the last one works.

mod event;

use std::time::Duration;

use coulisses_aws::{
    clock::Clock,
    config::{Sdk, SettingsError, setting},
    logs,
    mail::{MailSettings, Mailer, SendError},
    metrics::Metrics,
    random,
    table::{QueuedContent, QueuedMail, StoreError, Table, Waiting, key::Key},
};
use coulisses_domain::{
    announcement::Announcement,
    collaborator::Collaborator,
    delivery::Delivery,
    ids::CollaboratorId,
    mail::{Mail, MailKind},
    mail_retry::{NextAttempt, after_failure},
    time::Timestamp,
    token::Token,
};
pub use event::{BatchItemFailure, BatchResponse, Event};
use lambda_http::{Error, LambdaEvent, tracing};

/// A row of this age counts as missed by the stream.
const MISSED_AFTER: Duration = Duration::from_mins(2);

/// How long a sweep, or the expansion of an announcement, may take. The function times out after 60 seconds.
const TIME_BUDGET: Duration = Duration::from_secs(45);

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
            from: setting("MAIL_FROM")?,
            configuration_set: setting("SES_CONFIGURATION_SET")?,
        };
        Ok(Self {
            table: sdk.table().await?,
            mailer: Mailer::open(&sdk.ses(), settings),
            clock: Clock::system(),
            metrics: Metrics::stdout("deliver"),
        })
    }

    /// Delivers the rows of a batch and returns the records that failed, or sweeps the outbox.
    ///
    /// # Errors
    /// [`StoreError`] if a sweep fails, so that Lambda retries it.
    pub async fn handle(&self, event: LambdaEvent<Event>) -> Result<BatchResponse, Error> {
        let until = self.clock.now().after(TIME_BUDGET);
        match event.payload {
            Event::Stream { records } => {
                let mut response = BatchResponse::default();
                for record in records {
                    let Some(key) = record.outbox_row() else { continue };
                    if let Err(error) = self.deliver(&key, until).await {
                        log(&error, "a row of the outbox was not delivered");
                        response.batch_item_failures.push(BatchItemFailure::from(record));
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
        // In seconds; 0 if nothing waits. Always emitted, because an alarm treats missing data as a stopped sweep.
        let oldest = oldest.map_or(0, |written| now.since(written).as_secs());
        self.metrics.count(&[("OutboxAge", oldest)], now);
        let (mut done, rows) = (0, due.len());
        for key in due.iter().take_while(|_| self.clock.now() < until) {
            match self.deliver(key, until).await {
                Ok(()) => done += 1,
                Err(error) => log(&error, "a row of the outbox was not delivered"),
            }
        }
        if rows > 0 {
            tracing::info!(rows, done, "the outbox was swept");
        }
        Ok(())
    }

    /// Delivers one row, unless it is gone, leased by another delivery, or not due.
    async fn deliver(&self, key: &Key, until: Timestamp) -> Result<(), StoreError> {
        let Some(row) = self.table.lease(key, self.clock.now()).await? else { return Ok(()) };
        match &row.content {
            QueuedContent::Mail(mail) => self.send(&row, mail).await,
            QueuedContent::Announcement { announcement, after } => {
                self.expand(&row, announcement, after.clone(), until).await
            }
        }
    }

    /// Queues the mails of an announcement, some at a time. The next sweep continues with what is left at `until`.
    ///
    /// Each transaction also moves the cursor, so an interruption neither skips a recipient nor mails one twice.
    async fn expand(
        &self,
        row: &QueuedMail,
        announcement: &Announcement,
        mut after: Option<CollaboratorId>,
        until: Timestamp,
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
            if now >= until {
                return self.table.postpone(row, now).await;
            }
            if !self.table.expand(row, &mut after, &mails, now).await? {
                return Ok(());
            }
        }
    }

    /// Sends one mail, unless it is obsolete.
    async fn send(&self, row: &QueuedMail, mail: &Mail) -> Result<(), StoreError> {
        let now = self.clock.now();
        let collaborator = self.table.read_recipient(mail, now).await?;
        let Some(recipient) = mail.recipient(collaborator.as_ref(), now) else {
            return self.table.finish(row).await;
        };
        let link = match self.fresh_link(mail, collaborator.as_ref()).await? {
            InvitationLink::Superseded => return self.table.finish(row).await,
            InvitationLink::NotNeeded => None,
            InvitationLink::New(token, expires_at) => Some(self.mailer.link(&token, expires_at)),
        };
        let sent = self.mailer.send(mail, &recipient, link).await;
        self.record(row, mail, sent).await
    }

    /// Makes the link of an invitation and stores the hash of its token, unless a newer mail replaced this one.
    async fn fresh_link(
        &self,
        mail: &Mail,
        collaborator: Option<&Collaborator>,
    ) -> Result<InvitationLink, StoreError> {
        let invitation = collaborator.and_then(Collaborator::invitation);
        let Some(invitation) = invitation.filter(|_| mail.kind == MailKind::Invitation) else {
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
                    return self.table.postpone(row, now.after(wait)).await;
                }
                self.metrics.count(&[("FailedMails", 1)], now);
                Delivery::Failed
            }
        };
        if mail.kind == MailKind::Invitation {
            let invited = mail.into();
            if outcome == Delivery::Sent {
                self.table.record_sent(invited, now).await?;
            } else {
                self.table.record_delivery(invited, outcome).await?;
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
