//! Cursors: where a page ended. They are part of URLs, so they contain no address.

use coulisses_domain::{grid::GridPosition, ids::CollaboratorId, time::Timestamp};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

/// A position as JSON: the id, the last login in milliseconds, and the number of rows so far.
#[derive(Serialize, Deserialize)]
struct Cursor(String, Option<i64>, usize);

/// Writes the cursor of a position.
pub(crate) fn write(position: &GridPosition) -> String {
    let cursor = Cursor(
        position.id.to_string(),
        position.last_login_at.map(Timestamp::millis),
        position.rows,
    );
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
    fn a_cursor_is_read_as_written_and_anything_else_is_rejected() {
        let id = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        for last_login_at in [None, Some(Timestamp::from_millis(5))] {
            let position = GridPosition { id: id.clone(), last_login_at, rows: 100 };
            assert_eq!(read(&write(&position)), Some(position));
        }
        for bad in ["", "e30", "!", "bnVsbA", "WyJhIixudWxsLDFd"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
