//! Names, scopes and collaborators, in every role and state.

use crate::prelude::*;
/// 2027-01-15T08:00:00Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub const MINUTE: Duration = Duration::from_mins(1);

pub const ACME: &str = "acme";
pub const TECH: &str = "acme:tech";
pub const ARTS: &str = "acme:arts";
pub const SUMMIT: &str = "acme:tech:summit";
/// A sister of the summit, with an owner of its own.
pub const GALA: &str = "acme:tech:gala";
pub const GUILD: &str = "acme:tech:guild";

pub fn scope(text: &str) -> ScopeId {
    ScopeId::parse(text).unwrap()
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn email(who: &str) -> Email {
    Email::parse(&format!("{who}@example.org")).unwrap()
}

pub fn id(who: &str) -> CollaboratorId {
    CollaboratorId::parse(&format!("{who:a<26}")).unwrap()
}

/// The OAuth client of the platform.
pub fn backend() -> OauthClient {
    OauthClient::new("backend".to_owned())
}

pub fn account(who: &str) -> Account {
    Account { iss: "https://id.example.org".into(), sub: who.into() }
}

/// The id of a mail that is queued now.
pub fn mail_id(text: &str) -> MailId {
    mail_id_at(text, NOW)
}

/// The id of a mail that was queued at this time: a ULID whose last 16 characters are the text.
pub fn mail_id_at(text: &str, at: Timestamp) -> MailId {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let digit = |place: u32| {
        let value = at.millis() / 32_i64.pow(place) % 32;
        char::from(DIGITS[usize::try_from(value).unwrap()])
    };
    let time: String = (0..10).rev().map(digit).collect();
    MailId::new(format!("{time}{text:X<16}"))
}

pub fn label(who: &str) -> OwnerLabel {
    OwnerLabel { id: id(who), email: email(who) }
}

pub fn actor(who: &str) -> Actor {
    Actor::User { email: email(who), name: Some(name(who)), via: None }
}

pub fn custom(permissions: &[Permission]) -> Role {
    Role::new(RoleName::Custom, Some(PermissionSet::of(permissions))).unwrap()
}

/// The only history entry of a decision.
pub fn entry(decision: &Decision) -> &Entry {
    let [entry] = decision.history() else { panic!("{:?}", decision.history()) };
    entry
}

/// The only mail of a decision.
pub fn mail(decision: &Decision) -> &Mail {
    let [mail] = decision.mails() else { panic!("{:?}", decision.mails()) };
    mail
}

/// The collaborator that an entry is about.
pub fn about(entry: &Entry) -> &CollaboratorId {
    &entry.collaborator.as_ref().unwrap().id
}

pub fn all_but(role: RoleName) -> OfferedRoles {
    OfferedRoles::of(RoleName::offerable().filter(|other| *other != role).collect())
}

pub fn level(at: &ScopeId) -> Level {
    match (at.depth(), at.as_str()) {
        (1, _) => Level::Client,
        (2, _) => Level::Audience,
        (_, GUILD) => Level::Community,
        (_, _) => Level::Event,
    }
}

/// An active collaborator, present for a year, without grants.
pub fn collaborator(who: &str) -> Collaborator {
    Collaborator {
        client: ClientId::parse(ACME).unwrap(),
        id: id(who),
        email: email(who),
        name: Some(name(who)),
        locale: None,
        membership: Membership::Active(Binding {
            account: account(who),
            accepted: None,
            mailed_at: None,
        }),
        seat: true,
        last_login_at: Some(long_ago()),
        refused_login_at: None,
        grants: BTreeMap::new(),
        version: Version::from_number(1),
        changed_at: long_ago(),
        forget_at: None,
    }
}

/// An active reader of the client with this number of grants.
pub fn with_grants(who: &str, number: usize) -> Collaborator {
    (1..number).fold(collaborator(who).holding(ACME, other(1)), |collaborator, event| {
        collaborator.holding(&format!("acme:tech:event-{event}"), other(1))
    })
}

/// A name for each number below 80, valid in an id.
pub fn numbered(number: usize) -> String {
    format!("number{}", "bcde"[number % 4..=number % 4].repeat(1 + number / 4))
}

pub fn long_ago() -> Timestamp {
    Timestamp::from_millis(NOW.millis() - 365 * 86_400_000)
}

/// A moment `span` before [`NOW`].
pub fn before_now(span: Duration) -> Timestamp {
    Timestamp::from_millis(NOW.millis() - i64::try_from(span.as_millis()).unwrap())
}

pub trait Building {
    fn holding(self, at: &str, role: Role) -> Self;
    fn until(self, end: Timestamp) -> Self;
    fn invited_until(self, end: Timestamp) -> Self;
    fn swept(self) -> Self;
    fn grant(&self, at: &str) -> &Grant;
}

impl Building for Collaborator {
    fn holding(mut self, at: &str, role: Role) -> Self {
        let at = scope(at);
        let (level, granted_at) = (level(&at), long_ago());
        let grant = Grant {
            level,
            role,
            granted_by: Actor::Platform(None),
            granted_at,
            expires_at: None,
            outlives_event: false,
            event: EventEnd::None,
        };
        self.grants.insert(at, grant);
        self
    }

    /// All present grants end at `end`.
    fn until(mut self, end: Timestamp) -> Self {
        self.grants.values_mut().for_each(|grant| grant.expires_at = Some(end));
        self
    }

    fn invited_until(mut self, end: Timestamp) -> Self {
        let invitation = Invitation {
            token_hash: Some(token(&self.id, 7).hash()),
            sent_at: Some(long_ago()),
            delivery: Delivery::Sent,
            ..Invitation::queued(mail_id_at("first", long_ago()), Actor::Platform(None), end)
        };
        self.membership = Membership::Pending(invitation);
        self.last_login_at = None;
        self
    }

    fn swept(mut self) -> Self {
        self.seat = false;
        self.forget_at = Some(NOW.after(DAY));
        self
    }

    fn grant(&self, at: &str) -> &Grant {
        &self.grants[at]
    }
}

/// The token of an invitation; `seed` distinguishes mails.
pub fn token(collaborator: &CollaboratorId, seed: u8) -> Token {
    Token::new(ClientId::parse(ACME).unwrap(), collaborator.clone(), [seed; 32])
}

/// A role that the rules do not name: contributor, reader, manager, supervisor and observer of the shipped catalogue.
fn other(index: usize) -> Role {
    let free = ROLES.into_iter().filter(|entry| matches!(entry.role, RoleName::Catalogue(_)));
    Role::new(free.map(|entry| entry.role).nth(index).unwrap(), None).unwrap()
}

/// A collaborator in each role and state.
pub fn cast() -> Vec<Collaborator> {
    let soon = NOW.after(7 * DAY);
    let past = before_now(DAY);
    let scan = Permission::parse("checkin:scan").unwrap_or(ENTITIES[0].actions[0].permission);
    vec![
        collaborator("olga").holding(ACME, Role::Owner),
        collaborator("gwen").holding(GALA, Role::Owner),
        collaborator("adam").holding(ACME, Role::Administrator),
        collaborator("tess").holding(TECH, Role::Administrator),
        collaborator("eve").holding(SUMMIT, Role::Administrator),
        collaborator("sister").holding(GALA, Role::Administrator),
        collaborator("cora").holding(SUMMIT, other(0)),
        collaborator("rita").holding(ACME, other(1)),
        collaborator("max").holding(SUMMIT, other(2)),
        collaborator("sue").holding(SUMMIT, other(3)),
        collaborator("obi").holding(SUMMIT, other(4)),
        collaborator("carl").holding(SUMMIT, custom(&[scan])),
        // Pending.
        collaborator("pia").holding(SUMMIT, other(1)).invited_until(soon),
        collaborator("paul").holding(ACME, Role::Administrator).invited_until(soon),
        // Invitations that have expired: the seat of the first is not released yet.
        collaborator("xena").holding(ACME, Role::Administrator).invited_until(past),
        collaborator("yann").holding(SUMMIT, other(1)).invited_until(past).swept(),
        // Access that has ended.
        collaborator("lena").holding(SUMMIT, Role::Administrator).until(past),
    ]
}

/// An invitation with the required fields only.
pub fn invite_command(who: &str, role: Role) -> InviteCommand {
    let (name, locale, message, lifetime) = (None, None, None, Lifetime::default());
    let if_full = IfFull::Refuse;
    InviteCommand { email: email(who), id: id(who), role, name, locale, message, lifetime, if_full }
}

/// The lifetime of a grant with an end of its own.
pub fn until(end: Timestamp) -> Lifetime {
    Lifetime { expires_at: Some(end), outlives_event: false }
}

/// Who is meant, however they act.
pub fn plain(who: &str) -> &str {
    who.strip_prefix("for ").or_else(|| who.strip_prefix("support ")).unwrap_or(who)
}
