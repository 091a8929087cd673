//! What mails say, in French and in English.

use askama::Template;
use coulisses_domain::{
    client::Locale,
    history::Actor,
    notice::{Notice, NoticeKind, Recipient},
    role::RoleName,
    text::{Message, Name},
    time::Timestamp,
};

use super::dates;

/// The link of an invitation.
#[derive(Clone)]
pub struct Link {
    /// The page, with the token in its fragment.
    pub url: String,
    /// Until when the invitation can be accepted.
    pub expires_at: Timestamp,
}

/// A link carries a token, which is not for a log.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link(..)")
    }
}

/// A mail, rendered.
pub struct Letter {
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as a page, in which names and messages are inert.
    pub html: String,
}

/// What both forms of a mail are made of.
#[derive(Clone)]
struct Content {
    language: &'static str,
    subject: String,
    greeting: String,
    lead: String,
    facts: Vec<Fact>,
    message: Option<Quoted>,
    action: Option<Action>,
    closing: &'static str,
    signature: String,
}

#[derive(Clone)]
struct Fact {
    label: &'static str,
    value: String,
}

#[derive(Clone)]
struct Quoted {
    introduction: String,
    lines: Vec<String>,
}

#[derive(Clone)]
struct Action {
    label: &'static str,
    prompt: &'static str,
    url: String,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct PlainText<'a> {
    greeting: &'a str,
    lead: &'a str,
    facts: &'a [Fact],
    message: &'a Option<Quoted>,
    action: &'a Option<Action>,
    closing: &'a str,
    signature: &'a str,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    language: &'a str,
    subject: &'a str,
    greeting: &'a str,
    lead: &'a str,
    facts: &'a [Fact],
    message: &'a Option<Quoted>,
    action: &'a Option<Action>,
    closing: &'a str,
    signature: &'a str,
}

impl Letter {
    /// Renders `notice`, an invitation with its link.
    ///
    /// # Errors
    /// What the templates give, which no input can cause.
    pub fn of(notice: &Notice, to: &Recipient, link: Option<Link>) -> Result<Self, askama::Error> {
        let content = Content::of(notice, to, link);
        let Content {
            language,
            subject,
            greeting,
            lead,
            facts,
            message,
            action,
            closing,
            signature,
        } = &content;
        let text =
            PlainText { greeting, lead, facts, message, action, closing, signature }.render()?;
        let html =
            Page { language, subject, greeting, lead, facts, message, action, closing, signature }
                .render()?;
        Ok(Self { subject: content.subject, text, html })
    }
}

impl Content {
    fn of(notice: &Notice, to: &Recipient, link: Option<Link>) -> Self {
        let locale = notice.locale;
        let phrases = phrases(notice);
        let (greeting, says, closing) = match locale {
            Locale::Fr => ("Bonjour", "Son message\u{a0}:", closing_fr(notice.kind)),
            Locale::En => ("Hello", "The message:", closing_en(notice.kind)),
        };
        let (label, prompt) = match locale {
            Locale::Fr => ("Voir et accepter l’invitation", "Voir et accepter l’invitation\u{a0}:"),
            Locale::En => ("View and accept the invitation", "View and accept the invitation:"),
        };
        let comma = |name: &str| format!("{greeting} {name},");
        let expires_at = link.as_ref().map(|link| link.expires_at);
        Self {
            language: locale.name(),
            subject: phrases.subject,
            greeting: to.name.as_ref().map_or(format!("{greeting},"), |name| comma(name.as_str())),
            lead: phrases.lead,
            facts: facts(notice, expires_at),
            message: said(notice).map(|text| Quoted {
                introduction: says.into(),
                lines: text.lines().map(Into::into).collect(),
            }),
            action: link.map(|link| Action { label, prompt, url: link.url }),
            closing,
            signature: format!("{} · Coulisses", notice.client_name),
        }
    }
}

/// What somebody has written to the reader.
fn said(notice: &Notice) -> Option<&str> {
    let announced = notice.announced.as_ref().map(|words| words.text.as_str());
    notice.message.as_ref().map(Message::as_str).or(announced)
}

struct Phrases {
    subject: String,
    lead: String,
}

