//! The grid: who has access at a scope, direct or inherited, pending and expired collaborators included.

mod order;

use deunicode::deunicode_with_tofu;

use crate::{
    access::{Subject, VisibleGrant},
    collaborator::{Collaborator, Status, Visibility},
    delivery::Delivery,
    facts::Facts,
    permission::{Permission, PermissionSet},
    refusal::Refusal,
    role::{Role, RoleName},
    scope::ScopeId,
    time::Timestamp,
};

pub(crate) use order::sort_name;
pub use order::{GridPosition, Order, Sort};

/// A collaborator at a scope.
#[derive(Clone, Debug)]
pub struct GridRow<'a> {
    /// The record.
    pub collaborator: &'a Collaborator,
    /// The status, by the clock.
    pub status: Status,
    /// The role on this scope; `None` if all access is inherited.
    pub role: Option<Role>,
    /// The visible grants.
    pub grants: Vec<VisibleGrant<'a>>,
    /// The effective permissions at the scope.
    pub permissions: PermissionSet,
}

/// The filters, order and page of the rows.
#[derive(Clone, Debug)]
pub struct GridQuery {
    /// With this status only.
    pub status: Option<Status>,
    /// With a visible grant of this role only.
    pub role: Option<RoleName>,
    /// Without a role on this scope (`true`), or with one (`false`).
    pub inherited: Option<bool>,
    /// Active, with this effective permission at the scope only.
    pub permission: Option<Permission>,
    /// Active, without a login since this time only. A collaborator without any login counts from their last visible grant.
    pub inactive_since: Option<Timestamp>,
    /// With a visible grant that has not ended and ends before this time only.
    pub expires_before: Option<Timestamp>,
    /// Pending, with a mail in one of these states only.
    pub delivery: Option<DeliveryFilter>,
    /// Which grants are visible.
    pub visibility: Visibility,
    /// Words of the address or the name, in any order, whatever their case and accents.
    pub text: Option<String>,
    /// The order.
    pub order: Order,
    /// After this row only.
    pub after: Option<GridPosition>,
    /// The most rows.
    pub limit: usize,
}

/// The states of an invitation mail that a list is filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryFilter {
    /// This one.
    Is(Delivery),
    /// Those of a mail that did not arrive and will not, as the seat audit counts them.
    Undeliverable,
}

impl DeliveryFilter {
    /// Reads the word of the API; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "undeliverable" {
            Some(Self::Undeliverable)
        } else {
            Delivery::parse(text).map(Self::Is)
        }
    }

    fn includes(self, delivery: Delivery) -> bool {
        match self {
            Self::Is(other) => delivery == other,
            Self::Undeliverable => delivery.is_undeliverable(),
        }
    }
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct GridPage<'a> {
    /// The rows.
    pub rows: Vec<GridRow<'a>>,
    /// Whether rows follow.
    more: bool,
    order: Order,
    now: Timestamp,
}

impl GridPage<'_> {
    /// Keeps the first `most` rows.
    pub fn shorten(&mut self, most: usize) {
        self.more |= self.rows.len() > most;
        self.rows.truncate(most);
    }

    /// The end of the page, if rows follow.
    #[must_use]
    pub fn next(&self) -> Option<GridPosition> {
        let last = self.rows.last().filter(|_| self.more)?;
        Some(GridPosition::of(last, self.order, self.now))
    }
}

/// Returns the grid of `facts.at` with all `collaborators` of its client.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller, `Forbidden` without `access:view`.
pub fn list<'a>(
    facts: &'a Facts,
    collaborators: &'a [Collaborator],
    query: &'a GridQuery,
    now: Timestamp,
) -> Result<GridPage<'a>, Refusal> {
    let viewer = facts.viewer(now)?.require(Permission::AccessView)?;
    let granting = viewer.context.client.granting;
    let search = query.text.as_deref().map(Search::new);
    let mut rows: Vec<GridRow<'a>> = collaborators
        .iter()
        .map(|collaborator| Subject { collaborator, granting })
        .filter_map(|subject| row(subject, &facts.at, query.visibility, now))
        .filter(|row| query.matches(row, now))
        .filter(|row| search.as_ref().is_none_or(|search| search.finds(row.collaborator)))
        .collect();
    query.order.sort(&mut rows, query.after.as_ref(), now);
    let mut page = GridPage { rows, more: false, order: query.order, now };
    page.shorten(query.limit);
    Ok(page)
}

