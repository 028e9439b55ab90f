//! New names of many models at once: which of them can be given, and why the other models keep the name they have.

use std::collections::{HashMap, HashSet};

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::super::{Writable, error};
use super::change::Replacement;

/// As the columns have it.
pub(super) const MOST_CHARACTERS: usize = 1000;
const MOST_BYTES: usize = 2600;

/// A model whose name stays as it is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub model: Uuid,
    /// The name that it has.
    pub name: String,
    /// `required`, `out_of_range` or `duplicate`.
    pub code: &'static str,
    pub reason: String,
}

#[derive(Debug, Default)]
pub(super) struct Names {
    /// The new name of each model that can have it.
    pub given: HashMap<Uuid, String>,
    pub refused: Vec<Refusal>,
}

/// A name that a model has, and the one that it is to have.
#[derive(Debug, sqlx::FromRow)]
struct Rename {
    model: Uuid,
    name: String,
    wanted: String,
}

/// The text replaced in the names that have it. Holds these rows until the transaction ends.
pub(super) async fn replaced<T: Writable>(
    connection: &mut PgConnection,
    ids: &[Uuid],
    replacement: &Replacement,
) -> sqlx::Result<Names> {
    let table = T::TABLE;
    let sql =
        format!("SELECT id, name FROM {table} WHERE id = ANY($1) AND strpos(name, $2) > 0 ORDER BY id FOR UPDATE");
    let rows = sqlx::query_as(AssertSqlSafe(sql)).bind(ids).bind(&replacement.find);
    let rows: Vec<(Uuid, String)> = rows.fetch_all(&mut *connection).await?;
    let rename = |(model, name): (Uuid, String)| Rename { model, wanted: replacement.of(&name), name };
    let mut renames: Vec<_> = rows.into_iter().map(rename).filter(|rename| rename.wanted != rename.name).collect();
    // Of several that would get the same name the first in the list has it.
    renames.sort_by(|one, other| one.name.cmp(&other.name));
    free::<T>(connection, renames).await
}

/// The names from before a change, of the models that still have the one it gave them.
pub(super) async fn restored<T: Writable>(connection: &mut PgConnection, change: Uuid) -> sqlx::Result<Names> {
    let table = T::TABLE;
    let sql = format!(
        "SELECT m.id AS model, m.name, k.before ->> 'name' AS wanted
         FROM bulk_change_rows k JOIN {table} m ON m.id = k.model
         WHERE k.change = $1 AND m.name = k.after ->> 'name' ORDER BY m.id FOR UPDATE OF m"
    );
    let renames = sqlx::query_as(AssertSqlSafe(sql)).bind(change).fetch_all(&mut *connection).await?;
    free::<T>(connection, renames).await
}

/// A name is taken if any model has it before the change, even one that the change renames: the table checks every row as
/// it is written, and rows are written in no order of their names.
async fn free<T: Writable>(connection: &mut PgConnection, renames: Vec<Rename>) -> sqlx::Result<Names> {
    let mut holders = holders::<T>(connection, &renames).await?;
    let mut names = Names::default();
    for Rename { model, name, wanted } in renames {
        let taken = || Some(("duplicate", format!("\"{wanted}\" is already the name of {}", holders.get(&wanted)?)));
        if let Some((code, reason)) = malformed::<T>(&wanted).or_else(taken) {
            names.refused.push(Refusal { model, name, code, reason });
        } else {
            holders.insert(wanted.clone(), "another of these models");
            names.given.insert(model, wanted);
        }
    }
    Ok(names)
}

/// Whose each of the wanted names is, where it is somebody's.
async fn holders<T: Writable>(
    connection: &mut PgConnection,
    renames: &[Rename],
) -> sqlx::Result<HashMap<String, &'static str>> {
    let wanted = renames.iter().map(|rename| rename.wanted.as_str());
    let wanted: Vec<&str> = wanted.filter(|wanted| malformed::<T>(wanted).is_none()).collect();
    let sql = format!("SELECT name, deleted_at IS NOT NULL FROM {} WHERE name = ANY($1)", T::TABLE);
    let rows: Vec<(String, bool)> = sqlx::query_as(AssertSqlSafe(sql)).bind(wanted).fetch_all(connection).await?;
    let holder = |is_trashed| if is_trashed { "a model in the trash" } else { "another model" };
    Ok(rows.into_iter().map(|(name, is_trashed)| (name, holder(is_trashed))).collect())
}

/// The table would put the file's name in place of an empty one.
fn malformed<T: Writable>(name: &str) -> Option<(&'static str, String)> {
    if name.is_empty() {
        return Some(("required", "the new name would be empty".to_owned()));
    }
    if name.chars().count() <= MOST_CHARACTERS && name.len() <= MOST_BYTES {
        return None;
    }
    Some(("out_of_range", format!("the new name {}", error::rule_in_words(T::TABLE, "name")?)))
}

impl Names {
    /// These models without those that are refused.
    pub fn accepted(&self, ids: &[Uuid]) -> Vec<Uuid> {
        let refused: HashSet<Uuid> = self.refused.iter().map(|refusal| refusal.model).collect();
        ids.iter().copied().filter(|id| !refused.contains(id)).collect()
    }
}
