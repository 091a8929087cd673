//! Cedar: a policy for each grant, over a hierarchy of scopes and groups of actions.
//!
//! Its documentation recommends roles as policies that name one principal and one resource with all below it, and groups
//! of actions. Entities, requests and policies are created before the measurement; each question has only the policies of
//! its collaborator, the fewest possible.

use std::{collections::HashSet, str::FromStr};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use coulisses_domain::{
    access::permissions_under,
    client::Granting,
    collaborator::{Collaborator, Grant},
    permission::Permission,
    role::{Role, RoleName},
    scope::ScopeId,
};

use crate::cases::{self, Case, NOW};

/// The engine, with the entities that all questions share.
#[derive(Debug)]
pub struct Cedar {
    authorizer: Authorizer,
    entities: Entities,
}

/// A question for Cedar, with the policies of the collaborator.
#[derive(Debug)]
pub struct Question {
    request: Request,
    policies: PolicySet,
}

impl Cedar {
    /// The entities of `cases`: collaborators, scopes below one another, and actions in groups.
    #[must_use]
    pub fn with_entities_of(cases: &[Case]) -> Self {
        let collaborators =
            cases.iter().map(|case| Entity::new_no_attrs(user(&case.collaborator), HashSet::new()));
        let scopes = cases::scopes();
        let scopes = scopes.iter().map(|at| {
            Entity::new_no_attrs(
                scope(at.as_str()),
                at.parent().iter().map(|up| scope(up.as_str())).collect(),
            )
        });
        let actions = Permission::ALL.into_iter().map(|permission| {
            Entity::new_no_attrs(action(permission.name()), groups_of(permission))
        });
        let groups = all_groups().map(|(granting, role)| {
            Entity::new_no_attrs(action(&group(granting, role.name())), HashSet::new())
        });
        let all = collaborators.chain(scopes).chain(actions).chain(groups);
        let entities = Entities::from_entities(all, None).expect("entities");
        Self { authorizer: Authorizer::new(), entities }
    }

    /// The question with its policies.
    #[must_use]
    pub fn question(&self, case: &Case) -> Question {
        let policies = case.collaborator.grants.iter().map(|(at, grant)| policy(case, at, grant));
        let policies: Vec<String> = policies.collect();
        let now = RestrictedExpression::new_long(NOW.millis());
        let context = Context::from_pairs([("now".to_owned(), now)]).expect("a context");
        let (who, what) = (user(&case.collaborator), action(case.permission.name()));
        let request = Request::new(who, what, scope(case.at.as_str()), context, None);
        Question {
            request: request.expect("a request"),
            policies: PolicySet::from_str(&policies.join("\n")).expect("policies"),
        }
    }

    /// Cedar's decision.
    #[must_use]
    pub fn is_allowed(&self, question: &Question) -> bool {
        let Question { request, policies } = question;
        self.authorizer.is_authorized(request, policies, &self.entities).decision()
            == Decision::Allow
    }
}

fn policy(case: &Case, at: &ScopeId, grant: &Grant) -> String {
    let actions = match grant.role {
        Role::Custom(_) => {
            let held = grant.role.permissions().names().into_iter();
            let actions: Vec<String> = held.map(|name| format!("Action::\"{name}\"")).collect();
            format!("[{}]", actions.join(", "))
        }
        Role::Owner
        | Role::Administrator
        | Role::CONTRIBUTOR
        | Role::READER
        | Role::MANAGER
        | Role::SUPERVISOR
        | Role::OBSERVER => format!("Action::\"{}\"", group(case.granting, grant.role.name())),
    };
    let until = grant.expires_at.map(|end| format!(" when {{ context.now < {} }}", end.millis()));
    format!(
        "permit (principal == User::\"{}\", action in {actions}, resource in Scope::\"{at}\"){};",
        case.collaborator.id,
        until.unwrap_or_default(),
    )
}

/// The group of a role's permissions in a client with this `granting`.
fn group(granting: Granting, role: RoleName) -> String {
    match granting {
        Granting::Administrators => role.name().to_owned(),
        Granting::Owner => format!("{} where owners grant", role.name()),
    }
}

fn all_groups() -> impl Iterator<Item = (Granting, Role)> {
    let named = RoleName::ALL.into_iter().filter_map(|name| Role::new(name, None).ok());
    named.flat_map(|role| [Granting::Administrators, Granting::Owner].map(|by| (by, role)))
}

fn groups_of(permission: Permission) -> HashSet<EntityUid> {
    let holding = all_groups()
        .filter(|(granting, role)| permissions_under(*granting, *role).contains(permission));
    holding.map(|(granting, role)| action(&group(granting, role.name()))).collect()
}

fn user(collaborator: &Collaborator) -> EntityUid {
    entity("User", collaborator.id.as_str())
}

fn scope(path: &str) -> EntityUid {
    entity("Scope", path)
}

fn action(name: &str) -> EntityUid {
    entity("Action", name)
}

fn entity(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.parse().expect("a type"), id.parse().expect("an id"))
}
