//! Cursors: where a page ended.
//!
//! A cursor contains the address of the last row, because a page continues after it even if that collaborator is removed.
//! Cursors are part of URLs, so they are encrypted. A cursor is valid only for the list that it was issued for: the scope,
//! the filters and the order are authenticated with it.

use coulisses_aws::{ids::IdKey, random};
use coulisses_domain::{grid::GridPosition, ids::CollaboratorId, time::Timestamp};
use serde::{Deserialize, Serialize};

/// The cursors of one list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursors<'a> {
    /// The key that they are encrypted with.
    pub ids: &'a IdKey,
    /// The scope, the filters and the order.
    pub list: &'a str,
}

/// A position as JSON: the address, the id, the time in milliseconds, and the name in the order of names. The version before
/// this one writes and ignores the last login as the time in the orders without one.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Cursor {
    Named(String, String, Option<i64>, String),
    Plain(String, String, Option<i64>),
}

impl Cursors<'_> {
    /// Writes the cursor of a position.
    ///
    /// # Errors
    /// [`random::NoRandomness`].
    pub(crate) fn write(self, position: &GridPosition) -> Result<String, random::NoRandomness> {
        let time = position.time.map(Timestamp::millis);
        let (address, id) = (position.address.clone(), position.id.to_string());
        let cursor = match position.name.clone() {
            Some(name) => Cursor::Named(address, id, time, name),
            None => Cursor::Plain(address, id, time),
        };
        let json = serde_json::to_vec(&cursor).unwrap_or_default();
        self.ids.seal(self.list, &json)
    }

    /// Reads a cursor; `None` unless it was issued for this list.
    pub(crate) fn read(self, text: &str) -> Option<GridPosition> {
        let json = self.ids.open(self.list, text)?;
        let (address, id, time, name) = match serde_json::from_slice(&json).ok()? {
            Cursor::Named(address, id, time, name) => (address, id, time, Some(name)),
            Cursor::Plain(address, id, time) => (address, id, time, None),
        };
        let id = CollaboratorId::parse(&id).ok()?;
        let time = time.map(Timestamp::from_millis);
        Some(GridPosition { address, id, time, name })
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    #[test]
    fn a_cursor_is_read_for_the_list_that_it_was_written_for_and_for_no_other() {
        let ids = IdKey::new(&"k".repeat(32)).unwrap();
        let here = Cursors { ids: &ids, list: "acme, pending" };
        let id = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        let five = Some(Timestamp::from_millis(5));
        for (time, name) in [(None, None), (five, Some("lea".to_owned()))] {
            let address = "lea@example.org".to_owned();
            let position = GridPosition { address, id: id.clone(), time, name };
            let cursor = here.write(&position).unwrap();
            assert_eq!(Cursors { list: "acme, active", ..here }.read(&cursor), None);
            assert_eq!(here.read(&cursor), Some(position));
            let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains("example"), "it is encrypted");
        }
        for bad in ["", "e30", "!", "bnVsbA", "WyJhIixudWxsLDFd"] {
            assert_eq!(here.read(bad), None, "{bad}");
        }
    }
}
