//! A person in all clients, by their address.

use std::collections::BTreeMap;

use coulisses_aws::{
    app::App,
    http::{
        Failure, Parameters, Principal, Reply, Request,
        view::{ClientLabel, CollaboratorView},
    },
    table::{ClientRecords, Part, StoreError},
};
use coulisses_domain::{
    access::Subject,
    client::Client,
    collaborator::{Collaborator, Visibility},
    email::Email,
    grid::{self, GridRow},
    scope::{ClientId, ScopeId},
    time::Timestamp,
};
use serde::Serialize;

/// Finds the clients where an address has a record, each with the record as the list of the whole client returns it.
///
/// # Errors
/// `forbidden` for everyone but the platform as itself and support; `malformed` without one address.
pub(crate) async fn find(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let standing = principal.standing();
    standing.check_sees_all_clients()?;
    let parameters = Parameters::read(request, &["email"])?;
    let email = parameters.get("email", |text| Email::claimed(text).ok())?.ok_or_else(|| {
        Failure::malformed(
            "le paramètre de requête email est requis",
            "the query parameter email is required",
        )
    })?;
    app.as_support.note_overview(standing);
    let now = app.clock.now();
    let found = records(app, &email, now).await?;
    let seen: Vec<(&Client, &Collaborator, ScopeId)> =
        each(&found).map(|(client, record)| (client, record, client.scope())).collect();
    let people = seen.iter().filter_map(|(client, record, at)| {
        let subject = Subject { collaborator: record, granting: client.granting };
        let row = grid::row(subject, at, Visibility::PathAndBelow, now)?;
        Some(PersonView::of(client, &row))
    });
    Ok(Reply::ok(&People { people: people.collect() }))
}

/// The records of an address, in the order of the clients' ids.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn records(
    app: &App,
    email: &Email,
    now: Timestamp,
) -> Result<BTreeMap<ClientId, ClientRecords>, StoreError> {
    let ids = &app.settings.ids;
    let mut collaborators = BTreeMap::new();
    for client in app.table.clients_of(&ids.address(email)).await? {
        let id = ids.collaborator(&client, email);
        collaborators.insert(client, id);
    }
    // The index is eventually consistent, so the records it names are read again.
    let part = |id| Part { settings: true, collaborators: vec![id] };
    let parts = collaborators.iter().map(|(client, id)| (client.clone(), part(id))).collect();
    app.table.read_across(&parts, now).await
}

/// Each client with the one record that was read in it.
pub(crate) fn each(
    found: &BTreeMap<ClientId, ClientRecords>,
) -> impl Iterator<Item = (&Client, &Collaborator)> {
    found.values().filter_map(|records| {
        Some((records.client.as_ref()?, records.collaborators.values().next()?))
    })
}

/// The response.
#[derive(Debug, Serialize)]
struct People<'a> {
    people: Vec<PersonView<'a>>,
}

/// The person in one client.
#[derive(Debug, Serialize)]
struct PersonView<'a> {
    client: ClientLabel<'a>,
    collaborator: CollaboratorView<'a>,
}

impl<'a> PersonView<'a> {
    fn of(client: &'a Client, row: &GridRow<'a>) -> Self {
        Self { client: client.into(), collaborator: row.into() }
    }
}
