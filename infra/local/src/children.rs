//! The processes that the stack starts, each under a guard that ends it with the stack.

use crate::guard;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a guard may take; it kills what does not end by itself before.
const LIMIT: Duration = Duration::from_secs(4);

const PAUSE: Duration = Duration::from_millis(50);

/// What a child is started with.
pub struct Plan<'p> {
    /// The program.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables besides the inherited ones.
    pub environment: BTreeMap<String, String>,
    /// Inherited variables that it does not get.
    pub without: &'static [&'static str],
    /// Where it runs.
    pub directory: &'p Path,
}

/// All the children that were started.
#[derive(Default)]
pub struct Children {
    guards: Mutex<Vec<Guarded>>,
}

/// A running child.
#[derive(Clone)]
pub struct Guarded {
    guard: Arc<tokio::sync::Mutex<Child>>,
}

impl Children {
    /// Starts a child, which ends with the stack at the latest.
    ///
    /// # Errors
    /// When no process can be started.
    pub fn start(&self, plan: Plan<'_>) -> std::io::Result<Guarded> {
        let mut command = Command::new(this_program()?);
        command
            .arg(guard::ARGUMENT)
            .arg(plan.program)
            .args(plan.arguments)
            .env_clear()
            .envs(inherited(std::env::vars_os()))
            .current_dir(plan.directory)
            .stdin(Stdio::piped())
            // Standard output is for the one line that says ready.
            .stdout(std::io::stderr())
            // Ctrl-C in a terminal is for the stack, which ends its children in order.
            .process_group(0);
        for name in plan.without {
            command.env_remove(name);
        }
        command.envs(plan.environment);
        let guarded = Guarded { guard: Arc::new(tokio::sync::Mutex::new(command.spawn()?)) };
        self.guards.lock().unwrap_or_else(PoisonError::into_inner).push(guarded.clone());
        Ok(guarded)
    }

    /// Ends all children and waits until they are gone.
    pub async fn stop(&self) {
        let guards =
            std::mem::take(&mut *self.guards.lock().unwrap_or_else(PoisonError::into_inner));
        for guarded in guards.into_iter().rev() {
            guarded.stop().await;
        }
    }
}

impl Guarded {
    /// Waits until the child ends by itself.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn ended(&self) -> std::io::Result<ExitStatus> {
        // Not `wait`, which would close the guard's standard input and so end the child.
        loop {
            if let Some(status) = self.guard.lock().await.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn stop(&self) {
        let mut guard = self.guard.lock().await;
        drop(guard.stdin.take());
        if !matches!(tokio::time::timeout(LIMIT, guard.wait()).await, Ok(Ok(_))) {
            eprintln!("a process did not end in time");
        }
    }
}

/// The path of this program, asked for once: a build may put another file in its place.
fn this_program() -> std::io::Result<&'static PathBuf> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    match PROGRAM.get() {
        Some(program) => Ok(program),
        None => std::env::current_exe().map(|program| PROGRAM.get_or_init(|| program)),
    }
}

/// The variables that a child inherits: all but those which `cargo run` sets for this program alone.
///
/// Build scripts look at some of them, and would build everything again for each difference.
pub fn inherited(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> impl Iterator<Item = (OsString, OsString)> {
    variables.filter(|(name, _)| !is_cargos(name))
}

fn is_cargos(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let exactly = ["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    let beginning = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_", "CARGO_CFG_", "CARGO_FEATURE_"];
    exactly.contains(&name.as_ref()) || beginning.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_sets_for_this_program_stays_here() {
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
