//! Cursors: where a page ended, for the client to hand back as it is.
//!
//! A cursor names an entry and bears a mark of what it was handed out for. It names no client, so it leads nowhere but
//! into the history that is asked for; a made-up one, or one from another scope or person, is told as such.

use coulisses_aws::ids::IdKey;
use coulisses_domain::{collaborator::CollaboratorId, history::view::EntryId, scope::ScopeId};
use data_encoding::BASE64URL_NOPAD;

/// The cursors of one scope, and of one collaborator there where that is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursors<'a> {
    /// Marks what is handed out.
    pub ids: &'a IdKey,
    /// The scope.
    pub scope: &'a ScopeId,
    /// The collaborator.
    pub collaborator: Option<&'a CollaboratorId>,
}

impl Cursors<'_> {
    /// Writes the cursor of the place behind an entry.
    pub(crate) fn write(self, id: &EntryId) -> String {
        BASE64URL_NOPAD.encode(&[id.as_str().as_bytes(), &self.mark(id)].concat())
    }

    /// Reads a cursor; `None` for one that was not handed out here.
    pub(crate) fn read(self, text: &str) -> Option<EntryId> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (id, mark) = bytes.split_at_checked(EntryId::LENGTH)?;
        let id = EntryId::parse(str::from_utf8(id).ok()?)?;
        (mark == self.mark(&id)).then_some(id)
    }

    fn mark(self, id: &EntryId) -> [u8; 32] {
        let collaborator = self.collaborator.map_or("", CollaboratorId::as_str);
        self.ids.mark(&["history", self.scope.as_str(), collaborator, id.as_str()])
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
