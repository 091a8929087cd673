//! Query parameters. Unknown and repeated ones are refused.

use std::{collections::BTreeMap, str::FromStr};

use coulisses_domain::scope::ScopeId;
use lambda_http::{RequestExt, http::Method};

use super::{Failure, Request, Route};

/// Whether a command is a dry run, by its query. Everything else in the query is refused, so that no misspelt dry run writes.
///
/// # Errors
/// `malformed`.
pub(super) fn dry_run(request: &Request) -> Result<bool, Failure> {
    let known: &[&str] = match Route::of(request) {
        _ if request.method() == Method::GET => return Ok(false),
        Some(Route::Revoke) => &["below", "dryRun"],
        Some(Route::DeleteRole) => &["reassign", "dryRun"],
        Some(_) | None => &["dryRun"],
    };
    Ok(Parameters::read(request, known)?.parse("dryRun")?.unwrap_or_default())
}

/// The query parameters, by name.
#[derive(Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads the parameters. Each one must be in `known`.
    ///
    /// # Errors
    /// `malformed` if a parameter is unknown or repeated.
    pub fn read(request: &Request, known: &[&str]) -> Result<Self, Failure> {
        let mut parameters = BTreeMap::new();
        for (name, value) in request.query_string_parameters().iter() {
            if !known.contains(&name) {
                let known = known.join(", ");
                return Err(Failure::malformed(
                    format!("paramètre de requête inconnu\u{a0}; sont connus\u{a0}: {known}"),
                    format!("unknown query parameter; known are: {known}"),
                ));
            }
            if parameters.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(Failure::malformed(
                    format!("le paramètre de requête {name} est répété"),
                    format!("the query parameter {name} is repeated"),
                ));
            }
        }
        Ok(Self(parameters))
    }

    /// The list that the parameters describe, without those named in `except`: equal for equal lists.
    #[must_use]
    pub fn canonical(&self, at: &ScopeId, except: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !except.contains(&name.as_str()));
        serde_json::json!([at.as_str(), kept.collect::<BTreeMap<_, _>>()]).to_string()
    }

    /// The value of a parameter, read by `parse`, if it is present.
    ///
    /// # Errors
    /// `malformed` if it cannot be read.
    pub fn get<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let invalid = || {
            Failure::malformed(
                format!("la valeur du paramètre de requête {name} n’est pas valable"),
                format!("the query parameter {name} has an invalid value"),
            )
        };
        self.0.get(name).map(|value| parse(value).ok_or_else(invalid)).transpose()
    }

    /// The value of a parameter, read by its type, if it is present.
    ///
    /// # Errors
    /// `malformed` if it cannot be read.
    pub fn parse<T: FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.get(name, |value| value.parse().ok())
    }
}
