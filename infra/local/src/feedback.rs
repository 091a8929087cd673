//! What SES tells of a mail by `EventBridge`: as its mailbox simulator does, by the address.

use crate::failure::chain;
use crate::functions::Functions;
use crate::pattern;
use crate::template::Function;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a function may take over one event.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How often an event is handed over at most.
const TRIES: u32 = 3;

/// A mail that was taken.
pub struct Sent {
    /// Its id.
    pub id: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// To whom.
    pub to: Vec<String>,
    /// Its tags, the configuration set included.
    pub tags: BTreeMap<String, String>,
}

/// Hands the events of mails to whoever has a rule for them.
pub struct Feedback {
    functions: Functions,
    rules: Vec<(String, Value)>,
}

impl Feedback {
    /// For the rules of these functions.
    pub fn new(functions: Functions, all: &[Function]) -> Self {
        let rules = all.iter().flat_map(|function| {
            function.rules.iter().map(|rule| (function.name.clone(), rule.clone()))
        });
        Self { functions, rules: rules.collect() }
    }

    /// Tells all that becomes of a mail.
    pub async fn tell(&self, sent: &Sent) {
        for (kind, told) in outcome(sent) {
            let event = event(sent, kind, &told);
            for function in self.listeners(&event) {
                self.hand_over(function, &event).await;
            }
        }
    }

    /// The functions that have a rule for an event.
    fn listeners(&self, event: &Value) -> impl Iterator<Item = &str> {
        let wants = |(_, rule): &&(String, Value)| pattern::matches(rule, Some(event));
        self.rules.iter().filter(wants).map(|(function, _)| function.as_str())
    }

    async fn hand_over(&self, function: &str, event: &Value) {
        for _ in 0..TRIES {
            match self.functions.call(function, event, TIME_LIMIT).await {
                Ok(_) => return,
                Err(error) => eprintln!("{function}, with news of a mail: {}", chain(&error)),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// What becomes of a mail: what the simulator of SES does for addresses like `bounce@simulator.amazonses.com`, here for
/// these names at any domain, also with a suffix (`bounce+lea@example.org`); `reject` is this stack's own.
fn outcome(sent: &Sent) -> Vec<(&'static str, Value)> {
    let first = sent.to.first().map(String::as_str).unwrap_or_default();
    let local = first.split(['@', '+']).next().unwrap_or_default();
    let delivery =
        ("Delivery", json!({"recipients": sent.to, "smtpResponse": "250 2.6.0 Message received"}));
    let bounce = |kind: &str| {
        let recipients: Vec<Value> =
            sent.to.iter().map(|to| json!({"emailAddress": to, "action": "failed"})).collect();
        let bounce = json!({"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": recipients});
        ("Bounce", bounce)
    };
    match local.to_ascii_lowercase().as_str() {
        "bounce" | "suppressionlist" => vec![bounce("Permanent")],
        "ooto" => vec![delivery, bounce("Transient")],
        "complaint" => vec![delivery, ("Complaint", json!({"complaintFeedbackType": "abuse"}))],
        "reject" => vec![("Reject", json!({"reason": "Bad content"}))],
        _ => vec![delivery],
    }
}

/// The event, as SES publishes it to `EventBridge`.
fn event(sent: &Sent, kind: &str, told: &Value) -> Value {
    let tags: BTreeMap<&String, [&String; 1]> =
        sent.tags.iter().map(|(name, value)| (name, [value])).collect();
    let mail = json!({
        "timestamp": sent.at, "messageId": sent.id, "destination": sent.to, "tags": tags,
    });
    let detail_type = match kind {
        "Delivery" => "Email Delivered",
        "Bounce" => "Email Bounced",
        "Complaint" => "Email Complaint Received",
        _ => "Email Rejected",
    };
    json!({
        "version": "0",
        "id": sent.id,
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": "000000000000",
        "time": sent.at,
        "region": "local",
        "resources": [],
        "detail": {"eventType": kind, "mail": mail, kind.to_ascii_lowercase(): told},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    fn sent(to: &str) -> Sent {
        let tag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Sent {
            id: "1".to_owned(),
            at: "2026-11-22T12:00:00.000Z".to_owned(),
            to: vec![to.to_owned()],
            tags: [tag("client", "acme"), tag("ses:configuration-set", "MailConfigurationSet")]
                .into(),
        }
    }

    #[test]
    fn the_address_says_what_becomes_of_a_mail() {
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
            let told = |(kind, told): (&str, Value)| {
                format!("{kind} {}", told["bounceType"].as_str().unwrap_or_default())
                    .trim_end()
                    .to_owned()
            };
            let told: Vec<String> = outcome(&sent(to)).into_iter().map(told).collect();
            assert_eq!(told, expected, "{to}");
        }
    }

    #[test]
    fn news_of_our_mails_go_to_whoever_has_the_templates_rule_for_them() {
        let parameters = BTreeMap::from(
            ["Issuer", "Audience", "PlatformClientIds", "LinkUrl", "MailFrom"]
                .map(|name| (name, "x".to_owned())),
        );
        let text = include_str!("../../template.yaml");
        let template = Template::parse(text, &parameters).unwrap();
        let functions = Functions::new(reqwest::Client::new(), String::new());
        let feedback = Feedback::new(functions, &template.functions);
        let listeners = |sent: &Sent, kind: &str| {
            let event = event(sent, kind, &json!({}));
            feedback.listeners(&event).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let ours = sent("lea@example.org");
        for kind in ["Delivery", "Bounce", "Reject", "Complaint"] {
            assert_eq!(listeners(&ours, kind), ["delivery-status"], "{kind}");
        }
        assert!(listeners(&ours, "Open").is_empty());
        let set = ("ses:configuration-set".to_owned(), "another".to_owned());
        assert!(listeners(&Sent { tags: [set].into(), ..ours }, "Bounce").is_empty());
    }
}
