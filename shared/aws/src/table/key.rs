//! The keys of the table. They are built and parsed only here (docs/storage.md#layout).
//!
//! Key ranges: a sort key of the partition `C#<client>` starts with the kind of its item, so one range query reads one
//! kind. `#` is the client itself, `P#<id>` a collaborator, `S#<audience>` an audience, and `S#<audience>#<event>` an
//! event or community, so everything below a scope starts with the scope's own key and `#`. Ids are uniformly
//! distributed, so ranges of `P#…` of equal width contain about equally many collaborators.

use coulisses_domain::{
    ids::{CollaboratorId, MailId},
    scope::{ClientId, ScopeId},
    time::Day,
};
use sha2::{Digest, Sha256};

use super::{Slot, StoreError, any_item::corrupt};

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The partition key, `pk`.
    pub pk: String,
    /// The sort key, `sk`.
    pub sk: String,
}

/// The number of shards of the outbox and of the registry of clients.
pub const SHARDS: u8 = 16;

/// A client.
#[must_use]
pub fn client(client: &ClientId) -> Key {
    Key { pk: partition(client), sk: "#".into() }
}

/// The partition of a client: its own item, its collaborators and its scopes.
pub(super) fn partition(client: &ClientId) -> String {
    format!("C#{client}")
}

/// The client of a key in the partition of a client.
pub(super) fn client_of(key: &Key) -> Result<ClientId, StoreError> {
    let client = key.pk.strip_prefix("C#").and_then(|client| ClientId::parse(client).ok());
    client.ok_or_else(|| corrupt(key, "not a key of a client"))
}

/// An audience, event or community.
pub(super) fn scope(scope: &ScopeId) -> Key {
    Key {
        pk: partition(&scope.client()),
        sk: format!("S#{}", scope.below_client().replace(':', "#")),
    }
}

/// The partition of a scope, and the prefix of the sort keys of all scopes below it.
pub(super) fn below(scope: &ScopeId) -> Key {
    let Key { pk, mut sk } = self::scope(scope);
    if !scope.is_client() {
        sk.push('#');
    }
    Key { pk, sk }
}

/// The prefix of the sort keys of collaborators.
pub(super) const COLLABORATORS: &str = "P#";

/// A collaborator.
pub(super) fn collaborator(client: &ClientId, id: &CollaboratorId) -> Key {
    Key { pk: partition(client), sk: format!("{COLLABORATORS}{id}") }
}

/// The roles that a client defines. They are not in the partition of the client, whose unknown keys the version before this
/// one refuses to read.
#[must_use]
pub fn client_rules(client: &ClientId) -> Key {
    Key { pk: format!("D#{client}"), sk: "#".into() }
}

/// The partition of the rows of a client's grants. It is not the client's own, whose unknown keys the version before this
/// one refuses to read.
pub(super) fn grants(client: &ClientId) -> String {
    format!("G#{client}")
}

/// The row of a grant: `#<id>` for the client, `tech#<id>` for an audience, `tech:summit#<id>` for an event.
pub(super) fn grant(scope: &ScopeId, id: &CollaboratorId) -> Key {
    Key { pk: grants(&scope.client()), sk: format!("{}{id}", grants_on(scope)) }
}

/// The prefix of the rows of a scope.
pub(super) fn grants_on(scope: &ScopeId) -> String {
    format!("{}#", scope.below_client())
}

/// The prefix of the rows below a scope; for a client, of all rows.
pub(super) fn grants_below(scope: &ScopeId) -> String {
    if scope.is_client() { String::new() } else { format!("{}:", scope.below_client()) }
}

/// The scope and the collaborator of a row.
pub(super) fn granted(
    client: &ClientId,
    key: &Key,
) -> Result<(ScopeId, CollaboratorId), StoreError> {
    let parsed = key.sk.rsplit_once('#').and_then(|(below, id)| {
        let scope = match below {
            "" => ScopeId::from(client),
            below => ScopeId::parse(&format!("{client}:{below}")).ok()?,
        };
        Some((scope, CollaboratorId::parse(id).ok()?))
    });
    parsed.ok_or_else(|| unknown(key))
}

/// The index partition of a client's grants, in the order of addresses.
pub(super) fn grants_in_order(client: &ClientId) -> String {
    format!("N#{client}")
}

/// The mail counter of a collaborator.
pub(super) fn counter(client: &ClientId, id: &CollaboratorId) -> Key {
    Key { pk: format!("M#{client}#{id}"), sk: "#".into() }
}

/// A history entry, by its ULID.
pub(super) fn history(client: &ClientId, entry: &str) -> Key {
    Key { pk: histories(client), sk: entry.into() }
}

/// The partition of a client's history.
pub(super) fn histories(client: &ClientId) -> String {
    format!("H#{client}")
}

/// Whether a partition key is one of a history.
#[must_use]
pub fn is_history(pk: &str) -> bool {
    pk.starts_with("H#")
}

/// The client of a history entry.
pub(super) fn client_of_history(key: &Key) -> Result<ClientId, StoreError> {
    let client = key.pk.strip_prefix("H#").and_then(|client| ClientId::parse(client).ok());
    client.ok_or_else(|| unknown(key))
}

/// The partition of the pointers to the history entries of a scope and those below it.
pub(super) fn pointers(scope: &ScopeId) -> String {
    format!("K#{scope}")
}

/// The index partition of the history of one collaborator.
pub(super) fn history_of(client: &ClientId, id: &CollaboratorId) -> String {
    format!("H#{client}#{id}")
}

/// The index partition of a client in the registry.
#[must_use]
pub fn registry(client: &ClientId) -> String {
    registry_shard(shard_of(client))
}

/// The shard of the registry that has a client.
pub(super) fn shard_of(client: &ClientId) -> u8 {
    shard(client.as_str())
}

