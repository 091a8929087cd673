//! The words of the sign-in pages, in French and English.

use crate::language::Language;

/// The words of one language.
pub struct Words {
    language: Language,
    /// The language's tag.
    pub tag: &'static str,
    /// The title.
    pub title: &'static str,
    /// What the page is.
    pub lead: &'static str,
    /// The heading of who was asked for.
    pub hinted: &'static str,
    /// The heading of the clients' owners.
    pub owners: &'static str,
    /// What is said of an invitation that waits.
    pub waits: &'static str,
    /// The heading of the field for anybody else.
    pub another: &'static str,
    /// The field of the address.
    pub email: &'static str,
    /// The field of the name.
    pub name: &'static str,
    /// The button below both.
    pub submit: &'static str,
    /// What is wrong with the address.
    pub bad_email: &'static str,
    /// The title of a refusal.
    pub refused: &'static str,
    /// A client that is not known.
    pub bad_client: &'static str,
    /// A redirection address that is not the stack's own.
    pub bad_redirect: &'static str,
    /// Something of the machine is missing.
    pub broken: &'static str,
    /// The title after signing out.
    pub signed_out: &'static str,
    /// What is said after signing out.
    pub signed_out_lead: &'static str,
    /// The link to the console.
    pub back: &'static str,
}

static FRENCH: Words = Words {
    language: Language::French,
    tag: "fr",
    title: "Se connecter",
    lead: "Vous êtes sur votre machine : choisissez qui vous êtes, sans mot de passe. Les rôles sont \
        ceux du début de la démonstration.",
    hinted: "Proposé",
    owners: "Propriétaires",
    waits: "invitation en attente",
    another: "Quelqu'un d'autre",
    email: "Adresse e-mail",
    name: "Nom (facultatif)",
    submit: "Se connecter",
    bad_email: "Cette adresse n'en est pas une : elle s'écrit nom@domaine.",
    refused: "Connexion impossible",
    bad_client: "L'application qui demande la connexion n'est pas connue : client_id doit être console.",
    bad_redirect: "L'adresse de retour (redirect_uri) n'est pas sur cette pile locale. Seules \
        http://127.0.0.1 et http://localhost, sur le même port, sont acceptées.",
    broken: "La machine n'a pas pu tirer un code au hasard. Recommencez.",
    signed_out: "Vous êtes déconnecté",
    signed_out_lead: "Aucune session n'est gardée ici.",
    back: "Retour à la console",
};

static ENGLISH: Words = Words {
    language: Language::English,
    tag: "en",
    title: "Sign in",
    lead: "You are on your own machine: choose who you are, without a password. The roles are those \
        that the demonstration starts with.",
    hinted: "Suggested",
    owners: "Owners",
    waits: "invited, not accepted yet",
    another: "Another person",
    email: "E-mail address",
    name: "Name (optional)",
    submit: "Sign in",
    bad_email: "This is not an address: one is written name@domain.",
    refused: "You cannot sign in",
    bad_client: "The application that asks is not known: client_id must be console.",
    bad_redirect: "The address to go back to (redirect_uri) is not on this local stack. Only \
        http://127.0.0.1 and http://localhost, on the same port, are accepted.",
    broken: "The machine could not draw a code at random. Try again.",
    signed_out: "You are signed out",
    signed_out_lead: "No session is kept here.",
    back: "Back to the console",
};

impl Words {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::French => &FRENCH,
            Language::English => &ENGLISH,
        }
    }

    /// A role and where it is held.
    pub fn held(&self, role: &str, place: &str) -> String {
        format!("{} – {place}", self.role(role))
    }

    fn role<'r>(&self, role: &'r str) -> &'r str {
        match (self.language, role) {
            (Language::French, "owner") => "propriétaire",
            (Language::French, "administrator") => "administrateur",
            (Language::French, "contributor") => "contributeur",
            (Language::French, "reader") => "lecteur",
            (Language::French, "manager") => "gestionnaire",
            (Language::French, "supervisor") => "superviseur",
            (Language::French, "observer") => "observateur",
            (Language::French, "custom") => "personnalisé",
            (Language::French | Language::English, _) => role,
        }
    }
}
