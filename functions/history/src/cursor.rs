//! Cursors: where a page ended.
//!
//! A cursor contains the id of an entry, and the id contains a time. The entry may be at a scope that the caller cannot see, so
//! cursors are encrypted. A cursor is valid only for the scope and the collaborator that it was issued for, and one of events
//! only for the events of its client.

use coulisses_aws::{ids::IdKey, random};
use coulisses_domain::{
    history::view::EntryId,
    ids::CollaboratorId,
    scope::{ClientId, ScopeId},
};

/// The cursors of one list.
#[derive(Clone, Debug)]
pub(crate) struct Cursors<'a> {
    /// The key that they are encrypted with.
    ids: &'a IdKey,
    /// Which list it is.
    context: String,
}

impl<'a> Cursors<'a> {
    /// Those of the history of a scope, and of one collaborator if the query filters by one.
    pub(crate) fn of_history(
        ids: &'a IdKey,
        scope: &ScopeId,
        collaborator: Option<&CollaboratorId>,
    ) -> Self {
        let collaborator = collaborator.map_or("", CollaboratorId::as_str);
        Self { ids, context: format!("history {scope} {collaborator}") }
    }

    /// Those of the events of a client.
    pub(crate) fn of_events(ids: &'a IdKey, client: &ClientId) -> Self {
        Self { ids, context: format!("events {client}") }
    }

    /// Writes the cursor of the position after an entry.
    ///
    /// # Errors
    /// [`random::NoRandomness`].
    pub(crate) fn write(&self, id: &EntryId) -> Result<String, random::NoRandomness> {
        self.ids.seal(&self.context, id.as_str().as_bytes())
    }

    /// Reads a cursor; `None` unless it was issued for this list.
    pub(crate) fn read(&self, text: &str) -> Option<EntryId> {
        let id = self.ids.open(&self.context, text)?;
        EntryId::parse(str::from_utf8(&id).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    #[test]
    fn a_cursor_is_read_where_it_was_written_and_nowhere_else() {
        let ids = IdKey::new(&"k".repeat(32)).unwrap();
        let (tech, rh) = (ScopeId::parse("acme:tech").unwrap(), ScopeId::parse("acme:rh").unwrap());
        let lea = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        let id = EntryId::parse("01KBPK3Y00ABCDEFGHJKMNPQRS").unwrap();
        let here = Cursors::of_history(&ids, &tech, None);
        let cursor = here.write(&id).unwrap();
        assert_eq!(here.read(&cursor), Some(id.clone()));
        assert_eq!(Cursors::of_history(&ids, &rh, None).read(&cursor), None);
        let of_lea = Cursors::of_history(&ids, &tech, Some(&lea));
        assert_eq!(of_lea.read(&cursor), None);
        assert_eq!(of_lea.read(&of_lea.write(&id).unwrap()), Some(id.clone()));
        let of_acme = Cursors::of_events(&ids, &tech.client());
        assert_eq!(of_acme.read(&of_acme.write(&id).unwrap()), Some(id.clone()));
        assert_eq!(of_acme.read(&cursor), None);
        let expo = ClientId::parse("expo").unwrap();
        let of_expo = Cursors::of_events(&ids, &expo);
        assert_eq!(of_expo.read(&of_acme.write(&id).unwrap()), None);
        let others = IdKey::new(&"o".repeat(32)).unwrap();
        assert_eq!(Cursors::of_history(&others, &tech, None).read(&cursor), None);
        for (index, character) in cursor.char_indices() {
            let other = if character == 'A' { "B" } else { "A" };
            let mut changed = cursor.clone();
            changed.replace_range(index..=index, other);
            assert_eq!(here.read(&changed), None, "{index}");
        }
        let plain = BASE64URL_NOPAD.encode(b"01KBPK3Y00ABCDEFGHJKMNPQRS");
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("01KBPK"), "it is encrypted");
        for bad in ["", "e30", "!", &plain, &format!("{cursor}A"), &format!("{cursor}=")] {
            assert_eq!(here.read(bad), None, "{bad}");
        }
    }
}
