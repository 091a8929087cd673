//! Runs `infra/publish-console` with a fake AWS CLI that records its calls.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;

/// A temporary folder, deleted on drop.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("coulisses-console-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Adds a shell script to the folder's `bin`.
    fn program(&self, name: &str, script: &str) {
        let path = self.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The arguments of each call of the AWS CLI.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.0.join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A built console, and an AWS CLI that has one stack with these outputs.
fn prepared(name: &str, outputs: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(name);
    for file in ["index.html", "favicon.svg", "assets/index-1a.js", "assets/index-2b.css"] {
        folder.write(&format!("dist/{file}"), "");
    }
    let outputs: Vec<_> = outputs
        .iter()
        .map(|(key, value)| json!({ "OutputKey": key, "OutputValue": value }))
        .collect();
    let stacks = folder.write("stacks", &json!({ "Stacks": [{ "Outputs": outputs }] }).to_string());
    let (stacks, calls) =
        (stacks.display().to_string(), folder.0.join("calls").display().to_string());
    let script = format!(
        "echo \"$@\" >>'{calls}'\n\
         case \"$*\" in\n\
         *'--stack-name coulisses '*) /bin/cat '{stacks}' ;;\n\
         *describe-stacks*) echo 'Stack with id other does not exist' >&2; exit 254 ;;\n\
         esac"
    );
    folder.program("aws", &script);
    folder
}

const OUTPUTS: [(&str, &str); 3] = [
    ("ConsoleBucket", "files"),
    ("ConsoleDistribution", "E1"),
    ("ConsoleUrl", "https://console.example.org"),
];

/// Whether the script succeeded, and its output. Its `PATH` contains the folder's `bin` only.
fn publish(folder: &Folder, arguments: &[&str]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/publish-console");
    let python = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let python = String::from_utf8(python.unwrap().stdout).unwrap();
    let run = Command::new(python.trim())
        .arg(script)
        .args(arguments)
        .env("PATH", folder.0.join("bin"))
        .output()
        .unwrap();
    let output = [run.stdout, run.stderr].concat();
    (run.status.success(), String::from_utf8(output).unwrap())
}

fn published(folder: &Folder, more: &[&str]) -> (bool, String) {
    let built = folder.0.join("dist").display().to_string();
    publish(folder, &[&["--stack", "coulisses", "--built", built.as_str()], more].concat())
}

#[test]
fn assets_are_uploaded_before_the_page_and_the_cache_is_invalidated_last() {
    let folder = prepared("order", &OUTPUTS);
    let (done, output) = published(&folder, &[]);
    assert!(done, "{output}");
    assert!(
        output.ends_with("4 files were published at https://console.example.org\n"),
        "{output}"
    );
    let calls = folder.calls();
    let uploads: Vec<String> = calls
        .iter()
        .filter_map(|call| {
            let (_, rest) = call.split_once("s3://files/")?;
            Some(rest.replace(" --only-show-errors", ""))
        })
        .collect();
    let revalidate = "--cache-control no-cache";
    let immutable = "--cache-control public, max-age=31536000, immutable";
    let expected = [
        format!("assets/index-1a.js --content-type text/javascript; charset=utf-8 {immutable}"),
        format!("assets/index-2b.css --content-type text/css; charset=utf-8 {immutable}"),
        format!("favicon.svg --content-type image/svg+xml {revalidate}"),
        format!("index.html --content-type text/html; charset=utf-8 {revalidate}"),
    ];
    assert_eq!(uploads, expected);
    assert_eq!(
        calls.last().unwrap(),
        "cloudfront create-invalidation --distribution-id E1 --paths / /index.html"
    );
    assert!(
        !calls.iter().any(|call| call.contains("delete") || call.contains(" rm ")),
        "{calls:?}"
    );
}

#[test]
fn a_dry_run_lists_the_files_and_uploads_nothing() {
    let folder = prepared("dry", &OUTPUTS);
    let (done, output) = published(&folder, &["--dry-run"]);
    assert!(done, "{output}");
    assert!(output.contains("assets/index-1a.js: text/javascript"), "{output}");
    assert!(
        output.ends_with("4 files would be published at https://console.example.org\n"),
        "{output}"
    );
    assert_eq!(
        folder.calls(),
        ["cloudformation describe-stacks --stack-name coulisses --output json"]
    );
}

#[test]
fn missing_requirements_are_reported_before_any_upload() {
    let folder = prepared("missing", &OUTPUTS);
    let other = publish(&folder, &["--stack", "other"]);
    let expected = "aws cloudformation describe-stacks: Stack with id other does not exist\n";
    assert_eq!(other, (false, expected.to_owned()));
    let none = prepared("none", &[("ApiUrl", "https://api.example.org")]);
    let (done, output) = published(&none, &[]);
    let expected =
        "the stack coulisses has no console: deploy it with the parameter ConsoleClientId first\n";
    assert_eq!((done, output.as_str()), (false, expected));

    let (done, output) = publish(&folder, &["--stack", "coulisses"]);
    assert_eq!((done, output.as_str()), (false, "Node is needed (node is not on the PATH)\n"));
    folder.program("node", "exit 0");
    let (done, output) = publish(&folder, &["--stack", "coulisses"]);
    assert_eq!((done, output.as_str()), (false, "npm is needed (npm is not on the PATH)\n"));

    folder.write("dist/photo.tiff", "");
    let (done, output) = published(&folder, &[]);
    assert!(!done && output.starts_with("photo.tiff has an unknown type"), "{output}");
    fs::remove_file(folder.0.join("dist/photo.tiff")).unwrap();
    fs::remove_file(folder.0.join("dist/index.html")).unwrap();
    let (done, output) = published(&folder, &[]);
    assert!(!done && output.ends_with("dist has no index.html\n"), "{output}");
    assert!(!folder.calls().iter().any(|call| call.contains("s3 cp")), "{:?}", folder.calls());
    fs::remove_file(folder.0.join("bin/aws")).unwrap();
    let (done, output) = published(&folder, &[]);
    assert_eq!(
        (done, output.as_str()),
        (false, "the AWS CLI is needed (aws is not on the PATH)\n")
    );
}

#[test]
fn a_failed_upload_stops_before_the_page() {
    let folder = prepared("refused", &OUTPUTS);
    let aws = fs::read_to_string(folder.0.join("bin/aws")).unwrap();
    let aws = aws.replace("esac", "*index-2b.css*) echo 'Access Denied' >&2; exit 1 ;;\nesac");
    fs::write(folder.0.join("bin/aws"), aws).unwrap();
    let (done, output) = published(&folder, &[]);
    assert!(!done && output.contains("aws s3 cp: Access Denied"), "{output}");
    let calls = folder.calls();
    assert!(!calls.iter().any(|call| call.contains("index.html")), "{calls:?}");
}
