//! The team of another scope, as it is or as it was when access to that scope ended.

use std::collections::BTreeSet;

use coulisses_aws::{
    app::{App, Target},
    batch::Item,
    http::{
        self, Body, Call, Checked, Code, Failure, FieldErrors, Reply, Request, candidates,
        candidates::Place,
    },
    ids::IdKey,
    random,
    table::{HistoryReading, ScopeHistory},
};
use coulisses_domain::{
    collaborator::Collaborator,
    copy::{self, CopyCommand, Member},
    facts::Facts,
    history::view::{EntryId, RecordedEntry},
    ids::CollaboratorId,
    role::RoleName,
    scope::ScopeId,
    time::Timestamp,
    waiting::IfFull,
};
use serde::Deserialize;

use crate::reply;

/// The most people in one request.
const MOST: usize = 200;

/// How many reads of a megabyte, or of a hundred entries of a scope, find the team of the past. One audit a day removes it,
/// so few entries are younger than the end.
const MOST_READS: usize = 40;

/// How many entries of a scope are read at once.
const MOST_ENTRIES: usize = 100;

/// Copies each member of the team on their own.
///
/// # Errors
/// What concerns the whole request: the rights at both scopes, their levels, the form of the body, or the table.
pub async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let body = Body::read::<CopyBody>(request)?;
    let cursors = Cursors::of(&app.settings.ids, &call.scope, &body)?;
    let cursor = body.cursor.clone();
    let check = Facts::check_may_manage_access;
    let wanted = call.valid(app, Target::None, check, body.read()).await?;
    let after = cursor.map(|cursor| cursors.read(&cursor)).transpose()?;

    let now = app.clock.now();
    let target = call.facts(app, Target::None, now).await?;
    check(&target, now)?;
    let place = Place { scope: &wanted.from, ..call.place() };
    // The versions that run beside this one write the rows of grants, so that the setting of lists does not matter.
    let (source, collaborators) = candidates::read_by_grant(app, place, &copy::team(), now).await?;
    copy::check(&target, &source, now)?;
    let members = members(app, &call, &wanted, (&source, &collaborators), now).await?;
    let mut members = copy::chosen(members, &wanted.roles, wanted.ids.as_ref());
    members.retain(|it| after.as_deref().is_none_or(|after| it.email.key() > after));
    let next = members.get(MOST).is_some();
    members.truncate(MOST);
    let next = match members.last().filter(|_| next) {
        Some(last) => Some(cursors.write(last.email.key())?),
        None => None,
    };

    let emails = members.iter().map(|member| member.email.original().to_owned()).collect();
    // The people are part of the request: a repetition that would copy others is another request.
    let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let key = call.idempotency_key()?.map(|key| key.about(&ids));
    let items = members.into_iter().map(|member| {
        let (source, expires_at) = (wanted.from.clone(), wanted.expires_at);
        let id = member.id.clone();
        Ok(Item {
            id,
            command: CopyCommand { member, source, expires_at, if_full: wanted.if_full },
        })
    });
    let decide = |facts: &Facts, command: &CopyCommand, now| {
        Ok(copy::decide(facts, command, random::mail_id(now)?, now)?)
    };
    let batch = call.batch(key.as_ref(), true);
    let results = app.change_each(batch, items.collect(), decide, reply).await?;
    let at = ("collaborator", "/results");
    let page = http::Page { emails, next_cursor: next };
    http::page_of_results(app, request, at, (results, page))
}

/// The team of the source, now or at its end.
async fn members(
    app: &App,
    call: &Call<'_>,
    wanted: &Wanted,
    (source, collaborators): (&Facts, &[Collaborator]),
    now: Timestamp,
) -> Result<Vec<Member>, Failure> {
    let end = copy::ended_at(source).filter(|end| wanted.at_end && *end <= now);
    match end {
        None => Ok(copy::members(&wanted.from, collaborators, now)),
        Some(end) => {
            let entries = entries_since(app, call, &wanted.from, end, now).await?;
            Ok(copy::members_at(&wanted.from, end, collaborators, &entries))
        }
    }
}

