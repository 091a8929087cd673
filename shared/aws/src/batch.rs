//! Batches (docs/storage.md#batches): one read for all items, then one transaction for each item, in order. Items never run
//! in parallel, since all of them write the client's record. Each item is done as a whole, or not at all.

use std::{collections::BTreeMap, time::Duration};

use coulisses_domain::{
    caller::Caller, decision::Outcome, effects::Effects, expire, facts::Facts, ids::CollaboratorId,
    refusal::Refusal, scope::ScopeId, time::Timestamp,
};

use crate::{
    app::App,
    command::{Attempt, Busy, CommandError, RequestContext, replayed},
    idempotency::{Replay, Storable},
    table::{ClientRecords, Reading, Slot, StoreError, Table},
};

/// Where a batch takes place, and who asks for it.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The request.
    pub request: RequestContext<'a>,
    /// The caller, still without their record.
    pub caller: &'a Caller,
    /// The scope.
    pub at: &'a ScopeId,
    /// Whether the collaborators may receive mails, so that their mail counters are read.
    pub mails: bool,
}

/// One item of a batch.
#[derive(Clone, Debug)]
pub struct Item<C> {
    /// The collaborator.
    pub id: CollaboratorId,
    /// What to do.
    pub command: C,
}

/// A batch in progress, with the records as they are after the items so far.
struct Progress<'a> {
    batch: Batch<'a>,
    records: ClientRecords,
    /// The request's deadline by the service's clock, which tests set.
    until: Timestamp,
    /// Whether no expired seat is left to sweep.
    swept: bool,
    /// The effects of a dry run so far.
    effects: Effects,
}

/// The results of a batch, in the order of its items.
#[derive(Debug)]
pub struct Results<R, E> {
    /// The result of each item.
    pub items: Vec<Result<R, E>>,
    /// The effects of all of them, if nothing was written.
    pub dry_run: Option<Effects>,
}

