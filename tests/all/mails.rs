//! The texts of all mails as snapshots, and the attacks on them that must fail.

use coulisses_aws::mail::{Entry, Frame, Link, RenderedMail};
use coulisses_domain::role::ROLES;
use coulisses_domain::{
    actor::Actor,
    email::Email,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    mail::{Mail, MailKind, Recipient},
    recipients::RecipientFilter,
    role::RoleName,
    scope::{ClientId, ScopeId},
    text::{AnnouncementText, MailSubject, Message, Name, Paragraphs},
    time::Timestamp,
};
use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    mail_kinds::{of_ends, of_invitations},
    support::{LEA, OWNER, acme, acme_with, invite, invited, log_in, put_scope},
};

const COLLABORATORS: &str = "/v1/scopes/acme:tech:summit/collaborators";

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// A mail from Odile about the event.
pub fn mail(kind: MailKind, locale: Locale) -> Mail {
    Mail {
        mail_id: MailId::new("01HXYZ".into()),
        kind,
        client: ClientId::parse("acme").unwrap(),
        client_name: name("Acme"),
        collaborator: CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap(),
        locale,
        scope: ScopeId::parse("acme:tech:summit").unwrap(),
        scope_name: name("Summit 2027"),
        also: vec![],
        role: Some(RoleName::CONTRIBUTOR),
        rights: None,
        access_until: None,
        before: None,
        taken_from: vec![],
        replaces_link: false,
        actor: Actor::User {
            email: Email::parse("odile@acme.test").unwrap(),
            name: Some(name("Odile Martin")),
            via: None,
        },
        message: None,
        removed: None,
        announced: None,
        recipients: RecipientFilter::default(),
        sums_up: None,
        moved: false,
        team: None,
        digest: None,
    }
}

fn rendered(mail: &Mail, to: Option<&str>) -> RenderedMail {
    let named = mail
        .team
        .iter()
        .flat_map(|team| ["Paul Martin", "rita@acme.test"].into_iter().take(team.named.len()));
    let people = named.map(ToOwned::to_owned).collect();
    let lines = mail.digest.iter().flat_map(|digest| &digest.lines);
    let page = "https://console.test/scopes/acme:tech:summit/people/id";
    let entry = |_| Entry { text: "Paul Martin".into(), url: Some(page.into()) };
    let entries = lines.map(entry).collect();
    rendered_in(&Frame { people, entries, takes_replies: true, ..Frame::default() }, mail, to)
}

/// The mail as it is sent to Léa's address.
pub fn rendered_in(frame: &Frame, mail: &Mail, to: Option<&str>) -> RenderedMail {
    let recipient = Recipient { email: Email::parse(LEA).unwrap(), name: to.map(name) };
    let link = Link {
        url: "https://console.test/invitation#acme.abcdefghijklmnopqrstuvwxyz.SECRET".into(),
        expires_at: Timestamp::parse("2026-12-06T14:05:00Z").unwrap(),
    };
    let link = mail.kind.has_link().then_some(link);
    RenderedMail::of(mail, &recipient, (frame, link), "Coulisses").unwrap()
}

fn announced(locale: Locale) -> AnnouncementText {
    let (subject, text) = match locale {
        Locale::Fr => ("Maintenance ce soir", "Fermeture de 20 h à 21 h.\n\nMerci à tous !"),
        Locale::En => ("Maintenance tonight", "Closed from 8 to 9 p.m.\n\nThank you all!"),
    };
    AnnouncementText {
        subject: MailSubject::parse(subject).unwrap(),
        text: Paragraphs::parse(text).unwrap(),
    }
}

