//! The permissions of a custom role, in the words of the catalogue.

use coulisses_domain::{
    locale::Locale,
    permission::{ENTITIES, PermissionSet},
};

/// `Contacts (voir, exporter), Accueil (voir, scanner)`; `None` for no permission.
pub(super) fn line(rights: PermissionSet, locale: Locale) -> Option<String> {
    let sections: Vec<String> = ENTITIES
        .iter()
        .filter_map(|entity| {
            let held = entity.actions.iter().filter(|action| rights.contains(action.permission));
            let actions: Vec<&str> = held.map(|action| action.label.in_locale(locale)).collect();
            let name = entity.label.in_locale(locale);
            (!actions.is_empty()).then(|| format!("{name} ({})", actions.join(", ")))
        })
        .collect();
    (!sections.is_empty()).then(|| sections.join(", "))
}

#[cfg(test)]
mod tests {
    use coulisses_domain::permission::Permission;

    use super::*;

    #[test]
    fn every_permission_has_its_words() {
        for locale in Locale::ALL {
            let all = line(PermissionSet::ALL, locale).unwrap();
            assert_eq!(all.matches('(').count(), ENTITIES.len());
            let actions = all.split(['(', ')']).skip(1).step_by(2);
            assert_eq!(actions.flat_map(|some| some.split(", ")).count(), Permission::ALL.len());
        }
        assert_eq!(line(PermissionSet::EMPTY, Locale::Fr), None);
    }
}
