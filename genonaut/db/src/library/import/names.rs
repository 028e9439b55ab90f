//! Filenames and names that no two models share: a second one gets as much of its path as tells it apart.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::place::Placed;
use super::{Batch, TABLES, table_name};

#[derive(sqlx::FromRow)]
struct Held {
    id: Uuid,
    filename: Option<String>,
    name: Option<String>,
}

/// Chooses for every file that speaks for its model.
pub(super) async fn choose(
    connection: &mut PgConnection,
    batch: &Batch,
    placed: &mut [Placed<'_>],
) -> sqlx::Result<()> {
    for table in TABLES {
        let mine: Vec<_> = placed.iter_mut().filter(|file| file.entry.table == table && file.speaks).collect();
        let wanted: Vec<_> = mine.iter().map(|file| Wanted::new(batch, file)).collect();
        let all: Vec<&String> = wanted.iter().flat_map(Wanted::all).collect();
        let ids: Vec<_> = mine.iter().map(|file| file.model).collect();
        let sql = format!(
            "SELECT id, filename, name FROM {} WHERE filename = ANY($1) OR name = ANY($1) OR id = ANY($2)",
            table_name(table)
        );
        let held: Vec<Held> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(all).bind(ids).fetch_all(&mut *connection).await?;
        let mut names = Taken::new(held.iter().filter_map(|row| Some((row.name.clone()?, row.id))));
        let mut filenames = Taken::new(held.iter().filter_map(|row| Some((row.filename.clone()?, row.id))));
        for (file, wanted) in mine.into_iter().zip(wanted) {
            file.filename = filenames.choose(file.model, &wanted.filenames, &[]);
            file.name = names.choose(file.model, &wanted.said, &wanted.stems);
        }
    }
    Ok(())
}

/// What a model would like to be called, the best first.
struct Wanted {
    filenames: Vec<String>,
    /// As somebody calls it, alone and with its version.
    said: Vec<String>,
    /// As its path calls it.
    stems: Vec<String>,
}

impl Wanted {
    fn new(batch: &Batch, file: &Placed) -> Self {
        let text = |field: &str| file.entry.fields.get(field).and_then(|value| value.as_str());
        let filenames = suffixes(&format!("{}/{}/{}", batch.path, file.file.folder, file.file.name));
        let stems = filenames.iter().map(|name| stem(name).to_owned()).collect();
        let said = text("name").into_iter().flat_map(|name| {
            let versioned = text("version").map(|version| format!("{name} ({version})"));
            [Some(name.to_owned()), versioned].into_iter().flatten()
        });
        Self { said: said.collect(), stems, filenames }
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.filenames.iter().chain(&self.said).chain(&self.stems)
    }
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
        let chosen = mine.or_else(free)?.clone();
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
        assert_eq!(taken.choose(Uuid::from_u128(4), &wanted, &[]), None);
        let said = ["Said".to_owned()];
        assert_eq!(taken.choose(a, &said, &wanted).as_deref(), Some("Said"), "what is said is better than a path");
        assert_eq!(taken.choose(b, &said, &wanted).as_deref(), Some("p/x"));
    }
}
