//! `SendEmail` of SES version 2, with an inbox that shows what was sent.

use crate::feedback::{Feedback, SentMail};
use crate::values::{now, random_id};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many mails the inbox keeps; it drops the oldest.
const KEPT: usize = 1_000;

/// The largest mail that SES accepts, in bytes.
const MAIL_LIMIT: usize = 40 * 1024 * 1024;

/// How long a request for the mails to an address waits for the first one.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// RFC 3339, in UTC.
    pub at: String,
    pub to: String,
    pub from: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// The first address in the text that has a fragment: the invitation's link.
    pub link: Option<String>,
}

#[derive(Default)]
pub struct Inbox {
    mails: Mutex<VecDeque<Mail>>,
    feedback: Option<Arc<Feedback>>,
}

impl Inbox {
    /// An inbox that publishes the events of its mails.
    pub fn new(feedback: Feedback) -> Self {
        Self { feedback: Some(Arc::new(feedback)), ..Self::default() }
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

fn is_to(mail: &Mail, address: &str) -> bool {
    mail.to.split(", ").any(|to| {
        let to = to.rsplit_once('<').map_or(to, |(_, rest)| rest.trim_end_matches('>'));
        to.trim().eq_ignore_ascii_case(address.trim())
    })
}

/// The mail of a `SendEmail` request, if it has a sender, a recipient and simple content.
fn mail(request: &Value, at: &str) -> Option<Mail> {
    let text = |pointer| request.pointer(pointer)?.as_str().map(ToOwned::to_owned);
    let body = text("/Content/Simple/Body/Text/Data").unwrap_or_default();
    Some(Mail {
        at: at.to_owned(),
        to: recipients(request)?.join(", "),
        from: text("/FromEmailAddress")?,
        subject: text("/Content/Simple/Subject/Data")?,
        link: link_in(&body),
        text: body,
        html: text("/Content/Simple/Body/Html/Data").unwrap_or_default(),
    })
}

fn recipients(request: &Value) -> Option<Vec<String>> {
    serde_json::from_value(request.pointer("/Destination/ToAddresses")?.clone()).ok()
}

/// The tags of a `SendEmail` request, with those that SES adds.
fn tags(request: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value, key| value.get(key)?.as_str().map(ToOwned::to_owned);
    let tags = request.get("EmailTags").and_then(Value::as_array).into_iter().flatten();
    let tags = tags.filter_map(|tag| Some((text(tag, "Name")?, text(tag, "Value")?)));
    let set = text(request, "ConfigurationSetName");
    tags.chain(set.map(|set| ("ses:configuration-set".to_owned(), set))).collect()
}

fn link_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .filter_map(|word| word.find("http").and_then(|at| word.get(at..)))
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .find(|word| word.contains('#'))
        .map(|word| word.trim_end_matches(['>', ')', ']', '"', '\'', '.', ',', ';']).to_owned())
}

/// The routes of the inbox: `SendEmail`, and reading below `/_local`.
pub fn router(inbox: Arc<Inbox>) -> Router {
    Router::new()
        .route("/v2/email/outbound-emails", post(send))
        .layer(DefaultBodyLimit::max(MAIL_LIMIT))
        .route("/_local/mails", get(mails))
        .with_state(inbox)
}

/// Like SES, ignores the content type.
async fn send(
    State(inbox): State<Arc<Inbox>>,
    body: axum::body::Bytes,
) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let (id, at) = (random_id(), format!("{:.3}", now()));
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (Some(mail), Some(to)) = (mail(&request, &at), recipients(&request)) else {
        let message = "the request is not a SendEmail with simple content";
        return Err((StatusCode::BAD_REQUEST, Json(json!({ "message": message }))));
    };
    inbox.keep(mail);
    if let Some(feedback) = inbox.feedback.clone() {
        let sent = SentMail { id: id.clone(), at, to, tags: tags(&request) };
        tokio::spawn(async move { feedback.publish(&sent).await });
    }
    Ok(Json(json!({ "MessageId": id })))
}

#[derive(Deserialize)]
struct MailQuery {
    to: Option<String>,
}

/// Mail is sent shortly after the request that causes it, so a request for an address waits for its first mail.
async fn mails(State(inbox): State<Arc<Inbox>>, Query(query): Query<MailQuery>) -> Json<Value> {
    let to = query.to.as_deref();
    let end = Instant::now() + PATIENCE;
    let mut mails = inbox.mails(to);
    while to.is_some() && mails.is_empty() && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(50)).await;
        mails = inbox.mails(to);
    }
    Json(json!({ "mails": mails }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(to: &str) -> Mail {
        let request = json!({
            "FromEmailAddress": "Coulisses <acces@coulisses.test>",
            "Destination": {"ToAddresses": [to]},
            "Content": {"Simple": {
                "Subject": {"Data": "Invitation"},
                "Body": {"Text": {"Data": "Bonjour https://a.example/\nici : http://x/y#tok_en-1.\n"}}
            }}
        });
        mail(&request, "2026-11-22T00:00:00.000Z").unwrap()
    }

    #[test]
    fn the_link_is_the_first_with_a_fragment() {
        assert_eq!(sent("lea@example.org").link.as_deref(), Some("http://x/y#tok_en-1"));
        assert_eq!(link_in("see http://x/y"), None);
        assert_eq!(link_in("<https://x#t>").as_deref(), Some("https://x#t"));
    }

    #[test]
    fn mails_are_found_by_address_and_the_oldest_are_dropped() {
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

    #[test]
    fn tags_include_the_configuration_set() {
        let request = json!({
            "EmailTags": [{"Name": "client", "Value": "acme"}], "ConfigurationSetName": "set"
        });
        let expected = [("client", "acme"), ("ses:configuration-set", "set")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(tags(&request), BTreeMap::from(expected));
    }

    #[test]
    fn a_mail_needs_sender_recipients_and_a_subject() {
        assert_eq!(mail(&json!({"FromEmailAddress": "a@b", "Destination": {}}), ""), None);
    }
}
