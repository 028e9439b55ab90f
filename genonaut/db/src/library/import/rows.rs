//! Models' rows, merged in as a seed file's are: per field, and never over the word of anybody who outranks a scan.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Placed, RowProblem, Table, table_name};
use crate::seed::{self, TextRow};
use crate::sources::SCAN;
use crate::{checkpoint, lora};

/// The columns that a scan may speak of: all that a person may write, but the rating.
fn header(table: Table) -> Vec<&'static str> {
    let columns: Vec<_> = match table {
        Table::Checkpoints => checkpoint::columns().collect(),
        Table::Loras => lora::columns().collect(),
    };
    let columns = columns.into_iter().filter(|column| *column != "rating");
    ["id"].into_iter().chain(columns).collect()
}

/// What came of the rows of a table.
#[derive(Default)]
pub(super) struct Merged {
    /// How many models that were known are different now.
    pub updated: u64,
    pub problems: Vec<RowProblem>,
}

/// Merges the rows of a table. A row that breaks a rule of it is left as it was, and is a problem; files of one that is
/// not there are no model's then.
pub(super) async fn merge(connection: &mut PgConnection, table: Table, placed: &[Placed<'_>]) -> sqlx::Result<Merged> {
    let header = header(table);
    let primary: Vec<_> = placed.iter().filter(|file| file.entry.table == table && file.is_primary).collect();
    if primary.is_empty() {
        return Ok(Merged::default());
    }
    let rows = primary.iter().enumerate().map(|(at, file)| TextRow {
        line: at as u64 + 1,
        cells: header.iter().map(|column| cell(file, column)).collect(),
    });
    let (counts, refused) = seed::merge_scanned(connection, table_name(table), &header, rows.collect(), SCAN).await?;
    let mut problems = Vec::new();
    for problem in refused {
        let file = usize::try_from(problem.line).ok().and_then(|line| primary.get(line.checked_sub(1)?));
        let field = problem.column.as_deref().unwrap_or("row");
        let reason = format!("its {field} cannot be stored: it {}", problem.reason);
        problems.extend(file.map(|file| RowProblem { path: file.path.clone(), reason }));
    }
    if !problems.is_empty() {
        part_unwritten(connection, table, &primary).await?;
    }
    remember_files(connection, table, &primary).await?;
    Ok(Merged { updated: u64::try_from(counts.updated).unwrap_or_default(), problems })
}

/// Files of models that are not there for that reason: they are listed as no models, and read again by
/// the next scan.
async fn part_unwritten(connection: &mut PgConnection, table: Table, primary: &[&Placed<'_>]) -> sqlx::Result<()> {
    let models: Vec<_> = primary.iter().map(|file| file.model).collect();
    let table = table_name(table);
    let sql = format!(
        "WITH parted AS (UPDATE files SET model = NULL, table_name = NULL, problem = 'not-kept', reason = 'its row cannot be written'
            WHERE model = ANY($1) AND table_name = '{table}' AND NOT EXISTS (SELECT FROM {table} WHERE id = files.model)
            RETURNING root, folder)
         DELETE FROM folders USING parted WHERE folders.root = parted.root AND folders.path = parted.folder"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(models).execute(connection).await.map(drop)
}

/// Which file each field of these rows is from.
async fn remember_files(connection: &mut PgConnection, table: Table, primary: &[&Placed<'_>]) -> sqlx::Result<()> {
    let ids: Vec<_> = primary.iter().map(|file| file.model.to_string()).collect();
    let told: Vec<_> = primary.iter().map(|file| told(file)).collect();
    sqlx::query(
        "UPDATE field_sources w SET told = new.told::jsonb FROM unnest($1::text[], $2::text[]) new (id, told)
         WHERE w.table_name = $3 AND w.source = $4 AND w.source_key = new.id AND w.told IS DISTINCT FROM new.told::jsonb",
    )
    .bind(ids)
    .bind(told)
    .bind(table_name(table))
    .bind(SCAN)
    .execute(connection)
    .await
    .map(drop)
}

fn cell(file: &Placed, column: &str) -> Option<String> {
    match column {
        "id" => Some(file.model.to_string()),
        "path" => Some(file.path.clone()),
        "filename" => file.filename.clone(),
        "name" => file.name.clone(),
        column => file.entry.fields.get(column).and_then(text),
    }
}

/// A value as PostgreSQL's input functions read it; `None` when it says nothing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(words) if words.is_empty() => None,
        Value::Array(words) => {
            let quoted = words.iter().filter_map(Value::as_str).map(|word| {
                let escaped = word.replace('\\', "\\\\").replace('"', "\\\"");
                format!("\"{escaped}\"")
            });
            Some(format!("{{{}}}", quoted.collect::<Vec<_>>().join(",")))
        }
        other => Some(other.to_string()),
    }
}

/// Who said what; a name that was chosen because another was taken comes from the path.
fn told(file: &Placed) -> String {
    let mut told = file.entry.told.clone();
    let said = file.entry.fields.get("name").and_then(Value::as_str);
    if said.is_none() || said != file.name.as_deref() {
        told.insert("name".to_owned(), "file name".to_owned());
    }
    for field in ["path", "filename"] {
        told.insert(field.to_owned(), "file name".to_owned());
    }
    serde_json::to_string(&told).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_as_postgresql_reads_them() {
        assert_eq!(text(&json!(["a b", "c\"d\\e", "{x,y}"])).as_deref(), Some(r#"{"a b","c\"d\\e","{x,y}"}"#));
        assert_eq!((text(&json!([])), text(&json!(null))), (None, None));
        assert_eq!(text(&json!({"a": 1})).as_deref(), Some(r#"{"a":1}"#));
    }
}