/// Every kind of mail with its variants, in one language.
fn all(locale: Locale) -> String {
    let plain = |kind| mail(kind, locale);
    let until = Timestamp::parse("2027-03-01T08:30:00Z").unwrap();
    let message = |french: &str, english: &str| {
        let text = if locale == Locale::Fr { french } else { english };
        Message::parse(text).unwrap()
    };
    let no_role = |kind| Mail { role: None, ..plain(kind) };
    let by_platform = |mail: Mail| Mail { actor: Actor::Platform(None), ..mail };
    let acme = || ScopeId::parse("acme").unwrap();
    let on_client = |mail: Mail| Mail { scope: acme(), scope_name: name("Acme"), ..mail };
    let odile = || Email::parse("odile@acme.test").unwrap();
    let nameless = || Actor::User { email: odile(), name: None, via: None };
    let owner = |kind| Mail { role: Some(RoleName::Owner), ..plain(kind) };
    let handed_over =
        Mail { role: Some(RoleName::Administrator), ..plain(MailKind::OwnershipHandedOver) };
    let lea = Some("Léa");
    let mails = [
        ("an invitation to an event", plain(MailKind::Invitation), lea),
        (
            "an invitation with a message and an end, both sender and recipient without a name",
            Mail {
                actor: nameless(),
                access_until: Some(until),
                message: message(
                    "Bienvenue dans l’équipe !\nOn se retrouve lundi.",
                    "Welcome to the team!\nSee you on Monday.",
                ),
                ..plain(MailKind::Invitation)
            },
            None,
        ),
        ("an invitation to a client", on_client(plain(MailKind::Invitation)), lea),
        (
            "an invitation of a client's owner, by the platform",
            on_client(by_platform(owner(MailKind::Invitation))),
            lea,
        ),
        (
            "an invitation of an event's owner, by the platform",
            by_platform(owner(MailKind::Invitation)),
            lea,
        ),
        ("one more role", plain(MailKind::Granted), lea),
        (
            "one more role, with a message and an end",
            Mail {
                access_until: Some(until),
                message: message("Merci de ton aide.", "Thank you for your help."),
                ..on_client(plain(MailKind::Granted))
            },
            lea,
        ),
        ("another role", plain(MailKind::RoleChanged), lea),
        ("access revoked", no_role(MailKind::AccessTaken), lea),
        ("access to a client revoked", on_client(no_role(MailKind::AccessTaken)), None),
        ("ownership received", owner(MailKind::OwnershipReceived), lea),
        (
            "ownership received, by the platform",
            on_client(by_platform(owner(MailKind::OwnershipReceived))),
            lea,
        ),
        ("ownership handed over", handed_over, lea),
        (
            "an announcement",
            Mail { announced: Some(announced(locale)), ..no_role(MailKind::Announcement) },
            lea,
        ),
        (
            "an announcement at a client, by a sender without a name",
            Mail {
                announced: Some(announced(locale)),
                actor: nameless(),
                ..on_client(no_role(MailKind::Announcement))
            },
            None,
        ),
    ];
    let mails = mails.into_iter().chain(of_ends(locale)).chain(of_invitations(locale));
    let mails: Vec<_> = mails.collect();
    assert!(MailKind::ALL.iter().all(|kind| mails.iter().any(|(_, mail, _)| mail.kind == *kind)));
    let mails = mails
        .into_iter()
        .map(|(title, mail, to)| {
            let RenderedMail { subject, text, .. } = rendered(&mail, to);
            format!("## {title}\n\n{subject}\n{}\n{text}\n", "-".repeat(subject.chars().count()))
        })
        .collect::<Vec<_>>();
    mails.join("\n\n")
}

#[test]
fn every_mail_in_french() {
    insta::assert_snapshot!(all(Locale::Fr));
}

#[test]
fn every_mail_in_english() {
    insta::assert_snapshot!(all(Locale::En));
}

#[test]
fn a_mail_as_html() {
    let message = Message::parse("Bienvenue !\n<b>Venez</b> & \"voyez\"").unwrap();
    let mail = Mail { message, ..mail(MailKind::Invitation, Locale::Fr) };
    insta::assert_snapshot!(rendered(&mail, Some("Léa")).html);
}

