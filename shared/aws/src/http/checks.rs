//! The facts of checks, and the records of a person in all clients.

use std::{collections::BTreeMap, time::Duration};

use coulisses_domain::{
    check::{CheckFacts, Question},
    client::Client,
    collaborator::Collaborator,
    email::Email,
    scope::{ClientId, Level, ScopeId},
    time::Timestamp,
};
use tokio::time;

use super::Principal;
use crate::{
    app::{self, App},
    table::{ClientRecords, Part, StoreError},
};

/// How long a check waits for the table. A back-end asks before it acts, so a late answer is worth less than a prompt 503,
/// and a function that waits is not there for the checks of other clients.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads the caller and the collaborators of the questions, in all clients that the questions name, in one trip. Each
/// record takes a read unit, and so do the rules of each client and each event or community that a question is about: the
/// grants on it can end with it. The client's settings and the record of an audience are read only for questions that depend
/// on them.
///
/// # Errors
/// [`StoreError`], also after a second without a response.
pub async fn facts(
    app: &App,
    principal: &Principal,
    questions: &[Question],
    now: Timestamp,
) -> Result<BTreeMap<ClientId, CheckFacts>, StoreError> {
    facts_of(app, principal, questions, (false, now)).await
}

/// Reads the same, and the events that the collaborators have grants on, so that other scopes than those of the questions can
/// be asked about. It takes a second trip for clients where access to events can end.
///
/// # Errors
/// [`StoreError`], also after a second without a response.
pub async fn facts_everywhere(
    app: &App,
    principal: &Principal,
    questions: &[Question],
    now: Timestamp,
) -> Result<BTreeMap<ClientId, CheckFacts>, StoreError> {
    facts_of(app, principal, questions, (true, now)).await
}

async fn facts_of(
    app: &App,
    principal: &Principal,
    questions: &[Question],
    (everywhere, now): (bool, Timestamp),
) -> Result<BTreeMap<ClientId, CheckFacts>, StoreError> {
    let mut callers = BTreeMap::new();
    for question in questions {
        let client = question.scope.client();
        let caller = principal.caller_in(&client, &app.settings);
        callers.insert(client, caller);
    }
    let mut parts: BTreeMap<ClientId, Part<'_>> = BTreeMap::new();
    for question in questions {
        let part = parts.entry(question.scope.client()).or_default();
        let (is_leveled, is_client) = (question.level.is_some(), question.scope.is_client());
        part.settings |= question.needs_granting() || (is_leveled && is_client);
        let can_end = question.scope.is_leaf();
        part.scopes.extend(Some(&question.scope).filter(|_| can_end || is_leveled && !is_client));
        part.collaborators.extend(&question.about);
    }
    for (client, caller) in &callers {
        parts.entry(client.clone()).or_default().collaborators.extend(caller.id());
    }
    let read = async {
        if everywhere {
            app.table.read_across_with_events(&parts, now).await
        } else {
            app.table.read_across(&parts, now).await
        }
    };
    let mut read = time::timeout(PATIENCE, read).await.map_err(|_| StoreError::Busy)??;
    let facts = callers.into_iter().map(|(client, caller)| {
        let records = read.remove(&client).unwrap_or_default();
        let scope = ScopeId::from(&client);
        let levels = levels(&records);
        let facts = CheckFacts {
            caller: app.noted(app::with_record(&caller, &records.collaborators), &scope),
            collaborators: records.collaborators,
            granting: records.client.map(|client| client.granting),
            levels,
        };
        (client, facts)
    });
    Ok(facts.collect())
}

fn levels(records: &ClientRecords) -> BTreeMap<ScopeId, Level> {
    let client = records.client.as_ref().map(|client| (client.scope(), Level::Client));
    let below = records.scopes.values().map(|scope| (scope.id.clone(), scope.level));
    below.chain(client).collect()
}

/// The records of an address, in the order of the clients' ids.
///
/// # Errors
/// [`StoreError`].
pub async fn records(
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
    let part = |id| Part { settings: true, collaborators: vec![id], ..Part::default() };
    let parts = collaborators.iter().map(|(client, id)| (client.clone(), part(id))).collect();
    app.table.read_across_with_events(&parts, now).await
}

/// Each client with the one record that was read in it.
pub fn each(
    found: &BTreeMap<ClientId, ClientRecords>,
) -> impl Iterator<Item = (&Client, &Collaborator)> {
    found.values().filter_map(|records| {
        Some((records.client.as_ref()?, records.collaborators.values().next()?))
    })
}
