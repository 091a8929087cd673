//! The adapters of Coulisses: DynamoDB is used in [`table`] alone, SES in [`mail`], EventBridge in
//! [`bus`], API Gateway in [`http`].
//!
//! Dependencies go one way: functions use the adapters, the adapters use the domain. [`http`] stands on [`command`] and
//! [`app`], which stand on [`table`]; none of those knows HTTP.

pub mod app;
pub mod basis;
pub mod batch;
pub mod bus;
pub mod claims;
pub mod clock;
pub mod command;
pub mod config;
pub mod dry_run;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod logs;
pub mod mail;
pub mod metrics;
pub mod random;
pub mod sdk;
pub mod stream;
pub mod table;
mod waiting;
