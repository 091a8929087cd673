//! `infra/import` moves the people of a CSV file into a client.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use reqwest::Method;
use serde_json::json;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{
    python::python_library,
    stack::{Stack, With},
};

/// How many people are in the file: ten batches.
const PEOPLE: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_interrupted_twice_ends_complete_and_without_a_duplicate() {
    let library = python_library("infra/import").await;
    let stack = Stack::start(&[]).await;
    let platform = stack.token(json!({ "scope": "coulisses/platform" })).await;
    let moved = json!({
        "name": "Moved", "seatLimit": PEOPLE, "granting": "administrators",
        "owner": { "email": "owner@moved.example" },
    });
    let client = (Method::PUT, "/v1/scopes/moved", 201);
    stack.send(&platform, client, With::body(moved)).await;
    let tech = json!({ "name": "Tech" });
    stack.send(&platform, (Method::PUT, "/v1/scopes/moved:tech", 201), With::body(tech)).await;
    let tool = Tool { library, file: people(), base: stack.base.clone() };

    let report = tool.run(&["--dry-run"]).await;
    assert_eq!(report.0, 0, "{}", report.1);
    assert!(report.1.contains("1,000 new"), "{}", report.1);
    assert!(report.1.contains("seats: 1 taken; 1 people will not find a free one"), "{}", report.1);
    assert!(report.1.contains("line 1003: No role is named 'Capitaine'"), "{}", report.1);
    let seats = stack.get(&platform, "/v1/scopes/moved/seats").await;
    assert_eq!(seats["used"], 1, "a dry run imports no one");

    for done in [150, 450] {
        tool.run_until(&stack, &platform, done).await;
    }
    let (status, report) = tool.run(&["--yes"]).await;
    assert_eq!(status, 1, "lines fail: {report}");
    assert!(report.contains(" unchanged, 3 failed"), "{report}");
    let seats = stack.get(&platform, "/v1/scopes/moved/seats").await;
    assert_eq!((&seats["used"], &seats["active"]), (&json!(PEOPLE), &json!(499)));
    assert_eq!(stack.grid(&platform, "moved").await.len(), 2, "the owner and person 3");
    let both = stack.get(&platform, "/v1/scopes/moved:tech/collaborators?q=person3@").await;
    assert_eq!(both["collaborators"][0]["grants"].as_array().unwrap().len(), 2, "two lines");
    let mails = stack.get("", "/_local/mails?to=person3@moved.example").await;
    assert_eq!(mails["mails"], json!([]), "an import sends no mail");

    assert_eq!(imported(&stack, &platform).await, PEOPLE - 1, "each once");

    let failed = fs::read_to_string(tool.file.with_file_name("people.failed.csv")).unwrap();
    let failed: Vec<&str> = failed.lines().collect();
    assert_eq!(failed.len(), 4, "headings and three lines: {failed:?}");
    assert!(failed[2].starts_with("captain@"), "{failed:?}");
    assert!(failed[1].starts_with("person999@") && failed[1].contains("seat"), "{failed:?}");
    assert!(
        failed[3].starts_with("nowhere@") && failed[3].contains("grants/0/scope"),
        "{failed:?}"
    );
    let (_, report) = tool.run(&["--yes"]).await;
    assert!(report.contains("999 unchanged") && !report.contains(" new"), "{report}");
    stack.stop().await;
}

/// How many imports the history has.
async fn imported(stack: &Stack, platform: &str) -> usize {
    let (mut count, mut target) =
        (0, "/v1/scopes/moved/history?action=imported&limit=100".to_owned());
    let first = target.clone();
    loop {
        let page = stack.get(platform, &target).await;
        count += page["entries"].as_array().unwrap().len();
        let Some(cursor) = page["nextCursor"].as_str() else { return count };
        target = format!("{first}&cursor={cursor}");
    }
}

/// A file as Excel writes it in French: every second person has an account, person 3 has two lines, and the last
/// two lines name a role and a scope that do not exist.
fn people() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    let line = |number: usize| {
        let account = if number % 2 == 1 { format!("{number}") } else { String::new() };
        format!(
            "person{number}@moved.example;Zoé;N°{number};Lectrice;tech;30/06/2027;https://id.example/;{account}\n"
        )
    };
    let mut text = "E-mail;Prénom;Nom;Profil;Niveau;Fin de l'accès;iss;sub\n".to_owned();
    text.extend((0..PEOPLE).map(line));
    text += "person3@moved.example;Zoé;N°3;Gestionnaire;;;https://id.example/;3\n";
    text += "captain@moved.example;Zoé;Capitaine;Capitaine;;;;\n";
    text += "nowhere@moved.example;Zoé;Nulle part;Lectrice;tech:a:b:c;;;\n";
    let file = folder.join("people.csv");
    // Windows-1252, where each of these letters is one byte of the same value as its code point.
    let bytes: Vec<u8> =
        text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    fs::write(&file, bytes).unwrap();
    file
}

struct Tool {
    library: PathBuf,
    file: PathBuf,
    base: String,
}

impl Tool {
    fn start(&self, options: &[&str]) -> Child {
        Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/import"))
            .arg(&self.file)
            .args(["--client", "moved", "--url", &self.base, "--local"])
            .args(options)
            .env("PYTHONPATH", &self.library)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// The exit status, and everything that it printed.
    async fn run(&self, options: &[&str]) -> (i32, String) {
        let Output { status, stdout, stderr } =
            self.start(options).wait_with_output().await.unwrap();
        let printed = [stdout, stderr].concat();
        (status.code().unwrap(), String::from_utf8_lossy(&printed).into_owned())
    }

    /// Kills it once this number of people is imported.
    async fn run_until(&self, stack: &Stack, platform: &str, done: u64) {
        let mut tool = self.start(&["--yes"]);
        let used = async || {
            let seats = stack.get(platform, "/v1/scopes/moved/seats").await;
            seats["used"].as_u64().unwrap()
        };
        let imported = async { while used().await < done {} };
        timeout(Duration::from_mins(1), imported).await.expect("an import that goes on");
        tool.kill().await.unwrap();
        assert!(used().await < 900, "the import was interrupted");
    }
}
