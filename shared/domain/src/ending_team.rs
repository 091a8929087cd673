//! The mail to those who manage an event, before the access of its team ends (docs/domain.md#rule-18).

use std::{collections::BTreeMap, iter};

use crate::{
    actor::{Actor, SystemActor},
    audit::NOTIFIED_BEFORE,
    client::Client,
    collaborator::{Collaborator, Status},
    decision::{Decision, Outcome},
    grid::sort_name,
    ids::{CollaboratorId, MailId},
    mail::{MailContext, MailKind, TeamInMail},
    mail_quota::{Addressee, MailCounter},
    permission::Permission,
    role::Role,
    scope::{Scope, ScopeId},
    time::Timestamp,
};

/// A team whose access ends with its event within [`NOTIFIED_BEFORE`].
#[derive(Clone, Debug)]
pub struct EndingTeam<'a> {
    /// The event or community.
    pub scope: &'a Scope,
    /// When.
    pub ends_at: Timestamp,
    /// The people whose access ends then, by their name or address.
    pub people: Vec<&'a Collaborator>,
    /// The people who receive the mail: the owner of the event; without one who is active, those who can manage access on
    /// its audience, or else on its client.
    pub managers: Vec<&'a Collaborator>,
}

/// The teams of a client whose access ends soon, except those without anyone to notify.
#[must_use]
pub fn ending<'a>(
    client: &Client,
    scopes: &'a BTreeMap<ScopeId, Scope>,
    collaborators: &'a BTreeMap<CollaboratorId, Collaborator>,
    now: Timestamp,
) -> Vec<EndingTeam<'a>> {
    let soon = |scope: &'a Scope| {
        let end = client.rules.end_of(scope).ends_at()?;
        (end <= now.after(NOTIFIED_BEFORE)).then_some((scope, end))
    };
    let team = |(scope, ends_at): (&'a Scope, Timestamp)| {
        let mut people: Vec<&Collaborator> =
            collaborators.values().filter(|person| person.loses(&scope.id, ends_at, now)).collect();
        people.sort_by_cached_key(|person| sort_name(person));
        let managers = managers(scope, collaborators, now);
        EndingTeam { scope, ends_at, people, managers }
    };
    let teams = scopes.values().filter_map(soon).map(team);
    teams.filter(|team| !team.people.is_empty() && !team.managers.is_empty()).collect()
}

fn managers<'a>(
    event: &Scope,
    collaborators: &'a BTreeMap<CollaboratorId, Collaborator>,
    now: Timestamp,
) -> Vec<&'a Collaborator> {
    let holding = |at: &ScopeId, is_wanted: fn(&Role) -> bool| -> Vec<&'a Collaborator> {
        let holds = |person: &&Collaborator| {
            let grant = person.grants.get(at).filter(|grant| grant.is_effective(now));
            grant.is_some_and(|grant| is_wanted(&grant.role))
        };
        let active = collaborators.values().filter(|person| person.status(now) == Status::Active);
        active.filter(holds).collect()
    };
    let manages = |role: &Role| role.permissions().contains(Permission::AccessManage);
    let owner = holding(&event.id, |role| matches!(role, Role::Owner));
    let above = iter::successors(event.id.parent(), ScopeId::parent);
    let above = above.map(|at| holding(&at, manages));
    iter::once(owner).chain(above).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Decides the mail about `team` to one of its managers; `None` if it was sent. `mail_id` is a new id.
#[must_use]
pub fn notify(
    client: &Client,
    team: &EndingTeam<'_>,
    manager: &Collaborator,
    counter: Option<&MailCounter>,
    mail_id: MailId,
    now: Timestamp,
) -> Option<Outcome<MailCounter>> {
    let EndingTeam { scope, ends_at, people, .. } = team;
    let notified = counter.and_then(|counter| counter.teams_notified.get(&scope.id));
    if notified == Some(ends_at) {
        return None;
    }
    let actor = Actor::System(SystemActor::AuditSeats);
    let context = MailContext { client, scope: &scope.id, scope_name: &scope.name, actor: &actor };

    let mut decision = Decision::at(now);
    let addressee = Addressee { client: &client.id, collaborator: &manager.id };
    let after =
        MailCounter::notified_of_team(counter, addressee, (scope.id.clone(), *ends_at), now);
    decision.update_counter(counter, after.clone());
    let mail = context.mail(MailKind::TeamEnding, manager, mail_id);
    decision.mail(mail.about_a_team(TeamInMail::of(people), *ends_at));
    decision.check_unchanged(manager);
    Some(Outcome { decision, answer: after })
}
