//! `Idempotency-Key`: the same request sent again gets the first answer, and nothing is done twice.

use coulisses_domain::collaborator::Account;
use data_encoding::HEXLOWER;
use lambda_http::RequestExt;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Failure, Principal, Request, route};

/// The longest key, in bytes.
const LONGEST: usize = 255;

/// What a request is known by when it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The hash of who asked what under which key: caller, method, path and header.
    pub(crate) digest: String,
    /// The hash of what was asked.
    pub(crate) payload: String,
}

impl IdempotencyKey {
    /// Reads the header, if there is one; `caller` is who asks.
    ///
    /// # Errors
    /// `malformed` if it is empty, repeated, longer than 255 bytes, or not visible ASCII.
    pub fn read(request: &Request, caller: &Principal) -> Result<Option<Self>, Failure> {
        let mut values = request.headers().get_all("idempotency-key").iter();
        let Some(value) = values.next() else { return Ok(None) };
        let key = value.as_bytes();
        let visible = key.iter().all(|byte| (b' '..=b'~').contains(byte));
        if values.next().is_some() || key.is_empty() || key.len() > LONGEST || !visible {
            return Err(Failure::malformed(
                "Idempotency-Key is not one text of 1 to 255 visible ASCII characters",
            ));
        }
        let Account { iss, sub } = caller.account();
        let parameters = request.path_parameters_ref();
        let named = |name: &str| parameters.and_then(|named| named.first(name)).unwrap_or_default();
        let digest = hash(&[
            iss.as_bytes(),
            sub.as_bytes(),
            route(request).unwrap_or_default().as_bytes(),
            named("scope").as_bytes(),
            named("id").as_bytes(),
            key,
        ]);
        Ok(Some(Self { digest, payload: hash(&[&payload(request)]) }))
    }
}

/// The body without what means nothing in JSON: white space, and the order of fields. None is the same as `{}`.
fn payload(request: &Request) -> Vec<u8> {
    let body: &[u8] = request.body().as_ref();
    let body = if body.is_empty() { b"{}" } else { body };
    let parsed = serde_json::from_slice::<Value>(body).and_then(|value| serde_json::to_vec(&value));
    // What is no JSON is refused before it is decided; its bytes are as good a payload as any.
    parsed.unwrap_or_else(|_| body.to_vec())
}

/// Each part goes with its length, so that no two lists of parts give the same bytes.
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
    fn a_payload_is_the_same_whatever_its_white_space_and_the_order_of_its_fields() {
        let of = |body: &str| payload(&Request::new(body.to_owned().into()));
        assert_eq!(of(r#"{"a":1,"b":[1,2]}"#), of("{ \"b\": [1, 2],\n \"a\": 1 }"));
        assert_eq!(of(""), of("{}"));
        assert_ne!(of(r#"{"b":[1,2]}"#), of(r#"{"b":[2,1]}"#));
    }
}
