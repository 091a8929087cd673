//! Writing a decision: one transaction, whose conditions restate what was read.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};
use coulisses_domain::{
    client::Client,
    client_rules::ClientRules,
    collaborator::Collaborator,
    decision::{Change, Decision},
    history::Entry,
    mail::Mail,
    mail_budget::MailLimits,
    mail_quota::MailCounter,
    role::Role,
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
};
use data_encoding::HEXLOWER;

use super::{
    CommitError, StoreError, Table,
    any_item::{Item, as_item},
    client_rules::StoredRules,
    collaborator::StoredCollaborator,
    difference::{
        absent, absent_or_past, client_update, collaborator_update, rules_update, version_is,
    },
    error::{Remedy, remedy},
    item::{StoredClient, StoredCounter, StoredScope, Unreadable},
    key::{self, Key},
    listing::{GrantRow, new_rows},
    queued::StoredMail,
    record::StoredEntry,
    saved_response::{ResponseToSave, StoredResponse},
    update::{Expression, item, number, text},
    wait_before_retry,
};
use crate::{ids::IdKey, random};

/// The most actions in one transaction.
const MOST_ACTIONS: usize = 100;

/// The values that the adapters add to a decision when it is written.
#[derive(Clone, Debug)]
pub struct CommitContext<'a> {
    /// Makes the index's key of an address in all clients.
    pub ids: &'a IdKey,
    /// The deployment's limits on mail.
    pub limits: MailLimits,
    /// The request that caused the change, for the history.
    pub request_id: Option<&'a str>,
    /// The response that is stored with it, if the request may be repeated.
    pub response: Option<ResponseToSave<'a>>,
}

impl Table {
    /// Writes `decision` as one transaction.
    ///
    /// Contention is retried until the deadline. After an unknown outcome the transaction is repeated with the same token;
    /// if it was applied before, DynamoDB returns success and applies nothing.
    ///
    /// # Errors
    /// [`CommitError::ConditionFailed`] if a condition failed, [`CommitError::Store`] if the transaction failed or its
    /// outcome is unknown.
    pub async fn commit(
        &self,
        decision: &Decision,
        context: CommitContext<'_>,
    ) -> Result<(), CommitError> {
        if decision.is_empty() {
            return Ok(());
        }
        let mut actions = self.actions(decision, &context)?;
        let rows: Vec<GrantRow> = decision.collaborators().iter().flat_map(new_rows).collect();
        if actions.len() + rows.len() <= MOST_ACTIONS {
            for row in &rows {
                actions.push(self.grant_action(row)?);
            }
        } else {
            // A person with many grants moves to a new address. Rows may come before their grants.
            self.write_rows(&rows).await?;
        }
        self.transact(&actions).await
    }

    /// Does `actions` as one transaction, all or nothing; retries until the deadline.
    ///
    /// # Errors
    /// Those of [`Table::commit`].
    pub(super) async fn transact(&self, actions: &[TransactWriteItem]) -> Result<(), CommitError> {
        let token = HEXLOWER.encode(&random::bytes::<16>().map_err(StoreError::from)?);
        let deadline = self.deadline();
        for tries in 0.. {
            let answer = self
                .dynamodb
                .transact_write_items()
                .set_transact_items(Some(actions.to_vec()))
                .client_request_token(&token)
                .send()
                .await;
            let Err(error) = answer else { return Ok(()) };
            match remedy(&error) {
                Remedy::DecideAgain => return Err(CommitError::ConditionFailed),
                Remedy::GiveUp => {
                    return Err(StoreError::request("TransactWriteItems", error).into());
                }
                Remedy::WaitAndRepeat | Remedy::Repeat => {
                    wait_before_retry(tries, deadline).await?;
                }
            }
        }
        Err(StoreError::Busy.into())
    }

    fn actions(
        &self,
        decision: &Decision,
        context: &CommitContext<'_>,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let now = decision.now();
        let mut actions = Vec::new();
        if let Some(change) = decision.client() {
            actions.push(self.client_action(change, context.limits)?);
        }
        if let Some(client) = decision.client()
            && let Some(change) = decision.rules()
        {
            actions.push(self.rules_action(&client.record().id, &change)?);
        }
        if let Some(Change::Update { before, after }) = decision.client()
            && after.waiting.iter().any(|id| !before.waiting.contains(id))
        {
            actions.push(self.waiting_action(&after.id, now)?);
        }
        for change in decision.scopes() {
            actions.push(self.scope_action(change)?);
        }
        let is_written =
            |event: &ScopeId| decision.scopes().iter().any(|change| change.record().id == *event);
        // A transaction has one action on an item at most, and each of those on a scope has its version.
        for (event, version) in decision.ended_events().iter().filter(|it| !is_written(it.0)) {
            actions.push(self.check(&key::scope(event), version_is(version.number()))?);
        }
        for change in decision.collaborators() {
            actions.push(self.collaborator_action(change, context, now)?);
        }
        for change in decision.counters() {
            actions.push(self.counter_action(change, now)?);
        }
        for entry in decision.history() {
            actions.push(self.history_action(decision, entry, context)?);
        }
        for mail in decision.mails() {
            actions.push(self.outbox_action(mail, now)?);
        }
        if let Some(announcement) = decision.announcement() {
            let row = item(&StoredMail::announcement(announcement, now))?;
            actions.push(self.put(&key::outbox(&announcement.mail_id), row, absent())?);
        }
        if let Some(response) = &context.response {
            let stored = item(&StoredResponse::new(&response.saved, now))?;
            for key in response.keys() {
                actions.push(self.put(&key, stored.clone(), absent_or_past(now))?);
            }
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
            Change::Check(client) => self.check(&key, version_is(client.version.number())),
            Change::Create(client) => {
                let mut item = item(&StoredClient::from(client))?;
                item.insert("gsi1pk".into(), text(&key::registry(id)));
                item.insert("gsi1sk".into(), text(id.as_str()));
                item.insert("listed".into(), AttributeValue::Bool(true));
                self.put(&key, item, absent())
            }
            Change::Update { before, after } => {
                self.update(&key, client_update(before, after, limits)?)
            }
            Change::Delete(client) => self.delete(&key, version_is(client.version.number())),
        }
    }

