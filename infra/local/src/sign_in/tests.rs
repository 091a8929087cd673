//! What a sign-in gives, and what it never does.

use super::*;
use crate::issuer::Wanted;
use axum::body::to_bytes;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, Validation, decode};
use reqwest::Url;

// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SIGNED_IN: &str = "http://127.0.0.1:8080/signed-in";
const SOPHIE: &str = "sophie.bernard@example.com";

const ASKED: [(&str, &str); 8] = [
    ("response_type", "code"),
    ("client_id", "console"),
    ("redirect_uri", SIGNED_IN),
    ("scope", "openid email profile"),
    ("state", "a state & more"),
    ("nonce", "a nonce"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

const SHOWN: [(&str, &str); 4] = [
    ("grant_type", "authorization_code"),
    ("client_id", "console"),
    ("redirect_uri", SIGNED_IN),
    ("code_verifier", VERIFIER),
];

/// A form of `base` with `changes`, of which an empty value leaves the parameter out.
fn form(base: &[(&str, &str)], changes: &[(&str, &str)]) -> Parameters {
    let unchanged = base.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    Parameters::parse(pairs.extend_pairs(unchanged).extend_pairs(changes).finish().as_bytes())
}

fn sign_in() -> SignIn {
    let issuer = Arc::new(Issuer::new("audience".to_owned()).unwrap());
    SignIn::new(issuer, Origins::new(8080), true)
}

fn english() -> &'static Words {
    Words::of(Language::English)
}

fn start() -> Timestamp {
    // The tokens say when they end, and are looked at in real time.
    clock::now()
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

/// The code that somebody who chooses Sophie is sent back with, at `now`.
fn code(sign_in: &SignIn, now: Timestamp) -> String {
    let chosen = sign_in.choose(&form(&ASKED, &[("email", SOPHIE)]), english(), now);
    parameter(&location(&chosen), "code").unwrap()
}

async fn refusal(sign_in: &SignIn, changes: &[(&str, &str)], now: Timestamp) -> String {
    let (status, body) = json_of(sign_in.tokens(&form(&SHOWN, changes), now)).await;
    assert_eq!(status, 400, "{body}");
    body["error"].as_str().unwrap().to_owned()
}

fn claims(sign_in: &SignIn, token: &Value, audience: &str) -> Value {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    let token = token.as_str().unwrap();
    decode::<Value>(token, &sign_in.issuer.decoding_key(), &validation).unwrap().claims
}

#[tokio::test]
async fn whoever_signs_in_gets_the_very_account_that_a_token_of_the_issuer_has() {
    let (sign_in, now) = (sign_in(), start());
    let chosen = sign_in.choose(&form(&ASKED, &[("email", SOPHIE)]), english(), now);
    let back = location(&chosen);
    assert!(back.as_str().starts_with("http://127.0.0.1:8080/signed-in?code="));
    assert_eq!(parameter(&back, "state").as_deref(), Some("a state & more"));
    assert_eq!(parameter(&back, "iss").as_deref(), Some(ISSUER));

    let code = parameter(&back, "code").unwrap();
    let answer = sign_in.tokens(&form(&SHOWN, &[("code", &code)]), now);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let (status, tokens) = json_of(answer).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid email profile");

    let wanted = Wanted { email: Some(SOPHIE.to_owned()), ..Wanted::default() };
    let known = sign_in.issuer.token(&wanted).unwrap();
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
async fn a_code_counts_once() {
    let (sign_in, now) = (sign_in(), start());
    let code = code(&sign_in, now);
    let shown = form(&SHOWN, &[("code", &code)]);
    assert_eq!(sign_in.tokens(&shown, now).status(), StatusCode::OK);
    assert_eq!(refusal(&sign_in, &[("code", &code)], now).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_counts_for_less_than_a_minute() {
    let sign_in = sign_in();
    let given = start();
    let (soon, late) = (SignedDuration::from_secs(59), SignedDuration::from_secs(60));
    let shown = form(&SHOWN, &[("code", &code(&sign_in, given))]);
    assert_eq!(sign_in.tokens(&shown, given + soon).status(), StatusCode::OK);
    let old = code(&sign_in, given);
    assert_eq!(refusal(&sign_in, &[("code", &old)], given + late).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_counts_only_with_its_verifier_and_its_address_and_is_used_up_otherwise() {
    let (sign_in, now) = (sign_in(), start());
    for wrong in [
        ("code_verifier", "another-verifier-of-43-characters-at-least-."),
        // The challenge itself is no verifier: `plain` is not known here.
        ("code_verifier", CHALLENGE),
        ("redirect_uri", "http://localhost:8080/signed-in"),
        ("redirect_uri", "http://127.0.0.1:8080/signed-in?"),
    ] {
        let code = code(&sign_in, now);
        let refused = refusal(&sign_in, &[wrong, ("code", &code)], now).await;
        assert_eq!(refused, "invalid_grant", "{wrong:?}");
        let again = refusal(&sign_in, &[("code", &code)], now).await;
        assert_eq!(again, "invalid_grant", "after {wrong:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_exchange_has_its_code() {
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
        assert_eq!(refusal(&sign_in, &[change, code], start()).await, error, "{change:?}");
    }
    let twice = [("code", "one"), ("code", "two")];
    assert_eq!(refusal(&sign_in, &twice, start()).await, "invalid_request");
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let sign_in = sign_in();
    for foreign in [
        "https://example.org/signed-in",
        "http://127.0.0.1:8081/signed-in",
        "http://127.0.0.1:8080@example.org/",
        "//example.org",
        "javascript:alert(1)",
        "",
    ] {
        let asked = form(&ASKED, &[("redirect_uri", foreign), ("email", SOPHIE)]);
        let answers = [sign_in.ask(&asked, english()), sign_in.choose(&asked, english(), start())];
        for answer in answers {
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{foreign}");
            assert_eq!(answer.headers().get("location"), None, "{foreign}");
            assert!(text(answer).await.contains("not on this local stack"), "{foreign}");
        }
        if !foreign.is_empty() {
            let leaving = form(&[("post_logout_redirect_uri", foreign)], &[]);
            let answer = sign_in.leave(&leaving, english());
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{foreign}");
            assert_eq!(answer.headers().get("location"), None, "{foreign}");
        }
    }
}

#[test]
fn a_client_that_is_not_known_is_not_answered() {
    let sign_in = sign_in();
    for client in ["", "platform", "Console"] {
        let asked = form(&ASKED, &[("client_id", client), ("email", SOPHIE)]);
        let answer = sign_in.choose(&asked, english(), start());
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{client}");
        assert_eq!(answer.headers().get("location"), None, "{client}");
    }
}

#[test]
fn what_is_wrong_with_a_request_is_told_to_the_client() {
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
        // Nobody is signed in here.
        (("prompt", "none"), "login_required"),
    ] {
        let asked = form(&ASKED, &[change, ("email", SOPHIE)]);
        for answer in [sign_in.ask(&asked, english()), sign_in.choose(&asked, english(), start())] {
            let back = location(&answer);
            assert_eq!(parameter(&back, "error").as_deref(), Some(error), "{change:?}");
            assert_eq!(parameter(&back, "state").as_deref(), Some("a state & more"), "{change:?}");
            assert_eq!(parameter(&back, "code"), None, "{change:?}");
        }
    }
    let twice = form(&ASKED, &[("nonce", "one"), ("nonce", "two")]);
    let back = location(&sign_in.ask(&twice, english()));
    assert_eq!(parameter(&back, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_scope_that_is_the_platforms_is_left_out() {
    let (sign_in, now) = (sign_in(), start());
    let asked = [("scope", "coulisses/platform openid"), ("email", SOPHIE)];
    let back = location(&sign_in.choose(&form(&ASKED, &asked), english(), now));
    let code = parameter(&back, "code").unwrap();
    let (_, tokens) = json_of(sign_in.tokens(&form(&SHOWN, &[("code", &code)]), now)).await;
    assert_eq!(tokens["scope"], "openid");
    assert_eq!(claims(&sign_in, &tokens["access_token"], "audience")["scope"], "openid");
}

#[tokio::test]
async fn the_page_needs_no_script_and_shows_what_came_as_text() {
    let asked = form(&ASKED, &[("state", "\"><script>alert(1)</script>")]);
    let answer = sign_in().ask(&asked, english());
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(
        policy.ends_with("form-action http://127.0.0.1:8080 http://localhost:8080"),
        "{policy}"
    );
    let page = text(answer).await;
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("style="), "{page}");
    assert!(page.contains("alert(1)"), "the state is handed on");
}

#[tokio::test]
async fn whom_the_client_suggests_is_offered_first_known_or_not() {
    let sign_in = sign_in();
    for (hint, name) in
        [("lea.dubois@example.com", "Léa Dubois"), ("you@example.org", "you@example.org")]
    {
        let page = text(sign_in.ask(&form(&ASKED, &[("login_hint", hint)]), english())).await;
        let (_, from_first_button) = page.split_once("<button").unwrap();
        let (first, _) = from_first_button.split_once("</button>").unwrap();
        assert!(first.contains(&format!("value=\"{hint}\"")), "{first}");
        assert!(first.contains(name), "{first}");
        assert_eq!(page.matches(&format!("value=\"{hint}\"")).count(), 1, "once");
    }
    let page = text(sign_in.ask(&form(&ASKED, &[("login_hint", "no address")]), english())).await;
    assert!(!page.contains("Suggested"));
}

#[tokio::test]
async fn what_is_no_address_is_told_on_the_page_and_what_was_typed_stays() {
    let sign_in = sign_in();
    for typed in ["nobody", "a b@example.org", "@example.org", "a@b@c", ""] {
        let chosen = form(&ASKED, &[("email", typed), ("name", "Nobody <b>")]);
        let answer = sign_in.choose(&chosen, english(), start());
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{typed}");
        let page = text(answer).await;
        assert!(page.contains("role=\"alert\""), "{typed}");
        assert!(page.contains(&format!("value=\"{typed}\" autofocus")), "{page}");
        assert!(page.contains("value=\"Nobody &#60;b&#62;\""), "{page}");
        assert!(page.contains(CHALLENGE), "the request goes on");
    }
}

#[tokio::test]
async fn without_the_demonstration_anybody_signs_in_by_address() {
    let issuer = Arc::new(Issuer::new("audience".to_owned()).unwrap());
    let sign_in = SignIn::new(issuer, Origins::new(8080), false);
    let page = text(sign_in.ask(&form(&ASKED, &[]), Words::of(Language::French))).await;
    assert!(page.contains("lang=\"fr\"") && page.contains("Quelqu&#39;un d&#39;autre"), "{page}");
    assert!(!page.contains(SOPHIE));
}

#[test]
fn whoever_signs_out_comes_back_with_the_state() {
    let leaving =
        [("post_logout_redirect_uri", "http://localhost:8080/signed-out"), ("state", "s")];
    let back = location(&sign_in().leave(&form(&leaving, &[]), english()));
    assert_eq!(back.as_str(), "http://localhost:8080/signed-out?state=s");
    let stays = sign_in().leave(&form(&[], &[]), english());
    assert_eq!(stays.status(), StatusCode::OK);
}

#[test]
fn the_configuration_names_addresses_where_it_was_asked() {
    let told = SignIn::configuration("http://localhost:8080");
    assert_eq!(told["issuer"], ISSUER);
    assert_eq!(told["authorization_endpoint"], "http://localhost:8080/_local/authorize");
    assert_eq!(told["token_endpoint"], "http://localhost:8080/_local/token");
    assert_eq!(told["end_session_endpoint"], "http://localhost:8080/_local/logout");
    assert_eq!(told["response_types_supported"], json!(["code"]));
    assert_eq!(told["code_challenge_methods_supported"], json!(["S256"]));
}
