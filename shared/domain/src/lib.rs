//! The access rules of Coulisses: who may do what, where, until when, and who granted it (docs/domain.md).
//!
//! This crate reads no store, clock, random generator or environment. A command is a pure function of the facts that
//! were read. It returns a [`Decision`](decision::Decision), or the [`Refusal`](refusal::Refusal).
//!
//! ```
//! use coulisses_domain::{permission::Permission, role::Role};
//!
//! assert!(Role::SUPERVISOR.permissions().contains(Permission::ContactsExport));
//! assert!(!Role::MANAGER.permissions().contains(Permission::ContactsExport));
//! ```

#[macro_use]
mod macros;

pub mod accept;
pub mod access;
pub mod actor;
pub mod announce;
pub mod announcement;
pub mod answer;
pub mod archive;
pub mod assign_role;
pub mod audit;
pub mod caller;
pub mod catalogue;
pub mod change_email;
pub mod check;
pub mod client;
pub mod client_rules;
pub mod collaborator;
pub mod copy;
pub mod dates;
pub mod decision;
pub mod define_role;
pub mod delete_role;
pub mod delivery;
pub mod digest;
pub mod effects;
pub mod email;
pub mod ending_team;
pub mod erase;
pub mod expire;
pub mod facts;
mod grantor;
pub mod grid;
pub mod hidden;
pub mod history;
pub mod ids;
pub mod import;
pub mod invite;
pub mod link;
pub mod locale;
pub mod login;
pub mod look;
pub mod mail;
pub mod mail_budget;
pub mod mail_quota;
pub mod mail_retry;
pub mod named_role;
pub mod permission;
pub mod precondition;
pub mod provision;
pub mod recipients;
pub mod refusal;
pub mod remind;
pub mod resend;
pub mod revoke;
pub mod role;
pub mod scope;
pub mod search;
pub mod suspend;
pub mod text;
pub mod time;
pub mod token;
pub mod transfer;
pub mod unbind;
pub mod waiting;
