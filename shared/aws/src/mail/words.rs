//! What mails say, in French and in English.

use askama::Template;
use coulisses_domain::{
    actor::Actor,
    locale::Locale,
    mail::{Mail, MailKind, Recipient},
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
pub struct RenderedMail {
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

impl RenderedMail {
    /// Renders `mail`, an invitation with its link.
    ///
    /// # Errors
    /// What the templates give, which no input can cause.
    pub fn of(mail: &Mail, to: &Recipient, link: Option<Link>) -> Result<Self, askama::Error> {
        let content = Content::of(mail, to, link);
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
    fn of(mail: &Mail, to: &Recipient, link: Option<Link>) -> Self {
        let locale = mail.locale;
        let phrases = phrases(mail);
        let (greeting, says, closing) = match locale {
            Locale::Fr => ("Bonjour", "Son message\u{a0}:", closing_fr(mail.kind)),
            Locale::En => ("Hello", "The message:", closing_en(mail.kind)),
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
            facts: facts(mail, expires_at),
            message: said(mail).map(|text| Quoted {
                introduction: says.into(),
                lines: text.lines().map(Into::into).collect(),
            }),
            action: link.map(|link| Action { label, prompt, url: link.url }),
            closing,
            signature: format!("{} · Coulisses", mail.client_name),
        }
    }
}

/// What somebody has written to the reader.
fn said(mail: &Mail) -> Option<&str> {
    let announced = mail.announced.as_ref().map(|words| words.text.as_str());
    mail.message.as_ref().map(Message::as_str).or(announced)
}

struct Phrases {
    subject: String,
    lead: String,
}

fn phrases(mail: &Mail) -> Phrases {
    let by_platform = matches!(mail.actor, Actor::Platform | Actor::System(_));
    if by_platform && mail.kind == MailKind::Invitation {
        return invited_by_platform(mail);
    }
    let (who, scope, place) = (actor(mail), mail.scope_name.as_str(), place(mail));
    let (subject, lead) = match (mail.kind, mail.locale) {
        (MailKind::Invitation, Locale::Fr) => (
            format!("{who} vous invite à rejoindre {scope}"),
            format!("{who} vous invite à rejoindre l’équipe {}.", of(&place)),
        ),
        (MailKind::Invitation, Locale::En) => (
            format!("{who} invites you to join {scope}"),
            format!("{who} invites you to join the team of {place}."),
        ),
        (MailKind::Granted, Locale::Fr) => {
            (format!("Vous avez accès à {scope}"), format!("{who} vous a donné accès à {place}."))
        }
        (MailKind::Granted, Locale::En) => {
            (format!("You have access to {scope}"), format!("{who} gave you access to {place}."))
        }
        (MailKind::RoleChanged, Locale::Fr) => (
            format!("Votre rôle sur {scope} a changé"),
            format!("{who} a modifié votre rôle sur {place}."),
        ),
        (MailKind::RoleChanged, Locale::En) => (
            format!("Your role on {scope} has changed"),
            format!("{who} changed your role on {place}."),
        ),
        (MailKind::AccessTaken, Locale::Fr) => (
            format!("Votre accès à {scope} a été retiré"),
            format!("{who} a retiré votre accès à {place}."),
        ),
        (MailKind::AccessTaken, Locale::En) => (
            format!("Your access to {scope} has been removed"),
            format!("{who} removed your access to {place}."),
        ),
        (MailKind::OwnershipReceived, Locale::Fr) => (
            format!("Vous êtes maintenant propriétaire {}", of(scope)),
            format!("{who} vous a transféré la propriété {}.", of(&place)),
        ),
        (MailKind::OwnershipReceived, Locale::En) => (
            format!("You are now the owner of {scope}"),
            format!("{who} transferred the ownership of {place} to you."),
        ),
        (MailKind::OwnershipHandedOver, Locale::Fr) => (
            format!("La propriété {} a été transférée", of(scope)),
            format!(
                "{who} a transféré la propriété {}. Vous y gardez le rôle d’administrateur.",
                of(&place)
            ),
        ),
        (MailKind::OwnershipHandedOver, Locale::En) => (
            format!("The ownership of {scope} has been transferred"),
            format!("{who} transferred the ownership of {place}. You remain its administrator."),
        ),
        (MailKind::Announcement, Locale::Fr) => (
            announced_subject(mail),
            format!("{who} écrit à toutes les personnes qui ont accès à {place}."),
        ),
        (MailKind::Announcement, Locale::En) => {
            (announced_subject(mail), format!("{who} writes to everybody with access to {place}."))
        }
        (MailKind::AccessEnding, Locale::Fr) => (
            format!("Votre accès à {scope} prend bientôt fin"),
            format!("Votre accès à {place} prend bientôt fin."),
        ),
        (MailKind::AccessEnding, Locale::En) => (
            format!("Your access to {scope} ends soon"),
            format!("Your access to {place} ends soon."),
        ),
    };
    Phrases { subject, lead }
}

/// The subject of a message to everybody is the sender's own.
fn announced_subject(mail: &Mail) -> String {
    let scope = mail.scope_name.as_str();
    mail.announced.as_ref().map_or(scope, |words| words.subject.as_str()).to_owned()
}

/// Nobody of the team is there yet who could be named as the inviter.
fn invited_by_platform(mail: &Mail) -> Phrases {
    let (scope, place) = (&mail.scope_name, place(mail));
    let (subject, lead) = match mail.locale {
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
fn place(mail: &Mail) -> String {
    let (scope, client) = (&mail.scope_name, &mail.client_name);
    if mail.scope.is_client() { client.to_string() } else { format!("{scope} ({client})") }
}

/// `de Summit`, `d’Acme`: the French preposition before a name, which elides before a vowel.
fn of(name: &str) -> String {
    let first = name.chars().next().into_iter().flat_map(char::to_lowercase).next();
    let elides = first.is_some_and(|first| "aàâäæeéèêëiîïoôöœuùûü".contains(first));
    if elides { format!("d’{name}") } else { format!("de {name}") }
}

fn facts(mail: &Mail, link_until: Option<Timestamp>) -> Vec<Fact> {
    let locale = mail.locale;
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
    let others = || mail.also.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
    let rows = [
        (role, mail.role.map(|role| role_word(role, locale).to_owned())),
        (access, mail.access_until.map(told)),
        (link, link_until.map(told)),
        (also, (!mail.also.is_empty()).then(others)),
    ];
    rows.into_iter().filter_map(|(label, value)| value.map(|value| Fact { label, value })).collect()
}

fn actor(mail: &Mail) -> String {
    match (&mail.actor, mail.locale) {
        (Actor::User { name: Some(name), .. }, _) => name.to_string(),
        (Actor::User { email, name: None }, _) => email.original().to_owned(),
        (Actor::Platform | Actor::System(_), Locale::Fr) => {
            format!("L’équipe {}", of(mail.client_name.as_str()))
        }
        (Actor::Platform | Actor::System(_), Locale::En) => {
            format!("The team of {}", mail.client_name)
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

const fn closing_fr(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Invitation => {
            "Ce lien est personnel\u{a0}: ne le transférez pas. Si vous n’attendiez pas cette invitation, ignorez ce message."
        }
        MailKind::Granted
        | MailKind::RoleChanged
        | MailKind::AccessTaken
        | MailKind::OwnershipReceived
        | MailKind::OwnershipHandedOver => {
            "Si vous ne vous y attendiez pas, parlez-en à l’équipe qui gère vos accès."
        }
        MailKind::Announcement => "Ce message vous est adressé en raison de vos droits d’accès.",
        MailKind::AccessEnding => {
            "Si vous en avez encore besoin, demandez à l’équipe qui gère vos accès de le prolonger."
        }
    }
}

const fn closing_en(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Invitation => {
            "This link is personal: do not forward it. If you did not expect this invitation, ignore this message."
        }
        MailKind::Granted
        | MailKind::RoleChanged
        | MailKind::AccessTaken
        | MailKind::OwnershipReceived
        | MailKind::OwnershipHandedOver => {
            "If you did not expect this, talk to the team that manages your access."
        }
        MailKind::Announcement => "You receive this message because of the access that you hold.",
        MailKind::AccessEnding => {
            "If you still need it, ask the team that manages your access to extend it."
        }
    }
}
