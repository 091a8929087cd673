//! The processes that the stack starts, each under a guard that ends it together with the stack.

use crate::guard;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long to wait for a guard to end. It kills its child before that.
const LIMIT: Duration = Duration::from_secs(4);

const PAUSE: Duration = Duration::from_millis(50);

/// All the children that were started.
#[derive(Clone, Default)]
pub struct Children {
    guards: Arc<Mutex<Vec<Guarded>>>,
}

/// A running child.
#[derive(Clone)]
pub struct Guarded {
    guard: Arc<tokio::sync::Mutex<Child>>,
}

impl Children {
    /// Starts a child, which ends at the latest with the stack.
    pub fn start(&self, command: &Command) -> io::Result<Guarded> {
        let command = command.as_std();
        let mut guard = Command::new(this_program()?);
        guard
            .arg(guard::ARGUMENT)
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(inherited(std::env::vars_os()))
            .stdin(Stdio::piped())
            // Standard output is reserved for the line that says ready.
            .stdout(io::stderr())
            // Ctrl-C in a terminal goes to the stack alone, which then ends its children.
            .process_group(0);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => guard.env(name, value),
                None => guard.env_remove(name),
            };
        }
        if let Some(directory) = command.get_current_dir() {
            guard.current_dir(directory);
        }
        let guarded = Guarded::new(guard.spawn()?);
        self.guards.lock().unwrap_or_else(PoisonError::into_inner).push(guarded.clone());
        Ok(guarded)
    }

    /// Ends all children and waits until they are gone.
    pub async fn stop(&self) {
        let guards =
            std::mem::take(&mut *self.guards.lock().unwrap_or_else(PoisonError::into_inner));
        for guarded in &guards {
            drop(guarded.guard.lock().await.stdin.take());
        }
        for guarded in guards {
            let mut guard = guarded.guard.lock().await;
            if !matches!(tokio::time::timeout(LIMIT, guard.wait()).await, Ok(Ok(_))) {
                eprintln!("a process did not end in time");
            }
        }
    }
}

impl Guarded {
    pub fn new(guard: Child) -> Self {
        Self { guard: Arc::new(tokio::sync::Mutex::new(guard)) }
    }

    pub fn is_running(&self) -> bool {
        self.guard.try_lock().map_or(true, |mut guard| matches!(guard.try_wait(), Ok(None)))
    }

    /// Waits until the child ends by itself.
    pub async fn ended(&self) -> io::Result<ExitStatus> {
        // `wait` would close the guard's standard input, and so end the child.
        loop {
            if let Some(status) = self.guard.lock().await.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The path of this program, looked up once: a build may replace the file later.
pub fn this_program() -> io::Result<&'static PathBuf> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    match PROGRAM.get() {
        Some(program) => Ok(program),
        None => std::env::current_exe().map(|program| PROGRAM.get_or_init(|| program)),
    }
}

/// The variables that a child inherits: all but those that `cargo run` sets for this program alone.
///
/// Some build scripts read them, and would rebuild everything whenever one differs.
pub fn inherited(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.filter(|(name, _)| !is_set_by_cargo(name))
}

fn is_set_by_cargo(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let exact = ["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    let prefixes = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CFG_", "CARGO_FEATURE_"];
    exact.contains(&name.as_ref()) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_do_not_inherit_what_cargo_sets_for_this_program() {
        let all = [
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "CARGO_PKG_NAME",
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_INCREMENTAL",
            "PATH",
        ];
        let variables = all.map(|name| (OsString::from(name), OsString::new()));
        let kept: Vec<_> = inherited(variables.into_iter()).map(|(name, _)| name).collect();
        assert_eq!(kept, ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_INCREMENTAL", "PATH"]);
    }
}
