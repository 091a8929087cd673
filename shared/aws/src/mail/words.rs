//! What mails say, in French and in English.

use askama::Template;
use coulisses_domain::{
    client::Locale,
    history::Actor,
    notice::{Notice, NoticeKind, Recipient},
    role::RoleName,
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
            Locale::Fr => ("Bonjour", "Son message :", closing_fr(notice.kind)),
            Locale::En => ("Hello", "The message:", closing_en(notice.kind)),
        };
        let action = match locale {
            Locale::Fr => "Voir et accepter l’invitation",
            Locale::En => "See and accept the invitation",
        };
        let comma = |name: &str| format!("{greeting} {name},");
        let expires_at = link.as_ref().map(|link| link.expires_at);
        Self {
            language: locale.name(),
            subject: phrases.subject,
            greeting: to.name.as_ref().map_or(format!("{greeting},"), |name| comma(name.as_str())),
            lead: phrases.lead,
            facts: facts(notice, expires_at),
            message: notice.message.as_ref().map(|message| Quoted {
                introduction: says.into(),
                lines: message.as_str().lines().map(Into::into).collect(),
            }),
            action: link.map(|link| Action { label: action, url: link.url }),
            closing,
            signature: format!("{} · Coulisses", notice.client_name),
        }
    }
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
    let (who, scope, place) = (actor(notice), &notice.scope_name, place(notice));
    let (subject, lead) = match (notice.kind, notice.locale) {
        (NoticeKind::Invitation, Locale::Fr) => (
            format!("{who} vous invite sur {scope}"),
            format!("{who} vous invite à rejoindre l’équipe de {place}."),
        ),
        (NoticeKind::Invitation, Locale::En) => (
            format!("{who} invites you to {scope}"),
            format!("{who} invites you to join the team of {place}."),
        ),
        (NoticeKind::Granted, Locale::Fr) => {
            (format!("Vous avez accès à {scope}"), format!("{who} vous a donné accès à {place}."))
        }
        (NoticeKind::Granted, Locale::En) => {
            (format!("You have access to {scope}"), format!("{who} gave you access to {place}."))
        }
        (NoticeKind::RoleChanged, Locale::Fr) => (
            format!("Votre rôle a changé sur {scope}"),
            format!("{who} a changé votre rôle sur {place}."),
        ),
        (NoticeKind::RoleChanged, Locale::En) => (
            format!("Your role has changed on {scope}"),
            format!("{who} changed your role on {place}."),
        ),
        (NoticeKind::AccessTaken, Locale::Fr) => (
            format!("Votre accès à {scope} a été retiré"),
            format!("{who} a retiré votre accès à {place}."),
        ),
        (NoticeKind::AccessTaken, Locale::En) => (
            format!("Your access to {scope} was taken back"),
            format!("{who} took back your access to {place}."),
        ),
        (NoticeKind::OwnershipReceived, Locale::Fr) => (
            format!("Vous êtes propriétaire de {scope}"),
            format!("{who} vous a transféré la propriété de {place}."),
        ),
        (NoticeKind::OwnershipReceived, Locale::En) => (
            format!("You own {scope}"),
            format!("{who} transferred the ownership of {place} to you."),
        ),
        (NoticeKind::OwnershipHandedOver, Locale::Fr) => (
            format!("La propriété de {scope} a été transférée"),
            format!("{who} a transféré la propriété de {place}. Vous en restez administrateur."),
        ),
        (NoticeKind::OwnershipHandedOver, Locale::En) => (
            format!("The ownership of {scope} was transferred"),
            format!("{who} transferred the ownership of {place}. You remain its administrator."),
        ),
    };
    Phrases { subject, lead }
}

/// Nobody of the team is there yet who could be named as the inviter.
fn invited_by_platform(notice: &Notice) -> Phrases {
    let (scope, place) = (&notice.scope_name, place(notice));
    let (subject, lead) = match notice.locale {
        Locale::Fr => (
            format!("Votre accès à {scope} vous attend"),
            format!("Vous êtes invité à prendre en main {place}, avec un accès à vous."),
        ),
        Locale::En => (
            format!("Your access to {scope} is waiting"),
            format!("You are invited to take charge of {place}, with an access of your own."),
        ),
    };
    Phrases { subject, lead }
}

/// The scope as it is called, with its client where it is not one.
fn place(notice: &Notice) -> String {
    let (scope, client) = (&notice.scope_name, &notice.client_name);
    if notice.scope.is_client() { client.to_string() } else { format!("{scope} ({client})") }
}

fn facts(notice: &Notice, link_until: Option<Timestamp>) -> Vec<Fact> {
    let locale = notice.locale;
    let told = |at: Timestamp| dates::told(at, locale);
    let (role, access, link) = match locale {
        Locale::Fr => ("Rôle :", "Accès jusqu’au :", "Invitation valable jusqu’au :"),
        Locale::En => ("Role:", "Access until:", "Invitation valid until:"),
    };
    let rows = [
        (role, notice.role.map(|role| role_word(role, locale).to_owned())),
        (access, notice.access_until.map(told)),
        (link, link_until.map(told)),
    ];
    rows.into_iter().filter_map(|(label, value)| value.map(|value| Fact { label, value })).collect()
}

fn actor(notice: &Notice) -> String {
    match (&notice.by, notice.locale) {
        (Actor::Person { name: Some(name), .. }, _) => name.to_string(),
        (Actor::Person { email, name: None }, _) => email.original().to_owned(),
        (Actor::Platform | Actor::System(_), Locale::Fr) => {
            format!("L’équipe de {}", notice.client_name)
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
            "Ce lien est personnel : ne le transférez pas. Si vous n’attendiez pas cette invitation, ignorez ce message."
        }
        NoticeKind::Granted
        | NoticeKind::RoleChanged
        | NoticeKind::AccessTaken
        | NoticeKind::OwnershipReceived
        | NoticeKind::OwnershipHandedOver => {
            "Si cela vous surprend, parlez-en à l’équipe qui gère vos accès."
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
            "If this surprises you, speak to the team that manages your access."
        }
    }
}
