//! The waiting list of a client.

use std::collections::BTreeMap;

use coulisses_aws::{
    app::{App, Target},
    http::{Body, Call, Code, Failure, FieldErrors, IfMatch, Parameters, Reply, Request, view},
};
use coulisses_domain::{
    client::Client,
    collaborator::{Collaborator, Visibility},
    facts::Facts,
    ids::CollaboratorId,
    time::Timestamp,
    waiting as rules,
};
use serde::{Deserialize, Serialize};

type Waiting = (Facts, BTreeMap<CollaboratorId, Collaborator>);

/// Returns the people who wait, in order.
pub(crate) async fn list(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    Parameters::read(request, &[])?;
    let now = app.clock.now();
    let read = app.waiting_list(&call.caller, &call.scope, now).await?;
    rules::check_may_read(&read.0, now)?;
    Ok(reply(&read, None, now))
}

/// Puts the people who wait in another order.
pub(crate) async fn reorder(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let version = IfMatch::required(request)?;
    let ids = Body::read::<Order>(request)?.ids();
    let check = Facts::check_may_manage_access;
    let ids = call.valid(app, Target::None, check, ids).await?;
    let load = async |now| app.waiting_list(&call.caller, &call.scope, now).await;
    let decide =
        |(facts, records): &Waiting, now| Ok(rules::reorder(facts, records, (&ids, version), now)?);
    let respond = |read: &Waiting, after: &Client, now| reply(read, Some(after), now);
    Ok(app.change(call.context(None), load, decide, respond).await?)
}

fn reply((facts, records): &Waiting, after: Option<&Client>, now: Timestamp) -> Reply {
    let Some(client) = after.or(facts.client.as_ref()) else {
        return Reply::ok(&List { waiting: Vec::<()>::new() });
    };
    let facts = Facts { client: Some(client.clone()), ..facts.clone() };
    let people = rules::in_order(client, records);
    let seen = people.map(|it| view::collaborator(it, &facts, Visibility::PathAndBelow, now));
    Reply::ok(&List { waiting: seen.collect() }).with_version(rules::version(client))
}

/// The response.
#[derive(Debug, Serialize)]
struct List<T> {
    waiting: Vec<T>,
}

/// The request body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    ids: Vec<String>,
}

impl Order {
    fn ids(&self) -> Result<Vec<CollaboratorId>, Failure> {
        let mut errors = FieldErrors::default();
        let ids: Result<Vec<_>, _> = self.ids.iter().map(|id| CollaboratorId::parse(id)).collect();
        errors.check("/ids", Code::InvalidField, ids).map_err(|_| errors.into())
    }
}