fn phrases(notice: &Notice) -> Phrases {
    let by_platform = matches!(notice.by, Actor::Platform | Actor::System(_));
    if by_platform && notice.kind == NoticeKind::Invitation {
        return invited_by_platform(notice);
    }
    let (who, scope, place) = (actor(notice), notice.scope_name.as_str(), place(notice));
    let (subject, lead) = match (notice.kind, notice.locale) {
        (NoticeKind::Invitation, Locale::Fr) => (
            format!("{who} vous invite à rejoindre {scope}"),
            format!("{who} vous invite à rejoindre l’équipe {}.", of(&place)),
        ),
        (NoticeKind::Invitation, Locale::En) => (
            format!("{who} invites you to join {scope}"),
            format!("{who} invites you to join the team of {place}."),
        ),
        (NoticeKind::Granted, Locale::Fr) => {
            (format!("Vous avez accès à {scope}"), format!("{who} vous a donné accès à {place}."))
        }
        (NoticeKind::Granted, Locale::En) => {
            (format!("You have access to {scope}"), format!("{who} gave you access to {place}."))
        }
        (NoticeKind::RoleChanged, Locale::Fr) => (
            format!("Votre rôle sur {scope} a changé"),
            format!("{who} a modifié votre rôle sur {place}."),
        ),
        (NoticeKind::RoleChanged, Locale::En) => (
            format!("Your role on {scope} has changed"),
            format!("{who} changed your role on {place}."),
        ),
        (NoticeKind::AccessTaken, Locale::Fr) => (
            format!("Votre accès à {scope} a été retiré"),
            format!("{who} a retiré votre accès à {place}."),
        ),
        (NoticeKind::AccessTaken, Locale::En) => (
            format!("Your access to {scope} has been removed"),
            format!("{who} removed your access to {place}."),
        ),
        (NoticeKind::OwnershipReceived, Locale::Fr) => (
            format!("Vous êtes maintenant propriétaire {}", of(scope)),
            format!("{who} vous a transféré la propriété {}.", of(&place)),
        ),
        (NoticeKind::OwnershipReceived, Locale::En) => (
            format!("You are now the owner of {scope}"),
            format!("{who} transferred the ownership of {place} to you."),
        ),
        (NoticeKind::OwnershipHandedOver, Locale::Fr) => (
            format!("La propriété {} a été transférée", of(scope)),
            format!(
                "{who} a transféré la propriété {}. Vous y gardez le rôle d’administrateur.",
                of(&place)
            ),
        ),
        (NoticeKind::OwnershipHandedOver, Locale::En) => (
            format!("The ownership of {scope} has been transferred"),
            format!("{who} transferred the ownership of {place}. You remain its administrator."),
        ),
        (NoticeKind::Announcement, Locale::Fr) => (
            announced_subject(notice),
            format!("{who} écrit à toutes les personnes qui ont accès à {place}."),
        ),
        (NoticeKind::Announcement, Locale::En) => (
            announced_subject(notice),
            format!("{who} writes to everybody with access to {place}."),
        ),
        (NoticeKind::AccessEnding, Locale::Fr) => (
            format!("Votre accès à {scope} prend bientôt fin"),
            format!("Votre accès à {place} prend bientôt fin."),
        ),
        (NoticeKind::AccessEnding, Locale::En) => (
            format!("Your access to {scope} ends soon"),
            format!("Your access to {place} ends soon."),
        ),
    };
    Phrases { subject, lead }
}

/// The subject of a message to everybody is the sender's own.
fn announced_subject(notice: &Notice) -> String {
    let scope = notice.scope_name.as_str();
    notice.announced.as_ref().map_or(scope, |words| words.subject.as_str()).to_owned()
}

/// Nobody of the team is there yet who could be named as the inviter.
fn invited_by_platform(notice: &Notice) -> Phrases {
    let (scope, place) = (&notice.scope_name, place(notice));
    let (subject, lead) = match notice.locale {
        Locale::Fr => (
            format!("Votre accès à {scope} vous attend"),
            format!(
                "Votre accès personnel à {place} est prêt. Acceptez l’invitation pour commencer."
            ),
        ),
        Locale::En => (
            format!("Your access to {scope} is waiting"),
            format!("Your own access to {place} is ready. Accept the invitation to begin."),
        ),
    };
    Phrases { subject, lead }
}

