//! A transaction of the model: what was read, and what changes if that is unchanged.

use crate::table::{Counter, Index, Kind, PEOPLE, Stamp};

/// The client as it was read, as far as conditions use it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientRead {
    pub version: Stamp,
    pub seq: Stamp,
    pub used: i8,
    /// How many waited.
    pub waiting: usize,
}

/// One transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan {
    /// The client as it was read, if it must be unchanged.
    pub client: Option<ClientRead>,
    /// The version of the event as it was read, if it must be unchanged.
    pub event: Option<Stamp>,
    /// Whether access to the event has ended from now on.
    pub moves: Option<bool>,
    pub seats: Seats,
    pub list: List,
    pub limit: Option<i8>,
    pub owner: Option<Index>,
    pub people: [Option<Write>; PEOPLE],
    pub rows: Vec<(Kind, Index)>,
    pub counter: Option<(Index, Counter)>,
}

/// The change of `used`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seats {
    /// Neither `used` nor `seq` changes.
    #[default]
    Same,
    Add(i8),
    /// Only by the audit.
    Set(i8),
}

/// The change of the waiting list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    #[default]
    Same,
    /// To the end.
    Enter(Index),
    /// From this place.
    Leave(usize, Index),
}

/// The change of one record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write {
    pub expect: Expect,
    pub owner: Option<bool>,
    pub seat: Option<bool>,
    pub membership: Option<To>,
    /// A resend to a pending collaborator keeps the version.
    pub same_version: bool,
    pub goes: bool,
}

/// A record as it was read.
#[expect(clippy::option_option, reason = "any link, or a specific one or none")]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expect {
    Absent,
    /// `None` permits any value.
    Read {
        version: Stamp,
        seat: Option<bool>,
        mail_id: Option<Stamp>,
        link: Option<Option<Stamp>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum To {
    /// Invited by the row in the same plan; whether the collaborator was active before.
    Invited(bool),
    Active(Option<Stamp>),
    /// Declined, with the link that was used.
    Declined(Stamp),
    Waiting,
}

impl Write {
    pub const fn new(expect: Expect) -> Self {
        Self { expect, owner: None, seat: None, membership: None, same_version: false, goes: false }
    }
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let rest = Self { client: None, event: None, ..self.clone() };
        rest == Self::default()
    }
}
