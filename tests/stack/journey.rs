//! A team's journey over real HTTP, through `cargo local`: gateway, `cargo lambda watch`, table, stream, mail.

use reqwest::Method;
use serde_json::json;

use crate::stack::{Stack, With};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_is_invited_changed_and_revoked_over_http_and_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("coulisses-journey-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let data = folder.join("table.sqlite");

    let stack = Stack::start(&["--empty".as_ref(), "--data".as_ref(), data.as_os_str()]).await;
    let platform = stack.token(json!({ "scope": "coulisses/platform" })).await;
    provision(&stack, &platform).await;
    let owner = owner_accepts(&stack).await;
    let kept = team_comes_and_goes(&stack, &owner).await;
    changes_are_on_the_bus(&stack).await;
    stack.stop().await;

    let stack = Stack::start(&["--empty".as_ref(), "--data".as_ref(), data.as_os_str()]).await;
    let owner = stack.person("odile@acme.test").await;
    assert_eq!(
        stack.grid(&owner, "acme:tech:summit").await,
        kept,
        "acknowledged changes survive a restart"
    );
    stack.stop().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn provision(stack: &Stack, platform: &str) {
    for (scope, body) in [
        (
            "acme",
            json!({ "name": "Acme", "seatLimit": 3, "granting": "administrators", "owner": { "email": "odile@acme.test" } }),
        ),
        ("acme:tech", json!({ "name": "Tech" })),
        ("acme:tech:summit", json!({ "name": "Summit", "kind": "event" })),
    ] {
        let target = format!("/v1/scopes/{scope}");
        stack.send(platform, (Method::PUT, &target, 201), With::body(body)).await;
    }
}

async fn owner_accepts(stack: &Stack) -> String {
    let links = stack.links("odile@acme.test", 1).await;
    let preview =
        stack.post("", ("/v1/invitations/preview", 200), json!({ "token": links[0] })).await;
    let role_name = json!({ "fr": "Propriétaire", "en": "Owner" });
    let grant = json!({ "scope": "acme", "name": "Acme", "role": "owner", "roleName": role_name, "platformUrl": null });
    assert_eq!(preview["grants"], json!([grant]));
    let owner = stack.person("odile@acme.test").await;
    stack.post(&owner, ("/v1/invitations/accept", 200), json!({ "token": links[0] })).await;
    let login =
        stack.send(&owner, (Method::POST, "/v1/scopes/acme/logins", 200), With::default()).await.1;
    assert_eq!(login["activated"], false);
    owner
}

/// Every change so far is an event on the local bus, about which `publish` learned from the stream.
async fn changes_are_on_the_bus(stack: &Stack) {
    let of = async |kind: &str| {
        let events = stack.get("", &format!("/_local/events?type={kind}")).await;
        events["events"].as_array().unwrap().len()
    };
    let expected = [
        ("collaborator.invited", 3),
        ("collaborator.activated", 3),
        ("collaborator.role-changed", 1),
        ("collaborator.revoked", 2),
        ("collaborator.resent", 1),
    ];
    for (kind, count) in expected {
        for attempt in 0.. {
            let found = of(kind).await;
            if found == count {
                break;
            }
            assert!(attempt < 100, "{kind}: {found} instead of {count}");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

/// Invites Léa to an audience and Max to its event, changes Léa's role, revokes her access and resends Max's invitation.
async fn team_comes_and_goes(stack: &Stack, owner: &str) -> Vec<String> {
    let here = "/v1/scopes/acme:tech:summit/collaborators";
    let invite_lea = json!({ "email": "lea@acme.test", "role": "reader" });
    let lea_id =
        stack.post(owner, ("/v1/scopes/acme:tech/collaborators", 201), invite_lea).await["id"]
            .clone();
    let invite_max =
        json!({ "email": "max@acme.test", "role": "custom", "permissions": ["checkin:scan"] });
    let max_id = stack.post(owner, (here, 201), invite_max.clone()).await["id"].clone();
    let (lea_id, max_id) = (lea_id.as_str().unwrap(), max_id.as_str().unwrap());
    let odile = "odile@acme.test active - [owner@acme]";
    let lea_pending = "lea@acme.test pending - [reader@acme:tech]";
    let max_pending = "max@acme.test pending custom [custom@acme:tech:summit]";
    assert_eq!(stack.grid(owner, "acme:tech:summit").await, [lea_pending, max_pending, odile]);
    assert_eq!(stack.grid(owner, "acme").await, ["odile@acme.test active owner [owner@acme]"]);

    stack.until_delivered(owner, (here, max_id)).await;
    let ran =
        stack.post("", ("/_local/schedules/audit-seats", 200), json!({ "client": "acme" })).await;
    assert_eq!(ran, json!({ "audited": 1, "failed": 0, "left": 0 }));
    let seats = stack.get(owner, "/v1/scopes/acme/seats").await;
    assert_eq!((&seats["pending"], &seats["lastAudit"]["counted"]), (&json!(2), &json!(3)));

    let full =
        stack.post(owner, (here, 409), json!({ "email": "zoe@acme.test", "role": "reader" })).await;
    assert_eq!(
        (&full["code"], &full["seats"]),
        (&json!("seat-limit-reached"), &json!({ "limit": 3, "used": 3 }))
    );

    let lea = stack.person("lea@acme.test").await;
    let link = stack.links("lea@acme.test", 1).await.remove(0);
    stack
        .post(
            &stack.person("eve@acme.test").await,
            ("/v1/invitations/accept", 403),
            json!({ "token": link }),
        )
        .await;
    stack.post(&lea, ("/v1/invitations/accept", 200), json!({ "token": link })).await;
    stack.send(&lea, (Method::POST, "/v1/scopes/acme/logins", 200), With::default()).await;
    let lea_active = "lea@acme.test active - [reader@acme:tech]";
    assert_eq!(stack.grid(owner, "acme:tech:summit").await, [lea_active, max_pending, odile]);

    let one = format!("{here}/{lea_id}");
    let (etag, _) = stack.send(owner, (Method::GET, &one, 200), With::default()).await;
    let assign = With { if_match: Some(&etag), body: Some(json!({ "role": "contributor" })) };
    stack.send(owner, (Method::PUT, &format!("{one}/role"), 200), assign).await;
    let lea_both =
        "lea@acme.test active contributor [reader@acme:tech contributor@acme:tech:summit]";
    assert_eq!(stack.grid(owner, "acme:tech:summit").await, [lea_both, max_pending, odile]);
    let stale = With { if_match: Some(&etag), body: None };
    stack.send(owner, (Method::DELETE, &one, 412), stale).await;

    let too_soon = stack.post(owner, (&format!("{here}/{max_id}/resend"), 429), json!({})).await;
    assert_eq!(too_soon["code"], "resend-too-soon");

    let (etag, _) = stack.send(owner, (Method::GET, &one, 200), With::default()).await;
    let (_, taken) = stack
        .send(owner, (Method::DELETE, &one, 200), With { if_match: Some(&etag), body: None })
        .await;
    assert_eq!(
        (&taken["seatReleased"], &taken["residual"][0]["scope"]),
        (&json!(false), &json!("acme:tech"))
    );
    let tech = format!("/v1/scopes/acme:tech/collaborators/{lea_id}");
    let (etag, _) = stack.send(owner, (Method::GET, &tech, 200), With::default()).await;
    let (_, taken) = stack
        .send(owner, (Method::DELETE, &tech, 200), With { if_match: Some(&etag), body: None })
        .await;
    assert_eq!(taken["seatReleased"], true);
    stack.send(&lea, (Method::GET, &one, 404), With::default()).await;

    // Once the last mail is a minute old, a resend invalidates the old link, and the new one works.
    let old = stack.links("max@acme.test", 1).await.remove(0);
    let resend = format!("{here}/{max_id}/resend");
    coulisses_tests::age_last_mail(&stack.table, "acme", max_id).await;
    stack.send(owner, (Method::POST, &resend, 202), With::default()).await;
    let new = stack.links("max@acme.test", 2).await.remove(1);
    stack.post("", ("/v1/invitations/preview", 404), json!({ "token": old })).await;
    let max = stack.person("max@acme.test").await;
    stack.post(&max, ("/v1/invitations/accept", 200), json!({ "token": new })).await;
    let grid = stack.grid(owner, "acme:tech:summit").await;
    assert_eq!(grid, ["max@acme.test active custom [custom@acme:tech:summit]", odile]);
    grid
}
