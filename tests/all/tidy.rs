//! The layout holds: dependencies go one way, each function has its own resource and policy, nothing is left undone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use coulisses_tests::Template;
use serde_json::Value;

/// The routes of the API's contract, those of functions still to come included.
const ROUTES: [(&str, &str); 18] = [
    ("PUT /v1/scopes/{scope}", "provision"),
    ("GET /v1/scopes/{scope}", "provision"),
    ("POST /v1/scopes/{scope}/collaborators", "invite"),
    ("GET /v1/scopes/{scope}/collaborators", "list-access"),
    ("GET /v1/scopes/{scope}/collaborators/{id}", "list-access"),
    ("PUT /v1/scopes/{scope}/collaborators/{id}/role", "assign-role"),
    ("POST /v1/scopes/{scope}/collaborators/{id}/resend", "resend"),
    ("DELETE /v1/scopes/{scope}/collaborators/{id}", "revoke"),
    ("POST /v1/scopes/{scope}/revocations", "revoke"),
    ("POST /v1/invitations/preview", "accept"),
    ("POST /v1/invitations/accept", "accept"),
    ("POST /v1/scopes/{scope}/logins", "record-login"),
    ("POST /v1/checks", "check"),
    ("GET /v1/me/access", "check"),
    ("GET /v1/scopes/{scope}/history", "history"),
    ("POST /v1/scopes/{scope}/owner", "transfer-ownership"),
    ("GET /v1/scopes/{scope}/seats", "audit-seats"),
    ("POST /v1/scopes/{scope}/announcements", "announce"),
];

/// The longest that a source file may be, in lines.
const LONGEST: usize = 420;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The packages of the workspace, each with what it depends on to run.
static PACKAGES: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let runs_with = dependencies.filter(|dependency| dependency["kind"] != "dev");
            (name(package), runs_with.map(name).collect())
        })
        .collect()
});

/// The source files below a folder, by their path from the root, with their text.
fn sources(folder: &str) -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    let told = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(told).collect()
}

/// Every source file.
fn all_sources() -> BTreeMap<String, String> {
    ["functions", "shared", "infra/local", "tests"].into_iter().flat_map(sources).collect()
}

/// The names of the folders below `functions`.
fn functions() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("functions")).unwrap();
    folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The files of `sources` that hold one of `words`, outside the folders of `allowed`.
fn holding(sources: BTreeMap<String, String>, words: &[&str], allowed: &[&str]) -> Vec<String> {
    let outside = |path: &str| !allowed.iter().any(|folder| path.starts_with(folder));
    let holds = |text: &str| words.iter().any(|word| text.contains(word));
    let wrong = sources.into_iter().filter(|(path, text)| outside(path) && holds(text));
    wrong.map(|(path, _)| path).collect()
}

#[test]
fn functions_depend_on_neither_each_other_nor_an_sdk() {
    let functions = functions();
    for function in &functions {
        for dependency in &PACKAGES[function] {
            let sdk = dependency.starts_with("aws-") || dependency.starts_with("dynoxide");
            let wrong = functions.contains(dependency) || sdk || dependency == "coulisses-tests";
            assert!(!wrong, "{function} depends on {dependency}");
        }
    }
}

#[test]
fn the_adapters_depend_on_the_domain_and_the_domain_on_nobody() {
    let ours = |package: &str| -> BTreeSet<&str> {
        let dependencies = PACKAGES[package].iter().map(String::as_str);
        dependencies.filter(|dependency| PACKAGES.contains_key(*dependency)).collect()
    };
    assert_eq!(ours("coulisses-aws"), BTreeSet::from(["coulisses-domain"]));
    assert_eq!(ours("coulisses-domain"), BTreeSet::new());
    // What it may use: encodings, the spelling of domains, calendars, hashes. No clock, store, runtime or JSON.
    let pure = ["data-encoding", "idna", "jiff", "sha2", "subtle", "thiserror"];
    assert_eq!(PACKAGES["coulisses-domain"], pure.map(str::to_owned).into());
}

#[test]
fn the_domain_reads_no_clock_no_environment_and_waits_for_nothing() {
    let words = [
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "std::env",
        "env!",
        "async ",
        ".await",
        "std::fs",
        "std::net",
        "std::thread",
        "std::process",
        "serde",
        "getrandom",
    ];
    assert_eq!(holding(sources("shared/domain/src"), &words, &[]), [""; 0]);
}

