//! How a change is done: one read, one decision, one transaction; again where the world changed meanwhile.

use coulisses_domain::{
    decision::{Decision, Outcome},
    expire,
    history::Action,
    refusal::Refusal,
    scope::ClientId,
    time::Timestamp,
};

use crate::{
    app::App,
    http::{self, Code, Failure, IdempotencyKey, Reply, Request},
    table::{CommitContext, CommitError, ResponseToSave, SavedResponse, Slot, StoreError},
};

/// How often the world may change under a request before it is told to come again.
pub(crate) const TRIES: u32 = 3;

/// Which client a request is about, and what it is known by.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// The id of the request, for the history.
    pub id: Option<&'a str>,
    /// What it is known by when it comes again.
    pub key: Option<&'a IdempotencyKey>,
}

impl<'a> RequestContext<'a> {
    /// A request about `client`.
    #[must_use]
    pub fn new(client: &'a ClientId, request: &'a Request) -> Self {
        Self { client, id: http::request_id(request), key: None }
    }

    /// The same request, which gets its first answer again when it comes again under `key`.
    #[must_use]
    pub const fn once(self, key: Option<&'a IdempotencyKey>) -> Self {
        Self { key, ..self }
    }
}

impl App {
    /// Reads, decides and writes, again where the world changed meanwhile: three times at most.
    ///
    /// Where a seat is wanting, what has expired in the client is swept first, once, and then it is decided again.
    /// `load` reads the facts, `decide` decides on them, `reply` tells what was decided; under an idempotency key that
    /// reply is kept for a day by the very transaction that it tells of, and given again instead of a second change.
    ///
    /// # Errors
    /// What `load` and `decide` give; `idempotency-key-reused`; [`Failure::Busy`] if the world kept changing.
    pub async fn change<F, T, L: Future<Output = Result<F, StoreError>>>(
        &self,
        request: RequestContext<'_>,
        load: impl Fn(Timestamp) -> L,
        decide: impl Fn(&F, Timestamp) -> Result<Outcome<T>, Failure>,
        reply: impl Fn(&F, &T, Timestamp) -> Reply,
    ) -> Result<Reply, Failure> {
        let result = self.try_change(request, load, decide, reply).await;
        match (&result, request.key) {
            // The refusal may be the echo of the same request, which was done between the two reads.
            (Err(Failure::Refused(_) | Failure::Busy), Some(_)) => {
                Ok(self.kept(request, self.clock.now()).await?.map_or(result, Ok)?)
            }
            (_, _) => result,
        }
    }

    async fn try_change<F, T, L: Future<Output = Result<F, StoreError>>>(
        &self,
        request: RequestContext<'_>,
        load: impl Fn(Timestamp) -> L,
        decide: impl Fn(&F, Timestamp) -> Result<Outcome<T>, Failure>,
        reply: impl Fn(&F, &T, Timestamp) -> Reply,
    ) -> Result<Reply, Failure> {
        let mut swept = false;
        let mut tries = 0;
        while tries < TRIES {
            let now = self.clock.now();
            let read = async { load(now).await.map_err(Failure::from) };
            let (facts, kept) = tokio::try_join!(read, self.kept(request, now))?;
            if let Some(kept) = kept {
                return Ok(kept);
            }
            let outcome = match decide(&facts, now) {
                Err(Failure::Refused(Refusal::SeatLimitReached { .. })) if !swept => {
                    swept = true;
                    self.sweep(request).await?;
                    continue;
                }
                other => other?,
            };
            let reply = reply(&facts, &outcome.answer, now);
            let keeping = keeping(request, Slot::Whole, &reply)?;
            let context = CommitContext { keeping, ..self.context(request) };
            match self.write(&outcome.decision, context).await {
                Ok(()) => return Ok(reply),
                Err(CommitError::ConditionFailed) => tries += 1,
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        Err(Failure::Busy)
    }

    /// The answer that is kept for this request, if it was done already.
    async fn kept(
        &self,
        request: RequestContext<'_>,
        now: Timestamp,
    ) -> Result<Option<Reply>, Failure> {
        let Some(key) = request.key else { return Ok(None) };
        let answers = self.table.saved_responses(request.client, &key.digest, now).await?;
        answers.values().next().map(|kept| replayed(key, kept)).transpose()
    }

    /// Sweeps what has expired in a client, so that its seats are free; if others did meanwhile, that is as good.
    ///
    /// Whoever of those expired is changed at this very moment must not keep the others' seats taken: it is read and
    /// decided again, so that nobody is refused a seat that could be free.
    pub(crate) async fn sweep(&self, request: RequestContext<'_>) -> Result<(), Failure> {
        for _ in 0..TRIES {
            let now = self.clock.now();
            let partition = self.table.read_partition(request.client, now).await?;
            let Some(client) = partition.client else { return Ok(()) };
            let Some(decision) = expire::decide(&client, partition.collaborators.values(), now)
            else {
                return Ok(());
            };
            match self.write(&decision, self.context(request)).await {
                Ok(()) => return Ok(()),
                Err(CommitError::ConditionFailed) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        Err(Failure::Busy)
    }

    /// Writes `decision`, and counts the invitations in it, or that it is to be decided again.
    pub(crate) async fn write(
        &self,
        decision: &Decision,
        context: CommitContext<'_>,
    ) -> Result<(), CommitError> {
        let written = self.table.commit(decision, context).await;
        match &written {
            Ok(()) => {
                let entries = decision.history().iter();
                let invited = entries.filter(|entry| entry.action == Action::Invited).count();
                self.count("Invitations", invited);
            }
            Err(CommitError::ConditionFailed) => self.count("ConflictsRetried", 1),
            Err(CommitError::Store(_)) => {}
        }
        written
    }

    /// Writes a decision of a function that no request woke, once; `false` if the world changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] if the table did not do it, or it is not known whether it did.
    pub async fn write_once(
        &self,
        client: &ClientId,
        decision: &Decision,
        request_id: &str,
    ) -> Result<bool, StoreError> {
        let id = Some(request_id).filter(|id| !id.is_empty());
        let request = RequestContext { client, id, key: None };
        match self.table.commit(decision, self.context(request)).await {
            Ok(()) => Ok(true),
            Err(CommitError::ConditionFailed) => Ok(false),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// What is added to a decision about this request when it is written; no answer is kept with it.
    #[must_use]
    pub fn context<'a>(&'a self, request: RequestContext<'a>) -> CommitContext<'a> {
        CommitContext {
            ids: &self.settings.ids,
            limits: self.settings.limits,
            request_id: request.id,
            keeping: None,
            patience: self.table.patience(),
        }
    }
}

/// What is to be kept of `reply`, if the request has a key.
pub(crate) fn keeping<'a>(
    request: RequestContext<'a>,
    slot: Slot,
    reply: &Reply,
) -> Result<Option<ResponseToSave<'a>>, Failure> {
    let Some(key) = request.key else { return Ok(None) };
    let kept = SavedResponse { payload: key.payload.clone(), answer: reply.to_text()? };
    Ok(Some(ResponseToSave { client: request.client, digest: &key.digest, slot, kept }))
}

/// The kept answer, if the same was asked.
pub(crate) fn replayed(key: &IdempotencyKey, kept: &SavedResponse) -> Result<Reply, Failure> {
    if kept.payload == key.payload {
        Reply::from_text(&kept.answer)
    } else {
        Err(Code::IdempotencyKeyReused.into())
    }
}
