//! Sends the mail that the outbox holds: new rows from the table's stream, and what the stream missed by a sweep.
//! A message to everybody becomes a row for each mail first, which the stream then brings back.
//!
//! SES has no idempotency: a mail may come twice, never not at all, and the link in the last one works.

mod event;

use std::time::Duration;

use coulisses_aws::{
    app::{Clock, Sdk, SettingsError, setting},
    mail::{MailSettings, Mailer, SendError},
    metrics::Metrics,
    random,
    table::{Leased, LeasedAnnouncement, LeasedMail, StoreError, Table, Waiting, key::Key},
};
use coulisses_domain::{
    collaborator::{Collaborator, Delivery, Membership},
    mail::{Mail, MailKind},
    time::{DAY, Timestamp},
    token::Token,
};
pub use event::{BatchAnswer, Event, Failed};
use lambda_http::{Error, LambdaEvent, tracing};

/// How old a row is that the stream must have missed.
const MISSED_AFTER: Duration = Duration::from_mins(2);

/// How long a sweep, or the writing of mails, may take: less than the 60 seconds that the function has.
const SWEEP: Duration = Duration::from_secs(45);

/// Sends the mail of the outbox.
#[derive(Clone)]
pub struct Deliver {
    /// The table.
    pub table: Table,
    /// Sends mail.
    pub mailer: Mailer,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where the counts go.
    pub metrics: Metrics,
}

impl Deliver {
    /// Puts it together from the environment.
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

    /// Handles a batch of the stream, of which it names the failed records, or a sweep.
    ///
    /// # Errors
    /// What the table gives in a sweep, which EventBridge then repeats.
    pub async fn handle(&self, event: LambdaEvent<Event>) -> Result<BatchAnswer, Error> {
        let until = self.clock.now().after(SWEEP);
        match event.payload {
            Event::Stream { records } => {
                let mut answer = BatchAnswer::default();
                for record in records {
                    let Some(key) = record.outbox_row() else { continue };
                    if let Err(error) = self.deliver(&key, until).await {
                        log(&error, "a row of the outbox was not delivered");
                        answer.batch_item_failures.push(Failed::from(record));
                    }
                }
                Ok(answer)
            }
            Event::Schedule { detail } => {
                let older_than =
                    detail.older_than_seconds.map_or(MISSED_AFTER, Duration::from_secs);
                self.sweep(older_than, until).await?;
                Ok(BatchAnswer::default())
            }
        }
    }

    /// Delivers the rows that are due and older than `older_than`, as many as time allows; one that fails stays for
    /// the next sweep.
    async fn sweep(&self, older_than: Duration, until: Timestamp) -> Result<(), StoreError> {
        let now = self.clock.now();
        let age = i64::try_from(older_than.as_millis()).unwrap_or(i64::MAX);
        let written_before = Timestamp::from_millis(now.millis().saturating_sub(age));
        let Waiting { due, oldest } = self.table.waiting(written_before, now).await?;
        // In seconds, and told when nothing waits too: an alarm takes silence for a sweep that has stopped.
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
        match self.table.lease(key, self.clock.now()).await? {
            None => Ok(()),
            Some(Leased::Mail(row)) => self.send(row).await,
            Some(Leased::Announcement(message)) => self.expand(message, until).await,
        }
    }

    /// Writes down the mails of a message to everybody, some at a time; what is left `until` then goes on at the next sweep.
    ///
    /// Each step is written together with how far it came, so whatever interrupts it, nobody is left out or told twice.
    async fn expand(
        &self,
        mut message: LeasedAnnouncement,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let client = message.announcement.client.clone();
        let collaborators =
            self.table.read_partition(&client, self.clock.now()).await?.collaborators;
        loop {
            let now = self.clock.now();
            let mails = message.announcement.next(&collaborators, message.after.as_ref(), now);
            if mails.is_empty() {
                tracing::info!(client = client.as_str(), "a message to everybody is written out");
                return self.table.finish(&message.lease).await;
            }
            if now >= until {
                return self.table.postpone(&message.lease, now).await;
            }
            if !self.table.expand(&mut message, &mails, now).await? {
                return Ok(());
            }
        }
    }

