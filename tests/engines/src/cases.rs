//! A thousand questions about collaborators with one to five grants, the same on each run.

use std::collections::BTreeMap;

use coulisses_domain::{
    access::Subject,
    actor::Actor,
    client::Granting,
    collaborator::{Account, Binding, Collaborator, Grant, Membership},
    dates::EventEnd,
    email::Email,
    ids::CollaboratorId,
    permission::{Permission, PermissionSet},
    role::{Role, RoleName},
    scope::{ClientId, Level, ScopeId},
    time::{DAY, Timestamp, Version},
};
use fastrand::Rng;

/// The number of questions.
pub const NUMBER: usize = 1000;

/// The number of audiences of the client, and of events of each audience.
const WIDTH: usize = 4;

/// The time of the questions: noon of 22 November 2026.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_348_800);

/// A question and the facts for its decision.
#[derive(Clone, Debug)]
pub struct Case {
    /// An active collaborator.
    pub collaborator: Collaborator,
    /// Who grants access in the client.
    pub granting: Granting,
    /// The scope.
    pub at: ScopeId,
    /// The permission.
    pub permission: Permission,
}

impl Case {
    /// The decision of Coulisses.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        let subject = Subject { collaborator: &self.collaborator, granting: self.granting };
        subject.determining_grant(&self.at, self.permission, NOW).is_some()
    }

    /// The permissions there, for a decision that was made in advance.
    #[must_use]
    pub fn held(&self) -> PermissionSet {
        Subject { collaborator: &self.collaborator, granting: self.granting }
            .permissions(&self.at, NOW)
    }
}

/// All scopes of the client.
#[must_use]
pub fn scopes() -> Vec<ScopeId> {
    let scope = |text: &str| ScopeId::parse(text).expect("a scope");
    let audiences = (0..WIDTH).flat_map(|audience| {
        let audience = format!("acme:audience-{audience}");
        let events = (0..WIDTH).map(|event| scope(&format!("{audience}:event-{event}-2027")));
        events.chain([scope(&audience)]).collect::<Vec<_>>()
    });
    audiences.chain([scope("acme")]).collect()
}

/// The questions, the same on each run.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut random = Rng::with_seed(42);
    let scopes = scopes();
    (0..NUMBER).map(|number| case(number, &scopes, &mut random)).collect()
}

fn case(number: usize, scopes: &[ScopeId], random: &mut Rng) -> Case {
    let any = |random: &mut Rng| random.choice(scopes).expect("a scope").clone();
    let grants: BTreeMap<ScopeId, Grant> = (0..random.usize(1..=5))
        .map(|_| {
            let scope = any(random);
            let grant = grant(&scope, random);
            (scope, grant)
        })
        .collect();
    // Half of the questions are about the scope of a grant, the others about any scope.
    let at = if random.bool() { random.choice(grants.keys()).cloned() } else { None };
    let account = Account { iss: "https://id.example.org/".to_owned(), sub: number.to_string() };
    let mut case = Case {
        collaborator: Collaborator {
            client: ClientId::parse("acme").expect("a client"),
            id: id(number),
            email: Email::parse(&format!("person-{number}@example.org")).expect("an address"),
            name: None,
            locale: None,
            membership: Membership::Active(Binding { account, accepted: None, mailed_at: None }),
            seat: true,
            last_login_at: None,
            refused_login_at: None,
            grants,
            version: Version::from_number(1),
            changed_at: NOW,
            forget_at: None,
        },
        granting: if random.bool() { Granting::Administrators } else { Granting::Owner },
        at: at.unwrap_or_else(|| any(random)),
        permission: *random.choice(&Permission::ALL).expect("a permission"),
    };
    // Half of the questions, if there are any permissions, are about one of them.
    let held: Vec<Permission> = case.held().iter().collect();
    if let (Some(one), true) = (random.choice(held), random.bool()) {
        case.permission = one;
    }
    case
}

/// Any role that can be granted on `scope`; one of four grants has an end, half of these have ended.
fn grant(scope: &ScopeId, random: &mut Rng) -> Grant {
    let level = match scope.depth() {
        1 => Level::Client,
        2 => Level::Audience,
        _ => Level::Event,
    };
    let name = *random.choice(&RoleName::OFFERED).expect("a role");
    let role = match (name, level) {
        (RoleName::Custom, Level::Event) => custom(random),
        (RoleName::Custom, Level::Client | Level::Audience | Level::Community) => Role::OBSERVER,
        (
            RoleName::Owner
            | RoleName::Administrator
            | RoleName::CONTRIBUTOR
            | RoleName::READER
            | RoleName::MANAGER
            | RoleName::SUPERVISOR
            | RoleName::OBSERVER,
            _,
        ) => Role::new(name, None).expect("a role"),
    };
    let given_at = Timestamp::from_millis(NOW.millis() - 86_400_000);
    let end = if random.bool() { given_at } else { NOW.after(DAY) };
    Grant {
        level,
        role,
        granted_by: Actor::Platform(None),
        granted_at: given_at,
        expires_at: (random.u8(0..4) == 0).then_some(end),
        outlives_event: false,
        event: EventEnd::None,
    }
}

/// One to six permissions that a custom role may hold.
fn custom(random: &mut Rng) -> Role {
    let never = [Permission::AccessView, Permission::AccessManage];
    let permitted = Permission::ALL.into_iter().filter(|permission| !never.contains(permission));
    let number = random.usize(1..=6);
    let chosen = random.choose_multiple(permitted, number).into_iter().collect();
    Role::new(RoleName::Custom, Some(chosen)).expect("a custom role")
}

fn id(number: usize) -> CollaboratorId {
    let digits: String =
        number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    CollaboratorId::parse(&format!("{digits:a>26}")).expect("an id")
}
