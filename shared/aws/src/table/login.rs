//! Recording a login of an active collaborator in one call: the condition is on the record itself.

use std::{collections::HashMap, iter};

use coulisses_domain::{
    collaborator::{Account, Collaborator},
    ids::CollaboratorId,
    role::Role,
    scope::ClientId,
    time::Timestamp,
};

use super::{
    ClientRecords, StoreError, Table,
    difference::version_is,
    key::{self, Key},
    load::Named,
    update::{Expression, number, text},
};

impl Table {
    /// Records a login at `now`, if the collaborator is bound to `account` and no later login is recorded. Returns their
    /// record, whether it was updated or not.
    ///
    /// The condition restates `coulisses_domain::login`, which then decides on the returned record. If the update was
    /// refused, the login is refused, needs a larger change or changes nothing. A second trip reads the events that the
    /// collaborator has grants on, since these can end with them.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails, the table stays busy or the record cannot be read.
    pub async fn log_in(
        &self,
        client: &ClientId,
        (id, account): (&CollaboratorId, &Account),
        now: Timestamp,
    ) -> Result<ClientRecords, StoreError> {
        let mut expression = Expression::default();
        expression.require("account.iss", text(&account.iss));
        expression.require("account.sub", text(&account.sub));
        expression.require_before("lastLoginAt", now);
        expression.set("lastLoginAt", number(now.millis()));
        let key = key::collaborator(client, id);
        let updated = self.update_if(&key, expression).await?;
        let recorded = updated.is_done();
        let mut found = ClientRecords::default();
        if let Some(item) = updated.item() {
            found.take(client, &Named::Collaborator(id.clone()), &key, item, now)?;
        }
        // A first login writes the permissions of roles into the history.
        let has_named = |it: &Collaborator| {
            let mut grants = it.grants.values();
            !recorded && grants.any(|grant| matches!(grant.role, Role::Named(_)))
        };
        let can_end = |it: &Collaborator| it.unread_events().next().is_some();
        if found.collaborators.values().any(|it| has_named(it) || can_end(it)) {
            let events = found.collaborators.values().flat_map(Collaborator::unread_events);
            let events = events.map(|event| (key::scope(event), Named::Scope(event.clone())));
            let own = iter::once((key::client_rules(client), Named::Rules));
            let wanted: HashMap<Key, Named> = own.chain(events).collect();
            for (key, item) in self.batch_get(wanted.keys()).await? {
                if let Some(named) = wanted.get(&key) {
                    found.take(client, named, &key, item, now)?;
                }
            }
        }
        Ok(found.resolved())
    }

    /// Records on `record`, if it is unchanged, that a login of another account was refused at `now`.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails or the table stays busy.
    pub async fn refuse_login(
        &self,
        record: &Collaborator,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Otherwise the update could create a record in place of one that was deleted meanwhile.
        let mut expression = version_is(record.version.number());
        expression.set("refusedLoginAt", number(now.millis()));
        let key = key::collaborator(&record.client, &record.id);
        self.update_if(&key, expression).await.map(drop)
    }
}
