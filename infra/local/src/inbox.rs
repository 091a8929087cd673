//! SES version 2, as far as mail is sent by it; what was sent can be read.

use crate::clock;
use crate::feedback::{Feedback, Sent};
use crate::random;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many mails are kept; the oldest go first.
const KEPT: usize = 1_000;

/// How large a mail may be, as in SES.
const MAIL_LIMIT: usize = 40 * 1024 * 1024;

/// How long somebody who asks for the mails to an address waits for the first one.
const PATIENCE: Duration = Duration::from_secs(3);

/// A mail as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// When it was sent, RFC 3339 in UTC.
    pub at: String,
    /// To whom.
    pub to: String,
    /// From whom.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// The first address in the text that has a fragment: the invitation's.
    pub link: Option<String>,
}

/// The mails that were sent.
#[derive(Default)]
pub struct Inbox {
    mails: Mutex<VecDeque<Mail>>,
    feedback: Option<Arc<Feedback>>,
}

impl Inbox {
    /// An inbox that tells what becomes of its mails.
    pub fn new(feedback: Feedback) -> Self {
        Self { feedback: Some(Arc::new(feedback)), ..Self::default() }
    }

    /// Tells what becomes of a mail, some moment after it was taken.
    fn tell(&self, sent: Sent) {
        if let Some(feedback) = &self.feedback {
            let feedback = Arc::clone(feedback);
            tokio::spawn(async move { feedback.tell(&sent).await });
        }
    }

    /// The mails to an address, or all; the newest is the last.
    pub fn mails(&self, to: Option<&str>) -> Vec<Mail> {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().filter(|mail| to.is_none_or(|to| is_to(mail, to))).cloned().collect()
    }

    fn keep(&self, mail: Mail) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= KEPT {
            mails.pop_front();
        }
        mails.push_back(mail);
    }
}

fn is_to(mail: &Mail, wanted: &str) -> bool {
    mail.to.split(", ").any(|to| {
        let address = to.rsplit_once('<').map_or(to, |(_, rest)| rest.trim_end_matches('>'));
        address.trim().eq_ignore_ascii_case(wanted.trim())
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: String,
    destination: Destination,
    content: Content,
    #[serde(default)]
    email_tags: Vec<Tag>,
    configuration_set_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Simple,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Part,
    body: Parts,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parts {
    #[serde(default)]
    text: Option<Part>,
    #[serde(default)]
    html: Option<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    data: String,
}

fn mail_of(sent: SendEmail, at: String) -> Mail {
    let simple = sent.content.simple;
    let data = |part: Option<Part>| part.map(|part| part.data).unwrap_or_default();
    let text = data(simple.body.text);
    Mail {
        at,
        to: sent.destination.to_addresses.join(", "),
        from: sent.from_email_address,
        subject: simple.subject.data,
        link: link_in(&text),
        text,
        html: data(simple.body.html),
    }
}

/// What SES knows of a mail when it tells what became of it.
fn sent_of(sent: &SendEmail, id: &str, at: String) -> Sent {
    let tags = sent.email_tags.iter().map(|tag| (tag.name.clone(), tag.value.clone()));
    let by_itself = sent.configuration_set_name.clone();
    let by_itself = by_itself.map(|set| ("ses:configuration-set".to_owned(), set));
    Sent {
        id: id.to_owned(),
        at,
        to: sent.destination.to_addresses.clone(),
        tags: tags.chain(by_itself).collect(),
    }
}

fn link_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .filter_map(|word| word.find("http").and_then(|at| word.get(at..)))
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .find(|word| word.contains('#'))
        .map(|word| word.trim_end_matches(['>', ')', ']', '"', '\'', '.', ',', ';']).to_owned())
}

/// The routes of the inbox: sending as SES takes it, reading below `/_local`.
pub fn router(inbox: Arc<Inbox>) -> Router {
    Router::new()
        .route("/v2/email/outbound-emails", post(send))
        .layer(DefaultBodyLimit::max(MAIL_LIMIT))
        .route("/_local/mails", get(mails))
        .with_state(inbox)
}

async fn send(
    State(inbox): State<Arc<Inbox>>,
    body: axum::body::Bytes,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let refused = |status, message: String| (status, Json(json!({"message": message})));
    // The content type is not looked at: SES does not either.
    let sent: SendEmail = serde_json::from_slice(&body)
        .map_err(|error| refused(StatusCode::BAD_REQUEST, error.to_string()))?;
    let id = random::id()
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let at = format!("{:.3}", clock::now());
    let told = sent_of(&sent, &id, at.clone());
    inbox.keep(mail_of(sent, at));
    inbox.tell(told);
    Ok(Json(json!({"MessageId": id})))
}

#[derive(Deserialize)]
struct Wanted {
    to: Option<String>,
}

/// A mail is sent a moment after the request that caused it: whoever asks for an address waits for the first one.
async fn mails(State(inbox): State<Arc<Inbox>>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let to = wanted.to.as_deref();
    let patience = Instant::now() + PATIENCE;
    let mut mails = inbox.mails(to);
    while to.is_some() && mails.is_empty() && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(50)).await;
        mails = inbox.mails(to);
    }
    Json(json!({"mails": mails}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(to: &str) -> Mail {
        let body = json!({
            "FromEmailAddress": "Coulisses <acces@coulisses.test>",
            "Destination": {"ToAddresses": [to]},
            "Content": {"Simple": {
                "Subject": {"Data": "Invitation"},
                "Body": {"Text": {"Data": "Bonjour https://a.example/\nici : http://x/y#tok_en-1.\n"}}
            }}
        });
        mail_of(serde_json::from_value(body).unwrap(), "2026-11-22T00:00:00.000Z".to_owned())
    }

    #[test]
    fn the_link_is_the_one_with_a_fragment() {
        assert_eq!(sent("lea@example.org").link.as_deref(), Some("http://x/y#tok_en-1"));
        assert_eq!(link_in("see http://x/y"), None);
        assert_eq!(link_in("<https://x#t>").as_deref(), Some("https://x#t"));
    }

    #[test]
    fn mails_are_found_by_address_and_the_oldest_go() {
        let inbox = Inbox::default();
        inbox.keep(sent("Léa <Lea@example.org>"));
        inbox.keep(sent("leo@example.org"));
        assert_eq!(inbox.mails(Some("lea@example.org")).len(), 1);
        assert_eq!(inbox.mails(None).len(), 2);
        for _ in 0..KEPT {
            inbox.keep(sent("leo@example.org"));
        }
        assert_eq!(inbox.mails(None).len(), KEPT);
        assert!(inbox.mails(Some("lea@example.org")).is_empty());
    }
}
