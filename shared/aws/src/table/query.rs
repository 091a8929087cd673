//! Queries of one partition, of the table or of the index.

use aws_sdk_dynamodb::operation::query::{QueryOutput, builders::QueryFluentBuilder};

use super::{
    StoreError, Table,
    any_item::{Item, key_of},
    key::Key,
    update::text,
};

impl Table {
    /// A strongly consistent query of a partition.
    pub(super) fn partition_query(&self, pk: &str) -> QueryFluentBuilder {
        self.queries
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk))
    }

    /// A query of an index partition. It returns keys only and is eventually consistent.
    pub(super) fn index_query(&self, pk: &str) -> QueryFluentBuilder {
        self.queries
            .query()
            .table_name(&self.name)
            .index_name("gsi1")
            .key_condition_expression("gsi1pk = :pk")
            .expression_attribute_values(":pk", text(pk))
    }

    /// All keys in an index partition: one call a megabyte.
    pub(super) async fn query_index(&self, pk: &str) -> Result<Vec<Key>, StoreError> {
        all_pages(self.index_query(pk)).await?.iter().map(key_of).collect()
    }
}

/// All items of a query: one call a megabyte.
pub(super) async fn all_pages(query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
    let pages = query.into_paginator().items().send();
    let items = pages.collect::<Result<Vec<Item>, _>>().await;
    items.map_err(|error| StoreError::request("Query", error))
}

/// The first page of a query: one call.
pub(super) async fn first_page(query: QueryFluentBuilder) -> Result<QueryOutput, StoreError> {
    query.send().await.map_err(|error| StoreError::request("Query", error))
}
