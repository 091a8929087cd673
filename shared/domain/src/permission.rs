//! Permissions, and sets of them. The catalogue has their names (docs/domain.md#permissions).

use std::fmt;

use crate::catalogue::{Kind, Label};

// `Permission` and `ENTITIES`.
include!(concat!(env!("OUT_DIR"), "/permissions.rs"));

/// Something that the back office manages.
#[derive(Clone, Copy, Debug)]
pub struct Entity {
    /// The part of a permission before the colon.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its name for people.
    pub label: Label,
    /// The actions on it, `view` first.
    pub actions: &'static [Action],
}

/// An action on an entity.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// The part of a permission after the colon.
    pub name: &'static str,
    /// Its name for people, in lower case.
    pub label: Label,
    /// The permission.
    pub permission: Permission,
}

impl Permission {
    /// Whether the permission is about access, which no custom role and no role of a client may include.
    #[must_use]
    pub const fn is_on_access(self) -> bool {
        matches!(self.view(), Self::AccessView)
    }
}

/// A set of permissions: 128 bits, one for each permission of the catalogue. In two halves, so that records with many roles
/// are aligned to eight bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet([u64; 2]);

impl PermissionSet {
    /// The empty set.
    pub const EMPTY: Self = Self([0; 2]);
    /// All permissions of the catalogue.
    pub const ALL: Self = Self::of(&Permission::ALL);

    const fn bits(self) -> u128 {
        let Self([low, high]) = self;
        low as u128 | ((high as u128) << 64)
    }

    #[expect(clippy::cast_possible_truncation, reason = "each half is taken by itself")]
    const fn from_bits(bits: u128) -> Self {
        Self([bits as u64, (bits >> 64) as u64])
    }

    /// The set of these permissions.
    #[must_use]
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut rest = permissions;
        while let [first, others @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = others;
        }
        Self::from_bits(bits)
    }

    /// Whether `permission` is in the set.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.bits() & (1 << (permission as u8)) != 0
    }

    /// Whether all of `other` is in this set.
    #[must_use]
    pub const fn includes(self, other: Self) -> bool {
        other.bits() & !self.bits() == 0
    }

    /// The union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self::from_bits(self.bits() | other.bits())
    }

    /// The set without `permission`.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self::from_bits(self.bits() & !(1 << (permission as u8)))
    }

    /// The set without those in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self::from_bits(self.bits() & !other.bits())
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits() == 0
    }

    /// The set with the `view` that each of its permissions implies.
    #[must_use]
    pub fn completed(self) -> Self {
        self.iter().fold(self, |set, permission| set.union(Self::of(&[permission.view()])))
    }

    /// The permissions in the set, in the order of the catalogue.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }

    /// The names of the permissions in the set, in alphabetical order, as the API returns them.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.iter().map(Permission::name).collect();
        names.sort_unstable();
        names
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions
            .into_iter()
            .fold(Self::EMPTY, |set, permission| set.union(Self::of(&[permission])))
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_has_30_permissions_each_with_its_own_name_and_bit() {
        let names: std::collections::BTreeSet<_> =
            Permission::ALL.iter().map(|permission| permission.name()).collect();
        assert_eq!(names.len(), 30);
        for (bit, permission) in Permission::ALL.into_iter().enumerate() {
            assert_eq!(permission as usize, bit);
            assert_eq!(Permission::parse(permission.name()), Some(permission));
        }
        assert_eq!(Permission::parse("contacts:delete"), None);
        assert_eq!(Permission::parse("Contacts:view"), None);
    }

    #[test]
    fn the_view_of_a_permission_is_that_of_its_entity() {
        for permission in Permission::ALL {
            let entity = permission.name().split(':').next().unwrap();
            assert_eq!(permission.view().name(), format!("{entity}:view"));
        }
    }

    #[test]
    fn a_set_is_collected_and_prints_its_names() {
        let both = [Permission::OrdersView, Permission::CheckinScan];
        let set: PermissionSet = both.into_iter().collect();
        assert_eq!(set, PermissionSet::of(&both));
        assert_eq!(format!("{set:?}"), r#"{"checkin:scan", "orders:view"}"#);
    }

    #[test]
    fn a_completed_set_contains_the_view_of_each_entity() {
        let set =
            PermissionSet::of(&[Permission::CheckinScan, Permission::OrdersExport]).completed();
        assert_eq!(set.names(), ["checkin:scan", "checkin:view", "orders:export", "orders:view"]);
        assert_eq!(set.completed(), set);
    }
}
