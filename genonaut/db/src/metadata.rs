//! The JSON object that a model carries beside its columns, kept as the text PostgreSQL sent.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use sqlx::postgres::{PgTypeInfo, PgValueRef, Postgres};
use sqlx::types::Json;

/// A JSON object, parsed only where a field of it is asked for.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Metadata(Box<RawValue>);

impl Metadata {
    /// The value at `path` when it is there and of that type.
    pub fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Option<T> {
        let whole: Value = serde_json::from_str(self.0.get()).ok()?;
        let found = path.iter().try_fold(&whole, |value, key| value.get(key))?;
        serde_json::from_value(found.clone()).ok()
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
