//! The history as it is seen at a scope: what changed there or below, and nothing else.

use super::Entry;
use crate::{
    facts::Facts, ids::CollaboratorId, permission::Permission, refusal::Refusal, scope::ScopeId,
    time::Timestamp,
};

/// The id of an entry, a ULID: ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(String);

impl EntryId {
    /// How long an id is, in characters.
    pub const LENGTH: usize = 26;

    /// Reads an id; `None` for what is no ULID as it is written here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let permitted = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        let is_one = text.len() == Self::LENGTH && text.bytes().all(permitted);
        is_one.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An entry as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEntry {
    /// Its id.
    pub id: EntryId,
    /// What it says.
    pub entry: Entry,
}

/// A stretch of the history, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// The entries.
    pub entries: Vec<RecordedEntry>,
    /// Up to where it goes, if more may follow; that entry may be one that is not among these.
    pub end: Option<EntryId>,
}

impl HistoryPage {
    /// Keeps the first `most` entries only; the others follow.
    pub fn shorten(&mut self, most: usize) {
        if self.entries.len() > most {
            self.entries.truncate(most);
            self.end = self.entries.last().map(|last| last.id.clone());
        }
    }
}

/// Which part of the history is wanted.
#[derive(Clone, Debug)]
pub struct HistoryQuery {
    /// About this collaborator only.
    pub collaborator: Option<CollaboratorId>,
    /// Older than this entry only.
    pub after: Option<EntryId>,
    /// The most entries, at least one.
    pub limit: usize,
}

/// The history of one scope, opened to somebody who may read it. Only [`look`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    at: &'a ScopeId,
}

/// Opens the history of `facts.at` to the caller.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller, `Forbidden` without `history:view`.
pub fn view(facts: &Facts, now: Timestamp) -> Result<View<'_>, Refusal> {
    let (context, caller, _) = facts.viewer(now)?;
    let held = caller.permissions(&facts.at, context.client.granting, now);
    if held.contains(Permission::HistoryView) {
        Ok(View { at: context.at })
    } else {
        Err(Refusal::Forbidden)
    }
}

impl View<'_> {
    /// What is shown of `read`: a page, which may be short or empty although more follows.
    #[must_use]
    pub fn page(self, read: HistoryPage, query: &HistoryQuery) -> HistoryPage {
        let is_wanted = |recorded: &RecordedEntry| {
            let about = &recorded.entry.collaborator.id;
            query.collaborator.as_ref().is_none_or(|id| id == about)
        };
        let entries = read.entries.into_iter().filter(is_wanted);
        let entries = entries.filter_map(|recorded| self.seen(recorded)).collect();
        let mut page = HistoryPage { entries, end: read.end };
        page.shorten(query.limit);
        page
    }

    /// The entry with those of its changes that took place here or below, if there are any: nobody learns of what is held
    /// at a sister scope or above.
    fn seen(self, mut recorded: RecordedEntry) -> Option<RecordedEntry> {
        recorded.entry.changes.retain(|scope, _| self.at.reaches(scope));
        (!recorded.entry.changes.is_empty()).then_some(recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_ulid() {
        let id = "01KBPK3Y00ABCDEFGHJKMNPQRS";
        assert_eq!(EntryId::parse(id).unwrap().as_str(), id);
        for bad in ["", "01KBPK3Y00", "01kbpk3y00abcdefghjkmnpqrs", "01KBPK3Y00ABCDEFGHJKMNPQR#"] {
            assert_eq!(EntryId::parse(bad), None, "{bad}");
        }
    }
}
