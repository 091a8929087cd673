//! E-mail addresses: the original for display, one canonical key for identity (docs/security.md#e-mail-addresses).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::hidden::{is_hidden, is_shaping};

/// The domain of the addresses that replace those of erased people; it receives no mail (RFC 2606).
pub(crate) const PSEUDONYMS: &str = "@erased.invalid";

/// An e-mail address, and its key.
///
/// Two addresses are equal, and identify the same person, exactly if their keys are equal.
#[derive(Clone)]
pub struct Email {
    original: String,
    key: String,
}

impl Email {
    /// Reads a stored address, which can be the pseudonym of an erased person.
    ///
    /// Surrounding white space is removed. White space inside and invisible characters are refused.
    ///
    /// # Errors
    /// [`NotAnEmail`] says why.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail::NoAt)?;
        // Some domains are typed with shaping characters, which IDNA drops or checks.
        let is_foreign = |at: usize, it: char| {
            it.is_whitespace() || (is_hidden(it) && !(at > local.len() && is_shaping(it)))
        };
        let mut characters = text.char_indices().zip(1..);
        if let Some(((_, character), position)) =
            characters.find(|((at, character), _)| is_foreign(*at, *character))
        {
            return Err(NotAnEmail::Hidden { character, position });
        }
        let domain_key = domain_key(domain)?;
        let key = format!("{}@{domain_key}", local_key(local)?);
        // No address is displayed with an invisible character.
        let is_plain = !domain.contains(is_hidden);
        let original = if is_plain { text.to_owned() } else { format!("{local}@{domain_key}") };
        if key.len() > 254 || original.len() > 254 {
            return Err(NotAnEmail::TooLong);
        }
        Ok(Self { original, key })
    }

    /// Reads an address from a request. Invisible characters around it are removed too: they are copied with it.
    ///
    /// # Errors
    /// Those of [`Email::claimed`].
    pub fn entered(text: &str) -> Result<Self, NotAnEmail> {
        Self::claimed(text.trim_matches(|it: char| it.is_whitespace() || is_hidden(it)))
    }

    /// Reads an address that an issuer verified. An invisible character around it could be part of another mailbox.
    ///
    /// # Errors
    /// Those of [`Email::parse`]; [`NotAnEmail::Reserved`] for a pseudonym.
    pub fn claimed(text: &str) -> Result<Self, NotAnEmail> {
        let email = Self::parse(text)?;
        if email.is_pseudonym() { Err(NotAnEmail::Reserved) } else { Ok(email) }
    }

    /// Takes an address that is already in its canonical form.
    pub(crate) fn canonical(address: String) -> Self {
        Self { original: address.clone(), key: address }
    }

    /// Whether this is the pseudonym of an erased person.
    #[must_use]
    pub fn is_pseudonym(&self) -> bool {
        self.key.ends_with(PSEUDONYMS)
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
    Hidden {
        /// The character.
        character: char,
        /// Its position, from 1 on, without what surrounds the address.
        position: usize,
    },
    /// The local part is empty, not ASCII, quoted, with a comment, or has misplaced dots.
    #[error("the part before the @ is not a plain name of ASCII letters, digits and signs")]
    Local,
    /// The domain is not one that a name server can find.
    #[error("the part after the @ is not a domain name")]
    Domain,
    /// Longer than mail allows: 64 octets before the `@`, 254 in all.
    #[error("it is too long")]
    TooLong,
    /// The domain is that of the pseudonyms of erased people.
    #[error("its domain is reserved")]
    Reserved,
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
        let hidden = |character, position| NotAnEmail::Hidden { character, position };
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
            ("le a@example.org", hidden(' ', 3)),
            ("lea\u{200b}@example.org", hidden('\u{200b}', 4)),
            ("lea@exam\u{ad}ple.org", hidden('\u{ad}', 9)),
            ("lea\u{202e}@example.org", hidden('\u{202e}', 4)),
            ("lea\r\nBcc:x@example.org", hidden('\r', 4)),
            ("lea\0@example.org", hidden('\0', 4)),
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
    fn invisible_characters_around_an_address_are_removed() {
        for around in ['\u{200b}', '\u{feff}', '\u{202a}', '\u{202c}', '\u{2068}', '\u{200f}', '\0']
        {
            let text = format!("{around} lea@example.org{around}\n{around}");
            assert_eq!(Email::entered(&text).unwrap().original(), "lea@example.org", "{text:?}");
            assert!(Email::claimed(&text).is_err(), "an issuer may mean another mailbox: {text:?}");
        }
        let inside = Email::entered("\u{feff}lé\u{200b}a@example.org").unwrap_err();
        assert_eq!(inside, NotAnEmail::Hidden { character: '\u{200b}', position: 3 });
    }

    #[test]
    fn a_domain_can_be_typed_with_characters_that_idna_maps() {
        for (typed, ascii) in [
            ("lea@❤\u{fe0f}.example", "lea@xn--qei.example"),
            ("lea@example\u{fe0f}.org", "lea@example.org"),
            ("lea@ශ\u{dca}\u{200d}ර\u{dd3}.example", "lea@xn--10cl1a0b660p.example"),
        ] {
            let email = Email::parse(typed).unwrap();
            assert_eq!((email.key(), email.original()), (ascii, ascii));
            assert_eq!(email.mailbox(), ascii);
        }
        let hidden = NotAnEmail::Hidden { character: '\u{200d}', position: 2 };
        assert_eq!(Email::parse("l\u{200d}ea@example.org"), Err(hidden), "before the @");
        assert_eq!(
            Email::parse("lea@ex\u{200d}ample.org"),
            Err(NotAnEmail::Domain),
            "no joiner here"
        );
    }

    #[test]
    fn pseudonyms_are_read_and_not_entered() {
        for text in ["erased-abc@erased.invalid", "Lea@ERASED.invalid.", "lea@ｅrased。invalid"] {
            assert!(Email::parse(text).unwrap().is_pseudonym(), "{text}");
            assert_eq!(Email::entered(text), Err(NotAnEmail::Reserved), "{text}");
            assert_eq!(Email::claimed(text), Err(NotAnEmail::Reserved), "{text}");
        }
        for text in ["lea@not-erased.invalid", "lea@x.erased.invalid", "lea@example.org"] {
            assert!(Email::entered(text).is_ok(), "{text}");
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
