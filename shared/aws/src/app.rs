//! What a function is made of, put together once at its start: the table, the clock, the settings.
//!
//! Only here the environment and the clock are read.

use std::{collections::BTreeMap, env, sync::Arc, time::SystemTime};

use coulisses_domain::{
    client::MailLimits,
    collaborator::{Collaborator, CollaboratorId},
    facts::{Caller, Facts, User},
    scope::{ClientId, ScopeId},
    time::Timestamp,
};

use crate::{
    http::{self, Failure},
    ids::{IdKey, TooShort},
    metrics::Metrics,
    sdk::{AMAZON_ROOTS, Access, Connections, SdkConfig, TlsSetupError},
    table::{Found, Partition, Reading, StoreError, Table},
};

/// Where the time comes from; tests turn it by hand.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(|| {
            #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
            let since_epoch =
                SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
        }))
    }

    /// A clock that shows what `read` gives.
    #[must_use]
    pub fn new(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// A setting that a function cannot start without.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is not there.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It is not a number.
    #[error("the environment variable {0} is not a whole number")]
    NotANumber(&'static str),
    /// The key of the ids could be guessed.
    #[error("the environment variable ID_KEY is too short")]
    IdKey(#[from] TooShort),
    /// TLS cannot be set up.
    #[error("AWS cannot be reached")]
    TlsSetupError(#[from] TlsSetupError),
}

/// Reads a setting from the environment.
///
/// # Errors
/// [`SettingsError::Missing`] if it is not set or empty.
pub fn setting(name: &'static str) -> Result<String, SettingsError> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or(SettingsError::Missing(name))
}

fn number_setting(name: &'static str, default: u32) -> Result<u32, SettingsError> {
    match setting(name) {
        Ok(value) => value.parse().map_err(|_| SettingsError::NotANumber(name)),
        Err(_) => Ok(default),
    }
}

/// How the services of AWS are reached, as the environment says.
pub struct Sdk {
    connections: Connections,
    access: Access,
}

impl Sdk {
    /// Reads from the environment what Lambda puts there.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing.
    pub fn from_env() -> Result<Self, SettingsError> {
        let access = Access {
            region: setting("AWS_REGION").or_else(|_| setting("AWS_DEFAULT_REGION"))?,
            key_id: setting("AWS_ACCESS_KEY_ID")?,
            secret: setting("AWS_SECRET_ACCESS_KEY")?,
            session: setting("AWS_SESSION_TOKEN").ok(),
        };
        Ok(Self { connections: Connections::trusting(AMAZON_ROOTS)?, access })
    }

    /// Opens the table, and a connection to it while nobody waits yet and Lambda gives a whole processor.
    ///
    /// # Errors
    /// [`SettingsError`] if the table has no name.
    pub async fn table(&self) -> Result<Table, SettingsError> {
        let config = self.service("AWS_ENDPOINT_URL_DYNAMODB");
        let table = Table::open(&config, setting("TABLE_NAME")?);
        if let Some(address) = Table::address(&config).await {
            self.connections.open(&address).await;
        }
        Ok(table)
    }

    /// The settings of the client of SES.
    #[must_use]
    pub fn ses(&self) -> SdkConfig {
        self.service("AWS_ENDPOINT_URL_SESV2")
    }

    /// A service may be elsewhere, as on one machine: by the variables that every SDK of AWS knows.
    fn service(&self, endpoint: &'static str) -> SdkConfig {
        let endpoint = setting(endpoint).or_else(|_| setting("AWS_ENDPOINT_URL"));
        self.connections.config(&self.access, endpoint.ok())
    }
}

/// What the functions that answer HTTP share.
#[derive(Clone)]
pub struct App {
    /// The table.
    pub table: Table,
    /// Where the time comes from.
    pub clock: Clock,
    /// The deployment's settings.
    pub settings: Settings,
    /// Where the counts go.
    pub metrics: Metrics,
}

/// The deployment's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The key of the ids.
    pub ids: IdKey,
    /// The OAuth clients that are the event platform's own backend.
    pub platform_oauth_clients: Vec<String>,
    /// The limits on mail.
    pub limits: MailLimits,
}

impl App {
    /// Puts the app of `function` together from the environment.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing.
    pub async fn from_env(function: &'static str) -> Result<Self, SettingsError> {
        let defaults = MailLimits::default();
        let settings = Settings {
            ids: IdKey::new(&setting("ID_KEY")?)?,
            platform_oauth_clients: setting("PLATFORM_CLIENT_IDS")
                .unwrap_or_default()
                .split(',')
                .map(|client| client.trim().to_owned())
                .filter(|client| !client.is_empty())
                .collect(),
            limits: MailLimits {
                invitations: number_setting("INVITATIONS_A_DAY", defaults.invitations)?,
                announcements: number_setting("ANNOUNCEMENTS_A_DAY", defaults.announcements)?,
            },
        };
        let table = Sdk::from_env()?.table().await?;
        Ok(Self { table, clock: Clock::system(), settings, metrics: Metrics::stdout(function) })
    }

    /// Counts something for CloudWatch by `name`, unless there is nothing to count.
    pub fn count(&self, name: &str, count: usize) {
        if count > 0 {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            self.metrics.count(&[(name, count)], self.clock.now());
        }
    }

    /// The caller as the domain knows him in `client`, still without his record.
    ///
    /// # Errors
    /// [`Failure::Internal`] if no id can be derived, which no input can cause.
    pub fn known_in(&self, client: &ClientId, caller: &http::Principal) -> Result<Caller, Failure> {
        match caller.collaborator() {
            None => Ok(Caller::Platform),
            Some(identity) => Ok(Caller::User(Box::new(User {
                id: self
                    .settings
                    .ids
                    .collaborator(client, &identity.email)
                    .map_err(Failure::internal)?,
                account: identity.account.clone(),
                email: identity.email.clone(),
                name: identity.name.clone(),
                record: None,
            }))),
        }
    }
}

/// Whom a command is about.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// Nobody beside the caller.
    Nobody,
    /// A collaborator.
    User(&'a CollaboratorId),
    /// A collaborator who may be mailed, with the count of the mails so far.
    Mailed(&'a CollaboratorId),
}

impl App {
    /// Reads the facts of a command at a scope, in one trip.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
    pub async fn facts(
        &self,
        caller: &Caller,
        at: &ScopeId,
        target: Target<'_>,
        now: Timestamp,
    ) -> Result<Facts, StoreError> {
        Ok(self.facts_and(None, caller, at, (target, now)).await?.0)
    }

    /// Reads the facts of a command at a scope, and whether the scope `above` is there, in one trip.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
    pub async fn facts_and(
        &self,
        above: Option<&ScopeId>,
        caller: &Caller,
        at: &ScopeId,
        (target, now): (Target<'_>, Timestamp),
    ) -> Result<(Facts, bool), StoreError> {
        let (target, counter) = match target {
            Target::Nobody => (None, None),
            Target::User(id) => (Some(id), None),
            Target::Mailed(id) => (Some(id), Some(id)),
        };
        let client = at.client();
        let reading = Reading {
            client: &client,
            scopes: Some(at).into_iter().chain(above).filter(|scope| !scope.is_client()).collect(),
            collaborators: caller.id().into_iter().chain(target).collect(),
            counters: counter.into_iter().collect(),
        };
        let found = self.table.read(reading, now).await?;
        let above_is_there = match above {
            Some(above) if !above.is_client() => found.scopes.contains_key(above),
            Some(_) | None => found.client.is_some(),
        };
        Ok((self.facts_from(&found, caller, at, target), above_is_there))
    }

    /// The facts of a command about `target` at a scope, of what was read.
    pub(crate) fn facts_from(
        &self,
        found: &Found,
        caller: &Caller,
        at: &ScopeId,
        target: Option<&CollaboratorId>,
    ) -> Facts {
        Facts {
            at: at.clone(),
            caller: with_record(caller, &found.collaborators),
            target: target.and_then(|id| found.collaborators.get(id).cloned()),
            counter: target.and_then(|id| found.counters.get(id).cloned()),
            client: found.client.clone(),
            scope: found.scopes.get(at).cloned(),
            limits: self.settings.limits,
        }
    }

    /// The facts of a look at all of a client's people, and these people.
    #[must_use]
    pub fn facts_of(
        &self,
        mut all: Partition,
        caller: &Caller,
        at: &ScopeId,
    ) -> (Facts, Vec<Collaborator>) {
        let facts = Facts {
            at: at.clone(),
            caller: with_record(caller, &all.collaborators),
            target: None,
            counter: None,
            client: all.client,
            scope: all.scopes.remove(at),
            limits: self.settings.limits,
        };
        (facts, all.collaborators.into_values().collect())
    }
}

/// The caller with his record, if `collaborators` have it.
#[must_use]
pub fn with_record(
    caller: &Caller,
    collaborators: &BTreeMap<CollaboratorId, Collaborator>,
) -> Caller {
    match caller {
        Caller::Platform => Caller::Platform,
        Caller::User(collaborator) => {
            let record = collaborators.get(&collaborator.id).cloned();
            Caller::User(Box::new(User { record, ..(**collaborator).clone() }))
        }
    }
}
