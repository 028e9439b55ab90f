//! `field_sources`: which source said what about a row, so that a later word of the same source can be told
//! from a person's edit. One row per source and row; later sources (folders, stores) use the same form.

use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) const DDL: &str = "
CREATE TABLE field_sources (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    -- Primary key of the row, as text.
    row_key text NOT NULL,
    -- `person`, `file:` and the seed file's name, or `scan` for what model files and those beside them say.
    source text NOT NULL,
    -- How the source itself names the row; for a seed file the value of its key column.
    source_key text NOT NULL,
    -- The fields it said something about; of an object that a person changed, the keys as `metadata.key`.
    fields text[] NOT NULL,
    -- The row as this source alone would have it.
    said jsonb NOT NULL,
    -- Which file said it, by field, where one source reads many.
    told jsonb,
    last_updated timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT field_sources_word UNIQUE (table_name, source, source_key)
);
CREATE INDEX field_sources_row ON field_sources (table_name, row_key);
";

/// The name of the source that outranks every other.
pub(crate) const PERSON: &str = "person";

/// The name of the source that reads models' files and those beside them; seed files outrank it.
pub(crate) const SCAN: &str = "scan";

/// Remembers that a person has set these fields of a row. Of an object each key that was named counts, one that was
/// taken out too.
pub(crate) async fn person_said(
    connection: &mut PgConnection,
    table: &str,
    id: Uuid,
    fields: &Map<String, Value>,
) -> sqlx::Result<()> {
    person_said_of_all(connection, table, &json!([{"model": id, "said": fields}])).await
}

/// The same of many rows at once: `rows` is a list of `{model, said}`.
pub(crate) async fn person_said_of_all(connection: &mut PgConnection, table: &str, rows: &Value) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO field_sources AS had (table_name, row_key, source, source_key, fields, said)
         SELECT $1, n.model::text, $2, n.model::text,
            ARRAY(SELECT said_fields(ARRAY(SELECT jsonb_object_keys(n.said)), n.said)), n.said
         FROM jsonb_to_recordset($3) AS n (model uuid, said jsonb)
         ON CONFLICT (table_name, source, source_key) DO UPDATE SET
             fields = ARRAY(SELECT DISTINCT name FROM unnest(had.fields || excluded.fields) name ORDER BY name),
             said = had.said || excluded.said || CASE jsonb_typeof(excluded.said -> 'metadata') WHEN 'object' THEN
                 jsonb_build_object('metadata', coalesce(nullif(had.said -> 'metadata', 'null'), '{}') || (excluded.said -> 'metadata'))
                 ELSE '{}' END,
             last_updated = now()",
    )
    .bind(table)
    .bind(PERSON)
    .bind(rows)
    .execute(connection)
    .await
    .map(drop)
}

/// Makes the person's word of many rows just this: `rows` is a list of `{model, fields, said}`.
pub(crate) async fn set_person(connection: &mut PgConnection, table: &str, rows: &Value) -> sqlx::Result<()> {
    for sql in [
        "UPDATE field_sources w SET fields = n.fields, said = n.said, last_updated = now()
         FROM jsonb_to_recordset($3) AS n (model uuid, fields text[], said jsonb)
         WHERE w.table_name = $1 AND w.source = $2 AND w.source_key = n.model::text",
        "DELETE FROM field_sources w USING jsonb_to_recordset($3) AS n (model uuid)
         WHERE w.table_name = $1 AND w.source = $2 AND w.source_key = n.model::text AND w.fields = '{}'",
    ] {
        sqlx::query(sql).bind(table).bind(PERSON).bind(rows).execute(&mut *connection).await?;
    }
    Ok(())
}
