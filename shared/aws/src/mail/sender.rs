//! The sender of a mail: the person who acts and the client, at the deployment's address.

use coulisses_domain::{
    hidden::is_hidden,
    link::without_links,
    mail::{Mail, Recipient},
    text::Name,
};
use data_encoding::BASE64;

/// The most characters of the header's value, the address included: what SES accepts for an address.
const LONGEST: usize = 320;

/// The sender's name and address: `Odile Martin (Acme)`, or the client alone.
///
/// A name that reads as an address is left out, because some mail clients show the name alone. The name of the product
/// stands in for a client that is named like an address.
pub(super) fn from(mail: &Mail, to: &Recipient, product: &str, address: &str) -> String {
    let with_names_of = |most| {
        let client = presentable(mail.client_name.as_str(), most);
        let client = client.unwrap_or_else(|| product.to_owned());
        let person = mail.person(to).and_then(|(_, name)| name).map(Name::as_str);
        let person = person.filter(|name| without_links(name) == *name);
        let name = match person.and_then(|name| presentable(name, most)) {
            Some(person) => format!("{person} ({client})"),
            None => client,
        };
        format!("{} <{address}>", encoded(&name))
    };
    let fits = |from: &String| from.len() <= LONGEST;
    let longer = [60, 40, 20].into_iter().map(with_names_of).find(fits);
    longer.unwrap_or_else(|| with_names_of(10))
}

/// A name in a header, of at most `most` characters; `None` if nothing of it is visible, or if it reads as an address.
fn presentable(name: &str, most: usize) -> Option<String> {
    let shown: String = name.chars().filter(|it| !is_hidden(*it) && !it.is_control()).collect();
    let shown = shown.trim();
    if shown.is_empty() || shown.contains(['@', '\u{ff20}', '\u{fe6b}']) {
        return None;
    }
    if shown.chars().count() <= most {
        return Some(shown.to_owned());
    }
    let start: String = shown.chars().take(most.saturating_sub(1)).collect();
    Some(format!("{}…", start.trim_end()))
}

/// A name of other characters than letters, digits and spaces is encoded (RFC 2047), in words of 75 characters at most.
fn encoded(name: &str) -> String {
    if name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ' ') {
        return name.to_owned();
    }
    let mut words = vec![String::new()];
    for letter in name.chars() {
        // 45 bytes are 60 characters in base64.
        if words.last().is_some_and(|word| word.len() + letter.len_utf8() > 45) {
            words.push(String::new());
        }
        words.last_mut().into_iter().for_each(|word| word.push(letter));
    }
    let encoded =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", BASE64.encode(word.as_bytes())));
    encoded.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_senders_name_is_encoded_unless_it_is_plain() {
        assert_eq!(encoded("Acme Events"), "Acme Events");
        assert_eq!(encoded("Événements"), "=?UTF-8?B?w4l2w6luZW1lbnRz?=");
        let long = encoded(&"é".repeat(40));
        let words: Vec<&str> = long.split(' ').collect();
        assert!(words.len() == 2 && words.iter().all(|word| word.len() <= 75), "{long}");
    }

    #[test]
    fn a_name_in_a_header_is_visible_short_and_no_address() {
        assert_eq!(presentable(" Léa\u{200b} \u{200e}", 60).as_deref(), Some("Léa"));
        assert_eq!(presentable("Léa\r\nBcc: x", 60).as_deref(), Some("LéaBcc: x"));
        assert_eq!(presentable(&"é".repeat(61), 60), Some(format!("{}…", "é".repeat(59))));
        for address in ["lea@example.org", "lea＠example.org", "lea﹫example.org", "\u{200b}"] {
            assert_eq!(presentable(address, 60), None, "{address}");
        }
    }
}
