//! The grid: who has access at a scope, direct and inherited, pending and expired included.

use std::cmp::Ordering;

use crate::{
    access::{Holder, SeenGrant},
    collaborator::{Collaborator, CollaboratorId, Sight, Status},
    facts::Facts,
    permission::{Permission, PermissionSet},
    refusal::Refusal,
    role::{Role, RoleName},
    scope::ScopeId,
    time::Timestamp,
};

/// A collaborator as seen at a scope.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The record.
    pub person: &'a Collaborator,
    /// Pending, active or expired, by the clock.
    pub status: Status,
    /// The role given on this very scope; `None` if all access is inherited.
    pub role: Option<Role>,
    /// The grants on the path of the scope, and below where that was asked.
    pub grants: Vec<SeenGrant<'a>>,
    /// What the person effectively holds at the scope.
    pub permissions: PermissionSet,
}

/// Which rows are wanted, in which order.
#[derive(Clone, Debug)]
pub struct Query {
    /// Of this status only.
    pub status: Option<Status>,
    /// With a grant of this role only, among those shown.
    pub role: Option<RoleName>,
    /// Without a role on this very scope (`true`), or with one (`false`).
    pub inherited: Option<bool>,
    /// Whether grants further down count too.
    pub sight: Sight,
    /// Part of the address or of the name, whatever the case.
    pub text: Option<String>,
    /// The order.
    pub sort: Sort,
    /// The rows after this one only.
    pub after: Option<Place>,
    /// The most rows.
    pub limit: usize,
}

/// The order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By e-mail, from a to z.
    Email,
    /// By last login, the latest first, those without one last.
    LastLogin,
}

impl Sort {
    /// Reads the word of the API; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "email" => Some(Self::Email),
            "lastLoginAt" => Some(Self::LastLogin),
            _ => None,
        }
    }
}

/// Where a page ended, so that the next one goes on behind it whatever changed meanwhile. It names no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The last collaborator of the page.
    pub id: CollaboratorId,
    /// His last login, which may change before the next page is asked for.
    pub last_login_at: Option<Timestamp>,
    /// How many rows stood up to there, for when that collaborator is gone.
    pub rows: usize,
}

impl Place {
    /// How many of `rows`, in their order, stand up to this place.
    fn passed(&self, rows: &[Row<'_>], sort: Sort) -> usize {
        match sort {
            // An address never changes, so the collaborator stands where he stood.
            Sort::Email => {
                let stands = rows.iter().position(|row| row.person.id == self.id);
                // Whoever is gone is not among those passed any more.
                stands.map_or(self.rows.saturating_sub(1), |index| index + 1)
            }
            Sort::LastLogin => {
                let here = (self.last_login_at, &self.id);
                rows.partition_point(|row| {
                    by_last_login((row.person.last_login_at, &row.person.id), here).is_le()
                })
            }
        }
    }
}

/// The latest login first, those without one last.
fn by_last_login(
    left: (Option<Timestamp>, &CollaboratorId),
    right: (Option<Timestamp>, &CollaboratorId),
) -> Ordering {
    right.0.cmp(&left.0).then_with(|| left.1.cmp(right.1))
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// The rows.
    pub rows: Vec<Row<'a>>,
    /// How many rows stand before it.
    passed: usize,
    /// Whether more rows follow.
    more: bool,
}

impl Page<'_> {
    /// Keeps the first `most` rows only.
    pub fn shorten(&mut self, most: usize) {
        self.more |= self.rows.len() > most;
        self.rows.truncate(most);
    }

    /// Where the page ends, if more rows follow.
    #[must_use]
    pub fn next(&self) -> Option<Place> {
        let last = self.rows.last().filter(|_| self.more)?;
        Some(Place {
            id: last.person.id.clone(),
            last_login_at: last.person.last_login_at,
            rows: self.passed + self.rows.len(),
        })
    }
}

/// Looks at the grid of `facts.at` with all `people` of its client.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller, `Forbidden` without `access:view`.
pub fn list<'a>(
    facts: &'a Facts,
    people: &'a [Collaborator],
    query: &'a Query,
    now: Timestamp,
) -> Result<Page<'a>, Refusal> {
    let (site, caller, _) = facts.visitor(now)?;
    if !caller.permissions(&facts.at, site.client.granting, now).contains(Permission::AccessView) {
        return Err(Refusal::Forbidden);
    }
    let granting = site.client.granting;
    let mut rows: Vec<Row<'a>> = people
        .iter()
        .filter_map(|person| row(Holder { person, granting }, &facts.at, query.sight, now))
        .filter(|row| query.wants(row))
        .collect();
    rows.sort_by(|left, right| match query.sort {
        Sort::Email => left.person.email.key().cmp(right.person.email.key()),
        Sort::LastLogin => by_last_login(
            (left.person.last_login_at, &left.person.id),
            (right.person.last_login_at, &right.person.id),
        ),
    });
    let passed =
        query.after.as_ref().map_or(0, |after| after.passed(&rows, query.sort)).min(rows.len());
    let mut page = Page { passed, rows: rows.split_off(passed), more: false };
    page.shorten(query.limit);
    Ok(page)
}

/// Looks at one collaborator from `facts.at`: whoever holds `access:view` there may, and everybody at himself.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`.
pub fn one(facts: &Facts, sight: Sight, now: Timestamp) -> Result<Row<'_>, Refusal> {
    let (site, caller, record) = facts.visitor(now)?;
    let granting = site.client.granting;
    let himself = facts.target.as_ref().is_some_and(|target| target.id == record.id);
    if !himself && !caller.permissions(&facts.at, granting, now).contains(Permission::AccessView) {
        return Err(Refusal::Forbidden);
    }
    let target = facts.seen_target(sight)?;
    row(Holder { person: target, granting }, &facts.at, sight, now)
        .ok_or(Refusal::CollaboratorNotFound)
}

/// A collaborator as seen at `at`; `None` if no grant of his is seen from there.
#[must_use]
pub fn row<'a>(
    holder: Holder<'a>,
    at: &'a ScopeId,
    sight: Sight,
    now: Timestamp,
) -> Option<Row<'a>> {
    let grants = holder.explain(at, sight, now);
    (!grants.is_empty()).then(|| Row {
        person: holder.person,
        status: holder.person.status(now),
        role: holder.direct_role(at, now),
        grants,
        permissions: holder.permissions(at, now),
    })
}

impl Query {
    fn wants(&self, row: &Row<'_>) -> bool {
        let has_role =
            |role: RoleName| row.grants.iter().any(|seen| seen.grant.role.name() == role);
        let mentions = |text: &str| {
            let name = row.person.name.as_ref().map_or("", |name| name.as_str());
            [row.person.email.original(), row.person.email.key(), name]
                .iter()
                .any(|shown| shown.to_lowercase().contains(&text.to_lowercase()))
        };
        self.status.is_none_or(|status| row.status == status)
            && self.role.is_none_or(has_role)
            && self.inherited.is_none_or(|inherited| row.role.is_none() == inherited)
            && self.text.as_deref().is_none_or(mentions)
    }
}
