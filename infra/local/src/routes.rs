//! Finds the route of the HTTP API that a request takes.

use anyhow::{Context, Result};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::collections::BTreeMap;

/// The characters that stay encoded in a path segment while it is matched.
const IN_SEGMENT: &AsciiSet = &CONTROLS.add(b'%').add(b'/');

/// A route as the template declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method in upper case, or `ANY`.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// The function that answers.
    pub function: String,
    /// Whether the route needs no token.
    pub open: bool,
}

impl Route {
    /// The route's key in API Gateway: `PUT /v1/scopes/{scope}`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The route of a request and the parameters in its path, decoded once.
#[derive(Debug, PartialEq, Eq)]
pub struct RouteMatch<'r> {
    pub route: &'r Route,
    pub parameters: BTreeMap<String, String>,
}

/// All routes, by method and path. A literal segment takes precedence over a parameter.
#[derive(Default)]
pub struct Routes {
    router: matchit::Router<Route>,
}

impl Routes {
    /// # Errors
    /// When two routes are the same.
    pub fn new(routes: &[Route]) -> Result<Self> {
        let mut all = Self::default();
        for route in routes {
            let path = format!("/{}{}", route.method, route.path);
            all.router.insert(path, route.clone()).with_context(|| route.key())?;
        }
        Ok(all)
    }

    /// Finds the route of a method and a raw path.
    pub fn find(&self, method: &str, raw_path: &str) -> Option<RouteMatch<'_>> {
        // Segments are decoded one by one: an encoded slash is part of its segment.
        let segment = |raw| utf8_percent_encode(&decoded(raw), IN_SEGMENT).to_string();
        let path = raw_path.split('/').map(segment).collect::<Vec<_>>().join("/");
        [method, "ANY"].iter().find_map(|method| {
            let path = format!("/{method}{path}");
            let found = self.router.at(&path).ok()?;
            let parameters = found.params.iter();
            let parameters = parameters.map(|(name, value)| (name.to_owned(), decoded(value)));
            Some(RouteMatch { route: found.value, parameters: parameters.collect() })
        })
    }
}

/// Decodes percent-encoding once; invalid encoding stays as it is.
pub fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        let routes = [
            ("PUT", "/v1/scopes/{scope}"),
            ("GET", "/v1/scopes/{scope}/collaborators"),
            ("GET", "/v1/scopes/{scope}/{other}"),
            ("GET", "/v1/scopes/special/collaborators"),
            ("ANY", "/v1/any"),
        ]
        .map(|(method, path)| Route {
            method: method.to_owned(),
            path: path.to_owned(),
            function: "any".to_owned(),
            open: false,
        });
        Routes::new(&routes).unwrap()
    }

    fn path_of(method: &str, path: &str) -> Option<String> {
        routes().find(method, path).map(|found| found.route.path.clone())
    }

    #[test]
    fn a_literal_segment_takes_precedence_over_a_parameter() {
        for (path, route) in [
            ("/v1/scopes/acme/collaborators", "/v1/scopes/{scope}/collaborators"),
            ("/v1/scopes/special/collaborators", "/v1/scopes/special/collaborators"),
            ("/v1/scopes/special/other", "/v1/scopes/{scope}/{other}"),
            ("/v1/scopes/a/b", "/v1/scopes/{scope}/{other}"),
            ("/%761/scopes/a/%63ollaborators", "/v1/scopes/{scope}/collaborators"),
        ] {
            assert_eq!(path_of("GET", path).as_deref(), Some(route), "{path}");
        }
    }

    #[test]
    fn a_parameter_is_one_segment_that_is_not_empty() {
        for path in ["/v1/scopes/", "/v1/scopes/a/", "/v1/scopes", "/v1//a", "v1/scopes/a"] {
            assert_eq!(path_of("PUT", path), None, "{path}");
        }
    }

    #[test]
    fn a_route_answers_its_own_method() {
        assert_eq!(path_of("HEAD", "/v1/scopes/acme/collaborators"), None);
        assert_eq!(path_of("GET", "/v1/scopes/acme"), None);
        assert_eq!(path_of("HEAD", "/v1/any").as_deref(), Some("/v1/any"));
    }

    #[test]
    fn parameters_are_decoded_once_and_after_the_split() {
        let routes = routes();
        let scope = |path| routes.find("PUT", path).unwrap().parameters["scope"].clone();
        assert_eq!(scope("/v1/scopes/acme%3Atech"), "acme:tech");
        assert_eq!(scope("/v1/scopes/acme:tech"), "acme:tech");
        assert_eq!(scope("/v1/scopes/acme%253Atech"), "acme%3Atech");
        assert_eq!(scope("/v1/scopes/a%2Fb"), "a/b");
        assert_eq!(scope("/v1/scopes/100%"), "100%");
    }

    #[test]
    fn invalid_encoding_stays() {
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("caf%C3%A9+x"), "café+x");
        assert_eq!(decoded("%ff"), "\u{fffd}");
    }

    #[test]
    fn two_routes_that_are_the_same_are_an_error() {
        let route = Route {
            method: "GET".to_owned(),
            path: "/v1/scopes/{scope}".to_owned(),
            function: "any".to_owned(),
            open: false,
        };
        assert!(Routes::new(&[route.clone(), route]).is_err());
    }
}
