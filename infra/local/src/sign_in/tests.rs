//! The sign-in flow, its errors and its limits.

use super::*;
use crate::issuer::TokenRequest;
use axum::body::to_bytes;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, Validation, decode};
use reqwest::Url;

// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SIGNED_IN: &str = "http://127.0.0.1:8080/signed-in";
const SOPHIE: &str = "sophie.bernard@example.com";

const AUTHORIZE: [(&str, &str); 8] = [
    ("response_type", "code"),
    ("client_id", "console"),
    ("redirect_uri", SIGNED_IN),
    ("scope", "openid email profile"),
    ("state", "a state & more"),
    ("nonce", "a nonce"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

const EXCHANGE: [(&str, &str); 4] = [
    ("grant_type", "authorization_code"),
    ("client_id", "console"),
    ("redirect_uri", SIGNED_IN),
    ("code_verifier", VERIFIER),
];

/// A form of `base` with `changes`; an empty value removes the parameter.
fn form(base: &[(&str, &str)], changes: &[(&str, &str)]) -> Parameters {
    let unchanged = base.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    Parameters::parse(pairs.extend_pairs(unchanged).extend_pairs(changes).finish().as_bytes())
}

fn sign_in() -> SignIn {
    let issuer = Arc::new(Issuer::new("audience").unwrap());
    SignIn::new(issuer, Origins::new(8080), true)
}

fn english() -> &'static Words {
    Words::english()
}

fn start() -> Timestamp {
    // The tests validate tokens in real time.
    now()
}

fn location(response: &Response) -> Url {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    Url::parse(response.headers()["location"].to_str().unwrap()).unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 100_000).await.unwrap().to_vec()).unwrap()
}

async fn json_of(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_str(&text(response).await).unwrap())
}

/// The code of a sign-in as Sophie at `now`.
fn code(sign_in: &SignIn, now: Timestamp) -> String {
    let chosen = sign_in.choose(&form(&AUTHORIZE, &[("email", SOPHIE)]), english(), now);
    parameter(&location(&chosen), "code").unwrap()
}

async fn token_error(sign_in: &SignIn, changes: &[(&str, &str)], now: Timestamp) -> String {
    let (status, body) = json_of(sign_in.token(&form(&EXCHANGE, changes), now)).await;
    assert_eq!(status, 400, "{body}");
    body["error"].as_str().unwrap().to_owned()
}

fn claims(sign_in: &SignIn, token: &Value, audience: &str) -> Value {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    let token = token.as_str().unwrap();
    decode::<Value>(token, &sign_in.issuer.decoding_key().unwrap(), &validation).unwrap().claims
}

#[tokio::test]
async fn a_sign_in_has_the_same_account_as_a_token_of_the_issuer() {
    let (sign_in, now) = (sign_in(), start());
    let chosen = sign_in.choose(&form(&AUTHORIZE, &[("email", SOPHIE)]), english(), now);
    let back = location(&chosen);
    assert!(back.as_str().starts_with("http://127.0.0.1:8080/signed-in?code="));
    assert_eq!(parameter(&back, "state").as_deref(), Some("a state & more"));
    assert_eq!(parameter(&back, "iss").as_deref(), Some(ISSUER));

    let code = parameter(&back, "code").unwrap();
    let response = sign_in.token(&form(&EXCHANGE, &[("code", &code)]), now);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let (status, tokens) = json_of(response).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid email profile");

    let known = sign_in.issuer.token(&TokenRequest::for_email(SOPHIE)).unwrap();
    let known = claims(&sign_in, &known.into(), "audience");
    let access = claims(&sign_in, &tokens["access_token"], "audience");
    let id = claims(&sign_in, &tokens["id_token"], "console");
    for name in ["iss", "sub", "email", "email_verified"] {
        assert_eq!(access[name], known[name], "{name}");
        assert_eq!(id[name], known[name], "{name}");
    }
    assert_eq!(access["client_id"], "console");
    assert_eq!(id["nonce"], "a nonce");
    assert_eq!(id["name"], "Sophie Bernard");
}

