//! Builds the console's files with Node when they are missing or older than their sources.

use crate::children::Children;
use crate::project::{Project, output};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use thiserror::Error;
use tokio::process::Command;

/// The oldest Node that builds the console.
const OLDEST: u32 = 20;

const LOCK: &str = "package-lock.json";

/// A copy of the lock file as it was at the last installation; it disappears together with `node_modules`.
const INSTALLED: &str = "node_modules/.installed-package-lock.json";

/// Why there is no console, and what to do about it.
#[derive(Debug, Error)]
pub enum Missing {
    #[error("it was left out; start without --no-console to have it")]
    LeftOut,
    #[error("console/package.json does not exist; check out the whole repository to have it")]
    NoSources,
    #[error(
        "install Node {OLDEST} or later with npm (https://nodejs.org) and start again to have it"
    )]
    NoNode,
    #[error("`npm ci` failed in console/; see its output above, then start again")]
    Install,
    #[error("`npm run build` failed in console/; see its output above, then start again")]
    Build,
}

/// Builds the console unless it is up to date, and returns the directory of its files.
///
/// # Errors
/// When there is no console; the stack runs without it.
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
    if !is_built(&console) {
        if !has_node().await {
            return Err(Missing::NoNode);
        }
        if !is_installed(&console) {
            eprintln!("installing the console's dependencies ...");
            // No package needs its install scripts, which would run with the user's rights.
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
    let mut npm = Command::new("npm");
    npm.args(arguments).env("NPM_CONFIG_UPDATE_NOTIFIER", "false").current_dir(console);
    let ended = match children.start(&npm) {
        Ok(npm) => npm.ended().await,
        Err(error) => Err(error),
    };
    if ended.is_ok_and(|status| status.success()) { Ok(()) } else { Err(failed) }
}

async fn has_node() -> bool {
    let version = async |program| {
        let output = output(Command::new(program).arg("--version")).await.ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let node = version("node").await.and_then(|version| major(&version));
    node >= Some(OLDEST) && version("npm").await.is_some()
}

/// The major version in `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Whether the packages in the lock file are installed.
///
/// npm's own copy in `node_modules` is not enough: `npm install --package-lock-only` rewrites it and installs nothing.
fn is_installed(console: &Path) -> bool {
    let installed = fs::read(console.join(INSTALLED)).ok();
    installed.is_some() && installed == fs::read(console.join(LOCK)).ok()
}

/// Records the installation; if that fails, the next start installs again.
fn note_installed(console: &Path) {
    let _noted = fs::copy(console.join(LOCK), console.join(INSTALLED));
}

/// Whether the console was built after the last change of its sources.
fn is_built(console: &Path) -> bool {
    let built = changed(&console.join("dist/index.html"));
    built.is_some() && sources(console).iter().all(|source| changed(source) <= built)
}

/// The files in the console's directory, and everything below `src` and `public`. The time of a directory shows removals.
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
    fn a_build_is_current_until_a_source_changes_or_disappears() {
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
        // Installed packages and the output of tests are not sources.
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
    fn an_installation_is_current_until_the_lock_file_changes() {
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
    fn the_major_version_of_node_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert!(major("v18.19.0") < Some(OLDEST));
        assert!(major("no version") < Some(OLDEST));
    }
}
