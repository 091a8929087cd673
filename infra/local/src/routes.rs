//! Which route of the HTTP API a request takes.

use std::collections::BTreeMap;

/// A route as the template declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method, in capitals, or `ANY`.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// The function that answers.
    pub function: String,
    /// Whether no token is asked for.
    pub open: bool,
}

impl Route {
    /// How API Gateway calls the route: `PUT /v1/scopes/{scope}`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// A route that was taken, with the parameters of the path, decoded once.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken<'r> {
    /// The route.
    pub route: &'r Route,
    /// The path's parameters.
    pub parameters: BTreeMap<String, String>,
}

/// Finds the route for a method and a raw path; a literal segment beats a parameter.
pub fn find<'r>(routes: &'r [Route], method: &str, raw_path: &str) -> Option<Taken<'r>> {
    routes
        .iter()
        .filter(|route| route.method == method || route.method == "ANY")
        .filter_map(|route| matched(route, raw_path))
        .max_by_key(|(literals, _)| literals.clone())
        .map(|(_, taken)| taken)
}

/// For each segment whether it was matched literally, and the match.
fn matched<'r>(route: &'r Route, raw_path: &str) -> Option<(Vec<bool>, Taken<'r>)> {
    // The path is split before it is decoded: an encoded slash belongs to its segment.
    let wanted: Vec<&str> = route.path.split('/').collect();
    let given: Vec<&str> = raw_path.split('/').collect();
    if wanted.len() != given.len() {
        return None;
    }
    let mut literals = Vec::new();
    let mut parameters = BTreeMap::new();
    for (wanted, given) in wanted.iter().zip(given) {
        let name = wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let decoded = decoded(given);
        match name {
            Some(name) if !given.is_empty() => {
                parameters.insert(name.to_owned(), decoded);
                literals.push(false);
            }
            None if *wanted == decoded => literals.push(true),
            Some(_) | None => return None,
        }
    }
    Some((literals, Taken { route, parameters }))
}

/// Decodes percent-encoding once; what is no encoding stays as it is.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let pair = (byte == b'%').then(|| Some((hex(ahead.next()?)?, hex(ahead.next()?)?)));
        match pair.flatten() {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Vec<Route> {
        [
            ("PUT", "/v1/scopes/{scope}"),
            ("GET", "/v1/scopes/{scope}/collaborators"),
            ("GET", "/v1/scopes/{scope}/{other}"),
            ("GET", "/v1/scopes/special/collaborators"),
        ]
        .map(|(method, path)| Route {
            method: method.to_owned(),
            path: path.to_owned(),
            function: "any".to_owned(),
            open: false,
        })
        .to_vec()
    }

    fn path_of(method: &str, path: &str) -> Option<String> {
        find(&routes(), method, path).map(|taken| taken.route.path.clone())
    }

    #[test]
    fn a_literal_segment_beats_a_parameter() {
        let collaborators = path_of("GET", "/v1/scopes/acme/collaborators").unwrap();
        assert_eq!(collaborators, "/v1/scopes/{scope}/collaborators");
        let special = path_of("GET", "/v1/scopes/special/collaborators").unwrap();
        assert_eq!(special, "/v1/scopes/special/collaborators");
        assert_eq!(path_of("GET", "/v1/scopes/a/b").unwrap(), "/v1/scopes/{scope}/{other}");
    }

    #[test]
    fn a_parameter_is_one_segment_that_is_not_empty() {
        assert_eq!(path_of("PUT", "/v1/scopes/"), None);
        assert_eq!(path_of("PUT", "/v1/scopes/a/"), None);
        assert_eq!(path_of("PUT", "/v1/scopes"), None);
    }

    #[test]
    fn another_method_is_no_route() {
        assert_eq!(path_of("HEAD", "/v1/scopes/acme/collaborators"), None);
        assert_eq!(path_of("GET", "/v1/scopes/acme"), None);
    }

    #[test]
    fn parameters_are_decoded_once_and_after_the_split() {
        let routes = routes();
        let scope = |path| find(&routes, "PUT", path).unwrap().parameters["scope"].clone();
        assert_eq!(scope("/v1/scopes/acme%3Atech"), "acme:tech");
        assert_eq!(scope("/v1/scopes/acme:tech"), "acme:tech");
        assert_eq!(scope("/v1/scopes/acme%253Atech"), "acme%3Atech");
        assert_eq!(scope("/v1/scopes/a%2Fb"), "a/b");
    }

    #[test]
    fn what_is_no_encoding_stays() {
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("caf%C3%A9+x"), "café+x");
        assert_eq!(decoded("%ff"), "\u{fffd}");
    }
}
