//! Casbin: one rule for each grant, with the permissions of its role packed into one field.
//!
//! Casbin evaluates its matcher for each rule until one allows. The first example of its documentation has a rule for each
//! permission of each role, many times as many. So each rule here has all permissions of its role, and custom functions,
//! as the documentation suggests, compare scopes and permissions. As it recommends for many tenants, an enforcer loads
//! only the relevant rules, here those of one collaborator.

use std::ops::Deref;

use ::casbin::{
    CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi,
    function_map::OperatorFunction,
    rhai::{Dynamic, ImmutableString},
};
use coulisses_domain::access::permissions_under;

use crate::cases::{Case, NOW};

const MODEL: &str = "
[request_definition]
r = scope, permission, now

[policy_definition]
p = scope, permissions, until

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = reaches(p.scope, r.scope) && holds(p.permissions, r.permission) && ends_after(p.until, r.now)
";

/// A question about a collaborator, with the loaded rules of that collaborator.
pub struct Question {
    enforcer: Enforcer,
    request: Vec<Dynamic>,
}

impl Question {
    /// Loads the rules of the collaborator of `case`.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let asked =
            [case.at.to_string(), (case.permission as u8).to_string(), NOW.millis().to_string()];
        let loading = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let enforcer = loading.block_on(enforcer(case)).expect("an enforcer");
        Self { enforcer, request: asked.into_iter().map(Dynamic::from).collect() }
    }

    /// Casbin's decision.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.enforcer.enforce(self.request.clone()).expect("a decision")
    }
}

async fn enforcer(case: &Case) -> ::casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL).await?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    enforcer.add_function("reaches", OperatorFunction::Arg2(reaches));
    enforcer.add_function("holds", OperatorFunction::Arg2(holds));
    enforcer.add_function("ends_after", OperatorFunction::Arg2(ends_after));
    let rules = case.collaborator.grants.iter().map(|(at, grant)| {
        let held = permissions_under(case.granting, grant.role);
        let packed = held.iter().fold(0_u64, |bits, permission| bits | 1 << (permission as u8));
        let until = grant.expires_at.map(|end| end.millis().to_string());
        vec![at.to_string(), packed.to_string(), until.unwrap_or_default()]
    });
    enforcer.add_policies(rules.collect()).await?;
    Ok(enforcer)
}

/// Whether a grant on the first scope reaches the second.
#[expect(clippy::needless_pass_by_value, reason = "the signature of Casbin")]
fn reaches(given: Dynamic, asked: Dynamic) -> Dynamic {
    let (given, asked) = (text(&given), text(&asked));
    let rest = asked.strip_prefix(given.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':')).into()
}

/// Whether the packed permissions include the permission.
#[expect(clippy::needless_pass_by_value, reason = "the signature of Casbin")]
fn holds(packed: Dynamic, permission: Dynamic) -> Dynamic {
    let packed: u64 = text(&packed).parse().expect("bits");
    let permission: u32 = text(&permission).parse().expect("a bit");
    (packed & (1 << permission) != 0).into()
}

/// Whether there is no end, or it is in the future.
#[expect(clippy::needless_pass_by_value, reason = "the signature of Casbin")]
fn ends_after(end: Dynamic, now: Dynamic) -> Dynamic {
    let (end, now) = (text(&end), text(&now));
    let now: i64 = now.parse().expect("a time");
    end.parse().map_or(true, |end: i64| now < end).into()
}

/// The text of an argument, without copying it.
fn text(argument: &Dynamic) -> impl Deref<Target = ImmutableString> {
    argument.as_immutable_string_ref().expect("a text")
}
