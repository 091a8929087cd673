//! The texts of the sign-in pages, in French and English.

/// The texts in one language.
pub struct Words {
    pub tag: &'static str,
    pub title: &'static str,
    pub lead: &'static str,
    pub suggested: &'static str,
    pub owners: &'static str,
    pub pending: &'static str,
    /// The heading of the platform's support, and what they may do.
    pub support: &'static str,
    pub support_role: &'static str,
    /// The heading of the form for a person who is not listed.
    pub another: &'static str,
    pub email: &'static str,
    pub name: &'static str,
    pub submit: &'static str,
    pub invalid_email: &'static str,
    /// The title of the page after a rejected request.
    pub rejected: &'static str,
    pub unknown_client: &'static str,
    pub foreign_redirect: &'static str,
    pub signed_out: &'static str,
    pub signed_out_lead: &'static str,
    /// The link to the console.
    pub back: &'static str,
}

static FRENCH: Words = Words {
    tag: "fr",
    title: "Se connecter",
    lead: "Vous êtes sur votre propre machine\u{a0}: choisissez un compte, aucun mot de passe n’est demandé. Les rôles \
        affichés sont les rôles initiaux de la démonstration.",
    suggested: "Suggestion",
    owners: "Propriétaires",
    pending: "invitation en attente",
    support: "Assistance de la plateforme",
    support_role: "consulte toutes les équipes, ne modifie rien",
    another: "Une autre personne",
    email: "Adresse e-mail",
    name: "Nom (facultatif)",
    submit: "Se connecter",
    invalid_email: "Cette adresse n’est pas valide. Elle doit être de la forme nom@domaine.",
    rejected: "Connexion impossible",
    unknown_client: "L’application qui demande la connexion est inconnue\u{a0}: client_id doit être console.",
    foreign_redirect: "L’adresse de retour (redirect_uri) n’est pas sur cette pile locale. Seules \
        http://127.0.0.1 et http://localhost, sur le même port, sont acceptées.",
    signed_out: "Vous êtes déconnecté",
    signed_out_lead: "Cette page de connexion ne conserve aucune session.",
    back: "Retour à la console",
};

static ENGLISH: Words = Words {
    tag: "en",
    title: "Sign in",
    lead: "This is your own machine: choose an account, no password is needed. The roles shown are the initial ones of \
        the demonstration.",
    suggested: "Suggested",
    owners: "Owners",
    pending: "invitation pending",
    support: "Support of the platform",
    support_role: "reads all teams, changes nothing",
    another: "Another person",
    email: "E-mail address",
    name: "Name (optional)",
    submit: "Sign in",
    invalid_email: "This address is not valid. It must have the form name@domain.",
    rejected: "Sign-in failed",
    unknown_client: "The application is unknown: client_id must be console.",
    foreign_redirect: "The return address (redirect_uri) is not on this local stack. Only http://127.0.0.1 and \
        http://localhost, on the same port, are accepted.",
    signed_out: "You are signed out",
    signed_out_lead: "This sign-in page keeps no session.",
    back: "Back to the console",
};

impl Words {
    /// The texts in the first known language of `ui_locales`, else in the one that `Accept-Language` prefers, else in
    /// English.
    pub fn preferred(ui_locales: &str, accept_language: &str) -> &'static Self {
        let wanted = ui_locales.split(' ').find_map(Self::tagged);
        wanted.or_else(|| Self::accepted(accept_language)).unwrap_or(&ENGLISH)
    }

    fn accepted(header: &str) -> Option<&'static Self> {
        let weighted = header.split(',').filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?;
            Self::tagged(tag).filter(|_| weight > 0.0).map(|words| (words, weight))
        });
        // Of equal weights, the first one wins: `max_by` alone would take the last.
        weighted.rev().max_by(|one, other| one.1.total_cmp(&other.1)).map(|(words, _)| words)
    }

    /// The texts for a language tag such as `fr-CA`.
    fn tagged(tag: &str) -> Option<&'static Self> {
        let language = tag.trim().split('-').next()?;
        [&FRENCH, &ENGLISH].into_iter().find(|words| words.tag.eq_ignore_ascii_case(language))
    }

    pub fn role<'r>(&self, role: &'r str) -> &'r str {
        match (self.tag, role) {
            ("fr", "owner") => "propriétaire",
            ("fr", "administrator") => "administrateur",
            ("fr", "contributor") => "contributeur",
            ("fr", "reader") => "lecteur",
            ("fr", "manager") => "gestionnaire",
            ("fr", "supervisor") => "superviseur",
            ("fr", "observer") => "observateur",
            ("fr", "custom") => "personnalisé",
            _ => role,
        }
    }

    #[cfg(test)]
    pub fn english() -> &'static Self {
        &ENGLISH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_the_browser_prefers() {
        for (header, tag) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
            ("en-GB, fr;q=0.5", "en"),
            ("de, en;q=0.4, fr; q=0.6", "fr"),
            ("en;q=0.5,fr;q=0.5", "en"),
            ("fr;q=0", "en"),
            ("de", "en"),
            ("", "en"),
        ] {
            assert_eq!(Words::preferred("", header).tag, tag, "{header}");
        }
        assert_eq!(Words::preferred("de fr-CA en", "en").tag, "fr");
    }
}