/// The scope as it is called, with its client where it is not one.
fn place(notice: &Notice) -> String {
    let (scope, client) = (&notice.scope_name, &notice.client_name);
    if notice.scope.is_client() { client.to_string() } else { format!("{scope} ({client})") }
}

/// `de Summit`, `d’Acme`: the French preposition before a name, which elides before a vowel.
fn of(name: &str) -> String {
    let first = name.chars().next().into_iter().flat_map(char::to_lowercase).next();
    let elides = first.is_some_and(|first| "aàâäæeéèêëiîïoôöœuùûü".contains(first));
    if elides { format!("d’{name}") } else { format!("de {name}") }
}

fn facts(notice: &Notice, link_until: Option<Timestamp>) -> Vec<Fact> {
    let locale = notice.locale;
    let told = |at: Timestamp| dates::told(at, locale);
    let (role, access, link) = match locale {
        Locale::Fr => {
            ("Rôle\u{a0}:", "Accès jusqu’au\u{a0}:", "Invitation valable jusqu’au\u{a0}:")
        }
        Locale::En => ("Role:", "Access until:", "Invitation valid until:"),
    };
    let also = match locale {
        Locale::Fr => "Concerne aussi\u{a0}:",
        Locale::En => "Also concerns:",
    };
    let others = || notice.also.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
    let rows = [
        (role, notice.role.map(|role| role_word(role, locale).to_owned())),
        (access, notice.access_until.map(told)),
        (link, link_until.map(told)),
        (also, (!notice.also.is_empty()).then(others)),
    ];
    rows.into_iter().filter_map(|(label, value)| value.map(|value| Fact { label, value })).collect()
}

fn actor(notice: &Notice) -> String {
    match (&notice.by, notice.locale) {
        (Actor::Person { name: Some(name), .. }, _) => name.to_string(),
        (Actor::Person { email, name: None }, _) => email.original().to_owned(),
        (Actor::Platform | Actor::System(_), Locale::Fr) => {
            format!("L’équipe {}", of(notice.client_name.as_str()))
        }
        (Actor::Platform | Actor::System(_), Locale::En) => {
            format!("The team of {}", notice.client_name)
        }
    }
}

/// The role as people call it.
fn role_word(role: RoleName, locale: Locale) -> &'static str {
    let (french, english) = match role {
        RoleName::Owner => ("propriétaire", "owner"),
        RoleName::Administrator => ("administrateur", "administrator"),
        RoleName::Contributor => ("contributeur", "contributor"),
        RoleName::Reader => ("lecteur", "reader"),
        RoleName::Manager => ("gestionnaire", "manager"),
        RoleName::Supervisor => ("superviseur", "supervisor"),
        RoleName::Observer => ("observateur", "observer"),
        RoleName::Custom => ("personnalisé", "custom"),
    };
    match locale {
        Locale::Fr => french,
        Locale::En => english,
    }
}

const fn closing_fr(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Invitation => {
            "Ce lien est personnel\u{a0}: ne le transférez pas. Si vous n’attendiez pas cette invitation, ignorez ce message."
        }
        NoticeKind::Granted
        | NoticeKind::RoleChanged
        | NoticeKind::AccessTaken
        | NoticeKind::OwnershipReceived
        | NoticeKind::OwnershipHandedOver => {
            "Si vous ne vous y attendiez pas, parlez-en à l’équipe qui gère vos accès."
        }
        NoticeKind::Announcement => "Ce message vous est adressé en raison de vos droits d’accès.",
        NoticeKind::AccessEnding => {
            "Si vous en avez encore besoin, demandez à l’équipe qui gère vos accès de le prolonger."
        }
    }
}

const fn closing_en(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Invitation => {
            "This link is personal: do not forward it. If you did not expect this invitation, ignore this message."
        }
        NoticeKind::Granted
        | NoticeKind::RoleChanged
        | NoticeKind::AccessTaken
        | NoticeKind::OwnershipReceived
        | NoticeKind::OwnershipHandedOver => {
            "If you did not expect this, talk to the team that manages your access."
        }
        NoticeKind::Announcement => "You receive this message because of the access that you hold.",
        NoticeKind::AccessEnding => {
            "If you still need it, ask the team that manages your access to extend it."
        }
    }
}