    /// Sends one mail, if it is still wanted.
    async fn send(&self, row: LeasedMail) -> Result<(), StoreError> {
        let now = self.clock.now();
        let collaborator = self.table.read_recipient(&row.mail, now).await?;
        let Some(recipient) = row.mail.recipient(collaborator.as_ref(), now) else {
            return self.table.finish(&row.lease).await;
        };
        let link = match self.fresh_link(&row.mail, collaborator.as_ref()).await? {
            Prepared::Superseded => return self.table.finish(&row.lease).await,
            Prepared::EmptyBody => None,
            Prepared::Link(token, expires_at) => Some(self.mailer.link(&token, expires_at)),
        };
        let sent = self.mailer.send(&row.mail, &recipient, link).await;
        self.settle(&row, sent).await
    }

    /// A new token for an invitation, of which the hash is stored if this sending is still the wanted one.
    async fn fresh_link(
        &self,
        mail: &Mail,
        collaborator: Option<&Collaborator>,
    ) -> Result<Prepared, StoreError> {
        let Some(Membership::Pending(invitation)) =
            collaborator.map(|collaborator| &collaborator.membership)
        else {
            return Ok(Prepared::EmptyBody);
        };
        if mail.kind != MailKind::Invitation {
            return Ok(Prepared::EmptyBody);
        }
        let token = Token::new(mail.client.clone(), mail.collaborator.clone(), random::bytes()?);
        if self.table.store_token(mail, token.hash()).await? {
            Ok(Prepared::Link(token, invitation.expires_at))
        } else {
            Ok(Prepared::Superseded)
        }
    }

    /// Notes what became of a mail: sent, to be tried again, or failed for good.
    async fn settle(
        &self,
        row: &LeasedMail,
        sent: Result<(), SendError>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let outcome = match sent {
            Ok(()) => Delivery::Sent,
            Err(error) => {
                log(&error, "a mail was not accepted");
                let for_good = matches!(error, SendError::Refused(_) | SendError::Render(_));
                if !for_good && now.since(row.queued_at) < DAY {
                    return self.table.postpone(&row.lease, now.after(pause(row.attempts))).await;
                }
                self.metrics.count(&[("FailedMails", 1)], now);
                Delivery::Failed
            }
        };
        if row.mail.kind == MailKind::Invitation {
            let invited = (&row.mail).into();
            if outcome == Delivery::Sent {
                self.table.note_sent(invited, now).await?;
            } else {
                self.table.note_delivery(invited, outcome).await?;
            }
        }
        let (client, collaborator) = (row.mail.client.as_str(), row.mail.collaborator.as_str());
        tracing::info!(
            client,
            collaborator,
            kind = row.mail.kind.name(),
            outcome = outcome.name(),
            "mail settled"
        );
        self.table.finish(&row.lease).await
    }
}

/// What a mail needs before it is sent.
enum Prepared {
    /// Nothing.
    EmptyBody,
    /// A link, until when it can be used.
    Link(Token, Timestamp),
    /// Another sending is wanted by now.
    Superseded,
}

/// How long to wait after `attempts`: 30 seconds, doubled each time, half an hour at most.
fn pause(attempts: u32) -> Duration {
    let factor = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    Duration::from_secs(30).saturating_mul(factor).min(Duration::from_mins(30))
}

/// Logs an error with what caused it; neither holds an address or a token.
fn log(error: &(dyn std::error::Error + 'static), sentence: &'static str) {
    let causes: Vec<String> = std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect();
    tracing::error!(cause = causes.join(": "), "{sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_again_ever_later_but_at_least_each_half_hour() {
        let seconds: Vec<u64> =
            [1, 2, 3, 7, 8, 40].into_iter().map(|attempts| pause(attempts).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 1_800, 1_800, 1_800]);
    }
}
