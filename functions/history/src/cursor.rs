//! Cursors: where a page ended.
//!
//! A cursor contains an entry's id and a signature for the scope and collaborator that it was issued for. It contains
//! no client, so it cannot lead into another history. Forged cursors, and those from another scope or collaborator, are
//! rejected.

use coulisses_aws::ids::IdKey;
use coulisses_domain::{history::view::EntryId, ids::CollaboratorId, scope::ScopeId};
use data_encoding::BASE64URL_NOPAD;

/// The cursors of one scope, and of one collaborator if the query filters by one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursors<'a> {
    /// The key of the signatures.
    pub ids: &'a IdKey,
    /// The scope.
    pub scope: &'a ScopeId,
    /// The collaborator.
    pub collaborator: Option<&'a CollaboratorId>,
}

impl Cursors<'_> {
    /// Writes the cursor of the position after an entry.
    pub(crate) fn write(self, id: &EntryId) -> String {
        BASE64URL_NOPAD.encode(&[id.as_str().as_bytes(), &self.signature(id)].concat())
    }

    /// Reads a cursor; `None` unless it was issued for this scope and collaborator.
    pub(crate) fn read(self, text: &str) -> Option<EntryId> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (id, signature) = bytes.split_at_checked(EntryId::LENGTH)?;
        let id = EntryId::parse(str::from_utf8(id).ok()?)?;
        (signature == self.signature(&id)).then_some(id)
    }

    fn signature(self, id: &EntryId) -> [u8; 32] {
        let collaborator = self.collaborator.map_or("", CollaboratorId::as_str);
        self.ids.sign(&["history", self.scope.as_str(), collaborator, id.as_str()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_where_it_was_written_and_nowhere_else() {
        let ids = IdKey::new(&"k".repeat(32)).unwrap();
        let (tech, rh) = (ScopeId::parse("acme:tech").unwrap(), ScopeId::parse("acme:rh").unwrap());
        let lea = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        let id = EntryId::parse("01KBPK3Y00ABCDEFGHJKMNPQRS").unwrap();
        let here = Cursors { ids: &ids, scope: &tech, collaborator: None };
        let cursor = here.write(&id);
        assert_eq!(here.read(&cursor), Some(id.clone()));
        assert_eq!(Cursors { scope: &rh, ..here }.read(&cursor), None);
        let of_lea = Cursors { collaborator: Some(&lea), ..here };
        assert_eq!(of_lea.read(&cursor), None);
        assert_eq!(of_lea.read(&of_lea.write(&id)), Some(id));
        let others = IdKey::new(&"o".repeat(32)).unwrap();
        assert_eq!(Cursors { ids: &others, ..here }.read(&cursor), None);
        for (index, character) in cursor.char_indices() {
            let other = if character == 'A' { "B" } else { "A" };
            let mut changed = cursor.clone();
            changed.replace_range(index..=index, other);
            assert_eq!(here.read(&changed), None, "{index}");
        }
        let plain = BASE64URL_NOPAD.encode(b"01KBPK3Y00ABCDEFGHJKMNPQRS");
        for bad in ["", "e30", "!", &plain, &format!("{cursor}A"), &format!("{cursor}=")] {
            assert_eq!(here.read(bad), None, "{bad}");
        }
    }
}
