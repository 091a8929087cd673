//! What is wrong with a request, in addition to the text of its code.

use coulisses_domain::{locale::Locale, mail_budget::MailBudget};

/// What is wrong, in French and in English.
#[derive(Clone, Debug)]
pub struct Reason {
    french: String,
    english: String,
}

impl Reason {
    /// A reason in both languages.
    pub fn new(french: impl Into<String>, english: impl Into<String>) -> Self {
        Self { french: french.into(), english: english.into() }
    }

    pub(super) fn localized(&self, locale: Locale) -> &str {
        match locale {
            Locale::Fr => &self.french,
            Locale::En => &self.english,
        }
    }

    pub(super) fn no_recipients() -> Self {
        Self::new("personne ne recevrait cette annonce", "no one would receive this announcement")
    }

    pub(super) fn not_copyable() -> Self {
        let french =
            "une équipe se copie vers un autre élément du même niveau, dans le même compte";
        Self::new(french, "a team is copied to another scope of the same level and client")
    }

    pub(super) fn not_archivable() -> Self {
        let french = "seuls un événement et une communauté s’archivent";
        Self::new(french, "only events and communities are archived")
    }

    pub(super) fn just_mailed() -> Self {
        let french = "un e-mail lui a été envoyé il y a moins d’une minute";
        Self::new(french, "an e-mail was sent less than a minute ago")
    }

    pub(super) fn declined() -> Self {
        let french = "cette personne a décliné il y a moins d’un jour";
        Self::new(french, "the person declined less than a day ago")
    }

    /// The budget that is spent.
    pub(super) fn of_budget(budget: MailBudget) -> Self {
        let (french, english) = match budget {
            MailBudget::Giver => {
                ("votre part de la limite du client", "your share of the client's limit")
            }
            MailBudget::Scope => ("la part de cette équipe", "the share of this scope"),
            MailBudget::Client => ("la limite du client", "the client's limit"),
            MailBudget::Platform => ("la limite de la plateforme", "the platform's limit"),
        };
        Self::new(french, english)
    }
}
