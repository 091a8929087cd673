//! Subjects, actions and resources, as the protocol names them, and the questions that they are here.

use coulisses_aws::{
    config::Settings,
    http::{Failure, Object},
};
use coulisses_domain::{
    check::Question,
    collaborator::Account,
    email::Email,
    permission::Permission,
    scope::{Level, ScopeId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The type of all subjects.
pub(crate) const USER: &str = "user";

/// The type of resources of any level.
const ANY_SCOPE: &str = "scope";

/// The entities of a request. Each may be absent, and unknown fields are ignored.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Entities {
    pub subject: Option<Object<Entity>>,
    pub action: Option<Object<Action>>,
    pub resource: Option<Object<Entity>>,
    /// Decisions follow from the records alone, so it does not matter.
    pub context: Option<Map<String, Value>>,
}

/// A subject or a resource.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Entity {
    pub r#type: Option<String>,
    pub id: Option<String>,
    pub properties: Option<Map<String, Value>>,
}

/// An action.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Action {
    pub name: Option<String>,
    pub properties: Option<Map<String, Value>>,
}

/// What is missing or of another type in a request, by its path: `subject.id`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrong(pub &'static str);

impl From<Wrong> for Failure {
    fn from(Wrong(path): Wrong) -> Self {
        Self::malformed(
            format!("{path} manque, ou n’est pas une chaîne"),
            format!("{path} is missing, or not a string"),
        )
    }
}

impl Entities {
    pub(crate) fn subject(&self) -> Result<Subject, Wrong> {
        let Object(subject) = self.subject.as_ref().ok_or(Wrong("subject"))?;
        let is_user = subject.r#type.as_deref().ok_or(Wrong("subject.type"))? == USER;
        let id = subject.id.as_deref().ok_or(Wrong("subject.id"))?;
        let email = Email::claimed(id).ok().filter(|_| is_user);
        Ok(Subject { email, account: account(subject.properties.as_ref())? })
    }

    /// Whether the searched subjects are users.
    pub(crate) fn searches_users(&self) -> Result<bool, Wrong> {
        let Object(subject) = self.subject.as_ref().ok_or(Wrong("subject"))?;
        Ok(subject.r#type.as_deref().ok_or(Wrong("subject.type"))? == USER)
    }

    /// `None` for an unknown name.
    pub(crate) fn permission(&self) -> Result<Option<Permission>, Wrong> {
        let Object(action) = self.action.as_ref().ok_or(Wrong("action"))?;
        Ok(Permission::parse(action.name.as_deref().ok_or(Wrong("action.name"))?))
    }

    /// `None` for an unknown type, and for an id that no scope can have.
    pub(crate) fn resource(&self) -> Result<Option<(ScopeId, Kind)>, Wrong> {
        let kind = self.kind()?;
        let Object(resource) = self.resource.as_ref().ok_or(Wrong("resource"))?;
        let id = resource.id.as_deref().ok_or(Wrong("resource.id"))?;
        Ok(ScopeId::parse(id).ok().zip(kind))
    }

    /// The type of the resource; `None` for an unknown one.
    pub(crate) fn kind(&self) -> Result<Option<Kind>, Wrong> {
        let Object(resource) = self.resource.as_ref().ok_or(Wrong("resource"))?;
        Ok(Kind::parse(resource.r#type.as_deref().ok_or(Wrong("resource.type"))?))
    }

    /// The property of the resource with this name.
    pub(crate) fn resource_property(&self, name: &str) -> Option<&Value> {
        self.resource.as_ref()?.0.properties.as_ref()?.get(name)
    }

    /// The question; `None` if it is about something unknown, which nothing allows.
    pub(crate) fn question(&self, settings: &Settings) -> Result<Option<Question>, Wrong> {
        let (subject, permission) = (self.subject()?, self.permission()?);
        let resource = self.resource()?;
        Ok(permission.and_then(|permission| subject.about(resource?, permission, settings)))
    }

    /// A search ignores the id of what it searches.
    pub(crate) fn ignore_subject_id(&mut self) {
        if let Some(Object(subject)) = &mut self.subject {
            subject.id = None;
        }
    }

    /// The same for a search for resources.
    pub(crate) fn ignore_resource_id(&mut self) {
        if let Some(Object(resource)) = &mut self.resource {
            resource.id = None;
        }
    }

    /// The entities of an item of a batch: those that it leaves out are those of the batch.
    pub(crate) fn or(self, defaults: &Self) -> Self {
        Self {
            subject: self.subject.or_else(|| defaults.subject.clone()),
            action: self.action.or_else(|| defaults.action.clone()),
            resource: self.resource.or_else(|| defaults.resource.clone()),
            context: None,
        }
    }
}

/// The type of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Any,
    Of(Level),
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        if text == ANY_SCOPE { Some(Self::Any) } else { Level::parse(text).map(Self::Of) }
    }

    pub(crate) const fn level(self) -> Option<Level> {
        match self {
            Self::Any => None,
            Self::Of(level) => Some(level),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.level().map_or(ANY_SCOPE, Level::name)
    }
}

/// A user, and the account that they must be bound to, if the request names one.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// `None` for another type of subject, and for an id that is no address.
    pub email: Option<Email>,
    account: Option<Account>,
}

impl Subject {
    /// The question about this subject; `None` if there is no such subject.
    pub(crate) fn about(
        &self,
        (scope, kind): (ScopeId, Kind),
        permission: Permission,
        settings: &Settings,
    ) -> Option<Question> {
        let about = settings.ids.collaborator(&scope.client(), self.email.as_ref()?);
        let account = self.account.clone();
        Some(Question { about: Some(about), account, scope, level: kind.level(), permission })
    }
}

/// The account in the properties of a subject. Half of one is refused: without it, more could be allowed than was asked.
fn account(properties: Option<&Map<String, Value>>) -> Result<Option<Account>, Wrong> {
    let text = |name: &str, path| match properties.and_then(|properties| properties.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Wrong(path)),
    };
    let (iss, sub) = ("subject.properties.iss", "subject.properties.sub");
    match (text("iss", iss)?, text("sub", sub)?) {
        (None, None) => Ok(None),
        (Some(iss), Some(sub)) => Ok(Some(Account { iss, sub })),
        (Some(_), None) => Err(Wrong(sub)),
        (None, Some(_)) => Err(Wrong(iss)),
    }
}
