//! Searches for subjects, resources and actions. Each returns exactly what evaluations by the same caller allow.

use std::collections::BTreeMap;

use coulisses_aws::{
    app::App,
    http::{
        Failure, Object, Principal, Reply, Request,
        candidates::{self, Place},
        checks,
    },
};
use coulisses_domain::{
    check::{self, CheckFacts, Question},
    grid::GridPosition,
    ids::CollaboratorId,
    permission::Permission,
    scope::{ClientId, Level, ScopeId},
    search,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    entities::{Entities, Kind, USER},
    page::{PageBody, Pages},
    read,
};

/// The property of a searched resource that names its client.
const CLIENT: &str = "client";

#[derive(Debug, Deserialize)]
struct Search {
    #[serde(flatten)]
    entities: Entities,
    page: Option<Object<PageBody>>,
}

/// `POST /access/v1/search/subject`: the active collaborators who hold a permission at a scope, in the order of their
/// addresses.
pub(crate) async fn subjects(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Asked { principal, mut entities, page } = Asked::of(app, request)?;
    entities.ignore_subject_id();
    let (users, permission) = (entities.searches_users()?, entities.permission()?);
    let resource = entities.resource()?.filter(|_| users);
    let pages = Pages::of(&app.settings.ids, &("subject", &entities), page)?;
    let after: Option<(String, String)> = pages.after()?;
    let Some((permission, (scope, kind))) = permission.zip(resource) else {
        return nothing(&pages);
    };
    let (now, client) = (app.clock.now(), scope.client());
    let caller = principal.caller_in(&client, &app.settings);
    let place = Place { caller: &caller, client: &client, scope: &scope };
    let after = after.and_then(|(address, id)| {
        let id = CollaboratorId::parse(&id).ok()?;
        Some(GridPosition { address, id, time: None, name: None })
    });
    let query = search::query(permission, after, pages.limit);
    match candidates::read(app, place, &query, now).await {
        Ok((facts, collaborators)) => {
            if let Ok(page) = search::people(&facts, kind.level(), &collaborators, &query, now) {
                let emails = page.rows.iter().map(|row| row.collaborator.email.original());
                let next = page.next().map(|last| (last.address, last.id.to_string()));
                return pages.reply(emails.map(user).collect(), next.as_ref());
            }
        }
        Err(Failure::Refused(_)) => {}
        Err(failure) => return Err(failure),
    }
    // Those who cannot list others can ask about themselves.
    let question = Question { about: None, account: None, scope, level: kind.level(), permission };
    let facts = checks::facts(app, &principal, std::slice::from_ref(&question), now).await?;
    let own = facts.get(&client).and_then(|facts| search::oneself(facts, &question, now));
    let own = own.filter(|_| query.after.is_none());
    pages.reply(own.iter().map(|own| user(own.email.original())).collect(), None::<&()>)
}

