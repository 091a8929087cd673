//! Giving the team of one event, community or audience access to another of the same level.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    collaborator::{Collaborator, Lifetime},
    decision::Outcome,
    email::Email,
    facts::Facts,
    grid::GridQuery,
    history::{Action, Entry, Moved, view::RecordedEntry},
    ids::{CollaboratorId, MailId},
    invite::{ApprovedGrant, NewCollaborator},
    mail::MailKind,
    permission::Permission,
    refusal::Refusal,
    role::{Role, RoleName},
    scope::{Level, ScopeId},
    text::Name,
    time::Timestamp,
    waiting::IfFull,
};

/// A person on the team of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The id in the client.
    pub id: CollaboratorId,
    /// The address.
    pub email: Email,
    /// The name, for a person whose record is gone.
    pub name: Option<Name>,
    /// The role on the source.
    pub role: Role,
}

/// The access of one member to another scope.
#[derive(Clone, Debug)]
pub struct CopyCommand {
    /// The person, with the role to give.
    pub member: Member,
    /// The source.
    pub source: ScopeId,
    /// The end of the access.
    pub expires_at: Option<Timestamp>,
    /// Whether they wait if no seat is free.
    pub if_full: IfFull,
}

/// Whether the caller can copy the team of `source` to the scope of `target`.
///
/// # Errors
/// At the target `ScopeNotFound`, `Forbidden` without `access:manage`; at the source `ScopeNotFound`, `Forbidden` without
/// `access:view`; `NotCopyable` if they are not two scopes of one level and one client, below the client.
pub fn check(target: &Facts, source: &Facts, now: Timestamp) -> Result<(), Refusal> {
    let to = target.grantor(now)?.context;
    let from = source.viewer(now)?.require(Permission::AccessView)?.context;
    let fits = to.level == from.level && to.level != Level::Client;
    if fits && to.at != from.at && to.client.id == from.client.id {
        Ok(())
    } else {
        Err(Refusal::NotCopyable)
    }
}

/// When access to the scope of `source` ended or will end: with its event, or at the end of an event that ends no access.
#[must_use]
pub fn ended_at(source: &Facts) -> Option<Timestamp> {
    let (scope, client) = (source.scope.as_ref()?, source.client.as_ref()?);
    scope.access_ends_at(&client.rules.access_ends).or(scope.dates.ends_at)
}

/// The list of all people with a role on a scope itself, whether it has ended or not.
#[must_use]
pub fn team() -> GridQuery {
    GridQuery { inherited: Some(false), ..GridQuery::EVERYONE }
}

/// The people with a live grant on `source` itself, in the order of their addresses. Owners are not copied, nor is anyone who
/// declined.
pub fn members<'a>(
    source: &ScopeId,
    collaborators: impl IntoIterator<Item = &'a Collaborator>,
    now: Timestamp,
) -> Vec<Member> {
    let live = collaborators.into_iter().filter_map(|collaborator| {
        let grant = collaborator.grants.get(source).filter(|grant| grant.is_live(now))?;
        collaborator.declined().is_none().then(|| member(collaborator, grant.role))
    });
    in_order(live)
}

/// The people who had access to `source` itself until `end`, in the order of their addresses. `entries` are those of its
/// history since then, the newest first.
///
/// The first change since then shows what it replaced. A person without one has what their record shows.
pub fn members_at<'a>(
    source: &ScopeId,
    end: Timestamp,
    collaborators: impl IntoIterator<Item = &'a Collaborator>,
    entries: &[RecordedEntry],
) -> Vec<Member> {
    let since = |entry: &&Entry| entry.at > end;
    let lasted = |own: Option<Timestamp>| own.is_none_or(|own| end <= own);
    let mut then: BTreeMap<&CollaboratorId, Option<Member>> = BTreeMap::new();
    for entry in entries.iter().map(|recorded| &recorded.entry).filter(since) {
        if let (Some(label), Some(change)) = (&entry.collaborator, entry.changes.get(source)) {
            // A person who moved to another address since then is under the new one.
            let state = match &entry.moved {
                None => change.before.as_ref(),
                Some(Moved::From(_)) => change.after.as_ref(),
                Some(Moved::To(_)) => None,
            };
            let state = state.filter(|state| lasted(state.expires_at));
            let member = state.filter(|_| !label.email.is_pseudonym()).map(|state| Member {
                id: label.id.clone(),
                email: label.email.clone(),
                name: label.name.clone(),
                role: state.role,
            });
            then.insert(&label.id, member);
        }
    }
    let unchanged = collaborators.into_iter().filter_map(|collaborator| {
        let is_unchanged =
            !then.contains_key(&collaborator.id) && collaborator.declined().is_none();
        let grant = collaborator.grants.get(source).filter(|_| is_unchanged)?;
        lasted(grant.expires_at).then(|| member(collaborator, grant.role))
    });
    let unchanged: Vec<Member> = unchanged.collect();
    in_order(unchanged.into_iter().chain(then.into_values().flatten()))
}

/// Decides whether `facts` allow the access of one member; `mail_id` is a new id for the mail.
///
/// A new collaborator is invited, a pending one keeps their invitation, and an active one has the access at once. Neither the
/// end nor anything else of the grant on the source is copied but the role.
///
/// # Errors
/// Those of an invitation; `UnknownRole` for a role of the client that was deleted since.
pub fn decide(
    facts: &Facts,
    command: &CopyCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let CopyCommand { member, source, expires_at, if_full } = command;
    let grantor = facts.grantor(now)?;
    if facts.caller.is(&member.id) {
        return Err(Refusal::OwnRole);
    }
    let client = grantor.context.client;
    if let Role::Named(held) = member.role
        && client.rules.get(held.key).is_none_or(|(present, _)| present.made != held.made)
    {
        return Err(Refusal::UnknownRole);
    }
    let lifetime = Lifetime { expires_at: *expires_at, outlives_event: false };
    let grant = grantor.new_grant(member.role, lifetime, now)?;
    let new =
        NewCollaborator { id: &member.id, email: &member.email, name: &member.name, locale: None };
    let approved = ApprovedGrant {
        facts,
        context: grantor.context,
        actor: &grantor.actor,
        mail_id,
        if_full: *if_full,
        now,
    };
    let Outcome { decision, answer } = approved.add(new, grant, None)?;
    let mut decision = decision.relabel(Action::Copied, MailKind::Granted).copied_from(source);
    decision.check_unchanged(grantor.record);
    Ok(Outcome { decision, answer })
}

/// The members with one of these roles and ids; all of them, where nothing is named.
#[must_use]
pub fn chosen(
    members: Vec<Member>,
    roles: &BTreeSet<RoleName>,
    ids: Option<&BTreeSet<CollaboratorId>>,
) -> Vec<Member> {
    let is_chosen = |member: &Member| {
        (roles.is_empty() || roles.contains(&member.role.name()))
            && ids.is_none_or(|ids| ids.contains(&member.id))
    };
    members.into_iter().filter(is_chosen).collect()
}

fn member(collaborator: &Collaborator, role: Role) -> Member {
    Member {
        id: collaborator.id.clone(),
        email: collaborator.email.clone(),
        name: collaborator.name.clone(),
        role,
    }
}

/// In the order of addresses, without the owner.
fn in_order(members: impl Iterator<Item = Member>) -> Vec<Member> {
    let mut members: Vec<Member> = members.filter(|member| member.role != Role::Owner).collect();
    members.sort_by(|one, other| one.email.key().cmp(other.email.key()));
    members
}
