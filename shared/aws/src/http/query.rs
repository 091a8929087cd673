//! Query parameters: each known, each at most once.

use std::{collections::BTreeMap, str::FromStr};

use lambda_http::RequestExt;

use super::{Failure, Request};

/// The parameters of a query, by name.
#[derive(Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads the query, which may have the parameters `known`, each once.
    ///
    /// # Errors
    /// `malformed`, with the name of the parameter that is unknown or repeated.
    pub fn read(request: &Request, known: &[&str]) -> Result<Self, Failure> {
        let mut parameters = BTreeMap::new();
        for (name, value) in request.query_string_parameters().iter() {
            if !known.contains(&name) {
                let known = known.join(", ");
                return Err(Failure::malformed(&format!(
                    "unknown query parameter; known are: {known}"
                )));
            }
            if parameters.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(Failure::malformed(&format!("the query parameter {name} is repeated")));
            }
        }
        Ok(Self(parameters))
    }

    /// The value of `name` as `parse` reads it, if it is there.
    ///
    /// # Errors
    /// `malformed`, with the name of the parameter, if it cannot be read.
    pub fn get<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        match parse(value) {
            Some(value) => Ok(Some(value)),
            None => Err(Failure::malformed(&format!(
                "the query parameter {name} is not one of its values"
            ))),
        }
    }

    /// The value of `name` as its type reads it, if it is there: `true` and `false` of a `bool`.
    ///
    /// # Errors
    /// `malformed`, with the name of the parameter, if it cannot be read.
    pub fn parse<T: FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.get(name, |value| value.parse().ok())
    }
}
