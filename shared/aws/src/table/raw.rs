//! Pages of queries as the text that DynamoDB sent, and their items, which are deserialized once their kind is known
//! ([`super::wire`]).

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{
    config::{ConfigBag, Intercept, RuntimeComponents},
    operation::query::{QueryOutput, builders::QueryFluentBuilder},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::context::{
            BeforeDeserializationInterceptorContextRef, Output, OutputOrError,
        },
        orchestrator::HttpResponse,
        ser_de::{DeserializeResponse, SharedResponseDeserializer},
    },
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{StoreError, any_item::AnyItem, key::Key, update::text, wire};

/// An item of a page.
#[derive(Debug)]
pub(super) struct RawItem {
    head: Head,
    json: Box<RawValue>,
}

/// The key of an item, and the attributes that are read without the others.
#[derive(Debug, Deserialize)]
struct Head {
    pk: String,
    sk: String,
    v: Option<u64>,
    ttl: Option<i64>,
    gsi1sk: Option<String>,
    listed: Option<bool>,
    indexed: Option<String>,
}

impl RawItem {
    pub(super) fn key(&self) -> Key {
        Key { pk: self.head.pk.clone(), sk: self.head.sk.clone() }
    }

    /// The sort key in the index.
    pub(super) fn gsi1sk(&self) -> Option<&str> {
        self.head.gsi1sk.as_deref()
    }
}

impl AnyItem for RawItem {
    fn ttl(&self) -> Option<i64> {
        self.head.ttl
    }

    fn is_later(&self) -> bool {
        self.head.v.is_some_and(|shape| shape != 1)
    }

    fn is_listed(&self) -> bool {
        self.head.listed.is_some()
    }

    fn indexed(&self) -> Option<&str> {
        self.head.indexed.as_deref()
    }

    fn decode<T: DeserializeOwned>(self) -> Option<T> {
        wire::from_json(self.json.get()).ok()
    }
}

/// A page of a query.
pub(super) struct RawPage {
    pub items: Vec<RawItem>,
    /// The attributes of the key of its last item, if there can be more after it.
    pub last: Option<HashMap<String, String>>,
}

/// A response of `Query`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueryResponse<'a> {
    /// Required, so that the text of an error is never an empty page.
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    #[serde(borrow)]
    last_evaluated_key: Option<&'a RawValue>,
}

impl RawPage {
    /// The error, like the SDK's, says nothing about an item.
    fn parse(response: &[u8]) -> Option<Self> {
        let QueryResponse { items, last_evaluated_key } = serde_json::from_slice(response).ok()?;
        let item = |json: &RawValue| {
            Some(RawItem { head: wire::from_json(json.get()).ok()?, json: json.to_owned() })
        };
        Some(Self {
            items: items.into_iter().map(item).collect::<Option<_>>()?,
            last: last_evaluated_key.map(|key| wire::from_json(key.get())).transpose().ok()?,
        })
    }
}

/// All items of a query: one call a megabyte.
pub(super) async fn all_raw_pages(query: QueryFluentBuilder) -> Result<Vec<RawItem>, StoreError> {
    let mut all = Vec::new();
    let mut start = None;
    loop {
        let page = raw_page(query.clone().set_exclusive_start_key(start)).await?;
        all.extend(page.items);
        let Some(last) = page.last else { return Ok(all) };
        start = Some(last.into_iter().map(|(name, value)| (name, text(&value))).collect());
    }
}

/// The first page of a query: one call.
pub(super) async fn raw_page(query: QueryFluentBuilder) -> Result<RawPage, StoreError> {
    let kept = Kept::default();
    let sent = query.customize().interceptor(kept.clone()).send().await;
    sent.map_err(|error| StoreError::request("Query", error))?;
    let response = mem::take(&mut *kept.0.lock().unwrap_or_else(PoisonError::into_inner));
    let page = RawPage::parse(&response);
    page.ok_or_else(|| StoreError::request("Query", "the response is not a page of items"))
}

/// Keeps the text of a successful response, for which the output of the SDK is empty then. The SDK reads errors itself.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Intercept for Kept {
    fn name(&self) -> &'static str {
        "Kept"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_success() {
            let own = SharedResponseDeserializer::new(self.clone());
            config.interceptor_state().store_put(own);
        }
        Ok(())
    }
}

impl DeserializeResponse for Kept {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _config: &ConfigBag,
    ) -> OutputOrError {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = response.body().bytes().unwrap_or_default().to_vec();
        Ok(Output::erase(QueryOutput::builder().build()))
    }
}

#[cfg(test)]
mod tests {
    use coulisses_domain::time::Timestamp;

    use super::{super::any_item::is_past, *};

    #[test]
    fn only_a_response_with_items_is_a_page() {
        let page = RawPage::parse(
            br#"{"Count": 1, "Items": [{"pk": {"S": "C#acme"}, "sk": {"S": "P#a"}, "ttl": {"N": "5"}}],
                "LastEvaluatedKey": {"pk": {"S": "C#acme"}, "sk": {"S": "P#a"}}}"#,
        )
        .unwrap();
        assert_eq!(page.items[0].key().sk, "P#a");
        assert_eq!(page.last.unwrap()["sk"], "P#a");
        let is_past = |seconds| is_past(&page.items[0], Timestamp::from_seconds(seconds));
        assert_eq!((is_past(4), is_past(5)), (false, true));
        for response in [
            r#"{"__type": "ThrottlingException", "message": "later"}"#,
            r#"{"Items": [{"pk": {"S": "C#acme"}}]}"#,
            r#"{"Items": [{"pk": {"S": "C#acme"}, "sk": {"S": "P#a"}}]"#,
            "",
        ] {
            assert!(RawPage::parse(response.as_bytes()).is_none(), "{response}");
        }
    }
}
