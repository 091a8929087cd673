//! The body of checks: up to a hundred questions.

use coulisses_aws::{
    app::App,
    http::{Checked, Code, Failure, FieldErrors, Object, Principal, Valid},
};
use coulisses_domain::{
    check::Question, collaborator::Account, email::Email, permission::Permission, scope::ScopeId,
};
use serde::Deserialize;

/// The most questions at once.
const MOST: usize = 100;

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checks {
    checks: Vec<Object<Check>>,
}

/// One question.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    email: Option<String>,
    account: Option<Object<AccountBody>>,
    scope: String,
    permission: String,
}

/// The account under which somebody is logged in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    iss: String,
    sub: String,
}

/// A question of which each field is right, or remembered as wrong.
struct CheckedQuestion {
    email: Checked<Option<Email>>,
    account: Option<Account>,
    scope: Checked<ScopeId>,
    permission: Checked<Permission>,
}

impl Checks {
    /// The questions as the domain takes them, in their order.
    pub(crate) fn into_questions(
        self,
        app: &App,
        caller: &Principal,
    ) -> Result<Vec<Question>, Failure> {
        Failure::check_count("/checks", self.checks.len(), MOST)?;
        let mut errors = FieldErrors::default();
        let mut questions = Vec::new();
        for (index, Object(check)) in self.checks.into_iter().enumerate() {
            questions.push(check.into_checked(index, caller, &mut errors));
        }
        let valid = errors.finish()?;
        questions.into_iter().map(|question| question.into_question(app, valid)).collect()
    }
}

impl Check {
    fn into_checked(
        self,
        index: usize,
        caller: &Principal,
        errors: &mut FieldErrors,
    ) -> CheckedQuestion {
        let pointer = |field: &str| format!("/checks/{index}/{field}");
        let email = match (self.email, caller.collaborator()) {
            (Some(email), _) => errors
                .email(&pointer("email"), &email)
                .into_option()
                .map_or(Checked::wrong(), |email| Checked::right(Some(email))),
            (None, Some(_)) => Checked::right(None),
            // The platform is nobody, so without an address the question is about nobody.
            (None, None) => errors.wrong(&pointer("email"), Code::InvalidField),
        };
        CheckedQuestion {
            email,
            account: self.account.map(|Object(AccountBody { iss, sub })| Account { iss, sub }),
            scope: errors.scope(&pointer("scope"), &self.scope),
            permission: errors.permission(&pointer("permission"), &self.permission),
        }
    }
}

impl CheckedQuestion {
    fn into_question(self, app: &App, valid: Valid) -> Result<Question, Failure> {
        let scope = self.scope.get(valid)?;
        let id = |email| app.settings.ids.collaborator(&scope.client(), &email);
        Ok(Question {
            about: self.email.get(valid)?.map(id).transpose().map_err(Failure::internal)?,
            account: self.account,
            permission: self.permission.get(valid)?,
            scope,
        })
    }
}
