//! `coulisses-checks`: a service decides on its own read of the table, as the API does.

use std::{fs, path::Path};

use coulisses_checks::{Checks, Clock, Email, IdKey, Permission, Person, ScopeId};
use coulisses_tests::{ID_KEY, Principal, Request, TABLE, World};
use serde_json::json;

use crate::support::{LEA, OWNER, acme, active, revoke};

#[expect(clippy::print_stdout, reason = "an example prints")]
#[path = "../../clients/rust/example.rs"]
mod example;

fn checks(world: &World) -> Checks {
    let now = world.now();
    let checks = Checks::open(&world.sdk_config(), TABLE.to_owned(), IdKey::new(ID_KEY).unwrap());
    checks.with_clock(Clock::new(move || now))
}

#[tokio::test]
async fn the_example_in_the_readme_decides_by_the_grant_and_the_account() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients/rust");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("README.md").contains(&format!("```rust\n{}```", read("example.rs"))));

    let world = acme().await;
    active(&world, LEA, "acme:tech", "supervisor").await;
    let checks = checks(&world);
    let account = format!("account of {LEA}");
    let lea = (LEA, "https://issuer.test", account.as_str());
    let may = async |who, event| example::may_export(&checks, who, event).await.unwrap();
    assert!(may(lea, "acme:tech:summit").await);
    assert!(!may(lea, "acme:hr:gala").await, "a sister");
    assert!(!may((LEA, "https://issuer.test", "another account"), "acme:tech:summit").await);
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert!(!may(lea, "acme:tech:summit").await, "just revoked");
}

#[tokio::test]
async fn the_library_answers_as_the_api_does() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "manager").await;
    let checks = checks(&world);
    let people = [LEA, OWNER, "stranger@example.org"];
    let scopes = ["acme", "acme:tech", "acme:tech:summit", "acme:hr", "nothing"];
    let permissions =
        [Permission::ContactsView, Permission::CampaignsSend, Permission::AccessManage];
    let mut allowed = 0;
    for email in people {
        for scope in scopes {
            for permission in permissions {
                let asked = json!({ "checks": [
                    { "email": email, "scope": scope, "permission": permission.name() },
                ] });
                let request = Request::new("POST", "/v1/checks").json(&asked);
                let api = world.send(&Principal::platform(), request).await.expect(200);
                let person = Person { email: Email::parse(email).unwrap(), account: None };
                let at = ScopeId::parse(scope).unwrap();
                let own = checks.check(&person, &at, permission).await.unwrap();
                let expected = &api.body["results"][0];
                assert_eq!(own.is_allowed(), expected["allowed"] == true, "{asked}");
                let because = own.because.map(|it| it.scope.as_str().to_owned());
                assert_eq!(json!(because), expected["because"]["scope"], "{asked}");
                let version = own.basis.map(|basis| basis.version.number());
                assert_eq!(json!(version), expected["version"], "{asked}");
                allowed += usize::from(own.basis.is_some());
            }
        }
    }
    assert!(allowed > 10, "{allowed}");
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_an_error_and_never_an_answer() {
    let world = acme().await;
    let config = world.sdk_config().into_builder().endpoint_url("http://127.0.0.1:9").build();
    let checks = Checks::open(&config, TABLE.to_owned(), IdKey::new(ID_KEY).unwrap());
    let person = Person { email: Email::parse(OWNER).unwrap(), account: None };
    let scope = ScopeId::parse("acme").unwrap();
    assert!(checks.check(&person, &scope, Permission::ContactsView).await.is_err());
}
