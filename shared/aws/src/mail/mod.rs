//! Mail by SES: only here it is sent. What it says is rendered here too, since stored templates hide from tests.

mod dates;
mod words;

use std::time::Duration;

use crate::sdk::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag},
};
use coulisses_domain::{
    mail::{Mail, Recipient},
    mail_retry::MailFailure,
    time::Timestamp,
    token::Token,
};
pub use words::{Link, RenderedMail};

/// The deployment's settings of mail.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The page that takes the token in its fragment.
    pub link_url: String,
    /// The sender.
    pub from: String,
    /// The SES configuration set, whose events come back.
    pub configuration_set: String,
}

/// Sends mail.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
    settings: MailSettings,
}

/// Why a mail was not accepted by SES.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It never will be.
    #[error("the mail is refused for good")]
    Refused(#[source] Why),
    /// It may be later.
    #[error("the mail cannot be sent now")]
    NotNow(#[source] Why),
    /// It could not be rendered, which no input can cause.
    #[error("the mail could not be rendered")]
    Render(#[from] askama::Error),
}

impl SendError {
    /// Whether a later attempt may succeed.
    #[must_use]
    pub const fn failure(&self) -> MailFailure {
        match self {
            Self::Refused(_) | Self::Render(_) => MailFailure::Permanent,
            Self::NotNow(_) => MailFailure::Transient,
        }
    }
}

/// Why SES did not accept a mail, by its code: the messages of SES name addresses, which are not for a log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Why(String);

impl Why {
    fn of<R>(error: &SdkError<SendEmailError, R>) -> Self {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        Self(code.map_or_else(|| error.to_string(), ToOwned::to_owned))
    }
}

impl Mailer {
    /// Opens SES with the SDK's settings of the environment: 2 attempts of 4 s, since the sweep tries again anyway.
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
        Self { client: Client::from_conf(config), settings }
    }

    /// The link that carries `token` in its fragment, which no server and no log ever sees.
    #[must_use]
    pub fn link(&self, token: &Token, expires_at: Timestamp) -> Link {
        Link { url: format!("{}#{}", self.settings.link_url, token.reveal()), expires_at }
    }

    /// Sends `mail`, an invitation with its link.
    ///
    /// # Errors
    /// [`SendError`] says whether to try again.
    pub async fn send(
        &self,
        mail: &Mail,
        to: &Recipient,
        link: Option<Link>,
    ) -> Result<(), SendError> {
        let rendered = RenderedMail::of(mail, to, link)?;
        let body =
            Body::builder().text(content(&rendered.text)?).html(content(&rendered.html)?).build();
        let message = Message::builder().subject(content(&rendered.subject)?).body(body).build();
        let mut request = self
            .client
            .send_email()
            .from_email_address(&self.settings.from)
            .destination(Destination::builder().to_addresses(to.email.mailbox()).build())
            .content(EmailContent::builder().simple(message).build())
            .configuration_set_name(&self.settings.configuration_set);
        for (name, value) in tags(mail) {
            request = request.email_tags(
                MessageTag::builder().name(name).value(value).build().map_err(not_built)?,
            );
        }
        request.send().await.map(drop).map_err(|error| sorted(&error))
    }
}

/// The tags that bring the events of SES back to the invitation.
fn tags(mail: &Mail) -> [(&'static str, &str); 3] {
    [
        ("client", mail.client.as_str()),
        ("collaborator", mail.collaborator.as_str()),
        // A tag of SES may hold letters, digits, `_` and `-` alone.
        ("sending", mail.mail_id.ulid()),
    ]
}

fn content(text: &str) -> Result<Content, SendError> {
    Content::builder().data(text).charset("UTF-8").build().map_err(not_built)
}

fn not_built(error: aws_sdk_sesv2::error::BuildError) -> SendError {
    SendError::Refused(Why::of(&SdkError::<_, ()>::construction_failure(error)))
}

/// Only what is wrong with this very mail is refused for good; the rest is the account's or the network's.
fn sorted<R>(error: &SdkError<SendEmailError, R>) -> SendError {
    let why = Why::of(error);
    let for_good = error
        .as_service_error()
        .is_some_and(|error| error.is_message_rejected() || error.is_bad_request_exception());
    if for_good { SendError::Refused(why) } else { SendError::NotNow(why) }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use aws_sdk_sesv2::{error::ErrorMetadata, types::error::MessageRejected};

    use super::*;

    #[test]
    fn a_refusal_that_names_an_address_is_told_by_its_code_alone() {
        let said = "Email address is not verified: lea@example.org";
        let meta = ErrorMetadata::builder().code("MessageRejected").message(said).build();
        let rejected = MessageRejected::builder().message(said).meta(meta).build();
        let error = sorted(&SdkError::service_error(SendEmailError::MessageRejected(rejected), ()));
        let told = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(told.contains("MessageRejected") && !told.contains('@'), "{told}");
    }
}
