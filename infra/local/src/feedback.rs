//! The events that SES publishes to `EventBridge` about each mail.

use crate::functions::Functions;
use crate::pattern;
use crate::template::Function;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a function may take over one event.
const TIME_LIMIT: Duration = Duration::from_secs(30);

const ATTEMPTS: u32 = 3;

/// An accepted mail.
pub struct SentMail {
    pub id: String,
    /// RFC 3339, in UTC.
    pub at: String,
    pub to: Vec<String>,
    /// The tags, including the configuration set.
    pub tags: BTreeMap<String, String>,
}

/// Sends the events to the functions that have a matching rule.
pub struct Feedback {
    functions: Functions,
    rules: Vec<(String, Value)>,
}

impl Feedback {
    pub fn new(functions: Functions, all: &[Function]) -> Self {
        let rules = all.iter().flat_map(|function| {
            function.rules.iter().map(|rule| (function.name.clone(), rule.clone()))
        });
        Self { functions, rules: rules.collect() }
    }

    /// Publishes the events of a mail.
    pub async fn publish(&self, mail: &SentMail) {
        for (kind, details) in outcome(mail) {
            let event = event(mail, kind, &details);
            for function in self.listeners(&event) {
                self.send(function, &event).await;
            }
        }
    }

    /// The functions that have a rule for an event.
    fn listeners(&self, event: &Value) -> impl Iterator<Item = &str> {
        let listens = |(_, rule): &&(String, Value)| pattern::matches(rule, Some(event));
        self.rules.iter().filter(listens).map(|(function, _)| function.as_str())
    }

    async fn send(&self, function: &str, event: &Value) {
        for _ in 0..ATTEMPTS {
            match self.functions.call(function, event, TIME_LIMIT).await {
                Ok(_) => return,
                Err(error) => eprintln!("{function}, called with an event of SES: {error:#}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// The events of a mail. The part before `@` or `+` decides, with the names of the SES mailbox simulator (as in
/// `bounce@simulator.amazonses.com`), here at any domain; only `reject` is not a name of the simulator.
fn outcome(mail: &SentMail) -> Vec<(&'static str, Value)> {
    let first = mail.to.first().map(String::as_str).unwrap_or_default();
    let local = first.split(['@', '+']).next().unwrap_or_default();
    let delivery =
        ("Delivery", json!({"recipients": mail.to, "smtpResponse": "250 2.6.0 Message received"}));
    let bounce = |kind: &str, sub: &str| {
        let recipients: Vec<Value> =
            mail.to.iter().map(|to| json!({"emailAddress": to, "action": "failed"})).collect();
        let bounce =
            json!({"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": recipients});
        ("Bounce", bounce)
    };
    match local.to_ascii_lowercase().as_str() {
        "bounce" => vec![bounce("Permanent", "General")],
        "suppressionlist" => vec![bounce("Permanent", "OnAccountSuppressionList")],
        "ooto" => vec![delivery, bounce("Transient", "General")],
        "complaint" => vec![delivery, ("Complaint", json!({"complaintFeedbackType": "abuse"}))],
        "reject" => vec![("Reject", json!({"reason": "Bad content"}))],
        _ => vec![delivery],
    }
}

/// The event in the form that SES publishes.
fn event(mail: &SentMail, kind: &str, details: &Value) -> Value {
    let tags: BTreeMap<&String, [&String; 1]> =
        mail.tags.iter().map(|(name, value)| (name, [value])).collect();
    let detail_type = match kind {
        "Delivery" => "Email Delivered",
        "Bounce" => "Email Bounced",
        "Complaint" => "Email Complaint Received",
        _ => "Email Rejected",
    };
    json!({
        "version": "0",
        "id": mail.id,
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": "000000000000",
        "time": mail.at,
        "region": "local",
        "resources": [],
        "detail": {
            "eventType": kind,
            "mail": {"timestamp": mail.at, "messageId": mail.id, "destination": mail.to, "tags": tags},
            kind.to_ascii_lowercase(): details,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    fn sent(to: &str) -> SentMail {
        let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        SentMail {
            id: "1".to_owned(),
            at: "2026-11-22T12:00:00.000Z".to_owned(),
            to: vec![to.to_owned()],
            tags: [tag("client", "acme"), tag("ses:configuration-set", "MailConfigurationSet")]
                .into(),
        }
    }

    #[test]
    fn the_address_decides_the_events_of_a_mail() {
        for (to, expected) in [
            ("lea@example.org", vec!["Delivery"]),
            ("bounce@simulator.amazonses.com", vec!["Bounce Permanent"]),
            ("Bounce+lea@example.org", vec!["Bounce Permanent"]),
            ("suppressionlist@simulator.amazonses.com", vec!["Bounce Permanent"]),
            ("ooto@simulator.amazonses.com", vec!["Delivery", "Bounce Transient"]),
            ("complaint@simulator.amazonses.com", vec!["Delivery", "Complaint"]),
            ("reject@example.org", vec!["Reject"]),
            ("bouncer@example.org", vec!["Delivery"]),
        ] {
            let event = |(kind, details): (&str, Value)| {
                let bounce = details["bounceType"].as_str().unwrap_or_default();
                format!("{kind} {bounce}").trim_end().to_owned()
            };
            let events: Vec<String> = outcome(&sent(to)).into_iter().map(event).collect();
            assert_eq!(events, expected, "{to}");
        }
    }

    #[test]
    fn events_go_to_the_functions_with_a_matching_rule_in_the_template() {
        let parameters = BTreeMap::from(
            ["Issuer", "JwtAudience", "PlatformClientIds", "LinkUrl", "MailFrom"]
                .map(|name| (name, "x".to_owned())),
        );
        let text = include_str!("../../template.yaml");
        let template = Template::parse(text, &parameters).unwrap();
        let functions = Functions::new(reqwest::Client::new(), String::new(), None);
        let feedback = Feedback::new(functions, &template.functions);
        let listeners = |mail: &SentMail, kind: &str| {
            let event = event(mail, kind, &json!({}));
            feedback.listeners(&event).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let ours = sent("lea@example.org");
        for kind in ["Delivery", "Bounce", "Reject", "Complaint"] {
            assert_eq!(listeners(&ours, kind), ["delivery-status"], "{kind}");
        }
        assert!(listeners(&ours, "Open").is_empty());
        let set = ("ses:configuration-set".to_owned(), "another".to_owned());
        assert!(listeners(&SentMail { tags: [set].into(), ..ours }, "Bounce").is_empty());
    }
}
