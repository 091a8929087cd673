//! The words that the API and the store have for the values of an enum.

/// Gives an enum that derives the traits of `strum` the constant `ALL`, `name` and `parse`.
macro_rules! words {
    ($name:ident) => {
        impl $name {
            /// All values, in the order of their declaration.
            #[expect(clippy::expect_used, reason = "checked by the compiler, as ALL is a constant")]
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
