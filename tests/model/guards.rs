//! What guards the protocol, each of which a test takes away; the product has no such switch.

/// The guards.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a guard by itself")]
pub struct Guards {
    /// A seat is taken on condition that `used` is below the limit as they are then.
    pub limit: bool,
    /// `used` is added to, not set to what was read and one more.
    pub adding: bool,
    /// What was read is still of the same version.
    pub versions: bool,
    /// The invitation is still of the sending and of the link that was read.
    pub link: bool,
    /// What a repair of `used` is conditioned on.
    pub repair: Repair,
    /// The audit reads `seq` before it counts anybody.
    pub seq_first: bool,
    /// A request that is repeated for want of an answer is known by its token.
    pub token: bool,
    /// A row that one delivery has is not given to another.
    pub lease: bool,
    /// A link is stored on condition that its sending is still the wanted one.
    pub mail_id: bool,
    /// A row goes after its mail was sent, not before.
    pub sent_first: bool,
    /// What is left in the outbox is looked for.
    pub sweep: bool,
    /// Owners are never swept.
    pub owners_stay: bool,
}

/// What a repair of `used` is conditioned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// On `seq`, which is never twice the same.
    Seq,
    /// On `used`, which may be again what it was.
    Used,
    /// On nothing.
    EmptyBody,
}

impl Guards {
    /// All of them, as the product has them.
    pub const ALL: Self = Self {
        limit: true,
        adding: true,
        versions: true,
        link: true,
        repair: Repair::Seq,
        seq_first: true,
        token: true,
        lease: true,
        mail_id: true,
        sent_first: true,
        sweep: true,
        owners_stay: true,
    };
}
