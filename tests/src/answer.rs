//! The response of a function.

use lambda_http::Response;
use serde_json::Value;

/// The response of a function.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, by lower-case name.
    pub headers: lambda_http::http::HeaderMap,
    /// The body; `null` if there is none, a string if it is text.
    pub body: Value,
}

impl Answer {
    pub(crate) fn read(response: &Response<lambda_http::Body>) -> Self {
        let bytes: &[u8] = response.body();
        let media = response.headers().get("content-type").map_or(&b""[..], |it| it.as_bytes());
        let text = || Value::String(String::from_utf8_lossy(bytes).into_owned());
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: if media.starts_with(b"text/") {
                text()
            } else {
                serde_json::from_slice(bytes).unwrap_or_default()
            },
        }
    }

    /// The status and the problem code, if any: `200` or `409 seat-limit-reached`.
    pub fn outcome(&self) -> String {
        let code = self.body["code"].as_str().unwrap_or_default();
        format!("{} {code}", self.status).trim_end().to_owned()
    }

    /// A header; empty if absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The entity tag, for `If-Match`.
    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    /// The string at a JSON pointer of the body.
    pub fn text(&self, pointer: &str) -> &str {
        let value = self.body.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("no text at {pointer} in {}", self.body))
    }

    /// Asserts the status and returns the answer.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}
