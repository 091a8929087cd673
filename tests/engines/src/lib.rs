//! The decision of Coulisses, and the same decision by two engines, each used as its documentation recommends.
//!
//! Everything possible is prepared before a question: policies are parsed, roles and scopes are loaded, and each engine
//! evaluates at most as many policies as the collaborator has grants.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a failed setup must end the comparison"
)]

pub mod casbin;
pub mod cases;
pub mod cedar;
