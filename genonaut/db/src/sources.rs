//! `field_sources`: which source said what about a row, so that a later word of the same source can be told
//! from a person's edit. One row per source and row; later sources (folders, stores) use the same form.

use serde_json::{Map, Value};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) const DDL: &str = "
CREATE TABLE field_sources (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    -- Primary key of the row, as text.
    row_key text NOT NULL,
    -- `person`, or `file:` and the seed file's name.
    source text NOT NULL,
    -- How the source itself names the row; for a seed file the value of its key column.
    source_key text NOT NULL,
    -- The fields it said something about.
    fields text[] NOT NULL,
    -- The row as this source alone would have it.
    said jsonb NOT NULL,
    last_updated timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT field_sources_word UNIQUE (table_name, source, source_key)
);
CREATE INDEX field_sources_row ON field_sources (table_name, row_key);
";

/// The name of the source that outranks every other.
pub(crate) const PERSON: &str = "person";

/// Remembers that a person has set these fields of a row.
pub(crate) async fn person_said(
    connection: &mut PgConnection,
    table: &str,
    id: Uuid,
    fields: &Map<String, Value>,
) -> sqlx::Result<()> {
    let names: Vec<_> = fields.keys().cloned().collect();
    sqlx::query(
        "INSERT INTO field_sources AS had (table_name, row_key, source, source_key, fields, said)
         VALUES ($1, $2, $3, $2, $4, $5)
         ON CONFLICT (table_name, source, source_key) DO UPDATE SET
             fields = ARRAY(SELECT DISTINCT name FROM unnest(had.fields || excluded.fields) name ORDER BY name),
             said = had.said || excluded.said,
             last_updated = now()",
    )
    .bind(table)
    .bind(id.to_string())
    .bind(PERSON)
    .bind(names)
    .bind(Value::Object(fields.clone()))
    .execute(connection)
    .await?;
    Ok(())
}
