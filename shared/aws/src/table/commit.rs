//! Writing a decision: one transaction, whose conditions restate what was read.

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem, Update};
use coulisses_domain::{
    client::{Client, MailCounter, MailLimits},
    collaborator::{Collaborator, Standing},
    decision::{Change, Decision},
    history::Entry,
    notice::Notice,
    scope::Scope,
    time::Timestamp,
};
use data_encoding::HEXLOWER;

use super::{
    CommitError, StoreError, Table,
    error::{Remedy, remedy},
    item::{StoredClient, StoredCollaborator, StoredCounter, StoredScope},
    key::{self, Key},
    load::{Item, as_item},
    record::{StoredEntry, StoredNotice},
    update::{Expression, item, number, text},
    wait_before_retry,
};
use crate::{ids::IdKey, random};

/// What the adapters add to a decision when it is written.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Makes the index's key of an address, so that the index names nobody.
    pub ids: &'a IdKey,
    /// The deployment's limits on mail.
    pub limits: MailLimits,
    /// The request that caused the change, for the history.
    pub request_id: Option<&'a str>,
}

impl Table {
    /// Writes `decision` as one transaction.
    ///
    /// Contention is waited out, an unknown outcome is repeated with the same token, which DynamoDB answers with
    /// success if it was applied.
    ///
    /// # Errors
    /// [`CommitError::WorldChanged`] if a condition failed, [`CommitError::Store`] if the table did not do it or it is
    /// not known whether it did.
    pub async fn commit(
        &self,
        decision: &Decision,
        context: Context<'_>,
    ) -> Result<(), CommitError> {
        if decision.is_nothing() {
            return Ok(());
        }
        let actions = self.actions(decision, context)?;
        let token = HEXLOWER.encode(&random::bytes::<16>().map_err(StoreError::from)?);
        let deadline = Self::deadline();
        for tries in 0.. {
            let answer = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions.clone()))
                .client_request_token(&token)
                .send()
                .await;
            let Err(error) = answer else { return Ok(()) };
            match remedy(&error) {
                Remedy::DecideAgain => return Err(CommitError::WorldChanged),
                Remedy::GiveUp => {
                    return Err(StoreError::request("TransactWriteItems", error).into());
                }
                Remedy::WaitAndRepeat | Remedy::Repeat => {
                    wait_before_retry(tries, deadline).await?
                }
            }
        }
        Err(StoreError::Busy.into())
    }

    fn actions(
        &self,
        decision: &Decision,
        context: Context<'_>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let now = decision.now();
        let mut actions = Vec::new();
        if let Some(change) = decision.client() {
            actions.push(self.client_action(change, context.limits)?);
        }
        for change in decision.scopes() {
            actions.push(self.scope_action(change)?);
        }
        for change in decision.collaborators() {
            actions.push(self.collaborator_action(change, context, now)?);
        }
        if let Some(change) = decision.counter() {
            actions.push(self.counter_action(change, now)?);
        }
        for entry in decision.history() {
            actions.push(self.history_action(decision, entry, context)?);
        }
        for notice in decision.notices() {
            actions.push(self.outbox_action(notice, now)?);
        }
        Ok(actions)
    }

    fn client_action(
        &self,
        change: &Change<Client>,
        limits: MailLimits,
    ) -> Result<TransactWriteItem, StoreError> {
        let id = &change.record().id;
        let key = key::client(id);
        match change {
            Change::Hold(client) => self.check(&key, version_is(client.version.number())),
            Change::Create(client) => {
                let mut item = item(&StoredClient::from(client))?;
                item.insert("gsi1pk".into(), text(&key::registry(id)));
                item.insert("gsi1sk".into(), text(id.as_str()));
                self.put(&key, item, &absent())
            }
            Change::Update { before, after } => {
                self.update(&key, client_update(before, after, limits)?)
            }
            Change::Delete(client) => self.delete(&key, version_is(client.version.number())),
        }
    }

    fn scope_action(&self, change: &Change<Scope>) -> Result<TransactWriteItem, StoreError> {
        let key = key::scope(&change.record().id);
        match change {
            Change::Hold(scope) => self.check(&key, version_is(scope.version.number())),
            Change::Create(scope) => self.put(&key, item(&StoredScope::from(scope))?, &absent()),
            Change::Update { before, after } => {
                let mut expression = version_is(before.version.number());
                expression.set_difference(
                    &item(&StoredScope::from(before))?,
                    &item(&StoredScope::from(after))?,
                    &[],
                );
                self.update(&key, expression)
            }
            Change::Delete(scope) => self.delete(&key, version_is(scope.version.number())),
        }
    }

    fn collaborator_action(
        &self,
        change: &Change<Collaborator>,
        context: Context<'_>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let record = change.record();
        let key = key::collaborator(&record.client, &record.id);
        match change {
            Change::Hold(person) => self.check(&key, version_is(person.version.number())),
            Change::Create(person) => {
                let mut item = item(&StoredCollaborator::from(person))?;
                item.insert(
                    "gsi1pk".into(),
                    text(&key::address(&context.ids.address(&person.email))),
                );
                item.insert("gsi1sk".into(), text(person.client.as_str()));
                self.put(&key, item, &absent_or_past(now))
            }
            Change::Update { before, after } => {
                self.update(&key, collaborator_update(before, after)?)
            }
            Change::Delete(person) => {
                let mut expression = version_is(person.version.number());
                expression
                    .require("seat", aws_sdk_dynamodb::types::AttributeValue::Bool(person.seat));
                self.delete(&key, expression)
            }
        }
    }

    fn counter_action(
        &self,
        change: &Change<MailCounter>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let (counter, condition) = match change {
            Change::Hold(counter) | Change::Create(counter) | Change::Delete(counter) => {
                (counter, absent_or_past(now))
            }
            Change::Update { before, after } => {
                let mut expression = Expression::default();
                expression.require("lastMailAt", number(before.last_mail_at.millis()));
                (after, expression)
            }
        };
        let key = key::counter(&counter.client, &counter.collaborator);
        self.put(&key, item(&StoredCounter::from(counter))?, &condition)
    }

    fn history_action(
        &self,
        decision: &Decision,
        entry: &Entry,
        context: Context<'_>,
    ) -> Result<TransactWriteItem, StoreError> {
        let client = decision.collaborators().first().map(|change| &change.record().client);
        let client = client
            .ok_or_else(|| StoreError::request("write", "a history without a collaborator"))?;
        let id = random::ulid(entry.at)?;
        let mut item = item(&StoredEntry::new(entry, context.request_id))?;
        item.insert("gsi1pk".into(), text(&key::history_of(client, &entry.collaborator.id)));
        item.insert("gsi1sk".into(), text(&id));
        self.put(&key::history(client, &id), item, &absent())
    }

    fn outbox_action(
        &self,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        self.put(&key::outbox(&notice.sending), item(&StoredNotice::new(notice, now))?, &absent())
    }

    fn put(
        &self,
        key: &Key,
        mut item: Item,
        condition: &Expression,
    ) -> Result<TransactWriteItem, StoreError> {
        item.extend(as_item(key));
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition.condition())
            .set_expression_attribute_names(some(&condition.names))
            .set_expression_attribute_values(some(&condition.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn update(&self, key: &Key, expression: Expression) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(as_item(key)))
            .update_expression(expression.update())
            .condition_expression(expression.condition())
            .set_expression_attribute_names(some(&expression.names))
            .set_expression_attribute_values(some(&expression.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn check(&self, key: &Key, expression: Expression) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(as_item(key)))
            .condition_expression(expression.condition())
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    fn delete(&self, key: &Key, expression: Expression) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(as_item(key)))
            .condition_expression(expression.condition())
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

/// Counters are added to, so that two requests at once both count; the rest is set where it differs.
fn client_update(
    before: &Client,
    after: &Client,
    limits: MailLimits,
) -> Result<Expression, StoreError> {
    let mut expression = version_is(before.version.number());
    let (old, new) = (item(&StoredClient::from(before))?, item(&StoredClient::from(after))?);
    expression.set_difference(&old, &new, &["seats", "mails"]);
    change_limit(&mut expression, before, after);
    change_seats(&mut expression, before, after);
    change_mails(&mut expression, before, after, (new, limits));
    Ok(expression)
}

fn change_limit(expression: &mut Expression, before: &Client, after: &Client) {
    match after.seats.limit {
        limit if limit == before.seats.limit => {}
        Some(limit) => expression.set("seats.limit", number(limit.into())),
        None => expression.remove("seats.limit"),
    }
}

/// INVARIANT: `used` is the number of records with a seat, and grows only below the limit.
fn change_seats(expression: &mut Expression, before: &Client, after: &Client) {
    if after.seats.seq == before.seats.seq {
        return;
    }
    let taken = i64::from(after.seats.used) - i64::from(before.seats.used);
    expression.add("seats.seq", 1);
    expression.add("seats.used", taken);
    if taken > 0 {
        let (limit, used) = (expression.path("seats.limit"), expression.path("seats.used"));
        expression.require_that(format!("attribute_not_exists({limit}) OR {used} < {limit}"));
    }
}

/// The same day counts on below its limit; a new day replaces the counters.
fn change_mails(
    expression: &mut Expression,
    before: &Client,
    after: &Client,
    (mut new, limits): (Item, MailLimits),
) {
    let (old, mails) = (before.mails, after.mails);
    if old == mails {
        return;
    }
    expression.require("mails.day", number(old.day.number()));
    if old.day == mails.day {
        expression
            .add("mails.invitations", i64::from(mails.invitations) - i64::from(old.invitations));
        let (path, most) = (
            expression.path("mails.invitations"),
            expression.value(number(limits.invitations.into())),
        );
        expression.require_that(format!("{path} < {most}"));
    } else if let Some(mails) = new.remove("mails") {
        expression.set("mails", mails);
    }
}

fn collaborator_update(
    before: &Collaborator,
    after: &Collaborator,
) -> Result<Expression, StoreError> {
    let mut expression = version_is(before.version.number());
    let (old, new) =
        (item(&StoredCollaborator::from(before))?, item(&StoredCollaborator::from(after))?);
    expression.set_difference(&old, &new, &[]);
    if before.seat != after.seat
        && let Some(seat) = old.get("seat")
    {
        expression.require("seat", seat.clone());
    }
    if let Standing::Pending(invitation) = &before.standing
        && (before.standing != after.standing || before.seat != after.seat)
    {
        expression.require("invitation.sending", text(invitation.sending.as_str()));
        if let Standing::Active(_) = after.standing {
            let hash = invitation.token_hash.map(|hash| text(&hash.to_hex()));
            expression.require_same("invitation.tokenHash", hash);
        }
    }
    let starts_anew =
        matches!((&before.standing, &after.standing), (Standing::Active(_), Standing::Pending(_)));
    if starts_anew && before.last_login_at.is_none() && after.last_login_at.is_none() {
        // A login recorded meanwhile changes no version, but must not survive.
        expression.remove("lastLoginAt");
    }
    if before.last_login_at != after.last_login_at
        && let Some(login) = after.last_login_at
    {
        let (path, login) =
            (expression.path("lastLoginAt"), expression.value(number(login.millis())));
        expression.require_that(format!("attribute_not_exists({path}) OR {path} < {login}"));
    }
    Ok(expression)
}

fn version_is(version: i64) -> Expression {
    let mut expression = Expression::default();
    expression.require("version", number(version));
    expression
}

fn absent() -> Expression {
    let mut expression = Expression::default();
    expression.require_same("pk", None);
    expression
}

/// Whatever is past its time to live is as good as absent, and is written over.
fn absent_or_past(now: Timestamp) -> Expression {
    let mut expression = Expression::default();
    let (pk, ttl) = (expression.path("pk"), expression.path("ttl"));
    let now = expression.value(number(now.seconds()));
    expression.require_that(format!("attribute_not_exists({pk}) OR {ttl} <= {now}"));
    expression
}

/// DynamoDB refuses an empty map of placeholders.
fn some<V: Clone>(
    map: &std::collections::HashMap<String, V>,
) -> Option<std::collections::HashMap<String, V>> {
    (!map.is_empty()).then(|| map.clone())
}
