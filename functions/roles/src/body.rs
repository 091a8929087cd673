//! The body of a role.

use coulisses_aws::http::{Checked, Code, Failure, FieldErrors, Object};
use coulisses_domain::{
    define_role::DefineRoleCommand,
    named_role::LocalizedText,
    permission::PermissionSet,
    precondition::Precondition,
    role::{CustomSet, RoleKey},
    scope::{Level, Levels},
    text::{Description, Name},
};
use serde::Deserialize;

/// A role that a client defines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleBody {
    name: Object<TextBody>,
    description: Option<Object<TextBody>>,
    permissions: Vec<String>,
    levels: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextBody {
    fr: String,
    en: String,
}

impl RoleBody {
    /// The command, with valid fields.
    ///
    /// # Errors
    /// `invalid-field`, `invalid-permission`.
    pub fn into_command(
        self,
        key: RoleKey,
        version: Precondition,
    ) -> Result<DefineRoleCommand, Failure> {
        let mut errors = FieldErrors::default();
        let Object(name) = &self.name;
        let (fr, en) = (errors.name("/name/fr", &name.fr), errors.name("/name/en", &name.en));
        let name = fr.and_then(|fr| Ok(LocalizedText::<Name> { fr, en: en? }));
        let description = self.description.as_ref().map(|Object(text)| {
            let (fr, en) = (
                errors.explain("/description/fr", Code::InvalidField, Description::parse(&text.fr)),
                errors.explain("/description/en", Code::InvalidField, Description::parse(&text.en)),
            );
            Ok(LocalizedText { fr: fr?, en: en? })
        });
        let permissions = permissions(&mut errors, &self.permissions);
        let levels = levels(&mut errors, &self.levels);
        let command = || {
            Ok::<_, coulisses_aws::http::Rejected>(DefineRoleCommand {
                key,
                name: name?,
                description: description.transpose()?,
                permissions: permissions?,
                levels: levels?,
                version,
            })
        };
        command().map_err(|_| errors.into())
    }
}

/// At least one permission, none of them on access.
fn permissions(errors: &mut FieldErrors, names: &[String]) -> Checked<CustomSet> {
    let mut set = PermissionSet::EMPTY;
    for (index, name) in names.iter().enumerate() {
        let pointer = format!("/permissions/{index}");
        let permission = errors.permission(&pointer, name)?;
        if permission.is_on_access() {
            return errors.reject(&pointer, Code::InvalidPermission);
        }
        set = set.union(PermissionSet::of(&[permission]));
    }
    errors.check("/permissions", Code::InvalidPermission, CustomSet::new(set))
}

/// At least one level.
fn levels(errors: &mut FieldErrors, names: &[String]) -> Checked<Levels> {
    let mut levels = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let pointer = format!("/levels/{index}");
        levels.push(errors.check(&pointer, Code::InvalidField, Level::parse(name).ok_or(()))?);
    }
    if levels.is_empty() {
        errors.reject("/levels", Code::InvalidField)
    } else {
        Ok(Levels::of(&levels))
    }
}
