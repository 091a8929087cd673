//! The settings from the command line and the environment.

use crate::project::BuildOptions;
use crate::table::{Account, Location};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// The key id for emulators, if the user has none.
const DUMMY: &str = "local";

/// Builds and starts the whole stack of Coulisses on this machine.
///
/// Prints `ready http://127.0.0.1:PORT` on standard output once everything answers. Ctrl-C stops it.
///
/// `/` is the console (built with Node 20 or later), `/v1` the HTTP API, `/_local/inbox` the mails that were sent,
/// `/_local/bus` the events that were published.
/// `POST /_local/tokens` returns a token: `{"email": "lea@example.org"}` for a person, `{"scope": "coulisses/platform"}`
/// for the event platform.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(name = "cargo local", bin_name = "cargo local", version)]
pub struct Settings {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Port to listen on; 0 for any free port
    #[arg(long, default_value_t = 8080)]
    pub port: u16,

    /// Rebuild the functions when their code changes
    #[arg(long)]
    watch: bool,

    /// File to store the data in; by default, data lasts until the stack ends
    #[arg(long, value_name = "FILE", conflicts_with = "dynamodb")]
    data: Option<PathBuf>,

    /// Do not create the demonstration data
    #[arg(long)]
    pub empty: bool,

    /// Do not build or serve the console
    #[arg(long)]
    pub no_console: bool,

    /// Origins whose pages may call the HTTP API, separated by commas
    #[arg(long, value_name = "ORIGINS", default_value = "")]
    pub cors_origins: String,

    /// Build the functions with optimisations
    #[arg(long)]
    release: bool,

    /// Address of another DynamoDB for the table
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_DYNAMODB")]
    dynamodb: Option<String>,

    /// Address of another SES for the mail
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_SESV2")]
    ses: Option<String>,

    /// Address of another EventBridge for the events
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_EVENTBRIDGE")]
    eventbridge: Option<String>,

    #[arg(long, env = "AWS_REGION", hide = true, default_value = "eu-west-3")]
    region: String,

    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide = true, hide_env_values = true)]
    key_id: Option<String>,

    #[arg(long, env = "NO_PROXY", hide = true)]
    no_proxy: Option<String>,

    #[arg(long, env = "RUST_LOG", hide = true)]
    log: Option<String>,
}

/// Where the stack's own services answer.
#[derive(Clone, Copy, Debug)]
pub struct Services<'a> {
    pub table: &'a str,
    pub mail: &'a str,
    pub bus: &'a str,
}

/// What to do instead of starting the stack.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Command {
    /// Print the contract of the HTTP API with the permissions and roles of your catalogue
    Contract,
}

impl Settings {
    /// Whether mail goes to the stack's own inbox.
    pub fn with_inbox(&self) -> bool {
        given(self.ses.as_ref()).is_none()
    }

    pub fn build_options(&self) -> BuildOptions {
        BuildOptions { release: self.release, watch: self.watch }
    }

    pub fn table_location(&self) -> Location {
        match (given(self.dynamodb.as_ref()), &self.data) {
            (Some(address), _) => Location::External(address),
            (None, Some(file)) => Location::File(file.clone()),
            (None, None) => Location::Memory,
        }
    }

    pub fn account(&self) -> Account {
        let key_id = self.own_key().unwrap_or_else(|| DUMMY.to_owned());
        Account { region: self.region.clone(), key_id }
    }

    /// The functions' variables besides those of the template; `None` removes an inherited one.
    pub fn environment(&self, services: Services<'_>) -> Vec<(&'static str, Option<String>)> {
        let Services { table, mail, bus } = services;
        let ses = given(self.ses.as_ref()).unwrap_or_else(|| mail.to_owned());
        let eventbridge = given(self.eventbridge.as_ref()).unwrap_or_else(|| bus.to_owned());
        let no_proxy = [self.no_proxy.as_deref().unwrap_or_default(), "127.0.0.1,localhost"];
        let no_proxy = no_proxy.join(",").trim_start_matches(',').to_owned();
        let mut environment = vec![
            ("AWS_ENDPOINT_URL_DYNAMODB", Some(table.to_owned())),
            ("AWS_ENDPOINT_URL_SESV2", Some(ses)),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", Some(eventbridge)),
            ("AWS_REGION", Some(self.region.clone())),
            ("AWS_EC2_METADATA_DISABLED", Some("true".to_owned())),
            ("NO_PROXY", Some(no_proxy.clone())),
            ("no_proxy", Some(no_proxy)),
        ];
        if self.log.is_none() {
            // Only the functions log at the info level: cargo-lambda would log each of their instances.
            let log = "warn,lambda_runtime=error,watchexec=off,coulisses_aws=info,deliver=info,publish=info,audit_seats=info";
            environment.push(("RUST_LOG", Some(log.to_owned())));
            environment.push(("AWS_LAMBDA_LOG_LEVEL", Some("INFO".to_owned())));
        }
        if self.own_key().is_none() {
            for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
                environment.push((name, Some(DUMMY.to_owned())));
            }
            // These would lead the functions to the user's real account.
            for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"] {
                environment.push((name, None));
            }
        }
        environment
    }

    /// The user's own key, if the table, the mail or the bus is elsewhere.
    fn own_key(&self) -> Option<String> {
        let external = [&self.dynamodb, &self.ses, &self.eventbridge];
        let external = external.into_iter().find_map(|address| given(address.as_ref()));
        external.and(given(self.key_id.as_ref()))
    }
}

/// The value of a variable; an empty one counts as missing.
fn given(value: Option<&String>) -> Option<String> {
    value.filter(|value| !value.is_empty()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn settings() -> Settings {
        Settings {
            command: None,
            port: 0,
            watch: false,
            data: None,
            empty: false,
            no_console: false,
            cors_origins: String::new(),
            release: false,
            dynamodb: None,
            ses: None,
            eventbridge: None,
            region: "eu-west-3".to_owned(),
            key_id: Some("real".to_owned()),
            no_proxy: None,
            log: None,
        }
    }

    fn environment(settings: &Settings) -> BTreeMap<&'static str, Option<String>> {
        let services =
            Services { table: "http://table", mail: "http://mail", bus: "http://bus/_local" };
        settings.environment(services).into_iter().collect()
    }

    #[test]
    fn the_users_key_is_not_used_for_the_stacks_own_table() {
        let environment = environment(&settings());
        assert_eq!(environment["AWS_ACCESS_KEY_ID"].as_deref(), Some(DUMMY));
        assert_eq!(environment["AWS_SESSION_TOKEN"], None);
        assert_eq!(environment["AWS_PROFILE"], None);
        assert_eq!(settings().account().key_id, DUMMY);
    }

    #[test]
    fn another_service_replaces_the_stacks_own() {
        let own = environment(&settings());
        assert_eq!(own["AWS_ENDPOINT_URL_EVENTBRIDGE"].as_deref(), Some("http://bus/_local"));
        let settings = Settings { eventbridge: Some("http://other".to_owned()), ..settings() };
        let other = environment(&settings);
        assert_eq!(other["AWS_ENDPOINT_URL_EVENTBRIDGE"].as_deref(), Some("http://other"));
        assert!(!other.contains_key("AWS_ACCESS_KEY_ID"));
    }

    #[test]
    fn the_users_key_is_used_for_another_table() {
        let settings = Settings { dynamodb: Some("http://other".to_owned()), ..settings() };
        let environment = environment(&settings);
        assert!(!environment.contains_key("AWS_ACCESS_KEY_ID"));
        assert!(!environment.contains_key("AWS_SESSION_TOKEN"));
        assert_eq!(settings.account().key_id, "real");
    }
}
