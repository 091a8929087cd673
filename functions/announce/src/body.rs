//! The request body.

use std::collections::BTreeSet;

use coulisses_aws::http::{Checked, Code, Failure, FieldErrors, Object};
use coulisses_domain::{
    announce::{AnnounceCommand, To},
    recipients::RecipientFilter,
    role::RoleName,
    text::{AnnouncementText, MailSubject, Paragraphs},
};
use serde::Deserialize;

/// An announcement.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnnouncementBody {
    subject: String,
    text: String,
    to: Option<Object<ToBody>>,
}

/// Who receives it; by default everyone.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ToBody {
    roles: Option<Vec<String>>,
    below: Option<bool>,
    only_me: Option<bool>,
}

impl AnnouncementBody {
    pub fn into_command(self) -> Result<AnnounceCommand, Failure> {
        let mut errors = FieldErrors::default();
        let subject =
            errors.explain("/subject", Code::InvalidField, MailSubject::parse(&self.subject));
        let text = errors.explain("/text", Code::InvalidField, Paragraphs::parse(&self.text));
        let to = self.to.map_or_else(ToBody::default, |Object(to)| to);
        let to = errors.within("/to", |errors| to.read(errors));
        let (Ok(subject), Ok(text), Ok(to)) = (subject, text, to) else {
            return Err(errors.into());
        };
        Ok(AnnounceCommand { content: AnnouncementText { subject, text }, to })
    }
}

impl ToBody {
    fn read(&self, errors: &mut FieldErrors) -> Checked<To> {
        let only_me = self.only_me == Some(true);
        if only_me && (self.roles.is_some() || self.below.is_some()) {
            return errors.reject("/onlyMe", Code::InvalidField);
        }
        let roles = self.roles.as_deref().map(|named| roles(errors, named)).transpose()?;
        let (roles, here) = (roles.unwrap_or_default(), self.below == Some(false));
        let people = RecipientFilter { roles, here, only: None };
        Ok(if only_me { To::Caller } else { To::People(people) })
    }
}

/// At least one role, each once.
fn roles(errors: &mut FieldErrors, named: &[String]) -> Checked<BTreeSet<RoleName>> {
    let mut roles = BTreeSet::new();
    for (index, name) in named.iter().enumerate() {
        let pointer = format!("/roles/{index}");
        let role = errors.check(&pointer, Code::InvalidRole, RoleName::parse(name).ok_or(()))?;
        if !roles.insert(role) {
            return errors.reject(&pointer, Code::InvalidField);
        }
    }
    if roles.is_empty() { errors.reject("/roles", Code::InvalidField) } else { Ok(roles) }
}
