//! Dry runs: the same decision, without a write.

use std::time::Duration;

use coulisses_domain::{
    decision::Outcome, effects::Effects, expire, refusal::Refusal, time::Timestamp,
};

use crate::{
    app::App,
    basis::Basis,
    command::{CommandError, RequestContext},
    idempotency::Storable,
};

impl App {
    /// Decides one command like [`App::change`] on `basis`, and returns the response with the effects instead of writing.
    ///
    /// If no seat is free, the seats count as free that [`App::change`] would sweep.
    pub(crate) async fn preview<F: Basis, T, R: Storable>(
        &self,
        request: RequestContext<'_>,
        mut basis: F,
        decide: impl Fn(&F, Timestamp) -> Result<Outcome<T>, CommandError>,
        respond: impl Fn(&F, &T, Timestamp) -> R,
    ) -> Result<R, CommandError> {
        let now = self.clock.now();
        let outcome = match decide(&basis, now) {
            Err(CommandError::Refused(Refusal::SeatLimitReached { .. })) => {
                let records = self.table.read_client(request.client, now).await?;
                let facts = basis.facts_mut();
                let client = facts.and_then(|facts| {
                    facts.swept = true;
                    facts.client.as_mut()
                });
                if let Some(client) = client {
                    let all = records.collaborators.values();
                    let swept = expire::decide(client, all, Duration::ZERO, now);
                    let after = swept.as_ref().and_then(|swept| swept.client()?.outcome().cloned());
                    *client = after.unwrap_or_else(|| client.clone());
                }
                decide(&basis, now)?
            }
            other => other?,
        };
        let mut effects = Effects::default();
        if let Some(facts) = basis.facts() {
            effects.add(facts, &outcome.decision);
        }
        Ok(respond(&basis, &outcome.answer, now).into_preview(&effects))
    }
}
