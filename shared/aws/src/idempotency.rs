//! Idempotency: a request that is repeated under the same key gets the stored response, and nothing is done twice.

use std::{collections::BTreeMap, error::Error};

use coulisses_domain::time::Timestamp;

use crate::{
    app::App,
    command::{CommandError, RequestContext},
    table::{ResponseToSave, SavedResponse, Slot},
};

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
}

/// What identifies a request that may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The hash of the caller's account, the route, its parameters and the key that the caller chose.
    pub digest: String,
    /// The hash of the body.
    pub payload: String,
}

impl IdempotencyKey {
    /// Reads the response that is stored under this key.
    fn replay<R: Storable>(&self, saved: &SavedResponse) -> Result<R, CommandError> {
        if saved.payload == self.payload {
            R::from_text(&saved.response).map_err(CommandError::Response)
        } else {
            Err(CommandError::IdempotencyKeyReused)
        }
    }
}

impl<'a> RequestContext<'a> {
    /// The response in the form in which it is stored, if the request has a key.
    pub(crate) fn response_to_save<R: Storable>(
        self,
        slot: Slot,
        response: &R,
    ) -> Result<Option<ResponseToSave<'a>>, CommandError> {
        let Some(key) = self.key else { return Ok(None) };
        let response = response.to_text().map_err(CommandError::Response)?;
        let saved = SavedResponse { payload: key.payload.clone(), response };
        Ok(Some(ResponseToSave { client: self.client, digest: &key.digest, slot, saved }))
    }
}

impl App {
    /// The stored response to this request, if it was done before.
    pub(crate) async fn stored_response<R: Storable>(
        &self,
        request: RequestContext<'_>,
        now: Timestamp,
    ) -> Result<Option<R>, CommandError> {
        Ok(self.stored_responses(request, now).await?.into_values().next())
    }

    /// The stored responses to this request, by the part of it that each one answers.
    pub(crate) async fn stored_responses<R: Storable>(
        &self,
        request: RequestContext<'_>,
        now: Timestamp,
    ) -> Result<BTreeMap<Slot, R>, CommandError> {
        let Some(key) = request.key else { return Ok(BTreeMap::new()) };
        let saved = self.table.saved_responses(request.client, &key.digest, now).await?;
        saved.iter().map(|(slot, saved)| Ok((*slot, key.replay(saved)?))).collect()
    }
}
