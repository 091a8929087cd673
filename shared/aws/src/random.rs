//! What must be fresh: ids, tokens, jitter. All of it comes from the operating system's generator.

use coulisses_domain::{collaborator::MailId, time::Timestamp};
use ulid::Ulid;

/// The operating system's generator gave nothing, without which nothing can be decided safely.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bits")]
pub struct NoRandomness(#[source] getrandom::Error);

/// Fresh random bytes.
///
/// # Errors
/// [`NoRandomness`] if the system has none.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(bytes)
}

/// A fresh id that sorts by time, as text.
///
/// # Errors
/// [`NoRandomness`] if the system has none.
pub fn ulid(now: Timestamp) -> Result<String, NoRandomness> {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    Ok(Ulid::from_parts(millis, u128::from_le_bytes(bytes()?)).to_string())
}

/// A fresh id for a sending.
///
/// # Errors
/// [`NoRandomness`] if the system has none.
pub fn mail_id(now: Timestamp) -> Result<MailId, NoRandomness> {
    ulid(now).map(MailId::new)
}

/// A share of `whole` milliseconds, uniform from none to all of it: full jitter.
///
/// # Errors
/// [`NoRandomness`] if the system has none.
pub fn share_of(whole: u64) -> Result<u64, NoRandomness> {
    Ok(u64::from_le_bytes(bytes()?) % whole.saturating_add(1))
}