#[test]
fn each_service_of_aws_is_spoken_to_in_one_place() {
    let shipped = || {
        let mut all = sources("functions");
        all.extend(sources("shared"));
        all
    };
    let table = ["shared/aws/src/table/"];
    assert_eq!(holding(shipped(), &["aws_sdk_dynamodb", "serde_dynamo"], &table), [""; 0]);
    assert_eq!(holding(shipped(), &["aws_sdk_sesv2"], &["shared/aws/src/mail/"]), [""; 0]);
    let environment = ["shared/aws/src/app.rs"];
    assert_eq!(holding(shipped(), &["env::var", "SystemTime"], &environment), [""; 0]);
}

#[test]
fn the_table_and_the_mail_know_nothing_of_http() {
    for folder in ["shared/aws/src/table", "shared/aws/src/mail"] {
        let words = ["crate::http", "lambda_http", "StatusCode", "crate::app"];
        assert_eq!(holding(sources(folder), &words, &[]), [""; 0], "{folder}");
    }
}

#[test]
fn each_function_is_one_resource_with_a_policy_of_its_own() {
    let template = Template::read();
    let resources: BTreeSet<String> = template.functions().into_keys().collect();
    assert_eq!(resources, functions());
    let text = fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    for (function, properties) in template.functions() {
        assert!(PACKAGES.contains_key(&function), "the binary {function} is a package");
        let binaries = text.lines().filter(|line| line.trim() == format!("Binary: {function}"));
        assert_eq!(binaries.count(), 1, "{function}");
        let policies = properties["Policies"].as_sequence().unwrap();
        assert_eq!(policies.len(), 1, "{function}");
        for statement in policies[0]["Statement"].as_sequence().unwrap() {
            assert_eq!(statement["Effect"].as_str(), Some("Allow"), "{function}");
            assert_ne!(statement["Resource"].as_str(), Some("*"), "{function}");
        }
        let actions = template.actions(&function);
        assert!(!actions.is_empty(), "{function}");
        for action in actions {
            assert!(!action.contains('*') && !action.ends_with(":Scan"), "{function} {action}");
        }
    }
}

#[test]
fn the_routes_are_those_of_the_contract() {
    let deployed: BTreeSet<(String, String)> = Template::read()
        .routes()
        .into_iter()
        .map(|route| (format!("{} {}", route.method, route.path), route.function))
        .collect();
    let functions = functions();
    let agreed: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|(_, function)| functions.contains(*function))
        .map(|(route, function)| ((*route).to_owned(), (*function).to_owned()))
        .collect();
    assert_eq!(deployed, agreed);
}

#[test]
fn only_a_preview_is_open() {
    let open = Template::read().routes().into_iter().filter(|route| route.open);
    let open: Vec<String> = open.map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(open, ["POST /v1/invitations/preview"]);
}

#[test]
fn a_source_file_says_what_it_is_for_and_can_be_read_at_a_sitting() {
    for (path, text) in all_sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{path} has {lines} lines");
        let first = text.trim_start_matches("#!").lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") || path.ends_with("/tests.rs"), "{path} says nothing");
    }
}

#[test]
fn nothing_is_left_out_or_undone() {
    // Written in halves, so that this file does not hold them.
    let words = [
        concat!("#[", "ignore"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
        concat!("FIX", "ME"),
        concat!("TO", "DO"),
        concat!("#[", "allow("),
        concat!("#![", "allow("),
    ];
    assert_eq!(holding(all_sources(), &words, &[]), [""; 0]);
}

/// The lines of the security design, each of which is a test case.
#[test]
fn each_line_of_the_security_design_is_a_test_of_that_name() {
    let held = |folder: &str, line: u32| {
        let name = format!("fn line_{line}_");
        sources(folder).into_values().any(|text| text.contains(&name))
    };
    let missing: Vec<u32> = (1..=26).filter(|line| !held("tests/all", *line)).collect();
    assert_eq!(missing, [0; 0], "over HTTP");
    assert!(held("shared/domain/tests/rules", 12), "nobody gives what he does not hold, as a law");
}

#[test]
fn every_test_file_is_compiled() {
    for binary in ["tests/all", "tests/fuzz", "tests/model", "tests/stack"] {
        let main = fs::read_to_string(root().join(binary).join("main.rs")).unwrap();
        for path in sources(binary).into_keys() {
            let module = Path::new(&path).file_stem().unwrap().to_str().unwrap();
            let declared = main.lines().any(|line| line == format!("mod {module};"));
            assert!(declared || module == "main", "{path} is in no binary");
        }
    }
}