    fn rules_action(
        &self,
        client: &ClientId,
        change: &Change<ClientRules>,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = key::client_rules(client);
        let unchanged = |roles: &ClientRules| version_is(roles.version.into());
        match change {
            Change::Check(roles) => self.check(&key, unchanged(roles)),
            Change::Create(roles) => self.put(&key, item(&StoredRules::from(roles))?, absent()),
            Change::Update { before, after } => self.update(&key, rules_update(before, after)?),
            Change::Delete(roles) => self.delete(&key, unchanged(roles)),
        }
    }

    fn scope_action(&self, change: &Change<Scope>) -> Result<TransactWriteItem, StoreError> {
        let key = key::scope(&change.record().id);
        match change {
            Change::Check(scope) => self.check(&key, version_is(scope.version.number())),
            Change::Create(scope) => self.put(&key, item(&StoredScope::from(scope))?, absent()),
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
        context: &CommitContext<'_>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let record = change.record();
        let key = key::collaborator(&record.client, &record.id);
        match change {
            Change::Check(collaborator) => {
                self.check(&key, version_is(collaborator.version.number()))
            }
            Change::Create(collaborator) => {
                if collaborator.grants.values().any(|grant| grant.role == Role::Unknown) {
                    // A person who moves: the rest of the stored grant would be lost.
                    return Err(StoreError::request("write", Unreadable("role")));
                }
                let mut item = item(&StoredCollaborator::from(collaborator))?;
                item.insert(
                    "gsi1pk".into(),
                    text(&key::address(&context.ids.address(&collaborator.email))),
                );
                item.insert("gsi1sk".into(), text(collaborator.client.as_str()));
                self.put(&key, item, absent_or_past(now))
            }
            Change::Update { before, after } => {
                self.update(&key, collaborator_update(before, after)?)
            }
            Change::Delete(collaborator) => {
                let mut expression = version_is(collaborator.version.number());
                expression.require("seat", AttributeValue::Bool(collaborator.seat));
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
            Change::Check(counter) | Change::Create(counter) | Change::Delete(counter) => {
                (counter, absent_or_past(now))
            }
            Change::Update { before, after } => {
                let mut expression = Expression::default();
                expression.require("lastMailAt", number(before.last_mail_at.millis()));
                let mut stored = item(&StoredCounter::from(before))?;
                for name in ["endingTold", "teamsNotified", "digestAt"] {
                    expression.require_same(name, stored.remove(name));
                }
                (after, expression)
            }
        };
        let key = key::counter(&counter.client, &counter.collaborator);
        self.put(&key, item(&StoredCounter::from(counter))?, condition)
    }

    fn history_action(
        &self,
        decision: &Decision,
        entry: &Entry,
        context: &CommitContext<'_>,
    ) -> Result<TransactWriteItem, StoreError> {
        let client = decision.collaborators().first().map(|change| &change.record().client);
        let client = client
            .or_else(|| decision.client().map(|change| &change.record().id))
            .ok_or_else(|| StoreError::request("write", "a history without a client"))?;
        let id = random::ulid(entry.at)?;
        let mut item = item(&StoredEntry::new(entry, context.request_id))?;
        if let Some(about) = &entry.collaborator {
            item.insert("gsi1pk".into(), text(&key::history_of(client, &about.id)));
            item.insert("gsi1sk".into(), text(&id));
        }
        self.put(&key::history(client, &id), item, absent())
    }

    pub(super) fn outbox_action(
        &self,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        self.put(&key::outbox(&mail.mail_id), item(&StoredMail::new(mail, now))?, absent())
    }

    pub(super) fn put(
        &self,
        key: &Key,
        mut item: Item,
        condition: Expression,
    ) -> Result<TransactWriteItem, StoreError> {
        item.extend(as_item(key));
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .set_condition_expression(condition.some_condition())
            .set_expression_attribute_names(some(condition.names))
            .set_expression_attribute_values(some(condition.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    pub(super) fn update(
        &self,
        key: &Key,
        expression: Expression,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(as_item(key)))
            .update_expression(expression.update())
            .condition_expression(expression.condition())
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(super) fn check(
        &self,
        key: &Key,
        expression: Expression,
    ) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(as_item(key)))
            .condition_expression(expression.condition())
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(some(expression.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    pub(super) fn delete(
        &self,
        key: &Key,
        expression: Expression,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(as_item(key)))
            .set_condition_expression(expression.some_condition())
            .set_expression_attribute_names(some(expression.names))
            .set_expression_attribute_values(some(expression.values))
            .build()
            .map_err(|error| StoreError::request("write", error))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

/// DynamoDB rejects an empty map of placeholders, and a condition on absence has no values.
fn some<V>(map: HashMap<String, V>) -> Option<HashMap<String, V>> {
    (!map.is_empty()).then_some(map)
}
