//! Idempotency (docs/storage.md#idempotency): a request that is repeated under the same key gets the stored response, and
//! nothing is done twice.

use std::{collections::BTreeMap, error::Error, iter};

use coulisses_domain::{effects::Effects, scope::ClientId, time::Timestamp};
use futures_util::future::try_join_all;

use crate::table::{ResponseToSave, SavedResponse, Slot, StoreError, Table};

/// A response that can be stored as text and read back.
pub trait Storable: Sized {
    /// The response as text.
    ///
    /// # Errors
    /// Why it cannot be written.
    fn to_text(&self) -> Result<String, Box<dyn Error + Send + Sync>>;

    /// Reads what [`Storable::to_text`] wrote.
    ///
    /// # Errors
    /// Why it cannot be read. The error must not quote the response, since it is logged.
    fn from_text(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>>;

    /// The response to a dry run: what the response would be, and the effects.
    #[must_use]
    fn into_preview(self, effects: &Effects) -> Self;
}

/// The identity of a request that may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The hash of the caller's account, the route, its parameters and the key that the caller chose.
    pub digest: String,
    /// The same hash of a key that came in quotes, with its quotes. The version before stores and finds the response under
    /// it, so this one does too (docs/decisions/0058-clients-are-generated.md#keys-in-quotes).
    pub with_quotes: Option<String>,
    /// The hash of the body.
    pub payload: String,
}

/// Why a response could not be stored or returned again.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The key was used for a request with another body.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The response cannot be written or read.
    #[error("a stored response cannot be read or written")]
    Response(#[source] Box<dyn Error + Send + Sync>),
    /// The table did not answer, or holds an unreadable response.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A response that is returned again.
#[derive(Debug)]
pub(crate) struct Replay<R> {
    /// The response.
    pub response: R,
    /// Whether the request changed the caller's own access. Otherwise only a caller who can see the scope gets the response.
    pub own: bool,
}

impl IdempotencyKey {
    /// `response` as it is stored.
    pub(crate) fn response_to_save<'a, R: Storable>(
        &'a self,
        client: &'a ClientId,
        slot: Slot,
        (response, own): (&R, bool),
    ) -> Result<ResponseToSave<'a>, IdempotencyError> {
        let response = response.to_text().map_err(IdempotencyError::Response)?;
        let saved = SavedResponse { payload: self.payload.clone(), response, own };
        Ok(ResponseToSave { client, digests: self.digests().collect(), slot, saved })
    }

    /// The responses that are stored under this key, by the part of the request that each one answers.
    pub(crate) async fn stored_responses<R: Storable>(
        &self,
        table: &Table,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<BTreeMap<Slot, Replay<R>>, IdempotencyError> {
        let saved = self.digests().map(|digest| table.saved_responses(client, digest, now));
        let saved = try_join_all(saved).await?;
        let saved = saved.iter().flatten();
        saved.map(|(slot, saved)| Ok((*slot, self.replay(saved)?))).collect()
    }

    fn digests(&self) -> impl Iterator<Item = &str> {
        iter::once(&self.digest).chain(&self.with_quotes).map(String::as_str)
    }

    fn replay<R: Storable>(&self, saved: &SavedResponse) -> Result<Replay<R>, IdempotencyError> {
        if saved.payload == self.payload {
            let response = R::from_text(&saved.response).map_err(IdempotencyError::Response)?;
            Ok(Replay { response, own: saved.own })
        } else {
            Err(IdempotencyError::KeyReused)
        }
    }
}
