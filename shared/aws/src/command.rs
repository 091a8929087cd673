//! The read-decide-write loop. Every decision is written here: single commands, the sweep of expired seats, batches, the
//! seat audit and erasure. Only what is decided by one conditional update is not: the login of an active collaborator, and
//! the delivery status of a mail.
//!
//! An attempt reads the records, decides, and writes the decision as one transaction, whose conditions restate what was
//! read. If a condition fails, someone else changed a record in between, so the next attempt reads and decides again.
//! Nothing here knows HTTP: a response is a value that can be stored ([`Storable`]).

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use coulisses_domain::{
    decision::{Decision, Outcome},
    expire,
    history::{Action, Entry},
    refusal::Refusal,
    scope::ClientId,
    time::Timestamp,
    waiting,
};

use crate::{
    app::App,
    basis::Basis,
    idempotency::{IdempotencyError, IdempotencyKey, Replay, Storable},
    random::NoRandomness,
    table::{CommitContext, CommitError, ResponseToSave, Slot, StoreError},
};

/// How many conflicts in a row end the loop.
const MOST_CONFLICTS: u32 = 3;

/// The outcome of one attempt. `S` is what the next attempt starts from.
#[derive(Debug)]
pub enum Attempt<S, T> {
    /// There is nothing more to do.
    Done(T),
    /// A step was written, and the next one is decided on what is read then.
    Continue(S),
    /// A condition failed: another request changed a record in between.
    Conflict(S),
}

impl<S, T> Attempt<S, T> {
    /// A step that was written, or not because of a conflict.
    #[must_use]
    pub fn step(written: bool, state: S) -> Self {
        if written { Self::Continue(state) } else { Self::Conflict(state) }
    }
}

/// The records kept changing, or the request ran out of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the records kept changing, or time ran out")]
pub struct Busy;

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The table did not answer, or holds an unreadable record.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It may succeed later.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The response could not be stored, or that of the first request not returned.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
}

impl From<NoRandomness> for CommandError {
    fn from(error: NoRandomness) -> Self {
        Self::Store(error.into())
    }
}

impl From<Busy> for StoreError {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

/// The client that a request is about, and how the request is known when it is repeated.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// The request's id, which the history stores.
    pub id: Option<&'a str>,
    /// The idempotency key, if the request has one.
    pub key: Option<&'a IdempotencyKey>,
    /// Whether nothing is written.
    pub dry_run: bool,
}

impl<'a> RequestContext<'a> {
    /// An event that is not an HTTP request, such as that of a schedule.
    #[must_use]
    pub fn for_event(client: &'a ClientId, request_id: &'a str) -> Self {
        let id = Some(request_id).filter(|id| !id.is_empty());
        Self { client, id, key: None, dry_run: false }
    }

    /// The response as it is stored, if the request has a key.
    pub(crate) fn response_to_save<R: Storable>(
        self,
        slot: Slot,
        response: &R,
        decision: &Decision,
    ) -> Result<Option<ResponseToSave<'a>>, IdempotencyError> {
        let own = decision.history().iter().any(Entry::is_own);
        self.key.map(|key| key.response_to_save(self.client, slot, (response, own))).transpose()
    }
}

/// The stored responses that answer a repeated request. `refusal` is what the rules answer this caller, if they refuse.
///
/// A caller who cannot see the scope any more gets a stored response only if the request itself changed their access. A key
/// that was used for another request is reported only to a caller who could make this one.
pub(crate) fn replayed<R>(
    refusal: Option<&Refusal>,
    stored: Result<BTreeMap<Slot, Replay<R>>, CommandError>,
) -> Result<BTreeMap<Slot, R>, CommandError> {
    match stored {
        Ok(replays)
            if refusal == Some(&Refusal::ScopeNotFound)
                && !replays.values().any(|replay| replay.own) =>
        {
            Ok(BTreeMap::new())
        }
        Err(CommandError::Idempotency(IdempotencyError::KeyReused))
            if refusal.is_some_and(Refusal::precedes_the_request) =>
        {
            Ok(BTreeMap::new())
        }
        stored => Ok(stored?.into_iter().map(|(slot, replay)| (slot, replay.response)).collect()),
    }
}

/// The refusal of a command, if the rules refused it.
const fn refusal_in<T>(decided: &Result<T, CommandError>) -> Option<&Refusal> {
    match decided {
        Err(CommandError::Refused(refusal)) => Some(refusal),
        Ok(_) | Err(_) => None,
    }
}

impl App {
    /// Runs `attempt` with the current time until it is done, first on `state`, then on what the attempt before returned.
    ///
    /// # Errors
    /// What `attempt` returns; [`Busy`] after three conflicts in a row, or if the request has no time for another attempt.
    pub async fn run<S, T, E: From<Busy>, A: Future<Output = Result<Attempt<S, T>, E>>>(
        &self,
        mut state: S,
        attempt: impl Fn(S, Timestamp) -> A,
    ) -> Result<T, E> {
        let mut conflicts = 0;
        loop {
            state = match attempt(state, self.clock.now()).await? {
                Attempt::Done(value) => return Ok(value),
                Attempt::Continue(next) => {
                    conflicts = 0;
                    next
                }
                Attempt::Conflict(next) => {
                    conflicts += 1;
                    next
                }
            };
            if conflicts == MOST_CONFLICTS || !self.table.has_time() {
                return Err(Busy.into());
            }
        }
    }

