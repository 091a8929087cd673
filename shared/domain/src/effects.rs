//! What a decision does, as a dry run returns it: seats, the permissions that people gain and lose, and mails.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    access::permissions_under,
    client::Granting,
    client_rules::ClientRules,
    collaborator::{Collaborator, Grant, Membership},
    decision::{Change, Decision},
    email::Email,
    facts::Facts,
    ids::CollaboratorId,
    permission::PermissionSet,
    scope::{Scope, ScopeId},
    time::Timestamp,
};

/// The effects of one decision, or of several one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The seats that are taken before and after. `None` if the caller does not see the client, since it would show whether
    /// someone has access elsewhere.
    pub seats: Option<SeatChange>,
    /// The people whose permissions change.
    pub people: BTreeMap<CollaboratorId, PersonEffect>,
    /// How many mails are queued.
    pub mails: usize,
}

/// How many seats are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatChange {
    /// Before.
    pub before: u32,
    /// After.
    pub after: u32,
}

/// What changes for one person. Pending access counts like active access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonEffect {
    /// The address.
    pub email: Email,
    /// The permissions that are new, by scope.
    pub gains: BTreeMap<ScopeId, PermissionSet>,
    /// The permissions that are gone, by scope.
    pub loses: BTreeMap<ScopeId, PermissionSet>,
    /// Whether nothing is left in the client; `None` if the caller does not see the client.
    pub loses_all_access: Option<bool>,
}

impl Effects {
    /// Adds what `decision` does, which was decided on `facts`.
    pub fn add(&mut self, facts: &Facts, decision: &Decision) {
        let now = decision.now();
        let granting = facts.client.as_ref().map_or(Granting::Administrators, |it| it.granting);
        let client = facts.at.client();
        let sees_client =
            !facts.caller.permissions(&ScopeId::from(&client), granting, now).is_empty();
        if sees_client && let Some(change) = decision.client() {
            let used = |client: &crate::client::Client| client.seats.used;
            let before = match change {
                Change::Create(_) => 0,
                Change::Check(client)
                | Change::Update { before: client, .. }
                | Change::Delete(client) => used(client),
            };
            let after = change.outcome().map_or(0, used);
            let before = self.seats.map_or(before, |seats| seats.before);
            self.seats = Some(SeatChange { before, after });
        }
        self.mails += decision.mails().len() + usize::from(decision.announcement().is_some());
        for change in decision.collaborators() {
            let before = match change {
                Change::Check(_) => continue,
                Change::Create(_) => None,
                Change::Update { before, .. } | Change::Delete(before) => Some(before),
            };
            self.add_person((before, change.outcome()), (granting, sees_client), now);
        }
    }

    /// Adds what changes for `everyone` if these become the rules and the scopes of the client.
    pub fn add_edit<'a>(
        &mut self,
        facts: &Facts,
        everyone: impl Iterator<Item = &'a Collaborator>,
        (rules, scopes): (&ClientRules, &BTreeMap<ScopeId, Scope>),
        now: Timestamp,
    ) {
        let granting = facts.client.as_ref().map_or(Granting::Administrators, |it| it.granting);
        for before in everyone {
            let mut after = before.clone();
            for grant in after.grants.values_mut() {
                grant.event = Grant::unread_event(grant.level, grant.role, grant.outlives_event);
            }
            rules.resolve(&mut after, scopes);
            if after != *before {
                self.add_person((Some(before), Some(&after)), (granting, true), now);
            }
        }
    }

    fn add_person(
        &mut self,
        (before, after): (Option<&Collaborator>, Option<&Collaborator>),
        (granting, sees_client): (Granting, bool),
        now: Timestamp,
    ) {
        let Some(person) = after.or(before) else { return };
        let scopes: BTreeSet<&ScopeId> =
            [before, after].into_iter().flatten().flat_map(|it| it.grants.keys()).collect();
        let (mut gains, mut loses) = (BTreeMap::new(), BTreeMap::new());
        for scope in scopes {
            let had = held(before, scope, granting, now);
            let has = held(after, scope, granting, now);
            for (changes, set) in
                [(&mut gains, has.difference(had)), (&mut loses, had.difference(has))]
            {
                if !set.is_empty() {
                    changes.insert(scope.clone(), set);
                }
            }
        }
        if gains.is_empty() && loses.is_empty() {
            return;
        }
        let holds = |it: Option<&Collaborator>| {
            it.is_some_and(|it| {
                it.grants.keys().any(|scope| !held(Some(it), scope, granting, now).is_empty())
            })
        };
        let loses_all_access = sees_client.then(|| holds(before) && !holds(after));
        let email = person.email.clone();
        let effect = PersonEffect { email, gains, loses, loses_all_access };
        self.people.insert(person.id.clone(), effect);
    }
}

/// The permissions at `scope`, once a pending person is active.
fn held(
    person: Option<&Collaborator>,
    scope: &ScopeId,
    granting: Granting,
    now: Timestamp,
) -> PermissionSet {
    let active = person.filter(|it| match it.membership {
        Membership::Pending(_) | Membership::Active(_) => true,
        Membership::Suspended(_) | Membership::Declined(_) | Membership::Waiting(_) => false,
    });
    let Some(person) = active else { return PermissionSet::EMPTY };
    let grants = scope.lineage().filter_map(|path| person.grants.get(path));
    grants
        .filter(|grant| grant.is_effective(now))
        .fold(PermissionSet::EMPTY, |set, grant| set.union(permissions_under(granting, grant.role)))
}
