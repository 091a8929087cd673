//! Random ids, tokens and jitter, all from the operating system's generator.

use coulisses_domain::{
    ids::{MailId, MailIds},
    time::Timestamp,
};
use ulid::Ulid;

/// The operating system's generator failed.
#[derive(Debug, thiserror::Error)]
#[error("the system returned no random bytes")]
pub struct NoRandomness(#[source] getrandom::Error);

/// Random bytes.
///
/// # Errors
/// [`NoRandomness`] if the generator fails.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// A new ULID: an id that sorts by time.
///
/// # Errors
/// [`NoRandomness`] if the generator fails.
pub fn ulid(now: Timestamp) -> Result<String, NoRandomness> {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    Ok(Ulid::from_parts(millis, u128::from_le_bytes(bytes()?)).to_string())
}

/// A new mail id.
///
/// # Errors
/// [`NoRandomness`] if the generator fails.
pub fn mail_id(now: Timestamp) -> Result<MailId, NoRandomness> {
    ulid(now).map(MailId::new)
}

/// New ids for a pair of mails.
///
/// # Errors
/// [`NoRandomness`] if the generator fails.
pub fn mail_ids(now: Timestamp) -> Result<MailIds, NoRandomness> {
    Ok(MailIds { to_new: mail_id(now)?, to_former: mail_id(now)? })
}

/// Full jitter: a number from 0 to `longest`.
///
/// # Errors
/// [`NoRandomness`] if the generator fails.
pub fn jitter(longest: u64) -> Result<u64, NoRandomness> {
    Ok(u64::from_le_bytes(bytes()?) % longest.saturating_add(1))
}