#[test]
fn each_role_has_its_name_in_french_and_english() {
    let word = |role, locale| {
        let mail = Mail { role: Some(role), ..mail(MailKind::Granted, locale) };
        let text = rendered(&mail, None).text;
        let line = text.lines().find(|line| line.starts_with('R')).unwrap();
        line.split_once(": ").unwrap().1.to_owned()
    };
    let rows = ROLES.into_iter().map(|entry| entry.role).chain([RoleName::Unknown]).map(|role| {
        let (french, english) = (word(role, Locale::Fr), word(role, Locale::En));
        format!("{:<15}{french:<16}{english}", role.name())
    });
    let table =
        format!("{:<15}{:<16}English\n{}", "role", "French", rows.collect::<Vec<_>>().join("\n"));
    insta::assert_snapshot!(table);
}

#[test]
fn the_french_preposition_elides_before_a_vowel() {
    for (client, lead) in [
        ("Acme", "l’équipe d’Acme."),
        ("Été culturel", "l’équipe d’Été culturel."),
        ("Summit", "l’équipe de Summit."),
        ("11e sommet", "l’équipe de 11e sommet."),
    ] {
        let scope = ScopeId::parse("acme").unwrap();
        let about = mail(MailKind::Invitation, Locale::Fr);
        let about = Mail { scope, client_name: name(client), scope_name: name(client), ..about };
        let text = rendered(&about, None).text;
        assert!(text.contains(lead), "{text}");
    }
}

/// The mail to Léa for an invitation with this body.
async fn mail_of(world: &World, body: &Value) -> coulisses_tests::SentMail {
    invite(world, OWNER, "acme:tech:summit", body).await.expect(201);
    world.deliver().await;
    world.ses.mails_to(LEA).last().unwrap().clone()
}

#[tokio::test]
async fn the_language_is_the_collaborators_or_else_the_clients() {
    for (client, chosen, subject) in [
        ("fr", None, "Odile vous invite à rejoindre Summit 2027"),
        ("fr", Some("en"), "Odile invites you to join Summit 2027"),
        ("en", None, "Odile invites you to join Summit 2027"),
        ("en", Some("fr"), "Odile vous invite à rejoindre Summit 2027"),
    ] {
        let world = acme_with(&json!({ "locale": client })).await;
        let body = json!({ "email": LEA, "role": "observer", "locale": chosen });
        assert_eq!(mail_of(&world, &body).await.subject, subject, "{client} {chosen:?}");
    }
}

#[tokio::test]
async fn line_17_html_in_names_and_messages_is_escaped() {
    let evil = r#"<img src=x onerror="alert('1')"> & </title><script>"#;
    let world = acme().await;
    put_scope(&world, "acme:tech:summit", &json!({ "name": evil, "kind": "event" })).await;
    let eve = Principal::user("mallory@example.org").with("name", evil);
    invited(&world, "mallory@example.org", "acme:tech:summit", "administrator").await;
    world.send(&eve, Request::new("POST", "/v1/scopes/acme/logins")).await.expect(200);
    let body = json!({ "email": LEA, "role": "observer", "name": evil, "message": evil });
    world.send(&eve, Request::new("POST", COLLABORATORS).json(&body)).await.expect(201);
    world.deliver().await;
    let mail = world.ses.mails_to(LEA)[0].clone();
    assert!(!mail.html.contains("<img") && !mail.html.contains("<script"), "{}", mail.html);
    assert_eq!(mail.html.matches("</title>").count(), 1);
    assert_eq!(mail.html.matches("&#60;img src=x onerror=&#34;alert(&#39;1&#39;)").count(), 6);
    assert!(mail.text.contains(evil), "plain text is not escaped");
    assert_eq!(mail.subject, format!("{evil} vous invite à rejoindre {evil}"));
}

