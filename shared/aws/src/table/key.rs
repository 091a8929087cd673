//! The keys of the table, as text. They are built and parsed here only.

use coulisses_domain::{
    collaborator::{CollaboratorId, Sending},
    scope::{ClientId, ScopeId},
};
use sha2::{Digest, Sha256};

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
    format!("R#{}", shard(client.as_str()))
}

/// The partition, in the index, of one address in all clients; `keyed` is the address's HMAC in hexadecimal.
#[must_use]
pub fn address(keyed: &str) -> String {
    format!("E#{keyed}")
}

/// A row of the outbox.
#[must_use]
pub fn outbox(sending: &Sending) -> Key {
    Key { pk: outbox_shard(shard(sending.as_str())), sk: sending.as_str().into() }
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
        assert_eq!(text(collaborator(&acme, &id)), "C#acme P#abcdefghijklmnopqrstuvwxyz");
        assert_eq!(text(counter(&acme, &id)), "M#acme#abcdefghijklmnopqrstuvwxyz #");
        assert_eq!(text(history(&acme, "01H")), "H#acme 01H");
        assert_eq!(history_of(&acme, &id), "H#acme#abcdefghijklmnopqrstuvwxyz");
        assert_eq!(address("00ff"), "E#00ff");
        assert_eq!((client_of("C#acme"), client_of("H#acme")), (Some(acme), None));
    }

    #[test]
    fn every_shard_is_used_and_a_text_always_has_the_same() {
        let mut used = std::collections::BTreeSet::new();
        for number in 0..1_000 {
            let key = outbox(&Sending::new(format!("01HXYZ{number}")));
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
