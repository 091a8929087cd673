//! The history as CSV: a line for each change of a grant, and for each change of an event or a community itself.

use coulisses_aws::http::{self, Code, Failure, Reply, Request};
use coulisses_domain::{
    actor::Actor,
    collaborator::Status,
    history::{
        GrantChange, GrantState,
        view::{HistoryPage, RecordedEntry},
    },
    scope::ScopeId,
    text::Name,
};

/// The columns. New ones are added at the end only.
const COLUMNS: [&str; 17] = [
    "id",
    "at",
    "action",
    "actorEmail",
    "actorName",
    "actorClient",
    "collaborator",
    "email",
    "name",
    "scope",
    "roleBefore",
    "statusBefore",
    "expiresAtBefore",
    "roleAfter",
    "statusAfter",
    "expiresAtAfter",
    "reason",
];

const NONE: GrantChange = GrantChange { before: None, after: None };

/// The table of all entries. Times are in UTC.
///
/// # Errors
/// `too-many-items` if the history is too large.
pub fn table(request: &Request, page: &HistoryPage) -> Result<Reply, Failure> {
    if page.end.is_some() {
        return Err(Code::TooManyItems.into());
    }
    let lines = page.entries.iter().flat_map(|recorded| {
        let changes = recorded.entry.changes.iter();
        let changes = changes.map(move |(scope, change)| line(recorded, scope, change));
        let own = recorded.entry.scope.iter().map(move |scope| line(recorded, scope, &NONE));
        changes.chain(own)
    });
    http::csv(request, COLUMNS, lines)
}

fn line(recorded: &RecordedEntry, scope: &ScopeId, change: &GrantChange) -> [String; 17] {
    let entry = &recorded.entry;
    let about = entry.collaborator.as_ref();
    let name = |name: &Option<Name>| name.as_ref().map(Name::to_string).unwrap_or_default();
    let (actor, actor_name, actor_client) = match &entry.actor {
        Actor::User { email, name: of, via } => {
            (email.original().to_owned(), name(of), via.as_ref())
        }
        Actor::Platform(client) => (String::new(), String::new(), client.as_ref()),
        Actor::System(system) => (String::new(), system.name().to_owned(), None),
    };
    let [role_before, status_before, end_before] = state(change.before.as_ref());
    let [role_after, status_after, end_after] = state(change.after.as_ref());
    [
        recorded.id.as_str().to_owned(),
        entry.at.to_string(),
        entry.action.name().to_owned(),
        actor,
        actor_name,
        actor_client.map(|client| client.as_str().to_owned()).unwrap_or_default(),
        about.map(|it| it.id.to_string()).unwrap_or_default(),
        about.map(|it| it.email.original().to_owned()).unwrap_or_default(),
        about.map(|it| name(&it.name)).unwrap_or_default(),
        scope.to_string(),
        role_before,
        status_before,
        end_before,
        role_after,
        status_after,
        end_after,
        entry.reason.as_ref().map(|reason| reason.as_str().to_owned()).unwrap_or_default(),
    ]
}

/// Role, status and end; empty without a grant.
fn state(state: Option<&GrantState>) -> [String; 3] {
    let Some(state) = state else { return Default::default() };
    [
        state.role.name().name().into_owned(),
        state.status.map_or("unknown", Status::name).to_owned(),
        state.expires_at.map(|end| end.to_string()).unwrap_or_default(),
    ]
}
