//! Reading a whole client, or all scopes below one.
//!
//! A page of a query is a megabyte, about 1,500 collaborators. Reading page after page would take one trip each, so only
//! the first page is read alone. Ids are uniformly distributed, so the first four characters of its last id show which
//! share of the collaborators was read, and how many pages are left. The rest is split into that many ranges of equal
//! width, which are queried in parallel. The last range also contains the scopes, which sort after the collaborators.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use coulisses_domain::{
    ids::CollaboratorId,
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
};
use futures_util::{future::try_join_all, try_join};

use super::{
    ClientRecords, StoreError, Table,
    key::{self, Key},
    load::Named,
    raw::{RawItem, all_raw_pages, raw_page},
    update::text,
};

/// The most parallel ranges. A page takes 256 read units, and a DynamoDB partition allows 3,000 a second.
const MOST_RANGES: u32 = 8;

/// The number of possible prefixes of an id.
const POSITIONS: u32 = 1 << (5 * PREFIX_LENGTH);

const PREFIX_LENGTH: usize = 4;

/// The characters of an id, in sort order.
const DIGITS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

impl Table {
    /// Reads a client with its roles, scopes and collaborators, consistently: one call a megabyte, all but the first in
    /// parallel, and one for the roles.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or an item cannot be read.
    pub async fn read_client(
        &self,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<ClientRecords, StoreError> {
        let all = || self.partition_query(&key::partition(client));
        let own = key::client_rules(client);
        let (page, roles) = try_join!(raw_page(all()), self.batch_get(iter::once(&own)))?;
        let mut items = page.items;
        if let Some(last) = page.last.as_ref().and_then(|last| last.get("sk")) {
            let ranges = ranges_after(last);
            let reads = ranges.iter().map(|range| all_raw_pages(range.of(all())));
            items.extend(try_join_all(reads).await?.into_iter().flatten());
        }
        let mut records = records(client, items, now)?;
        for (key, item) in roles {
            records.take(client, &Named::Rules, &key, item, now)?;
        }
        Ok(records.resolved())
    }

    /// Reads all scopes below one, consistently: one call a megabyte, which is thousands of scopes.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or an item cannot be read.
    pub async fn read_below(
        &self,
        scope: &ScopeId,
        now: Timestamp,
    ) -> Result<BTreeMap<ScopeId, Scope>, StoreError> {
        let range = key::below(scope);
        let query = self
            .partition_query(&range.pk)
            .key_condition_expression("pk = :pk AND begins_with(sk, :start)")
            .expression_attribute_values(":start", text(&range.sk));
        Ok(records(&scope.client(), all_raw_pages(query).await?, now)?.scopes)
    }

    /// Reads these scopes, one client in each list, with all scopes above and below them. All calls are made in parallel:
    /// one for each client, and one for each scope that can have others below it.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or an item cannot be read.
    pub async fn read_around(
        &self,
        clients: &[Vec<&ScopeId>],
        now: Timestamp,
    ) -> Result<Vec<BTreeMap<ScopeId, Scope>>, StoreError> {
        try_join_all(clients.iter().map(|scopes| self.read_around_some(scopes, now))).await
    }

    async fn read_around_some(
        &self,
        scopes: &[&ScopeId],
        now: Timestamp,
    ) -> Result<BTreeMap<ScopeId, Scope>, StoreError> {
        let Some(client) = scopes.first().map(|scope| scope.client()) else {
            return Ok(BTreeMap::new());
        };
        let named = self.read_lineages(&client, scopes.iter().copied(), now);
        // Nothing is below an event or a community.
        let below = scopes.iter().filter(|scope| !scope.is_leaf());
        let below = try_join_all(below.map(|scope| self.read_below(scope, now)));
        let (named, below) = try_join!(named, below)?;
        Ok(named.into_iter().chain(below.into_iter().flatten()).collect())
    }

    /// Reads these scopes of a client and all above them, consistently, in one trip. Without any below the client, it makes
    /// no call.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn read_lineages<'a>(
        &self,
        client: &ClientId,
        scopes: impl Iterator<Item = &'a ScopeId>,
        now: Timestamp,
    ) -> Result<BTreeMap<ScopeId, Scope>, StoreError> {
        let lineages: BTreeSet<ScopeId> = scopes.flat_map(ScopeId::up_to_client).collect();
        let mut found = ClientRecords::default();
        if lineages.is_empty() {
            return Ok(found.scopes);
        }
        let keys: Vec<Key> = lineages.iter().map(key::scope).collect();
        for (key, item) in self.batch_get(keys.iter()).await? {
            found.take(client, &named(client, &key)?, &key, item, now)?;
        }
        Ok(found.scopes)
    }
}

