//! A fake SES behind the SDK client.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
            http_client_fn,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use coulisses_aws::mail::MailSettings;
use serde_json::Value;

use crate::{lock, world::CONSOLE_URL};

/// A mail that SES accepted.
#[derive(Clone, Debug)]
pub struct SentMail {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// The whole request.
    pub request: Value,
}

impl SentMail {
    /// The token in the link's fragment.
    pub fn token(&self) -> String {
        let link = self.text.split_whitespace().find_map(|word| word.split_once('#'));
        link.map(|(_, token)| token.to_owned()).expect("a link in the mail")
    }
}

/// The page of invitation links.
pub(crate) const LINK_URL: &str = "https://console.test/invitation";

/// The sender of mail.
pub(crate) const MAIL_FROM: &str = "access@coulisses.test";

pub(crate) fn settings() -> MailSettings {
    MailSettings {
        link_url: LINK_URL.to_owned(),
        sender: MAIL_FROM.to_owned(),
        product: "Coulisses".to_owned(),
        platform_url: None,
        console_url: Some(CONSOLE_URL.to_owned()),
        reply_to_inviter: true,
        configuration_set: "coulisses".to_owned(),
    }
}

/// An SES that collects the mails.
#[derive(Clone, Debug, Default)]
pub struct Ses {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    mails: Vec<SentMail>,
    refusal: Option<(u16, &'static str)>,
    down: bool,
}

impl Ses {
    /// An SES that has already sent these.
    pub(crate) fn with_mails(mails: Vec<SentMail>) -> Self {
        Self { state: Arc::new(Mutex::new(State { mails, ..State::default() })) }
    }

    /// Replaces the sent mails.
    pub(crate) fn restore(&self, mails: Vec<SentMail>) {
        lock(&self.state).mails = mails;
    }

    /// The sent mails, oldest first.
    pub fn mails(&self) -> Vec<SentMail> {
        lock(&self.state).mails.clone()
    }

    /// The mails to one address, oldest first.
    pub fn mails_to(&self, to: &str) -> Vec<SentMail> {
        self.mails().into_iter().filter(|mail| mail.to == to).collect()
    }

    /// Refuses every mail with this status and exception from now on; `None` accepts them again.
    pub fn refuse(&self, refusal: Option<(u16, &'static str)>) {
        lock(&self.state).refusal = refusal;
    }

    /// Makes SES unreachable, or reachable again.
    pub fn set_down(&self, down: bool) {
        lock(&self.state).down = down;
    }

    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let ses = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(ses.clone()))
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let body = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let mut state = lock(&self.state);
        let (status, exception, answer) = match state.refusal {
            // The message of SES contains the refused address.
            Some((status, exception)) => (
                status,
                exception,
                r#"{"message":"Email address is not verified: lea@example.org"}"#,
            ),
            None => (200, "", r#"{"MessageId":"1"}"#),
        };
        if status == 200 {
            state.mails.push(read(body.unwrap_or_default()));
        }
        let status = StatusCode::try_from(status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(answer));
        response.headers_mut().insert("x-amzn-errortype", exception);
        response
    }
}

impl HttpConnector for Ses {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let down = lock(&self.state).down;
        HttpConnectorFuture::ready(if down {
            Err(ConnectorError::io("SES is down".into()))
        } else {
            Ok(self.answer(&request))
        })
    }
}

fn read(request: Value) -> SentMail {
    let text = |pointer: &str| {
        request.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    SentMail {
        to: text("/Destination/ToAddresses/0"),
        subject: text("/Content/Simple/Subject/Data"),
        text: text("/Content/Simple/Body/Text/Data"),
        html: text("/Content/Simple/Body/Html/Data"),
        request,
    }
}
