//! The history at a scope: the changes on that scope and below.

use super::{Action, Entry};
use crate::{
    actor::Actor,
    email::Email,
    facts::Facts,
    ids::{CollaboratorId, first_ulid, time_of_ulid},
    permission::Permission,
    refusal::Refusal,
    scope::ScopeId,
    time::Timestamp,
};

/// The id of an entry, a ULID: ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(String);

impl EntryId {
    /// The length of an id, in characters.
    pub const LENGTH: usize = 26;

    /// Reads an id; `None` unless it has 26 digits and capital letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let permitted = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        let is_id = text.len() == Self::LENGTH && text.bytes().all(permitted);
        is_id.then(|| Self(text.to_owned()))
    }

    /// Before all entries of `time`, after all earlier ones.
    #[must_use]
    pub fn before(time: Timestamp) -> Self {
        Self(first_ulid(time))
    }

    /// The time of the entry; `None` if the id is not a ULID.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        time_of_ulid(&self.0)
    }
}

/// An entry with the id under which it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEntry {
    /// The id.
    pub id: EntryId,
    /// The entry.
    pub entry: Entry,
}

/// A page of the history, the newest entry first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// The entries.
    pub entries: Vec<RecordedEntry>,
    /// The last entry that was read, if more can follow. It can be one that the page does not contain.
    pub end: Option<EntryId>,
}

impl HistoryPage {
    /// Keeps the first `most` entries.
    pub fn shorten(&mut self, most: usize) {
        if self.entries.len() > most {
            self.entries.truncate(most);
            self.end = self.entries.last().map(|last| last.id.clone());
        }
    }
}

/// The part of the history to return.
#[derive(Clone, Debug)]
pub struct HistoryQuery {
    /// About this collaborator only.
    pub collaborator: Option<CollaboratorId>,
    /// From this time on only.
    pub from: Option<Timestamp>,
    /// Of this kind only.
    pub action: Option<Action>,
    /// By the user with this address only.
    pub actor: Option<Email>,
    /// Older than this entry only.
    pub after: Option<EntryId>,
    /// The most entries, at least one.
    pub limit: usize,
}

/// The history of one scope, for a caller who can read it. Only [`view`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    at: &'a ScopeId,
}

/// Opens the history of `facts.at` for the caller.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller, `Forbidden` without `history:view`.
pub fn view(facts: &Facts, now: Timestamp) -> Result<View<'_>, Refusal> {
    let viewer = facts.viewer(now)?.require(Permission::HistoryView)?;
    Ok(View { at: viewer.context.at })
}

impl HistoryQuery {
    /// Whether some entries are left out, so that more are read than the page shows.
    #[must_use]
    pub const fn is_selective(&self) -> bool {
        self.action.is_some() || self.actor.is_some()
    }

    fn matches(&self, recorded: &RecordedEntry) -> bool {
        let entry = &recorded.entry;
        let is_by = |wanted: &Email| match &entry.actor {
            Actor::User { email, .. } => email == wanted,
            Actor::Platform(_) | Actor::System(_) => false,
        };
        let about = entry.collaborator.as_ref().map(|label| &label.id);
        self.collaborator.as_ref().is_none_or(|id| Some(id) == about)
            && self.action.is_none_or(|action| action == entry.action)
            && self.actor.as_ref().is_none_or(is_by)
    }
}

impl View<'_> {
    /// The page to return for the entries `read`. It can be short or empty although more entries follow.
    #[must_use]
    pub fn page(self, read: HistoryPage, query: &HistoryQuery) -> HistoryPage {
        let is_older = |id: &EntryId| query.from.is_some_and(|from| *id < EntryId::before(from));
        let end = read.end.filter(|end| !is_older(end));
        let entries = read.entries.into_iter().filter(|it| !is_older(&it.id) && query.matches(it));
        let entries = entries.filter_map(|recorded| self.visible(recorded)).collect();
        let mut page = HistoryPage { entries, end };
        page.shorten(query.limit);
        page
    }

    /// The entry with its changes on this scope and below; `None` without any, so that a reader cannot find out what
    /// changed above or at a sister scope. A change of a role is one of the client, and that of an event one of the event.
    fn visible(self, mut recorded: RecordedEntry) -> Option<RecordedEntry> {
        if recorded.entry.role.is_some() {
            return self.at.is_client().then_some(recorded);
        }
        if let Some(scope) = &recorded.entry.scope {
            return self.at.reaches(scope).then_some(recorded);
        }
        recorded.entry.changes.retain(|scope, _| self.at.reaches(scope));
        // The source can be a sister of this scope.
        recorded.entry.source = recorded.entry.source.filter(|source| self.at.reaches(source));
        (!recorded.entry.changes.is_empty()).then_some(recorded)
    }
}

as_str!(EntryId);

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
