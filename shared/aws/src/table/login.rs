//! Recording a login of an active collaborator in one call: the condition is on the record itself.

use coulisses_domain::{
    collaborator::Account, ids::CollaboratorId, scope::ClientId, time::Timestamp,
};

use super::{
    ClientRecords, StoreError, Table, key,
    load::Named,
    update::{Expression, number, text},
};

impl Table {
    /// Records a login at `now`, if the collaborator is bound to `account` and no later login is recorded. Returns their
    /// record, whether it was updated or not.
    ///
    /// The condition restates `coulisses_domain::login`, which then decides on the returned record. If the update was
    /// refused, the login is refused, needs a larger change or changes nothing.
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
        let mut found = ClientRecords::default();
        if let Some(item) = updated.item() {
            found.take(client, &Named::Collaborator(id.clone()), &key, item, now)?;
        }
        Ok(found)
    }
}
