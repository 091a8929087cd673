//! Small implementations that many types share.

/// Gives an enum that derives the traits of `strum` the constant `ALL`, `name` and `parse`.
macro_rules! words {
    ($name:ident) => {
        impl $name {
            /// All values, in the order of their declaration.
            pub const ALL: [Self; <Self as strum::VariantArray>::VARIANTS.len()] =
                *<Self as strum::VariantArray>::VARIANTS.first_chunk().expect("all variants");

            /// The word that the API and the store use.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.into()
            }

            /// Reads such a word; `None` for any other text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    };
}

/// Gives types that contain one text the method `as_str`.
macro_rules! as_str {
    ($($name:ident),+) => {
        $(impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        })+
    };
}

/// Displays types that contain one text as that text.
macro_rules! display {
    ($($name:ident),+) => {
        $(impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        })+
    };
}

/// Keeps the content of types out of logs.
macro_rules! redacted_debug {
    ($($name:ident),+) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        })+
    };
}
