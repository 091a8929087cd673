//! Why a text is refused, in both languages. The code of its error leaves this open.

use coulisses_domain::{email::NotAnEmail, text::NotAText};

use super::Reason;

/// An error that says more than the code of its problem.
pub trait Explained {
    /// What is wrong.
    fn reason(&self) -> Reason;
}

impl Explained for NotAnEmail {
    fn reason(&self) -> Reason {
        match *self {
            Self::NoAt => Reason::new("il manque le @", "there is no @"),
            Self::Hidden { character: ' ', position } => Reason::new(
                format!("espace à la position {position}"),
                format!("a space at position {position}"),
            ),
            Self::Hidden { character, position } => {
                let code = format!("U+{:04X}", u32::from(character));
                Reason::new(
                    format!("caractère invisible {code} à la position {position}"),
                    format!("the invisible character {code} at position {position}"),
                )
            }
            Self::Local => Reason::new(
                "avant le @, seuls des lettres sans accent, des chiffres et quelques signes sont acceptés",
                "before the @, only letters without accents, digits and some signs are accepted",
            ),
            Self::Domain => Reason::new(
                "après le @, ce n’est pas un nom de domaine",
                "the part after the @ is not a domain name",
            ),
            Self::TooLong => Reason::new("trop longue", "too long"),
            Self::Reserved => Reason::new(
                "ce domaine remplace l’adresse des personnes effacées",
                "this domain replaces the addresses of erased people",
            ),
        }
    }
}

impl Explained for NotAText {
    fn reason(&self) -> Reason {
        match *self {
            Self::Empty => Reason::new("vide", "empty"),
            Self::TooLong(most) => Reason::new(
                format!("{most} caractères au plus"),
                format!("{most} characters at most"),
            ),
            Self::Control => Reason::new(
                "caractère de contrôle ou invisible",
                "a control character or an invisible one",
            ),
            Self::WebAddress => Reason::new(
                "un nom ne contient pas d’adresse web",
                "a name cannot contain a web address",
            ),
        }
    }
}
