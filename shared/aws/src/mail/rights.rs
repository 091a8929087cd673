//! The permissions of a custom role, in words. The console uses the same ones.

use coulisses_domain::{locale::Locale, permission::PermissionSet};

const SECTIONS: [(&str, &str, &str); 14] = [
    ("dashboard", "Tableau de bord", "Dashboard"),
    ("contacts", "Contacts", "Contacts"),
    ("content", "Contenus", "Content"),
    ("sessions", "Sessions", "Sessions"),
    ("speakers", "Intervenants", "Speakers"),
    ("partners", "Partenaires", "Partners"),
    ("meetings", "Rendez-vous", "Meetings"),
    ("orders", "Commandes", "Orders"),
    ("campaigns", "Campagnes", "Campaigns"),
    ("checkin", "Accueil", "Check-in"),
    ("reports", "Rapports", "Reports"),
    ("settings", "Configuration", "Settings"),
    ("access", "Droits d’accès", "Access rights"),
    ("history", "Historique", "History"),
];

const ACTIONS: [(&str, &str, &str); 6] = [
    ("view", "voir", "view"),
    ("manage", "gérer", "manage"),
    ("import", "importer", "import"),
    ("export", "exporter", "export"),
    ("send", "envoyer", "send"),
    ("scan", "scanner", "scan"),
];

/// `Contacts (voir, exporter), Accueil (voir, scanner)`; `None` for no permission.
pub(super) fn line(rights: PermissionSet, locale: Locale) -> Option<String> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for permission in rights.iter() {
        let (section, action) = permission.name().split_once(':')?;
        let (section, action) =
            (word(&SECTIONS, section, locale)?, word(&ACTIONS, action, locale)?);
        match sections.last_mut() {
            Some((last, actions)) if *last == section => actions.push(action),
            Some(_) | None => sections.push((section, vec![action])),
        }
    }
    let section = |(name, actions): &(&str, Vec<&str>)| format!("{name} ({})", actions.join(", "));
    let sections: Vec<String> = sections.iter().map(section).collect();
    (!sections.is_empty()).then(|| sections.join(", "))
}

fn word(
    words: &[(&str, &'static str, &'static str)],
    name: &str,
    locale: Locale,
) -> Option<&'static str> {
    let (_, french, english) = words.iter().find(|(word, ..)| *word == name)?;
    Some(super::pick(locale, french, english))
}

#[cfg(test)]
mod tests {
    use coulisses_domain::permission::Permission;

    use super::*;

    #[test]
    fn every_permission_has_its_words() {
        for locale in Locale::ALL {
            let all = line(PermissionSet::ALL, locale).unwrap();
            assert_eq!(all.matches('(').count(), SECTIONS.len());
            let actions = all.split(['(', ')']).skip(1).step_by(2);
            assert_eq!(actions.flat_map(|some| some.split(", ")).count(), Permission::ALL.len());
        }
        assert_eq!(line(PermissionSet::EMPTY, Locale::Fr), None);
    }
}