/// Reads the items of a client's partition, still without what its rules say.
fn records(
    client: &ClientId,
    items: Vec<RawItem>,
    now: Timestamp,
) -> Result<ClientRecords, StoreError> {
    let mut records = ClientRecords::default();
    for item in items {
        let key = item.key();
        records.take(client, &named(client, &key)?, &key, item, now)?;
    }
    Ok(records)
}

/// Sort keys between two bounds, or up to the end. A bound is never a key itself.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    from: String,
    to: Option<String>,
}

impl Range {
    fn of(&self, query: QueryFluentBuilder) -> QueryFluentBuilder {
        let query = query.expression_attribute_values(":from", text(&self.from));
        match &self.to {
            None => query.key_condition_expression("pk = :pk AND sk > :from"),
            Some(to) => query
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                .expression_attribute_values(":to", text(to)),
        }
    }
}

/// The ranges after a first page that ended at the sort key `last`: as many as pages are expected.
fn ranges_after(last: &str) -> Vec<Range> {
    // `!` sorts before every character of a sort key, so this bound is just after `last`.
    let mut from = format!("{last}!");
    let Some(read) = last.strip_prefix("P#").and_then(position) else {
        return vec![Range { from, to: None }];
    };
    let left = POSITIONS - read;
    // A tenth more, so that a range rarely needs a second page.
    let ranges = (left * 11).div_ceil(read.max(1) * 10).clamp(1, MOST_RANGES);
    let mut all = Vec::new();
    for number in 1..ranges {
        let to = format!("P#{}", prefix_at(read + left / ranges * number));
        all.push(Range { from, to: Some(to.clone()) });
        from = to;
    }
    // The scopes sort after the collaborators.
    all.push(Range { from, to: None });
    all
}

/// The position of an id among all possible ones, by its prefix.
fn position(id: &str) -> Option<u32> {
    id.bytes().take(PREFIX_LENGTH).try_fold(0, |position, byte| {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        Some(position * 32 + u32::try_from(digit).ok()?)
    })
}

/// The prefix of an id at a position.
fn prefix_at(position: u32) -> String {
    let digit = |digit| DIGITS.get((position >> (5 * digit)) as usize % 32);
    (0..PREFIX_LENGTH).rev().filter_map(digit).copied().map(char::from).collect()
}

fn named(client: &ClientId, key: &Key) -> Result<Named, StoreError> {
    let scope = |path: &str| ScopeId::parse(&format!("{client}:{}", path.replace('#', ":"))).ok();
    let parsed = match key.sk.split_at_checked(2) {
        Some(("S#", path)) => scope(path).map(Named::Scope),
        Some(("P#", id)) => CollaboratorId::parse(id).ok().map(Named::Collaborator),
        Some(_) => None,
        None => (key.sk == "#").then_some(Named::Client),
    };
    parsed.ok_or_else(|| key::unknown(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(sk: &str) -> Vec<(String, Option<String>)> {
        let ranges = ranges_after(sk);
        ranges.into_iter().map(|range| (range.from, range.to)).collect()
    }

    #[test]
    fn a_position_survives_a_round_trip_and_keeps_the_sort_order() {
        let mut before = String::new();
        for number in (0..POSITIONS).step_by(997) {
            let start = prefix_at(number);
            assert_eq!(position(&start), Some(number));
            assert!(before < start, "{start}");
            before = start;
        }
        assert_eq!((position("2222"), position("zzzz")), (Some(0), Some(POSITIONS - 1)));
        assert_eq!(position("a!"), None);
    }

    #[test]
    fn the_ranges_cover_everything_after_the_first_page() {
        // A quarter was read, so 3.3 more pages are expected.
        let quarter = format!("P#{}{}", prefix_at(POSITIONS / 4), "a".repeat(22));
        let found = ranges(&quarter);
        assert_eq!(found.len(), 4);
        assert_eq!(found[0].0, format!("{quarter}!"));
        for pair in found.windows(2) {
            assert_eq!(pair[0].1.as_ref(), Some(&pair[1].0));
            assert!(pair[0].0 < pair[1].0);
        }
        assert_eq!(found[3].1, None);
    }

    #[test]
    fn the_number_of_ranges_is_between_one_and_the_maximum() {
        let scopes = ("S#tech!".to_owned(), None);
        assert_eq!(ranges("S#tech"), [scopes]);
        let id = |start: &str| format!("P#{start}{}", "a".repeat(22));
        assert_eq!(ranges(&id("zzzz")).len(), 1);
        assert_eq!(ranges(&id("2222")).len(), 8);
    }
}
