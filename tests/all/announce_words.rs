//! The mail of an announcement names its recipients.

use std::collections::BTreeSet;

use coulisses_tests::Principal;
use serde_json::json;

use crate::{
    announce::deliver,
    support::{LEA, MAX, OWNER, SUMMIT, acme_with, active, post},
};

const SUBJECT: &str = "Maintenance";

#[tokio::test]
async fn the_mail_of_an_announcement_says_whom_it_is_for() {
    let cases = [
        (
            "acme",
            json!(null),
            "Odile écrit à toutes les personnes qui ont accès à Acme.",
            "Odile sent this message to everyone with access to Acme.",
        ),
        (
            SUMMIT,
            json!({ "roles": ["reader"] }),
            "Odile écrit à toutes les personnes qui ont accès à Summit 2027 (Acme) avec le rôle lecteur.",
            "Odile sent this message to everyone who has access to Summit 2027 (Acme) with the role reader.",
        ),
        (
            "acme",
            json!({ "roles": ["observer", "owner", "reader"] }),
            "Odile écrit à toutes les personnes qui ont accès à Acme avec le rôle propriétaire, lecteur ou observateur.",
            "Odile sent this message to everyone who has access to Acme with the role owner, reader or observer.",
        ),
        (
            SUMMIT,
            json!({ "below": false }),
            "Odile écrit à toutes les personnes qui ont un rôle directement sur Summit 2027 (Acme).",
            "Odile sent this message to everyone with a role directly on Summit 2027 (Acme).",
        ),
        (
            SUMMIT,
            json!({ "roles": ["reader", "observer"], "below": false }),
            "Odile écrit à toutes les personnes qui ont le rôle lecteur ou observateur directement sur Summit 2027 (Acme).",
            "Odile sent this message to everyone with the role reader or observer directly on Summit 2027 (Acme).",
        ),
        (
            SUMMIT,
            json!({ "onlyMe": true }),
            "Ceci est un test de votre annonce pour Summit 2027 (Acme)\u{a0}: vous êtes la seule personne à le recevoir.",
            "This is a test of your announcement for Summit 2027 (Acme): no one else receives it.",
        ),
    ];
    for locale in ["fr", "en"] {
        let world = acme_with(&json!({ "locale": locale })).await;
        active(&world, LEA, SUMMIT, "reader").await;
        active(&world, MAX, SUMMIT, "observer").await;
        for (scope, to, french, english) in &cases {
            let body = json!({ "subject": SUBJECT, "text": "Ce soir.", "to": to });
            let target = format!("/v1/scopes/{scope}/announcements");
            let before = world.ses.mails().len();
            post(&world, &Principal::user(OWNER), &target, &body).await.expect(202);
            deliver(&world).await;
            let mails = world.ses.mails().split_off(before);
            let mails = mails.iter().filter(|mail| mail.subject == SUBJECT);
            let leads: BTreeSet<&str> = mails.filter_map(|mail| mail.text.lines().nth(2)).collect();
            let lead = if locale == "fr" { french } else { english };
            assert_eq!(leads, BTreeSet::from([*lead]), "{to}");
        }
    }
}