/// Returns one collaborator at `facts.at`: for callers with `access:view` there, and for the collaborator themselves.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`.
pub fn one(facts: &Facts, visibility: Visibility, now: Timestamp) -> Result<GridRow<'_>, Refusal> {
    let mut viewer = facts.viewer(now)?;
    if facts.target.as_ref().is_none_or(|target| !facts.caller.is(&target.id)) {
        viewer = viewer.require(Permission::AccessView)?;
    }
    let granting = viewer.context.client.granting;
    let collaborator = facts.visible_target(visibility)?;
    row(Subject { collaborator, granting }, &facts.at, visibility, now)
        .ok_or(Refusal::CollaboratorNotFound)
}

/// The row of a collaborator at `at`; `None` without a visible grant.
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
        status: subject.collaborator.status_seen_from(at, visibility, now),
        role: subject.direct_role(at, now),
        grants,
        permissions: subject.permissions(at, now),
    })
}

impl GridQuery {
    /// Everyone with access at a scope, in the order of addresses, on one page.
    pub const EVERYONE: Self = Self {
        status: None,
        role: None,
        inherited: None,
        permission: None,
        inactive_since: None,
        expires_before: None,
        delivery: None,
        visibility: Visibility::Path,
        text: None,
        order: Order::DEFAULT,
        after: None,
        limit: usize::MAX,
    };

    /// Whether the rows are in the order of addresses, and none is left out.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let Self { status, role, inherited, text, .. } = self;
        let Self { permission, inactive_since, expires_before, delivery, order, .. } = self;
        *order == Order::DEFAULT
            && (status, role, inherited, text) == (&None, &None, &None, &None)
            && (permission, inactive_since, expires_before, delivery)
                == (&None, &None, &None, &None)
    }

    fn matches(&self, row: &GridRow<'_>, now: Timestamp) -> bool {
        let has_role =
            |role: RoleName| row.grants.iter().any(|visible| visible.grant.role.name() == role);
        self.status.is_none_or(|status| row.status == status)
            && self.role.is_none_or(has_role)
            && self.inherited.is_none_or(|inherited| row.role.is_none() == inherited)
            && self.permission.is_none_or(|permission| row.permissions.contains(permission))
            && self.inactive_since.is_none_or(|since| row.is_inactive_since(since))
            && self.expires_before.is_none_or(|end| row.ends_before(end, now))
            && self.delivery.is_none_or(|delivery| row.has_mail(delivery))
    }
}

impl GridRow<'_> {
    fn is_inactive_since(&self, since: Timestamp) -> bool {
        let seen = self.collaborator.last_seen(self.grants.iter().map(|visible| visible.grant));
        self.status == Status::Active && seen.is_some_and(|seen| seen <= since)
    }

    fn ends_before(&self, end: Timestamp, now: Timestamp) -> bool {
        self.ends(now).any(|at| at < end)
    }

    /// The ends of the visible grants that have not ended.
    fn ends(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let ends = self.grants.iter().filter_map(|visible| visible.grant.ends_at());
        ends.filter(move |at| now < *at)
    }

    fn has_mail(&self, delivery: DeliveryFilter) -> bool {
        let invitation = self.collaborator.invitation();
        self.status == Status::Pending
            && invitation.is_some_and(|it| delivery.includes(it.delivery))
    }
}

/// A search for words in the address and the name.
struct Search(Vec<String>);

impl Search {
    fn new(text: &str) -> Self {
        Self(text.split_whitespace().map(folded).filter(|word| !word.is_empty()).collect())
    }

    /// Whether each word is somewhere in the address or the name. A search without a letter or digit finds no one.
    fn finds(&self, collaborator: &Collaborator) -> bool {
        let name = collaborator.name.as_ref().map_or("", |name| name.as_str());
        let email = &collaborator.email;
        let shown = folded(&[email.original(), email.key(), name].join(" "));
        // A name of two words is found without the space or hyphen between them.
        let joined: String = folded(name).chars().filter(|it| it.is_alphanumeric()).collect();
        !self.0.is_empty()
            && self.0.iter().all(|word| shown.contains(word) || joined.contains(word))
    }
}

/// A text in ASCII and lower case without apostrophes, so that `lea` finds Léa, `lukasz` finds Łukasz, `strauss` finds
/// Strauß, and `obrien` finds O’Brien.
fn folded(text: &str) -> String {
    deunicode_with_tofu(text, "").to_lowercase().replace(['\'', '`'], "")
}
