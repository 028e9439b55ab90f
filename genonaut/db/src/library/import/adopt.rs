//! Models that never had a file, from seed files and from people, and the new files that they mean.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

/// A model of which no file is known, now or ever.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Fileless {
    pub id: Uuid,
    pub path: String,
    pub filename: Option<String>,
    /// A scan made it; its files were forgotten before their contents were kept. Only its whole path means a file.
    pub scanned: bool,
    /// The SHA-256 that its source names.
    pub sha256: Option<String>,
}

/// A file that would be a new model.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewModel<'a> {
    pub model: Uuid,
    pub path: &'a str,
    pub name: &'a str,
    pub sha256: Option<&'a str>,
}

/// Which of the new models is which of those without a file: by the whole path before the path's end, and by the
/// filename last. Each is taken once.
pub(super) fn adopt(new: &[NewModel<'_>], fileless: &[Fileless]) -> HashMap<Uuid, Uuid> {
    let means: [fn(&Fileless, &NewModel<'_>) -> bool; 3] = [
        |row, file| row.path == file.path,
        |row, file| !row.scanned && file.path.ends_with(&ending(&row.path)),
        |row, file| !row.scanned && row.filename.as_deref() == Some(file.name),
    ];
    let (mut adopted, mut taken) = (HashMap::new(), HashSet::new());
    for means in means {
        for row in fileless {
            let free = |file: &&NewModel| !adopted.contains_key(&file.model) && !is_another(row, file);
            if taken.contains(&row.id) {
                continue;
            }
            if let Some(file) = new.iter().filter(free).find(|file| means(row, file)) {
                adopted.insert(file.model, row.id);
                taken.insert(row.id);
            }
        }
    }
    adopted
}

fn ending(path: &str) -> String {
    format!("/{}", path.replace('\\', "/").trim_start_matches(['/', '.']))
}

fn is_another(row: &Fileless, file: &NewModel<'_>) -> bool {
    row.sha256.as_deref().zip(file.sha256).is_some_and(|(named, found)| !named.eq_ignore_ascii_case(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u128, path: &str, filename: &str) -> Fileless {
        let filename = Some(filename.to_owned());
        Fileless { id: Uuid::from_u128(id), path: path.to_owned(), filename, scanned: false, sha256: None }
    }

    fn file<'a>(model: u128, path: &'a str, name: &'a str) -> NewModel<'a> {
        NewModel { model: Uuid::from_u128(model), path, name, sha256: None }
    }

    #[test]
    fn the_whole_path_comes_before_its_end_and_the_name_last() {
        let new = [file(1, "/d/pony/a.st", "a.st"), file(2, "/d/flux/a.st", "a.st"), file(3, "/d/b.st", "b.st")];
        let rows =
            [row(10, "x", "a.st"), row(11, "flux\\a.st", "zzz"), row(12, "/d/b.st", "zzz"), row(13, "y", "b.st")];
        let adopted = adopt(&new, &rows);
        let of = |id| adopted.get(&Uuid::from_u128(id)).map(Uuid::as_u128);
        assert_eq!((of(1), of(2), of(3)), (Some(10), Some(11), Some(12)));
    }

    #[test]
    fn a_row_whose_content_is_known_to_differ_is_never_adopted_by_name() {
        let new = [NewModel { sha256: Some("ab"), ..file(1, "/d/a.st", "a.st") }];
        let named = |sha256: &str| Fileless { sha256: Some(sha256.to_owned()), ..row(10, "x", "a.st") };
        assert!(adopt(&new, &[named("cd")]).is_empty());
        assert_eq!(adopt(&new, &[named("AB")]).len(), 1);
        assert!(adopt(&new, &[Fileless { scanned: true, ..row(10, "x", "a.st") }]).is_empty());
    }
}
