//! Permission checks in a service that can read the table of Coulisses: one strongly consistent `BatchGetItem` for a check,
//! decided by the rules of the API itself. The answer is that of `POST /v1/checks` to the platform.
//!
//! The README has an example, the permissions in AWS and what a version must match.

use std::collections::BTreeMap;

use coulisses_aws::table::{Part, Table};
pub use coulisses_aws::{
    clock::Clock,
    ids::{IdKey, TooShort},
    sdk::SdkConfig,
    table::StoreError,
};
pub use coulisses_domain::{
    self as domain, collaborator::Account, email::Email, permission::Permission, role::RoleName,
    scope::ScopeId, time::Timestamp,
};
use coulisses_domain::{
    actor::OauthClient,
    caller::Caller,
    check::{self, Basis, CheckFacts, Explained, Question},
};

/// Checks permissions on the table of a deployment. Create one, and clone it as needed.
#[derive(Clone)]
pub struct Checks {
    table: Table,
    ids: IdKey,
    clock: Clock,
}

/// Who is asked about.
#[derive(Clone, Debug)]
pub struct Person {
    /// The verified address.
    pub email: Email,
    /// The account that the person is logged in with. If there is one, nothing is allowed under another account than the one
    /// that accepted the invitation. `None` asks about the address alone.
    pub account: Option<Account>,
}

/// The answer to a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The grant that allows it; `None` is a denial.
    pub because: Option<Because>,
    /// What a cache needs (docs/caching.md); `None` if the person has no grant at the scope or above it.
    pub basis: Option<Basis>,
}

/// The grant that allows something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Because {
    /// The scope of the grant.
    pub scope: ScopeId,
    /// Its role.
    pub role: RoleName,
}

impl Answer {
    /// Whether it is allowed.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.because.is_some()
    }
}

impl Checks {
    /// Opens the table `name`, with the deployment's key of ids.
    #[must_use]
    pub fn open(config: &SdkConfig, name: String, ids: IdKey) -> Self {
        Self { table: Table::open(config, name), ids, clock: Clock::system() }
    }

    /// The same with another clock, for tests.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Whether a person has a permission at a scope, which need not exist. Unknown, pending, suspended and expired people
    /// are allowed nothing.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record. Never take it for an allow.
    pub async fn check(
        &self,
        person: &Person,
        scope: &ScopeId,
        permission: Permission,
    ) -> Result<Answer, StoreError> {
        let now = self.clock.now();
        let client = scope.client();
        let id = self.ids.collaborator(&client, &person.email);
        let question = Question {
            about: Some(id.clone()),
            account: person.account.clone(),
            scope: scope.clone(),
            level: None,
            permission,
        };
        let part = Part {
            settings: question.needs_granting(),
            // Grants on an event or a community can end with it.
            scopes: Some(scope).into_iter().filter(|scope| scope.is_leaf()).collect(),
            collaborators: vec![&id],
        };
        let parts = BTreeMap::from([(client.clone(), part)]);
        let read = self.table.read_across(&parts, now).await?.remove(&client).unwrap_or_default();
        let facts = CheckFacts {
            // The platform can ask about everyone.
            caller: Caller::Platform(OauthClient::new(String::new())),
            collaborators: read.collaborators,
            granting: read.client.map(|client| client.granting),
            levels: BTreeMap::new(),
        };
        let Explained { because, basis } = check::explain(&facts, &question, now);
        let because = because.map(|grant| Because { scope: grant.scope.clone(), role: grant.role });
        Ok(Answer { because, basis })
    }
}
