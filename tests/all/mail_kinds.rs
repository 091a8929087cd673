//! The mails about access that ends, and those about invitations that no one has accepted.

use coulisses_domain::{
    actor::Actor,
    collaborator::InvitationIssue,
    locale::Locale,
    mail::{DigestInMail, DigestLine, Mail, MailKind, TeamInMail},
    text::{Message, Name},
    time::Timestamp,
};

use crate::mails::{mail, name};

type Titled = (&'static str, Mail, Option<&'static str>);

/// The mails about access that ends.
pub fn of_ends(locale: Locale) -> [Titled; 4] {
    let lea = Some("Léa");
    let until = Timestamp::parse("2027-03-01T08:30:00Z").unwrap();
    let ending = |kind| Mail {
        access_until: Some(until),
        actor: Actor::Platform(None),
        ..mail(kind, locale)
    };
    let of_team = |named, size| {
        let about = ending(MailKind::TeamEnding);
        let named = vec![about.collaborator.clone(); named];
        Mail { role: None, team: Some(TeamInMail { named, size }), ..about }
    };
    [
        ("access that ends soon", ending(MailKind::AccessEnding), lea),
        (
            "access to several scopes that ends soon",
            Mail {
                role: None,
                also: vec![name("Meetup"), name("Alumni")],
                ..ending(MailKind::AccessEnding)
            },
            None,
        ),
        ("access of a team that ends soon", of_team(2, 14), lea),
        ("access of one person that ends soon", of_team(1, 1), lea),
    ]
}

/// The mails about invitations that no one has accepted.
pub fn of_invitations(locale: Locale) -> [Titled; 8] {
    let (lea, also) = (Some("Léa"), || -> Vec<Name> { vec![name("Meetup")] });
    let plain = |kind| Mail { role: None, ..mail(kind, locale) };
    let reason = Message::parse("Je ne travaille plus pour ce salon.").unwrap();
    let listing = |about: Mail, named, size| {
        let line = DigestLine {
            person: about.collaborator.clone(),
            scope: about.scope.clone(),
            issue: InvitationIssue::Bounced,
        };
        Mail { digest: Some(DigestInMail { lines: vec![line; named], size }), ..about }
    };
    let answer = |kind| listing(plain(kind), 1, 1);
    let digest = |named, size| {
        let about = Mail { actor: Actor::Platform(None), ..plain(MailKind::InvitationDigest) };
        listing(about, named, size)
    };
    [
        ("a free seat for someone who waited", mail(MailKind::SeatFree, locale), lea),
        ("a reminder", mail(MailKind::Reminder, locale), lea),
        (
            "a reminder of several scopes, of an invitation by the platform",
            Mail { actor: Actor::Platform(None), also: also(), ..plain(MailKind::Reminder) },
            None,
        ),
        ("an invitation that was declined", answer(MailKind::Declined), lea),
        (
            "an invitation to several scopes that was declined with a reason",
            Mail { also: also(), message: reason, ..answer(MailKind::Declined) },
            lea,
        ),
        ("an invitation that expired, with a request", answer(MailKind::RenewalRequested), lea),
        ("one invitation to look at", digest(1, 1), lea),
        ("more invitations to look at than the mail lists", digest(2, 5), lea),
    ]
}
