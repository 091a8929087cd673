//! Checks each call of a function against its policy in the template.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{LazyLock, Mutex},
};

use crate::{ItemAccess, Template, Trip, lock};

tokio::task_local! {
    static ACTING: String;
}

/// A permission that a policy grants or a call needs. For IAM, a transaction is its single actions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TablePermission {
    /// The action, such as `dynamodb:PutItem`.
    pub action: String,
    /// Whether it is for the index instead of the table.
    pub index: bool,
    /// The prefix of the partition key, such as `C#`.
    pub partition: String,
}

impl fmt::Display for TablePermission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = if self.index { "the index" } else { "the table" };
        write!(f, "{} {}* of {resource}", self.action, self.partition)
    }
}

/// The permissions of each function.
static ALLOWED: LazyLock<BTreeMap<String, BTreeSet<TablePermission>>> =
    LazyLock::new(|| Template::read().table_permissions());

/// The permissions that each function has used in this run.
static DONE: Mutex<BTreeMap<String, BTreeSet<TablePermission>>> = Mutex::new(BTreeMap::new());

/// Runs `event` as `function`.
pub(crate) async fn acting<T>(function: &str, event: impl Future<Output = T>) -> T {
    ACTING.scope(function.to_owned(), Box::pin(event)).await
}

/// Checks a call against the policy of the function that makes it: the named one, or the one that this task acts for.
/// The calls of a test itself are not checked.
///
/// # Panics
/// If the policy does not allow the call.
pub(crate) fn check(named: Option<&str>, trip: &Trip) {
    let Some(function) = named.map(str::to_owned).or_else(|| ACTING.try_with(Clone::clone).ok())
    else {
        return;
    };
    let needed = needed(trip);
    for permission in &needed {
        let allowed = ALLOWED.get(&function).is_some_and(|allowed| allowed.contains(permission));
        assert!(allowed, "the policy of {function} does not allow {permission}");
    }
    let mut done = lock(&DONE);
    done.entry(function).or_default().extend(needed);
}

/// The permissions that no function has used in this run so far, one a line.
pub fn unused_permissions() -> Vec<String> {
    let done = lock(&DONE);
    let nothing = BTreeSet::new();
    let unused = |(function, allowed): (&String, &BTreeSet<TablePermission>)| -> Vec<String> {
        let done = done.get(function).unwrap_or(&nothing);
        allowed.difference(done).map(|permission| format!("{function}: {permission}")).collect()
    };
    ALLOWED.iter().flat_map(unused).collect()
}

fn needed(trip: &Trip) -> BTreeSet<TablePermission> {
    let permission = |access: ItemAccess| TablePermission {
        action: format!("dynamodb:{}", access.action),
        index: access.index,
        partition: access.pk.split_inclusive('#').next().unwrap_or_default().to_owned(),
    };
    trip.accesses().into_iter().map(permission).collect()
}
