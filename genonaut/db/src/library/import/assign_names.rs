//! Filenames and names that no two models share: a second one gets as much of its path as tells it apart.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{Batch, Placed, TABLES, Table, table_name};

/// A model that has one of the names, or is of the batch.
#[derive(sqlx::FromRow)]
struct Holder {
    id: Uuid,
    filename: Option<String>,
    name: Option<String>,
    /// Whether the scan itself has given it these, and nobody else holds to them.
    owns_filename: bool,
    owns_name: bool,
}

/// Chooses for every primary file. A model of the batch lets a name go that its file does not have any more, so that two
/// can change theirs.
pub(super) async fn choose(
    connection: &mut PgConnection,
    batch: &Batch,
    placed: &mut [Placed<'_>],
) -> sqlx::Result<()> {
    for table in TABLES {
        let mine: Vec<_> = placed.iter_mut().filter(|file| file.entry.table == table && file.is_primary).collect();
        let wanted: Vec<_> = mine.iter().map(|file| Wanted::new(batch, file)).collect();
        let all: Vec<&String> = wanted.iter().flat_map(Wanted::all).collect();
        let ids: Vec<_> = mine.iter().map(|file| file.model).collect();
        let holders = holders(connection, table, &all, &ids).await?;
        let by_model: HashMap<Uuid, &Wanted> = ids.iter().copied().zip(&wanted).collect();
        let mut filenames = Taken::new(holders.iter().filter_map(|row| {
            let keeps = |name: &String| by_model.get(&row.id).is_none_or(|wanted| wanted.filenames.contains(name));
            let name = row.filename.clone()?;
            (!row.owns_filename || keeps(&name)).then_some((name, row.id))
        }));
        let mut names = Taken::new(holders.iter().filter_map(|row| {
            let keeps = |name: &String| {
                by_model.get(&row.id).is_none_or(|wanted| wanted.titles.contains(name) || wanted.stems.contains(name))
            };
            let name = row.name.clone()?;
            (!row.owns_name || keeps(&name)).then_some((name, row.id))
        }));
        let mut files: Vec<_> = mine.into_iter().zip(&wanted).collect();
        // A name that the database must trim gives way to one that is so called.
        files.sort_by_key(|(file, _)| trimmed(stem(&file.file.name)) != stem(&file.file.name));
        for (file, wanted) in files {
            file.filename = filenames.choose(file.model, &wanted.filenames, &[]);
            file.name = names.choose(file.model, &wanted.titles, &wanted.stems);
        }
    }
    Ok(())
}

async fn holders(
    connection: &mut PgConnection,
    table: Table,
    names: &[&String],
    models: &[Uuid],
) -> sqlx::Result<Vec<Holder>> {
    let table = table_name(table);
    let owns = |field: &str| {
        format!(
            "coalesce(w.said ->> '{field}' = m.{field}, false) AND NOT EXISTS (SELECT FROM field_sources o
                WHERE o.table_name = '{table}' AND o.row_key = m.id::text AND o.source <> 'scan' AND '{field}' = ANY(o.fields))
             AS owns_{field}"
        )
    };
    let sql = format!(
        "SELECT m.id, m.filename, m.name, {}, {} FROM {table} m
         LEFT JOIN field_sources w ON w.table_name = '{table}' AND w.source = 'scan' AND w.source_key = m.id::text
         WHERE m.filename = ANY($1) OR m.name = ANY($1) OR m.id = ANY($2)",
        owns("filename"),
        owns("name")
    );
    sqlx::query_as(AssertSqlSafe(sql)).bind(names).bind(models).fetch_all(connection).await
}

/// What a model would like to be called, the best first.
struct Wanted {
    filenames: Vec<String>,
    /// As its metadata calls it, alone and with its version.
    titles: Vec<String>,
    /// As its path calls it.
    stems: Vec<String>,
}

impl Wanted {
    fn new(batch: &Batch, file: &Placed) -> Self {
        let text = |field: &str| file.entry.fields.get(field).and_then(|value| value.as_str());
        let filenames = suffixes(&format!("{}/{}/{}", batch.path, file.file.folder, file.file.name));
        let stems = filenames.iter().map(|name| trimmed(stem(name))).filter(|stem| !stem.is_empty()).collect();
        let filenames = filenames.iter().map(|name| trimmed(name)).collect();
        let titles = text("name").into_iter().flat_map(|name| {
            let versioned = text("version").map(|version| format!("{name} ({version})"));
            [Some(name.to_owned()), versioned].into_iter().flatten().map(|title| trimmed(&title))
        });
        Self { titles: titles.collect(), stems, filenames }
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.filenames.iter().chain(&self.titles).chain(&self.stems)
    }
}

/// As the database will have it.
fn trimmed(name: &str) -> String {
    name.trim_matches(' ').to_owned()
}

/// `c`, `b/c`, `a/b/c`, … of a path.
fn suffixes(path: &str) -> Vec<String> {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    (0..parts.len()).rev().map(|from| parts[from..].join("/")).collect()
}

/// Without the last extension, as the database takes it off.
fn stem(filename: &str) -> &str {
    match filename.rfind('.') {
        Some(at) if at > 0 && !filename[at..].contains('/') => &filename[..at],
        _ => filename,
    }
}

/// Who has which name.
struct Taken(HashMap<String, Uuid>);

impl Taken {
    fn new(held: impl Iterator<Item = (String, Uuid)>) -> Self {
        Self(held.collect())
    }

    /// One of the first list that the model has already, so that it is called the same after every scan; else the
    /// first that nobody else has.
    fn choose(&mut self, model: Uuid, first: &[String], then: &[String]) -> Option<String> {
        let mine = first.iter().find(|name| self.0.get(*name) == Some(&model));
        let free = || first.iter().chain(then).find(|name| self.0.get(*name).is_none_or(|holder| *holder == model));
        let chosen = match mine.or_else(free) {
            Some(name) => name.clone(),
            // Whoever has all of them is not asked to give way.
            None => format!("{} ({})", first.first().or(then.first())?, &model.simple().to_string()[24..]),
        };
        self.0.insert(chosen.clone(), model);
        Some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shortened_from_the_left() {
        assert_eq!(suffixes("/data/pony/style.st"), ["style.st", "pony/style.st", "data/pony/style.st"]);
        assert_eq!((stem("pony.x/style"), stem("a.b.st"), stem(".hidden")), ("pony.x/style", "a.b", ".hidden"));
    }

    #[test]
    fn a_name_stays_with_its_model() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut taken = Taken::new([("x".to_owned(), a), ("p/x".to_owned(), b)].into_iter());
        let wanted = ["x", "p/x", "q/p/x"].map(str::to_owned);
        assert_eq!(taken.choose(b, &wanted, &[]).as_deref(), Some("p/x"));
        assert_eq!(taken.choose(Uuid::from_u128(3), &wanted, &[]).as_deref(), Some("q/p/x"));
        assert_eq!(taken.choose(Uuid::from_u128(4), &wanted, &[]).as_deref(), Some("x (00000004)"));
        let said = ["Said".to_owned()];
        assert_eq!(taken.choose(a, &said, &wanted).as_deref(), Some("Said"), "what is said is better than a path");
        assert_eq!(taken.choose(b, &said, &wanted).as_deref(), Some("p/x"));
    }
}
