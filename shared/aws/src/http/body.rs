//! Request bodies. They are parsed once and checked field by field into types of the domain.

use std::{fmt, marker::PhantomData};

use lambda_http::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::error::Category;

use super::{Code, Explained, Failure, FieldError, Reason, Request};

/// The largest accepted body, in bytes.
const LARGEST: usize = 256 * 1024;

/// Reads JSON bodies.
#[derive(Clone, Copy, Debug)]
pub struct Body;

impl Body {
    /// Reads a body. `T` refuses unknown fields.
    ///
    /// # Errors
    /// `too-large` over 256 KiB, `unsupported-media-type` without a JSON content type, `malformed` if `T` cannot be read.
    pub fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
        let bytes = bytes(request)?;
        let media_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        // API Gateway does not decompress a body, and no function does.
        let encoding =
            request.headers().get(CONTENT_ENCODING).map_or(&b"identity"[..], |it| it.as_bytes());
        if !encoding.eq_ignore_ascii_case(b"identity") {
            return Err(Code::UnsupportedMediaType.into());
        }
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Code::UnsupportedMediaType.into());
        }
        // Serde reads an array as the fields of a struct in their order.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Failure::malformed(
                "le corps n’est pas un objet",
                "the body is not an object",
            ));
        }
        serde_json::from_slice(bytes).map_err(|error| unreadable(&error))
    }

    /// Accepts no body or `{}`.
    ///
    /// # Errors
    /// Those of [`Body::read`] for any other body.
    pub fn read_empty(request: &Request) -> Result<(), Failure> {
        if bytes(request)?.is_empty() { Ok(()) } else { Self::read::<Empty>(request).map(drop) }
    }

    /// Reads a body, all of whose fields are optional; no body is one without fields.
    ///
    /// # Errors
    /// Those of [`Body::read`].
    pub fn read_or_default<T: DeserializeOwned + Default>(request: &Request) -> Result<T, Failure> {
        if bytes(request)?.is_empty() { Ok(T::default()) } else { Self::read(request) }
    }

    /// Accepts no body.
    ///
    /// # Errors
    /// `malformed` if there is a body, `too-large` over 256 KiB.
    pub fn refuse(request: &Request) -> Result<(), Failure> {
        if bytes(request)?.is_empty() {
            Ok(())
        } else {
            Err(Failure::malformed("cette requête n’a pas de corps", "this request has no body"))
        }
    }
}

/// What is wrong with a body, and where. The parser's own message is in English and quotes the body.
fn unreadable(error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    // A request can name a field of any length.
    let field: String = message.split('`').nth(1).unwrap_or_default().chars().take(100).collect();
    let (french, english) = match error.classify() {
        Category::Data if message.starts_with("unknown field") => {
            (format!("champ inconnu\u{a0}: {field}"), format!("unknown field: {field}"))
        }
        Category::Data if message.starts_with("missing field") => {
            (format!("champ manquant\u{a0}: {field}"), format!("missing field: {field}"))
        }
        Category::Data if message.starts_with("duplicate field") => {
            (format!("champ répété\u{a0}: {field}"), format!("repeated field: {field}"))
        }
        Category::Data => ("valeur d’un autre type".into(), "a value of another type".into()),
        Category::Syntax | Category::Eof | Category::Io => {
            ("ce n’est pas du JSON".into(), "it is not JSON".into())
        }
    };
    Failure::malformed(
        format!("{french}, ligne {line}, colonne {column}"),
        format!("{english}, line {line}, column {column}"),
    )
}

fn bytes(request: &Request) -> Result<&[u8], Failure> {
    let bytes: &[u8] = request.body().as_ref();
    if bytes.len() > LARGEST { Err(Code::TooLarge.into()) } else { Ok(bytes) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

/// An object within a body. A derived `Deserialize` alone would also accept a list of the fields in their order.
#[derive(Clone, Debug, Serialize)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

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

/// A whole number from 0 on that is exact as an `f64`; `None` for any other. `25.0` and `1e2` are whole numbers too, as in
/// JSON Schema.
#[must_use]
pub fn whole_number(number: &serde_json::Number) -> Option<i64> {
    let number = number.as_f64().filter(|number| number.fract() == 0.0)?;
    let exact = (0.0..=9_007_199_254_740_991.0).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "it is in range")]
    exact.then_some(number as i64)
}

/// A field that may be left out or `null`, which are two different things.
#[derive(Debug, Default)]
pub enum Maybe<T> {
    /// It is left out.
    #[default]
    Absent,
    /// It is `null`.
    Null,
    /// It has a value.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// Collects the wrong fields of a body, so that one problem lists them all.
///
/// Each check returns the value, or adds an error and returns [`Rejected`]. The body is valid if no field was rejected;
/// otherwise the collected errors become a [`Failure`].
#[derive(Debug, Default)]
pub struct FieldErrors {
    below: String,
    errors: Vec<FieldError>,
}

#[expect(clippy::missing_errors_doc, reason = "each check rejects an invalid value")]
impl FieldErrors {
    /// Collects for an item of a batch, whose fields are below `pointer`.
    #[must_use]
    pub fn below(pointer: String) -> Self {
        Self { below: pointer, errors: Vec::new() }
    }

    /// Returns the value, or adds an error with `code` for the field at `pointer`.
    pub fn check<T, E>(&mut self, pointer: &str, code: Code, parsed: Result<T, E>) -> Checked<T> {
        parsed.or_else(|_| self.reject(pointer, code))
    }

    /// Adds an error with `code` for the field at `pointer`.
    pub fn reject<T>(&mut self, pointer: &str, code: Code) -> Checked<T> {
        self.add(pointer, code, None)
    }

    /// Returns the value, or adds an error with `code` and the reason for the field at `pointer`.
    pub fn explain<T, E: Explained>(
        &mut self,
        pointer: &str,
        code: Code,
        parsed: Result<T, E>,
    ) -> Checked<T> {
        parsed.or_else(|error| self.add(pointer, code, Some(error.reason())))
    }

    /// Collects for an object within the body, whose fields are below `pointer`.
    pub fn within<T>(&mut self, pointer: &str, check: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.below.len();
        self.below.push_str(pointer);
        let checked = check(self);
        self.below.truncate(outer);
        checked
    }

    fn add<T>(&mut self, pointer: &str, code: Code, reason: Option<Reason>) -> Checked<T> {
        let pointer = format!("{}{pointer}", self.below);
        self.errors.push(FieldError { pointer, code, reason });
        Err(Rejected)
    }
}

/// A field that was checked.
pub type Checked<T> = Result<T, Rejected>;

/// The field is wrong; its error is in the [`FieldErrors`].
#[derive(Clone, Copy, Debug)]
pub struct Rejected;

/// The problem has the code of the first wrong field and lists all of them.
impl From<FieldErrors> for Failure {
    fn from(FieldErrors { errors, .. }: FieldErrors) -> Self {
        let code = errors.first().map_or(Code::InvalidField, |first| first.code);
        Self::fields(code, errors)
    }
}