    /// Does one command: reads its facts with `load`, decides with `decide`, writes the decision, and returns what
    /// `respond` makes of it.
    ///
    /// If no seat is free, the client's expired seats are swept once, and the command is decided again. With an idempotency
    /// key, the transaction that writes the decision also stores the response, which a repeated request gets back.
    ///
    /// # Errors
    /// What `load` and `decide` return; [`CommandError::Idempotency`]; [`CommandError::Busy`].
    pub async fn change<F: Basis, T, R: Storable, L: Future<Output = Result<F, StoreError>>>(
        &self,
        request: RequestContext<'_>,
        load: impl Fn(Timestamp) -> L,
        decide: impl Fn(&F, Timestamp) -> Result<Outcome<T>, CommandError>,
        respond: impl Fn(&F, &T, Timestamp) -> R,
    ) -> Result<R, CommandError> {
        let (load, decide, respond) = (&load, &decide, &respond);
        if request.dry_run {
            let basis = load(self.clock.now()).await?;
            return self.preview(request, basis, decide, respond).await;
        }
        let attempt = |swept: bool, now| async move {
            let read = async { load(now).await.map_err(CommandError::from) };
            let stored = async { Ok(self.stored_responses(request, now).await) };
            let (mut facts, stored) = tokio::try_join!(read, stored)?;
            if let Some(facts) = facts.facts_mut() {
                facts.swept = swept;
            }
            // Read after the facts: what is decided on them happens later than what led to them.
            let now = self.clock.now();
            let decided = decide(&facts, now);
            if let Some(response) = replayed(refusal_in(&decided), stored)?.remove(&Slot::Whole) {
                return Ok(Attempt::Done(response));
            }
            let outcome = match decided {
                Err(CommandError::Refused(Refusal::SeatLimitReached { .. })) if !swept => {
                    self.sweep(request).await?;
                    return Ok(Attempt::Continue(true));
                }
                other => other?,
            };
            let response = respond(&facts, &outcome.answer, now);
            let saved = request.response_to_save(Slot::Whole, &response, &outcome.decision)?;
            let written = self.write(&outcome.decision, request, saved).await?;
            Ok(if written { Attempt::Done(response) } else { Attempt::Conflict(swept) })
        };
        let result = self.run(false, attempt).await;
        match (&result, request.key) {
            // The first request under this key may have been written after this one had looked for its response.
            (Err(CommandError::Refused(_) | CommandError::Busy(_)), Some(_)) => {
                let stored = self.stored_responses(request, self.clock.now()).await;
                replayed(refusal_in(&result), stored)?.remove(&Slot::Whole).map_or(result, Ok)
            }
            (_, _) => result,
        }
    }

    /// The stored responses to this request, if it has a key and was done before.
    pub(crate) async fn stored_responses<R: Storable>(
        &self,
        request: RequestContext<'_>,
        now: Timestamp,
    ) -> Result<BTreeMap<Slot, Replay<R>>, CommandError> {
        let Some(key) = request.key else { return Ok(BTreeMap::new()) };
        Ok(key.stored_responses(&self.table, request.client, now).await?)
    }

    /// Sweeps expired seats of the client, [`expire::MAX_SWEPT`] at most; `false` if there is none.
    ///
    /// If one of the expired collaborators changes in between, the sweep is decided again for the others.
    pub(crate) async fn sweep(&self, request: RequestContext<'_>) -> Result<bool, CommandError> {
        self.run((), |(), now| async move {
            let records = self.table.read_client(request.client, now).await?;
            let decision = records.client.and_then(|client| {
                let all = records.collaborators.values();
                expire::decide(&client, all, Duration::ZERO, now)
            });
            let Some(decision) = decision else { return Ok(Attempt::Done(false)) };
            let written = self.write(&decision, request, None).await?;
            Ok(if written { Attempt::Done(true) } else { Attempt::Conflict(()) })
        })
        .await
    }

    /// Writes a decision and the response to it; `false` if a condition failed.
    ///
    /// # Errors
    /// Those of [`App::write_passing_on`].
    pub async fn write(
        &self,
        decision: &Decision,
        request: RequestContext<'_>,
        response: Option<ResponseToSave<'_>>,
    ) -> Result<bool, StoreError> {
        Ok(Box::pin(self.write_passing_on(decision, request, response)).await?.is_some())
    }

    /// Writes a decision and the response to it, and counts the invitations in it. A seat that it releases is passed on to
    /// someone who waits, in the same transaction. Returns what was written; `None` if a condition failed.
    ///
    /// # Errors
    /// [`StoreError`] if the table did not write it, or it is unknown whether it did.
    pub(crate) async fn write_passing_on<'a>(
        &self,
        decision: &'a Decision,
        request: RequestContext<'_>,
        response: Option<ResponseToSave<'_>>,
    ) -> Result<Option<Cow<'a, Decision>>, StoreError> {
        let passed = match waiting::released_by(decision) {
            Some(client) => self.passing_on(decision, client).await?,
            None => None,
        };
        let decision = passed.map_or(Cow::Borrowed(decision), Cow::Owned);
        let context = CommitContext {
            ids: &self.settings.ids,
            limits: self.settings.limits,
            request_id: request.id,
            response,
        };
        match self.table.commit(&decision, context).await {
            Ok(()) => {
                let count = |action| {
                    decision.history().iter().filter(|entry| entry.action == action).count()
                };
                self.count("Invitations", count(Action::Invited));
                self.count("SeatsPassed", count(Action::SeatPassed));
                Ok(Some(decision))
            }
            Err(CommitError::ConditionFailed) => {
                self.count("ConflictsRetried", 1);
                Ok(None)
            }
            Err(CommitError::Store(error)) => Err(error),
        }
    }
}
