//! The JSON of the API.

use std::{borrow::Cow, collections::BTreeMap};

use coulisses_domain::{
    access::{DeterminingGrant, Subject, VisibleGrant},
    actor::{Actor, OauthClient},
    catalogue::Label,
    client::Client,
    collaborator::{Collaborator, Declined, Grant, Invitation, Status, Visibility},
    facts::Facts,
    grid::{self, GridRow},
    history::{GrantChange, GrantState, Moved, RoleChange, RoleState},
    named_role::LocalizedText,
    permission::PermissionSet,
    role::Role,
    scope::{Level, ScopeId},
    text::{Description, Name, Reason},
    time::Timestamp,
};
use serde::{Serialize, Serializer, ser::SerializeMap};

pub use super::{
    SeatsView,
    scope_view::{ClientLabel, ScopeLabel, ScopeView, seats},
};

/// The author of a change, as they were named then.
#[derive(Clone, Copy, Debug)]
pub struct ActorView<'a>(pub &'a Actor);

/// The backend of the event platform.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlatformView<'a> {
    platform: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
}

impl<'a> PlatformView<'a> {
    pub(super) fn of(client: Option<&'a OauthClient>) -> Self {
        Self { platform: true, client_id: client.map(OauthClient::as_str) }
    }
}

impl Serialize for ActorView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Actor::Platform(client) = self.0 {
            return PlatformView::of(client.as_ref()).serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        match self.0 {
            Actor::User { email, name, via } => {
                map.serialize_entry("email", email.original())?;
                map.serialize_entry("name", &name.as_ref().map(Name::as_str))?;
                if let Some(client) = via {
                    map.serialize_entry("via", &PlatformView::of(Some(client)))?;
                }
            }
            Actor::Platform(_) => {}
            Actor::System(system) => map.serialize_entry("system", system.name())?,
        }
        map.end()
    }
}

/// A collaborator at a scope.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollaboratorView<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    role: Option<Cow<'static, str>>,
    grants: Vec<GrantView<'a>>,
    permissions: Vec<&'static str>,
    last_login_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_refused_login_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declined: Option<DeclinedView<'a>>,
    version: i64,
}

impl<'a> CollaboratorView<'a> {
    /// A row of a list of `client`, which knows the positions of people who wait.
    #[must_use]
    pub fn of(client: &Client, row: &GridRow<'a>) -> Self {
        let collaborator = row.collaborator;
        Self {
            id: collaborator.id.as_str(),
            email: collaborator.email.original(),
            name: collaborator.name.as_ref().map(Name::as_str),
            status: row.status.name(),
            position: collaborator.waiting().map(|_| client.position(&collaborator.id)),
            role: row.role.map(|role| role.name().name()),
            grants: row.grants.iter().map(Into::into).collect(),
            permissions: row.permissions.names(),
            last_login_at: collaborator.last_login_at.map(|at| at.to_string()),
            last_refused_login_at: collaborator.refused_login_at.map(|at| at.to_string()),
            invitation: collaborator.invitation().map(Into::into),
            declined: collaborator.declined().map(Into::into),
            version: collaborator.version.number(),
        }
    }
}

/// A collaborator at the scope of `facts`, after a change.
#[must_use]
pub fn collaborator<'a>(
    collaborator: &'a Collaborator,
    facts: &'a Facts,
    visibility: Visibility,
    now: Timestamp,
) -> Option<CollaboratorView<'a>> {
    let client = facts.client.as_ref()?;
    let subject = Subject { collaborator, granting: client.granting };
    grid::row(subject, &facts.at, visibility, now).map(|row| CollaboratorView::of(client, &row))
}

/// A grant, as it applies at a scope.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantView<'a> {
    scope: &'a str,
    level: &'static str,
    inherited: bool,
    role: Cow<'static, str>,
    permissions: Vec<&'static str>,
    granted_by: ActorView<'a>,
    granted_at: String,
    expires_at: Option<String>,
    ends_at: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outlives_event: bool,
    overridden: bool,
}

impl<'a> From<&VisibleGrant<'a>> for GrantView<'a> {
    fn from(seen: &VisibleGrant<'a>) -> Self {
        Self {
            scope: seen.scope.as_str(),
            level: seen.grant.level.name(),
            inherited: seen.inherited,
            role: seen.grant.role.name().name(),
            permissions: seen.permissions.names(),
            granted_by: ActorView(&seen.grant.granted_by),
            granted_at: seen.grant.granted_at.to_string(),
            expires_at: seen.grant.expires_at.map(|at| at.to_string()),
            ends_at: seen.grant.ends_at().map(|at| at.to_string()),
            outlives_event: seen.grant.outlives_event,
            overridden: seen.overridden,
        }
    }
}

/// Those grants of `collaborator` that are in `some`, as they apply at the scope of `facts`.
#[must_use]
pub fn grants<'a>(
    collaborator: &'a Collaborator,
    some: &BTreeMap<ScopeId, Grant>,
    facts: &'a Facts,
    now: Timestamp,
) -> Vec<GrantView<'a>> {
    let subject =
        facts.client.as_ref().map(|client| Subject { collaborator, granting: client.granting });
    let seen = subject
        .map(|subject| subject.explain(&facts.at, Visibility::PathAndBelow, now))
        .unwrap_or_default();
    seen.iter().filter(|seen| some.contains_key(seen.scope)).map(Into::into).collect()
}

