//! The parts of a function, and the facts that commands are decided on.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use coulisses_domain::{
    caller::{Caller, Standing, User},
    collaborator::Collaborator,
    facts::Facts,
    ids::CollaboratorId,
    scope::ScopeId,
    time::Timestamp,
};

use crate::{
    clock::Clock,
    config::{Sdk, Settings, SettingsError},
    metrics::Metrics,
    table::{ClientRecords, Reading, StoreError, Table},
};

/// The table, the clock, the settings and the metrics of one function.
#[derive(Clone)]
pub struct App {
    /// The table.
    pub table: Table,
    /// The clock.
    pub clock: Clock,
    /// The deployment's settings.
    pub settings: Settings,
    /// Counts for CloudWatch.
    pub metrics: Metrics,
    /// Whether the role of support was needed for the present request.
    pub as_support: SupportMark,
}

/// Remembers during a request that what is read rests on the role of support, for its log line and metric.
#[derive(Clone, Debug, Default)]
pub struct SupportMark(Arc<AtomicBool>);

impl SupportMark {
    /// Notes who looks at all clients.
    pub fn note_overview(&self, standing: Standing) {
        if standing == Standing::Support {
            self.set();
        }
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether anything was noted.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The collaborator that a command is about.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// No one beside the caller.
    None,
    /// A collaborator.
    Collaborator(&'a CollaboratorId),
    /// A collaborator who may receive a mail, so their mail counter is read too.
    Recipient(&'a CollaboratorId),
}

impl App {
    /// Reads the settings of `function` from the environment and opens the table.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing or wrong.
    pub async fn from_env(function: &'static str) -> Result<Self, SettingsError> {
        let settings = Settings::from_env()?;
        let table = Sdk::from_env()?.table().await?;
        let (clock, metrics) = (Clock::system(), Metrics::stdout(function));
        Ok(Self { table, clock, settings, metrics, as_support: SupportMark::default() })
    }

    /// The same app for one request: all its calls to the table share one deadline, which starts now.
    #[must_use]
    pub fn for_request(&self) -> Self {
        let as_support = SupportMark::default();
        Self { table: self.table.with_deadline(), as_support, ..self.clone() }
    }

    /// Adds `count` to the metric `name`; zero writes nothing.
    pub fn count(&self, name: &str, count: usize) {
        if count > 0 {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            self.metrics.count(&[(name, count)], self.clock.now());
        }
    }

    /// Reads the facts of a command at a scope, in one trip.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn facts(
        &self,
        caller: &Caller,
        at: &ScopeId,
        target: Target<'_>,
        now: Timestamp,
    ) -> Result<Facts, StoreError> {
        Ok(self.facts_and_parent(None, caller, at, (target, now)).await?.0)
    }

    /// Reads the facts of a command at a scope, and whether the scope `parent` exists, in one trip.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn facts_and_parent(
        &self,
        parent: Option<&ScopeId>,
        caller: &Caller,
        at: &ScopeId,
        (target, now): (Target<'_>, Timestamp),
    ) -> Result<(Facts, bool), StoreError> {
        let (target, counter) = match target {
            Target::None => (None, None),
            Target::Collaborator(id) => (Some(id), None),
            Target::Recipient(id) => (Some(id), Some(id)),
        };
        let client = at.client();
        let reading = Reading {
            client: &client,
            scopes: Some(at).into_iter().chain(parent).filter(|scope| !scope.is_client()).collect(),
            collaborators: caller.id().into_iter().chain(target).collect(),
            counters: counter.into_iter().collect(),
        };
        let records = self.table.read(reading, now).await?;
        let parent_exists = match parent {
            Some(parent) if !parent.is_client() => records.scopes.contains_key(parent),
            Some(_) | None => records.client.is_some(),
        };
        Ok((self.facts_from(&records, caller, at, target), parent_exists))
    }

    /// The facts of a command about `target` at a scope, from the records that were read.
    #[must_use]
    pub fn facts_from(
        &self,
        records: &ClientRecords,
        caller: &Caller,
        at: &ScopeId,
        target: Option<&CollaboratorId>,
    ) -> Facts {
        Facts {
            at: at.clone(),
            caller: self.noted(with_record(caller, &records.collaborators), at),
            target: target.and_then(|id| records.collaborators.get(id).cloned()),
            counter: target.and_then(|id| records.counters.get(id).cloned()),
            client: records.client.clone(),
            scope: records.scopes.get(at).cloned(),
            limits: self.settings.limits,
            swept: false,
        }
    }

    /// The facts of a command about all collaborators of a client, and these collaborators.
    #[must_use]
    pub fn facts_of_all(
        &self,
        records: ClientRecords,
        caller: &Caller,
        at: &ScopeId,
    ) -> (Facts, Vec<Collaborator>) {
        let facts = self.facts_from(&records, caller, at, None);
        (facts, records.collaborators.into_values().collect())
    }

    /// Notes a caller who reads at a scope, with their record.
    #[must_use]
    pub fn noted(&self, caller: Caller, at: &ScopeId) -> Caller {
        if caller.reads_as_support(at, self.clock.now()) {
            self.as_support.set();
        }
        caller
    }
}

/// The caller with their record, if `collaborators` contains it.
#[must_use]
pub fn with_record(
    caller: &Caller,
    collaborators: &BTreeMap<CollaboratorId, Collaborator>,
) -> Caller {
    match caller {
        Caller::Platform(_) => caller.clone(),
        Caller::User(user) => {
            let record = collaborators.get(&user.id).cloned();
            Caller::User(Box::new(User { record, ..(**user).clone() }))
        }
    }
}
