//! The binaries, built as for deployment.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

pub struct Binary {
    pub name: String,
    pub path: PathBuf,
    /// The size in megabytes.
    pub size: f64,
    /// The size in megabytes in a zip file.
    pub zipped: f64,
}

impl Binary {
    /// The function that does nothing.
    pub fn hello() -> Self {
        Self::built("hello", &["-p", "coulisses-aws", "--example", "hello"])
    }

    /// A function.
    pub fn of(function: &str) -> Self {
        Self::built(function, &["-p", function])
    }

    fn built(name: &str, selection: &[&str]) -> Self {
        eprintln!("building {name}");
        let mut cargo = Command::new("cargo");
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_cargos(&name.to_string_lossy()))
        {
            cargo.env_remove(name);
        }
        let output = cargo
            .args(["build", "--locked", "--release", "--message-format=json-render-diagnostics"])
            .args(selection)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo");
        assert!(output.status.success(), "{name} cannot be built");
        let messages = String::from_utf8(output.stdout).expect("text");
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let path = messages
            .filter(|message| message["target"]["name"] == name)
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("a binary");
        let megabytes = |bytes: usize| f64::from(u32::try_from(bytes).expect("4 GB")) / 1e6;
        let size = usize::try_from(fs::metadata(&path).expect("a file").len()).expect("a size");
        // The zip file is as large as the output of gzip, except for some hundred bytes.
        let zipped = Command::new("gzip")
            .arg("-c")
            .stdin(File::open(&path).expect("a file"))
            .output()
            .expect("gzip")
            .stdout
            .len();
        Self { name: name.to_owned(), path, size: megabytes(size), zipped: megabytes(zipped) }
    }
}

/// Whether `cargo bench` sets this variable; passed on, build scripts that read it would rebuild everything.
fn is_cargos(name: &str) -> bool {
    let kept = ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_INCREMENTAL"];
    name == "CARGO"
        || name.starts_with("CARGO_")
            && !kept.contains(&name)
            && !["CARGO_BUILD_", "CARGO_NET_", "CARGO_PROFILE_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
}
