//! A history entry as a CloudEvent 1.0 (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>). The feed
//! and the event bus have the same JSON, which `infra/asyncapi.yaml` describes.

use std::collections::BTreeMap;

use coulisses_domain::{
    actor::Actor,
    history::{CollaboratorLabel, SeatCount, view::RecordedEntry},
    scope::{ClientId, ScopeId},
    text::{Name, Reason},
    time::Version,
};
use serde::Serialize;

use super::view::{GrantChangeView, MovedView, PlatformView, RoleChangeView};
use crate::{config::EventSettings, ids::IdKey};

/// Writes history entries as events.
#[derive(Clone, Copy, Debug)]
pub struct EventWriter<'a> {
    /// The settings.
    pub settings: &'a EventSettings,
    /// The key of ids: an entry names its actor by address.
    pub ids: &'a IdKey,
}

/// An event. It names people by their ids, unless the deployment wants their names.
#[derive(Debug, Serialize)]
pub struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    r#type: String,
    subject: String,
    time: String,
    datacontenttype: &'static str,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    client: &'a str,
    collaborator: Option<&'a str>,
    version: Option<i64>,
    changes: BTreeMap<&'a str, GrantChangeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleChangeView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    actor: ActorId<'a>,
    seats: Option<Seats>,
    #[serde(flatten)]
    moved: MovedView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Seats {
    limit: Option<u32>,
    used: u32,
}

/// Who made the change.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ActorId<'a> {
    User {
        /// The id; `null` for a person who was erased.
        id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        via: Option<PlatformView<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        person: Option<PersonView<'a>>,
    },
    Platform(PlatformView<'a>),
    System {
        system: &'static str,
    },
}

/// A person as they were named then.
#[derive(Debug, Serialize)]
struct PersonView<'a> {
    email: &'a str,
    name: Option<&'a str>,
}

impl<'a> EventWriter<'a> {
    /// The event of an entry.
    #[must_use]
    pub fn event(self, client: &'a ClientId, recorded: &'a RecordedEntry) -> CloudEvent<'a> {
        let RecordedEntry { id, entry } = recorded;
        let about = entry.collaborator.as_ref();
        let subject = match (about, &entry.role, &entry.scope) {
            (Some(label), _, _) => format!("{client}/{}", label.id),
            (None, Some(role), _) => format!("{client}/roles/{}", role.key.as_str()),
            (None, None, Some(scope)) => scope.to_string(),
            (None, None, None) => client.to_string(),
        };
        let names_people = self.settings.names_people;
        let changes = entry.changes.iter();
        let data = Data {
            client: client.as_str(),
            collaborator: about.map(|label| label.id.as_str()),
            version: entry.version.map(Version::number),
            changes: changes.map(|(scope, change)| (scope.as_str(), change.into())).collect(),
            role: entry.role.as_ref().map(Into::into),
            scope: entry.scope.as_ref().map(ScopeId::as_str),
            source: entry.source.as_ref().map(ScopeId::as_str),
            actor: self.actor(client, &entry.actor),
            seats: entry.seats.map(|SeatCount { limit, used }| Seats { limit, used }),
            moved: MovedView::of(entry.moved.as_ref()),
            person: about.filter(|_| names_people).map(PersonView::from),
            // The text is free and can name people.
            reason: entry.reason.as_ref().filter(|_| names_people).map(Reason::as_str),
        };
        CloudEvent {
            specversion: "1.0",
            id: id.as_str(),
            source: &self.settings.source,
            r#type: entry.action.event_type(),
            subject,
            time: entry.at.to_string(),
            datacontenttype: "application/json",
            data,
        }
    }

    fn actor(self, client: &ClientId, actor: &'a Actor) -> ActorId<'a> {
        match actor {
            Actor::User { email, name, via } => ActorId::User {
                id: (!email.is_pseudonym())
                    .then(|| self.ids.collaborator(client, email).to_string()),
                via: via.as_ref().map(|client| PlatformView::of(Some(client))),
                person: self.settings.names_people.then(|| PersonView {
                    email: email.original(),
                    name: name.as_ref().map(Name::as_str),
                }),
            },
            Actor::Platform(client) => ActorId::Platform(PlatformView::of(client.as_ref())),
            Actor::System(system) => ActorId::System { system: system.name() },
        }
    }
}

impl<'a> From<&'a CollaboratorLabel> for PersonView<'a> {
    fn from(label: &'a CollaboratorLabel) -> Self {
        Self { email: label.email.original(), name: label.name.as_ref().map(Name::as_str) }
    }
}
