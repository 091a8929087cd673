//! Bodies: read once, checked field by field, and afterwards only types of the domain.

use std::{fmt, marker::PhantomData};

use lambda_http::http::header::CONTENT_TYPE;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{Code, Failure, FieldError, Request};

/// The largest body that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Reads bodies of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Body;

impl Body {
    /// Reads a body; fields that it does not know are refused by `T`.
    ///
    /// # Errors
    /// `too-large` over 256 KiB, `unsupported-media-type` if it is not JSON by its type, `malformed` if not by its text.
    pub fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
        let bytes = sized(request)?;
        let media_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Code::UnsupportedMediaType.into());
        }
        // An array would be taken for the fields in their order.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Failure::malformed("the body is not an object"));
        }
        serde_json::from_slice(bytes).map_err(|error| Failure::malformed(&error.to_string()))
    }
}

/// Reads a body that may be left out, in which case it is `{}`.
///
/// # Errors
/// Those of [`Body::read`].
pub fn read_empty_or<T: DeserializeOwned + Default>(request: &Request) -> Result<T, Failure> {
    if sized(request)?.is_empty() { Ok(T::default()) } else { Body::read(request) }
}

/// Refuses a body where none belongs.
///
/// # Errors
/// `malformed` if there is one, `too-large` if it is even that.
pub fn refuse_body(request: &Request) -> Result<(), Failure> {
    if sized(request)?.is_empty() {
        Ok(())
    } else {
        Err(Failure::malformed("this request has no body"))
    }
}

fn sized(request: &Request) -> Result<&[u8], Failure> {
    let bytes: &[u8] = request.body().as_ref();
    if bytes.len() > LARGEST { Err(Code::TooLarge.into()) } else { Ok(bytes) }
}

/// An object within a body: a derived reader alone would take a list too, its items for the fields in their order.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// Reads the fields of an object.
struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

/// Collects what is wrong with the fields of a body, so that one answer names all of it.
#[derive(Debug, Default)]
pub struct FieldErrors {
    below: String,
    errors: Vec<FieldError>,
}

impl FieldErrors {
    /// Collects for an item of a batch, whose fields stand below `pointer`.
    #[must_use]
    pub fn below(pointer: String) -> Self {
        Self { below: pointer, errors: Vec::new() }
    }

    /// Keeps the value, or remembers that the field at `pointer` is wrong.
    pub fn check<T, E>(&mut self, pointer: &str, code: Code, parsed: Result<T, E>) -> Checked<T> {
        parsed.map_or_else(|_| self.wrong(pointer, code), |value| Checked(Some(value)))
    }

    /// Remembers that the field at `pointer` is wrong.
    pub fn wrong<T>(&mut self, pointer: &str, code: Code) -> Checked<T> {
        self.errors.push(FieldError { pointer: format!("{}{pointer}", self.below), code });
        Checked(None)
    }

    /// Ends the check.
    ///
    /// # Errors
    /// A problem with the code of the first wrong field, that names all of them.
    pub fn finish(self) -> Result<Valid, Failure> {
        match self.errors.first() {
            None => Ok(Valid(())),
            Some(first) => Err(Failure::fields(first.code, self.errors)),
        }
    }
}

/// The proof that no field was wrong.
#[derive(Clone, Copy, Debug)]
pub struct Valid(());

/// A field that was right, or is remembered as wrong.
#[derive(Debug)]
pub struct Checked<T>(Option<T>);

impl<T> Checked<T> {
    /// A field that is right.
    #[must_use]
    pub const fn right(value: T) -> Self {
        Self(Some(value))
    }

    /// A field of which a part is remembered as wrong.
    #[must_use]
    pub const fn wrong() -> Self {
        Self(None)
    }

    /// The value, unless it is wrong.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        self.0
    }

    /// The value, once it is proven that no field was wrong.
    ///
    /// # Errors
    /// `internal` never: a field without a value was remembered, and then there is no proof.
    pub fn get(self, _: Valid) -> Result<T, Failure> {
        self.0.ok_or_else(|| Failure::internal(Unchecked))
    }
}

/// A field that was neither right nor remembered as wrong.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a field was neither right nor wrong")]
struct Unchecked;
