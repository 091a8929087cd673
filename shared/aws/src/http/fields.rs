//! Fields that several bodies have, checked in one way.

use coulisses_domain::{
    client::Locale,
    email::Email,
    permission::{Permission, PermissionSet},
    role::{Role, RoleName},
    scope::ScopeId,
    text::{Message, Name, Reason},
    time::Timestamp,
};

use super::{Checked, Code, FieldErrors};

impl FieldErrors {
    /// An address.
    pub fn email(&mut self, pointer: &str, text: &str) -> Checked<Email> {
        self.check(pointer, Code::InvalidEmail, Email::parse(text))
    }

    /// A name that must be there.
    pub fn name(&mut self, pointer: &str, text: &str) -> Checked<Name> {
        self.check(pointer, Code::InvalidField, Name::parse(text))
    }

    /// A name that may be left out.
    pub fn optional_name(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Name>> {
        self.check(pointer, Code::InvalidField, text.map(Name::parse).transpose())
    }

    /// A language that may be left out.
    pub fn locale(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Locale>> {
        self.check(
            pointer,
            Code::InvalidField,
            text.map(|text| Locale::parse(text).ok_or(())).transpose(),
        )
    }

    /// A message that may be left out.
    pub fn message(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Message>> {
        self.check(
            pointer,
            Code::InvalidField,
            text.map(Message::parse).transpose().map(Option::flatten),
        )
    }

    /// A reason that may be left out.
    pub fn reason(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Reason>> {
        self.check(
            pointer,
            Code::InvalidField,
            text.map(Reason::parse).transpose().map(Option::flatten),
        )
    }

    /// The end of an access, which may be left out.
    pub fn expiry(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Timestamp>> {
        self.check(pointer, Code::InvalidExpiry, text.map(Timestamp::parse).transpose())
    }

    /// A scope.
    pub fn scope(&mut self, pointer: &str, text: &str) -> Checked<ScopeId> {
        self.check(pointer, Code::InvalidScope, ScopeId::parse(text))
    }

    /// A permission.
    pub fn permission(&mut self, pointer: &str, text: &str) -> Checked<Permission> {
        self.check(pointer, Code::InvalidPermission, Permission::parse(text).ok_or(()))
    }

    /// A role, `role` with the `permissions` of a custom one.
    pub fn role(&mut self, name: &str, permissions: Option<&[String]>) -> Checked<Role> {
        let Some(name) = RoleName::parse(name) else {
            return self.wrong("/role", Code::InvalidRole);
        };
        let mut chosen = permissions.map(|_| PermissionSet::EMPTY);
        for (index, text) in permissions.unwrap_or_default().iter().enumerate() {
            match Permission::parse(text) {
                Some(permission) => {
                    chosen = chosen.map(|set| set.union(PermissionSet::of(&[permission])));
                }
                None => {
                    return self.wrong(&format!("/permissions/{index}"), Code::InvalidPermission);
                }
            }
        }
        self.check("/permissions", Code::InvalidPermission, Role::new(name, chosen))
    }
}
