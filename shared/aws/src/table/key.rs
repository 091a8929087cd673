//! The keys of the table, as text. They are built and parsed here only.

use coulisses_domain::{
    collaborator::{CollaboratorId, MailId},
    scope::{ClientId, ScopeId},
    time::Day,
};
use sha2::{Digest, Sha256};

use super::{Slot, StoreError, load::corrupt};

/// The key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The partition key, `pk`.
    pub pk: String,
    /// The sort key, `sk`.
    pub sk: String,
}

/// How many shards the outbox and the registry of clients are spread over.
pub const SHARDS: u8 = 16;

/// The item of a client.
#[must_use]
pub fn client(client: &ClientId) -> Key {
    Key { pk: partition(client), sk: "#".into() }
}

/// The partition of a client: its own item, its scopes, its people.
#[must_use]
pub fn partition(client: &ClientId) -> String {
    format!("C#{client}")
}

/// The client of a partition key; `None` if it is not that of a client.
#[must_use]
pub fn client_of(pk: &str) -> Option<ClientId> {
    ClientId::parse(pk.strip_prefix("C#")?).ok()
}

/// The item of an audience, an event or a community.
#[must_use]
pub fn scope(scope: &ScopeId) -> Key {
    Key {
        pk: partition(&scope.client()),
        sk: format!("S#{}", scope.below_client().replace(':', "#")),
    }
}

/// What is strictly below a scope: the partition, and how the sort keys begin there.
#[must_use]
pub fn below(scope: &ScopeId) -> Key {
    let Key { pk, mut sk } = self::scope(scope);
    if !scope.is_client() {
        sk.push('#');
    }
    Key { pk, sk }
}

/// The item of a collaborator.
#[must_use]
pub fn collaborator(client: &ClientId, id: &CollaboratorId) -> Key {
    Key { pk: partition(client), sk: format!("P#{id}") }
}

/// The count of a person's invitation mails.
#[must_use]
pub fn counter(client: &ClientId, id: &CollaboratorId) -> Key {
    Key { pk: format!("M#{client}#{id}"), sk: "#".into() }
}

/// An entry of the history; `entry` is its ULID.
#[must_use]
pub fn history(client: &ClientId, entry: &str) -> Key {
    Key { pk: histories(client), sk: entry.into() }
}

/// The partition of a client's history.
#[must_use]
pub fn histories(client: &ClientId) -> String {
    format!("H#{client}")
}

/// The partition, in the index, of the history of one person.
#[must_use]
pub fn history_of(client: &ClientId, id: &CollaboratorId) -> String {
    format!("H#{client}#{id}")
}

/// The partition, in the index, of the registry of clients.
#[must_use]
pub fn registry(client: &ClientId) -> String {
    registry_shard(shard(client.as_str()))
}

/// The partition, in the index, of one shard of the registry of clients.
#[must_use]
pub fn registry_shard(shard: u8) -> String {
    format!("R#{shard}")
}

/// The figures of a day's audits of a client.
#[must_use]
pub fn audit(client: &ClientId, day: Day) -> Key {
    Key { pk: audits(client), sk: day.to_string() }
}

/// The partition of the figures of all audits of a client.
#[must_use]
pub fn audits(client: &ClientId) -> String {
    format!("A#{client}")
}

/// The partition, in the index, of one address in all clients; `keyed` is the address's HMAC in hexadecimal.
#[must_use]
pub fn address(keyed: &str) -> String {
    format!("E#{keyed}")
}

/// The partition of the answers that are kept under `digest`, a hash in hexadecimal.
#[must_use]
pub fn answers(client: &ClientId, digest: &str) -> String {
    format!("I#{client}#{digest}")
}

/// A kept answer.
#[must_use]
pub fn answer(client: &ClientId, digest: &str, slot: Slot) -> Key {
    let sk = match slot {
        Slot::Whole => "#".to_owned(),
        Slot::Item(index) => format!("#{index}"),
    };
    Key { pk: answers(client, digest), sk }
}

