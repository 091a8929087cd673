//! Scopes: the nodes of the tree on which access is granted. The id of a scope contains its ancestors.

use std::{borrow::Borrow, iter};

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    dates::{AccessEnds, Dates},
    email::Email,
    ids::CollaboratorId,
    look::WebUrl,
    text::Name,
    time::{Timestamp, Version},
};

/// The id of a client: one segment, `[a-z0-9][a-z0-9-]{0,62}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Reads the id of a client.
    ///
    /// # Errors
    /// [`NotAScope`] if it is not such a segment.
    pub fn parse(text: &str) -> Result<Self, NotAScope> {
        if is_segment(text) { Ok(Self(text.to_owned())) } else { Err(NotAScope) }
    }
}

/// The id of a scope: its path, `acme`, `acme:tech` or `acme:tech:summit-2027`.
///
/// Ordered as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(String);

impl ScopeId {
    /// Reads a path of one to three segments.
    ///
    /// # Errors
    /// [`NotAScope`] if a segment is not valid, or if there are none or more than three.
    pub fn parse(text: &str) -> Result<Self, NotAScope> {
        let known_depth = text.split(':').count() <= 3;
        if known_depth && text.split(':').all(is_segment) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAScope)
        }
    }

    /// The client, the first segment.
    #[must_use]
    pub fn client(&self) -> ClientId {
        ClientId(self.0.split(':').next().unwrap_or_default().to_owned())
    }

    /// The number of segments: 1 for a client, 2 for an audience, 3 for an event or a community.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.split(':').count()
    }

    /// Whether nothing can be below: an event or a community.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.depth() == 3
    }

    /// Whether this is a client.
    #[must_use]
    pub fn is_client(&self) -> bool {
        self.depth() == 1
    }

    /// The scope above; `None` for a client.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once(':').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// This scope and those above it, the nearest first, without the client.
    pub fn up_to_client(&self) -> impl Iterator<Item = Self> + use<> {
        iter::successors(Some(self.clone()), Self::parent).filter(|scope| !scope.is_client())
    }

    /// The paths of this scope and of its ancestors, the nearest first.
    pub fn lineage(&self) -> impl Iterator<Item = &str> {
        iter::successors(Some(self.as_str()), |path| Some(path.rsplit_once(':')?.0))
    }

    /// The path without the client: empty for a client, `tech`, `tech:summit-2027`.
    #[must_use]
    pub fn below_client(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, rest)| rest)
    }

    /// Whether a grant on this scope applies to `other`, the same scope or one below it (docs/domain.md#rule-1).
    #[must_use]
    pub fn reaches(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }
}

impl Borrow<str> for ScopeId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&ClientId> for ScopeId {
    fn from(client: &ClientId) -> Self {
        Self(client.0.clone())
    }
}

/// The text is not the id of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one to three segments of lower-case letters, digits and hyphens, joined by colons")]
pub struct NotAScope;

fn is_segment(text: &str) -> bool {
    let permitted = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| permitted(&byte))
        && !text.starts_with('-')
}

/// The level of a scope: "Data, Audience, Événement ou Communauté" at inwink (docs/domain.md#sources).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Level {
    /// Level 1, the contract holder ("Data").
    Client,
    /// Level 2.
    Audience,
    /// Level 3.
    Event,
    /// Level 3.
    Community,
}

words!(Level);

impl Level {
    /// Whether nothing is below: an event or a community.
    #[must_use]
    pub const fn is_leaf(self) -> bool {
        matches!(self, Self::Event | Self::Community)
    }
}

/// A set of levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Levels(u8);

impl Levels {
    /// These levels.
    #[must_use]
    pub const fn of(levels: &[Level]) -> Self {
        let mut bits = 0;
        let mut rest = levels;
        while let [first, others @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = others;
        }
        Self(bits)
    }

    /// Whether `level` is among them.
    #[must_use]
    pub const fn contains(self, level: Level) -> bool {
        self.0 & (1 << (level as u8)) != 0
    }

    /// The levels, from the client down.
    pub fn iter(self) -> impl Iterator<Item = Level> {
        Level::ALL.into_iter().filter(move |level| self.contains(*level))
    }
}

/// The owner of a client or an event, as the record of the scope names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerLabel {
    /// The collaborator.
    pub id: CollaboratorId,
    /// The address.
    pub email: Email,
}

/// An audience, an event or a community, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The id.
    pub id: ScopeId,
    /// Audience, event or community; it never changes.
    pub level: Level,
    /// The name.
    pub name: Name,
    /// Its own owner. Only an event can have one (docs/domain.md#rule-5).
    pub owner: Option<OwnerLabel>,
    /// Its own page of the platform's back-office.
    pub platform_url: Option<WebUrl>,
    /// When it takes place; nothing for an audience.
    pub dates: Dates,
    /// Since when it is archived. Only an event or a community can be.
    pub archived_at: Option<Timestamp>,
    /// Grows with provisioning, archiving and transfer.
    pub version: Version,
}

impl Scope {
    /// When access to it ends, for the grants that end with it: when it is archived, or some days after its end
    /// (docs/domain.md#rule-18). `None` if it does not.
    #[must_use]
    pub fn access_ends_at(&self, rule: &AccessEnds) -> Option<Timestamp> {
        let by_date = self.dates.access_ends_at(rule);
        self.archived_at.into_iter().chain(by_date).min()
    }
}

as_str!(ClientId, ScopeId);
display!(ClientId, ScopeId);

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> ScopeId {
        ScopeId::parse(text).unwrap()
    }

    #[test]
    fn a_scope_has_one_to_three_valid_segments() {
        let longest = "a".repeat(63);
        for good in ["acme", "0", "a-", "acme:tech", "acme:tech:summit-2027", longest.as_str()] {
            assert_eq!(scope(good).as_str(), good);
        }
        let too_long = "a".repeat(64);
        for bad in [
            "", ":", "acme:", ":acme", "a::b", "-a", "Acme", "a_b", "é", "a b", "a:b:c:d", "a%3Ab",
            &too_long,
        ] {
            assert_eq!(ScopeId::parse(bad), Err(NotAScope), "{bad}");
        }
    }

    #[test]
    fn the_ancestors_of_a_scope_are_in_its_id() {
        let event = scope("acme:tech:summit");
        assert_eq!(event.client().as_str(), "acme");
        assert_eq!(event.parent(), Some(scope("acme:tech")));
        assert_eq!(scope("acme").parent(), None);
        let lineage: Vec<&str> = event.lineage().collect();
        assert_eq!(lineage, ["acme:tech:summit", "acme:tech", "acme"]);
        assert_eq!((scope("acme").depth(), scope("acme:tech").depth(), event.depth()), (1, 2, 3));
        assert_eq!((scope("acme").below_client(), event.below_client()), ("", "tech:summit"));
    }

    #[test]
    fn a_grant_applies_downwards_and_never_upwards_or_sideways() {
        assert!(scope("acme").reaches(&scope("acme:tech:summit")));
        assert!(scope("acme:tech").reaches(&scope("acme:tech")));
        assert!(!scope("acme:tech:summit").reaches(&scope("acme:tech")));
        assert!(
            !scope("acme:tech").reaches(&scope("acme:tech-2:summit")),
            "a prefix of the text is no ancestor"
        );
        assert!(!scope("acme").reaches(&scope("acme2")));
    }
}
