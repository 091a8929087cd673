//! The closed catalogue of 30 permissions, and sets of them.

use std::fmt;

use strum::{EnumString, IntoStaticStr, VariantArray};

/// An action on an entity of the back office, the unit that is checked.
///
/// In the order of docs/domain.md#permissions; the number is the bit in a [`PermissionSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[derive(EnumString, IntoStaticStr, VariantArray)]
#[expect(missing_docs, reason = "each name is its entity and its action")]
pub enum Permission {
    #[strum(serialize = "dashboard:view")]
    DashboardView,
    #[strum(serialize = "contacts:view")]
    ContactsView,
    #[strum(serialize = "contacts:manage")]
    ContactsManage,
    #[strum(serialize = "contacts:import")]
    ContactsImport,
    #[strum(serialize = "contacts:export")]
    ContactsExport,
    #[strum(serialize = "content:view")]
    ContentView,
    #[strum(serialize = "content:manage")]
    ContentManage,
    #[strum(serialize = "sessions:view")]
    SessionsView,
    #[strum(serialize = "sessions:manage")]
    SessionsManage,
    #[strum(serialize = "speakers:view")]
    SpeakersView,
    #[strum(serialize = "speakers:manage")]
    SpeakersManage,
    #[strum(serialize = "partners:view")]
    PartnersView,
    #[strum(serialize = "partners:manage")]
    PartnersManage,
    #[strum(serialize = "meetings:view")]
    MeetingsView,
    #[strum(serialize = "meetings:manage")]
    MeetingsManage,
    #[strum(serialize = "orders:view")]
    OrdersView,
    #[strum(serialize = "orders:manage")]
    OrdersManage,
    #[strum(serialize = "orders:export")]
    OrdersExport,
    #[strum(serialize = "campaigns:view")]
    CampaignsView,
    #[strum(serialize = "campaigns:manage")]
    CampaignsManage,
    #[strum(serialize = "campaigns:send")]
    CampaignsSend,
    #[strum(serialize = "checkin:view")]
    CheckinView,
    #[strum(serialize = "checkin:scan")]
    CheckinScan,
    #[strum(serialize = "reports:view")]
    ReportsView,
    #[strum(serialize = "reports:export")]
    ReportsExport,
    #[strum(serialize = "settings:view")]
    SettingsView,
    #[strum(serialize = "settings:manage")]
    SettingsManage,
    #[strum(serialize = "access:view")]
    AccessView,
    #[strum(serialize = "access:manage")]
    AccessManage,
    #[strum(serialize = "history:view")]
    HistoryView,
}

words!(Permission);

impl Permission {
    /// The `view` of the same entity, which every other action implies.
    #[must_use]
    pub const fn view(self) -> Self {
        match self {
            Self::DashboardView => Self::DashboardView,
            Self::ContactsView
            | Self::ContactsManage
            | Self::ContactsImport
            | Self::ContactsExport => Self::ContactsView,
            Self::ContentView | Self::ContentManage => Self::ContentView,
            Self::SessionsView | Self::SessionsManage => Self::SessionsView,
            Self::SpeakersView | Self::SpeakersManage => Self::SpeakersView,
            Self::PartnersView | Self::PartnersManage => Self::PartnersView,
            Self::MeetingsView | Self::MeetingsManage => Self::MeetingsView,
            Self::OrdersView | Self::OrdersManage | Self::OrdersExport => Self::OrdersView,
            Self::CampaignsView | Self::CampaignsManage | Self::CampaignsSend => {
                Self::CampaignsView
            }
            Self::CheckinView | Self::CheckinScan => Self::CheckinView,
            Self::ReportsView | Self::ReportsExport => Self::ReportsView,
            Self::SettingsView | Self::SettingsManage => Self::SettingsView,
            Self::AccessView | Self::AccessManage => Self::AccessView,
            Self::HistoryView => Self::HistoryView,
        }
    }

    /// Whether the entity is configuration rather than content.
    #[must_use]
    pub const fn is_configuration(self) -> bool {
        matches!(self.view(), Self::SettingsView | Self::AccessView | Self::HistoryView)
    }
}

/// A set of permissions: 64 bits, 30 of them in use.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u64);

impl PermissionSet {
    /// The empty set.
    pub const EMPTY: Self = Self(0);
    /// All 30 permissions.
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);

    /// The set of these permissions.
    #[must_use]
    pub const fn of(permissions: &[Permission]) -> Self {
        let mut bits = 0;
        let mut rest = permissions;
        while let [first, others @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = others;
        }
        Self(bits)
    }

    /// Whether `permission` is in the set.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << (permission as u8)) != 0
    }

    /// Whether all of `other` is in this set.
    #[must_use]
    pub const fn includes(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set without `permission`.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !(1 << (permission as u8)))
    }

    /// The set without those in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
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
