//! Problems (RFC 9457): a stable code, and a title and a detail in the caller's language that says what to do next.

use std::{error::Error, time::Duration};

use coulisses_domain::{
    ids::CollaboratorId, locale::Locale, mail_budget::MailBudget, refusal::Refusal, scope::ScopeId,
};
use serde::Serialize;

use super::Reason;
pub use super::code::Code;
use crate::{command::CommandError, idempotency::IdempotencyError, table::StoreError};

/// Why a request was not done.
#[derive(Debug)]
pub enum Failure {
    /// The rules refuse it.
    Refused(Refusal),
    /// The request is invalid.
    Bad(Box<Problem>),
    /// The table did not answer, or holds an unreadable record. It is never an allow.
    Store(StoreError),
    /// Other requests kept changing the same records.
    Busy,
    /// An unexpected error.
    Internal(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// An unexpected error.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// A request that API Gateway sent to the wrong function.
    #[must_use]
    pub fn no_route() -> Self {
        Code::ScopeNotFound.into()
    }

    /// A malformed request; the response says why, in French or in English.
    #[must_use]
    pub fn malformed(french: impl Into<String>, english: impl Into<String>) -> Self {
        Self::because(Code::Malformed, Reason::new(french, english))
    }

    /// An invalid request, with the reason.
    #[must_use]
    pub fn because(code: Code, reason: Reason) -> Self {
        Self::Bad(Box::new(Problem { reason: Some(reason), ..Problem::new(code) }))
    }

    /// A body with wrong fields.
    #[must_use]
    pub fn fields(code: Code, errors: Vec<FieldError>) -> Self {
        let reason = errors.first().and_then(|first| first.reason.clone());
        Self::Bad(Box::new(Problem { reason, errors, ..Problem::new(code) }))
    }

    /// Checks that a list in a body, at `pointer`, has from one to `most` items.
    ///
    /// # Errors
    /// `invalid-field` if it has none, `too-many-items` if it has more.
    pub fn check_count(pointer: &str, count: usize, most: usize) -> Result<(), Self> {
        let wrong = |code| vec![FieldError::new(pointer.to_owned(), code)];
        match count {
            0 => Err(Self::fields(Code::InvalidField, wrong(Code::InvalidField))),
            _ if count <= most => Ok(()),
            _ => {
                let code = Code::TooManyItems;
                let reason =
                    Some(Reason::new(format!("{most} au plus"), format!("{most} at most")));
                let errors = wrong(code);
                Err(Self::Bad(Box::new(Problem { reason, errors, ..Problem::new(code) })))
            }
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(refusal) => Code::of(refusal),
            Self::Bad(problem) => problem.code,
            Self::Store(_) | Self::Busy => Code::TryAgain,
            Self::Internal(_) => Code::Internal,
        }
    }

    /// The cause of an unexpected error, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Internal(error) => Some(error.as_ref()),
            Self::Refused(_) | Self::Bad(_) | Self::Busy => None,
        }
    }

    /// The problem of the response.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        let code = self.code();
        match self {
            Self::Refused(refusal) => Problem::of(refusal),
            Self::Bad(problem) => *problem,
            Self::Store(_) | Self::Busy => {
                Problem { wait: Some(Duration::from_secs(1)), ..Problem::new(code) }
            }
            Self::Internal(_) => Problem::new(code),
        }
    }
}

impl Failure {
    /// The same failure of an item of a batch, whose fields are below `pointer`.
    #[must_use]
    pub(super) fn below(self, pointer: &str) -> Self {
        let Self::Refused(refusal) = self else { return self };
        let mut problem = Problem::of(refusal);
        for error in &mut problem.errors {
            error.pointer.insert_str(0, pointer);
        }
        problem.into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => Self::Refused(refusal),
            CommandError::Store(error)
            | CommandError::Idempotency(IdempotencyError::Store(error)) => Self::Store(error),
            CommandError::Busy(_) => Self::Busy,
            CommandError::Idempotency(IdempotencyError::KeyReused) => {
                Code::IdempotencyKeyReused.into()
            }
            CommandError::Idempotency(IdempotencyError::Response(cause)) => Self::Internal(cause),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Bad(Box::new(problem))
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

/// A field that is wrong.
#[derive(Clone, Debug)]
pub struct FieldError {
    /// Which field, as a JSON pointer.
    pub pointer: String,
    /// What is wrong with it.
    pub code: Code,
    /// The same in more detail, if the code leaves it open.
    pub reason: Option<Reason>,
}

impl FieldError {
    /// An error that its code describes.
    #[must_use]
    pub const fn new(pointer: String, code: Code) -> Self {
        Self { pointer, code, reason: None }
    }

    fn localized(&self, locale: Locale) -> FieldErrorView<'_> {
        let detail = self.reason.as_ref().map(|reason| reason.localized(locale));
        FieldErrorView { pointer: &self.pointer, code: self.code, detail }
    }
}

/// A problem, with the values that help to solve it.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    reason: Option<Reason>,
    errors: Vec<FieldError>,
    seats: Option<SeatsView>,
    collaborator: Option<CollaboratorId>,
    inherited_from: Vec<ScopeId>,
    holders: Option<usize>,
    collaborators: Vec<CollaboratorId>,
    budget: Option<MailBudget>,
    wait: Option<Duration>,
    max_age: Option<Duration>,
}

/// The seats of a client.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SeatsView {
    /// How many the contract allows; `null` is unlimited.
    pub limit: Option<u32>,
    /// How many are taken.
    pub used: u32,
}

