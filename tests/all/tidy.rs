//! The structure of the repository: dependencies, resources and policies of functions, and source files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use coulisses_aws::http::Route;
use coulisses_tests::Template;
use serde_json::Value;

/// The most lines of a source file.
const LONGEST: usize = 420;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The packages of the workspace with their dependencies, other than development dependencies.
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

/// The source files below a folder: path and text.
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
    let entry = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(entry).collect()
}

fn all_sources() -> BTreeMap<String, String> {
    ["functions", "shared", "infra/local", "tests"].into_iter().flat_map(sources).collect()
}

fn functions() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("functions")).unwrap();
    folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The files of `sources` with one of `words`, outside the folders of `allowed`.
fn files_with(sources: BTreeMap<String, String>, words: &[&str], allowed: &[&str]) -> Vec<String> {
    let outside = |path: &str| !allowed.iter().any(|folder| path.starts_with(folder));
    let contains = |text: &str| words.iter().any(|word| text.contains(word));
    let wrong = sources.into_iter().filter(|(path, text)| outside(path) && contains(text));
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
fn the_adapters_depend_on_the_domain_and_the_domain_on_nothing() {
    let ours = |package: &str| -> BTreeSet<&str> {
        let dependencies = PACKAGES[package].iter().map(String::as_str);
        dependencies.filter(|dependency| PACKAGES.contains_key(*dependency)).collect()
    };
    assert_eq!(ours("coulisses-aws"), BTreeSet::from(["coulisses-domain"]));
    // The build reads the catalogue; the domain has its constants.
    assert_eq!(ours("coulisses-domain"), BTreeSet::from(["coulisses-catalogue"]));
    // Encodings, names of hosts, web addresses, calendars and hashes; no clock, store, runtime or JSON.
    let pure = [
        "coulisses-catalogue",
        "data-encoding",
        "deunicode",
        "idna",
        "jiff",
        "sha2",
        "strum",
        "subtle",
        "thiserror",
        "url",
    ];
    assert_eq!(PACKAGES["coulisses-domain"], pure.map(str::to_owned).into());
}

#[test]
fn the_domain_reads_no_clock_and_no_environment_and_does_no_io() {
    let words = "SystemTime|Instant|Timestamp::now|Zoned::now|std::env|async |.await|std::fs|std::net|\
                 std::thread|std::process|serde|getrandom";
    let words: Vec<&str> = words.split('|').collect();
    assert_eq!(files_with(sources("shared/domain/src"), &words, &[]), [""; 0]);
}

#[test]
fn each_aws_service_is_called_in_one_place() {
    let shipped = || {
        let mut all = sources("functions");
        all.extend(sources("shared"));
        all
    };
    let table = ["shared/aws/src/table/"];
    let settings = ["shared/aws/src/config.rs", "shared/domain/build.rs"];
    assert_eq!(files_with(shipped(), &["aws_sdk_dynamodb", "serde_dynamo"], &table), [""; 0]);
    assert_eq!(files_with(shipped(), &["aws_sdk_sesv2"], &["shared/aws/src/mail/"]), [""; 0]);
    assert_eq!(files_with(shipped(), &["env::var"], &settings), [""; 0]);
    assert_eq!(files_with(shipped(), &["SystemTime"], &["shared/aws/src/clock.rs"]), [""; 0]);
}

/// `http` stands on the command loop and the app, and these on the table.
#[test]
fn only_http_knows_http_and_the_store_knows_no_app() {
    let http = ["shared/aws/src/http/", "shared/aws/src/logs.rs"];
    let words = ["lambda_http", "StatusCode"];
    assert_eq!(files_with(sources("shared/aws/src"), &words, &http), [""; 0]);
    for (path, text) in sources("shared/aws/src") {
        let imports = imports(&text);
        let knows = |module: &str| imports.contains(module);
        assert!(path.starts_with(http[0]) || !knows("http"), "{path}");
        let is_store = ["table/", "mail/"].iter().any(|folder| path.contains(folder));
        assert!(!is_store || !(knows("app") || knows("command")), "{path}");
    }
}

/// The modules that a source file names after `crate::`, alone or in a list.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let mut depth = 0_usize;
        let mut items = vec![String::new()];
        for character in rest.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ',' if depth == 1 => items.push(String::new()),
                _ => items.last_mut().unwrap().push(character),
            }
            if depth == 0 && !(character.is_alphanumeric() || character == '_') {
                break;
            }
        }
        let module = |item: String| item.trim().split("::").next().unwrap().to_owned();
        names.extend(items.into_iter().map(module));
    }
    names
}

/// The modules below `folder` that import themselves through others.
fn import_circles(folder: &str) -> Vec<String> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources(folder) {
        let inside = path.trim_start_matches(folder).trim_start_matches('/');
        let module = inside.split(['/', '.']).next().unwrap().to_owned();
        let others = imports(&text).into_iter().filter(|import| *import != module);
        graph.entry(module.clone()).or_default().extend(others);
    }
    let reaches_itself = |module: &&String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![*module]);
        while let Some(at) = next.pop() {
            next.extend(graph.get(at).into_iter().flatten().filter(|to| seen.insert(*to)));
        }
        seen.contains(*module)
    };
    graph.keys().filter(reaches_itself).cloned().collect()
}

#[test]
fn no_module_imports_itself_through_others() {
    for folder in ["shared/domain/src", "shared/aws/src"] {
        assert_eq!(import_circles(folder), [""; 0], "{folder}");
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
fn the_template_has_the_routes_of_the_code() {
    let deployed = Template::read().routes().into_iter();
    let deployed: BTreeSet<(String, String)> = deployed
        .map(|route| (format!("{} {}", route.method, route.path), route.function))
        .collect();
    let declared = Route::ALL.iter();
    let declared = declared.map(|route| (route.key().to_owned(), route.function().to_owned()));
    assert_eq!(deployed, declared.collect());
}

#[test]
fn only_links_of_invitations_and_the_metadata_of_authzen_need_no_login() {
    let open = Template::read().routes().into_iter().filter(|route| route.open);
    let open: Vec<String> = open.map(|route| format!("{} {}", route.method, route.path)).collect();
    let expected = [
        "GET /.well-known/authzen-configuration",
        "POST /v1/invitations/decline",
        "POST /v1/invitations/preview",
        "POST /v1/invitations/renewal",
    ];
    assert_eq!(open, expected);
}

#[test]
fn each_source_file_has_a_module_doc_and_a_limited_length() {
    for (path, text) in all_sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{path} has {lines} lines");
        let first = text.trim_start_matches("#!").lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") || path.ends_with("/tests.rs"),
            "{path} has no module doc"
        );
    }
}

#[test]
fn no_test_is_ignored_and_nothing_is_left_to_do() {
    // Split, so that this file does not contain them.
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
    assert_eq!(files_with(all_sources(), &words, &[]), [""; 0]);
}

/// Each line of docs/security.md has a test with its number in the name.
#[test]
fn each_line_of_the_security_design_has_a_test() {
    let is_tested = |folder: &str, line: u32| {
        let name = format!("fn line_{line}_");
        sources(folder).into_values().any(|text| text.contains(&name))
    };
    let missing: Vec<u32> = (1..=26).filter(|line| !is_tested("tests/all", *line)).collect();
    assert_eq!(missing, [0; 0], "over HTTP");
    assert!(
        is_tested("shared/domain/tests/rules", 12),
        "no one grants what they do not hold, as a property test"
    );
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