/// Which part of a request a kept answer is to, by its key.
pub(super) fn slot(key: &Key) -> Result<Slot, StoreError> {
    match key.sk.strip_prefix('#') {
        Some("") => Ok(Slot::Whole),
        Some(index) => index.parse().map(Slot::Item).map_err(|error| corrupt(key, error)),
        None => Err(corrupt(key, "a key that this service does not write")),
    }
}

/// A row of the outbox.
#[must_use]
pub fn outbox(mail_id: &MailId) -> Key {
    Key { pk: outbox_shard(shard(mail_id.as_str())), sk: mail_id.as_str().into() }
}

/// The partition of one shard of the outbox.
#[must_use]
pub fn outbox_shard(shard: u8) -> String {
    format!("O#{shard}")
}

/// Whether a partition key is that of the outbox.
#[must_use]
pub fn is_outbox(pk: &str) -> bool {
    pk.starts_with("O#")
}

/// Spreads texts evenly, and the same text always to the same shard.
fn shard(text: &str) -> u8 {
    let [first, ..] = <[u8; 32]>::from(Sha256::digest(text));
    first % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_the_storage_design_names_them() {
        let acme = ClientId::parse("acme").unwrap();
        let id = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        let text = |key: Key| format!("{} {}", key.pk, key.sk);
        assert_eq!(text(client(&acme)), "C#acme #");
        assert_eq!(text(scope(&ScopeId::parse("acme:tech").unwrap())), "C#acme S#tech");
        assert_eq!(
            text(scope(&ScopeId::parse("acme:tech:summit").unwrap())),
            "C#acme S#tech#summit"
        );
        let under = |path: &str| text(below(&ScopeId::parse(path).unwrap()));
        assert_eq!(
            (under("acme"), under("acme:tech")),
            ("C#acme S#".into(), "C#acme S#tech#".into())
        );
        assert_eq!(text(collaborator(&acme, &id)), "C#acme P#abcdefghijklmnopqrstuvwxyz");
        assert_eq!(text(counter(&acme, &id)), "M#acme#abcdefghijklmnopqrstuvwxyz #");
        assert_eq!(text(answer(&acme, "00ff", Slot::Whole)), "I#acme#00ff #");
        assert_eq!(text(answer(&acme, "00ff", Slot::Item(7))), "I#acme#00ff #7");
        assert_eq!(text(history(&acme, "01H")), "H#acme 01H");
        assert_eq!(history_of(&acme, &id), "H#acme#abcdefghijklmnopqrstuvwxyz");
        assert_eq!(address("00ff"), "E#00ff");
        assert_eq!(text(audit(&acme, Day::from_number(20_779))), "A#acme 2026-11-22");
        assert_eq!((client_of("C#acme"), client_of("H#acme")), (Some(acme), None));
    }

    #[test]
    fn the_slot_of_a_kept_answer_is_read_as_it_is_written() {
        let acme = ClientId::parse("acme").unwrap();
        for given in [Slot::Whole, Slot::Item(0), Slot::Item(99)] {
            assert_eq!(slot(&answer(&acme, "00ff", given)).unwrap(), given);
        }
        let strange = |sk: &str| slot(&Key { pk: "I#acme#00ff".into(), sk: sk.into() });
        assert!(strange("#x").is_err() && strange("7").is_err());
    }

    #[test]
    fn every_shard_is_used_and_a_text_always_has_the_same() {
        let mut used = std::collections::BTreeSet::new();
        for number in 0..1_000 {
            let key = outbox(&MailId::new(format!("01HXYZ{number}")));
            assert!(is_outbox(&key.pk));
            used.insert(key.pk);
        }
        assert_eq!(used.len(), usize::from(SHARDS));
        assert_eq!(
            registry(&ClientId::parse("acme").unwrap()),
            registry(&ClientId::parse("acme").unwrap())
        );
    }
}
