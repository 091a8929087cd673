//! How a batch is done (`storage.md`, "A batch"): one read, then one transaction an item, in order, never in parallel,
//! since all of them share the client's item. An item is done whole, or not at all.

use std::{collections::BTreeMap, time::Duration};

use coulisses_domain::{
    collaborator::CollaboratorId,
    decision::Outcome,
    facts::{Caller, Facts},
    refusal::Refusal,
    scope::ScopeId,
    time::Timestamp,
};

use crate::{
    app::App,
    change::{RequestContext, TRIES, keeping, replayed},
    http::{Failure, Reply},
    table::{CommitContext, CommitError, Found, Reading, Slot, StoreError},
};

/// How long a batch may take; what is left then is to be asked for again (`storage.md`). A function has 28 seconds.
const TIME: Duration = Duration::from_secs(24);

/// Where a batch takes place, and who asks for it.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The request.
    pub request: RequestContext<'a>,
    /// Who calls, still without a record.
    pub caller: &'a Caller,
    /// The scope.
    pub at: &'a ScopeId,
    /// Whether the people may be mailed, so that the counts of their mails matter.
    pub mails: bool,
}

/// An item: whom it is about, and what is wanted.
#[derive(Clone, Debug)]
pub struct Item<W> {
    /// The collaborator.
    pub id: CollaboratorId,
    /// What is wanted.
    pub command: W,
}

/// A batch under way: what is known of the world, kept up to date with what was written.
struct Progress<'a> {
    batch: Batch<'a>,
    found: Found,
    until: Timestamp,
    swept: bool,
}

impl App {
    /// Does each item of a batch by itself, in order, with what the others left; an item that was wrong in itself stays
    /// so. What a request under the same key did already is not done again, but answered as it was.
    ///
    /// `decide` and `reply` are those of [`App::change`]. Time is short: what is not begun after 24 seconds is
    /// answered `try-again`.
    ///
    /// # Errors
    /// What holds for the whole batch: the caller may not give access here at all, the key was used for another
    /// batch, or the table does not answer.
    pub async fn change_each<W, T>(
        &self,
        batch: Batch<'_>,
        items: Vec<Result<Item<W>, Failure>>,
        decide: impl Fn(&Facts, &W, Timestamp) -> Result<Outcome<T>, Failure>,
        reply: impl Fn(&Facts, &T, Timestamp) -> Reply,
    ) -> Result<Vec<Result<Reply, Failure>>, Failure> {
        let now = self.clock.now();
        let ids: Vec<&CollaboratorId> = items.iter().flatten().map(|item| &item.id).collect();
        let read = async { self.read_for(batch, ids, now).await.map_err(Failure::from) };
        let (found, mut kept) = tokio::try_join!(read, self.kept_items(batch.request, now))?;
        let mut progress = Progress { batch, found, until: now.after(TIME), swept: false };
        if (0..items.len()).any(|index| !kept.contains_key(&index)) {
            self.facts_from(&progress.found, batch.caller, batch.at, None).may_give_at_all(now)?;
        }
        let mut results = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            results.push(match (kept.remove(&index), item) {
                (Some(done), _) => Ok(done),
                (None, Err(wrong)) => Err(wrong),
                (None, Ok(item)) => {
                    self.change_item(&mut progress, (index, &item), &decide, &reply).await
                }
            });
        }
        // A refusal may be the echo of the same batch, which was at the item between the two reads.
        let is_echo = |result: &Result<Reply, Failure>| {
            matches!(result, Err(Failure::Refused(_) | Failure::Busy))
        };
        if batch.request.key.is_some() && results.iter().any(is_echo) {
            let mut kept = self.kept_items(batch.request, self.clock.now()).await?;
            for (index, result) in
                results.iter_mut().enumerate().filter(|(_, result)| is_echo(result))
            {
                if let Some(done) = kept.remove(&index) {
                    *result = Ok(done);
                }
            }
        }
        Ok(results)
    }

    /// Does one item, again where the world changed meanwhile: only what failed is read again.
    async fn change_item<W, T>(
        &self,
        progress: &mut Progress<'_>,
        (index, item): (usize, &Item<W>),
        decide: &impl Fn(&Facts, &W, Timestamp) -> Result<Outcome<T>, Failure>,
        reply: &impl Fn(&Facts, &T, Timestamp) -> Reply,
    ) -> Result<Reply, Failure> {
        let Batch { request, caller, at, .. } = progress.batch;
        let mut tries = 0;
        while tries < TRIES {
            let now = self.clock.now();
            if now >= progress.until {
                return Err(Failure::Busy);
            }
            let facts = self.facts_from(&progress.found, caller, at, Some(&item.id));
            match decide(&facts, &item.command, now) {
                Err(Failure::Refused(Refusal::SeatLimitReached { .. })) if !progress.swept => {
                    progress.swept = true;
                    self.sweep(request).await?;
                }
                Err(failure) => return Err(failure),
                Ok(outcome) => {
                    let reply = reply(&facts, &outcome.answer, now);
                    let context = CommitContext {
                        keeping: keeping(request, Slot::Item(index), &reply)?,
                        patience: progress.until.since(now).min(self.table.patience()),
                        ..self.context(request)
                    };
                    match self.write(&outcome.decision, context).await {
                        Ok(()) => {
                            progress.found.apply(&outcome.decision);
                            return Ok(reply);
                        }
                        Err(CommitError::ConditionFailed) => tries += 1,
                        Err(CommitError::Store(error)) => return Err(error.into()),
                    }
                }
            }
            let again = self.read_for(progress.batch, vec![&item.id], now).await?;
            progress.found.renew(again, caller.id().into_iter().chain([&item.id]));
        }
        Err(Failure::Busy)
    }

    /// Reads the client, the scope, who calls, and these people, at once.
    async fn read_for(
        &self,
        batch: Batch<'_>,
        ids: Vec<&CollaboratorId>,
        now: Timestamp,
    ) -> Result<Found, StoreError> {
        let reading = Reading {
            client: batch.request.client,
            scopes: Some(batch.at).into_iter().filter(|scope| !scope.is_client()).collect(),
            counters: if batch.mails { ids.clone() } else { vec![] },
            collaborators: batch.caller.id().into_iter().chain(ids).collect(),
        };
        self.table.read(reading, now).await
    }

    /// What the same batch was answered already, by item.
    async fn kept_items(
        &self,
        request: RequestContext<'_>,
        now: Timestamp,
    ) -> Result<BTreeMap<usize, Reply>, Failure> {
        let Some(key) = request.key else { return Ok(BTreeMap::new()) };
        let mut replies = BTreeMap::new();
        for (slot, kept) in self.table.saved_responses(request.client, &key.digest, now).await? {
            let reply = replayed(key, &kept)?;
            if let Slot::Item(index) = slot {
                replies.insert(index, reply);
            }
        }
        Ok(replies)
    }
}
