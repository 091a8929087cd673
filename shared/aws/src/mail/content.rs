//! The content of a mail, which both templates render.

use std::collections::BTreeMap;

use askama::Template;
use coulisses_domain::{
    client::Client,
    client_rules::ClientRules,
    collaborator::Collaborator,
    link::without_links,
    locale::Locale,
    look::{Look, WebUrl},
    mail::{DigestLine, GrantTerms, Mail, MailKind, Recipient},
    scope::{Scope, ScopeId},
    text::{Message, Name},
    time::Timestamp,
};

use super::{
    colors::Button,
    dates::Dates,
    invitations, pick, rights, shown,
    words::{self, Change},
};

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

/// What a deployment adds to its mails.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deployment<'a> {
    /// The page of the platform's back-office, for scopes without one.
    pub page: Option<&'a str>,
    /// The address of the console, if there is one.
    pub console: Option<&'a str>,
    /// Whether replies go to the person who acts.
    pub takes_replies: bool,
}

/// What surrounds the text of a mail, as it is when the mail is sent.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The look of the client.
    pub look: Look,
    /// The page of the platform's back-office.
    pub page: Option<String>,
    /// The names of the scopes of [`Mail::named_scopes`].
    pub taken_from: Vec<Name>,
    /// The people of [`Mail::named_people`], by their name or address.
    pub people: Vec<String>,
    /// The client's own roles, for their names.
    pub roles: ClientRules,
    /// The invitations of a digest that still need the recipient.
    pub entries: Vec<Entry>,
    /// Whether replies go to the person who acts.
    pub takes_replies: bool,
}

/// One invitation of a digest.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The person, where they were invited, and what became of it.
    pub text: String,
    /// The page of the person in the console.
    pub url: Option<String>,
}

impl Frame {
    /// The frame of a mail, by the records of its client and scopes and those of the people that it names.
    #[must_use]
    pub fn of(
        mail: &Mail,
        client: Option<&Client>,
        scopes: &BTreeMap<ScopeId, Scope>,
        people: &[&Collaborator],
        deployment: Deployment<'_>,
    ) -> Self {
        let own = client.and_then(|client| client.platform_url_at(&mail.scope, scopes));
        let names = mail.named_scopes().filter_map(|scope| scopes.get(scope));
        Self {
            look: client.map(|client| client.look.clone()).unwrap_or_default(),
            page: own.map(WebUrl::as_str).or(deployment.page).map(ToOwned::to_owned),
            taken_from: names.map(|scope| scope.name.clone()).collect(),
            people: people.iter().map(|person| shown::person(person)).collect(),
            roles: client.map(|client| client.rules.clone()).unwrap_or_default(),
            entries: entries(mail, scopes, people, deployment.console),
            takes_replies: deployment.takes_replies,
        }
    }
}

/// The lines of a digest about `people`, whose invitations still need the recipient.
fn entries(
    mail: &Mail,
    scopes: &BTreeMap<ScopeId, Scope>,
    people: &[&Collaborator],
    console: Option<&str>,
) -> Vec<Entry> {
    let colon = pick(mail.locale, "\u{a0}:", ":");
    let lines = mail.digest.iter().flat_map(|digest| &digest.lines);
    let entry = |line: &DigestLine| {
        let person = people.iter().find(|person| person.id == line.person)?;
        let scope = scopes.get(&line.scope).map_or(&mail.client_name, |scope| &scope.name);
        let (who, scope) = (shown::person(person), shown::name(scope.as_str()));
        let issue = invitations::issue(line.issue, mail.locale);
        Some(Entry {
            text: shown::line(format!("{who} ({scope}){colon} {issue}")),
            url: console.map(|url| format!("{url}/scopes/{}/people/{}", line.scope, line.person)),
        })
    };
    lines.filter_map(entry).collect()
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

/// The parts of a mail.
struct Content<'a> {
    language: &'static str,
    subject: String,
    title: String,
    logo: Option<&'a str>,
    client: String,
    greeting: String,
    lead: String,
    facts: Vec<Fact>,
    entries: &'a [Entry],
    /// How many more invitations there are than entries.
    more: Option<String>,
    message: Option<Quoted>,
    action: Option<Action>,
    button: Button,
    closing: String,
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
    /// Whether the page shows the address too. A link that is personal can be copied.
    is_personal: bool,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct PlainText<'a> {
    mail: &'a Content<'a>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    mail: &'a Content<'a>,
}

impl RenderedMail {
    /// Renders a mail of `product`; `link` is that of an invitation.
    ///
    /// # Errors
    /// Those of the templates.
    pub fn of(
        mail: &Mail,
        to: &Recipient,
        (frame, link): (&Frame, Option<Link>),
        product: &str,
    ) -> Result<Self, askama::Error> {
        let content = Content::of(mail, to, (frame, link), product);
        let (text, html) =
            (PlainText { mail: &content }.render()?, Page { mail: &content }.render()?);
        Ok(Self { subject: content.subject, text, html: shown::with_elements(&html) })
    }
}

