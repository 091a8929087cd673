//! The deployment's settings, and how AWS is reached: everything that comes from environment variables.

use std::{env, time::Duration};

use coulisses_domain::mail_budget::MailLimits;

use crate::{
    claims::{Claims, InvalidClaims},
    ids::{IdKey, TooShort},
    sdk::{AMAZON_ROOTS, Access, Connections, SdkConfig, TlsSetupError},
    table::Table,
};

/// A setting without which a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The value is not a number.
    #[error("the environment variable {0} is not a whole number")]
    NotANumber(&'static str),
    /// The key could be guessed.
    #[error("the environment variable ID_KEY is too short")]
    IdKey(#[from] TooShort),
    /// `CLAIMS` cannot be read.
    #[error("the environment variable CLAIMS is wrong")]
    Claims(#[from] InvalidClaims),
    /// TLS cannot be set up.
    #[error("AWS cannot be reached")]
    TlsSetup(#[from] TlsSetupError),
}

/// Reads a setting from the environment.
///
/// # Errors
/// [`SettingsError::Missing`] if it is not set or empty.
pub fn setting(name: &'static str) -> Result<String, SettingsError> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or(SettingsError::Missing(name))
}

/// Reads a number from the environment, or `default` if it is not set.
///
/// # Errors
/// [`SettingsError::NotANumber`].
pub fn number_setting(name: &'static str, default: u32) -> Result<u32, SettingsError> {
    match setting(name) {
        Ok(value) => value.parse().map_err(|_| SettingsError::NotANumber(name)),
        Err(_) => Ok(default),
    }
}

/// The deployment's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The key of the ids of collaborators, which derive from it.
    pub ids: IdKey,
    /// The OAuth clients that are the event platform's own back-end.
    pub platform_oauth_clients: Vec<String>,
    /// How the issuer's claims differ from the standard ones.
    pub claims: Claims,
    /// What `CloudFront` adds to each request as `x-origin-secret`; `None` if requests may come without it.
    pub origin_secret: Option<String>,
    /// The address of the console, without a slash at the end, which explains problems; empty if it has no domain of its own.
    pub console: String,
    /// The limits on mail.
    pub limits: MailLimits,
    /// How long ago a user who transfers ownership may have logged in; `None` for any time.
    pub fresh_login: Option<Duration>,
    /// Whether lists read the rows of grants, which needs that every running version writes them.
    pub lists_by_grant: bool,
    /// How the history leaves as events; `None` for a function that writes none.
    pub events: Option<EventSettings>,
}

impl Settings {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing or wrong.
    pub fn from_env() -> Result<Self, SettingsError> {
        let defaults = MailLimits::default();
        Ok(Self {
            ids: IdKey::new(&setting("ID_KEY")?)?,
            platform_oauth_clients: setting("PLATFORM_CLIENT_IDS")
                .unwrap_or_default()
                .split(',')
                .map(|oauth_client| oauth_client.trim().to_owned())
                .filter(|oauth_client| !oauth_client.is_empty())
                .collect(),
            claims: Claims::parse(&setting("CLAIMS").unwrap_or_default())?,
            origin_secret: setting("ORIGIN_SECRET").ok(),
            console: setting("CONSOLE_URL").unwrap_or_default(),
            limits: MailLimits {
                invitations: number_setting("INVITATIONS_A_DAY", defaults.invitations)?,
                announcements: number_setting("ANNOUNCEMENTS_A_DAY", defaults.announcements)?,
            },
            fresh_login: Some(number_setting("FRESH_LOGIN_SECONDS", 0)?)
                .filter(|seconds| *seconds > 0)
                .map(|seconds| Duration::from_secs(seconds.into())),
            lists_by_grant: setting("LISTS").is_ok_and(|lists| lists == "by-grant"),
            events: EventSettings::from_env(),
        })
    }
}

/// How the history leaves as events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSettings {
    /// The `source` of the events: the ARN of the stack's bus.
    pub source: String,
    /// Whether events contain the addresses and names of people, and reasons.
    pub names_people: bool,
}

impl EventSettings {
    /// Reads the settings from the environment; `None` for a function that writes no events.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let names_people = setting("EVENTS_NAME_PEOPLE").is_ok_and(|names| names == "true");
        setting("EVENT_SOURCE").ok().map(|source| Self { source, names_people })
    }
}

/// AWS credentials, region and connections.
pub struct Sdk {
    connections: Connections,
    access: Access,
}

impl Sdk {
    /// Reads the variables that Lambda sets.
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

    /// The table, with a connection opened already: during start-up no request waits for it and Lambda gives the function
    /// a whole processor.
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

    /// The SDK's settings for SES.
    #[must_use]
    pub fn ses(&self) -> SdkConfig {
        self.service("AWS_ENDPOINT_URL_SESV2")
    }

    /// The SDK's settings for EventBridge.
    #[must_use]
    pub fn events(&self) -> SdkConfig {
        self.service("AWS_ENDPOINT_URL_EVENTBRIDGE")
    }

    /// Another endpoint can be set with the variables that every AWS SDK knows.
    fn service(&self, endpoint: &'static str) -> SdkConfig {
        let endpoint = setting(endpoint).or_else(|_| setting("AWS_ENDPOINT_URL"));
        self.connections.config(&self.access, endpoint.ok())
    }
}
