//! Reading a whole client: what does not fit a page is read in ranges side by side, since ids are uniform. And the scopes
//! of a client, which are a range of it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use coulisses_domain::{
    ids::CollaboratorId,
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
};
use futures_util::future::try_join_all;

use super::{
    ClientRecords, StoreError, Table,
    key::{self, Key},
    load::{Item, Named, corrupt, key_of},
    update::text,
};

/// How many ranges are read side by side: a page takes 256 units, and a partition of DynamoDB gives 3,000 a second.
const MOST_RANGES: u32 = 8;

/// How many people's ids could differ in their first characters: by those the ids are told apart here.
const PLACES: u32 = 1 << (5 * PLACE_LENGTH);

const PLACE_LENGTH: usize = 4;

/// The characters of an id, in the order of the table.
const DIGITS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

impl Table {
    /// Reads everything of a client but its history, consistently: a trip a megabyte, the first of which tells how many
    /// are still to be made, side by side.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
    pub async fn read_client(
        &self,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<ClientRecords, StoreError> {
        let all = || {
            let pk = text(&key::partition(client));
            self.dynamodb.query().expression_attribute_values(":pk", pk)
        };
        let first = all().key_condition_expression("pk = :pk");
        let page = first.table_name(&self.name).consistent_read(true).send().await;
        let page = page.map_err(|error| StoreError::request("Query", error))?;
        let mut items = page.items.unwrap_or_default();
        if let Some(last) = page.last_evaluated_key {
            let ranges = ranges_after(&key_of(&last)?);
            let reads = ranges.iter().map(|range| self.query_all(range.of(all())));
            items.extend(try_join_all(reads).await?.into_iter().flatten());
        }
        records(client, items, now)
    }

    /// Reads all scopes strictly below one, consistently: a trip a megabyte, which is some thousands of them.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
    pub async fn read_below(
        &self,
        scope: &ScopeId,
        now: Timestamp,
    ) -> Result<BTreeMap<ScopeId, Scope>, StoreError> {
        let range = key::below(scope);
        let query = self.dynamodb
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :start)")
            .expression_attribute_values(":pk", text(&range.pk))
            .expression_attribute_values(":start", text(&range.sk));
        Ok(records(&scope.client(), self.query_all(query).await?, now)?.scopes)
    }
}

/// Reads the items of a client's partition.
fn records(
    client: &ClientId,
    items: Vec<Item>,
    now: Timestamp,
) -> Result<ClientRecords, StoreError> {
    let mut records = ClientRecords::default();
    for item in items {
        let key = key_of(&item)?;
        records.take(client, &named(client, &key)?, &key, item, now)?;
    }
    Ok(records)
}

/// Sort keys from one to another, neither of which is one itself, or to the end.
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

/// What is still to be read when the first page ended at `last`: as many ranges as pages are to be expected.
fn ranges_after(last: &Key) -> Vec<Range> {
    // No sort key has this character, and all that they have come after it.
    let mut from = format!("{}!", last.sk);
    let Some(read) = last.sk.strip_prefix("P#").and_then(place) else {
        return vec![Range { from, to: None }];
    };
    let left = PLACES - read;
    // A tenth more, so that hardly any of them has a second page.
    let ranges = (left * 11).div_ceil(read.max(1) * 10).clamp(1, MOST_RANGES);
    let mut all = Vec::new();
    for number in 1..ranges {
        let to = format!("P#{}", start_of(read + left / ranges * number));
        all.push(Range { from, to: Some(to.clone()) });
        from = to;
    }
    // The scopes come after the people.
    all.push(Range { from, to: None });
    all
}

/// Where an id stands among all that there could be.
fn place(id: &str) -> Option<u32> {
    id.bytes().take(PLACE_LENGTH).try_fold(0, |place, byte| {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        Some(place * 32 + u32::try_from(digit).ok()?)
    })
}

/// How an id at this place starts.
fn start_of(place: u32) -> String {
    let digit = |position| DIGITS.get((place >> (5 * position)) as usize % 32);
    (0..PLACE_LENGTH).rev().filter_map(digit).copied().map(char::from).collect()
}

fn named(client: &ClientId, key: &Key) -> Result<Named, StoreError> {
    let scope = |path: &str| ScopeId::parse(&format!("{client}:{}", path.replace('#', ":"))).ok();
    let parsed = match key.sk.split_at_checked(2) {
        Some(("S#", path)) => scope(path).map(Named::Scope),
        Some(("P#", id)) => CollaboratorId::parse(id).ok().map(Named::Collaborator),
        Some(_) => None,
        None => (key.sk == "#").then_some(Named::Client),
    };
    parsed.ok_or_else(|| corrupt(key, "a key that this service does not write"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(sk: &str) -> Vec<(String, Option<String>)> {
        let ranges = ranges_after(&Key { pk: "C#acme".into(), sk: sk.into() });
        ranges.into_iter().map(|range| (range.from, range.to)).collect()
    }

    #[test]
    fn a_place_is_read_as_it_is_written_and_in_the_order_of_the_table() {
        let mut before = String::new();
        for number in (0..PLACES).step_by(997) {
            let start = start_of(number);
            assert_eq!(place(&start), Some(number));
            assert!(before < start, "{start}");
            before = start;
        }
        assert_eq!((place("2222"), place("zzzz")), (Some(0), Some(PLACES - 1)));
        assert_eq!(place("a!"), None);
    }

    #[test]
    fn the_ranges_follow_each_other_from_where_the_first_page_ended_to_the_end() {
        // A quarter was read: 3.3 pages are to be expected.
        let quarter = format!("P#{}{}", start_of(PLACES / 4), "a".repeat(22));
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
    fn there_is_one_range_where_little_is_left_and_never_more_than_a_partition_bears() {
        let scopes = ("S#tech!".to_owned(), None);
        assert_eq!(ranges("S#tech"), [scopes]);
        let id = |start: &str| format!("P#{start}{}", "a".repeat(22));
        assert_eq!(ranges(&id("zzzz")).len(), 1);
        assert_eq!(ranges(&id("2222")).len(), 8);
    }
}
