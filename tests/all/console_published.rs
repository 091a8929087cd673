//! `infra/publish-console`, with a stand-in for the AWS CLI that writes down what it is told.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;

/// A folder that is gone with it.
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

    /// A program of this name, which does what the script says.
    fn program(&self, name: &str, script: &str) {
        let path = self.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn told(&self) -> Vec<String> {
        let told = fs::read_to_string(self.0.join("told")).unwrap_or_default();
        told.lines().map(str::to_owned).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A built console, and an AWS CLI that knows one stack with these outputs.
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
    let (stacks, told) =
        (stacks.display().to_string(), folder.0.join("told").display().to_string());
    let script = format!(
        "echo \"$@\" >>'{told}'\n\
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

/// Whether it did, and what it said; it finds Python and what is in the folder's own `bin`, and nothing else.
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
    let said = [run.stdout, run.stderr].concat();
    (run.status.success(), String::from_utf8(said).unwrap())
}

fn published(folder: &Folder, more: &[&str]) -> (bool, String) {
    let built = folder.0.join("dist").display().to_string();
    publish(folder, &[&["--stack", "coulisses", "--built", built.as_str()], more].concat())
}

#[test]
fn what_the_page_needs_is_there_before_the_page_and_the_old_page_is_outdated_last() {
    let folder = prepared("order", &OUTPUTS);
    let (done, said) = published(&folder, &[]);
    assert!(done, "{said}");
    assert!(said.ends_with("4 files were published at https://console.example.org\n"), "{said}");
    let told: Vec<String> = folder.told();
    let uploads: Vec<String> = told
        .iter()
        .filter_map(|told| {
            let (_, rest) = told.split_once("s3://files/")?;
            Some(rest.replace(" --only-show-errors", ""))
        })
        .collect();
    let anew = "--cache-control no-cache";
    let for_ever = "--cache-control public, max-age=31536000, immutable";
    let expected = [
        format!("assets/index-1a.js --content-type text/javascript; charset=utf-8 {for_ever}"),
        format!("assets/index-2b.css --content-type text/css; charset=utf-8 {for_ever}"),
        format!("favicon.svg --content-type image/svg+xml {anew}"),
        format!("index.html --content-type text/html; charset=utf-8 {anew}"),
    ];
    assert_eq!(uploads, expected);
    assert_eq!(
        told.last().unwrap(),
        "cloudfront create-invalidation --distribution-id E1 --paths / /index.html"
    );
    assert!(!told.iter().any(|told| told.contains("delete") || told.contains(" rm ")), "{told:?}");
}

#[test]
fn a_dry_run_tells_all_and_does_nothing() {
    let folder = prepared("dry", &OUTPUTS);
    let (done, said) = published(&folder, &["--dry-run"]);
    assert!(done, "{said}");
    assert!(said.contains("assets/index-1a.js: text/javascript"), "{said}");
    assert!(
        said.ends_with("4 files would be published at https://console.example.org\n"),
        "{said}"
    );
    let told = folder.told();
    assert_eq!(told, ["cloudformation describe-stacks --stack-name coulisses --output json"]);
}

#[test]
fn whatever_is_missing_is_said_before_anything_is_published() {
    let folder = prepared("missing", &OUTPUTS);
    let other = publish(&folder, &["--stack", "other"]);
    let expected = "aws cloudformation describe-stacks: Stack with id other does not exist\n";
    assert_eq!(other, (false, expected.to_owned()));
    let none = prepared("none", &[("ApiUrl", "https://api.example.org")]);
    let (done, said) = published(&none, &[]);
    let expected =
        "the stack coulisses has no console: deploy it with the parameter ConsoleClientId first\n";
    assert_eq!((done, said.as_str()), (false, expected));

    let (done, said) = publish(&folder, &["--stack", "coulisses"]);
    assert_eq!((done, said.as_str()), (false, "Node is needed (node is not on the PATH)\n"));
    folder.program("node", "exit 0");
    let (done, said) = publish(&folder, &["--stack", "coulisses"]);
    assert_eq!((done, said.as_str()), (false, "npm is needed (npm is not on the PATH)\n"));

    folder.write("dist/photo.tiff", "");
    let (done, said) = published(&folder, &[]);
    assert!(!done && said.starts_with("of which type is photo.tiff?"), "{said}");
    fs::remove_file(folder.0.join("dist/photo.tiff")).unwrap();
    fs::remove_file(folder.0.join("dist/index.html")).unwrap();
    let (done, said) = published(&folder, &[]);
    assert!(!done && said.ends_with("dist has no index.html\n"), "{said}");
    assert!(!folder.told().iter().any(|told| told.contains("s3 cp")), "{:?}", folder.told());
    fs::remove_file(folder.0.join("bin/aws")).unwrap();
    let (done, said) = published(&folder, &[]);
    assert_eq!((done, said.as_str()), (false, "the AWS CLI is needed (aws is not on the PATH)\n"));
}

#[test]
fn an_upload_that_is_refused_ends_it_before_the_page() {
    let folder = prepared("refused", &OUTPUTS);
    let aws = fs::read_to_string(folder.0.join("bin/aws")).unwrap();
    let aws = aws.replace("esac", "*index-2b.css*) echo 'Access Denied' >&2; exit 1 ;;\nesac");
    fs::write(folder.0.join("bin/aws"), aws).unwrap();
    let (done, said) = published(&folder, &[]);
    assert!(!done && said.contains("aws s3 cp: Access Denied"), "{said}");
    let told = folder.told();
    assert!(!told.iter().any(|told| told.contains("index.html")), "{told:?}");
}
