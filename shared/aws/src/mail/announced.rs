//! The sentence of an announcement's mail that names its recipients.

use std::collections::BTreeSet;

use coulisses_domain::{client_rules::ClientRules, locale::Locale, mail::Mail, role::RoleName};

use super::{pick, words};

/// The first sentence of an announcement by `who` at `place`.
#[rustfmt::skip]
pub(super) fn lead(mail: &Mail, own: &ClientRules, who: &str, place: &str) -> String {
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    let recipients = &mail.recipients;
    // Only the sender can be the only recipient.
    if recipients.only.is_some() {
        return pick(
            format!("Ceci est un test de votre annonce pour {place}\u{a0}: vous êtes la seule personne à le recevoir."),
            format!("This is a test of your announcement for {place}: no one else receives it."),
        );
    }
    let roles = roles(&recipients.roles, own, mail.locale);
    let (french, english) = match (roles, recipients.here) {
        (None, false) => (format!("ont accès à {place}"), format!("with access to {place}")),
        (None, true) => (format!("ont un rôle directement sur {place}"), format!("with a role directly on {place}")),
        (Some(roles), false) => (
            format!("ont accès à {place} avec le rôle {roles}"),
            format!("who has access to {place} with the role {roles}"),
        ),
        (Some(roles), true) => (
            format!("ont le rôle {roles} directement sur {place}"),
            format!("with the role {roles} directly on {place}"),
        ),
    };
    pick(
        format!("{who} écrit à toutes les personnes qui {french}."),
        format!("{who} sent this message to everyone {english}."),
    )
}

/// `A, B ou C`; `None` for any role.
fn roles(roles: &BTreeSet<RoleName>, own: &ClientRules, locale: Locale) -> Option<String> {
    let mut names: Vec<String> = roles.iter().map(|role| words::role(*role, own, locale)).collect();
    let last = names.pop()?;
    let or = pick(locale, "ou", "or");
    Some(if names.is_empty() { last } else { format!("{} {or} {last}", names.join(", ")) })
}