/// `POST /access/v1/search/resource`: the scopes of a type where the subject holds a permission, in the order of their ids;
/// in the client that `resource.properties.client` names, or in all clients of the subject.
pub(crate) async fn resources(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Asked { principal, mut entities, page } = Asked::of(app, request)?;
    entities.ignore_resource_id();
    let (subject, permission) = (entities.subject()?, entities.permission()?);
    let kind = entities.kind()?;
    let clients = clients(&entities)?;
    let pages = Pages::of(&app.settings.ids, &("resource", &entities), page)?;
    let after: Option<String> = pages.after()?;
    let (Some(permission), Some(kind)) = (permission, kind) else { return nothing(&pages) };
    let now = app.clock.now();
    let clients = match clients {
        Some(clients) => clients,
        None => match &subject.email {
            Some(email) => app.table.clients_of(&app.settings.ids.address(email)).await?,
            None => Vec::new(),
        },
    };
    // One question for each client. The level makes that its record is read.
    let questions: Vec<Question> = clients
        .iter()
        .filter_map(|client| {
            let at = (ScopeId::from(client), Kind::Of(Level::Client));
            subject.about(at, permission, &app.settings)
        })
        .collect();
    let facts = facts_of(app, &principal, &questions, now).await?;
    let mut found = Vec::new();
    for question in questions {
        let facts = facts.get(&question.scope.client());
        let question = Question { level: kind.level(), ..question };
        found.extend(facts.into_iter().flat_map(|facts| search::scopes(facts, &question, now)));
    }
    found.retain(|scope| after.as_deref().is_none_or(|after| scope.as_str() > after));
    found.sort_unstable();
    let has_more = found.len() > pages.limit;
    found.truncate(pages.limit);
    let next = found.last().filter(|_| has_more).map(|scope| scope.as_str());
    let found = found.iter().map(|scope| Found { r#type: kind.name(), id: scope.as_str() });
    pages.reply(found.collect(), next.as_ref())
}

/// `POST /access/v1/search/action`: the permissions that the subject holds at a scope.
pub(crate) async fn actions(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Asked { principal, entities, page } = Asked::of(app, request)?;
    let (subject, resource) = (entities.subject()?, entities.resource()?);
    let pages = Pages::of(&app.settings.ids, &("action", &entities), page)?;
    let after: Option<usize> = pages.after()?;
    // The answer for this permission depends on the client's settings, so that they are read.
    let permission = Permission::AccessManage;
    let question = resource.and_then(|resource| subject.about(resource, permission, &app.settings));
    let Some(question) = question else { return nothing(&pages) };
    let now = app.clock.now();
    let facts = checks::facts(app, &principal, std::slice::from_ref(&question), now).await?;
    let facts = facts.get(&question.scope.client());
    let held = facts.into_iter().flat_map(|facts| search::permissions(facts, &question, now));
    let from = after.unwrap_or(0);
    let mut held: Vec<Named> = held.skip(from).map(|it| Named { name: it.name() }).collect();
    let next = (held.len() > pages.limit).then_some(from + pages.limit);
    held.truncate(pages.limit);
    pages.reply(held, next.as_ref())
}

/// Reads what the questions need, one about each client, and the scopes at, above and below those where the subject has
/// access. Two trips, and one more for clients where access to events can end.
async fn facts_of(
    app: &App,
    principal: &Principal,
    questions: &[Question],
    now: Timestamp,
) -> Result<BTreeMap<ClientId, CheckFacts>, Failure> {
    let mut facts = checks::facts_everywhere(app, principal, questions, now).await?;
    let tops: Vec<Vec<&ScopeId>> = questions
        .iter()
        .map(|question| {
            let facts = facts.get(&question.scope.client());
            let record = facts.zip(question.about.as_ref());
            let record = record.and_then(|(facts, id)| facts.collaborators.get(id));
            record.map_or_else(Vec::new, |record| check::topmost(record.grants.keys()).collect())
        })
        .collect();
    let trees = app.table.read_around(&tops, now).await?;
    for (question, tree) in questions.iter().zip(trees) {
        if let Some(facts) = facts.get_mut(&question.scope.client()) {
            facts.levels.extend(tree.into_iter().map(|(id, scope)| (id, scope.level)));
        }
    }
    Ok(facts)
}

/// The client that the request limits the search to, none for an id that no client can have; `None` for all clients.
fn clients(entities: &Entities) -> Result<Option<Vec<ClientId>>, Failure> {
    match entities.resource_property(CLIENT) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(client)) => Ok(Some(ClientId::parse(client).ok().into_iter().collect())),
        Some(_) => Err(Failure::malformed(
            "resource.properties.client n’est pas une chaîne",
            "resource.properties.client is not a string",
        )),
    }
}

/// A search, still without its endpoint.
struct Asked {
    principal: Principal,
    entities: Entities,
    page: Option<Object<PageBody>>,
}

impl Asked {
    fn of(app: &App, request: &Request) -> Result<Self, Failure> {
        let principal = Principal::from_request(request, &app.settings)?;
        let Search { entities, page } = read(request)?;
        Ok(Self { principal, entities, page })
    }
}

/// The response of a search for something unknown.
fn nothing(pages: &Pages<'_>) -> Result<Reply, Failure> {
    pages.reply(Vec::<()>::new(), None::<&()>)
}

/// A subject or a resource that was found.
#[derive(Debug, Serialize)]
struct Found<'a> {
    r#type: &'static str,
    id: &'a str,
}

/// An action that was found.
#[derive(Debug, Serialize)]
struct Named {
    name: &'static str,
}

const fn user(email: &str) -> Found<'_> {
    Found { r#type: USER, id: email }
}
