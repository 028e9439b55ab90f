//! The JSON object that a model carries beside its columns, kept as the text PostgreSQL sent.

use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, value::RawValue};
use sqlx::postgres::{PgTypeInfo, PgValueRef, Postgres};
use sqlx::types::Json;

/// A JSON object of which only the fields that are read are parsed.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Metadata(Box<RawValue>);

impl Metadata {
    /// The value at `path` when it is there and of that type.
    pub fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Option<T> {
        let found = path.iter().try_fold(self.0.get(), |object, key| member(object, key))?;
        serde_json::from_str(found).ok()
    }

    /// The object's JSON text.
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl sqlx::Type<Postgres> for Metadata {
    fn type_info() -> PgTypeInfo {
        <Json<Value> as sqlx::Type<Postgres>>::type_info()
    }
}

impl<'r> sqlx::Decode<'r, Postgres> for Metadata {
    fn decode(value: PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        let Json(raw) = <Json<Box<RawValue>> as sqlx::Decode<Postgres>>::decode(value)?;
        Ok(Self(raw))
    }
}

/// The JSON text of an object's member. All others are skipped, and nothing is made of them.
fn member<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let mut reader = serde_json::Deserializer::from_str(object);
    Some(Member(key).deserialize(&mut reader).ok()??.get())
}

struct Member<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = object.next_key::<String>()? {
            if key == self.0 {
                found = Some(object.next_value()?);
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_by_its_path_and_type() {
        let json = r#"{"a": {"b": [1, {"c": "}"}], "q\"": 2}, "n": null, "text": "x", "": 0.5}"#;
        let metadata = Metadata(RawValue::from_string(json.to_owned()).expect("JSON"));
        assert_eq!(metadata.get(&["a", "b"]), Some(serde_json::json!([1, {"c": "}"}])));
        assert_eq!(metadata.get(&["a", "q\""]), Some(2));
        assert_eq!(metadata.get(&["text"]), Some("x".to_owned()));
        assert_eq!(metadata.get(&[""]), Some(0.5));
        assert_eq!(metadata.get::<Option<String>>(&["n"]), Some(None));
        assert_eq!(metadata.get::<Value>(&[]), serde_json::from_str(json).ok());
        for path in [&["b"][..], &["a", "c"], &["text", "x"], &["a", "b", "0"], &["n", "n"]] {
            assert_eq!(metadata.get::<Value>(path), None, "{path:?}");
        }
        assert_eq!(metadata.get::<i64>(&["text"]), None);
    }
}
