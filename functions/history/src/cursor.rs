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

/// The cursors of one scope, and of one collaborator if the query filters by one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursors<'a> {
    /// The key that they are encrypted with.
    pub ids: &'a IdKey,
    /// The scope.
    pub scope: &'a ScopeId,
    /// The collaborator.
    pub collaborator: Option<&'a CollaboratorId>,
}

impl Cursors<'_> {
    /// Writes the cursor of the position after an entry.
    ///
    /// # Errors
    /// [`random::NoRandomness`].
    pub(crate) fn write(self, id: &EntryId) -> Result<String, random::NoRandomness> {
        sealed(self.ids, &self.context(), id)
    }

    /// Reads a cursor; `None` unless it was issued for this scope and collaborator.
    pub(crate) fn read(self, text: &str) -> Option<EntryId> {
        opened(self.ids, &self.context(), text)
    }

    fn context(self) -> String {
        let collaborator = self.collaborator.map_or("", CollaboratorId::as_str);
        format!("history {} {collaborator}", self.scope)
    }
}

/// The cursors of the events of one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FeedCursors<'a> {
    /// The key that they are encrypted with.
    pub ids: &'a IdKey,
    /// The client.
    pub client: &'a ClientId,
}

impl FeedCursors<'_> {
    /// Writes the cursor of the position after an entry.
    ///
    /// # Errors
    /// [`random::NoRandomness`].
    pub(crate) fn write(self, id: &EntryId) -> Result<String, random::NoRandomness> {
        sealed(self.ids, &self.context(), id)
    }

    /// Reads a cursor; `None` unless it was issued for this client's events.
    pub(crate) fn read(self, text: &str) -> Option<EntryId> {
        opened(self.ids, &self.context(), text)
    }

    fn context(self) -> String {
        format!("events {}", self.client)
    }
}

fn sealed(ids: &IdKey, context: &str, id: &EntryId) -> Result<String, random::NoRandomness> {
    ids.seal(context, id.as_str().as_bytes())
}

fn opened(ids: &IdKey, context: &str, text: &str) -> Option<EntryId> {
    EntryId::parse(str::from_utf8(&ids.open(context, text)?).ok()?)
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
        let here = Cursors { ids: &ids, scope: &tech, collaborator: None };
        let cursor = here.write(&id).unwrap();
        assert_eq!(here.read(&cursor), Some(id.clone()));
        assert_eq!(Cursors { scope: &rh, ..here }.read(&cursor), None);
        let of_lea = Cursors { collaborator: Some(&lea), ..here };
        assert_eq!(of_lea.read(&cursor), None);
        assert_eq!(of_lea.read(&of_lea.write(&id).unwrap()), Some(id.clone()));
        let of_acme = FeedCursors { ids: &ids, client: &tech.client() };
        assert_eq!(of_acme.read(&of_acme.write(&id).unwrap()), Some(id.clone()));
        assert_eq!(of_acme.read(&cursor), None);
        let expo = ClientId::parse("expo").unwrap();
        let of_expo = FeedCursors { client: &expo, ..of_acme };
        assert_eq!(of_expo.read(&of_acme.write(&id).unwrap()), None);
        let others = IdKey::new(&"o".repeat(32)).unwrap();
        assert_eq!(Cursors { ids: &others, ..here }.read(&cursor), None);
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
