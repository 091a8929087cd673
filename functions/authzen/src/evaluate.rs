//! Evaluations: one, or up to a hundred with shared entities.

use std::collections::BTreeMap;

use coulisses_aws::{
    app::App,
    http::{Failure, Object, Principal, Reply, Request, checks, view::ScopeRole},
};
use coulisses_domain::{
    check::{self, CheckFacts, Question},
    scope::ClientId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    entities::{Entities, Wrong},
    read,
};

/// The most evaluations in one request.
const MOST: usize = 100;

/// Why nothing is allowed: always the same, so that it does not show what others hold.
const DENIED: &str = "no grant allows this";

/// `POST /access/v1/evaluation`.
pub(crate) async fn one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let entities: Entities = read(request)?;
    decide_one(app, &principal, &entities).await
}

/// `POST /access/v1/evaluations`. Without evaluations, it is the single one.
pub(crate) async fn each(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let Batch { entities, evaluations, options } = read(request)?;
    let semantic = options.and_then(|Object(options)| options.evaluations_semantic);
    let evaluations = evaluations.unwrap_or_default();
    if evaluations.is_empty() {
        return decide_one(app, &principal, &entities).await;
    }
    if evaluations.len() > MOST {
        return Err(Failure::malformed(
            format!("evaluations a plus de {MOST} éléments"),
            format!("evaluations has more than {MOST} items"),
        ));
    }
    let asked: Vec<Asked> = evaluations
        .into_iter()
        .map(|item| match serde_json::from_value::<Object<Entities>>(item) {
            Ok(Object(item)) => item.or(&entities).question(&app.settings),
            Err(_) => Err(Wrong("an entity")),
        })
        .collect();
    let now = app.clock.now();
    let facts = facts(app, &principal, &asked, now).await?;
    let mut decisions: Vec<Decision<'_>> =
        asked.iter().map(|asked| Decision::of(asked, &facts, now)).collect();
    let ends = |decision: &Decision<'_>| semantic.unwrap_or_default().ends_with(decision.decision);
    if let Some(last) = decisions.iter().position(ends) {
        decisions.truncate(last + 1);
    }
    count_denied(app, &decisions);
    Ok(Reply::ok(&Decisions { evaluations: decisions }))
}

async fn decide_one(
    app: &App,
    principal: &Principal,
    entities: &Entities,
) -> Result<Reply, Failure> {
    let asked = [Ok(entities.question(&app.settings)?)];
    let now = app.clock.now();
    let facts = facts(app, principal, &asked, now).await?;
    let [decision] = asked.each_ref().map(|asked| Decision::of(asked, &facts, now));
    let reply = Reply::ok(&decision);
    count_denied(app, &[decision]);
    Ok(reply)
}

/// The question of an evaluation; `None` if it is about something unknown.
type Asked = Result<Option<Question>, Wrong>;

async fn facts(
    app: &App,
    principal: &Principal,
    asked: &[Asked],
    now: Timestamp,
) -> Result<BTreeMap<ClientId, CheckFacts>, Failure> {
    let questions: Vec<Question> =
        asked.iter().filter_map(|asked| asked.as_ref().ok()?.clone()).collect();
    Ok(checks::facts(app, principal, &questions, now).await?)
}

fn count_denied(app: &App, decisions: &[Decision<'_>]) {
    app.count("DeniedChecks", decisions.iter().filter(|it| !it.decision).count());
}

#[derive(Debug, Deserialize)]
struct Batch {
    #[serde(flatten)]
    entities: Entities,
    evaluations: Option<Vec<Value>>,
    options: Option<Object<Options>>,
}

#[derive(Debug, Deserialize)]
struct Options {
    evaluations_semantic: Option<Semantic>,
}

/// When a batch ends.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Semantic {
    #[default]
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

impl Semantic {
    const fn ends_with(self, decision: bool) -> bool {
        match self {
            Self::ExecuteAll => false,
            Self::DenyOnFirstDeny => !decision,
            Self::PermitOnFirstPermit => decision,
        }
    }
}

#[derive(Debug, Serialize)]
struct Decisions<'a> {
    evaluations: Vec<Decision<'a>>,
}

#[derive(Debug, Serialize)]
struct Decision<'a> {
    decision: bool,
    context: Context<'a>,
}

/// What explains a decision.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Context<'a> {
    /// The grant that allows it, until when that is known, and the version of the collaborator, as in `POST /v1/checks`.
    #[serde(rename_all = "camelCase")]
    Allowed {
        because: ScopeRole<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        valid_until: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        version: Option<i64>,
    },
    Denied {
        reason: &'static str,
    },
    Incomplete {
        error: ItemError,
    },
}

#[derive(Debug, Serialize)]
struct ItemError {
    status: u16,
    message: String,
}

impl<'a> Decision<'a> {
    fn of(asked: &Asked, facts: &'a BTreeMap<ClientId, CheckFacts>, now: Timestamp) -> Self {
        let question = match asked {
            Ok(question) => question.as_ref(),
            Err(Wrong(path)) => {
                let message = format!("{path} is missing, or of another type");
                let error = ItemError { status: 400, message };
                return Self { decision: false, context: Context::Incomplete { error } };
            }
        };
        let allowed = question.and_then(|question| {
            let facts = facts.get(&question.scope.client())?;
            let explained = check::explain(facts, question, now);
            Some((explained.because?, explained.basis))
        });
        let Some((because, basis)) = allowed else {
            return Self { decision: false, context: Context::Denied { reason: DENIED } };
        };
        let valid_until = basis.and_then(|basis| basis.valid_until);
        let context = Context::Allowed {
            because: because.into(),
            valid_until: valid_until.map(|at| at.to_string()),
            version: basis.map(|basis| basis.version.number()),
        };
        Self { decision: true, context }
    }
}
