//! Checks of fields that several bodies share.

use coulisses_domain::{
    email::Email,
    locale::Locale,
    look::{AccentColor, TimeZoneName, WebUrl},
    permission::{Permission, PermissionSet},
    role::{Role, RoleName},
    scope::ScopeId,
    text::{Message, Name, Reason},
    time::Timestamp,
    waiting::IfFull,
};

use super::{Checked, Code, FieldErrors};

#[expect(clippy::missing_errors_doc, reason = "each check rejects an invalid value")]
impl FieldErrors {
    /// An e-mail address.
    pub fn email(&mut self, pointer: &str, text: &str) -> Checked<Email> {
        self.explain(pointer, Code::InvalidEmail, Email::entered(text))
    }

    /// A required name.
    pub fn name(&mut self, pointer: &str, text: &str) -> Checked<Name> {
        self.explain(pointer, Code::InvalidField, Name::entered(text))
    }

    /// An optional name.
    pub fn optional_name(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Name>> {
        self.explain(pointer, Code::InvalidField, text.map(Name::entered).transpose())
    }

    /// An optional language.
    pub fn locale(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Locale>> {
        let parsed = text.map(|text| Locale::parse(text).ok_or(())).transpose();
        self.check(pointer, Code::InvalidField, parsed)
    }

    /// The optional `ifFull`: to refuse, or to wait for a seat.
    pub fn if_full(&mut self, text: Option<&str>) -> Checked<IfFull> {
        let parsed = text.map_or(Ok(IfFull::default()), |text| IfFull::parse(text).ok_or(()));
        self.check("/ifFull", Code::InvalidField, parsed)
    }

    /// An optional web address.
    pub fn web_url(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<WebUrl>> {
        self.explain(pointer, Code::InvalidField, text.map(WebUrl::entered).transpose())
    }

    /// An optional colour.
    pub fn accent_color(
        &mut self,
        pointer: &str,
        text: Option<&str>,
    ) -> Checked<Option<AccentColor>> {
        self.explain(pointer, Code::InvalidField, text.map(AccentColor::parse).transpose())
    }

    /// An optional time zone.
    pub fn time_zone(
        &mut self,
        pointer: &str,
        text: Option<&str>,
    ) -> Checked<Option<TimeZoneName>> {
        self.explain(pointer, Code::InvalidField, text.map(TimeZoneName::entered).transpose())
    }

    /// An optional message.
    pub fn message(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Message>> {
        let parsed = text.map(Message::parse).transpose().map(Option::flatten);
        self.explain(pointer, Code::InvalidField, parsed)
    }

    /// An optional reason.
    pub fn reason(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Reason>> {
        let parsed = text.map(Reason::parse).transpose().map(Option::flatten);
        self.explain(pointer, Code::InvalidField, parsed)
    }

    /// An optional end of access.
    pub fn expiry(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Timestamp>> {
        self.check(pointer, Code::InvalidExpiry, text.map(Timestamp::parse).transpose())
    }

    /// An optional date and time.
    pub fn time(&mut self, pointer: &str, text: Option<&str>) -> Checked<Option<Timestamp>> {
        self.check(pointer, Code::InvalidField, text.map(Timestamp::parse).transpose())
    }

    /// A scope.
    pub fn scope(&mut self, pointer: &str, text: &str) -> Checked<ScopeId> {
        self.check(pointer, Code::InvalidScope, ScopeId::parse(text))
    }

    /// A permission.
    pub fn permission(&mut self, pointer: &str, text: &str) -> Checked<Permission> {
        self.check(pointer, Code::InvalidPermission, Permission::parse(text).ok_or(()))
    }

    /// A role, with the chosen permissions of a custom role.
    pub fn role(&mut self, name: &str, permissions: Option<&[String]>) -> Checked<Role> {
        let Some(name) = RoleName::parse(name) else {
            return self.reject("/role", Code::InvalidRole);
        };
        let mut parse = |(index, text): (usize, &String)| {
            self.permission(&format!("/permissions/{index}"), text)
        };
        let chosen = permissions.map(|texts| texts.iter().enumerate().map(&mut parse).collect());
        let chosen: Option<PermissionSet> = chosen.transpose()?;
        self.check("/permissions", Code::InvalidPermission, Role::new(name, chosen))
    }
}
