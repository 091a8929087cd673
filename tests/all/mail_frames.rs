//! What surrounds the text of a mail: sender and replies, logo and colour, the button, the names of scopes.

use std::{collections::BTreeMap, time::Duration};

use coulisses_aws::mail::{Deployment, Frame};
use coulisses_domain::{locale::Locale, mail::MailKind};
use coulisses_tests::{Principal, Request, SentMail, World, text};
use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::{
    mails::mail,
    support::{
        EVE, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, assign, etag_of, gala,
        invite, invited, log_in, path_of, post, put_scope, resend, rows,
    },
};

const ADDRESS: &str = "access@coulisses.test";

/// The last mail to an address.
async fn last(world: &World, to: &str) -> SentMail {
    world.deliver().await;
    world.ses.mails_to(to).pop().unwrap()
}

/// The sender's name, decoded.
fn sender(mail: &SentMail) -> String {
    let from = mail.request["FromEmailAddress"].as_str().unwrap();
    assert!(from.len() <= 320 && from.is_ascii(), "{from}");
    let name = from.strip_suffix(&format!(" <{ADDRESS}>")).unwrap();
    let words = name.split(' ').map(|word| word.strip_prefix("=?UTF-8?B?"));
    let decoded: Option<Vec<String>> = words
        .map(|word| {
            let bytes = BASE64.decode(word?.strip_suffix("?=")?.as_bytes()).unwrap();
            Some(String::from_utf8(bytes).unwrap())
        })
        .collect();
    decoded.map_or_else(|| name.to_owned(), |words| words.concat())
}

fn replies(mail: &SentMail) -> &Value {
    &mail.request["ReplyToAddresses"]
}

#[tokio::test]
async fn a_mail_is_from_the_person_who_acts_and_replies_go_to_them() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    let mail = last(&world, LEA).await;
    assert_eq!((sender(&mail).as_str(), replies(&mail)), ("Odile (Acme)", &json!([OWNER])));
    let question = "Répondez à ce message ou écrivez à owner@acme.test.";
    assert!(mail.text.contains(question) && mail.html.contains(question), "{}", mail.text);
    put_scope(&world, SUMMIT, &gala("nina@example.org")).await.expect(200);
    let mail = last(&world, "nina@example.org").await;
    assert_eq!((sender(&mail).as_str(), replies(&mail)), ("Acme", &Value::Null));
    // A sender gets their own announcement, and does not write to themselves.
    let announcement = json!({ "subject": "Maintenance", "text": "Ce soir." });
    let target = format!("/v1/scopes/{SUMMIT}/announcements");
    post(&world, &Principal::user(OWNER), &target, &announcement).await.expect(202);
    world.deliver().await;
    let mail = last(&world, OWNER).await;
    assert_eq!((sender(&mail).as_str(), replies(&mail)), ("Acme", &Value::Null));
    assert!(!mail.text.contains("Une question"), "{}", mail.text);
}

#[tokio::test]
async fn the_name_of_a_sender_is_no_address_and_breaks_no_header() {
    for (name, client, shown) in [
        ("eve@bank.example", "Acme", "Acme"),
        ("Eve＠bank.example", "Acme", "Acme"),
        ("bank.example", "Acme", "Acme"),
        ("Évelyne <x>, \"y\"", "Été", "Évelyne <x>, \"y\" (Été)"),
        ("Eve", "info@bank.example", "Eve (Coulisses)"),
        ("Eve", "Salon.fr", "Eve (Salon.fr)"),
    ] {
        let world = acme_with(&json!({ "name": client })).await;
        invited(&world, EVE, TECH, "administrator").await;
        let eve = Principal::user(EVE).with("name", name);
        post(&world, &eve, "/v1/scopes/acme/logins", &json!({})).await.expect(200);
        let body = json!({ "email": LEA, "role": "observer" });
        let target = format!("/v1/scopes/{TECH}/collaborators");
        post(&world, &eve, &target, &body).await.expect(201);
        assert_eq!(sender(&last(&world, LEA).await), shown, "{name} {client}");
    }
    let long = "é".repeat(100);
    let world = acme_with(&json!({ "name": long })).await;
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    assert!(sender(&last(&world, LEA).await).starts_with("Odile (éé"));
}

