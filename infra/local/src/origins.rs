//! The two origins at which a browser on this machine reaches the stack.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use reqwest::Url;

/// The stack's own origins: `http://127.0.0.1:PORT` and `http://localhost:PORT`.
#[derive(Debug, Clone)]
pub struct Origins {
    address: String,
    name: String,
    port: u16,
}

impl Origins {
    pub fn new(port: u16) -> Self {
        let [address, name] =
            ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{port}"));
        Self { address, name, port }
    }

    /// Both origins, for a content security policy.
    pub fn all(&self) -> [&str; 2] {
        [&self.address, &self.name]
    }

    /// The origin of a request, so that a browser stays on the one that it uses.
    pub fn of(&self, headers: &HeaderMap) -> &str {
        let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let named =
            host.split(':').next().is_some_and(|host| host.eq_ignore_ascii_case("localhost"));
        if named { &self.name } else { &self.address }
    }

    /// Parses an address, which must be at one of these origins, without user and without fragment (RFC 6749, 3.1.2).
    pub fn own(&self, address: &str) -> Option<Url> {
        let url = Url::parse(address).ok()?;
        let here = url.scheme() == "http"
            && matches!(url.host_str(), Some("127.0.0.1" | "localhost"))
            && url.port_or_known_default() == Some(self.port);
        let bare =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        (here && bare).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_at_another_origin_is_rejected() {
        let origins = Origins::new(8080);
        for own in ["http://127.0.0.1:8080/signed-in", "http://localhost:8080/a?b=c"] {
            assert!(origins.own(own).is_some(), "{own}");
        }
        for foreign in [
            "http://127.0.0.1:8081/signed-in",
            "http://127.0.0.1/signed-in",
            "https://127.0.0.1:8080/signed-in",
            "http://127.0.0.1:8080@example.org/",
            "http://user@127.0.0.1:8080/",
            "http://127.0.0.1.example.org:8080/",
            "http://localhost:8080/#fragment",
            "//127.0.0.1:8080/signed-in",
            "/signed-in",
            "javascript:alert(1)",
            "",
        ] {
            assert!(origins.own(foreign).is_none(), "{foreign}");
        }
        assert!(Origins::new(80).own("http://localhost/").is_some());
    }

    #[test]
    fn a_browser_stays_on_the_origin_that_it_uses() {
        let origins = Origins::new(8080);
        let mut headers = HeaderMap::new();
        assert_eq!(origins.of(&headers), "http://127.0.0.1:8080");
        for (host, origin) in [
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("example.org", "http://127.0.0.1:8080"),
        ] {
            headers.insert(HOST, host.parse().unwrap());
            assert_eq!(origins.of(&headers), origin, "{host}");
        }
    }
}
