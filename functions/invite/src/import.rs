//! The import of people who work with the platform already.

use std::collections::{BTreeMap, BTreeSet};

use coulisses_aws::{
    app::{App, Target},
    batch::Item,
    http::{
        self, Body, Call, Checked, Code, Failure, FieldErrors, Object, Reply, Request, view,
        whole_number,
    },
    random,
    table::Reading,
};
use coulisses_domain::{
    collaborator::{Account, Visibility},
    facts::Facts,
    import::{self, ImportCommand, ImportOutcome, Imported, ImportedGrant},
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
    waiting::IfFull,
};
use serde::Deserialize;
use serde_json::Number;

/// The most people at once.
const MOST: usize = 100;

/// The most grants of a person, as many as a collaborator can have.
const MOST_GRANTS: usize = 200;

/// How many days a pending person has to log in: by default, and at most.
const DAYS: (u16, u16) = (90, 365);

/// Imports each person on their own.
///
/// # Errors
/// What concerns the whole request: the caller is not the platform, the form of the body, or the table.
pub async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let items = Body::read::<Imports>(request)?.into_items(app, &call.client);
    let items = call.valid(app, Target::None, import::check_caller, items).await?;
    let key = call.idempotency_key()?;
    let now = app.clock.now();
    import::check_caller(&call.facts(app, Target::None, now).await?, now)?;
    let scopes = scopes(app, &call, &items, now).await?;
    let decide = |facts: &Facts, command: &ImportCommand, now| {
        Ok(import::decide(facts, &scopes, command, random::mail_id(now)?, now)?)
    };
    let results = app.change_each(call.batch(key.as_ref(), true), items, decide, reply).await?;
    http::results(app, request, ("collaborator", "/people"), results)
}

type Items = Vec<Result<Item<ImportCommand>, Failure>>;

/// The scopes of the grants. Their levels never change, so they are read once.
async fn scopes(
    app: &App,
    call: &Call<'_>,
    items: &Items,
    now: Timestamp,
) -> Result<BTreeMap<ScopeId, Scope>, Failure> {
    let grants = items.iter().flatten().flat_map(|item| &item.command.grants);
    let named: BTreeSet<&ScopeId> =
        grants.map(|grant| &grant.scope).filter(|scope| !scope.is_client()).collect();
    let reading = Reading {
        client: &call.client,
        scopes: named.into_iter().collect(),
        collaborators: vec![],
        counters: vec![],
    };
    Ok(app.table.read(reading, now).await?.scopes)
}

fn reply(facts: &Facts, imported: &Imported, now: Timestamp) -> Reply {
    let collaborator = &imported.collaborator;
    let seen = view::collaborator(collaborator, facts, Visibility::PathAndBelow, now);
    match imported.outcome {
        ImportOutcome::Created if collaborator.waiting().is_some() => {
            Reply::accepted(&seen).with_outcome("created")
        }
        ImportOutcome::Created => Reply::created(&seen).with_outcome("created"),
        ImportOutcome::Changed => Reply::ok(&seen).with_outcome("changed"),
        ImportOutcome::Unchanged => Reply::ok(&seen).with_outcome("unchanged"),
    }
}

