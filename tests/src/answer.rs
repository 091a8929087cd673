//! An answer, read.

use lambda_http::Response;
use serde_json::Value;

/// What a function answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, by lower-case name.
    pub headers: lambda_http::http::HeaderMap,
    /// The body; `null` if there is none.
    pub body: Value,
}

impl Answer {
    pub(crate) fn read(response: &Response<lambda_http::Body>) -> Self {
        let bytes: &[u8] = response.body();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: serde_json::from_slice(bytes).unwrap_or_default(),
        }
    }

    /// The status and the problem's code, which is empty if it is none: `409 seat-limit-reached`.
    #[must_use]
    pub fn told(&self) -> String {
        let code = self.body["code"].as_str().unwrap_or_default();
        format!("{} {code}", self.status).trim_end().to_owned()
    }

    /// A header, empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The entity tag, for `If-Match`.
    #[must_use]
    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    /// The text of a field of the body, by its JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no text at {pointer} in {}", self.body))
    }

    /// The answer, which must have this status.
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "the check alone is often all that a test wants of it"
    )]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}
