//! The languages that the stack's own pages speak.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// French.
    French,
    /// English.
    English,
}

impl Language {
    /// The one of ours that `Accept-Language` weighs most, else English, as the API has it.
    pub fn of(headers: &HeaderMap) -> Self {
        let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let weighed = header.unwrap_or_default().split(',').filter_map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = match parameters.trim().strip_prefix("q=") {
                Some(weight) => weight.parse::<f32>().ok()?,
                None => 1.0,
            };
            Self::tagged(tag).filter(|_| weight > 0.0).map(|language| (language, weight))
        });
        // The first of equals wins, as it was written first.
        let best = weighed.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map_or(Self::English, |(language, _)| language)
    }

    /// The language of a tag as `fr-CA`, if it is one of ours.
    pub fn tagged(tag: &str) -> Option<Self> {
        match tag.trim().split('-').next()?.to_ascii_lowercase().as_str() {
            "fr" => Some(Self::French),
            "en" => Some(Self::English),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_the_browser_weighs_most() {
        for (header, language) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", Language::French),
            ("en-GB, fr;q=0.5", Language::English),
            ("de, en;q=0.4, fr;q=0.6", Language::French),
            ("fr;q=0", Language::English),
            ("de", Language::English),
            ("", Language::English),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().unwrap());
            assert_eq!(Language::of(&headers), language, "{header}");
        }
    }
}
