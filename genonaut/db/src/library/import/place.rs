//! Which model a file is: the one that was at its path, one that has moved there, a copy of one, one that only its
//! seed file knew, or a new one.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Batch, Entry, NewFile, TABLES, Table, table_name};

/// A file with its model.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub file: &'a NewFile,
    pub entry: &'a Entry,
    pub model: Uuid,
    pub how: How,
    /// Whether its words are the model's: those of the first file that is there are.
    pub speaks: bool,
    /// The path of the whole file.
    pub path: String,
    /// As the catalogue will have them; chosen so that no two models have the same.
    pub filename: Option<String>,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Added,
    Known,
    /// The row of `files` that was elsewhere.
    Moved {
        row: i64,
    },
    /// The same as another file, which is there or was.
    Copy,
    Adopted,
}

/// A row of `files`.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Row {
    id: i64,
    root: String,
    folder: String,
    name: String,
    digest: Option<Vec<u8>>,
    table_name: Option<String>,
    model: Option<Uuid>,
    sha256: Option<String>,
    /// Whether another row has this model too.
    shared: bool,
}

const ROW: &str = "SELECT f.id, r.path AS root, f.folder, f.name, f.digest, f.table_name, f.model, f.sha256,
    EXISTS (SELECT FROM files o WHERE o.model = f.model AND o.id <> f.id) AS shared
    FROM files f JOIN roots r ON r.id = f.root";

pub(super) async fn all<'a>(
    connection: &mut PgConnection,
    batch: &'a Batch,
    exists: &impl Fn(&str, &str) -> bool,
) -> sqlx::Result<Vec<Placed<'a>>> {
    let here = here(connection, batch).await?;
    let alike = alike(connection, batch).await?;
    let mut found = Search { here, alike, fresh: HashMap::new(), taken: Vec::new(), exists };
    let mut placed: Vec<_> = batch
        .files
        .iter()
        .filter_map(|file| {
            let entry = file.entry.as_ref()?;
            let (model, how) = found.place(file, entry.table);
            let path = [&batch.path, &file.folder, &file.name].map(String::as_str);
            let path = path.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
            Some(Placed { file, entry, model, how, speaks: false, path, filename: None, name: None })
        })
        .collect();
    for table in TABLES {
        adopt(connection, table, &mut placed).await?;
    }
    Ok(placed)
}

/// Rows at the places of the batch.
async fn here(connection: &mut PgConnection, batch: &Batch) -> sqlx::Result<HashMap<(String, String), Row>> {
    let folders: BTreeSet<_> = batch.files.iter().map(|file| file.folder.clone()).collect();
    let folders: Vec<_> = folders.into_iter().collect();
    let sql = format!("{ROW} WHERE f.root = $1 AND f.folder = ANY($2)");
    let rows: Vec<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(batch.root).bind(folders).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| ((row.folder.clone(), row.name.clone()), row)).collect())
}

/// Rows of models with the same digest as a file of the batch, those that are there first.
async fn alike(connection: &mut PgConnection, batch: &Batch) -> sqlx::Result<HashMap<Vec<u8>, Vec<Row>>> {
    let digests: Vec<_> = batch.files.iter().filter_map(|file| file.digest.as_ref()).collect();
    let sql =
        format!("{ROW} WHERE f.digest = ANY($1) AND f.model IS NOT NULL ORDER BY f.missing_since IS NOT NULL, f.id");
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(digests).fetch_all(connection).await?;
    let mut alike: HashMap<Vec<u8>, Vec<Row>> = HashMap::new();
    for row in rows {
        alike.entry(row.digest.clone().unwrap_or_default()).or_default().push(row);
    }
    Ok(alike)
}

struct Search<'a, F> {
    here: HashMap<(String, String), Row>,
    alike: HashMap<Vec<u8>, Vec<Row>>,
    /// Models that this batch has made, by digest.
    fresh: HashMap<(Table, Vec<u8>), Uuid>,
    /// Rows that have been given another place already.
    taken: Vec<i64>,
    exists: &'a F,
}

