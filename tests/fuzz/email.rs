//! The key of an e-mail address, which identifies a collaborator.

use coulisses_domain::email::Email;

use crate::hunt::{Met, hunt};

#[test]
fn every_spelling_of_an_address_has_one_key_and_every_written_form_parses_to_it() {
    hunt("email", 10_000, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let Ok(email) = Email::parse(&text) else { return Met::Refused };
        let key = email.key();
        // Every written form parses to the same key, so nothing that the parser refuses is stored or mailed.
        let mailbox = email.mailbox();
        for written in [key, email.original(), &mailbox] {
            assert_eq!(Email::parse(written).unwrap().key(), key, "{text:?}");
        }
        let shouted = text.to_ascii_uppercase();
        for spelled in [&shouted, &format!(" {text}\n")] {
            assert_eq!(Email::parse(spelled).unwrap().key(), key, "{spelled:?}");
        }
        let dotted = Email::parse(&format!("{key}."));
        assert!(dotted.is_ok_and(|dotted| dotted == email) || key.len() == 254, "{text:?}");
        let (local, domain) = key.rsplit_once('@').unwrap();
        let plain = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
        assert!(key.bytes().all(plain) && !local.contains('@'), "{key:?}");
        assert!(local.len() <= 64 && key.len() <= 254, "{key:?}");
        let labels: Vec<&str> = domain.split('.').collect();
        assert!(labels.len() >= 2 && labels.iter().all(|label| !label.is_empty()), "{key:?}");
        // No letter changes: the local part equals that of the original, except for case.
        let (given, _) = email.original().rsplit_once('@').unwrap();
        assert!(given.eq_ignore_ascii_case(local), "{text:?}");
        assert!(mailbox.starts_with(&format!("{given}@")), "{text:?}");
        // Another local part is another address.
        let other = Email::parse(&format!("x{key}"));
        assert!(other.is_ok_and(|other| other != email) || local.len() == 64 || key.len() == 254);
        Met::Taken
    });
}