/// The index partition of one shard of the registry.
pub(super) fn registry_shard(shard: u8) -> String {
    format!("R#{shard}")
}

/// The index partition of the clients that have people who wait for a seat.
pub(super) const WAITING_CLIENTS: &str = "W";

/// The mark of a client that has people who wait for a seat.
pub(super) fn waiting(client: &ClientId) -> Key {
    Key { pk: format!("W#{client}"), sk: "#".into() }
}

/// The client of such a mark.
pub(super) fn client_of_waiting(key: &Key) -> Result<ClientId, StoreError> {
    let client = key.pk.strip_prefix("W#").and_then(|client| ClientId::parse(client).ok());
    client.ok_or_else(|| unknown(key))
}

/// The figures of one day's seat audit of a client.
pub(super) fn audit(client: &ClientId, day: Day) -> Key {
    Key { pk: audits(client), sk: day.to_string() }
}

/// The partition of all seat audits of a client.
pub(super) fn audits(client: &ClientId) -> String {
    format!("A#{client}")
}

/// The index partition of an address in all clients, by the HMAC of the address in hexadecimal.
pub(super) fn address(hmac: &str) -> String {
    format!("E#{hmac}")
}

/// The partition of the saved responses under `digest`, a hash in hexadecimal.
pub(super) fn saved_responses(client: &ClientId, digest: &str) -> String {
    format!("I#{client}#{digest}")
}

/// A saved response.
pub(super) fn saved_response(client: &ClientId, digest: &str, slot: Slot) -> Key {
    let sk = match slot {
        Slot::Whole => "#".to_owned(),
        Slot::Item(index) => format!("#{index}"),
    };
    Key { pk: saved_responses(client, digest), sk }
}

/// The slot of a saved response, from its key.
pub(super) fn slot(key: &Key) -> Result<Slot, StoreError> {
    match key.sk.strip_prefix('#') {
        Some("") => Ok(Slot::Whole),
        Some(index) => index.parse().map(Slot::Item).map_err(|error| corrupt(key, error)),
        None => Err(unknown(key)),
    }
}

/// The error for a key of no known form.
pub(super) fn unknown(key: &Key) -> StoreError {
    corrupt(key, "a key that this service does not write")
}

/// A queued mail or announcement.
pub(super) fn outbox(mail_id: &MailId) -> Key {
    Key { pk: outbox_shard(shard(mail_id.as_str())), sk: mail_id.as_str().into() }
}

/// The partition of one shard of the outbox.
pub(super) fn outbox_shard(shard: u8) -> String {
    format!("O#{shard}")
}

/// Whether a partition key is one of the outbox.
#[must_use]
pub fn is_outbox(pk: &str) -> bool {
    pk.starts_with("O#")
}

/// The shard of an id: always the same for the same id, and evenly distributed.
fn shard(id: &str) -> u8 {
    let [first, ..] = <[u8; 32]>::from(Sha256::digest(id));
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
        for (path, own, below) in [
            ("acme", "#", ""),
            ("acme:tech", "tech#", "tech:"),
            ("acme:tech:summit", "tech:summit#", "tech:summit:"),
        ] {
            let scope = ScopeId::parse(path).unwrap();
            let key = grant(&scope, &id);
            assert_eq!(text(key.clone()), format!("G#acme {own}abcdefghijklmnopqrstuvwxyz"));
            assert_eq!(granted(&acme, &key).unwrap(), (scope.clone(), id.clone()));
            assert_eq!((grants_on(&scope), grants_below(&scope)), (own.into(), below.into()));
        }
        assert!(granted(&acme, &client(&acme)).is_err());
        assert_eq!(text(client_rules(&acme)), "D#acme #");
        assert_eq!(text(waiting(&acme)), "W#acme #");
        assert_eq!(client_of_waiting(&waiting(&acme)).unwrap(), acme);
        assert!(client_of_waiting(&client(&acme)).is_err());
        assert_eq!(text(counter(&acme, &id)), "M#acme#abcdefghijklmnopqrstuvwxyz #");
        assert_eq!(text(saved_response(&acme, "00ff", Slot::Whole)), "I#acme#00ff #");
        assert_eq!(text(saved_response(&acme, "00ff", Slot::Item(7))), "I#acme#00ff #7");
        assert_eq!(text(history(&acme, "01H")), "H#acme 01H");
        assert_eq!(pointers(&ScopeId::parse("acme:tech").unwrap()), "K#acme:tech");
        assert_eq!(history_of(&acme, &id), "H#acme#abcdefghijklmnopqrstuvwxyz");
        assert_eq!(address("00ff"), "E#00ff");
        assert_eq!(text(audit(&acme, Day::from_number(20_779))), "A#acme 2026-11-22");
        assert_eq!(client_of(&client(&acme)).unwrap(), acme);
        assert!(client_of(&history(&acme, "01H")).is_err());
        assert!(is_history(&history(&acme, "01H").pk) && !is_history(&client(&acme).pk));
        assert_eq!(client_of_history(&history(&acme, "01H")).unwrap(), acme);
        assert!(client_of_history(&client(&acme)).is_err());
    }

    #[test]
    fn a_slot_survives_a_round_trip() {
        let acme = ClientId::parse("acme").unwrap();
        for given in [Slot::Whole, Slot::Item(0), Slot::Item(99)] {
            assert_eq!(slot(&saved_response(&acme, "00ff", given)).unwrap(), given);
        }
        let unknown = |sk: &str| slot(&Key { pk: "I#acme#00ff".into(), sk: sk.into() });
        assert!(unknown("#x").is_err() && unknown("7").is_err());
    }

    #[test]
    fn every_shard_is_used_and_an_id_always_has_the_same() {
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
