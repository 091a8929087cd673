//! Python programs that tests run, and the libraries they need.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

/// Installs the libraries of a folder's `requirements.txt` with pip below the target folder. Returns where they are.
pub async fn python_library(folder: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let wanted = root.join(folder).join("requirements.txt");
    let text = fs::read_to_string(&wanted).unwrap();
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder.replace('/', "-"));
    let installed = library.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|known| known == text) {
        return library;
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]);
    pip.arg("--target").arg(&library).arg("--requirement").arg(wanted).stdin(Stdio::null());
    let output = pip.output().await.expect("python3, with pip");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::write(installed, text).unwrap();
    library
}
