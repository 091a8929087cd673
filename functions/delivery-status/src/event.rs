//! The events of SES, as EventBridge hands them over.

use std::collections::BTreeMap;

use coulisses_aws::table::Invited;
use coulisses_domain::{
    ids::{CollaboratorId, MailId},
    scope::ClientId,
};
use serde::Deserialize;
use serde_json::Value;

/// What SES tells of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What happened.
    pub what: What,
    /// The client that the mail was sent for.
    pub client: ClientId,
    /// To whom.
    pub collaborator: CollaboratorId,
    /// The sending.
    pub mail_id: MailId,
}

impl News {
    /// Whose invitation it is about, if the mail was an invitation.
    #[must_use]
    pub const fn invited(&self) -> Invited<'_> {
        Invited { client: &self.client, id: &self.collaborator, mail_id: &self.mail_id }
    }
}

/// What happened to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The receiving server took it.
    Delivered,
    /// The receiving server refused it for good.
    Bounced,
    /// Something came back that may pass: a full mailbox, but also an answer that somebody is out of office.
    BouncedForNow,
    /// SES did not send it, for what is in it.
    Rejected,
    /// The reader told the mail's provider that it is unwanted.
    Complaint,
    /// Anything else, such as that it was opened.
    Other,
}

/// Why an event is passed over. It never holds anything of the event, where an address stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignMail {
    /// It does not have the form.
    #[error("it is not an event of SES")]
    Form,
    /// The mail is none of this service.
    #[error("the mail has not the tags of this service")]
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
}

impl TryFrom<Value> for News {
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
            what: detail.what(),
        })
    }
}

impl Detail {
    fn what(&self) -> What {
        let bounced = self.bounce.as_ref().map(|bounce| bounce.bounce_type.as_str());
        match (self.event_type.as_str(), bounced) {
            ("Delivery", _) => What::Delivered,
            ("Bounce", Some("Permanent")) => What::Bounced,
            ("Bounce", _) => What::BouncedForNow,
            ("Reject", _) => What::Rejected,
            ("Complaint", _) => What::Complaint,
            (_, _) => What::Other,
        }
    }
}
