//! What happened to an invitation mail.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// The state of an invitation mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Delivery {
    /// There is no mail: the person was imported without one.
    None,
    /// Not sent yet.
    Queued,
    /// Accepted by the mail service.
    Sent,
    /// Accepted by the receiving server.
    Delivered,
    /// Refused by the receiving server.
    Bounced,
    /// Given up.
    Failed,
}

words!(Delivery);

impl Delivery {
    /// The states that this one can replace.
    ///
    /// Events of a mail arrive late, twice and in any order. So nothing goes back to `sent`, and `bounced` and `failed`
    /// are final. A mail can bounce after the receiving server has accepted it.
    #[must_use]
    pub const fn replaces(self) -> &'static [Self] {
        match self {
            Self::None | Self::Queued => &[],
            Self::Sent => &[Self::Queued],
            Self::Delivered | Self::Failed => &[Self::Queued, Self::Sent],
            Self::Bounced => &[Self::Queued, Self::Sent, Self::Delivered],
        }
    }

    /// Whether the mail did not arrive, and will not.
    #[must_use]
    pub const fn is_undeliverable(self) -> bool {
        matches!(self, Self::Bounced | Self::Failed)
    }
}