#[tokio::test]
async fn a_mail_shows_the_logo_and_the_colour_of_the_client_and_has_one_button() {
    let look = json!({
        "logoUrl": "https://cdn.acme.test/logo.png?a=1&b=2", "accentColor": "#ffd400",
        "platformUrl": "https://backoffice.test/?a=1&b=2",
    });
    let world = acme_with(&look).await;
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    let invitation = last(&world, LEA).await;
    active(&world, MAX, SUMMIT, "reader").await;
    assign(&world, OWNER, (SUMMIT, MAX), &json!({ "role": "observer" })).await.expect(200);
    let change = last(&world, MAX).await;
    for mail in [&invitation, &change] {
        let image = mail.html.split("<img ").nth(1).unwrap().split('>').next().unwrap();
        assert!(image.contains(r#"src="https://cdn.acme.test/logo.png?a=1&#38;b=2" alt="Acme""#));
        assert!(mail.html.contains("background:#ffd400;color:#000000;"), "{}", mail.html);
        assert_eq!(mail.html.matches("<a ").count(), 1);
    }
    assert!(!invitation.text.contains("backoffice"), "{}", invitation.text);
    let page = "\nAccéder à la plateforme\u{a0}:\nhttps://backoffice.test/?a=1&b=2\n";
    assert!(change.text.contains(page), "{}", change.text);
    assert!(change.html.contains(r#"<a href="https://backoffice.test/?a=1&#38;b=2""#));
    // The client's look is read when the mail is sent, and the nearest page counts.
    put_scope(&world, TECH, &json!({ "name": "Tech", "platformUrl": "https://tech.test/" })).await;
    world.wait(Duration::from_hours(2));
    assign(&world, OWNER, (SUMMIT, MAX), &json!({ "role": "reader" })).await.expect(200);
    assert!(last(&world, MAX).await.text.contains("\nhttps://tech.test/\n"));
}

#[tokio::test]
async fn without_any_page_a_mail_has_no_button() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "observer" })).await.expect(200);
    let mail = last(&world, LEA).await;
    assert!(!mail.html.contains("<a ") && !mail.text.contains("plateforme"), "{}", mail.text);
}

#[tokio::test]
async fn access_that_is_removed_below_is_named_and_not_the_client() {
    let world = acme().await;
    for scope in [SUMMIT, MEETUP] {
        active(&world, LEA, scope, "reader").await;
    }
    let leaves = async |email: &str| {
        world.wait(Duration::from_hours(2));
        let path = format!("{}?below=true", path_of(&world, "acme", email));
        let etag = etag_of(&world, email).await;
        let request = Request::new("DELETE", &path).if_match(&etag);
        world.send(&Principal::user(OWNER), request).await.expect(200);
        last(&world, email).await
    };
    let mail = leaves(LEA).await;
    assert_eq!(mail.subject, "Vos accès à Meetup et Summit 2027 ont été retirés");
    assert!(mail.text.contains("Odile a retiré vos accès à Meetup et Summit 2027 (Acme)."));
    // A grant above names those below it.
    active(&world, MAX, TECH, "reader").await;
    active(&world, MAX, SUMMIT, "observer").await;
    let mail = leaves(MAX).await;
    assert_eq!(mail.subject, "Votre accès à Tech a été retiré");
    for number in 0..12 {
        let scope = format!("acme:tech:day-{number:02}");
        let day = json!({ "name": format!("Day {number:02}"), "kind": "event" });
        put_scope(&world, &scope, &day).await.expect(201);
        active(&world, EVE, &scope, "reader").await;
    }
    let mail = leaves(EVE).await;
    assert_eq!(mail.subject, "Plusieurs de vos accès chez Acme ont été retirés");
    let row = "\nAccès retirés\u{a0}: Day 00, Day 01, Day 02, Day 03, Day 04, Day 05, Day 06, Day 07, \
               Day 08, Day 09 et 2 autres\n";
    assert!(mail.text.contains(row), "{}", mail.text);
}

