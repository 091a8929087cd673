//! The list of all clients, for the event platform and its support.

use std::collections::BTreeMap;

use coulisses_aws::{
    app::App,
    http::{Failure, Parameters, Principal, Reply, Request, view::ScopeView},
    table::Part,
};
use coulisses_domain::{provision::Provisioned, scope::ClientId};
use serde::Serialize;

/// The context of the cursors' encryption.
const CONTEXT: &str = "clients";

/// The most clients on a page, and the default number.
const PAGE: usize = 100;

/// Lists the clients by pages, from the registry of clients: never by a scan.
///
/// # Errors
/// `forbidden` for everyone but the platform as itself and support.
pub async fn list(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let parameters = Parameters::read(request, &["cursor", "limit"])?;
    let in_range = |text: &str| text.parse().ok().filter(|limit| (1..=PAGE).contains(limit));
    let limit = parameters.get("limit", in_range)?.unwrap_or(PAGE);
    let after = parameters.get("cursor", |text| read_cursor(app, text))?;
    let standing = principal.standing();
    standing.check_sees_all_clients()?;
    app.as_support.note_overview(standing);
    let mut clients = app.table.clients_after(after.as_ref(), limit + 1).await?;
    let more = clients.len() > limit;
    clients.truncate(limit);
    let part = || Part { settings: true, ..Part::default() };
    let parts: BTreeMap<ClientId, Part<'_>> =
        clients.iter().map(|client| (client.clone(), part())).collect();
    let mut read = app.table.read_across(&parts, app.clock.now()).await?;
    let found = clients.iter().filter_map(|client| {
        let client = read.remove(client)?.client?;
        Some(Provisioned { client, scope: None, created: false })
    });
    let found: Vec<Provisioned> = found.collect();
    let next = clients.last().filter(|_| more).map(|last| write_cursor(app, last)).transpose()?;
    Ok(Reply::ok(&Clients { scopes: found.iter().map(Into::into).collect(), next_cursor: next }))
}

fn write_cursor(app: &App, last: &ClientId) -> Result<String, Failure> {
    app.settings.ids.seal(CONTEXT, last.as_str().as_bytes()).map_err(Failure::internal)
}

fn read_cursor(app: &App, text: &str) -> Option<ClientId> {
    let client = app.settings.ids.open(CONTEXT, text)?;
    ClientId::parse(str::from_utf8(&client).ok()?).ok()
}

/// The response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Clients<'a> {
    scopes: Vec<ScopeView<'a>>,
    next_cursor: Option<String>,
}
