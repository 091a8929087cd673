//! What the command line and the environment say.

use crate::project::Choice;
use crate::table::{Account, Place};
use clap::Parser;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The name of the key in whose name emulators are asked, when the user has none.
const DUMMY: &str = "local";

/// Variables that would lead the functions to a user's real account.
const REAL_ACCOUNT: &[&str] = &["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"];

/// Builds and starts the whole stack of Coulisses on this machine.
///
/// Prints `ready http://127.0.0.1:PORT` on standard output when everything answers; Ctrl-C stops all.
/// There, `/` is the console, if Node 20 or later is there to build it; `/v1` is the HTTP API, `/_local/inbox` shows the mails that were sent, and
/// `POST /_local/tokens` gives a token: `{"email": "lea@example.org"}` for a person,
/// `{"scope": "coulisses/platform"}` for the event platform.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[command(name = "cargo local", bin_name = "cargo local", version)]
pub struct Settings {
    /// Port to listen on; 0 for any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,

    /// Build the functions again when their code changes
    #[arg(long)]
    watch: bool,

    /// File that keeps the data; without it, they are gone at the end
    #[arg(long, value_name = "FILE", conflicts_with = "dynamodb")]
    data: Option<PathBuf>,

    /// Leave out the demonstration data
    #[arg(long)]
    empty: bool,

    /// Leave out the console, which Node builds
    #[arg(long)]
    no_console: bool,

    /// Build the functions optimised
    #[arg(long)]
    release: bool,

    /// Address of another DynamoDB to keep the table in
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_DYNAMODB")]
    dynamodb: Option<String>,

    /// Address of another SES to send mail by
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_SESV2")]
    ses: Option<String>,

    #[arg(long, env = "AWS_REGION", hide = true, default_value = "eu-west-3")]
    region: String,

    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide = true, hide_env_values = true)]
    key_id: Option<String>,

    #[arg(long, env = "NO_PROXY", hide = true)]
    no_proxy: Option<String>,

    #[arg(long, env = "RUST_LOG", hide = true)]
    log: Option<String>,
}

impl Settings {
    /// The port to listen on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the demonstration data is wanted.
    pub fn with_demo(&self) -> bool {
        !self.empty
    }

    /// Whether the console is wanted.
    pub fn with_console(&self) -> bool {
        !self.no_console
    }

    /// Whether mail goes elsewhere.
    pub fn mails_elsewhere(&self) -> bool {
        given(self.ses.as_ref()).is_some()
    }

    /// How the functions are built and served.
    pub fn choice(&self) -> Choice {
        Choice { release: self.release, watch: self.watch }
    }

    /// Where the table is kept.
    pub fn place(&self) -> Place {
        match (given(self.dynamodb.as_ref()), &self.data) {
            (Some(address), _) => Place::External(address),
            (None, Some(file)) => Place::File(file.clone()),
            (None, None) => Place::Memory,
        }
    }

    /// Under which account the table is asked.
    pub fn account(&self) -> Account {
        let key_id = self.own_key().unwrap_or_else(|| DUMMY.to_owned());
        Account { region: self.region.clone(), key_id }
    }

    /// What the functions get besides the template's variables, and which ones they do not inherit.
    pub fn environment(
        &self,
        table: &str,
        mail: &str,
    ) -> (BTreeMap<String, String>, &'static [&'static str]) {
        let ses = given(self.ses.as_ref()).unwrap_or_else(|| mail.to_owned());
        let mut environment = BTreeMap::from([
            ("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), table.to_owned()),
            ("AWS_ENDPOINT_URL_SESV2".to_owned(), ses),
            ("AWS_REGION".to_owned(), self.region.clone()),
            ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
        ]);
        if self.log.is_none() {
            // cargo-lambda tells of each instance that it starts; the functions have a level of their own.
            environment.insert(
                "RUST_LOG".to_owned(),
                "warn,lambda_runtime=error,watchexec=off,coulisses_aws=info,deliver=info,audit_seats=info"
                    .to_owned(),
            );
            environment.insert("AWS_LAMBDA_LOG_LEVEL".to_owned(), "INFO".to_owned());
        }
        let reached_directly =
            [self.no_proxy.as_deref().unwrap_or_default(), "127.0.0.1,localhost"];
        let reached_directly = reached_directly.join(",").trim_start_matches(',').to_owned();
        environment.insert("NO_PROXY".to_owned(), reached_directly.clone());
        environment.insert("no_proxy".to_owned(), reached_directly);
        if self.own_key().is_some() {
            return (environment, &[]);
        }
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            environment.insert(name.to_owned(), DUMMY.to_owned());
        }
        (environment, REAL_ACCOUNT)
    }

    /// The user's own key, which only counts where something of his is used.
    fn own_key(&self) -> Option<String> {
        let external = given(self.dynamodb.as_ref()).or(given(self.ses.as_ref()));
        external.and(given(self.key_id.as_ref()))
    }
}

/// An empty variable says nothing.
fn given(value: Option<&String>) -> Option<String> {
    value.filter(|value| !value.is_empty()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            port: 0,
            watch: false,
            data: None,
            empty: false,
            no_console: false,
            release: false,
            dynamodb: None,
            ses: None,
            region: "eu-west-3".to_owned(),
            key_id: Some("real".to_owned()),
            no_proxy: None,
            log: None,
        }
    }

    #[test]
    fn a_real_key_is_not_used_on_the_stacks_own_table() {
        let (environment, without) = settings().environment("http://table", "http://mail");
        assert_eq!(environment["AWS_ACCESS_KEY_ID"], DUMMY);
        assert!(without.contains(&"AWS_SESSION_TOKEN"));
        assert_eq!(settings().account().key_id, DUMMY);
    }

    #[test]
    fn a_real_key_is_left_alone_on_another_table() {
        let settings = Settings { dynamodb: Some("http://other".to_owned()), ..settings() };
        let (environment, without) = settings.environment("http://other", "http://mail");
        assert_eq!(environment.get("AWS_ACCESS_KEY_ID"), None);
        assert!(without.is_empty());
        assert_eq!(settings.account().key_id, "real");
    }
}
