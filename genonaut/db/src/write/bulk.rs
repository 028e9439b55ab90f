//! The same change to many models at once, in one transaction; only models whose new name cannot be given are left as
//! they are. What the others had before is kept for a while, so that the whole change can be undone.

mod change;
mod names;
mod rows;
mod undo;

use serde_json::{Map, Value, json};
use sqlx::{PgConnection, PgPool, QueryBuilder};
use uuid::Uuid;

use super::{FieldProblem, Writable, WriteError};
use crate::accounts::Viewer;
use crate::list::Conditions;
use crate::{scans, sources};

use names::Names;

pub use change::{Bulk, Replacement};
pub use names::Refusal;
pub(crate) use undo::DDL;
pub(crate) use undo::undo;
pub use undo::{Undone, expire};

/// More than anybody selects one by one.
const MOST: usize = 5000;
/// Of one filter: what one transaction writes in some seconds.
const MOST_MATCHING: usize = 100_000;
/// Rows that are read and written at once.
const CHUNK: usize = 1000;

/// Which models are changed.
#[derive(Debug, Clone, Copy)]
pub enum Selected<'a, F> {
    These(&'a [Uuid]),
    /// All that the filter leaves when the change is made.
    Matching(&'a F),
}

/// What a bulk change has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Names the change to whoever undoes it.
    pub change: Uuid,
    /// Models that were selected.
    pub reached: usize,
    /// Those that are different now.
    pub changed: Vec<Uuid>,
    /// Those that were left as they are, because of their new name.
    pub refused: Vec<Refusal>,
}

/// What is made of each model.
struct Plan<'a> {
    id: Uuid,
    change: &'a Bulk,
    names: Names,
}

/// Applies the change. Models that are gone or in the trash are left out.
pub(crate) async fn bulk<T: Writable>(
    db: &PgPool,
    selected: Selected<'_, impl Conditions>,
    change: &Bulk,
    viewer: Viewer,
) -> Result<Applied, WriteError> {
    change.check::<T>()?;
    let mut transaction = db.begin().await?;
    let ids = select::<T>(&mut transaction, selected).await?;
    let id = undo::begin(&mut transaction, T::TABLE, viewer).await?;
    let names = match &change.name {
        Some(replacement) => names::replaced::<T>(&mut transaction, &ids, replacement).await?,
        None => Names::default(),
    };
    let plan = Plan { id, change, names };
    let mut changed = Vec::new();
    for chunk in plan.names.accepted(&ids).chunks(CHUNK) {
        changed.extend(apply::<T>(&mut transaction, &plan, chunk).await?);
    }
    scans::models_changed(&mut transaction).await?;
    transaction.commit().await?;
    Ok(Applied { change: id, reached: ids.len(), changed, refused: plan.names.refused })
}

/// In one order, so that two of these never wait for each other.
async fn select<T: Writable>(
    connection: &mut PgConnection,
    selected: Selected<'_, impl Conditions>,
) -> Result<Vec<Uuid>, WriteError> {
    let mut query = QueryBuilder::new(format!("SELECT id FROM {} WHERE deleted_at IS NULL", T::TABLE));
    let most = match selected {
        Selected::These([]) => return refuse("required", "select at least one model"),
        Selected::These(ids) => {
            query.push(" AND id = ANY(").push_bind(ids).push(")");
            MOST
        }
        Selected::Matching(filter) => {
            filter.push(&mut query);
            MOST_MATCHING
        }
    };
    if let Selected::These(ids) = selected
        && ids.len() > most
    {
        return refuse("out_of_range", "select at most 5,000 models one by one");
    }
    query.push(" ORDER BY id LIMIT ").push_bind(i64::try_from(most + 1).unwrap_or(i64::MAX));
    let ids: Vec<Uuid> = query.build_query_scalar().persistent(false).fetch_all(connection).await?;
    if ids.len() > most {
        return refuse("out_of_range", "more than 100,000 models match; narrow the filter");
    }
    Ok(ids)
}

fn refuse<T>(code: &'static str, reason: &str) -> Result<T, WriteError> {
    Err(WriteError::Invalid(vec![FieldProblem::new("id", code, reason)]))
}

/// Returns those that are different now. What is set counts as the person's word even where it was the value before.
async fn apply<T: Writable>(
    connection: &mut PgConnection,
    plan: &Plan<'_>,
    ids: &[Uuid],
) -> Result<Vec<Uuid>, WriteError> {
    let (mut written, mut kept, mut words, mut changed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows::read::<T>(connection, ids).await? {
        let after = plan.fields::<T>(&row);
        if after.is_empty() {
            continue;
        }
        if after.iter().any(|(field, value)| !rows::is_same(&row.now[field], value)) {
            changed.push(row.model);
        }
        kept.push(undo::kept(&row, &after));
        words.push(json!({"model": row.model, "said": nested(&after)}));
        written.push((row.model, after));
    }
    rows::write::<T>(connection, &written).await?;
    sources::person_said_of_all(connection, T::TABLE, &Value::Array(words)).await?;
    undo::keep(connection, plan.id, kept).await?;
    Ok(changed)
}

impl Plan<'_> {
    fn fields<T: Writable>(&self, row: &rows::Row) -> Map<String, Value> {
        let name = self.names.given.get(&row.model).map(|name| ("name".to_owned(), json!(name)));
        self.change.fields::<T>(&row.now).into_iter().chain(name).collect()
    }
}

/// `metadata.weight` as `weight` in an object.
fn nested(flat: &Map<String, Value>) -> Value {
    let mut said = json!({});
    for (field, value) in flat {
        match field.split_once('.') {
            Some((column, key)) => said[column][key] = value.clone(),
            None => said[field] = value.clone(),
        }
    }
    said
}
