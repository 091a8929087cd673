//! People who wait for a seat, and the clients that have some.
//!
//! The order is a list of ids in the client's own item. A schedule finds the clients by a mark: each person who enters a list
//! writes it, and the schedule removes it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use coulisses_domain::{
    collaborator::{Admission, Waiting},
    scope::ClientId,
    text::Message,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    CommitError, StoreError, Table,
    actor::{StoredActor, platform_client},
    any_item::Item,
    collaborator::StoredAccount,
    item::{Unreadable, optional},
    key,
    update::{Expression, number, text},
};
use crate::random;

/// What a person who waits becomes: imported with `pending_days`, or else invited.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredWaiting {
    pub by: StoredActor,
    pub by_client: Option<String>,
    pub since: i64,
    pub message: Option<String>,
    pub pending_days: Option<u16>,
    pub notify: Option<bool>,
    pub account: Option<StoredAccount>,
}

impl StoredWaiting {
    pub(super) fn new(waiting: &Waiting) -> Self {
        let stored = Self {
            by: StoredActor::new(&waiting.by),
            by_client: platform_client(&waiting.by),
            since: waiting.since.millis(),
            message: None,
            pending_days: None,
            notify: None,
            account: None,
        };
        match &waiting.admission {
            Admission::Invitation(message) => {
                Self { message: message.as_ref().map(|message| message.as_str().into()), ..stored }
            }
            Admission::Import { account, pending_days, notify } => Self {
                pending_days: Some(*pending_days),
                notify: Some(*notify),
                account: account.as_ref().map(StoredAccount::of_account),
                ..stored
            },
        }
    }

    pub(super) fn into_domain(self) -> Result<Waiting, Unreadable> {
        let admission = match self.pending_days {
            None => Admission::Invitation(
                optional("waiting.message", self.message.as_deref(), Message::parse)?.flatten(),
            ),
            Some(pending_days) => Admission::Import {
                account: self
                    .account
                    .map(StoredAccount::into_domain)
                    .transpose()?
                    .map(|it| it.account),
                pending_days,
                notify: self.notify.unwrap_or_default(),
            },
        };
        Ok(Waiting {
            by: self.by.into_domain(self.by_client)?,
            since: Timestamp::from_millis(self.since),
            admission,
        })
    }
}

/// A client that has people who wait, or had some.
#[derive(Clone, Debug)]
pub struct WaitingClient {
    /// The client.
    pub client: ClientId,
    /// Changes when someone enters the list.
    mark: String,
}

impl Table {
    /// The clients that have, or had, people who wait: one call a megabyte of the index, which is
    /// thousands of clients, and one for a hundred of them.
    ///
    /// The index is eventually consistent: a client of the last moments may be missing.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or an entry cannot be read.
    pub async fn waiting_clients(&self) -> Result<Vec<WaitingClient>, StoreError> {
        let keys = self.query_index(key::WAITING_CLIENTS).await?;
        let marked = self.batch_get(keys.iter()).await?.into_iter().filter_map(|(key, item)| {
            let mark = item.get("mark")?.as_s().ok()?.clone();
            Some(key::client_of_waiting(&key).map(|client| WaitingClient { client, mark }))
        });
        marked.collect()
    }

    /// Forgets a client whose list is empty, unless someone entered it since `waiting` was read.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn forget_waiting(&self, waiting: &WaitingClient) -> Result<(), StoreError> {
        let mut expression = Expression::default();
        expression.require("mark", text(&waiting.mark));
        let forget = self.delete(&key::waiting(&waiting.client), expression)?;
        match self.transact(&[forget]).await {
            Ok(()) | Err(CommitError::ConditionFailed) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Marks a client as one that has people who wait.
    pub(super) fn waiting_action(
        &self,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut marked = Item::from([("v".into(), number(1))]);
        marked.insert("mark".into(), text(&random::ulid(now)?));
        marked.insert("gsi1pk".into(), text(key::WAITING_CLIENTS));
        marked.insert("gsi1sk".into(), text(client.as_str()));
        self.put(&key::waiting(client), marked, Expression::default())
    }
}