#[tokio::test]
async fn only_an_invitation_whose_link_was_mailed_says_that_it_is_replaced() {
    let world = acme().await;
    invited(&world, LEA, SUMMIT, "reader").await;
    let replaces = "remplace l’invitation précédente";
    world.wait(Duration::from_mins(2));
    // The first mail waits in the outbox, and is obsolete now.
    resend(&world, &Principal::user(OWNER), (SUMMIT, LEA)).await.expect(202);
    assert!(!last(&world, LEA).await.text.contains(replaces));
    world.wait(Duration::from_mins(2));
    resend(&world, &Principal::user(OWNER), (SUMMIT, LEA)).await.expect(202);
    assert!(last(&world, LEA).await.text.contains(replaces));
}

#[tokio::test]
async fn a_later_end_is_told_in_the_time_zone_of_the_client() {
    let world = acme_with(&json!({ "timeZone": "Europe/Paris" })).await;
    let until = |end: &str| json!({ "email": LEA, "role": "observer", "expiresAt": end });
    invite(&world, OWNER, SUMMIT, &until("2026-12-31T22:59:00Z")).await.expect(201);
    log_in(&world, LEA).await;
    world.wait(Duration::from_hours(2));
    let later = json!({ "role": "observer", "expiresAt": "2027-03-31T22:30:00Z" });
    assign(&world, OWNER, (SUMMIT, LEA), &later).await.expect(200);
    let mail = last(&world, LEA).await;
    assert_eq!(mail.subject, "Votre accès à Summit 2027 est prolongé jusqu’au 1er avril 2027");
    for line in [
        "Fin de l’accès\u{a0}: 1er avril 2027 à 0\u{a0}h\u{a0}30 (heure de Paris)",
        "Fin précédente\u{a0}: 31 décembre 2026 à 23\u{a0}h\u{a0}59 (heure de Paris)",
    ] {
        assert!(mail.text.contains(line), "{line} in {}", mail.text);
    }
    assert!(!mail.text.contains("Rôle précédent"), "{}", mail.text);
}

#[tokio::test]
async fn a_mail_that_the_version_before_queued_is_sent_without_what_it_did_not_store() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    world.deliver().await;
    let until = json!({ "role": "reader", "expiresAt": "2027-03-31T22:30:00Z" });
    assign(&world, OWNER, (SUMMIT, LEA), &until).await.expect(200);
    let mut row = rows(&world, "O#").await.into_values().next().unwrap();
    assert_eq!(row.remove("before").unwrap().as_m().unwrap()["role"], text("reader".into()));
    for later in ["permissions", "takenFrom", "replacesLink"] {
        row.remove(later);
    }
    world.write(std::iter::once(row)).await;
    let mail = last(&world, LEA).await;
    assert_eq!(mail.subject, "Votre rôle sur Summit 2027 a changé");
}

#[tokio::test]
async fn the_rights_of_a_custom_role_are_named_by_section_before_and_after() {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    world.deliver().await;
    let custom = |permission: &str| json!({ "role": "custom", "permissions": [permission] });
    assign(&world, OWNER, (SUMMIT, LEA), &custom("contacts:export")).await.expect(200);
    let mail = last(&world, LEA).await;
    assert!(mail.text.contains("\nDroits\u{a0}: Contacts (voir, exporter)\n"), "{}", mail.text);
    assign(&world, OWNER, (SUMMIT, LEA), &custom("checkin:scan")).await.expect(200);
    let mail = last(&world, LEA).await;
    assert_eq!(mail.subject, "Vos droits sur Summit 2027 ont changé");
    let rows = "Droits\u{a0}: Accueil (voir, scanner)\nDroits précédents\u{a0}: Contacts (voir, exporter)\n";
    assert!(mail.text.contains(rows), "{}", mail.text);
}

#[test]
fn a_scope_without_a_page_has_that_of_the_deployment() {
    let mail = mail(MailKind::Granted, Locale::Fr);
    let page = |page| {
        let deployment = Deployment { page, ..Deployment::default() };
        Frame::of(&mail, None, &BTreeMap::new(), &[], deployment).page
    };
    assert_eq!(page(Some("https://backoffice.test")).as_deref(), Some("https://backoffice.test"));
    assert_eq!(page(None), None);
}
