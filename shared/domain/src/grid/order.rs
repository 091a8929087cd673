//! The orders of the grid, and where its pages end.

use std::{borrow::Cow, cmp::Reverse};

use super::{GridRow, folded};
use crate::{collaborator::Collaborator, ids::CollaboratorId, time::Timestamp};

/// The order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: Sort,
    /// Whether it is reversed. Rows that have no end stay last.
    pub reversed: bool,
}

/// The property that orders the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By address, ascending.
    Email,
    /// By last login, the latest first, then those without one.
    LastLogin,
    /// By name, or by address without one; without regard to case and accents.
    Name,
    /// By the next end of a visible grant, the soonest first, then those without an end.
    Expiry,
}

impl Order {
    /// The order of a list that names none.
    pub const DEFAULT: Self = Self { by: Sort::Email, reversed: false };

    /// Reads the word of the API, after `-` if reversed; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (word, reversed) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
        let by = match word {
            "email" => Sort::Email,
            "lastLoginAt" => Sort::LastLogin,
            "name" => Sort::Name,
            "expiresAt" => Sort::Expiry,
            _ => return None,
        };
        Some(Self { by, reversed })
    }

    /// Sorts the rows and removes those up to `after`.
    pub(super) fn sort(
        self,
        rows: &mut Vec<GridRow<'_>>,
        after: Option<&GridPosition>,
        now: Timestamp,
    ) {
        rows.sort_by_cached_key(|row| self.key(Place::of(row, self.by, now)));
        if let Some(after) = after {
            let end = self.key(after.into());
            let is_passed = |row: &GridRow<'_>| self.key(Place::of(row, self.by, now)) <= end;
            rows.drain(..rows.partition_point(is_passed));
        }
    }

    fn key(self, place: Place<'_>) -> Key<'_> {
        let Place { address, id, time, name } = place;
        let key = match self.by {
            Sort::Email => Ascending::Address(address),
            Sort::LastLogin => Ascending::Login(Reverse(time), id),
            Sort::Name => Ascending::Name(name, id),
            Sort::Expiry => Ascending::End(time, id),
        };
        let directed =
            if self.reversed { Directed::Reversed(Reverse(key)) } else { Directed::Ascending(key) };
        Key { has_no_end: self.by == Sort::Expiry && time.is_none(), directed }
    }
}

/// A sort key. All keys of a list have the same variants.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    has_no_end: bool,
    directed: Directed<'a>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Directed<'a> {
    Ascending(Ascending<'a>),
    Reversed(Reverse<Ascending<'a>>),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Ascending<'a> {
    Address(&'a str),
    Login(Reverse<Option<Timestamp>>, &'a CollaboratorId),
    Name(Cow<'a, str>, &'a CollaboratorId),
    End(Option<Timestamp>, &'a CollaboratorId),
}

/// The end of a page. The next page continues there, whatever changes meanwhile, even if the collaborator is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridPosition {
    /// The address of the last collaborator of the page, as it is sorted.
    pub address: String,
    /// The last collaborator of the page.
    pub id: CollaboratorId,
    /// Their last login or the next end of their access, which can change before the next page is read, if the list is in
    /// the order of one.
    pub time: Option<Timestamp>,
    /// Their name as it is sorted, if the list is in the order of names.
    pub name: Option<String>,
}

impl GridPosition {
    /// The position of a row.
    pub(super) fn of(row: &GridRow<'_>, order: Order, now: Timestamp) -> Self {
        let Place { address, id, time, name } = Place::of(row, order.by, now);
        let name = (order.by == Sort::Name).then(|| name.into_owned());
        Self { address: address.to_owned(), id: id.clone(), time, name }
    }
}

/// The values that sort a row; empty if the order does not need them.
struct Place<'a> {
    address: &'a str,
    id: &'a CollaboratorId,
    time: Option<Timestamp>,
    name: Cow<'a, str>,
}

impl<'a> Place<'a> {
    fn of(row: &GridRow<'a>, by: Sort, now: Timestamp) -> Self {
        let collaborator = row.collaborator;
        let (time, name) = match by {
            Sort::Email => (None, Cow::default()),
            Sort::LastLogin => (collaborator.last_login_at, Cow::default()),
            Sort::Name => (None, Cow::Owned(sort_name(collaborator))),
            Sort::Expiry => (row.ends(now).min(), Cow::default()),
        };
        Self { address: collaborator.email.key(), id: &collaborator.id, time, name }
    }
}

impl<'a> From<&'a GridPosition> for Place<'a> {
    fn from(position: &'a GridPosition) -> Self {
        let GridPosition { address, id, time, name } = position;
        let name = Cow::Borrowed(name.as_deref().unwrap_or_default());
        Self { address, id, time: *time, name }
    }
}

/// The sort key of a collaborator in the order of names.
pub(crate) fn sort_name(collaborator: &Collaborator) -> String {
    let name = collaborator.name.as_ref().map_or(collaborator.email.key(), |name| name.as_str());
    folded(name)
}
