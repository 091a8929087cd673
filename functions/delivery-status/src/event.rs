//! The events of SES, as EventBridge delivers them.

use std::collections::BTreeMap;

use coulisses_aws::table::Invited;
use coulisses_domain::{
    ids::{CollaboratorId, MailId},
    scope::ClientId,
};
use serde::Deserialize;
use serde_json::Value;

/// An event of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailEvent {
    /// What happened.
    pub kind: MailEventKind,
    /// The client that the mail was sent for.
    pub client: ClientId,
    /// The recipient.
    pub collaborator: CollaboratorId,
    /// The mail.
    pub mail_id: MailId,
}

impl MailEvent {
    /// The invitation, if the mail was one.
    #[must_use]
    pub const fn invited(&self) -> Invited<'_> {
        Invited { client: &self.client, id: &self.collaborator, mail_id: &self.mail_id }
    }
}

/// What happened to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailEventKind {
    /// The receiving server accepted it.
    Delivered,
    /// The receiving server refused it permanently.
    Bounced,
    /// SES did not send it, because it suppresses the address after an earlier bounce or complaint.
    Suppressed,
    /// A bounce that may pass, such as a full mailbox; also an out-of-office reply.
    BouncedTransiently,
    /// SES did not send it because of its content.
    Rejected,
    /// The recipient reported it as unwanted.
    Complaint,
    /// Any other event, such as an opened mail.
    Other,
}

/// Why an event is ignored. It quotes nothing from the event, which contains an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignMail {
    /// It is not an event of SES.
    #[error("it is not an event of SES")]
    Form,
    /// This service did not send the mail.
    #[error("the mail does not have the tags of this service")]
    Tags,
}

#[derive(Deserialize)]
struct Event {
    source: String,
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
}

#[derive(Deserialize)]
struct Mail {
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    #[serde(default)]
    bounce_sub_type: String,
}

impl TryFrom<Value> for MailEvent {
    type Error = ForeignMail;

    fn try_from(event: Value) -> Result<Self, ForeignMail> {
        let Event { source, detail } =
            serde_json::from_value(event).map_err(|_| ForeignMail::Form)?;
        if source != "aws.ses" {
            return Err(ForeignMail::Form);
        }
        let tag = |name: &str| match detail.mail.tags.get(name).map(Vec::as_slice) {
            Some([value]) => Ok(value.as_str()),
            Some(_) | None => Err(ForeignMail::Tags),
        };
        Ok(Self {
            client: ClientId::parse(tag("client")?).map_err(|_| ForeignMail::Tags)?,
            collaborator: CollaboratorId::parse(tag("collaborator")?)
                .map_err(|_| ForeignMail::Tags)?,
            mail_id: MailId::new(tag("sending")?.to_owned()),
            kind: detail.kind(),
        })
    }
}

impl Detail {
    fn kind(&self) -> MailEventKind {
        let bounced = self
            .bounce
            .as_ref()
            .map(|bounce| (bounce.bounce_type.as_str(), bounce.bounce_sub_type.as_str()));
        match (self.event_type.as_str(), bounced) {
            ("Delivery", _) => MailEventKind::Delivered,
            // The list of all accounts of SES, and that of this account.
            ("Bounce", Some(("Permanent", "Suppressed" | "OnAccountSuppressionList"))) => {
                MailEventKind::Suppressed
            }
            ("Bounce", Some(("Permanent", _))) => MailEventKind::Bounced,
            ("Bounce", _) => MailEventKind::BouncedTransiently,
            ("Reject", _) => MailEventKind::Rejected,
            ("Complaint", _) => MailEventKind::Complaint,
            (_, _) => MailEventKind::Other,
        }
    }
}
