//! The state of a record that a request expects, so that concurrent changes cannot overwrite each other
//! (docs/domain.md#rule-11).

use crate::{refusal::Refusal, time::Version};

/// The expected state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Any: the request does not have to name a version.
    None,
    /// The request must name a version and does not.
    Missing,
    /// The record does not exist yet.
    Absent,
    /// The record has this version.
    Version(Version),
}

impl Precondition {
    /// The version that a request must name.
    #[must_use]
    pub fn required(version: Option<Version>) -> Self {
        version.map_or(Self::Missing, Self::Version)
    }

    /// Compares the expected state with the present one; `None` if there is no record.
    ///
    /// # Errors
    /// [`Refusal::VersionRequired`], [`Refusal::StaleVersion`].
    pub(crate) fn check(self, present: Option<Version>) -> Result<(), Refusal> {
        match self {
            Self::None => Ok(()),
            Self::Missing => Err(Refusal::VersionRequired),
            Self::Absent if present.is_none() => Ok(()),
            Self::Version(expected) if present == Some(expected) => Ok(()),
            Self::Absent | Self::Version(_) => Err(Refusal::StaleVersion),
        }
    }
}

impl From<Version> for Precondition {
    fn from(version: Version) -> Self {
        Self::Version(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_must_be_in_the_expected_state() {
        let (one, two) = (Version::from_number(1), Version::from_number(2));
        for (expected, present, result) in [
            (Precondition::None, Some(one), Ok(())),
            (Precondition::Missing, Some(one), Err(Refusal::VersionRequired)),
            (Precondition::Absent, None, Ok(())),
            (Precondition::Absent, Some(one), Err(Refusal::StaleVersion)),
            (Precondition::Version(one), Some(one), Ok(())),
            (Precondition::Version(one), Some(two), Err(Refusal::StaleVersion)),
            (Precondition::Version(one), None, Err(Refusal::StaleVersion)),
        ] {
            assert_eq!(expected.check(present), result, "{expected:?}");
        }
    }
}
