//! The effects of a dry run as JSON.

use std::collections::BTreeMap;

use coulisses_domain::{
    effects::{Effects, PersonEffect, SeatChange},
    ids::CollaboratorId,
    permission::PermissionSet,
    scope::ScopeId,
};
use serde::Serialize;

/// The effects of a dry run.
#[derive(Serialize)]
pub(super) struct EffectsView<'a> {
    seats: Option<SeatsView>,
    people: Vec<PersonView<'a>>,
    mails: usize,
}

#[derive(Serialize)]
struct SeatsView {
    before: u32,
    after: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonView<'a> {
    id: &'a str,
    email: &'a str,
    gains: Vec<ScopePermissions<'a>>,
    loses: Vec<ScopePermissions<'a>>,
    loses_all_access: Option<bool>,
}

#[derive(Serialize)]
struct ScopePermissions<'a> {
    scope: &'a str,
    permissions: Vec<&'static str>,
}

impl<'a> From<&'a Effects> for EffectsView<'a> {
    fn from(effects: &'a Effects) -> Self {
        let seats = |SeatChange { before, after }: SeatChange| SeatsView { before, after };
        Self {
            seats: effects.seats.map(seats),
            people: effects.people.iter().map(person).collect(),
            mails: effects.mails,
        }
    }
}

fn person<'a>((id, effect): (&'a CollaboratorId, &'a PersonEffect)) -> PersonView<'a> {
    PersonView {
        id: id.as_str(),
        email: effect.email.original(),
        gains: by_scope(&effect.gains),
        loses: by_scope(&effect.loses),
        loses_all_access: effect.loses_all_access,
    }
}

fn by_scope(sets: &BTreeMap<ScopeId, PermissionSet>) -> Vec<ScopePermissions<'_>> {
    sets.iter()
        .map(|(scope, set)| ScopePermissions { scope: scope.as_str(), permissions: set.names() })
        .collect()
}
