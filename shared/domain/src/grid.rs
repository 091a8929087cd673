//! The grid: who has access at a scope, direct and inherited, pending and expired included.

use std::cmp::Ordering;

use crate::{
    access::{Subject, VisibleGrant},
    collaborator::{Collaborator, Status, Visibility},
    facts::Facts,
    ids::CollaboratorId,
    permission::{Permission, PermissionSet},
    refusal::Refusal,
    role::{Role, RoleName},
    scope::ScopeId,
    time::Timestamp,
};

/// A collaborator as seen at a scope.
#[derive(Clone, Debug)]
pub struct GridRow<'a> {
    /// The record.
    pub collaborator: &'a Collaborator,
    /// Pending, active or expired, by the clock.
    pub status: Status,
    /// The role given on this very scope; `None` if all access is inherited.
    pub role: Option<Role>,
    /// The grants on the path of the scope, and below where that was asked.
    pub grants: Vec<VisibleGrant<'a>>,
    /// What the person effectively holds at the scope.
    pub permissions: PermissionSet,
}

/// Which rows are wanted, in which order.
#[derive(Clone, Debug)]
pub struct GridQuery {
    /// Of this status only.
    pub status: Option<Status>,
    /// With a grant of this role only, among those shown.
    pub role: Option<RoleName>,
    /// Without a role on this very scope (`true`), or with one (`false`).
    pub inherited: Option<bool>,
    /// Whether grants further down count too.
    pub visibility: Visibility,
    /// Part of the address or of the name, whatever the case.
    pub text: Option<String>,
    /// The order.
    pub sort: Sort,
    /// The rows after this one only.
    pub after: Option<GridPosition>,
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
pub struct GridPosition {
    /// The last collaborator of the page.
    pub id: CollaboratorId,
    /// His last login, which may change before the next page is asked for.
    pub last_login_at: Option<Timestamp>,
    /// How many rows stood up to there, for when that collaborator is gone.
    pub rows: usize,
}

impl GridPosition {
    /// How many of `rows`, in their order, stand up to this place.
    fn passed(&self, rows: &[GridRow<'_>], sort: Sort) -> usize {
        match sort {
            // An address never changes, so the collaborator stands where he stood.
            Sort::Email => {
                let stands = rows.iter().position(|row| row.collaborator.id == self.id);
                // Whoever is gone is not among those passed any more.
                stands.map_or(self.rows.saturating_sub(1), |index| index + 1)
            }
            Sort::LastLogin => {
                let here = (self.last_login_at, &self.id);
                rows.partition_point(|row| {
                    by_last_login((row.collaborator.last_login_at, &row.collaborator.id), here)
                        .is_le()
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
pub struct GridPage<'a> {
    /// The rows.
    pub rows: Vec<GridRow<'a>>,
    /// How many rows stand before it.
    passed: usize,
    /// Whether more rows follow.
    more: bool,
}

impl GridPage<'_> {
    /// Keeps the first `most` rows only.
    pub fn shorten(&mut self, most: usize) {
        self.more |= self.rows.len() > most;
        self.rows.truncate(most);
    }

    /// Where the page ends, if more rows follow.
    #[must_use]
    pub fn next(&self) -> Option<GridPosition> {
        let last = self.rows.last().filter(|_| self.more)?;
        Some(GridPosition {
            id: last.collaborator.id.clone(),
            last_login_at: last.collaborator.last_login_at,
            rows: self.passed + self.rows.len(),
        })
    }
}

/// Looks at the grid of `facts.at` with all `collaborators` of its client.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller, `Forbidden` without `access:view`.
pub fn list<'a>(
    facts: &'a Facts,
    collaborators: &'a [Collaborator],
    query: &'a GridQuery,
    now: Timestamp,
) -> Result<GridPage<'a>, Refusal> {
    let (context, caller, _) = facts.viewer(now)?;
    if !caller.permissions(&facts.at, context.client.granting, now).contains(Permission::AccessView)
    {
        return Err(Refusal::Forbidden);
    }
    let granting = context.client.granting;
    let mut rows: Vec<GridRow<'a>> = collaborators
        .iter()
        .filter_map(|collaborator| {
            row(Subject { collaborator, granting }, &facts.at, query.visibility, now)
        })
        .filter(|row| query.wants(row))
        .collect();
    rows.sort_by(|left, right| match query.sort {
        Sort::Email => left.collaborator.email.key().cmp(right.collaborator.email.key()),
        Sort::LastLogin => by_last_login(
            (left.collaborator.last_login_at, &left.collaborator.id),
            (right.collaborator.last_login_at, &right.collaborator.id),
        ),
    });
    let passed =
        query.after.as_ref().map_or(0, |after| after.passed(&rows, query.sort)).min(rows.len());
    let mut page = GridPage { passed, rows: rows.split_off(passed), more: false };
    page.shorten(query.limit);
    Ok(page)
}

/// Looks at one collaborator from `facts.at`: whoever holds `access:view` there may, and everybody at himself.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`.
pub fn one(facts: &Facts, visibility: Visibility, now: Timestamp) -> Result<GridRow<'_>, Refusal> {
    let (context, caller, record) = facts.viewer(now)?;
    let granting = context.client.granting;
    let himself = facts.target.as_ref().is_some_and(|target| target.id == record.id);
    if !himself && !caller.permissions(&facts.at, granting, now).contains(Permission::AccessView) {
        return Err(Refusal::Forbidden);
    }
    let target = facts.visible_target(visibility)?;
    row(Subject { collaborator: target, granting }, &facts.at, visibility, now)
        .ok_or(Refusal::CollaboratorNotFound)
}

/// A collaborator as seen at `at`; `None` if no grant of his is seen from there.
#[must_use]
pub fn row<'a>(
    subject: Subject<'a>,
    at: &'a ScopeId,
    visibility: Visibility,
    now: Timestamp,
) -> Option<GridRow<'a>> {
    let grants = subject.explain(at, visibility, now);
    (!grants.is_empty()).then(|| GridRow {
        collaborator: subject.collaborator,
        status: subject.collaborator.status(now),
        role: subject.direct_role(at, now),
        grants,
        permissions: subject.permissions(at, now),
    })
}

impl GridQuery {
    fn wants(&self, row: &GridRow<'_>) -> bool {
        let has_role =
            |role: RoleName| row.grants.iter().any(|seen| seen.grant.role.name() == role);
        let mentions = |text: &str| {
            let name = row.collaborator.name.as_ref().map_or("", |name| name.as_str());
            [row.collaborator.email.original(), row.collaborator.email.key(), name]
                .iter()
                .any(|shown| shown.to_lowercase().contains(&text.to_lowercase()))
        };
        self.status.is_none_or(|status| row.status == status)
            && self.role.is_none_or(has_role)
            && self.inherited.is_none_or(|inherited| row.role.is_none() == inherited)
            && self.text.as_deref().is_none_or(mentions)
    }
}
