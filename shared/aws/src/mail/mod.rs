//! Rendering mails and sending them with SES. The templates are compiled in, so tests cover them.

mod announced;
mod colors;
mod content;
mod dates;
mod invitations;
mod rights;
mod sender;
mod shown;
mod words;

use std::{error::Error, time::Duration};

use crate::sdk::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag},
};
pub use content::{Deployment, Entry, Frame, Link, RenderedMail};
use coulisses_domain::{
    locale::Locale,
    mail::{Mail, Recipient},
    mail_retry::MailFailure,
    time::Timestamp,
    token::Token,
};

/// The mail settings of the deployment.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The page for invitation links; the token is in the fragment.
    pub link_url: String,
    /// The sender's address.
    pub sender: String,
    /// The name of the product.
    pub product: String,
    /// The page of the platform's back-office, for scopes without one.
    pub platform_url: Option<String>,
    /// The address of the console, if there is one.
    pub console_url: Option<String>,
    /// Whether replies go to the person who acts; otherwise to the sender's address.
    pub reply_to_inviter: bool,
    /// The SES configuration set, which publishes delivery events.
    pub configuration_set: String,
}

/// Sends mails.
#[derive(Clone, Debug)]
pub struct Mailer {
    ses: Client,
    settings: MailSettings,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the mail was not sent: {cause}")]
pub struct SendError {
    /// Whether a later attempt may succeed.
    pub failure: MailFailure,
    /// Whether the account's sending rate or daily quota is used up, so that nothing is wrong with this mail.
    pub is_throttled: bool,
    /// For an error of SES its code alone: the message can contain addresses, which must not be logged.
    cause: String,
}

impl SendError {
    /// A mail that cannot be rendered or built never can.
    fn permanent(error: &dyn Error) -> Self {
        let cause = error.to_string();
        Self { failure: MailFailure::Permanent, is_throttled: false, cause }
    }
}

impl Mailer {
    /// A mailer with 2 attempts of 4 seconds each. The sweep retries later anyway.
    #[must_use]
    pub fn open(config: &SdkConfig, settings: MailSettings) -> Self {
        let timeout = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(4))
            .operation_timeout(Duration::from_secs(9))
            .build();
        let config = aws_sdk_sesv2::config::Builder::from(config)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .timeout_config(timeout)
            .build();
        Self { ses: Client::from_conf(config), settings }
    }

    /// The invitation link. The token is in the fragment, which browsers do not send to servers.
    #[must_use]
    pub fn link(&self, token: &Token, expires_at: Timestamp) -> Link {
        Link { url: format!("{}#{}", self.settings.link_url, token.reveal()), expires_at }
    }

    /// What the deployment adds to each mail.
    #[must_use]
    pub fn deployment(&self) -> Deployment<'_> {
        Deployment {
            page: self.settings.platform_url.as_deref(),
            console: self.settings.console_url.as_deref(),
            takes_replies: self.settings.reply_to_inviter,
        }
    }

    /// Sends a mail; `link` is that of an invitation.
    ///
    /// # Errors
    /// [`SendError`] says whether to retry.
    pub async fn send(
        &self,
        mail: &Mail,
        to: &Recipient,
        framed: (&Frame, Option<Link>),
    ) -> Result<(), SendError> {
        let MailSettings { product, sender, .. } = &self.settings;
        let rendered = RenderedMail::of(mail, to, framed, product)
            .map_err(|error| SendError::permanent(&error))?;
        let body =
            Body::builder().text(content(&rendered.text)?).html(content(&rendered.html)?).build();
        let message = Message::builder().subject(content(&rendered.subject)?).body(body).build();
        let reply_to = mail.person(to).filter(|_| self.settings.reply_to_inviter);
        let mut request = self
            .ses
            .send_email()
            .from_email_address(sender::from(mail, to, product, sender))
            .set_reply_to_addresses(reply_to.map(|(email, _)| vec![email.mailbox()]))
            .destination(Destination::builder().to_addresses(to.email.mailbox()).build())
            .content(EmailContent::builder().simple(message).build())
            .configuration_set_name(&self.settings.configuration_set);
        for (name, value) in tags(mail) {
            let tag = MessageTag::builder().name(name).value(value).build();
            request = request.email_tags(tag.map_err(|error| SendError::permanent(&error))?);
        }
        request.send().await.map(drop).map_err(|error| send_error(&error))
    }
}

/// One of the two texts.
fn pick<T>(locale: Locale, french: T, english: T) -> T {
    match locale {
        Locale::Fr => french,
        Locale::En => english,
    }
}

/// `de Summit`, `d’Acme`: the French preposition is elided before a vowel. `shown` begins with `name`.
fn of(name: &str, shown: &str) -> String {
    let first = name.chars().next().into_iter().flat_map(char::to_lowercase).next();
    let elides = first.is_some_and(|first| "aàâäæeéèêëiîïoôöœuùûü".contains(first));
    if elides { format!("d’{shown}") } else { format!("de {shown}") }
}

/// The tags that lead from an SES event to its invitation.
fn tags(mail: &Mail) -> [(&'static str, &str); 3] {
    [
        ("client", mail.client.as_str()),
        ("collaborator", mail.collaborator.as_str()),
        // An SES tag may contain only letters, digits, `_` and `-`.
        ("sending", mail.mail_id.ulid()),
    ]
}

fn content(text: &str) -> Result<Content, SendError> {
    let content = Content::builder().data(text).charset("UTF-8").build();
    content.map_err(|error| SendError::permanent(&error))
}

/// Only a request that SES cannot read is permanent. Errors of the account or the network can pass, and so can
/// `MessageRejected`: SES also returns it while a sender is not verified or an account is in the sandbox.
fn send_error<R>(error: &SdkError<SendEmailError, R>) -> SendError {
    let of_ses = error.as_service_error();
    let is_permanent = of_ses.is_some_and(SendEmailError::is_bad_request_exception);
    let is_throttled = of_ses.is_some_and(|error| {
        error.is_too_many_requests_exception() || error.is_limit_exceeded_exception()
    });
    let failure = if is_permanent { MailFailure::Permanent } else { MailFailure::Transient };
    let code = of_ses.and_then(ProvideErrorMetadata::code);
    SendError {
        failure,
        is_throttled,
        cause: code.map_or_else(|| error.to_string(), ToOwned::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::{error::ErrorMetadata, types::error::MessageRejected};

    use super::*;

    #[test]
    fn an_error_that_contains_an_address_is_reduced_to_its_code() {
        let message = "Email address is not verified: lea@example.org";
        let meta = ErrorMetadata::builder().code("MessageRejected").message(message).build();
        let rejected = MessageRejected::builder().message(message).meta(meta).build();
        let rejected = SdkError::service_error(SendEmailError::MessageRejected(rejected), ());
        let error = send_error(&rejected);
        let logged = format!("{error} {error:?}");
        assert!(logged.contains("MessageRejected") && !logged.contains('@'), "{logged}");
    }
}
