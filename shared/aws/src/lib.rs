//! The adapters of Coulisses: only here DynamoDB ([`table`]), SES ([`mail`]) and API Gateway ([`http`]).
//!
//! Dependencies go one way: functions use these adapters, these use the domain; `table` and `mail` do not know HTTP.

pub mod app;
pub mod batch;
pub mod change;
pub mod http;
pub mod ids;
pub mod logs;
pub mod mail;
pub mod metrics;
pub mod random;
pub mod sdk;
pub mod table;
