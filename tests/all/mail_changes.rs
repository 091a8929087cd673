//! The texts of mails about a changed grant, as snapshots.

use coulisses_aws::mail::{Frame, RenderedMail};
use coulisses_domain::client_rules::ClientRules;
use coulisses_domain::{
    locale::Locale,
    look::{Look, TimeZoneName},
    mail::{GrantTerms, Mail, MailKind},
    permission::{Permission, PermissionSet},
    role::RoleName,
    time::Timestamp,
};

use crate::mails::{mail, rendered_in};

/// The mails about a changed grant, in one language, in a client in Paris.
fn changes(locale: Locale) -> String {
    let day = |text: &str| Some(Timestamp::parse(text).unwrap());
    let (january, march) = (day("2027-01-31T22:59:00Z"), day("2027-03-31T21:59:00Z"));
    let reader = |access_until| GrantTerms { role: RoleName::READER, rights: None, access_until };
    let scan = Some(PermissionSet::of(&[Permission::CheckinView, Permission::CheckinScan]));
    let contacts = Some(PermissionSet::of(&[Permission::ContactsView, Permission::ContactsExport]));
    let custom = |rights| GrantTerms { role: RoleName::Custom, rights, access_until: None };
    let changes = [
        ("the role", (reader(None), reader(None)), Some(RoleName::CONTRIBUTOR)),
        ("the role and the end", (reader(january), reader(march)), Some(RoleName::CONTRIBUTOR)),
        ("a later end", (reader(january), reader(march)), None),
        ("an earlier end", (reader(march), reader(january)), None),
        ("an end", (reader(None), reader(january)), None),
        ("no end any more", (reader(january), reader(None)), None),
        ("the rights of a custom role", (custom(scan), custom(contacts)), None),
    ];
    let zone = TimeZoneName::entered("Europe/Paris").unwrap();
    let frame = Frame {
        look: Look { time_zone: Some(zone), ..Look::default() },
        page: Some("https://backoffice.example/summit?from=mail&x=1".into()),
        taken_from: vec![],
        people: vec![],
        roles: ClientRules::default(),
        entries: vec![],
        takes_replies: true,
    };
    let text =
        |(title, (before, after), role): (&str, (GrantTerms, GrantTerms), Option<RoleName>)| {
            let mail = Mail {
                before: Some(before),
                role: role.or(Some(after.role)),
                rights: after.rights,
                access_until: after.access_until,
                ..mail(MailKind::RoleChanged, locale)
            };
            let RenderedMail { subject, text, .. } = rendered_in(&frame, &mail, Some("Léa"));
            format!("## {title}\n\n{subject}\n\n{text}\n")
        };
    changes.map(text).join("\n\n")
}

/// An invitation to a custom role that replaces an earlier one, in one language.
fn resent(locale: Locale) -> String {
    let rights = [Permission::ContactsView, Permission::CheckinView, Permission::CheckinScan];
    let mail = Mail {
        role: Some(RoleName::Custom),
        rights: Some(PermissionSet::of(&rights)),
        replaces_link: true,
        ..mail(MailKind::Invitation, locale)
    };
    let frame = Frame { takes_replies: true, ..Frame::default() };
    rendered_in(&frame, &mail, Some("Léa")).text
}

#[test]
fn a_resent_invitation_says_that_it_replaces_the_earlier_one() {
    insta::assert_snapshot!(format!("{}\n\n{}", resent(Locale::Fr), resent(Locale::En)));
}

#[test]
fn a_mail_about_a_change_says_what_changed_and_from_what() {
    insta::assert_snapshot!(format!("{}\n\n{}", changes(Locale::Fr), changes(Locale::En)));
}
