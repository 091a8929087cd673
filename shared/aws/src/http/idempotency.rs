//! The `Idempotency-Key` header (docs/storage.md#idempotency).

use coulisses_domain::collaborator::Account;
use data_encoding::HEXLOWER;
use lambda_http::{RequestExt, http::header::IF_MATCH};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Failure, Principal, Request, Route};
use crate::idempotency::IdempotencyKey;

/// The longest key, in bytes, without quotes.
const LONGEST: usize = 255;

/// Reads the header, if there is one. The key belongs to the account of the token and to the user on whose behalf the
/// platform acts, and holds for one route and its parameters. A key in quotes is the same as without them.
///
/// # Errors
/// `malformed` if it is empty, repeated, longer than 255 bytes, or not visible ASCII.
pub(super) fn read(
    request: &Request,
    principal: &Principal,
) -> Result<Option<IdempotencyKey>, Failure> {
    let mut values = request.headers().get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let sent = value.as_bytes();
    let unquoted = unquoted(sent);
    let key = unquoted.as_deref().unwrap_or(sent);
    let visible = sent.iter().all(|byte| (b' '..=b'~').contains(byte));
    if values.next().is_some() || key.is_empty() || key.len() > LONGEST || !visible {
        return Err(Failure::malformed(
            "Idempotency-Key n’est pas un seul texte de 1 à 255 caractères ASCII visibles",
            "Idempotency-Key is not one text of 1 to 255 visible ASCII characters",
        ));
    }
    let Account { iss, sub } = principal.account();
    let parameters = request.path_parameters_ref();
    let named = |name: &str| parameters.and_then(|named| named.first(name)).unwrap_or_default();
    let digest = |key: &[u8]| {
        let mut parts = vec![
            iss.as_bytes(),
            sub.as_bytes(),
            Route::of(request).map(Route::key).unwrap_or_default().as_bytes(),
            named("scope").as_bytes(),
            named("id").as_bytes(),
            key,
        ];
        parts.extend(principal.on_behalf_of().map(|user| user.key().as_bytes()));
        hash(&parts)
    };
    let with_quotes = unquoted.is_some().then(|| digest(sent));
    Ok(Some(IdempotencyKey { digest: digest(key), with_quotes, payload: payload_hash(request) }))
}

impl IdempotencyKey {
    /// The key of the same request, as far as it is about these: a repetition that would be about others is another request.
    #[must_use]
    pub fn about(self, parts: &[&str]) -> Self {
        let parts = parts.iter().map(|part| part.as_bytes());
        let all: Vec<&[u8]> = [self.payload.as_bytes()].into_iter().chain(parts).collect();
        Self { payload: hash(&all), ..self }
    }
}

/// The text of a string of RFC 9651, the form of the IETF's draft of this header; `None` if it is not one.
fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'"' => return None,
            b'\\' => bytes.next().filter(|it| matches!(it, b'"' | b'\\'))?,
            _ => byte,
        });
    }
    Some(text)
}

/// The hash of the body and of the precondition: a request that changes another version is another request.
fn payload_hash(request: &Request) -> String {
    let body = payload(request);
    match request.headers().get(IF_MATCH) {
        Some(version) => hash(&[&body, version.as_bytes()]),
        None => hash(&[&body]),
    }
}

/// The body in canonical form, since white space and the order of fields mean nothing in JSON, and `null` means that a field
/// is left out, except in changes of access. An empty body is `{}`.
fn payload(request: &Request) -> Vec<u8> {
    let keeps_nulls = Route::of(request) == Some(Route::ChangeEach);
    let body: &[u8] = request.body().as_ref();
    let body = if body.is_empty() { b"{}" } else { body };
    let parsed = serde_json::from_slice::<Value>(body)
        .map(|value| if keeps_nulls { value } else { without_nulls(value) })
        .and_then(|value| serde_json::to_vec(&value));
    // A body that is not JSON is refused later on.
    parsed.unwrap_or_else(|_| body.to_vec())
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Hashes each part with its length, so two different lists of parts never give the same bytes.
fn hash(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    HEXLOWER.encode(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use lambda_http::http::HeaderValue;

    use super::*;

    #[test]
    fn no_two_lists_of_parts_have_one_hash() {
        let hashes = [
            hash(&[b"ab", b"c"]),
            hash(&[b"a", b"bc"]),
            hash(&[b"abc"]),
            hash(&[b"ab", b"c", b""]),
        ];
        let different: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
    }

    #[test]
    fn only_a_whole_string_in_quotes_is_without_them() {
        let of = |text: &str| unquoted(text.as_bytes()).map(|it| String::from_utf8(it).unwrap());
        assert_eq!(of(r#""a b""#).as_deref(), Some("a b"));
        assert_eq!(of(r#""say \"a\" or \\""#).as_deref(), Some(r#"say "a" or \"#));
        assert_eq!(of(r#""""#).as_deref(), Some(""));
        for bare in ["a", "", "\"", "\"a", "a\"", r#""a"b""#, r#""a\""#, r#""a\b""#, r#""a";p=1"#] {
            assert_eq!(of(bare), None, "{bare}");
        }
    }

    #[test]
    fn another_precondition_is_another_payload() {
        let of = |version: Option<&'static str>| {
            let mut request = Request::new("{}".to_owned().into());
            if let Some(version) = version {
                request.headers_mut().insert(IF_MATCH, HeaderValue::from_static(version));
            }
            payload_hash(&request)
        };
        assert_eq!(of(Some("\"1\"")), of(Some("\"1\"")));
        assert_ne!(of(Some("\"1\"")), of(Some("\"2\"")));
        assert_ne!(of(Some("\"1\"")), of(None));
    }

    #[test]
    fn a_payload_is_the_same_whatever_its_white_space_and_the_order_of_its_fields() {
        let of = |body: &str| payload(&Request::new(body.to_owned().into()));
        assert_eq!(of(r#"{"a":1,"b":[1,2]}"#), of("{ \"b\": [1, 2],\n \"a\": 1 }"));
        assert_eq!(of(""), of("{}"));
        assert_ne!(of(r#"{"b":[1,2]}"#), of(r#"{"b":[2,1]}"#));
        assert_eq!(of(r#"{"a":[{"name":null}]}"#), of(r#"{"a":[{}]}"#));
        assert_ne!(of(r#"{"a":[null]}"#), of(r#"{"a":[]}"#));
    }
}