#[tokio::test]
async fn line_17_control_characters_are_refused() {
    let world = acme().await;
    for bad in ["a\rb", "a\nb", "a\r\nBcc: b@example.org", "a\0b", "a\u{2028}b", "a\u{202e}b"] {
        for field in ["name", "message"] {
            if field == "message" && bad.contains('\n') {
                continue;
            }
            let body = json!({ "email": LEA, "role": "observer", field: bad });
            let refused = invite(&world, OWNER, "acme", &body).await;
            assert_eq!(refused.outcome(), "422 invalid-field", "{field} {bad:?}");
        }
        let summit = json!({ "name": bad, "kind": "event" });
        let refused = put_scope(&world, "acme:tech:summit", &summit).await;
        assert_eq!(refused.outcome(), "422 invalid-field", "{bad:?}");
    }
    assert_eq!(world.deliver().await, deliver::BatchResponse::default());
    assert_eq!(world.ses.mails().len(), 0);
}

#[tokio::test]
async fn line_17_a_claimed_name_with_control_characters_is_ignored() {
    let world = acme().await;
    let eve = Principal::user("eve@example.org").with("name", "Eve\r\nBcc: all@example.org");
    invited(&world, "eve@example.org", "acme", "administrator").await;
    world.send(&eve, Request::new("POST", "/v1/scopes/acme/logins")).await.expect(200);
    let body = json!({ "email": LEA, "role": "observer" });
    world.send(&eve, Request::new("POST", COLLABORATORS).json(&body)).await.expect(201);
    world.deliver().await;
    let mail = &world.ses.mails_to(LEA)[0];
    assert_eq!(mail.subject, "eve@example.org vous invite à rejoindre Summit 2027");
}

#[tokio::test]
async fn line_breaks_of_a_message_are_kept() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer", "message": "Bonjour,\r\n\r\nà lundi\n" });
    let mail = mail_of(&world, &body).await;
    assert!(mail.text.contains("\n  Bonjour,\n\n  à lundi\n"), "{}", mail.text);
    assert!(mail.html.contains("Bonjour,<br><br>à lundi"), "{}", mail.html);
}

#[tokio::test]
async fn the_token_is_only_in_the_fragment_of_the_link() {
    let world = acme().await;
    let mail = mail_of(&world, &json!({ "email": LEA, "role": "observer" })).await;
    let token = mail.token();
    let link = format!("https://console.test/invitation#{token}");
    assert_eq!(mail.text.matches(&link).count(), 1);
    assert_eq!(mail.html.matches(&link).count(), 2, "the button and the text to copy");
    let rest = mail.request.to_string().replace(&link, "");
    let secret = token.rsplit('.').next().unwrap();
    assert!(!rest.contains(secret), "{rest}");
    assert!(!rest.contains("http"), "no other link, nothing to load: {rest}");
}

#[tokio::test]
async fn line_17_no_header_changes_the_link() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    let mut request = Request::new("POST", COLLABORATORS).json(&body);
    for name in ["host", "x-forwarded-host", "x-original-host", "forwarded", "origin", "referer"] {
        let value = if name == "forwarded" { "host=evil.example" } else { "evil.example" };
        request = request.header(name, value);
    }
    request = request.header("x-forwarded-proto", "gopher");
    world.send(&Principal::user(OWNER), request).await.expect(201);
    world.deliver().await;
    let mail = &world.ses.mails_to(LEA)[0];
    assert!(mail.text.contains("\nhttps://console.test/invitation#acme."), "{}", mail.text);
    let sent = mail.request.to_string();
    assert!(!sent.contains("evil") && !sent.contains("gopher"), "{sent}");
}

#[tokio::test]
async fn an_owner_named_by_the_platform_is_invited() {
    let world = World::new().await;
    let owner = json!({ "email": LEA, "name": "Léa" });
    let body = json!({ "name": "Acme", "seatLimit": 5, "granting": "owner", "owner": owner });
    put_scope(&world, "acme", &body).await.expect(201);
    world.deliver().await;
    let mails = world.ses.mails_to(LEA);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Votre accès à Acme vous attend");
    assert!(mails[0].text.starts_with("Bonjour Léa,\n"));
    log_in(&world, LEA).await;
}
