//! Identifiers that nothing can guess or repeat.

use aws_lc_rs::rand;
use data_encoding::HEXLOWER;

/// Makes an identifier of 32 hexadecimal digits.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn id() -> Result<String, aws_lc_rs::error::Unspecified> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes)?;
    Ok(HEXLOWER.encode(&bytes))
}
