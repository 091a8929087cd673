//! The parameters of a request, as RFC 6749 counts them.

use std::collections::{BTreeMap, BTreeSet};

/// The parameters of a query or a form, by name.
pub struct Parameters {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Parameters {
    /// Reads them; what is not UTF-8 is replaced.
    pub fn parse(form: &[u8]) -> Self {
        let mut parameters = Self { values: BTreeMap::new(), repeated: BTreeSet::new() };
        for (name, value) in form_urlencoded::parse(form) {
            // What has no value counts as left out (RFC 6749, 3.1).
            if value.is_empty() {
                continue;
            }
            if parameters.values.insert(name.to_string(), value.into_owned()).is_some() {
                parameters.repeated.insert(name.into_owned());
            }
        }
        parameters
    }

    /// The value of a parameter that is there once; whoever sends it twice means none of them.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).filter(|_| !self.repeated.contains(name)).map(String::as_str)
    }

    /// Whether one of them is there more than once, which no request may have (RFC 6749, 3.1 and 3.2).
    pub fn are_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }
}