impl<'a> Content<'a> {
    fn of(
        mail: &Mail,
        to: &Recipient,
        (frame, link): (&'a Frame, Option<Link>),
        product: &str,
    ) -> Self {
        let locale = mail.locale;
        let hello = pick(locale, "Bonjour", "Hello");
        let name = to.name.as_ref().map(|name| shown::name(name.as_str()));
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        let dates = Dates { locale, zone: frame.look.time_zone.as_ref() };
        let (subject, lead) = words::subject_and_lead(mail, frame, dates);
        let announced = mail.announced.as_ref().map(|content| content.text.as_str());
        let message = mail.message.as_ref().map(Message::as_str).or(announced);
        let client = shown::name(mail.client_name.as_str());
        let is_about_one = matches!(mail.kind, MailKind::Declined | MailKind::RenewalRequested);
        let one = frame.entries.first().filter(|_| is_about_one);
        Self {
            language: locale.name(),
            title: shown::plain(&subject),
            subject: shown::line(subject),
            logo: frame.look.logo_url.as_ref().map(WebUrl::as_str),
            client: shown::plain(&client),
            greeting: shown::line(format!("{hello}{name},")),
            lead: shown::line(lead),
            facts: facts(mail, frame, dates, link.as_ref().map(|link| link.expires_at)),
            entries: if one.is_some() { &[] } else { &frame.entries },
            more: more(mail),
            message: message.map(|text| Quoted {
                introduction: pick(locale, "Message\u{a0}:", "Message:"),
                lines: text.lines().map(without_links).collect(),
            }),
            action: Action::of(locale, link, one, frame.page.as_deref()),
            button: Button::of(frame.look.accent_color),
            closing: shown::line(words::closing(mail, to, frame.takes_replies)),
            signature: shown::line(format!("{client} · {product}")),
        }
    }
}

impl Action {
    /// The button of a mail: to the invitation, to the person that the mail is about, or else to the page.
    fn of(
        locale: Locale,
        link: Option<Link>,
        one: Option<&Entry>,
        page: Option<&str>,
    ) -> Option<Self> {
        if let Some(link) = link {
            return Some(Self {
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
                is_personal: true,
            });
        }
        if let Some(url) = one.and_then(|entry| entry.url.as_deref()) {
            return Some(Self {
                label: pick(locale, "Voir dans l’équipe", "View in the team"),
                prompt: pick(locale, "Voir dans l’équipe\u{a0}:", "View in the team:"),
                url: url.to_owned(),
                is_personal: false,
            });
        }
        page.map(|page| Self {
            label: pick(locale, "Accéder à la plateforme", "Open the platform"),
            prompt: pick(locale, "Accéder à la plateforme\u{a0}:", "Open the platform:"),
            url: page.to_owned(),
            is_personal: false,
        })
    }
}

/// `et 3 autres`, if a digest is longer than what the mail lists.
fn more(mail: &Mail) -> Option<String> {
    let digest = mail.digest.as_ref()?;
    let more = digest.size.saturating_sub(digest.lines.len());
    (more > 0).then(|| words::list(Vec::new(), more, mail.locale))
}

/// The rows of a mail: what the recipient has now, and what a change replaced.
fn facts(mail: &Mail, frame: &Frame, dates: Dates<'_>, link_until: Option<Timestamp>) -> Vec<Fact> {
    let locale = mail.locale;
    let time = |at: Timestamp| dates.time(at);
    let end = |end: Option<Timestamp>| {
        Some(end.map_or_else(|| pick(locale, "aucune", "none").to_owned(), time))
    };
    let role = |role| words::role(role, &frame.roles, locale);
    let rights = |rights| rights::line(rights, locale);
    let names = |names: &[Name], all: usize| {
        (!names.is_empty()).then(|| words::list_of(names, all, locale))
    };
    let before = mail.before.filter(|_| Change::of(mail).is_some());
    let differs =
        |is_same: fn(&GrantTerms, &Mail) -> bool| before.filter(|before| !is_same(before, mail));
    let other_role = differs(|before, mail| Some(before.role) == mail.role);
    let other_rights = differs(|before, mail| before.rights == mail.rights);
    let other_end = differs(|before, mail| before.access_until == mail.access_until);
    let of_team = mail.team.as_ref();
    let names_end = other_end.is_some() || of_team.is_some();
    let until = mail.access_until.filter(|_| !names_end).map(time);
    let people = of_team.map(|team| words::list(frame.people.clone(), team.size, locale));
    let taken = mail.taken_from.len();
    let taken = names(&frame.taken_from, taken).filter(|_| taken > words::MOST_IN_A_SENTENCE);
    let rows = [
        (("Rôle\u{a0}:", "Role:"), mail.role.map(role)),
        (("Rôle précédent\u{a0}:", "Previous role:"), other_role.map(|it| role(it.role))),
        (("Droits\u{a0}:", "Rights:"), mail.rights.and_then(rights)),
        (
            ("Droits précédents\u{a0}:", "Previous rights:"),
            other_rights.and_then(|it| it.rights).and_then(rights),
        ),
        (("Accès jusqu’au\u{a0}:", "Access until:"), until),
        (
            ("Fin de l’accès\u{a0}:", "End of access:"),
            names_end.then(|| end(mail.access_until)).flatten(),
        ),
        (("Fin précédente\u{a0}:", "Previous end:"), other_end.and_then(|it| end(it.access_until))),
        (("Invitation valable jusqu’au\u{a0}:", "Invitation valid until:"), link_until.map(time)),
        (("Concerne aussi\u{a0}:", "Also affects:"), names(&mail.also, mail.also.len())),
        (("Accès retirés\u{a0}:", "Access removed:"), taken),
        (("Personnes concernées\u{a0}:", "People affected:"), people),
    ];
    let fact = |((french, english), value): ((_, _), Option<String>)| {
        value.map(|value| Fact { label: pick(locale, french, english), value: shown::line(value) })
    };
    rows.into_iter().filter_map(fact).collect()
}