#[tokio::test]
async fn a_code_is_valid_once() {
    let (sign_in, now) = (sign_in(), start());
    let code = code(&sign_in, now);
    let form_data = form(&EXCHANGE, &[("code", &code)]);
    assert_eq!(sign_in.token(&form_data, now).status(), StatusCode::OK);
    assert_eq!(token_error(&sign_in, &[("code", &code)], now).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_valid_for_less_than_a_minute() {
    let sign_in = sign_in();
    let given = start();
    let (soon, late) = (SignedDuration::from_secs(59), SignedDuration::from_secs(60));
    let form_data = form(&EXCHANGE, &[("code", &code(&sign_in, given))]);
    assert_eq!(sign_in.token(&form_data, given + soon).status(), StatusCode::OK);
    let old = code(&sign_in, given);
    assert_eq!(token_error(&sign_in, &[("code", &old)], given + late).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_redirect_uri_and_is_used_up_otherwise() {
    let (sign_in, now) = (sign_in(), start());
    for wrong in [
        ("code_verifier", "another-verifier-of-43-characters-at-least-."),
        // The challenge itself is not a verifier: `plain` is not supported.
        ("code_verifier", CHALLENGE),
        ("redirect_uri", "http://localhost:8080/signed-in"),
        ("redirect_uri", "http://127.0.0.1:8080/signed-in?"),
    ] {
        let code = code(&sign_in, now);
        let error = token_error(&sign_in, &[wrong, ("code", &code)], now).await;
        assert_eq!(error, "invalid_grant", "{wrong:?}");
        let again = token_error(&sign_in, &[("code", &code)], now).await;
        assert_eq!(again, "invalid_grant", "after {wrong:?}");
    }
}

#[tokio::test]
async fn an_invalid_exchange_has_its_error_code() {
    let sign_in = sign_in();
    for (change, error) in [
        (("grant_type", ""), "invalid_request"),
        (("grant_type", "password"), "unsupported_grant_type"),
        (("client_id", ""), "invalid_request"),
        (("client_id", "platform"), "invalid_client"),
        (("code_verifier", ""), "invalid_request"),
        (("redirect_uri", ""), "invalid_request"),
        (("code", "unknown"), "invalid_grant"),
    ] {
        let code = if change.0 == "code" { ("other", "x") } else { ("code", "unknown") };
        assert_eq!(token_error(&sign_in, &[change, code], start()).await, error, "{change:?}");
    }
    let twice = [("code", "one"), ("code", "two")];
    assert_eq!(token_error(&sign_in, &twice, start()).await, "invalid_request");
}

#[tokio::test]
async fn a_foreign_redirect_uri_is_rejected_on_a_page() {
    let sign_in = sign_in();
    for foreign in [
        "https://example.org/signed-in",
        "http://127.0.0.1:8081/signed-in",
        "http://127.0.0.1:8080@example.org/",
        "//example.org",
        "javascript:alert(1)",
        "",
    ] {
        let form_data = form(&AUTHORIZE, &[("redirect_uri", foreign), ("email", SOPHIE)]);
        let responses = [
            sign_in.authorize(&form_data, english()),
            sign_in.choose(&form_data, english(), start()),
        ];
        for response in responses {
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{foreign}");
            assert_eq!(response.headers().get("location"), None, "{foreign}");
            assert!(text(response).await.contains("not on this local stack"), "{foreign}");
        }
        if !foreign.is_empty() {
            let form_data = form(&[("post_logout_redirect_uri", foreign)], &[]);
            let response = sign_in.log_out(&form_data, english());
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{foreign}");
            assert_eq!(response.headers().get("location"), None, "{foreign}");
        }
    }
}

#[test]
fn an_unknown_client_is_rejected_on_a_page() {
    let sign_in = sign_in();
    for client in ["", "platform", "Console"] {
        let form_data = form(&AUTHORIZE, &[("client_id", client), ("email", SOPHIE)]);
        let response = sign_in.choose(&form_data, english(), start());
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{client}");
        assert_eq!(response.headers().get("location"), None, "{client}");
    }
}

#[test]
fn an_invalid_request_is_reported_to_the_client() {
    let sign_in = sign_in();
    for (change, error) in [
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", VERIFIER.split_at(20).0), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("scope", "email"), "invalid_scope"),
        (("request", "x"), "request_not_supported"),
        (("request_uri", "x"), "request_uri_not_supported"),
        // There is no session.
        (("prompt", "none"), "login_required"),
    ] {
        let form_data = form(&AUTHORIZE, &[change, ("email", SOPHIE)]);
        for response in [
            sign_in.authorize(&form_data, english()),
            sign_in.choose(&form_data, english(), start()),
        ] {
            let back = location(&response);
            assert_eq!(parameter(&back, "error").as_deref(), Some(error), "{change:?}");
            assert_eq!(parameter(&back, "state").as_deref(), Some("a state & more"), "{change:?}");
            assert_eq!(parameter(&back, "code"), None, "{change:?}");
        }
    }
    let twice = form(&AUTHORIZE, &[("nonce", "one"), ("nonce", "two")]);
    let back = location(&sign_in.authorize(&twice, english()));
    assert_eq!(parameter(&back, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn the_scope_of_the_platform_is_ignored() {
    let (sign_in, now) = (sign_in(), start());
    let form_data = [("scope", "coulisses/platform openid"), ("email", SOPHIE)];
    let back = location(&sign_in.choose(&form(&AUTHORIZE, &form_data), english(), now));
    let code = parameter(&back, "code").unwrap();
    let (_, tokens) = json_of(sign_in.token(&form(&EXCHANGE, &[("code", &code)]), now)).await;
    assert_eq!(tokens["scope"], "openid");
    assert_eq!(claims(&sign_in, &tokens["access_token"], "audience")["scope"], "openid");
}

#[tokio::test]
async fn the_page_needs_no_script_and_escapes_parameters() {
    let form_data = form(&AUTHORIZE, &[("state", "\"><script>alert(1)</script>")]);
    let response = sign_in().authorize(&form_data, english());
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(
        policy.ends_with("form-action http://127.0.0.1:8080 http://localhost:8080"),
        "{policy}"
    );
    let page = text(response).await;
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("style="), "{page}");
    assert!(page.contains("alert(1)"), "the form repeats the state");
}

#[tokio::test]
async fn the_person_that_the_client_suggests_is_listed_first() {
    let sign_in = sign_in();
    for (hint, name) in
        [("lea.dubois@example.com", "Léa Dubois"), ("you@example.org", "you@example.org")]
    {
        let page =
            text(sign_in.authorize(&form(&AUTHORIZE, &[("login_hint", hint)]), english())).await;
        let (_, from_first_button) = page.split_once("<button").unwrap();
        let (first, _) = from_first_button.split_once("</button>").unwrap();
        assert!(first.contains(&format!("value=\"{hint}\"")), "{first}");
        assert!(first.contains(name), "{first}");
        assert_eq!(page.matches(&format!("value=\"{hint}\"")).count(), 1, "once");
    }
    let page =
        text(sign_in.authorize(&form(&AUTHORIZE, &[("login_hint", "no address")]), english()))
            .await;
    assert!(!page.contains("Suggested"));
}

#[tokio::test]
async fn invalid_input_shows_an_error_and_stays_in_the_form() {
    let sign_in = sign_in();
    for typed in ["invalid", "a b@example.org", "@example.org", "a@b@c", ""] {
        let chosen = form(&AUTHORIZE, &[("email", typed), ("name", "Name <b>")]);
        let response = sign_in.choose(&chosen, english(), start());
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{typed}");
        let page = text(response).await;
        assert!(page.contains("role=\"alert\""), "{typed}");
        assert!(page.contains(&format!("value=\"{typed}\" autofocus")), "{page}");
        assert!(page.contains("value=\"Name &#60;b&#62;\""), "{page}");
        assert!(page.contains(CHALLENGE), "the form repeats the request");
    }
}

#[tokio::test]
async fn without_the_demonstration_the_page_has_only_the_form() {
    let issuer = Arc::new(Issuer::new("audience").unwrap());
    let sign_in = SignIn::new(issuer, Origins::new(8080), false);
    let page = text(sign_in.authorize(&form(&AUTHORIZE, &[]), Words::preferred("fr", ""))).await;
    assert!(page.contains("lang=\"fr\"") && page.contains("Une autre personne"), "{page}");
    assert!(!page.contains(SOPHIE));
}

#[test]
fn a_logout_redirects_with_the_state() {
    let form_data =
        [("post_logout_redirect_uri", "http://localhost:8080/signed-out"), ("state", "s")];
    let back = location(&sign_in().log_out(&form(&form_data, &[]), english()));
    assert_eq!(back.as_str(), "http://localhost:8080/signed-out?state=s");
    let stays = sign_in().log_out(&form(&[], &[]), english());
    assert_eq!(stays.status(), StatusCode::OK);
}

#[test]
fn the_configuration_has_addresses_at_the_origin_of_the_request() {
    let configuration = SignIn::configuration("http://localhost:8080");
    assert_eq!(configuration["issuer"], ISSUER);
    assert_eq!(configuration["authorization_endpoint"], "http://localhost:8080/_local/authorize");
    assert_eq!(configuration["token_endpoint"], "http://localhost:8080/_local/token");
    assert_eq!(configuration["end_session_endpoint"], "http://localhost:8080/_local/logout");
    assert_eq!(configuration["response_types_supported"], json!(["code"]));
    assert_eq!(configuration["code_challenge_methods_supported"], json!(["S256"]));
}
