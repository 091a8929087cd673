//! Texts from users: web addresses, invisible characters and directions, from the request to the mail.

use coulisses_tests::{Principal, Request, SentMail, World, text};
use linkify::{LinkFinder, LinkKind};
use serde_json::{Value, json};

use crate::support::{
    EVE, LEA, OWNER, SUMMIT, TECH, acme, get, id_of, invite, invited, log_in, post, put_scope, seen,
};

const EVIL: &str = "Évelyne https://evil.example/login www.evil.example evil.example/x";

/// The web addresses that a mail client finds in a mail, those of invitation links aside.
fn found(mail: &SentMail) -> Vec<String> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    let html = mail.html.replace("&#47;", "/");
    let texts = [mail.subject.as_str(), mail.text.as_str(), html.as_str()];
    let links = texts.iter().flat_map(|text| finder.links(text));
    let links = links.filter(|link| *link.kind() == LinkKind::Url);
    let foreign = links.filter(|link| !link.as_str().starts_with("https://console.test/"));
    foreign.map(|link| link.as_str().to_owned()).collect()
}

/// The last mail to Léa.
async fn mail_to_lea(world: &World) -> SentMail {
    world.deliver().await;
    world.ses.mails_to(LEA).last().unwrap().clone()
}

#[tokio::test]
async fn a_name_with_a_web_address_is_refused_at_every_input() {
    let world = acme().await;
    for name in [EVIL, "Evil www.evil.example", "evil.example/login", "EVIL://x"] {
        let body = json!({ "email": LEA, "role": "observer", "name": name });
        let refused = invite(&world, OWNER, TECH, &body).await;
        assert_eq!(refused.outcome(), "422 invalid-field", "{name}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/name");
        let detail = refused.text("/errors/0/detail");
        assert_eq!(detail, "a name cannot contain a web address");
        assert!(refused.text("/detail").ends_with(&format!("({detail})")), "{}", refused.body);
        let owner = json!({ "email": LEA, "name": name });
        for (scope, body, pointer) in [
            ("acme", json!({ "name": name, "seatLimit": 5, "granting": "owner" }), "/name"),
            (TECH, json!({ "name": name }), "/name"),
            (SUMMIT, json!({ "name": name, "kind": "event" }), "/name"),
            (
                "expo",
                json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": owner }),
                "/owner/name",
            ),
        ] {
            let refused = put_scope(&world, scope, &body).await;
            assert_eq!(refused.outcome(), "422 invalid-field", "{scope} {name}");
            assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{scope} {name}");
        }
    }
    for name in ["Salon.fr", "booking.com Team", "St. John", "A.B."] {
        put_scope(&world, TECH, &json!({ "name": name })).await.expect(200);
    }
}

#[tokio::test]
async fn a_claimed_name_with_a_web_address_is_ignored() {
    let world = acme().await;
    invited(&world, EVE, TECH, "administrator").await;
    let eve = Principal::user(EVE).with("name", EVIL);
    post(&world, &eve, "/v1/scopes/acme/logins", &json!({})).await.expect(200);
    assert_eq!(seen(&world, TECH, EVE).await.body["name"], Value::Null);
}

#[tokio::test]
async fn line_17_no_name_and_no_message_is_a_link_in_a_mail() {
    let world = acme().await;
    // An earlier version stored these names.
    for sk in ["#".into(), "S#tech#summit".into(), format!("P#{}", id_of(&world, OWNER))] {
        let mut item = world.item("acme", &sk).await;
        item.insert("name".into(), text(EVIL.into()));
        world.write([item].into_iter()).await;
    }
    let owner = seen(&world, "acme", OWNER).await.expect(200);
    assert_eq!(owner.body["name"], EVIL, "a stored name can still be read");
    let message = format!("{EVIL} mailto:x@evil.example \\\\evil.example\\x 10.0.0.1 evil.рф");
    let body = json!({ "email": LEA, "role": "observer", "message": message });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    let mail = mail_to_lea(&world).await;
    assert_eq!(found(&mail), [""; 0], "{} {} {}", mail.subject, mail.text, mail.html);
    let broken = "Évelyne https: //evil. example/login www. evil. example evil. example/x";
    assert_eq!(mail.subject, format!("{broken} vous invite à rejoindre {broken}"));
    assert!(mail.text.contains(&format!("  {broken} mailto:x@evil. example")), "{}", mail.text);
    assert_eq!(mail.html.matches(broken).count(), 7, "{}", mail.html);

    log_in(&world, LEA).await;
    let announcement = json!({ "subject": EVIL, "text": EVIL });
    let target = format!("/v1/scopes/{SUMMIT}/announcements");
    post(&world, &Principal::user(OWNER), &target, &announcement).await.expect(202);
    world.deliver().await;
    let mail = mail_to_lea(&world).await;
    assert_eq!(mail.subject, broken);
    assert_eq!(found(&mail), [""; 0], "{} {} {}", mail.subject, mail.text, mail.html);
}

