//! The languages of the service.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// The language of a mail or a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Locale {
    /// French.
    Fr,
    /// English.
    En,
}

words!(Locale);
