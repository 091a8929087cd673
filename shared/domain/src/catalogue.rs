//! Types that all entries of the catalogue use (docs/catalogue.md). The build generates them from `catalogue.toml`:
//! [`permission`](crate::permission) has its permissions, and [`role`](crate::role) its roles.

use crate::locale::Locale;

/// A text of the catalogue, in each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Label {
    /// The text in `locale`.
    #[must_use]
    pub const fn in_locale(self, locale: Locale) -> &'static str {
        match locale {
            Locale::Fr => self.fr,
            Locale::En => self.en,
        }
    }
}

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A part of the event.
    Content,
    /// A setting of the back office.
    Configuration,
}

impl Kind {
    /// The word of the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Configuration => "configuration",
        }
    }
}
