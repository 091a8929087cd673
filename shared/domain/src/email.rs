//! E-mail addresses: the original for display, one canonical key for identity (docs/security.md#e-mail-addresses).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::text::is_hidden;

/// An e-mail address, and its key.
///
/// Two addresses are equal, and identify the same person, exactly if their keys are equal.
#[derive(Clone)]
pub struct Email {
    original: String,
    key: String,
}

impl Email {
    /// Reads an address. Surrounding white space is removed; white space inside is refused.
    ///
    /// # Errors
    /// [`NotAnEmail`] says why.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let original = text.trim();
        if original.chars().any(|character| is_hidden(character) || character.is_whitespace()) {
            return Err(NotAnEmail::Hidden);
        }
        let (local, domain) = original.rsplit_once('@').ok_or(NotAnEmail::NoAt)?;
        let key = format!("{}@{}", local_key(local)?, domain_key(domain)?);
        if key.len() > 254 || original.len() > 254 {
            return Err(NotAnEmail::TooLong);
        }
        Ok(Self { original: original.to_owned(), key })
    }

    /// Takes an address that is already in its canonical form.
    pub(crate) fn canonical(address: String) -> Self {
        Self { original: address.clone(), key: address }
    }

    /// The address as it was entered, for display.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The canonical form, which decides identity.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address for sending: the original, with the ASCII form of its domain if they differ
    /// (docs/decisions/0006-mail-uses-the-ascii-form-of-the-domain.md).
    #[must_use]
    pub fn mailbox(&self) -> String {
        let (local, domain) = self.original.rsplit_once('@').unwrap_or_default();
        let spelled = self.key.rsplit_once('@').map_or("", |(_, domain)| domain);
        if domain.eq_ignore_ascii_case(spelled) {
            self.original.clone()
        } else {
            format!("{local}@{spelled}")
        }
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Email {}

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEmail {
    /// No `@`.
    #[error("there is no @")]
    NoAt,
    /// White space, a control or an invisible character.
    #[error("it has a space or an invisible character")]
    Hidden,
    /// The local part is empty, not ASCII, quoted, with a comment, or has misplaced dots.
    #[error("the part before the @ is not a plain name of ASCII letters, digits and signs")]
    Local,
    /// The domain is not one that a name server can find.
    #[error("the part after the @ is not a domain name")]
    Domain,
    /// Longer than mail allows: 64 octets before the `@`, 254 in all.
    #[error("it is too long")]
    TooLong,
}

/// The local part must be ASCII, because normalising it could turn another letter into an ASCII one.
fn local_key(local: &str) -> Result<String, NotAnEmail> {
    let permitted =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    if local.len() > 64 {
        return Err(NotAnEmail::TooLong);
    }
    if local.split('.').any(str::is_empty) || !local.bytes().all(permitted) {
        return Err(NotAnEmail::Local);
    }
    Ok(local.to_ascii_lowercase())
}

fn domain_key(domain: &str) -> Result<String, NotAnEmail> {
    let ascii = Uts46::new()
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Ignore)
        .map_err(|_| NotAnEmail::Domain)?;
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    let labels: Vec<&str> = name.split('.').collect();
    let fits = name.len() <= 253 && labels.iter().all(|label| (1..=63).contains(&label.len()));
    // Resolvers read a last label of digits as an IP address (WHATWG URL, "ends in a number").
    let numeric = labels.last().is_none_or(|label| {
        label.bytes().all(|byte| byte.is_ascii_digit()) || label.starts_with("0x")
    });
    if labels.len() < 2 || !fits || numeric { Err(NotAnEmail::Domain) } else { Ok(name.to_owned()) }
}

