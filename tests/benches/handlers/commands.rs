//! Each command once: the preparation comes first, and only the command itself is timed.

use coulisses_tests::{Principal, Request, Timing};
use serde_json::json;

use crate::scene::{LEA, OWNER, Scene};

/// A command in a client.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    Check,
    CheckTwenty,
    OwnAccess,
    List,
    ListOne,
    Invite,
    Preview,
    Accept,
    Resend,
    AssignRole,
    Revoke,
    RecordLogin,
    Provision,
    Transfer,
    History,
    Seats,
    Announce,
    Deliver,
    Audit,
}

impl Command {
    /// All commands with their labels. `deliver` is measured after the commands that queue mails.
    pub const ALL: [(&str, Self); 19] = [
        ("check", Self::Check),
        ("check, 20 questions", Self::CheckTwenty),
        ("check, one's own access", Self::OwnAccess),
        ("list-access", Self::List),
        ("list-access, one person", Self::ListOne),
        ("invite", Self::Invite),
        ("accept, a preview", Self::Preview),
        ("accept", Self::Accept),
        ("resend", Self::Resend),
        ("assign-role", Self::AssignRole),
        ("revoke", Self::Revoke),
        ("record-login", Self::RecordLogin),
        ("provision", Self::Provision),
        ("transfer-ownership", Self::Transfer),
        ("history", Self::History),
        ("audit-seats, the seats", Self::Seats),
        ("audit-seats, an audit", Self::Audit),
        ("deliver, one mail", Self::Deliver),
        ("announce", Self::Announce),
    ];

    /// Runs the command once in `client`.
    pub async fn once(self, scene: &Scene, client: &str) -> Timing {
        let owner = Principal::user(OWNER);
        let get = async |target: &str| scene.send(&owner, Request::new("GET", target)).await;
        let at = format!("/v1/scopes/{client}");
        match self {
            Self::Check => check(scene, client, 1).await,
            Self::CheckTwenty => check(scene, client, 20).await,
            Self::OwnAccess => {
                scene.send(&Principal::user(LEA), Request::new("GET", "/v1/me/access")).await.1
            }
            Self::List => get(&format!("{at}:tech/collaborators?limit=100")).await.1,
            Self::ListOne => get(&scene.path_of(client, LEA)).await.1,
            Self::Invite => {
                let (email, timing) = invite(scene, client).await;
                revoke(scene, client, &email).await;
                timing
            }
            Self::Preview | Self::Accept => accept(scene, client, self).await,
            Self::Resend => {
                let (email, _) = invite(scene, client).await;
                scene.wait();
                let path = format!("{}/resend", scene.path_of(client, &email));
                let timing = scene.post(OWNER, &path, &json!({})).await.1;
                revoke(scene, client, &email).await;
                timing
            }
            Self::AssignRole => {
                let role = if scene.other_turn() { "contributor" } else { "reader" };
                let person = scene.path_of(client, LEA);
                let etag = get(&person).await.0.etag().to_owned();
                let request = Request::new("PUT", &format!("{person}/role"));
                let request = request.json(&json!({ "role": role })).if_match(&etag);
                scene.send(&owner, request).await.1
            }
            Self::Revoke => {
                let (email, _) = invite(scene, client).await;
                revoke(scene, client, &email).await
            }
            Self::RecordLogin => {
                scene.wait();
                scene.post(LEA, &format!("{at}/logins"), &json!({})).await.1
            }
            Self::Provision => {
                let name = if scene.other_turn() { "Tech" } else { "Techno" };
                let request = Request::new("PUT", &format!("{at}:tech"));
                scene.send(&Principal::platform(), request.json(&json!({ "name": name }))).await.1
            }
            Self::Transfer => transfer(scene, client).await,
            Self::History => get(&format!("{at}/history")).await.1,
            Self::Seats => get(&format!("{at}/seats")).await.1,
            Self::Announce => {
                let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
                scene.post(OWNER, &format!("{at}/announcements"), &body).await.1
            }
            Self::Deliver => {
                scene.timed.deliver().await;
                let (email, _) = invite(scene, client).await;
                let timing = scene.timed.deliver().await;
                revoke(scene, client, &email).await;
                timing
            }
            Self::Audit => scene.timed.audit(client).await,
        }
    }
}

async fn check(scene: &Scene, client: &str, questions: usize) -> Timing {
    let scope = format!("{client}:tech:summit");
    let question = json!({ "scope": scope, "permission": "contacts:view" });
    let body = json!({ "checks": vec![question; questions] });
    let (answer, timing) = scene.post(LEA, "/v1/checks", &body).await;
    assert_eq!(answer.body.pointer("/results/0/allowed"), Some(&json!(true)));
    timing
}

async fn invite(scene: &Scene, client: &str) -> (String, Timing) {
    let email = scene.new_collaborator();
    let body = json!({ "email": email, "role": "observer" });
    let path = format!("/v1/scopes/{client}:tech/collaborators");
    let (_, timing) = scene.post(OWNER, &path, &body).await;
    (email, timing)
}

async fn revoke(scene: &Scene, client: &str, email: &str) -> Timing {
    let (owner, path) = (Principal::user(OWNER), scene.path_of(client, email));
    let etag = scene.send(&owner, Request::new("GET", &path)).await.0.etag().to_owned();
    scene.send(&owner, Request::new("DELETE", &path).if_match(&etag)).await.1
}

/// Previews an invitation, then accepts it.
async fn accept(scene: &Scene, client: &str, command: Command) -> Timing {
    let (email, _) = invite(scene, client).await;
    scene.timed.deliver().await;
    let token = scene.world.ses.mails_to(&email).pop().expect("a mail").token();
    let body = json!({ "token": token });
    let request = Request::new("POST", "/v1/invitations/preview").json(&body);
    let (_, previewed) = scene.send(&Principal::anonymous(), request).await;
    let (_, accepted) = scene.post(&email, "/v1/invitations/accept", &body).await;
    revoke(scene, client, &email).await;
    if matches!(command, Command::Preview) { previewed } else { accepted }
}

/// Transfers a client to Léa and back; returns the time of the first transfer.
async fn transfer(scene: &Scene, client: &str) -> Timing {
    let mut timings = Vec::new();
    for (from, to) in [(OWNER, LEA), (LEA, OWNER)] {
        let at = format!("/v1/scopes/{client}");
        let etag =
            scene.send(&Principal::user(from), Request::new("GET", &at)).await.0.etag().to_owned();
        let body = json!({ "collaborator": scene.world.id_of(client, to) });
        let request = Request::new("POST", &format!("{at}/owner")).json(&body).if_match(&etag);
        timings.push(scene.send(&Principal::user(from), request).await.1);
    }
    timings.swap_remove(0)
}
