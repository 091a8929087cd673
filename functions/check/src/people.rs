//! A person in all clients, by their address.

use coulisses_aws::{
    app::App,
    http::{
        Failure, Parameters, Principal, Reply, Request, checks,
        view::{ClientLabel, CollaboratorView},
    },
};
use coulisses_domain::{
    access::Subject,
    client::Client,
    collaborator::{Collaborator, Visibility},
    email::Email,
    grid::{self, GridRow},
    scope::ScopeId,
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
    let found = checks::records(app, &email, now).await?;
    let seen: Vec<(&Client, &Collaborator, ScopeId)> =
        checks::each(&found).map(|(client, record)| (client, record, client.scope())).collect();
    let people = seen.iter().filter_map(|(client, record, at)| {
        let subject = Subject { collaborator: record, granting: client.granting };
        let row = grid::row(subject, at, Visibility::PathAndBelow, now)?;
        Some(PersonView::of(client, &row))
    });
    Ok(Reply::ok(&People { people: people.collect() }))
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
        Self { client: client.into(), collaborator: CollaboratorView::of(client, row) }
    }
}