impl Problem {
    /// A problem without further values.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            reason: None,
            errors: Vec::new(),
            seats: None,
            collaborator: None,
            inherited_from: Vec::new(),
            holders: None,
            collaborators: Vec::new(),
            budget: None,
            wait: None,
            max_age: None,
        }
    }

    /// The same problem, which is that of one field.
    fn at(self, pointer: &str) -> Self {
        Self { errors: vec![FieldError::new(pointer.to_owned(), self.code)], ..self }
    }

    fn of(refusal: Refusal) -> Self {
        let code = Code::of(&refusal);
        let plain = Self::new(code);
        match refusal {
            Refusal::SeatLimitReached { limit, used } => {
                Self { seats: Some(SeatsView { limit, used }), ..plain }
            }
            Refusal::RoleInUse { holders, some } => {
                Self { holders: Some(holders), collaborators: some, ..plain }
            }
            Refusal::AlreadyHasAccess(id) => Self { collaborator: Some(id), ..plain },
            Refusal::InheritedAccess(scopes) => Self { inherited_from: scopes, ..plain },
            Refusal::UnknownRole | Refusal::RoleNotOffered | Refusal::RoleNotAllowedHere => {
                plain.at("/role")
            }
            Refusal::UnknownOfferedRole => plain.at("/roles"),
            Refusal::InvalidExpiry => plain.at("/expiresAt"),
            Refusal::InvalidSeatLimit => plain.at("/seatLimit"),
            Refusal::InvalidField { pointer } => plain.at(pointer),
            Refusal::NoRecipients => {
                Self { reason: Some(Reason::no_recipients()), ..plain.at("/to") }
            }
            Refusal::NotCopyable => {
                Self { reason: Some(Reason::not_copyable()), ..plain.at("/from") }
            }
            Refusal::NotArchivable => Self { reason: Some(Reason::not_archivable()), ..plain },
            Refusal::InGrant { index, refusal } => {
                let at = |error: FieldError| FieldError {
                    pointer: format!("/grants/{index}{}", error.pointer),
                    ..error
                };
                let errors = Self::of(*refusal).errors.into_iter().map(at).collect();
                Self { errors, ..plain }
            }
            Refusal::Several(refusals) => {
                let errors = refusals.into_iter().flat_map(|refusal| Self::of(refusal).errors);
                Self { errors: errors.collect(), ..plain }
            }
            Refusal::ResendLimit { retry_after } => Self { wait: Some(retry_after), ..plain },
            Refusal::ResendTooSoon { retry_after } => {
                Self { reason: Some(Reason::just_mailed()), wait: Some(retry_after), ..plain }
            }
            Refusal::DeclinedToday { retry_after } => {
                Self { reason: Some(Reason::declined()), wait: Some(retry_after), ..plain }
            }
            Refusal::FreshLoginRequired { max_age } => Self { max_age: Some(max_age), ..plain },
            Refusal::MailLimit { budget, retry_after } => Self {
                reason: Some(Reason::of_budget(budget)),
                budget: Some(budget),
                wait: Some(retry_after),
                ..plain
            },
            Refusal::ScopeNotFound
            | Refusal::WaitingListFull
            | Refusal::RoleNotFound
            | Refusal::RoleExists
            | Refusal::TooManyRoles
            | Refusal::CollaboratorNotFound
            | Refusal::InvitationNotFound
            | Refusal::Forbidden
            | Refusal::OwnRole
            | Refusal::EmailMismatch
            | Refusal::OwnerMustTransfer
            | Refusal::NotPending
            | Refusal::NotActive
            | Refusal::ScopeArchived
            | Refusal::AccessEnded { .. }
            | Refusal::TooManyGrants
            | Refusal::InvitationExpired
            | Refusal::InvitationEnded
            | Refusal::InvitationUsed
            | Refusal::InvitationStillValid
            | Refusal::StaleVersion
            | Refusal::VersionRequired
            | Refusal::NoOwnerHere => plain,
        }
    }

    /// When to retry, in whole seconds.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.wait
            .map(|wait| wait.as_millis().div_ceil(1_000))
            .and_then(|seconds| u64::try_from(seconds).ok())
    }

    /// How long ago the user may have logged in, in whole seconds, if that is the problem.
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        self.max_age.map(|age| age.as_secs())
    }

    /// The problem as JSON, in one language, for a deployment whose console is at `console`.
    #[must_use]
    pub fn localized(&self, locale: Locale, console: &str) -> impl Serialize + '_ {
        let (title, detail) = self.code.localized(locale);
        let detail = match &self.reason {
            None => detail.to_owned(),
            Some(reason) => format!("{detail} ({})", reason.localized(locale)),
        };
        ProblemView {
            r#type: self.code.address(console),
            title,
            status: self.code.status().as_u16(),
            detail,
            code: self.code,
            errors: self.errors.iter().map(|error| error.localized(locale)).collect(),
            seats: self.seats,
            collaborator: self.collaborator.as_ref().map(CollaboratorId::as_str),
            inherited_from: self.inherited_from.iter().map(ScopeId::as_str).collect(),
            holders: self.holders,
            collaborators: self.collaborators.iter().map(CollaboratorId::as_str).collect(),
            budget: self.budget.map(Into::into),
            retry_after: self.retry_after(),
            max_age: self.max_age(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemView<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldErrorView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seats: Option<SeatsView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collaborator: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inherited_from: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holders: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    collaborators: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
}

#[derive(Serialize)]
struct FieldErrorView<'a> {
    pointer: &'a str,
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}
