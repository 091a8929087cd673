//! The body of a batch of revocations.

use coulisses_aws::{batch::Item, http::Failure};
use coulisses_domain::{
    ids::CollaboratorId, precondition::Precondition, refusal::Refusal, revoke::RevokeCommand,
};
use serde::Deserialize;

use crate::extent;

/// The most collaborators at once.
const MOST: usize = 100;

/// The request body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocations {
    ids: Vec<String>,
    below: Option<bool>,
}

impl Revocations {
    /// The items. A malformed id gets the same response as an unknown one.
    pub fn into_items(self) -> Result<Vec<Result<Item<RevokeCommand>, Failure>>, Failure> {
        Failure::check_count("/ids", self.ids.len(), MOST)?;
        let version = Precondition::None;
        let item = |id: &String| {
            let id = CollaboratorId::parse(id).map_err(|_| Refusal::CollaboratorNotFound)?;
            let command = RevokeCommand { extent: extent(self.below), version, reason: None };
            Ok(Item { id, command })
        };
        Ok(self.ids.iter().map(item).collect())
    }
}
