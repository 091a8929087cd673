//! What each function does with the table, held against what its policy in the template lets it do.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::{Template, Touch, Trip};

tokio::task_local! {
    static ACTING: String;
}

/// Something that a policy allows, or that a call needs: as IAM sees it, a transaction is its actions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leave {
    /// The action, such as `dynamodb:PutItem`.
    pub action: String,
    /// Whether it is done to the index, not to the table.
    pub index: bool,
    /// What the partition's key begins with, such as `C#`.
    pub partition: String,
}

impl fmt::Display for Leave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.index { "the index" } else { "the table" };
        write!(f, "{} {}* of {whose}", self.action, self.partition)
    }
}

/// What each function's policy allows.
static ALLOWED: LazyLock<BTreeMap<String, BTreeSet<Leave>>> =
    LazyLock::new(|| Template::read().leaves());

/// What each function has done in these tests.
static DONE: Mutex<BTreeMap<String, BTreeSet<Leave>>> = Mutex::new(BTreeMap::new());

/// Does something as `function`.
pub(crate) async fn acting<T>(function: &str, event: impl Future<Output = T>) -> T {
    ACTING.scope(function.to_owned(), Box::pin(event)).await
}

/// Holds a call against the policy of the function that makes it: the one that is named, or that this task acts for. What
/// a test does by itself is held against none.
///
/// # Panics
/// If the policy does not allow it.
pub(crate) fn hold(named: Option<&str>, trip: &Trip) {
    let Some(function) = named.map(str::to_owned).or_else(|| ACTING.try_with(Clone::clone).ok())
    else {
        return;
    };
    let needed = needed(trip);
    for leave in &needed {
        let allowed = ALLOWED.get(&function).is_some_and(|allowed| allowed.contains(leave));
        assert!(allowed, "the policy of {function} does not allow {leave}");
    }
    let mut done = DONE.lock().unwrap_or_else(PoisonError::into_inner);
    done.entry(function).or_default().extend(needed);
}

/// What the policies allow and no function has done in these tests so far, a line each.
#[must_use]
pub fn never_done() -> Vec<String> {
    let done = DONE.lock().unwrap_or_else(PoisonError::into_inner);
    let nothing = BTreeSet::new();
    let unused = |(function, allowed): (&String, &BTreeSet<Leave>)| -> Vec<String> {
        let done = done.get(function).unwrap_or(&nothing);
        allowed.difference(done).map(|leave| format!("{function}: {leave}")).collect()
    };
    ALLOWED.iter().flat_map(unused).collect()
}

fn needed(trip: &Trip) -> BTreeSet<Leave> {
    let leave = |touch: Touch| Leave {
        action: format!("dynamodb:{}", touch.action),
        index: touch.index,
        partition: touch.pk.split_inclusive('#').next().unwrap_or_default().to_owned(),
    };
    trip.touches().into_iter().map(leave).collect()
}