/// The request body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Imports {
    people: Vec<Object<Person>>,
    notify: Option<bool>,
    pending_days: Option<Number>,
    if_full: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Person {
    email: Option<String>,
    name: Option<String>,
    locale: Option<String>,
    grants: Option<Vec<Object<ImportBody>>>,
    account: Option<Object<AccountBody>>,
    last_login_at: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImportBody {
    scope: Option<String>,
    role: Option<String>,
    permissions: Option<Vec<String>>,
    expires_at: Option<String>,
    outlives_event: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    iss: Option<String>,
    sub: Option<String>,
}

impl Imports {
    /// The items. A wrong field fails its own person only.
    fn into_items(self, app: &App, client: &ClientId) -> Result<Items, Failure> {
        const POINTER: &str = "/people";
        Failure::check_count(POINTER, self.people.len(), MOST)?;
        let mut errors = FieldErrors::default();
        let days = match &self.pending_days {
            None => Ok(DAYS.0),
            Some(number) => {
                let days = whole_number(number).and_then(|days| u16::try_from(days).ok());
                let days = days.filter(|days| (1..=DAYS.1).contains(days)).ok_or(());
                errors.check("/pendingDays", Code::InvalidField, days)
            }
        };
        let if_full = errors.if_full(self.if_full.as_deref());
        let (Ok(days), Ok(if_full)) = (days, if_full) else { return Err(errors.into()) };
        let notify = self.notify.unwrap_or_default();
        let item = |(index, Object(person)): (usize, Object<Person>)| {
            let errors = FieldErrors::below(format!("{POINTER}/{index}"));
            let command = person.into_command(errors, app, client, (notify, days))?;
            let command = ImportCommand { if_full, ..command };
            Ok(Item { id: command.id.clone(), command })
        };
        Ok(self.people.into_iter().enumerate().map(item).collect())
    }
}

impl Person {
    fn into_command(
        self,
        mut errors: FieldErrors,
        app: &App,
        client: &ClientId,
        (notify, pending_days): (bool, u16),
    ) -> Result<ImportCommand, Failure> {
        let email = errors.email("/email", self.email.as_deref().unwrap_or_default());
        let name = errors.optional_name("/name", self.name.as_deref());
        let locale = errors.locale("/locale", self.locale.as_deref());
        let grants = grants(&mut errors, self.grants.unwrap_or_default(), client);
        let account = match self.account {
            Some(Object(account)) => account.read(&mut errors).map(Some),
            None => Ok(None),
        };
        let past = |text: &str| Timestamp::parse(text).ok().filter(|at| *at <= app.clock.now());
        let login = self.last_login_at.as_deref().map(|text| past(text).ok_or(())).transpose();
        let login = errors.check("/lastLoginAt", Code::InvalidField, login);
        let (Ok(email), Ok(name), Ok(locale), Ok(grants), Ok(account), Ok(last_login_at)) =
            (email, name, locale, grants, account, login)
        else {
            return Err(errors.into());
        };
        let id = app.settings.ids.collaborator(client, &email);
        Ok(ImportCommand {
            email,
            id,
            name,
            locale,
            grants,
            account,
            last_login_at,
            notify,
            pending_days,
            if_full: IfFull::default(),
        })
    }
}

/// The grants of a person: at least one, each on another scope of the client.
fn grants(
    errors: &mut FieldErrors,
    bodies: Vec<Object<ImportBody>>,
    client: &ClientId,
) -> Checked<Vec<ImportedGrant>> {
    if !(1..=MOST_GRANTS).contains(&bodies.len()) {
        return errors.reject("/grants", Code::InvalidField);
    }
    let mut seen = BTreeSet::new();
    let mut grants = Vec::new();
    let mut valid = Ok(());
    for (index, Object(body)) in bodies.into_iter().enumerate() {
        let grant = errors.within(&format!("/grants/{index}"), |errors| {
            let scope = body.scope.as_deref().unwrap_or_default();
            let scope = match errors.scope("/scope", scope) {
                Ok(scope) if scope.client() != *client => {
                    errors.reject("/scope", Code::InvalidScope)
                }
                Ok(scope) if !seen.insert(scope.clone()) => {
                    errors.reject("/scope", Code::InvalidField)
                }
                other => other,
            };
            let role = body.role.as_deref().unwrap_or_default();
            let role = errors.role(role, body.permissions.as_deref());
            let expires_at = errors.expiry("/expiresAt", body.expires_at.as_deref());
            let outlives_event = body.outlives_event;
            let (scope, role, expires_at) = (scope?, role?, expires_at?);
            Ok(ImportedGrant { scope, role, expires_at, outlives_event })
        });
        match grant {
            Ok(grant) => grants.push(grant),
            Err(rejected) => valid = Err(rejected),
        }
    }
    valid.map(|()| grants)
}

impl AccountBody {
    fn read(self, errors: &mut FieldErrors) -> Checked<Account> {
        let mut text = |pointer: &str, text: Option<String>| {
            let text = text.filter(|text| (1..=255).contains(&text.len())).ok_or(());
            errors.check(pointer, Code::InvalidField, text)
        };
        let (iss, sub) = (text("/account/iss", self.iss), text("/account/sub", self.sub));
        Ok(Account { iss: iss?, sub: sub? })
    }
}
