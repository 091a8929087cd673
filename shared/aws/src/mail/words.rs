//! The texts of mails, in French and English.

use coulisses_domain::{
    actor::Actor,
    client_rules::ClientRules,
    link::without_links,
    locale::Locale,
    mail::{Mail, MailKind, Recipient},
    role::RoleName,
    text::Name,
    time::Timestamp,
};

use super::{announced, content::Frame, dates::Dates, invitations, of, pick, shown};

/// A sentence names this many scopes; more are in a row of their own.
pub(super) const MOST_IN_A_SENTENCE: usize = 3;

/// What changed of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The role, perhaps with the end.
    Role { with_end: bool },
    /// The permissions of a custom role, perhaps with the end.
    Rights { with_end: bool },
    /// The end is later.
    Extended(Timestamp),
    /// The end is earlier.
    Shortened(Timestamp),
    /// There was no end.
    Limited(Timestamp),
    /// There is no end any more.
    Unlimited,
}

impl Change {
    /// `None` if the mail does not know what the grant was before.
    pub(super) fn of(mail: &Mail) -> Option<Self> {
        let (before, role) = (mail.before?, mail.role?);
        let with_end = before.access_until != mail.access_until;
        if before.role != role {
            return Some(Self::Role { with_end });
        }
        if before.rights != mail.rights {
            return Some(Self::Rights { with_end });
        }
        match (before.access_until, mail.access_until) {
            (Some(before), Some(after)) if before < after => Some(Self::Extended(after)),
            (Some(before), Some(after)) if before > after => Some(Self::Shortened(after)),
            (None, Some(after)) => Some(Self::Limited(after)),
            (Some(_), None) => Some(Self::Unlimited),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

/// The subject and the first sentences.
#[rustfmt::skip]
pub(super) fn subject_and_lead(
    mail: &Mail,
    frame: &Frame,
    dates: Dates<'_>,
) -> (String, String) {
    let (who, scope, place) = (actor(mail), shown::name(mail.scope_name.as_str()), place(mail));
    let (of_scope, of_place) = (of(mail.scope_name.as_str(), &scope), of(first_name(mail), &place));
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    if mail.sums_up.is_some() {
        let client = shown::name(mail.client_name.as_str());
        return (
            pick(format!("Vos accès à {client} ont changé"), format!("Your access to {client} has changed")),
            pick(
                format!("Vos accès à {client} ont été modifiés plusieurs fois au cours de la dernière heure. Connectez-vous pour les consulter."),
                format!("Your access to {client} was changed several times in the last hour. Sign in to see it."),
            ),
        );
    }
    if mail.moved {
        let last = if mail.removed.is_some() {
            pick(
                "L’adresse qui reçoit ce message n’y donne plus accès.".into(),
                "The address that receives this message no longer gives access.".into(),
            )
        } else {
            pick(
                "Connectez-vous désormais avec celle qui reçoit ce message.".into(),
                "From now on, sign in with the address that receives this message.".into(),
            )
        };
        let lead = pick(
            format!("{who} a changé l’adresse de votre accès à {place}. {last}"),
            format!("{who} changed the address of your access to {place}. {last}"),
        );
        let french = format!("L’adresse de votre accès à {scope} a changé");
        return (pick(french, format!("The address of your access to {scope} has changed")), lead);
    }
    match mail.kind {
        MailKind::Invitation | MailKind::SeatFree | MailKind::Reminder => {
            invitations::invitation(mail)
        },
        MailKind::Granted => (
            pick(format!("Vous avez accès à {scope}"), format!("You have access to {scope}")),
            pick(format!("{who} vous a donné accès à {place}."), format!("{who} gave you access to {place}.")),
        ),
        MailKind::RoleChanged => changed(mail, dates),
        MailKind::AccessTaken if !frame.taken_from.is_empty() => taken(mail, &frame.taken_from),
        MailKind::AccessTaken => (
            pick(format!("Votre accès à {scope} a été retiré"), format!("Your access to {scope} has been removed")),
            pick(format!("{who} a retiré votre accès à {place}."), format!("{who} removed your access to {place}.")),
        ),
        MailKind::OwnershipReceived => (
            pick(format!("Vous êtes maintenant propriétaire {of_scope}"), format!("You are now the owner of {scope}")),
            pick(
                format!("{who} vous a transféré la propriété {of_place}."),
                format!("{who} transferred the ownership of {place} to you."),
            ),
        ),
        MailKind::OwnershipHandedOver => (
            pick(
                format!("La propriété {of_scope} a été transférée"),
                format!("The ownership of {scope} has been transferred"),
            ),
            pick(
                format!("{who} a transféré la propriété {of_place}. Vous y gardez le rôle d’administrateur."),
                format!("{who} transferred the ownership of {place}. You keep the administrator role."),
            ),
        ),
        MailKind::Announcement => (
            mail.announced.as_ref().map_or(scope, |content| without_links(content.subject.as_str())),
            announced::lead(mail, &frame.roles, &who, &place),
        ),
        MailKind::AccessEnding => (
            pick(format!("Votre accès à {scope} prend bientôt fin"), format!("Your access to {scope} ends soon")),
            pick(format!("Votre accès à {place} prend bientôt fin."), format!("Your access to {place} ends soon.")),
        ),
        MailKind::TeamEnding => team_ending(mail),
        MailKind::Declined => invitations::declined(mail),
        MailKind::RenewalRequested => invitations::renewal_requested(mail),
        MailKind::InvitationDigest => invitations::digest(mail),
    }
}

/// A team whose access ends.
#[rustfmt::skip]
fn team_ending(mail: &Mail) -> (String, String) {
    let (scope, place) = (shown::name(mail.scope_name.as_str()), place(mail));
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    let (french, english) = match mail.team.as_ref().map_or(0, |team| team.size) {
        1 => ("d’une personne".to_owned(), "one person".to_owned()),
        size => (format!("de {size} personnes"), format!("{size} people")),
    };
    (
        pick(format!("L’accès de l’équipe à {scope} prend bientôt fin"), format!("The team’s access to {scope} ends soon")),
        pick(
            format!("L’accès {french} à {place} prend fin dans quelques jours."),
            format!("Access to {place} ends in a few days for {english}."),
        ),
    )
}

/// A changed grant. The subject says that the role changed only if it did.
#[rustfmt::skip]
fn changed(mail: &Mail, dates: Dates<'_>) -> (String, String) {
    let (who, scope, place) = (actor(mail), shown::name(mail.scope_name.as_str()), place(mail));
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    let ends = |end: Timestamp| {
        let date = dates.date(end);
        pick(format!("Votre accès à {scope} prend fin le {date}"), format!("Your access to {scope} ends on {date}"))
    };
    let and_end = |with_end: bool| {
        let text = pick(" La fin de votre accès a changé aussi.".into(), " The end of your access has changed too.".into());
        if with_end { text } else { String::new() }
    };
    match Change::of(mail) {
        None | Some(Change::Role { .. }) => {
            let with_end = matches!(Change::of(mail), Some(Change::Role { with_end: true }));
            (
                pick(format!("Votre rôle sur {scope} a changé"), format!("Your role on {scope} has changed")),
                pick(format!("{who} a modifié votre rôle sur {place}."), format!("{who} changed your role on {place}."))
                    + &and_end(with_end),
            )
        }
        Some(Change::Rights { with_end }) => (
            pick(format!("Vos droits sur {scope} ont changé"), format!("Your rights on {scope} have changed")),
            pick(format!("{who} a modifié vos droits sur {place}."), format!("{who} changed your rights on {place}."))
                + &and_end(with_end),
        ),
        Some(Change::Extended(end)) => {
            let date = dates.date(end);
            (
                pick(
                    format!("Votre accès à {scope} est prolongé jusqu’au {date}"),
                    format!("Your access to {scope} is extended until {date}"),
                ),
                pick(format!("{who} a prolongé votre accès à {place}."), format!("{who} extended your access to {place}.")),
            )
        }
        Some(Change::Shortened(end)) => (
            ends(end),
            pick(
                format!("{who} a avancé la fin de votre accès à {place}."),
                format!("{who} set an earlier end to your access to {place}."),
            ),
        ),
        Some(Change::Limited(end)) => (
            ends(end),
            pick(
                format!("{who} a fixé une fin à votre accès à {place}, qui n’en avait pas."),
                format!("{who} set an end to your access to {place}, which had none."),
            ),
        ),
        Some(Change::Unlimited) => (
            pick(
                format!("Votre accès à {scope} n’a plus de date de fin"),
                format!("Your access to {scope} no longer has an end date"),
            ),
            pick(
                format!("{who} a retiré la date de fin de votre accès à {place}."),
                format!("{who} removed the end date of your access to {place}."),
            ),
        ),
    }
}

/// Access that was revoked at scopes below that of the request, which the recipient had no grant on.
#[rustfmt::skip]
fn taken(mail: &Mail, names: &[Name]) -> (String, String) {
    let (who, client) = (actor(mail), shown::name(mail.client_name.as_str()));
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    if mail.taken_from.len() > MOST_IN_A_SENTENCE {
        return (
            pick(
                format!("Plusieurs de vos accès chez {client} ont été retirés"),
                format!("Several of your access rights at {client} have been removed"),
            ),
            pick(
                format!("{who} a retiré plusieurs de vos accès chez {client}."),
                format!("{who} removed several of your access rights at {client}."),
            ),
        );
    }
    let list = list_of(names, mail.taken_from.len(), mail.locale);
    let is_one = names.len() == 1;
    let french = if is_one { format!("Votre accès à {list} a été retiré") } else { format!("Vos accès à {list} ont été retirés") };
    let yours = if is_one { "votre accès" } else { "vos accès" };
    (
        pick(french, format!("Your access to {list} has been removed")),
        pick(
            format!("{who} a retiré {yours} à {list} ({client})."),
            format!("{who} removed your access to {list} ({client})."),
        ),
    )
}

/// `A, B et C`, or `A, B et 3 autres` if there are more than these names.
pub(super) fn list_of(names: &[Name], all: usize, locale: Locale) -> String {
    list(names.iter().map(|name| shown::name(name.as_str())).collect(), all, locale)
}

/// The same of names that are escaped.
pub(super) fn list(mut shown: Vec<String>, all: usize, locale: Locale) -> String {
    let last = match all.saturating_sub(shown.len()) {
        0 => shown.pop().unwrap_or_default(),
        1 => pick(locale, "1 autre", "1 other").to_owned(),
        more => pick(locale, format!("{more} autres"), format!("{more} others")),
    };
    if shown.is_empty() {
        return last;
    }
    format!("{} {} {last}", shown.join(", "), pick(locale, "et", "and"))
}

/// The name of the scope, with that of its client.
pub(super) fn place(mail: &Mail) -> String {
    let (scope, client) = (&mail.scope_name, &mail.client_name);
    let client = shown::name(client.as_str());
    if mail.scope.is_client() {
        client
    } else {
        format!("{} ({client})", shown::name(scope.as_str()))
    }
}

/// The name that [`place`] begins with.
pub(super) fn first_name(mail: &Mail) -> &str {
    if mail.scope.is_client() { mail.client_name.as_str() } else { mail.scope_name.as_str() }
}

pub(super) fn actor(mail: &Mail) -> String {
    match &mail.actor {
        Actor::User { name: Some(name), .. } => shown::name(name.as_str()),
        Actor::User { email, name: None, .. } => shown::address(email),
        Actor::Platform(_) | Actor::System(_) => {
            let client = shown::name(mail.client_name.as_str());
            let of_client = of(mail.client_name.as_str(), &client);
            pick(mail.locale, format!("L’équipe {of_client}"), format!("The team of {client}"))
        }
    }
}

/// The actor with their address, which the recipient may know better than the name.
pub(super) fn inviter(mail: &Mail, who: &str) -> String {
    match &mail.actor {
        Actor::User { email, name: Some(_), .. } => format!("{who} ({})", shown::address(email)),
        Actor::User { name: None, .. } | Actor::Platform(_) | Actor::System(_) => who.to_owned(),
    }
}

/// The name of the role in a sentence. A role that the client defines has its present name; its key, once it is deleted.
pub(super) fn role(role: RoleName, own: &ClientRules, locale: Locale) -> String {
    if let Some(entry) = role.entry() {
        return without_capital(entry.name.in_locale(locale));
    }
    let RoleName::Named(key) = role else {
        return pick(locale, "inconnu", "unknown").to_owned();
    };
    let name = own.roles.get(&key).map(|found| found.name.in_locale(locale).to_string());
    name.unwrap_or_else(|| key.as_str().to_owned())
}

/// `administrateur` for `Administrateur`, but `VIP` for `VIP`.
fn without_capital(name: &str) -> String {
    let mut letters = name.chars();
    let Some(first) = letters.next() else { return String::new() };
    if letters.clone().next().is_some_and(char::is_uppercase) {
        return name.to_owned();
    }
    first.to_lowercase().chain(letters).collect()
}

/// The last sentences. Questions go to the person who acts.
pub(super) fn closing(mail: &Mail, to: &Recipient, takes_replies: bool) -> String {
    let pick = |french: &str, english: &str| pick(mail.locale, french, english).to_owned();
    let question = mail.person(to).map(|(email, _)| {
        let address = shown::address(email);
        let write = if takes_replies {
            pick(
                "Une question\u{a0}? Répondez à ce message ou écrivez à",
                "Any questions? Reply to this message or write to",
            )
        } else {
            pick("Une question\u{a0}? Écrivez à", "Any questions? Write to")
        };
        write + &format!(" {address}.")
    });
    let (before, after) = match mail.kind {
        MailKind::Invitation | MailKind::SeatFree | MailKind::Reminder => (
            pick(
                "Ce lien est personnel\u{a0}: ne le transférez pas. Si vous n’attendiez pas cette invitation, ignorez ce message.",
                "This link is personal: do not forward it. If you did not expect this invitation, ignore this message.",
            ),
            None,
        ),
        MailKind::Granted
        | MailKind::RoleChanged
        | MailKind::AccessTaken
        | MailKind::OwnershipReceived
        | MailKind::OwnershipHandedOver => (
            String::new(),
            Some(pick(
                "Si vous ne vous y attendiez pas, parlez-en à l’équipe qui gère vos accès.",
                "If you did not expect this, contact the team that manages your access.",
            )),
        ),
        MailKind::Announcement => (
            pick(
                "Vous recevez ce message en raison de vos droits d’accès.",
                "You receive this message because you have access.",
            ),
            None,
        ),
        MailKind::AccessEnding => (
            String::new(),
            Some(pick(
                "Si vous en avez encore besoin, demandez à l’équipe qui gère vos accès de le prolonger.",
                "If you still need it, ask the team that manages your access to extend it.",
            )),
        ),
        MailKind::TeamEnding => (
            pick(
                "Si cette date convient, vous n’avez rien à faire\u{a0}: les places redeviennent libres une semaine plus tard. Sinon, changez la date de fin de l’événement pour toute l’équipe, ou demandez qu’une personne garde son accès après l’événement.",
                "If this date is right, there is nothing to do: the seats are free again a week later. Otherwise, change the end date of the event for the whole team, or ask for a person to keep their access after the event.",
            ),
            None,
        ),
        MailKind::Declined | MailKind::RenewalRequested => (String::new(), None),
        MailKind::InvitationDigest => (
            pick(
                "Vous recevez ce récapitulatif de vos invitations une fois par jour au plus.",
                "You receive this summary of your invitations once a day at most.",
            ),
            None,
        ),
    };
    let parts = [Some(before), question.or(after)].into_iter().flatten();
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
