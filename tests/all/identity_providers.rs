//! Tokens of the issuers in docs/identity-providers.md, as API Gateway passes their claims.

use coulisses_aws::claims::Claims;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::json;

use crate::support::{OWNER, acme};

/// `acme` in a deployment whose parameter `Claims` has this value.
async fn acme_with(claims: &str) -> World {
    let mut world = acme().await;
    world.app.settings.claims = Claims::parse(claims).unwrap();
    world
}

/// Whether the API takes the caller for the owner of `acme`.
async fn own_access(world: &World, who: &Principal) -> Answer {
    world.send(who, Request::new("GET", "/v1/me/access")).await
}

async fn provision(world: &World, who: &Principal) -> Answer {
    let body = json!({ "name": "Acme", "owner": { "email": OWNER }, "seatLimit": 10, "granting": "administrators" });
    world.send(who, Request::new("PUT", "/v1/scopes/acme").json(&body)).await
}

fn owner() -> Principal {
    Principal::user(OWNER)
}

#[tokio::test]
async fn an_id_token_is_refused() {
    let world = acme().await;
    own_access(&world, &owner().with("token_use", "access").with("typ", "Bearer"))
        .await
        .expect(200);
    for (claim, value) in [("token_use", "id"), ("typ", "ID")] {
        let refused = own_access(&world, &owner().with(claim, value)).await.expect(401);
        assert_eq!(refused.text("/code"), "unauthenticated", "{claim}");
    }
}

#[tokio::test]
async fn a_token_without_the_required_scope_is_refused() {
    let world = acme_with("required_scope=access").await;
    own_access(&world, &owner()).await.expect(401);
    own_access(&world, &owner().with("scope", "openid accessible")).await.expect(401);
    own_access(&world, &owner().with("scope", "openid access")).await.expect(200);
    // The platform has a scope of its own.
    provision(&world, &Principal::platform()).await.expect(200);
}

#[tokio::test]
async fn the_platform_is_recognised_in_the_tokens_of_okta_and_entra_id() {
    let world = acme().await;
    let token = || Principal::platform().without("scope").without("client_id");
    for (scopes, value, client) in [
        ("scp", "[openid coulisses/platform]", "cid"),
        ("scp", "openid coulisses/platform", "azp"),
        ("roles", "[coulisses/platform]", "azp"),
        ("roles", "[coulisses/platform]", "appid"),
        ("scope", "coulisses/platform", "client_id"),
    ] {
        let who = token().with(scopes, value).with(client, "platform");
        provision(&world, &who).await.expect(200);
        // A program that is not the platform is a user without an address.
        for other in [who.clone().with(client, "other"), who.with(scopes, "[coulisses/platforms]")]
        {
            let refused = provision(&world, &other).await.expect(403);
            assert_eq!(refused.text("/code"), "email-not-verified");
        }
    }
}

#[tokio::test]
async fn the_claims_of_a_user_have_the_names_that_the_deployment_says() {
    let world =
        acme_with("subject=oid,email=https://acme.example/email,email_verified=always").await;
    let named = |address| {
        Principal::anonymous()
            .with("iss", "https://issuer.test")
            .with("oid", &format!("account of {OWNER}"))
            .with(address, OWNER)
    };
    own_access(&world, &named("https://acme.example/email")).await.expect(200);
    // The standard claims mean nothing there.
    own_access(&world, &named("email").with("email_verified", "true")).await.expect(403);
    own_access(&world, &owner()).await.expect(401);
    // By default, an address without `email_verified` is not verified.
    own_access(&acme().await, &owner().without("email_verified")).await.expect(403);
}

#[tokio::test]
async fn a_user_with_an_address_is_never_the_platform() {
    let world = acme_with("email=mail").await;
    for address in ["email", "mail"] {
        let who = Principal::platform().with(address, OWNER);
        let answer = provision(&world, &who).await;
        assert_ne!(answer.status, 200, "{address}");
    }
}

// With Auth0, `roles` and `auth_time` are reserved names.
#[tokio::test]
async fn the_claims_of_auth0_name_the_role_and_the_time_of_the_login() {
    let parts = [
        "email=https://acme.example/email",
        "email_verified=https://acme.example/verified",
        "roles=staff_roles",
        "auth_time=login_time",
    ];
    let claims = parts.join(",");
    assert!(claims.len() <= 118, "the parameter takes it");
    let world = acme_with(&claims).await;
    let who = Principal::anonymous()
        .with("iss", "https://acme.eu.auth0.com/")
        .with("sub", "auth0|1")
        .with("https://acme.example/email", "staff@acme.test")
        .with("https://acme.example/verified", "true")
        .with("staff_roles", "[coulisses-support]");
    assert_eq!(own_access(&world, &who).await.expect(200).body["support"], true);
}

#[tokio::test]
async fn with_a_web_acl_only_requests_through_cloudfront_are_accepted() {
    let mut world = acme().await;
    world.app.settings.origin_secret = Some("the secret of the origin".to_owned());
    let with = |value: Option<&str>, method: &'static str, path: &str| {
        let request = Request::new(method, path);
        value.map_or(request.clone(), |value| request.header("x-origin-secret", value))
    };
    for (method, path, through) in
        [("GET", "/v1/me/access", 200), ("POST", "/v1/invitations/preview", 415)]
    {
        for wrong in [None, Some(""), Some("the secret of the origiN")] {
            let answer = world.send(&owner(), with(wrong, method, path)).await.expect(403);
            assert_eq!(answer.text("/code"), "forbidden", "{path} {wrong:?}");
        }
        let answer =
            world.send(&owner(), with(Some("the secret of the origin"), method, path)).await;
        assert_eq!(answer.status, through, "{path}");
    }
}