impl<F: Fn(&str, &str) -> bool> Search<'_, F> {
    fn place(&mut self, file: &NewFile, table: Table) -> (Uuid, How) {
        let here = self.here.get(&(file.folder.clone(), file.name.clone())).filter(|row| row.is(table)).cloned();
        let same = here.as_ref().filter(|row| row.digest == file.digest);
        if let Some(model) = same.and_then(|row| row.model) {
            return (model, How::Known);
        }
        if let Some(found) = self.elsewhere(file, table, here.as_ref().and_then(|row| row.sha256.as_deref())) {
            return found;
        }
        // Another version under the same name: the same model, unless another file is the version it was.
        if let Some(model) = here.filter(|row| !row.shared).and_then(|row| row.model) {
            return (model, How::Known);
        }
        let model = Uuid::now_v7();
        if let Some(digest) = &file.digest {
            self.fresh.insert((table, digest.clone()), model);
        }
        (model, How::Added)
    }

    fn elsewhere(&mut self, file: &NewFile, table: Table, sha256: Option<&str>) -> Option<(Uuid, How)> {
        let digest = file.digest.as_ref()?;
        // Two files that were read whole and differ are no copies, whatever their samples say.
        let could_be =
            |row: &&Row| row.is(table) && (sha256.is_none() || row.sha256.is_none() || row.sha256.as_deref() == sha256);
        let rows: Vec<_> = self.alike.get(digest).into_iter().flatten().filter(could_be).cloned().collect();
        let gone = rows.iter().find(|row| {
            let path = if row.folder.is_empty() { row.name.clone() } else { format!("{}/{}", row.folder, row.name) };
            // Where the root itself is away nothing is known of what lies in it.
            !self.taken.contains(&row.id) && !(self.exists)(&row.root, &path) && (self.exists)(&row.root, "")
        });
        if let Some((row, model)) = gone.and_then(|row| Some((row.id, row.model?))) {
            self.taken.push(row);
            return Some((model, How::Moved { row }));
        }
        let copied = rows.iter().find_map(|row| row.model);
        copied.or_else(|| self.fresh.get(&(table, digest.clone())).copied()).map(|model| (model, How::Copy))
    }
}

impl Row {
    fn is(&self, table: Table) -> bool {
        self.table_name.as_deref() == Some(table_name(table))
    }
}

#[derive(sqlx::FromRow)]
struct Fileless {
    id: Uuid,
    path: String,
    filename: Option<String>,
}

/// Models without a file that mean one of these: by the whole path, by its end, or by the filename.
async fn adopt(connection: &mut PgConnection, table: Table, placed: &mut [Placed<'_>]) -> sqlx::Result<()> {
    let new = |file: &&mut Placed| file.how == How::Added && file.entry.table == table;
    let paths: Vec<_> = placed.iter_mut().filter(new).map(|file| file.path.clone()).collect();
    let names: Vec<_> = placed.iter_mut().filter(new).map(|file| file.file.name.clone()).collect();
    let sql = format!(
        "SELECT id, path, filename FROM {0} m WHERE (path = ANY($1) OR filename = ANY($2))
            AND NOT EXISTS (SELECT FROM files WHERE model = m.id)",
        table_name(table)
    );
    let rows: Vec<Fileless> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(paths).bind(names).fetch_all(connection).await?;
    for row in rows {
        let end = format!("/{}", row.path.replace('\\', "/").trim_start_matches(['/', '.']));
        let meant = |file: &Placed| file.path == row.path || file.path.ends_with(&end);
        let named = |file: &Placed| row.filename.as_ref() == Some(&file.file.name);
        let mut new: Vec<_> = placed.iter_mut().filter(new).collect();
        let at = new.iter().position(|file| meant(file)).or_else(|| new.iter().position(|file| named(file)));
        if let Some(at) = at {
            (new[at].model, new[at].how) = (row.id, How::Adopted);
        }
    }
    Ok(())
}