redacted_debug!(Email);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> String {
        Email::parse(text).unwrap().key
    }

    #[test]
    fn case_and_the_form_of_the_domain_do_not_distinguish_people() {
        assert_eq!(key("Lea@Example.ORG"), "lea@example.org");
        assert_eq!(key("  lea@example.org. \n"), "lea@example.org");
        assert_eq!(key("lea@BÜCHER.example"), "lea@xn--bcher-kva.example");
        assert_eq!(key("lea@xn--bcher-kva.example"), "lea@xn--bcher-kva.example");
        assert_eq!(key("lea@ｅｘａｍｐｌｅ。org"), "lea@example.org");
        assert_eq!(
            key("lea@straße.example"),
            "lea@xn--strae-oqa.example",
            "non-transitional: not strasse"
        );
    }

    #[test]
    fn tags_and_dots_distinguish_people() {
        assert_eq!(key("l.ea+Expo@example.org"), "l.ea+expo@example.org");
    }

    #[test]
    fn lookalike_letters_are_never_normalised_to_ascii() {
        // GitHub, 2016: upper-casing a dotless i produced another user's address.
        assert_eq!(Email::parse("mıke@example.org"), Err(NotAnEmail::Local));
        assert_eq!(
            Email::parse("\u{212a}ate@example.org"),
            Err(NotAnEmail::Local),
            "the Kelvin sign"
        );
        assert_eq!(Email::parse("ﬁ@example.org"), Err(NotAnEmail::Local), "a ligature");
        assert_ne!(
            key("lea@exаmple.org"),
            key("lea@example.org"),
            "a Cyrillic letter in the domain"
        );
    }

    #[test]
    fn an_invalid_address_is_refused_with_its_reason() {
        let long = format!("{}@example.org", "a".repeat(65));
        let very_long = format!("a@{}org", "abcdefgh.".repeat(30));
        let long_label = format!("a@{}.org", "b".repeat(64));
        for (bad, why) in [
            ("", NotAnEmail::NoAt),
            ("lea", NotAnEmail::NoAt),
            ("@example.org", NotAnEmail::Local),
            ("lea@", NotAnEmail::Domain),
            ("a@b@example.org", NotAnEmail::Local),
            ("\"lea\"@example.org", NotAnEmail::Local),
            ("lea(comment)@example.org", NotAnEmail::Local),
            (".lea@example.org", NotAnEmail::Local),
            ("lea.@example.org", NotAnEmail::Local),
            ("l..ea@example.org", NotAnEmail::Local),
            ("léa@example.org", NotAnEmail::Local),
            ("le a@example.org", NotAnEmail::Hidden),
            ("lea\u{200b}@example.org", NotAnEmail::Hidden),
            ("lea@exam\u{ad}ple.org", NotAnEmail::Hidden),
            ("lea\u{202e}@example.org", NotAnEmail::Hidden),
            ("lea\r\nBcc:x@example.org", NotAnEmail::Hidden),
            ("lea\0@example.org", NotAnEmail::Hidden),
            ("lea@localhost", NotAnEmail::Domain),
            ("lea@example..org", NotAnEmail::Domain),
            ("lea@.example.org", NotAnEmail::Domain),
            ("lea@example.org..", NotAnEmail::Domain),
            ("lea@[127.0.0.1]", NotAnEmail::Domain),
            ("lea@127.0.0.1", NotAnEmail::Domain),
            ("lea@[::1]", NotAnEmail::Domain),
            ("lea@ex_ample.org", NotAnEmail::Domain),
            ("lea@-example.org", NotAnEmail::Domain),
            ("lea@xn--a.org", NotAnEmail::Domain),
            (&long, NotAnEmail::TooLong),
            (&very_long, NotAnEmail::Domain),
            (&long_label, NotAnEmail::Domain),
        ] {
            assert_eq!(Email::parse(bad).err(), Some(why), "{bad:?}");
        }
    }

    #[test]
    fn the_original_and_the_ascii_form_of_an_address_have_at_most_254_octets() {
        let local = "a".repeat(64);
        // 64 + 1 + 189 = 254 octets.
        let domain = format!("{}.{}.{}.fr", "b".repeat(63), "c".repeat(63), "d".repeat(58));
        let longest = format!("{local}@{domain}");
        assert_eq!((key(&longest).len(), longest.len()), (254, 254));
        let longer = longest.replace("d.fr", "dd.fr");
        assert_eq!(Email::parse(&longer).err(), Some(NotAnEmail::TooLong), "both");
        let longer = format!("{longest}.");
        assert_eq!(Email::parse(&longer).err(), Some(NotAnEmail::TooLong), "as it was given");
        let longer = format!("{local}@{}fr", "ü.".repeat(25));
        assert!(longer.len() < 254);
        assert_eq!(Email::parse(&longer).err(), Some(NotAnEmail::TooLong), "as the DNS spells it");
    }

    #[test]
    fn mail_is_sent_to_the_ascii_form_of_the_domain() {
        let email = Email::parse(" Lea.Martin@Bücher.example. ").unwrap();
        assert_eq!(email.original(), "Lea.Martin@Bücher.example.");
        assert_eq!(email.mailbox(), "Lea.Martin@xn--bcher-kva.example");
    }

    #[test]
    fn debug_output_does_not_show_an_address() {
        assert_eq!(format!("{:?}", Email::parse("lea@example.org").unwrap()), "Email(..)");
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_the_key(text in "\\PC{0,40}|[a-zA-Z.+]{1,8}@[a-zA-Z0-9é。ßİſ.-]{1,20}\\.(org|ORG|рф)") {
            if let Ok(email) = Email::parse(&text) {
                let again = Email::parse(email.key()).unwrap();
                prop_assert_eq!(again.key(), email.key());
                prop_assert!(email.key().is_ascii());
            }
        }

        #[test]
        fn a_mailbox_is_the_same_person(text in "[a-zA-Z.+]{1,8}@[a-zA-Z0-9éü.-]{1,20}\\.(org|ORG)") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(&email.mailbox()).unwrap(), email);
            }
        }
    }
}
