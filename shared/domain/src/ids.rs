//! The ids of collaborators and of mails.

use data_encoding::BASE32_NOPAD;

use crate::time::{Timestamp, Version};

/// The digits of a ULID (<https://github.com/ulid/spec>).
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The id of a collaborator: 26 characters of base32, derived from the client and the key of the address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollaboratorId(String);

impl CollaboratorId {
    /// The length of an id, in characters.
    const LENGTH: usize = 26;

    /// Reads an id.
    ///
    /// # Errors
    /// [`NotAnId`] if it is not 26 characters `a-z2-7`.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let permitted = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
        if text.len() == Self::LENGTH && text.bytes().all(permitted) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId)
        }
    }

    /// The id made of the first 130 bits of a digest.
    #[must_use]
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        let mut text = BASE32_NOPAD.encode(digest).to_ascii_lowercase();
        text.truncate(Self::LENGTH);
        Self(text)
    }
}

/// The text is not the id of a collaborator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a collaborator")]
pub struct NotAnId;

/// The time in a ULID; `None` for any other text.
pub(crate) fn time_of_ulid(text: &str) -> Option<Timestamp> {
    // The first ten digits of Crockford's base32 are the milliseconds.
    let digits = text.get(..10).filter(|_| text.len() == 26)?;
    let millis = digits.bytes().try_fold(0_i64, |millis, digit| {
        let value = CROCKFORD.iter().position(|other| *other == digit)?;
        Some(millis * 32 + i64::try_from(value).ok()?)
    });
    millis.map(Timestamp::from_millis)
}

/// The first ULID of a time, or the first of all for a time before 1970.
pub(crate) fn first_ulid(time: Timestamp) -> String {
    let millis = u64::try_from(time.millis()).unwrap_or(0).min((1 << 48) - 1);
    let digit = |position: u32| {
        let index = usize::try_from((millis >> (5 * position)) & 31).unwrap_or_default();
        CROCKFORD.get(index).copied().map_or('0', char::from)
    };
    (0..10).rev().map(digit).chain(std::iter::repeat_n('0', 16)).collect()
}

/// The id of a mail and of its outbox row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailId(String);

impl MailId {
    /// Takes an id that the caller made, unique and sortable by time (a ULID).
    #[must_use]
    pub const fn new(id: String) -> Self {
        Self(id)
    }

    /// The id of the announcement's mail to this recipient; always the same one.
    #[must_use]
    pub(crate) fn copy_to(&self, recipient: &CollaboratorId) -> Self {
        Self(format!("{}#{recipient}", self.0))
    }

    /// An id that no mail has, for an invitation without one.
    #[must_use]
    pub(crate) fn of_no_mail(&self) -> Self {
        Self(format!("none-{}", self.0))
    }

    /// Whether no mail has this id.
    #[must_use]
    pub fn is_of_no_mail(&self) -> bool {
        self.0.starts_with("none-")
    }

    /// When the mail was queued: the time in the ULID. `None` if the id is not a ULID.
    #[must_use]
    pub fn queued_at(&self) -> Option<Timestamp> {
        time_of_ulid(self.ulid())
    }

    /// The first version of a collaborator whom this mail invites: 40 bits that depend on the random part of the ULID. So
    /// a former version does not match after a removal and a new invitation, and the version contains no time.
    ///
    /// It is smaller than any time in milliseconds, which the version before this one continues with.
    #[must_use]
    pub fn first_version(&self) -> Version {
        // FNV-1a, of 64 bits.
        let hash = self.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Version::from_number(i64::try_from(hash >> 24).unwrap_or_default())
    }

    /// The ULID, without a recipient: letters and digits only.
    #[must_use]
    pub fn ulid(&self) -> &str {
        self.0.split_once('#').map_or(&self.0, |(ulid, _)| ulid)
    }
}

/// New ids for the mails about a change that concerns a new and a former owner, or a new and a former address.
#[derive(Clone, Debug)]
pub struct MailIds {
    /// For the mail to the new one.
    pub to_new: MailId,
    /// For the mail to the former one.
    pub to_former: MailId,
}

as_str!(CollaboratorId, MailId);
display!(CollaboratorId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_26_characters_of_base32() {
        assert!(CollaboratorId::parse("abcdefghijklmnopqrstuvw234").is_ok());
        for bad in [
            "",
            "abc",
            "abcdefghijklmnopqrstuvw231",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "abcdefghijklmnopqrstuvwxy!",
        ] {
            assert_eq!(CollaboratorId::parse(bad), Err(NotAnId), "{bad}");
        }
    }

    #[test]
    fn the_time_of_a_mail_is_in_its_id() {
        let queued_at = |id: &str| MailId::new(id.to_owned()).queued_at().map(Timestamp::millis);
        assert_eq!(queued_at("01ARZ3NDEKTSV4RRFFQ69G5FAV"), Some(1_469_922_850_259));
        assert_eq!(queued_at("01ARZ3NDEKTSV4RRFFQ69G5FAV#abc"), Some(1_469_922_850_259));
        for other in ["", "again", "01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEK"] {
            assert_eq!(queued_at(other), None, "{other}");
        }
    }

    #[test]
    fn the_first_version_of_a_collaborator_is_not_a_time_and_not_used_again() {
        let first = |id: &str| MailId::new(id.to_owned()).first_version().number();
        let (one, other) = ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW");
        assert_ne!(first(one), first(other), "two mails of one millisecond");
        for number in [first(one), first(other)] {
            // 2004: the version before this one continues with the present time.
            assert!((1..1_100_000_000_000).contains(&number), "{number}");
        }
    }

    // python3 -c 'import base64; print(base64.b32encode(bytes(range(0, 256, 8))).decode().lower()[:26])'
    #[test]
    fn an_id_is_the_start_of_the_base32_of_a_digest() {
        let digest = std::array::from_fn(|index| u8::try_from(index * 8).unwrap());
        let id = CollaboratorId::from_digest(&digest);
        assert_eq!(id.as_str(), "aaebagbafaydqqcikbmga2dqpc");
        assert_eq!(CollaboratorId::parse(id.as_str()), Ok(id));
    }
}
