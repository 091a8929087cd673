//! The decision of Coulisses, and the same one made by two engines, each used as its own documentation recommends.
//!
//! All that can be made before a question is asked is made before: policies are parsed, roles and scopes are loaded,
//! and each engine has no more policies to look at than the person in question has grants.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a comparison that cannot be set up must fail at once"
)]

pub mod casbin;
pub mod cases;
pub mod cedar;
