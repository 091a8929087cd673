//! The body of checks: up to 100 questions.

use coulisses_aws::{
    app::App,
    http::{Checked, Code, Failure, FieldErrors, Object, Principal},
};
use coulisses_domain::{check::Question, collaborator::Account, email::Email};
use serde::Deserialize;

/// The most questions at once.
const MOST: usize = 100;

/// The request body.
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

/// The account of a user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    iss: String,
    sub: String,
}

impl Checks {
    /// The questions, in order.
    pub(crate) fn into_questions(
        self,
        app: &App,
        principal: &Principal,
    ) -> Result<Vec<Question>, Failure> {
        Failure::check_count("/checks", self.checks.len(), MOST)?;
        let mut errors = FieldErrors::default();
        let mut questions = Vec::new();
        for (index, Object(check)) in self.checks.into_iter().enumerate() {
            questions.push(check.into_question(index, app, principal, &mut errors));
        }
        let questions: Checked<Vec<Question>> = questions.into_iter().collect();
        questions.map_err(|_| errors.into())
    }
}

impl Check {
    fn into_question(
        self,
        index: usize,
        app: &App,
        principal: &Principal,
        errors: &mut FieldErrors,
    ) -> Checked<Question> {
        let pointer = |field: &str| format!("/checks/{index}/{field}");
        let email = match (self.email, principal.identity()) {
            (Some(email), _) => errors.email(&pointer("email"), &email).map(Some),
            (None, Some(_)) => Ok(None),
            // The platform has no record, so it must name an address.
            (None, None) => errors.reject(&pointer("email"), Code::InvalidField),
        };
        let scope = errors.scope(&pointer("scope"), &self.scope);
        let permission = errors.permission(&pointer("permission"), &self.permission);
        let (email, scope, permission) = (email?, scope?, permission?);
        let id = |email: Email| app.settings.ids.collaborator(&scope.client(), &email);
        Ok(Question {
            about: email.map(id),
            account: self.account.map(|Object(AccountBody { iss, sub })| Account { iss, sub }),
            permission,
            scope,
            level: None,
        })
    }
}
