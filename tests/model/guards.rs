//! The guards of the protocol. Tests remove one at a time; the product has no such switches.

/// The guards.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent guard")]
pub struct Guards {
    /// Taking a seat is conditional on `used` being below the limit at the write.
    pub limit: bool,
    /// `used` is incremented, not set to the value read plus one.
    pub adding: bool,
    /// The write is conditional on the versions that were read.
    pub versions: bool,
    /// The write is conditional on the mail id and the link of the invitation that were read.
    pub link: bool,
    /// The condition of a repair of `used`.
    pub repair: Repair,
    /// The audit reads `seq` before it counts the seats.
    pub seq_first: bool,
    /// A retry after a lost response carries the same token.
    pub token: bool,
    /// A leased row is not given to another delivery.
    pub lease: bool,
    /// Storing a link is conditional on the mail id of the invitation.
    pub mail_id: bool,
    /// A row is deleted after its mail was sent, not before.
    pub sent_first: bool,
    /// A sweep finds rows left in the outbox.
    pub sweep: bool,
    /// Owners are never swept.
    pub owners_stay: bool,
    /// A sweep of access that ended with an event is conditional on that event.
    pub event: bool,
    /// Entering the waiting list is conditional on no free seat.
    pub full: bool,
    /// A seat is taken or released by others on the condition that no one entered the list.
    pub entered: bool,
    /// Leaving the list is conditional on the place that was read.
    pub place: bool,
}

/// The condition of a repair of `used`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// `seq` is unchanged; no value of it repeats.
    Seq,
    /// `used` is unchanged; its values may repeat.
    Used,
    /// None.
    Nothing,
}

impl Guards {
    /// All guards, as in the product.
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
        event: true,
        full: true,
        entered: true,
        place: true,
    };
}