impl App {
    /// Does each item of a batch on its own, in order, on what the items before it left. An item that is an error stays
    /// that error. An item that an earlier request under the same key did is not done again; its stored response is
    /// returned.
    ///
    /// `decide` and `respond` are those of [`App::change`]. An item that has not begun at the request's deadline is
    /// [`CommandError::Busy`].
    ///
    /// # Errors
    /// What concerns the whole batch: the caller may not give access here at all, the key was used for another batch,
    /// or the table does not answer.
    pub async fn change_each<C, T, R: Storable, E: From<CommandError>>(
        &self,
        batch: Batch<'_>,
        items: Vec<Result<Item<C>, E>>,
        decide: impl Fn(&Facts, &C, Timestamp) -> Result<Outcome<T>, CommandError>,
        respond: impl Fn(&Facts, &T, Timestamp) -> R,
    ) -> Result<Results<R, E>, CommandError> {
        let now = self.clock.now();
        let ids: Vec<&CollaboratorId> = items.iter().flatten().map(|item| &item.id).collect();
        let read = async { self.read_for(batch, ids, now).await.map_err(CommandError::from) };
        let stored = async { Ok(self.stored_responses(batch.request, now).await) };
        let (records, stored) = tokio::try_join!(read, stored)?;
        let until = now.after(Table::REQUEST_TIME);
        let mut progress =
            Progress { batch, records, until, swept: false, effects: Effects::default() };
        let permitted = self
            .facts_from(&progress.records, batch.caller, batch.at, None)
            .check_may_manage_access(now);
        let dry_run = batch.request.dry_run;
        let stored = if dry_run { Ok(BTreeMap::new()) } else { stored };
        let mut stored = replayed(permitted.as_ref().err(), stored)?;
        if (0..items.len()).any(|index| !stored.contains_key(&Slot::Item(index))) {
            permitted?;
        }
        let mut results = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            results.push(match (stored.remove(&Slot::Item(index)), item) {
                (Some(response), _) => Ok(Ok(response)),
                (None, Err(invalid)) => Err(invalid),
                (None, Ok(item)) => {
                    let done = self.change_item(&mut progress, (index, &item), &decide, &respond);
                    Ok(Box::pin(done).await)
                }
            });
        }
        // The first request under this key may have done an item after this one had looked for its response.
        let may_be_done = |result: &Result<Result<R, CommandError>, E>| {
            matches!(result, Ok(Err(CommandError::Refused(_) | CommandError::Busy(_))))
        };
        if batch.request.key.is_some() && !dry_run && results.iter().any(may_be_done) {
            let mut stored = self.stored_responses(batch.request, self.clock.now()).await?;
            for (index, result) in results.iter_mut().enumerate() {
                if may_be_done(result)
                    && let Some(Replay { response, .. }) = stored.remove(&Slot::Item(index))
                {
                    *result = Ok(Ok(response));
                }
            }
        }
        let items = results.into_iter().map(|result| result.and_then(|done| Ok(done?))).collect();
        Ok(Results { items, dry_run: dry_run.then_some(progress.effects) })
    }

    /// Does one item. After a conflict only the records of this item are read again.
    async fn change_item<C, T, R: Storable>(
        &self,
        progress: &mut Progress<'_>,
        (index, item): (usize, &Item<C>),
        decide: &impl Fn(&Facts, &C, Timestamp) -> Result<Outcome<T>, CommandError>,
        respond: &impl Fn(&Facts, &T, Timestamp) -> R,
    ) -> Result<R, CommandError> {
        let Batch { request, caller, at, .. } = progress.batch;
        self.run(progress, |progress: &mut Progress<'_>, now| async move {
            if now >= progress.until {
                return Err(Busy.into());
            }
            let facts = self.facts_from(&progress.records, caller, at, Some(&item.id));
            let facts = Facts { swept: progress.swept, ..facts };
            let written = match decide(&facts, &item.command, now) {
                Err(CommandError::Refused(Refusal::SeatLimitReached { .. }))
                    if !progress.swept && request.dry_run =>
                {
                    self.sweep_dry(progress, now).await?;
                    return Ok(Attempt::Continue(progress));
                }
                Err(CommandError::Refused(Refusal::SeatLimitReached { .. })) if !progress.swept => {
                    progress.swept = !self.sweep(request).await?;
                    true
                }
                Err(error) => return Err(error),
                Ok(outcome) => {
                    let response = respond(&facts, &outcome.answer, now);
                    let decision = &outcome.decision;
                    if request.dry_run {
                        progress.effects.add(&facts, decision);
                        progress.records.apply(decision);
                        return Ok(Attempt::Done(response));
                    }
                    let saved = request.response_to_save(Slot::Item(index), &response, decision)?;
                    let written = Box::pin(self.write_passing_on(decision, request, saved)).await?;
                    if let Some(decision) = written {
                        progress.records.apply(&decision);
                        return Ok(Attempt::Done(response));
                    }
                    false
                }
            };
            let again = self.read_for(progress.batch, vec![&item.id], now).await?;
            progress.records.replace(again, caller.id().into_iter().chain([&item.id]));
            Ok(Attempt::step(written, progress))
        })
        .await
    }

    /// Applies to the records of a dry run what [`App::sweep`] would write, until nothing is left to sweep.
    async fn sweep_dry(
        &self,
        progress: &mut Progress<'_>,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let mut read = self.table.read_client(progress.batch.request.client, now).await?;
        // The items so far have written nothing.
        read.collaborators.extend(progress.records.collaborators.clone());
        while let Some(client) = &progress.records.client
            && let Some(swept) =
                expire::decide(client, read.collaborators.values(), Duration::ZERO, now)
        {
            progress.records.apply(&swept);
            read.apply(&swept);
        }
        progress.swept = true;
        Ok(())
    }

    /// Reads the client, the scope, the caller and these collaborators, at once.
    async fn read_for(
        &self,
        batch: Batch<'_>,
        ids: Vec<&CollaboratorId>,
        now: Timestamp,
    ) -> Result<ClientRecords, StoreError> {
        let reading = Reading {
            client: batch.request.client,
            scopes: Some(batch.at).into_iter().filter(|scope| !scope.is_client()).collect(),
            counters: if batch.mails { ids.clone() } else { vec![] },
            collaborators: batch.caller.id().into_iter().chain(ids).collect(),
        };
        self.table.read(reading, now).await
    }
}
