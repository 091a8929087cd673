//! The texts of mails, in French and English.

use askama::Template;
use coulisses_domain::{
    actor::Actor,
    link::without_links,
    locale::Locale,
    mail::{Mail, MailKind, Recipient},
    role::RoleName,
    text::{Message, Name},
    time::Timestamp,
};

use super::{dates, shown};

/// The link of an invitation.
#[derive(Clone)]
pub struct Link {
    /// The page, with the token in the fragment.
    pub url: String,
    /// When the invitation expires.
    pub expires_at: Timestamp,
}

/// Keeps the token in the link out of logs.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link(..)")
    }
}

/// A rendered mail.
pub struct RenderedMail {
    /// The subject, one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML page. Names and messages are escaped, and names isolated.
    pub html: String,
}

/// The content of a mail, which both templates render.
struct Content {
    language: &'static str,
    subject: String,
    title: String,
    greeting: String,
    lead: String,
    facts: Vec<Fact>,
    message: Option<Quoted>,
    action: Option<Action>,
    closing: &'static str,
    signature: String,
}

struct Fact {
    label: &'static str,
    value: String,
}

struct Quoted {
    introduction: &'static str,
    lines: Vec<String>,
}

struct Action {
    label: &'static str,
    prompt: &'static str,
    url: String,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct PlainText<'a> {
    mail: &'a Content,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    mail: &'a Content,
}

impl RenderedMail {
    /// Renders a mail of `product`; `link` is that of an invitation.
    ///
    /// # Errors
    /// Those of the templates.
    pub fn of(
        mail: &Mail,
        to: &Recipient,
        link: Option<Link>,
        product: &str,
    ) -> Result<Self, askama::Error> {
        let content = Content::of(mail, to, link, product);
        let (text, html) =
            (PlainText { mail: &content }.render()?, Page { mail: &content }.render()?);
        Ok(Self { subject: content.subject, text, html: shown::with_elements(&html) })
    }
}

/// One of the two texts.
fn pick<T>(locale: Locale, french: T, english: T) -> T {
    match locale {
        Locale::Fr => french,
        Locale::En => english,
    }
}

impl Content {
    fn of(mail: &Mail, to: &Recipient, link: Option<Link>, product: &str) -> Self {
        let locale = mail.locale;
        let hello = pick(locale, "Bonjour", "Hello");
        let name = to.name.as_ref().map(|name| shown::name(name.as_str()));
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        let (subject, lead) = subject_and_lead(mail);
        let announced = mail.announced.as_ref().map(|content| content.text.as_str());
        let message = mail.message.as_ref().map(Message::as_str).or(announced);
        Self {
            language: locale.name(),
            title: shown::plain(&subject),
            subject: shown::line(subject),
            greeting: shown::line(format!("{hello}{name},")),
            lead: shown::line(lead),
            facts: facts(mail, link.as_ref().map(|link| link.expires_at)),
            message: message.map(|text| Quoted {
                introduction: pick(locale, "Message\u{a0}:", "Message:"),
                lines: text.lines().map(without_links).collect(),
            }),
            action: link.map(|link| Action {
                label: pick(
                    locale,
                    "Voir et accepter l’invitation",
                    "View and accept the invitation",
                ),
                prompt: pick(
                    locale,
                    "Voir et accepter l’invitation\u{a0}:",
                    "View and accept the invitation:",
                ),
                url: link.url,
            }),
            closing: closing(mail.kind, locale),
            signature: shown::line(format!(
                "{} · {product}",
                shown::name(mail.client_name.as_str())
            )),
        }
    }
}

#[rustfmt::skip]
fn subject_and_lead(mail: &Mail) -> (String, String) {
    let (who, scope, place) = (actor(mail), shown::name(mail.scope_name.as_str()), place(mail));
    let (of_scope, of_place) = (of(&mail.scope_name, &scope), of(first_name(mail), &place));
    let by_platform = matches!(mail.actor, Actor::Platform(_) | Actor::System(_));
    let pick = |french: String, english: String| pick(mail.locale, french, english);
    if mail.sums_up.is_some() {
        let client = &mail.client_name;
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
        // The team has no one yet who could be named as the inviter.
        MailKind::Invitation if by_platform => (
            pick(format!("Votre accès à {scope} vous attend"), format!("Your access to {scope} is waiting")),
            pick(
                format!("Votre accès personnel à {place} est prêt. Acceptez l’invitation pour commencer."),
                format!("Your personal access to {place} is ready. Accept the invitation to get started."),
            ),
        ),
        MailKind::Invitation => (
            pick(format!("{who} vous invite à rejoindre {scope}"), format!("{who} invites you to join {scope}")),
            {
                let inviter = inviter(mail, &who);
                pick(
                    format!("{inviter} vous invite à rejoindre l’équipe {of_place}."),
                    format!("{inviter} invites you to join the team of {place}."),
                )
            },
        ),
        MailKind::Granted => (
            pick(format!("Vous avez accès à {scope}"), format!("You have access to {scope}")),
            pick(format!("{who} vous a donné accès à {place}."), format!("{who} gave you access to {place}.")),
        ),
        MailKind::RoleChanged => (
            pick(format!("Votre rôle sur {scope} a changé"), format!("Your role on {scope} has changed")),
            pick(format!("{who} a modifié votre rôle sur {place}."), format!("{who} changed your role on {place}.")),
        ),
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
            pick(
                format!("{who} écrit à toutes les personnes qui ont accès à {place}."),
                format!("{who} sent this message to everyone with access to {place}."),
            ),
        ),
        MailKind::AccessEnding => (
            pick(format!("Votre accès à {scope} prend bientôt fin"), format!("Your access to {scope} ends soon")),
            pick(format!("Votre accès à {place} prend bientôt fin."), format!("Your access to {place} ends soon.")),
        ),
    }
}

