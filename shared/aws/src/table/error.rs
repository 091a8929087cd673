//! Errors of the table, and the reaction to each failure of a transaction.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::CancellationReason,
};

use crate::random::NoRandomness;

/// The table did not answer, or holds an unreadable record. It is never an allow.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The call failed, or its outcome is unknown.
    #[error("the table did not do {operation}")]
    Request {
        /// The operation.
        operation: &'static str,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The table stayed busy until the deadline.
    #[error("the table stayed busy")]
    Busy,
    /// An item is not as this service writes it.
    #[error("the item {sk} of {pk} cannot be read")]
    Corrupt {
        /// The partition key.
        pk: String,
        /// The sort key.
        sk: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The client that an operator or the index names does not exist.
    #[error("there is no such client")]
    NoClient,
    /// No fresh ids could be made, so nothing was written.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl StoreError {
    /// A call that failed.
    pub(crate) fn request(
        operation: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Request { operation, source: source.into() }
    }
}

/// Why a decision was not written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A record changed after it was read, so the command must be decided again.
    #[error("what was read has changed since")]
    ConditionFailed,
    /// It could not be written, or the outcome is unknown.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reaction to a failed transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// A condition failed: decide again.
    DecideAgain,
    /// Contention or throttling: the same transaction is repeated later.
    WaitAndRepeat,
    /// The outcome is unknown: the same transaction is repeated with the same token.
    Repeat,
    /// A retry would not help.
    GiveUp,
}

/// Classifies the failure of a transaction. If one condition failed, contention of other actions does not matter.
#[expect(clippy::wildcard_enum_match_arm, reason = "the SDK's enums are open")]
pub(crate) fn remedy(error: &SdkError<TransactWriteItemsError>) -> Remedy {
    match error {
        SdkError::ServiceError(context) => match context.err() {
            TransactWriteItemsError::TransactionCanceledException(canceled) => {
                of_reasons(canceled.cancellation_reasons())
            }
            TransactWriteItemsError::TransactionInProgressException(_) => Remedy::WaitAndRepeat,
            other => of_code(other.code().unwrap_or_default(), context.raw().status().as_u16()),
        },
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Remedy::Repeat
        }
        _ => Remedy::GiveUp,
    }
}

fn of_reasons(reasons: &[CancellationReason]) -> Remedy {
    let codes =
        || reasons.iter().filter_map(CancellationReason::code).filter(|code| *code != "None");
    if codes().any(|code| code == "ConditionalCheckFailed") {
        Remedy::DecideAgain
    } else if codes().next().is_some() && codes().all(is_contention) {
        Remedy::WaitAndRepeat
    } else {
        Remedy::GiveUp
    }
}

fn of_code(code: &str, status: u16) -> Remedy {
    if is_contention(code)
        || matches!(code, "RequestLimitExceeded" | "ProvisionedThroughputExceededException")
    {
        Remedy::WaitAndRepeat
    } else if status >= 500 {
        Remedy::Repeat
    } else {
        Remedy::GiveUp
    }
}

fn is_contention(code: &str) -> bool {
    matches!(
        code,
        "TransactionConflict"
            | "ThrottlingError"
            | "ThrottlingException"
            | "ProvisionedThroughputExceeded"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(codes: &[&str]) -> Remedy {
        let reason = |code: &&str| CancellationReason::builder().code(*code).build();
        of_reasons(&codes.iter().map(reason).collect::<Vec<_>>())
    }

    #[test]
    fn a_cancellation_is_never_mapped_to_one_answer() {
        assert_eq!(reasons(&["None", "ConditionalCheckFailed"]), Remedy::DecideAgain);
        assert_eq!(
            reasons(&["TransactionConflict", "ConditionalCheckFailed"]),
            Remedy::DecideAgain
        );
        assert_eq!(reasons(&["None", "TransactionConflict"]), Remedy::WaitAndRepeat);
        assert_eq!(
            reasons(&["ThrottlingError", "ProvisionedThroughputExceeded"]),
            Remedy::WaitAndRepeat
        );
        assert_eq!(reasons(&["TransactionConflict", "ValidationError"]), Remedy::GiveUp);
        assert_eq!(reasons(&["ItemCollectionSizeLimitExceeded"]), Remedy::GiveUp);
        assert_eq!(reasons(&[]), Remedy::GiveUp);
    }

    #[test]
    fn a_failure_of_the_store_repeats_the_same_bytes_and_a_refusal_does_not() {
        assert_eq!(of_code("InternalServerError", 500), Remedy::Repeat);
        assert_eq!(of_code("", 503), Remedy::Repeat);
        assert_eq!(of_code("ThrottlingException", 400), Remedy::WaitAndRepeat);
        assert_eq!(of_code("AccessDeniedException", 400), Remedy::GiveUp);
        assert_eq!(of_code("IdempotentParameterMismatchException", 400), Remedy::GiveUp);
    }
}
