//! Recording a login of somebody active: one trip, since his record says by itself whether it may be written.

use coulisses_domain::{
    collaborator::{Account, CollaboratorId},
    scope::ClientId,
    time::Timestamp,
};

use super::{
    Found, StoreError, Table, key,
    load::Named,
    update::{Expression, number, text},
};

impl Table {
    /// Writes a login at `now` into the record of `id`, if that is bound to `account` and knows of no later login, and
    /// returns the record as it is then, written or not, if there is one.
    ///
    /// The condition restates `coulisses_domain::login`, which decides on what is returned: whatever is not written here
    /// is refused there, written with more, or has nothing to be written.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
    pub async fn log_in(
        &self,
        client: &ClientId,
        (id, account): (&CollaboratorId, &Account),
        now: Timestamp,
    ) -> Result<Found, StoreError> {
        let mut expression = Expression::default();
        expression.require("account.iss", text(&account.iss));
        expression.require("account.sub", text(&account.sub));
        expression.require_before("lastLoginAt", now);
        expression.set("lastLoginAt", number(now.millis()));
        let key = key::collaborator(client, id);
        let updated = self.update_if(&key, expression).await?;
        let mut found = Found::default();
        if let Some(item) = updated.item() {
            found.take(client, &Named::User(id.clone()), &key, item, now)?;
        }
        Ok(found)
    }
}
