//! A request at a scope, parsed once: its principal, its scope, and the principal as a caller in that client.

use coulisses_domain::{
    caller::Caller,
    facts::Facts,
    refusal::Refusal,
    scope::{ClientId, ScopeId},
    time::Timestamp,
};

use super::{Failure, Principal, Request, candidates::Place, idempotency, path, query, request_id};
use crate::{
    app::{App, Target},
    batch::Batch,
    command::RequestContext,
    idempotency::IdempotencyKey,
    table::{Reading, StoreError},
};

/// A request at a scope.
#[derive(Debug)]
pub struct Call<'a> {
    /// The request.
    pub request: &'a Request,
    /// The principal.
    pub principal: Principal,
    /// The scope that the path names.
    pub scope: ScopeId,
    /// The scope's client.
    pub client: ClientId,
    /// The principal as they are known in that client, still without their record.
    pub caller: Caller,
    /// Whether nothing is written, by the query.
    pub dry_run: bool,
}

impl<'a> Call<'a> {
    /// The records that every request at this scope reads: the client, the scope and the caller.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        self.place().reading()
    }

    /// The caller at the scope.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place { caller: &self.caller, client: &self.client, scope: &self.scope }
    }

    /// Reads the principal and the scope.
    ///
    /// # Errors
    /// Those of [`Principal::from_request`]; `scope-not-found` if the path names no scope.
    pub fn at_scope(app: &App, request: &'a Request) -> Result<Self, Failure> {
        Self::at(app, request, path::scope_id)
    }

    /// Like [`Self::at_scope`], for a scope that may not exist yet.
    ///
    /// # Errors
    /// Those of [`Principal::from_request`]; `invalid-scope` if the path names no scope.
    pub fn at_new_scope(app: &App, request: &'a Request) -> Result<Self, Failure> {
        Self::at(app, request, path::scope_to_write)
    }

    /// Like [`Self::at_scope`], for a route of clients.
    ///
    /// # Errors
    /// Those of [`Principal::from_request`]; `invalid-scope` if the path names no client.
    pub fn at_client(app: &App, request: &'a Request) -> Result<Self, Failure> {
        Self::at(app, request, |request| Ok(ScopeId::from(&path::client_of(request)?)))
    }

    fn at(
        app: &App,
        request: &'a Request,
        scope: impl Fn(&Request) -> Result<ScopeId, Failure>,
    ) -> Result<Self, Failure> {
        let principal = Principal::from_request(request, &app.settings)?;
        let dry_run = query::dry_run(request)?;
        let scope = scope(request)?;
        let client = scope.client();
        let caller = principal.caller_in(&client, &app.settings);
        Ok(Self { request, principal, scope, client, caller, dry_run })
    }

    /// Refuses a dry run of a request that has none.
    ///
    /// # Errors
    /// `malformed`.
    pub fn refuse_dry_run(&self) -> Result<(), Failure> {
        if self.dry_run {
            let french = "une connexion ne se simule pas\u{a0}: retirez dryRun";
            return Err(Failure::malformed(french, "a login has no dry run: omit dryRun"));
        }
        Ok(())
    }

    /// Reads the `Idempotency-Key`, if there is one.
    ///
    /// # Errors
    /// `malformed` if it is empty, repeated, longer than 255 bytes, or not visible ASCII.
    pub fn idempotency_key(&self) -> Result<Option<IdempotencyKey>, Failure> {
        idempotency::read(self.request, &self.principal)
    }

    /// The request as a command, which may be repeated under `key`.
    #[must_use]
    pub fn context<'b>(&'b self, key: Option<&'b IdempotencyKey>) -> RequestContext<'b> {
        let id = request_id(self.request);
        RequestContext { client: &self.client, id, key, dry_run: self.dry_run }
    }

    /// The request as a batch; `mails` says whether its collaborators may receive mails.
    #[must_use]
    pub fn batch<'b>(&'b self, key: Option<&'b IdempotencyKey>, mails: bool) -> Batch<'b> {
        Batch { request: self.context(key), caller: &self.caller, at: &self.scope, mails }
    }

    /// The valid fields of the request. If they are invalid, what `check` refuses comes first, so that the response to a
    /// caller who may not make the request does not depend on its fields (docs/decisions/0045-one-order-of-refusals.md).
    ///
    /// # Errors
    /// Those of `check`, of [`App::facts`] and of `fields`.
    pub async fn valid<T>(
        &self,
        app: &App,
        target: Target<'_>,
        check: impl FnOnce(&Facts, Timestamp) -> Result<(), Refusal>,
        fields: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if fields.is_err() {
            let now = app.clock.now();
            check(&self.facts(app, target, now).await?, now)?;
        }
        fields
    }

    /// Reads the facts of a command at the scope, in one trip.
    ///
    /// # Errors
    /// Those of [`App::facts`].
    pub async fn facts(
        &self,
        app: &App,
        target: Target<'_>,
        now: Timestamp,
    ) -> Result<Facts, StoreError> {
        app.facts(&self.caller, &self.scope, target, now).await
    }
}
