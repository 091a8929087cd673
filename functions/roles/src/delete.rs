//! Deleting a role: step by step until it is gone, or until the request has no time left.

use std::{collections::BTreeMap, time::Duration};

use coulisses_aws::{
    app::App,
    command::{Attempt, CommandError},
    http::{self, Body, Call, Failure, IfMatch, Parameters, Reply, Request},
    idempotency::Storable,
    random::{self, NoRandomness},
    table::{ClientRecords, Reading, StoreError},
};
use coulisses_domain::{
    decision::Outcome,
    delete_role::{self, DeleteRoleCommand, Holders, MOST_AT_ONCE, Step},
    effects::Effects,
    facts::Facts,
    ids::{CollaboratorId, MailId},
    mail_quota::MailCounter,
    precondition::Precondition,
    role::{Role, RoleName},
    time::Timestamp,
};
use serde::Serialize;

/// How long a request goes on with the next holders. The same request then continues.
const TIME: Duration = Duration::from_secs(12);

/// The response.
#[derive(Debug, Serialize)]
struct Deletion {
    deleted: bool,
    reassigned: usize,
    remaining: usize,
}

/// A deletion in progress.
struct Progress {
    /// The records of the client as the steps so far left them; `None` to read them.
    records: Option<ClientRecords>,
    reassigned: usize,
    until: Timestamp,
}

pub async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let key = http::role_key(request)?;
    Body::refuse(request)?;
    let parameters = Parameters::read(request, &["reassign", "dryRun"])?;
    let other = |text: &str| RoleName::parse(text).and_then(|name| Role::new(name, None).ok());
    let reassign = parameters.get("reassign", other)?;
    let version = IfMatch::read_if_there(request)?;
    let version = version.map_or(Precondition::None, |IfMatch(version)| version.into());
    let command = DeleteRoleCommand { key, reassign, version };
    if call.dry_run {
        return preview(app, &call, &command).await;
    }
    let progress = Progress { records: None, reassigned: 0, until: app.clock.now().after(TIME) };
    let deletion =
        app.run(progress, |progress, now| step(app, &call, &command, progress, now)).await?;
    Ok(reply(&deletion))
}

fn reply(deletion: &Deletion) -> Reply {
    if deletion.deleted { Reply::ok(deletion) } else { Reply::accepted(deletion) }
}

async fn step(
    app: &App,
    call: &Call<'_>,
    command: &DeleteRoleCommand,
    mut progress: Progress,
    now: Timestamp,
) -> Result<Attempt<Progress, Deletion>, CommandError> {
    let mut records = match progress.records.take() {
        Some(records) => records,
        None => app.table.read_client(&call.client, now).await?,
    };
    let facts = app.facts_from(&records, &call.caller, &call.scope, None);
    let counters = counters(app, &facts, &records, command, now).await?;
    let outcome = decide(&facts, &records, &counters, command, now)?;
    if !app.write(&outcome.decision, call.context(None), None).await? {
        return Ok(Attempt::Conflict(progress));
    }
    records.apply(&outcome.decision);
    let reassigned = progress.reassigned;
    Ok(match outcome.answer {
        // Someone may have given the role since the records were read.
        Step::Retired => Attempt::Continue(progress),
        Step::Kept(refusal) => return Err(refusal.into()),
        Step::Deleted { holders } => Attempt::Done(Deletion {
            deleted: true,
            reassigned: reassigned + holders,
            remaining: 0,
        }),
        Step::Reassigned { holders, left } if now >= progress.until => Attempt::Done(Deletion {
            deleted: false,
            reassigned: reassigned + holders,
            remaining: left,
        }),
        Step::Reassigned { holders, .. } => Attempt::Continue(Progress {
            records: Some(records),
            reassigned: reassigned + holders,
            ..progress
        }),
    })
}

/// All steps at once, without a write.
async fn preview(
    app: &App,
    call: &Call<'_>,
    command: &DeleteRoleCommand,
) -> Result<Reply, Failure> {
    let now = app.clock.now();
    let mut records = app.table.read_client(&call.client, now).await?;
    let (mut effects, mut reassigned) = (Effects::default(), 0);
    loop {
        let facts = app.facts_from(&records, &call.caller, &call.scope, None);
        let counters = counters(app, &facts, &records, command, now).await?;
        let outcome = decide(&facts, &records, &counters, command, now)?;
        effects.add(&facts, &outcome.decision);
        records.apply(&outcome.decision);
        match outcome.answer {
            Step::Retired => {}
            Step::Reassigned { holders, .. } => reassigned += holders,
            Step::Kept(refusal) => return Err(refusal.into()),
            Step::Deleted { holders } => {
                let reassigned = reassigned + holders;
                let deletion = Deletion { deleted: true, reassigned, remaining: 0 };
                return Ok(reply(&deletion).into_preview(&effects));
            }
        }
    }
}

fn decide(
    facts: &Facts,
    records: &ClientRecords,
    counters: &BTreeMap<CollaboratorId, MailCounter>,
    command: &DeleteRoleCommand,
    now: Timestamp,
) -> Result<Outcome<Step>, CommandError> {
    let mail_ids = (0..MOST_AT_ONCE).map(|_| random::mail_id(now));
    let mail_ids = mail_ids.collect::<Result<Vec<MailId>, NoRandomness>>()?;
    let holders = Holders { everyone: &records.collaborators, scopes: &records.scopes, counters };
    Ok(delete_role::decide(facts, holders, command, mail_ids, now)?)
}

/// The mail counters of the next holders.
async fn counters(
    app: &App,
    facts: &Facts,
    records: &ClientRecords,
    command: &DeleteRoleCommand,
    now: Timestamp,
) -> Result<BTreeMap<CollaboratorId, MailCounter>, StoreError> {
    let none = BTreeMap::new();
    let holders =
        Holders { everyone: &records.collaborators, scopes: &records.scopes, counters: &none };
    let next = holders.next(facts, command.key);
    if next.is_empty() || command.reassign.is_none() {
        return Ok(none);
    }
    let client = facts.at.client();
    let reading =
        Reading { client: &client, scopes: vec![], collaborators: vec![], counters: next };
    Ok(app.table.read(reading, now).await?.counters)
}