/// A grant before and after a change.
#[derive(Debug, Serialize)]
pub struct GrantChangeView {
    before: Option<GrantStateView>,
    after: Option<GrantStateView>,
}

impl From<&GrantChange> for GrantChangeView {
    fn from(change: &GrantChange) -> Self {
        let state = |state: &Option<GrantState>| state.as_ref().map(Into::into);
        Self { before: state(&change.before), after: state(&change.after) }
    }
}

/// A grant as the history recorded it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantStateView {
    role: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<&'static str>>,
    status: &'static str,
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outlives_event: bool,
}

impl From<&GrantState> for GrantStateView {
    fn from(state: &GrantState) -> Self {
        Self {
            role: state.role.name().name(),
            permissions: own_permissions(state.role),
            status: state.status.map_or("unknown", Status::name),
            expires_at: state.expires_at.map(|at| at.to_string()),
            outlives_event: state.outlives_event,
        }
    }
}

/// A role that the client defines, before and after.
#[derive(Debug, Serialize)]
pub struct RoleChangeView<'a> {
    key: &'a str,
    before: Option<RoleStateView<'a>>,
    after: Option<RoleStateView<'a>>,
}

#[derive(Debug, Serialize)]
struct RoleStateView<'a> {
    name: TextView<'a>,
    permissions: Vec<&'static str>,
    levels: Vec<&'static str>,
}

impl<'a> From<&'a RoleChange> for RoleChangeView<'a> {
    fn from(change: &'a RoleChange) -> Self {
        let state = |state: &'a Option<RoleState>| {
            state.as_ref().map(|state| RoleStateView {
                name: (&state.name).into(),
                permissions: state.permissions.names(),
                levels: state.levels.iter().map(Level::name).collect(),
            })
        };
        Self {
            key: change.key.as_str(),
            before: state(&change.before),
            after: state(&change.after),
        }
    }
}

/// The other id of a person who moved to a new address; at most one of the two is present.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MovedView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_from: Option<&'a str>,
}

impl<'a> MovedView<'a> {
    /// Both are absent for a person who did not move.
    #[must_use]
    pub fn of(moved: Option<&'a Moved>) -> Self {
        let (moved_to, moved_from) = match moved {
            Some(Moved::To(id)) => (Some(id.as_str()), None),
            Some(Moved::From(id)) => (None, Some(id.as_str())),
            None => (None, None),
        };
        Self { moved_to, moved_from }
    }
}

/// The permissions of a role that others could understand differently: a custom one, and one of the client's own.
#[must_use]
pub fn own_permissions(role: Role) -> Option<Vec<&'static str>> {
    role.own_permissions().map(PermissionSet::names)
}

/// An invitation that is not accepted yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    sent_at: Option<String>,
    expires_at: String,
    delivery: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    suppressed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reminded_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal_requested_at: Option<String>,
}

impl From<&Invitation> for InvitationView {
    fn from(invitation: &Invitation) -> Self {
        Self {
            sent_at: invitation.sent_at.map(|at| at.to_string()),
            expires_at: invitation.expires_at.to_string(),
            delivery: invitation.delivery.name(),
            suppressed: invitation.suppressed,
            reminded_at: invitation.reminded_at().map(|at| at.to_string()),
            renewal_requested_at: invitation.renewal_requested_at.map(|at| at.to_string()),
        }
    }
}

/// An invitation that was declined.
#[derive(Debug, Serialize)]
struct DeclinedView<'a> {
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> From<&'a Declined> for DeclinedView<'a> {
    fn from(declined: &'a Declined) -> Self {
        Self { at: declined.at.to_string(), reason: declined.reason.as_ref().map(Reason::as_str) }
    }
}

/// A text in each language.
#[derive(Debug, Serialize)]
pub struct TextView<'a> {
    fr: &'a str,
    en: &'a str,
}

impl<'a> From<&'a LocalizedText<Name>> for TextView<'a> {
    fn from(text: &'a LocalizedText<Name>) -> Self {
        Self { fr: text.fr.as_str(), en: text.en.as_str() }
    }
}

impl<'a> From<&'a LocalizedText<Description>> for TextView<'a> {
    fn from(text: &'a LocalizedText<Description>) -> Self {
        Self { fr: text.fr.as_str(), en: text.en.as_str() }
    }
}

impl From<Label> for TextView<'static> {
    fn from(Label { fr, en }: Label) -> Self {
        Self { fr, en }
    }
}

/// A scope and a role on it.
#[derive(Debug, Serialize)]
pub struct ScopeRole<'a> {
    scope: &'a str,
    role: Cow<'static, str>,
}

impl<'a> From<DeterminingGrant<'a>> for ScopeRole<'a> {
    fn from(because: DeterminingGrant<'a>) -> Self {
        Self { scope: because.scope.as_str(), role: because.role.name() }
    }
}

/// The scopes of the unexpired grants of `collaborator`, each with its role.
#[must_use]
pub fn scope_roles(collaborator: &Collaborator, now: Timestamp) -> Vec<ScopeRole<'_>> {
    let live = collaborator.grants.iter().filter(|(_, grant)| grant.is_live(now));
    live.map(|(scope, grant)| ScopeRole { scope: scope.as_str(), role: grant.role.name().name() })
        .collect()
}
