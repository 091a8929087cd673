//! What happened to an invitation mail.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// What became of an invitation's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Delivery {
    /// Still to be sent.
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
    /// What this may take the place of, of one and the same mail.
    ///
    /// News of a mail come late, twice, and in any order. What is known better stays: nothing goes back to `sent`, and
    /// what bounced or was given up stays so. A mail may bounce after the receiving server took it.
    #[must_use]
    pub const fn replaces(self) -> &'static [Self] {
        match self {
            Self::Queued => &[],
            Self::Sent => &[Self::Queued],
            Self::Delivered | Self::Failed => &[Self::Queued, Self::Sent],
            Self::Bounced => &[Self::Queued, Self::Sent, Self::Delivered],
        }
    }

    /// Whether the mail did not arrive, and will not.
    #[must_use]
    pub const fn is_undeliverable(self) -> bool {
        match self {
            Self::Queued | Self::Sent | Self::Delivered => false,
            Self::Bounced | Self::Failed => true,
        }
    }
}