/// The name of the scope, with that of its client.
fn place(mail: &Mail) -> String {
    let (scope, client) = (&mail.scope_name, &mail.client_name);
    let client = shown::name(client.as_str());
    if mail.scope.is_client() {
        client
    } else {
        format!("{} ({client})", shown::name(scope.as_str()))
    }
}

/// The name that [`place`] begins with.
fn first_name(mail: &Mail) -> &Name {
    if mail.scope.is_client() { &mail.client_name } else { &mail.scope_name }
}

/// `de Summit`, `d’Acme`: the French preposition is elided before a vowel. `shown` begins with `name`.
fn of(name: &Name, shown: &str) -> String {
    let first = name.as_str().chars().next().into_iter().flat_map(char::to_lowercase).next();
    let elides = first.is_some_and(|first| "aàâäæeéèêëiîïoôöœuùûü".contains(first));
    if elides { format!("d’{shown}") } else { format!("de {shown}") }
}

fn facts(mail: &Mail, link_until: Option<Timestamp>) -> Vec<Fact> {
    let locale = mail.locale;
    let time = |at: Timestamp| dates::format(at, locale);
    let others = || {
        let names: Vec<String> = mail.also.iter().map(|name| shown::name(name.as_str())).collect();
        shown::line(names.join(", "))
    };
    let rows = [
        (("Rôle\u{a0}:", "Role:"), mail.role.map(|role| role_word(role, locale).to_owned())),
        (("Accès jusqu’au\u{a0}:", "Access until:"), mail.access_until.map(time)),
        (("Invitation valable jusqu’au\u{a0}:", "Invitation valid until:"), link_until.map(time)),
        (("Concerne aussi\u{a0}:", "Also affects:"), (!mail.also.is_empty()).then(others)),
    ];
    let fact = |((french, english), value): ((_, _), Option<String>)| {
        value.map(|value| Fact { label: pick(locale, french, english), value })
    };
    rows.into_iter().filter_map(fact).collect()
}

fn actor(mail: &Mail) -> String {
    match &mail.actor {
        Actor::User { name: Some(name), .. } => shown::name(name.as_str()),
        Actor::User { email, name: None, .. } => shown::address(email),
        Actor::Platform(_) | Actor::System(_) => {
            let client = shown::name(mail.client_name.as_str());
            let of_client = of(&mail.client_name, &client);
            pick(mail.locale, format!("L’équipe {of_client}"), format!("The team of {client}"))
        }
    }
}

/// The actor with their address, which the recipient may know better than the name.
fn inviter(mail: &Mail, who: &str) -> String {
    match &mail.actor {
        Actor::User { email, name: Some(_), .. } => format!("{who} ({})", shown::address(email)),
        Actor::User { name: None, .. } | Actor::Platform(_) | Actor::System(_) => who.to_owned(),
    }
}

/// The name of the role in a sentence.
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
        RoleName::Unknown => ("inconnu", "unknown"),
    };
    pick(locale, french, english)
}

#[rustfmt::skip]
fn closing(kind: MailKind, locale: Locale) -> &'static str {
    let (french, english) = match kind {
        MailKind::Invitation => (
            "Ce lien est personnel\u{a0}: ne le transférez pas. Si vous n’attendiez pas cette invitation, ignorez ce message.",
            "This link is personal: do not forward it. If you did not expect this invitation, ignore this message.",
        ),
        MailKind::Granted
        | MailKind::RoleChanged
        | MailKind::AccessTaken
        | MailKind::OwnershipReceived
        | MailKind::OwnershipHandedOver => (
            "Si vous ne vous y attendiez pas, parlez-en à l’équipe qui gère vos accès.",
            "If you did not expect this, contact the team that manages your access.",
        ),
        MailKind::Announcement => (
            "Vous recevez ce message en raison de vos droits d’accès.",
            "You receive this message because you have access.",
        ),
        MailKind::AccessEnding => (
            "Si vous en avez encore besoin, demandez à l’équipe qui gère vos accès de le prolonger.",
            "If you still need it, ask the team that manages your access to extend it.",
        ),
    };
    pick(locale, french, english)
}
