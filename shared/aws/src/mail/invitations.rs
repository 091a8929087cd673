//! The texts of the mails about invitations: the invitation, its reminder, and what the inviter hears of it.

use coulisses_domain::{
    actor::Actor,
    collaborator::InvitationIssue,
    locale::Locale,
    mail::{Mail, MailKind},
};

use super::{
    of, pick, shown,
    words::{actor, first_name, inviter, place},
};

/// The subject and the first sentences of an invitation, a reminder, or an invitation of a person who waited for a seat.
#[rustfmt::skip]
pub(super) fn invitation(mail: &Mail) -> (String, String) {
    let (who, scope, place) = (actor(mail), shown::name(mail.scope_name.as_str()), place(mail));
    let of_place = of(first_name(mail), &place);
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    // The team has no one yet who could be named as the inviter.
    let (subject, lead) = if matches!(mail.actor, Actor::Platform(_) | Actor::System(_)) {
        (
            if mail.kind == MailKind::Reminder {
                pick(format!("votre accès à {scope} vous attend"), format!("your access to {scope} is waiting"))
            } else {
                pick(format!("Votre accès à {scope} vous attend"), format!("Your access to {scope} is waiting"))
            },
            pick(
                format!("Votre accès personnel à {place} est prêt. Acceptez l’invitation pour commencer."),
                format!("Your personal access to {place} is ready. Accept the invitation to get started."),
            ),
        )
    } else {
        let inviter = inviter(mail, &who);
        (
            pick(format!("{who} vous invite à rejoindre {scope}"), format!("{who} invites you to join {scope}")),
            pick(
                format!("{inviter} vous invite à rejoindre l’équipe {of_place}."),
                format!("{inviter} invites you to join the team of {place}."),
            ),
        )
    };
    if mail.kind == MailKind::SeatFree {
        let free = pick(
            " Une place vient de se libérer pour vous.".into(),
            " A seat is now free for you.".into(),
        );
        return (subject, lead + &free);
    }
    if mail.kind != MailKind::Reminder {
        return (subject, lead + replaced(mail));
    }
    let still = pick(
        " Cette invitation attend toujours votre réponse.".into(),
        " This invitation is still waiting for your answer.".into(),
    );
    (pick(format!("Rappel\u{a0}: {subject}"), format!("Reminder: {subject}")), lead + &still)
}

/// What a resent invitation adds.
fn replaced(mail: &Mail) -> &'static str {
    let text = pick(
        mail.locale,
        " Ce message remplace l’invitation précédente\u{a0}: seul le nouveau lien fonctionne.",
        " This message replaces the earlier invitation: only the new link works.",
    );
    if mail.replaces_link { text } else { "" }
}

/// The recipient's invitation was declined.
#[rustfmt::skip]
pub(super) fn declined(mail: &Mail) -> (String, String) {
    let (who, scope, place) = (actor(mail), shown::name(mail.scope_name.as_str()), place(mail));
    let (person, of_place) = (inviter(mail, &who), of(first_name(mail), &place));
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    (
        pick(format!("{who} a décliné votre invitation à rejoindre {scope}"), format!("{who} declined your invitation to join {scope}")),
        pick(
            format!("{person} a décliné votre invitation à rejoindre l’équipe {of_place}. Sa place est de nouveau libre."),
            format!("{person} declined your invitation to join the team of {place}. Their seat is free again."),
        ),
    )
}

/// The recipient's invitation expired, and the person asks for a new link.
#[rustfmt::skip]
pub(super) fn renewal_requested(mail: &Mail) -> (String, String) {
    let (who, scope, place) = (actor(mail), shown::name(mail.scope_name.as_str()), place(mail));
    let (person, of_place) = (inviter(mail, &who), of(first_name(mail), &place));
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    (
        pick(format!("{who} demande un nouveau lien pour {scope}"), format!("{who} asks for a new link to {scope}")),
        pick(
            format!("{person} souhaite rejoindre l’équipe {of_place}, mais votre invitation a expiré. Renvoyez-la depuis la liste de l’équipe."),
            format!("{person} would like to join the team of {place}, but your invitation has expired. Resend it from the list of the team."),
        ),
    )
}

/// What became of the recipient's invitations.
#[rustfmt::skip]
pub(super) fn digest(mail: &Mail) -> (String, String) {
    let client = shown::name(mail.client_name.as_str());
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    let (french, english) = match mail.digest.as_ref().map_or(0, |digest| digest.size) {
        1 => ("Une de vos invitations demande".to_owned(), "One of your invitations needs".to_owned()),
        size => (format!("{size} de vos invitations demandent"), format!("{size} of your invitations need")),
    };
    (
        pick(format!("Vos invitations à suivre chez {client}"), format!("Your invitations at {client} need attention")),
        pick(format!("{french} votre attention."), format!("{english} your attention.")),
    )
}

/// Why the inviter should look at an invitation, after the name of the person.
pub(super) fn issue(issue: InvitationIssue, locale: Locale) -> &'static str {
    match issue {
        InvitationIssue::Bounced => pick(
            locale,
            "l’e-mail a été refusé par sa messagerie",
            "the e-mail was refused by their mail server",
        ),
        InvitationIssue::Failed => {
            pick(locale, "l’e-mail n’a pas pu être envoyé", "the e-mail could not be sent")
        }
        InvitationIssue::Declined => pick(locale, "a décliné", "declined"),
        InvitationIssue::Expired => pick(locale, "l’invitation a expiré", "the invitation expired"),
        InvitationIssue::RenewalRequested => {
            pick(locale, "demande un nouveau lien", "asks for a new link")
        }
    }
}
