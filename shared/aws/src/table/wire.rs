//! DynamoDB's JSON, deserialized without a tree of attribute values between the text and the record.
//!
//! The SDK parses each attribute into its own type, and `serde_dynamo` copies that into another one before serde reads it.
//! For a page of records, that is most of the processor time of a function. Here serde reads `{"S": "…"}` as the text, `{"N":
//! "…"}` as the number, `{"M": {…}}` as the map, and so on.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor,
        value::MapAccessDeserializer,
    },
    forward_to_deserialize_any,
};

/// Reads an item: an object with a member for each attribute.
///
/// # Errors
/// If the text is not an item, or has another shape than `T`. The message can quote a value, so it must not be logged.
pub(super) fn from_json<'de, T: Deserialize<'de>>(item: &'de str) -> Result<T, serde_json::Error> {
    let content = &mut serde_json::Deserializer::from_str(item);
    T::deserialize(Attribute { kind: Kind::M, content })
}

/// Visits an object or an array of attributes.
struct Attributes<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Attributes<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(OfAttributes(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(OfAttributes(elements))
    }
}

/// Visits an object of attributes as an enum with content: the variant is the name of the only attribute.
struct Variant<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Variant<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(MapAccessDeserializer::new(OfAttributes(members)))
    }
}

/// Members or elements that are attributes.
struct OfAttributes<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for OfAttributes<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Typed(seed))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for OfAttributes<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Typed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// Reads an attribute, `{"S": "…"}`, as the value for a seed.
struct Typed<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Typed<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, attribute: D) -> Result<S::Value, D::Error> {
        attribute.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Typed<S> {
    type Value = S::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an attribute with its type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut attribute: A) -> Result<S::Value, A::Error> {
        let Some(kind) = attribute.next_key()? else {
            return Err(Error::custom("an attribute has no type"));
        };
        let value = attribute.next_value_seed(Content { kind, seed: self.0 })?;
        match attribute.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(Error::custom("an attribute has two types")),
        }
    }
}

/// The type of an attribute.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Kind {
    S,
    N,
    Bool,
    Null,
    M,
    L,
    #[serde(rename = "SS")]
    Texts,
    /// Binary values and other sets, which the table does not have. They can be ignored, and not read.
    #[serde(other)]
    Other,
}

/// Reads the content of an attribute as the value for a seed.
struct Content<S> {
    kind: Kind,
    seed: S,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Content<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, content: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Attribute { kind: self.kind, content })
    }
}

/// The content of an attribute.
struct Attribute<D> {
    kind: Kind,
    content: D,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Attribute<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        match self.kind {
            Kind::S => self.content.deserialize_str(visitor),
            Kind::N => self.content.deserialize_str(Number(visitor)),
            Kind::Bool => self.content.deserialize_bool(visitor),
            Kind::Null => {
                self.content.deserialize_ignored_any(IgnoredAny)?;
                visitor.visit_unit()
            }
            Kind::M => self.content.deserialize_map(Attributes(visitor)),
            Kind::L => self.content.deserialize_seq(Attributes(visitor)),
            Kind::Texts => self.content.deserialize_seq(visitor),
            Kind::Other => Err(Error::custom("an attribute has a type that is not read")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        if let Kind::Null = self.kind {
            self.content.deserialize_ignored_any(IgnoredAny)?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        if let Kind::M = self.kind {
            return self.content.deserialize_map(Variant(visitor));
        }
        let variant = String::deserialize(self.content)?;
        visitor.visit_enum(variant.into_deserializer())
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.content.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// Visits the text of a number as the number.
struct Number<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Number<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        if let Ok(number) = text.parse() {
            return self.0.visit_i64(number);
        }
        match (text.parse(), text.parse()) {
            (Ok(number), _) => self.0.visit_u64(number),
            (_, Ok(number)) => self.0.visit_f64(number),
            (Err(_), Err(_)) => Err(Error::custom("a number is not one")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Record {
        text: String,
        number: i64,
        large: u64,
        fraction: f64,
        flag: bool,
        null: Option<String>,
        absent: Option<u8>,
        some: Option<u8>,
        map: BTreeMap<String, Choice>,
        list: Vec<Option<String>>,
        set: Vec<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Choice {
        Unit,
        One(bool),
        Fields { a: String },
    }

    #[test]
    fn attributes_are_read_by_their_types_and_unknown_ones_are_ignored() {
        let record: Record = from_json(
            r#"{
                "text": {"S": "Zo\u00eb \"Z\""}, "number": {"N": "-7"}, "large": {"N": "18446744073709551615"},
                "fraction": {"N": "0.5"}, "flag": {"BOOL": true}, "null": {"NULL": true}, "some": {"N": "3"},
                "map": {"M": {
                    "a": {"S": "Unit"}, "b": {"M": {"One": {"BOOL": true}}},
                    "c": {"M": {"Fields": {"M": {"a": {"S": "x"}}}}}
                }},
                "list": {"L": [{"S": "x"}, {"NULL": true}]}, "set": {"SS": ["x", "y"]},
                "unknown": {"M": {"deep": {"L": [{"B": "eA=="}]}}}, "numbers": {"NS": ["1"]}
            }"#,
        )
        .unwrap();
        let map = [
            ("a".to_owned(), Choice::Unit),
            ("b".to_owned(), Choice::One(true)),
            ("c".to_owned(), Choice::Fields { a: "x".to_owned() }),
        ];
        let expected = Record {
            text: "Zoë \"Z\"".to_owned(),
            number: -7,
            large: u64::MAX,
            fraction: 0.5,
            flag: true,
            null: None,
            absent: None,
            some: Some(3),
            map: map.into(),
            list: vec![Some("x".to_owned()), None],
            set: vec!["x".to_owned(), "y".to_owned()],
        };
        assert_eq!(record, expected);
    }

    #[test]
    fn what_is_not_an_item_of_the_shape_is_an_error() {
        for json in [
            r#"{"a": "x"}"#,
            r#"{"a": {}}"#,
            r#"{"a": {"S": "x", "N": "1"}}"#,
            r#"{"a": {"B": "eA=="}}"#,
            r#"{"a": {"N": "1"}}"#,
            r#"{"a": {"S": 1}}"#,
            r#"{"a": {"S": "x"}"#,
            r#"[{"a": {"S": "x"}}]"#,
        ] {
            assert!(from_json::<BTreeMap<String, String>>(json).is_err(), "{json}");
        }
        for number in ["x", "", "300", "-1"] {
            let json = format!(r#"{{"a": {{"N": "{number}"}}}}"#);
            assert!(from_json::<BTreeMap<String, u8>>(&json).is_err(), "{number}");
        }
    }
}
