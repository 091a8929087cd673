//! Cursors: where a page ended, for the client to hand back as it is. A cursor stands in a URL, so it names no address.

use coulisses_domain::{grid::GridPosition, ids::CollaboratorId, time::Timestamp};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// A place as it stands in a cursor: the id, the last login in milliseconds, the number of rows up to there.
#[derive(Serialize, Deserialize)]
struct Cursor(String, Option<i64>, usize);

/// Writes the cursor of a place.
pub(crate) fn write(place: &GridPosition) -> String {
    let cursor =
        Cursor(place.id.to_string(), place.last_login_at.map(Timestamp::millis), place.rows);
    BASE64URL_NOPAD.encode(&serde_json::to_vec(&cursor).unwrap_or_default())
}

/// Reads a cursor; `None` for anything else.
pub(crate) fn read(text: &str) -> Option<GridPosition> {
    let json = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let Cursor(id, last_login_at, rows) = serde_json::from_slice(&json).ok()?;
    let id = CollaboratorId::parse(&id).ok()?;
    Some(GridPosition { id, last_login_at: last_login_at.map(Timestamp::from_millis), rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let id = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        for last_login_at in [None, Some(Timestamp::from_millis(5))] {
            let place = GridPosition { id: id.clone(), last_login_at, rows: 100 };
            assert_eq!(read(&write(&place)), Some(place));
        }
        for bad in ["", "e30", "!", "bnVsbA", "WyJhIixudWxsLDFd"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