/// The history of the source since `end`, the newest entry first.
async fn entries_since(
    app: &App,
    call: &Call<'_>,
    scope: &ScopeId,
    end: Timestamp,
    now: Timestamp,
) -> Result<Vec<RecordedEntry>, Failure> {
    let indexed = app.table.read(call.reading(), now).await?.indexed;
    let (mut entries, mut after) = (Vec::new(), None::<EntryId>);
    for _ in 0..MOST_READS {
        let (client, after_id) = (&call.client, after.as_ref());
        let page = if let Some(indexed) = &indexed {
            let (after, most) = (after_id, MOST_ENTRIES);
            app.table.read_scope_history(ScopeHistory { scope, indexed, after, most }).await?
        } else {
            let (collaborator, after, most) = (None, after_id, None);
            app.table.read_history(HistoryReading { client, collaborator, after, most }).await?
        };
        let is_older = page.entries.last().is_some_and(|last| last.entry.at < end);
        entries.extend(page.entries);
        after = page.end;
        if is_older || after.is_none() {
            return Ok(entries);
        }
    }
    Err(Code::TooManyItems.into())
}

/// The request body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CopyBody {
    from: String,
    roles: Option<Vec<String>>,
    collaborators: Option<Vec<String>>,
    expires_at: Option<String>,
    as_of: Option<String>,
    cursor: Option<String>,
    if_full: Option<String>,
}

/// A valid request.
struct Wanted {
    from: ScopeId,
    roles: BTreeSet<RoleName>,
    ids: Option<BTreeSet<CollaboratorId>>,
    expires_at: Option<Timestamp>,
    at_end: bool,
    if_full: IfFull,
}

impl CopyBody {
    fn read(self) -> Result<Wanted, Failure> {
        let mut errors = FieldErrors::default();
        let from = errors.scope("/from", &self.from);
        let expires_at = errors.expiry("/expiresAt", self.expires_at.as_deref());
        let at_end = match self.as_of.as_deref() {
            None | Some("now") => Ok(false),
            Some("end") => Ok(true),
            Some(_) => errors.reject("/asOf", Code::InvalidField),
        };
        let named = self.roles.unwrap_or_default();
        let mut role = |(index, name): (usize, &String)| {
            let role = RoleName::parse(name).ok_or(());
            errors.check(&format!("/roles/{index}"), Code::InvalidRole, role)
        };
        // All of them are checked, so that each wrong one is reported.
        let roles: Vec<Checked<RoleName>> = named.iter().enumerate().map(&mut role).collect();
        let roles: Checked<BTreeSet<RoleName>> = roles.into_iter().collect();
        // An id that no one can have chooses no one.
        let ids = self.collaborators.map(|ids| {
            ids.iter().filter_map(|id| CollaboratorId::parse(id).ok()).collect::<BTreeSet<_>>()
        });
        let if_full = errors.if_full(self.if_full.as_deref());
        let (Ok(from), Ok(expires_at), Ok(at_end), Ok(roles), Ok(if_full)) =
            (from, expires_at, at_end, roles, if_full)
        else {
            return Err(errors.into());
        };
        Ok(Wanted { from, roles, ids, expires_at, at_end, if_full })
    }
}

/// The cursors of one request. A cursor is the address after which it goes on, so it is encrypted, and it is valid only with the
/// other fields that it was issued for.
struct Cursors<'a> {
    ids: &'a IdKey,
    request: String,
}

impl<'a> Cursors<'a> {
    fn of(ids: &'a IdKey, scope: &ScopeId, body: &CopyBody) -> Result<Self, Failure> {
        let CopyBody { from, roles, collaborators, as_of, expires_at: _, cursor: _, if_full: _ } =
            body;
        let parts = (scope.as_str(), from, roles, collaborators, as_of);
        let request = serde_json::to_string(&parts).map_err(Failure::internal)?;
        Ok(Self { ids, request })
    }

    fn write(&self, address: &str) -> Result<String, Failure> {
        self.ids.seal(&self.request, address.as_bytes()).map_err(Failure::internal)
    }

    fn read(&self, cursor: &str) -> Result<String, Failure> {
        let address = self.ids.open(&self.request, cursor);
        address.and_then(|address| String::from_utf8(address).ok()).ok_or_else(|| {
            Failure::malformed(
                "cursor n’a pas été émis pour cette copie",
                "cursor was not issued for this copy",
            )
        })
    }
}
