//! The console's files, which Node builds when they are not there or older than what they are made of.

use crate::children::{Children, Plan};
use crate::project::{Project, output};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use thiserror::Error;
use tokio::process::Command;

/// The oldest Node that builds it.
const OLDEST: u32 = 20;

/// What npm installs.
const LOCK: &str = "package-lock.json";

/// What it was when it was installed; it goes with what it tells of.
const INSTALLED: &str = "node_modules/.installed-package-lock.json";

/// Why the console is not there, each time with what to do.
#[derive(Debug, Error)]
pub enum Missing {
    /// It is not wanted.
    #[error("it was left out; start without --no-console to have it")]
    LeftOut,
    /// Its sources are not there.
    #[error("console/package.json is not there; take the whole repository to have it")]
    NoSources,
    /// Node or npm is not there, or too old.
    #[error(
        "install Node {OLDEST} or later with npm (https://nodejs.org) and start again to have it"
    )]
    NoNode,
    /// What it is made with cannot be installed.
    #[error(
        "`npm ci` failed in console/, and npm has said why above; put it right and start again"
    )]
    Install,
    /// It does not build.
    #[error(
        "`npm run build` failed in console/, which has said why above; put it right and start again"
    )]
    Build,
}

/// Builds the console if that is wanted and needed; the directory holds its files.
///
/// # Errors
/// When it is not there; the stack stands without it.
pub async fn build(
    project: &Project,
    children: &Children,
    wanted: bool,
) -> Result<PathBuf, Missing> {
    let console = project.root.join("console");
    if !wanted {
        return Err(Missing::LeftOut);
    }
    if !console.join("package.json").is_file() {
        return Err(Missing::NoSources);
    }
    // What is built needs no Node.
    if !is_built(&console) {
        if !has_node().await {
            return Err(Missing::NoNode);
        }
        if !is_installed(&console) {
            eprintln!("installing what the console is made with ...");
            // A package's own scripts would run as whoever starts the stack: none of ours needs one.
            let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
            npm(children, &console, &arguments, Missing::Install).await?;
            note_installed(&console);
        }
        eprintln!("building the console ...");
        npm(children, &console, &["run", "build"], Missing::Build).await?;
    }
    Ok(console.join("dist"))
}

async fn npm(
    children: &Children,
    console: &Path,
    arguments: &[&str],
    failed: Missing,
) -> Result<(), Missing> {
    let quiet = BTreeMap::from([("NPM_CONFIG_UPDATE_NOTIFIER".to_owned(), "false".to_owned())]);
    let plan = Plan {
        program: "npm".into(),
        arguments: arguments.iter().map(Into::into).collect(),
        environment: quiet,
        without: &[],
        directory: console,
    };
    let ended = match children.start(plan) {
        Ok(npm) => npm.ended().await,
        Err(error) => Err(error),
    };
    if ended.is_ok_and(|status| status.success()) { Ok(()) } else { Err(failed) }
}

async fn has_node() -> bool {
    let said = async |program| {
        let answer = output(Command::new(program).arg("--version")).await.ok()?;
        answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
    };
    let node = said("node").await.and_then(|version| major(&version));
    node >= Some(OLDEST) && said("npm").await.is_some()
}

/// The major version in `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Whether what the lock file lists is what was installed here for the last time.
///
/// Not by npm's own file in `node_modules`, which `npm install --package-lock-only` rewrites and installs nothing.
fn is_installed(console: &Path) -> bool {
    let installed = fs::read(console.join(INSTALLED)).ok();
    installed.is_some() && installed == fs::read(console.join(LOCK)).ok()
}

/// Notes what was installed; where that cannot be written, it is installed again.
fn note_installed(console: &Path) {
    let _noted = fs::copy(console.join(LOCK), console.join(INSTALLED));
}

/// Whether the console was built after everything that it is made of changed for the last time.
fn is_built(console: &Path) -> bool {
    let built = changed(&console.join("dist/index.html"));
    built.is_some() && sources(console).iter().all(|source| changed(source) <= built)
}

/// The files of the console's directory itself, and all below its sources; a directory tells of what was removed.
fn sources(console: &Path) -> Vec<PathBuf> {
    let mut sources = entries(console);
    sources.retain(|path| path.is_file());
    let mut directories = vec![console.join("src"), console.join("public")];
    while let Some(directory) = directories.pop() {
        let entries = entries(&directory);
        directories.extend(entries.iter().filter(|path| path.is_dir()).cloned());
        sources.extend(entries.into_iter().filter(|path| !path.is_dir()));
        sources.push(directory);
    }
    sources
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::Folder;
    use std::time::Duration;

    fn at(folder: &Folder, path: &str, minute: u64) {
        folder.write(path, "");
        change(&folder.path.join(path), minute);
    }

    fn change(path: &Path, minute: u64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_mins(minute);
        fs::File::open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn a_build_counts_until_something_it_is_made_of_changes_or_goes() {
        let folder = Folder::new();
        let console = &folder.path;
        at(&folder, "package.json", 1);
        at(&folder, "src/grid/row.tsx", 1);
        at(&folder, "public/icon.svg", 1);
        for directory in ["src", "src/grid", "public"] {
            change(&console.join(directory), 1);
        }
        assert!(!is_built(console), "nothing is built");
        at(&folder, "dist/index.html", 2);
        // What is installed, and what tests leave, is no source.
        at(&folder, "node_modules/any/index.js", 3);
        at(&folder, "test-results/grid.png", 3);
        assert!(is_built(console));

        for source in ["package.json", "src/grid/row.tsx", "public/icon.svg", "src/grid"] {
            change(&console.join(source), 3);
            assert!(!is_built(console), "{source}");
            change(&console.join(source), 1);
            assert!(is_built(console), "{source}");
        }
    }

    #[test]
    fn what_is_installed_counts_until_the_lock_file_changes() {
        let folder = Folder::new();
        folder.write(LOCK, "one");
        assert!(!is_installed(&folder.path), "nothing is installed");
        folder.write("node_modules/any/index.js", "");
        note_installed(&folder.path);
        assert!(is_installed(&folder.path));
        folder.write(LOCK, "two");
        assert!(!is_installed(&folder.path));
        fs::remove_dir_all(folder.path.join("node_modules")).unwrap();
        fs::remove_file(folder.path.join(LOCK)).unwrap();
        assert!(!is_installed(&folder.path), "nothing is there");
    }

    #[test]
    fn node_tells_its_version() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert!(major("v18.19.0") < Some(OLDEST));
        assert!(major("no version") < Some(OLDEST));
    }
}