#[tokio::test]
async fn names_from_right_to_left_are_isolated_in_mails() {
    let world = acme().await;
    put_scope(&world, SUMMIT, &json!({ "name": "כנס 2027", "kind": "event" })).await.expect(200);
    let client = json!({ "name": "3M", "seatLimit": null, "granting": "administrators" });
    put_scope(&world, "acme", &client).await.expect(200);
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa", "message": "<b>(שלום)" });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    let mail = mail_to_lea(&world).await;
    let [open, close] = ['\u{2068}', '\u{2069}'];
    assert_eq!(
        mail.subject,
        format!("{open}Odile{close} vous invite à rejoindre {open}כנס 2027{close}")
    );
    let lead = "[Odile] ([owner@acme.test]) vous invite à rejoindre l’équipe de [כנס 2027] ([3M]).";
    let isolated = lead.replace('[', &open.to_string()).replace(']', &close.to_string());
    assert!(mail.text.contains(&isolated), "{}", mail.text);
    assert!(mail.text.starts_with("Bonjour Léa,\n"), "a line from left to right needs no isolate");
    let page = lead.replace('[', "<bdi>").replace(']', "</bdi>");
    assert!(mail.html.contains(&page), "{}", mail.html);
    assert!(mail.html.contains("<title>Odile vous invite à rejoindre כנס 2027</title>"));
    let quotation = mail.html.split("<blockquote ").nth(1).unwrap().split('>').next().unwrap();
    for part in ["dir=\"auto\"", "unicode-bidi:plaintext", "overflow-wrap:anywhere"] {
        assert!(quotation.contains(part), "{quotation}");
    }
    assert!(!mail.html.contains([open, close]));
}

#[tokio::test]
async fn an_invitation_names_the_address_of_the_inviter_but_not_of_the_platform() {
    let world = acme().await;
    invite(&world, OWNER, TECH, &json!({ "email": LEA, "role": "observer" })).await.expect(201);
    let mail = mail_to_lea(&world).await;
    assert!(mail.text.contains("Odile (owner@acme.test) vous invite à"), "{}", mail.text);
    assert!(mail.html.contains("Odile (owner@acme.test) vous invite à"), "{}", mail.html);
    put_scope(&world, SUMMIT, &crate::support::gala("nina@example.org")).await.expect(200);
    world.deliver().await;
    let mail = world.ses.mails_to("nina@example.org").pop().unwrap();
    let html = mail.html.replace("@media", "");
    assert!(!mail.text.contains('@') && !html.contains('@'), "{}", mail.text);
}

#[tokio::test]
async fn invisible_characters_around_an_address_are_removed_and_inside_it_are_named() {
    let world = acme().await;
    let around = "\u{feff}\u{202a}lea@example.org\u{200b}\u{202c}";
    let body = json!({ "email": around, "role": "observer" });
    let answer = invite(&world, OWNER, TECH, &body).await.expect(201);
    assert_eq!(answer.text("/email"), LEA);
    for (email, french, english) in [
        (
            "max\u{200b}@example.org",
            "caractère invisible U+200B à la position 4",
            "the invisible character U+200B at position 4",
        ),
        ("ma x@example.org", "espace à la position 3", "a space at position 3"),
        ("max.example.org", "il manque le @", "there is no @"),
        (
            "max@erased.invalid",
            "ce domaine remplace l’adresse des personnes effacées",
            "this domain replaces the addresses of erased people",
        ),
    ] {
        for (language, detail) in [("fr", french), ("en", english)] {
            let body = json!({ "email": email, "role": "observer" });
            let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators").json(&body);
            let request = request.header("accept-language", language);
            let refused = world.send(&Principal::user(OWNER), request).await;
            assert_eq!(refused.outcome(), "422 invalid-email", "{email:?}");
            assert_eq!(refused.text("/errors/0/detail"), detail);
            assert!(refused.text("/detail").ends_with(&format!("({detail})")), "{}", refused.body);
        }
    }
}

#[tokio::test]
async fn characters_that_names_are_written_with_are_kept() {
    let world = acme().await;
    for name in [
        "Glasgow 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        "ᠮᠣᠩᠭᠣᠯ\u{180b}",
        "(חברה)\u{200f}",
        "葛\u{e0100}城",
    ] {
        put_scope(&world, TECH, &json!({ "name": name })).await.expect(200);
        let read = get(&world, OWNER, "/v1/scopes/acme:tech").await.expect(200);
        assert_eq!(read.body["name"], name);
    }
}

#[tokio::test]
async fn no_one_is_invited_or_signs_in_with_the_address_of_an_erased_person() {
    let world = acme().await;
    let erased = "erased-abcdefghij@erased.invalid";
    let refused = invite(&world, OWNER, TECH, &json!({ "email": erased, "role": "reader" })).await;
    assert_eq!(refused.outcome(), "422 invalid-email");
    let refused = put_scope(&world, SUMMIT, &crate::support::gala(erased)).await;
    assert_eq!(refused.outcome(), "422 invalid-email");
    let owner = json!({ "email": erased });
    let request = Request::new("POST", "/v1/scopes/acme/owner").json(&owner);
    let refused = world.send(&Principal::platform(), request).await;
    assert_eq!(refused.outcome(), "422 invalid-email");
    let refused = get(&world, erased, "/v1/me/access").await;
    assert_eq!(refused.outcome(), "403 email-not-supported");
}

#[tokio::test]
async fn a_verified_address_that_no_invitation_can_have_gets_the_reason() {
    let world = acme().await;
    for (email, reason) in [
        ("léa@example.org", "before the @, only letters without accents"),
        ("\u{feff}lea@example.org", "the invisible character U+FEFF at position 1"),
    ] {
        let refused = get(&world, email, "/v1/me/access").await;
        assert_eq!(refused.outcome(), "403 email-not-supported", "{email}");
        assert!(refused.text("/detail").contains(reason), "{}", refused.body);
    }
    let unverified = Principal::user("léa@example.org").with("email_verified", "false");
    let refused = world.send(&unverified, Request::new("GET", "/v1/me/access")).await;
    assert_eq!(refused.outcome(), "403 email-not-verified");
}
