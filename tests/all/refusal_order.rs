//! The order of refusals (infra/openapi.yaml): the caller, the form of the request, what the caller may see and do, the
//! version, and only then the fields and the state of the records.

use coulisses_tests::{Principal, Request};
use serde_json::json;

use crate::support::{LEA, MAX, OWNER, TECH, acme, active, etag_of, path_of};

#[tokio::test]
async fn refusals_have_one_order_on_every_route_that_changes_something() {
    let world = acme().await;
    let admin = "admin@example.org";
    for (email, role) in [(LEA, "reader"), (MAX, "reader"), (admin, "administrator")] {
        active(&world, email, TECH, role).await;
    }
    let max = path_of(&world, TECH, MAX);
    let email = format!("{}/email", path_of(&world, "acme", MAX));
    let scope = format!("/v1/scopes/{TECH}");
    let unverified = Principal::user(admin).with("email_verified", "false");
    let platform = Principal::platform();
    let (owner, admin) = (Principal::user(OWNER), Principal::user(admin));
    // A request whose fields are wrong, and who may send it.
    for (method, path, body, permitted, has_version) in [
        ("PUT", scope.clone(), json!({ "name": "" }), &platform, false),
        (
            "POST",
            format!("{scope}/collaborators"),
            json!({ "email": "no", "role": "reader" }),
            &admin,
            false,
        ),
        ("POST", format!("{scope}/collaborators"), json!({ "invitations": [] }), &admin, false),
        ("POST", format!("{scope}/revocations"), json!({ "ids": [] }), &admin, false),
        (
            "POST",
            format!("{scope}/announcements"),
            json!({ "subject": "", "text": "" }),
            &admin,
            false,
        ),
        ("PUT", format!("{max}/role"), json!({ "role": "chef" }), &admin, true),
        ("PUT", email, json!({ "email": "no" }), &owner, true),
        ("POST", "/v1/scopes/acme/owner".into(), json!({ "collaborator": "no" }), &owner, true),
    ] {
        let request = || Request::new(method, &path).json(&body);
        let case = format!("{method} {path}: {body}");
        let outcome =
            async |who: &Principal, request: Request| world.send(who, request).await.outcome();
        assert_eq!(outcome(&unverified, request()).await, "403 email-not-verified", "{case}");
        let broken = Request::new(method, &path).json(&json!([]));
        assert_eq!(outcome(permitted, broken).await, "400 malformed", "{case}");
        let stranger = Principal::user("stranger@example.org");
        assert_eq!(outcome(&stranger, request()).await, "404 scope-not-found", "{case}");
        let expected = if path.contains(TECH) { "403 forbidden" } else { "404 scope-not-found" };
        assert_eq!(outcome(&Principal::user(LEA), request()).await, expected, "{case}");
        let mut last = request();
        if has_version {
            assert_eq!(outcome(permitted, request()).await, "428 if-match-required", "{case}");
            let stale = request().if_match("\"1\"");
            assert_eq!(outcome(permitted, stale).await, "412 stale-version", "{case}");
            let etag = if path.contains("collaborators") {
                etag_of(&world, MAX).await
            } else {
                let client = Request::new("GET", "/v1/scopes/acme");
                world.send(&owner, client).await.etag().to_owned()
            };
            last = last.if_match(&etag);
        }
        let last = world.send(permitted, last).await;
        assert_eq!(last.status, 422, "{case}: {last:?}");
        assert!(last.body["errors"][0]["pointer"].is_string(), "{case}: {last:?}");
    }
}

#[tokio::test]
async fn the_rules_name_all_wrong_fields_at_once() {
    let world = acme().await;
    let past = "2026-01-01T00:00:00Z";
    let invitation = json!({ "email": LEA, "role": "custom", "permissions": ["checkin:scan"], "expiresAt": past });
    let expected = |below: &str| {
        json!([
            { "pointer": format!("{below}/role"), "code": "role-not-allowed-here" },
            { "pointer": format!("{below}/expiresAt"), "code": "invalid-expiry" },
        ])
    };
    let path = format!("/v1/scopes/{TECH}/collaborators");
    let owner = Principal::user(OWNER);
    let one = world.send(&owner, Request::new("POST", &path).json(&invitation)).await.expect(422);
    assert_eq!(one.body["errors"], expected(""));
    let several = json!({ "invitations": [{ "email": MAX, "role": "reader" }, invitation] });
    let several = world.send(&owner, Request::new("POST", &path).json(&several)).await.expect(200);
    assert_eq!(several.body["results"][1]["problem"]["errors"], expected("/invitations/1"));
}
