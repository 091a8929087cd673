//! Rendering mails and sending them with SES. The templates are compiled in, so tests cover them.

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

/// The mail settings of the deployment.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The page for invitation links; the token is in the fragment.
    pub link_url: String,
    /// The sender.
    pub from: String,
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
pub enum SendError {
    /// SES refuses this mail.
    #[error("the mail is refused")]
    Permanent(#[source] SesErrorCode),
    /// SES may accept it later.
    #[error("the mail cannot be sent now")]
    Transient(#[source] SesErrorCode),
    /// A template failed.
    #[error("the mail could not be rendered")]
    Render(#[from] askama::Error),
}

impl SendError {
    /// Whether a later attempt may succeed.
    #[must_use]
    pub const fn failure(&self) -> MailFailure {
        match self {
            Self::Permanent(_) | Self::Render(_) => MailFailure::Permanent,
            Self::Transient(_) => MailFailure::Transient,
        }
    }
}

/// The code of an SES error. Its message is dropped, because it can contain addresses, which must not be logged.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SesErrorCode(String);

impl SesErrorCode {
    fn of<R>(error: &SdkError<SendEmailError, R>) -> Self {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        Self(code.map_or_else(|| error.to_string(), ToOwned::to_owned))
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

    /// Sends a mail; `link` is that of an invitation.
    ///
    /// # Errors
    /// [`SendError`] says whether to retry.
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
            .ses
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
        request.send().await.map(drop).map_err(|error| send_error(&error))
    }
}

/// The tags by which SES events find the invitation.
fn tags(mail: &Mail) -> [(&'static str, &str); 3] {
    [
        ("client", mail.client.as_str()),
        ("collaborator", mail.collaborator.as_str()),
        // An SES tag may contain only letters, digits, `_` and `-`.
        ("sending", mail.mail_id.ulid()),
    ]
}

fn content(text: &str) -> Result<Content, SendError> {
    Content::builder().data(text).charset("UTF-8").build().map_err(not_built)
}

fn not_built(error: aws_sdk_sesv2::error::BuildError) -> SendError {
    SendError::Permanent(SesErrorCode::of(&SdkError::<_, ()>::construction_failure(error)))
}

/// Only an error in this mail is permanent. Errors of the account or the network can pass.
fn send_error<R>(error: &SdkError<SendEmailError, R>) -> SendError {
    let code = SesErrorCode::of(error);
    let is_permanent = error
        .as_service_error()
        .is_some_and(|error| error.is_message_rejected() || error.is_bad_request_exception());
    if is_permanent { SendError::Permanent(code) } else { SendError::Transient(code) }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use aws_sdk_sesv2::{error::ErrorMetadata, types::error::MessageRejected};

    use super::*;

    #[test]
    fn an_error_that_contains_an_address_is_reduced_to_its_code() {
        let message = "Email address is not verified: lea@example.org";
        let meta = ErrorMetadata::builder().code("MessageRejected").message(message).build();
        let rejected = MessageRejected::builder().message(message).meta(meta).build();
        let rejected = SdkError::service_error(SendEmailError::MessageRejected(rejected), ());
        let error = send_error(&rejected);
        let logged = format!("{error} {error:?} {}", error.source().unwrap());
        assert!(logged.contains("MessageRejected") && !logged.contains('@'), "{logged}");
    }
}
