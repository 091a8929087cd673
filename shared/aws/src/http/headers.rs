//! The request headers that the functions read.

use std::cmp::Ordering;

use coulisses_domain::{locale::Locale, precondition::Precondition, time::Version};
use lambda_http::{
    RequestExt,
    http::header::{ACCEPT_LANGUAGE, IF_MATCH, IF_NONE_MATCH},
    request::RequestContext,
};

use super::{Code, Failure, Request};

/// The version that the caller has read, from `If-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Version);

impl IfMatch {
    /// Reads the header, if there is one.
    ///
    /// # Errors
    /// Those of [`IfMatch::read`].
    pub fn read_if_there(request: &Request) -> Result<Option<Self>, Failure> {
        request.headers().contains_key(IF_MATCH).then(|| Self::read(request)).transpose()
    }

    /// The precondition of a request that must name a version. A missing one is refused once the caller is known to be
    /// permitted.
    ///
    /// # Errors
    /// `malformed` if the header is no entity tag.
    pub fn required(request: &Request) -> Result<Precondition, Failure> {
        match Self::read(request) {
            Ok(Self(version)) => Ok(version.into()),
            Err(failure) if failure.code() == Code::IfMatchRequired => Ok(Precondition::Missing),
            Err(failure) => Err(failure),
        }
    }

    /// Reads the header: exactly one strong entity tag, as `ETag` returned it.
    ///
    /// # Errors
    /// `if-match-required` if it is missing or `*`, which would overwrite any version; `malformed` otherwise.
    // Digitevent (docs/domain.md#sources): "vous risquez d'écraser celles de vos collaborateurs"
    pub fn read(request: &Request) -> Result<Self, Failure> {
        let mut values = request.headers().get_all(IF_MATCH).iter();
        let value = values
            .next()
            .ok_or(Code::IfMatchRequired)?
            .to_str()
            .map_err(|_| Code::Malformed)?
            .trim();
        if value == "*" {
            return Err(Code::IfMatchRequired.into());
        }
        let tag = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        // Compared as text: `"+1"` and `"01"` are other tags than `"1"`.
        let is_tag = |number: &i64| *number >= 0 && tag == Some(number.to_string().as_str());
        match tag.and_then(|tag| tag.parse().ok()).filter(is_tag) {
            Some(number) if values.next().is_none() => Ok(Self(Version::from_number(number))),
            Some(_) | None => Err(Failure::malformed(
                "If-Match n’est pas une seule étiquette, telle que dans ETag",
                "If-Match is not one entity tag as in ETag",
            )),
        }
    }
}

/// Whether `If-None-Match: *` requires that there is no such resource yet.
///
/// # Errors
/// `malformed` for an entity tag, because nothing here is written only if it has another version.
pub fn requires_absence(request: &Request) -> Result<bool, Failure> {
    let mut values = request.headers().get_all(IF_NONE_MATCH).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(false),
        (Some(value), None) if value.as_bytes().trim_ascii() == b"*" => Ok(true),
        (Some(_), _) => Err(Failure::malformed(
            "If-None-Match ne peut être que *",
            "If-None-Match can only be *",
        )),
    }
}

/// The language of problems: the supported one with the highest weight in `Accept-Language`, or English.
#[must_use]
pub fn language(request: &Request) -> Locale {
    let header = request
        .headers()
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let ranges: Vec<(String, f32)> = header.split(',').filter_map(language_range).collect();
    let weight_of = |locale: Locale| {
        let named = ranges.iter().find(|(tag, _)| tag == locale.name());
        // `*` is any language that is not named.
        named.or_else(|| ranges.iter().find(|(tag, _)| tag == "*")).map(|(_, weight)| *weight)
    };
    let position = |locale: Locale| ranges.iter().position(|(tag, _)| tag == locale.name());
    let (french, english) =
        (weight_of(Locale::Fr).unwrap_or(0.0), weight_of(Locale::En).unwrap_or(0.0));
    let is_french = match french.total_cmp(&english) {
        Ordering::Greater => true,
        Ordering::Less => false,
        // Of equal weights, the first one that is named wins.
        Ordering::Equal => {
            let places = position(Locale::Fr).zip(position(Locale::En));
            french > 0.0 && places.is_some_and(|(french, english)| french < english)
        }
    };
    if is_french { Locale::Fr } else { Locale::En }
}

/// The primary language of a range, and its weight; `None` if the weight is not a number.
fn language_range(range: &str) -> Option<(String, f32)> {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
    let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
    let weight = match parameters.trim().split_once('=') {
        Some((name, weight)) if name.trim().eq_ignore_ascii_case("q") => {
            weight.trim().parse().ok()?
        }
        _ => 1.0,
    };
    Some((primary, weight))
}

/// The id that API Gateway gave the request. It is logged, so it is ignored if it could contain anything else.
#[must_use]
pub fn request_id(request: &Request) -> Option<&str> {
    let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else { return None };
    let permitted = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
    context.request_id.as_deref().filter(|id| id.len() <= 40 && id.bytes().all(permitted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &str) -> Request {
        let mut request = Request::new(lambda_http::Body::Empty);
        request.headers_mut().append(name, value.parse().unwrap());
        request
    }

    fn code(request: &Request) -> Code {
        IfMatch::read(request).unwrap_err().code()
    }

    #[test]
    fn an_if_match_is_one_strong_entity_tag() {
        let read = IfMatch::read(&with("if-match", "\"1795323303000\"")).unwrap();
        assert_eq!(read, IfMatch(Version::from_number(1_795_323_303_000)));
        for bad in [
            "1795323303000",
            "W/\"1\"",
            "\"\"",
            "\"-1\"",
            "\"+1\"",
            "\"01\"",
            "\"a\"",
            "\"1\", \"2\"",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(code(&with("if-match", bad)), Code::Malformed, "{bad}");
        }
        let mut twice = with("if-match", "\"1\"");
        twice.headers_mut().append("if-match", "\"2\"".parse().unwrap());
        assert_eq!(code(&twice), Code::Malformed);
    }

    #[test]
    fn a_missing_if_match_or_a_star_is_refused() {
        assert_eq!(code(&Request::new(lambda_http::Body::Empty)), Code::IfMatchRequired);
        assert_eq!(code(&with("if-match", " * ")), Code::IfMatchRequired);
    }

    #[test]
    fn problems_are_in_the_language_of_the_highest_weight() {
        for (header, locale) in [
            ("", Locale::En),
            ("fr", Locale::Fr),
            ("fr-CA,en;q=0.8", Locale::Fr),
            ("de,en;q=0.5,fr;q=0.7", Locale::Fr),
            ("fr;q=0,en", Locale::En),
            ("de", Locale::En),
            ("fr;q=nonsense", Locale::En),
            ("en,fr", Locale::En),
            ("fr,en", Locale::Fr),
            ("fr;Q=0.4,en;q=0.5", Locale::En),
            ("en;q=0, *", Locale::Fr),
            ("fr;q=0, *", Locale::En),
            ("*", Locale::En),
            ("en;q=0", Locale::En),
        ] {
            assert_eq!(language(&with("accept-language", header)), locale, "{header}");
        }
    }
}
