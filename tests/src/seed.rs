//! Writes many records directly into the table, faster than through the functions.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use coulisses_domain::{email::Email, scope::ClientId};

use crate::{World, table::TABLE};

/// An item of the table.
pub type Item = HashMap<String, AttributeValue>;

impl World {
    /// The collaborator id of an address in a client.
    pub fn id_of(&self, client: &str, email: &str) -> String {
        let client = ClientId::parse(client).expect("a client");
        let email = Email::parse(email).expect("an address");
        self.app.settings.ids.collaborator(&client, &email).to_string()
    }

    /// An item of a client; it must exist.
    pub async fn item(&self, client: &str, sk: &str) -> Item {
        let item = self.dynamodb().get_item().table_name(TABLE);
        let item = item.key("pk", text(format!("C#{client}"))).key("sk", text(sk.to_owned()));
        item.send().await.expect("an item").item.expect("an item")
    }

    /// Adds `count` collaborators to a client, `p0@example.org` and so on: copies of the record of `like`, each larger by
    /// `padding` bytes.
    pub async fn add_collaborators(
        &self,
        (client, like): (&str, &str),
        count: usize,
        padding: usize,
    ) {
        let mut record = self.item(client, &format!("P#{}", self.id_of(client, like))).await;
        if padding > 0 {
            record.insert("padding".to_owned(), text("x".repeat(padding)));
        }
        let scopes: Vec<String> =
            record["grants"].as_m().expect("grants").keys().cloned().collect();
        let copies = (0..count).flat_map(|number| {
            let email = format!("p{number}@example.org");
            let id = self.id_of(client, &email);
            let rows = scopes.iter().map(|scope| grant_row(client, scope, (&id, &email)));
            let mut copy = record.clone();
            copy.insert("sk".to_owned(), text(format!("P#{id}")));
            copy.insert("gsi1pk".to_owned(), text(format!("E#{id}")));
            let rows: Vec<Item> = rows.collect();
            copy.insert("email".to_owned(), text(email));
            std::iter::once(copy).chain(rows)
        });
        self.write(copies).await;
    }

    /// Sets the used seats of a client, which nothing counts when records are written directly.
    pub async fn set_used_seats(&self, client: &str, used: usize) {
        let used = AttributeValue::N(used.to_string());
        self.update((&format!("C#{client}"), "#"), "SET seats.used = :value", used).await;
    }

    /// Updates an item directly; `expression` sets attributes from `:value`.
    pub async fn update(&self, (pk, sk): (&str, &str), expression: &str, value: AttributeValue) {
        let update = self.dynamodb().update_item().table_name(TABLE);
        let update = update.key("pk", text(pk.to_owned())).key("sk", text(sk.to_owned()));
        let update = update.update_expression(expression);
        update.expression_attribute_values(":value", value).send().await.expect("an update");
    }

    /// Writes items unchanged.
    pub async fn write(&self, mut items: impl Iterator<Item = Item>) {
        let dynamodb = self.dynamodb();
        loop {
            let batch: Vec<WriteRequest> = items.by_ref().take(25).map(put).collect();
            if batch.is_empty() {
                break;
            }
            let written = dynamodb.batch_write_item().request_items(TABLE, batch).send().await;
            let left = written.expect("a batch").unprocessed_items.unwrap_or_default();
            assert!(left.is_empty(), "the emulator takes all of a batch");
        }
    }
}

/// The row of a grant (docs/storage.md#rows-of-grants).
pub fn grant_row(client: &str, scope: &str, (id, email): (&str, &str)) -> Item {
    let below = scope.strip_prefix(client).expect("a scope of the client").trim_start_matches(':');
    let attributes = [
        ("pk", format!("G#{client}")),
        ("sk", format!("{below}#{id}")),
        ("gsi1pk", format!("N#{client}")),
        ("gsi1sk", email.to_owned()),
    ];
    attributes.into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
}

fn put(item: Item) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item)).build().expect("an item");
    WriteRequest::builder().put_request(put).build()
}

/// A string attribute.
pub fn text(text: String) -> AttributeValue {
    AttributeValue::S(text)
}
