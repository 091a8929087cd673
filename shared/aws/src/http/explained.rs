//! Why a text is refused, in both languages. The code of its error leaves this open.

use coulisses_domain::{
    email::NotAnEmail,
    look::{NotAColor, NotATimeZone, NotAWebUrl},
    text::NotAText,
};

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

impl Explained for NotAWebUrl {
    fn reason(&self) -> Reason {
        match *self {
            Self::NotHttps => {
                Reason::new("ne commence pas par https://", "does not begin with https://")
            }
            Self::TooLong => Reason::new("500 caractères au plus", "500 characters at most"),
            Self::UserInfo => Reason::new(
                "une adresse web ne contient ici ni nom d’utilisateur ni mot de passe",
                "a web address cannot contain a user name or password here",
            ),
            Self::Malformed => Reason::new(
                "ce n’est pas une adresse web en ASCII\u{a0}; encodez les autres caractères",
                "not a web address in ASCII; encode other characters",
            ),
        }
    }
}

impl Explained for NotAColor {
    fn reason(&self) -> Reason {
        Reason::new("# et six chiffres hexadécimaux", "# and six hexadecimal digits")
    }
}

impl Explained for NotATimeZone {
    fn reason(&self) -> Reason {
        Reason::new(
            "fuseau horaire inconnu\u{a0}; par exemple Europe/Paris",
            "an unknown time zone; for example Europe/Paris",
        )
    }
}
