//! Finds the columns that a header names.

use csv::ByteRecord;

use super::{Column, Problem};

/// Another spelling that files have for a column.
const ALIASES: [(&str, &str); 1] = [("model_metadata", "metadata")];

/// The columns in the order of the header.
///
/// # Errors
/// Names that are no column, stand twice or are missing: all of them.
pub(super) fn read(header: &ByteRecord, known: Vec<Column>) -> Result<Vec<Column>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut columns: Vec<Column> = Vec::new();
    for (field, bytes) in header.iter().enumerate() {
        let name = String::from_utf8_lossy(bytes);
        let name = name.trim();
        match find(name, &known) {
            Some(column) if columns.contains(column) => {
                problems.push(Problem::at(1, &column.name, Some(field), name, "names a column twice", None));
            }
            Some(column) => columns.push(column.clone()),
            None => problems.push(unknown(field, name, &known)),
        }
    }
    let missing = |column: &&Column| column.required && !columns.contains(column);
    for column in known.iter().filter(missing) {
        problems.push(Problem::at(
            1,
            &column.name,
            None,
            "",
            "this column is missing",
            Some(format!("add a column {}", column.name)),
        ));
    }
    if problems.is_empty() { Ok(columns) } else { Err(problems) }
}

fn find<'a>(name: &str, known: &'a [Column]) -> Option<&'a Column> {
    let exact = known.iter().find(|column| column.name == name);
    let folded = || known.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    let alias = || {
        let (_, meant) = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name))?;
        known.iter().find(|column| column.name == *meant)
    };
    exact.or_else(folded).or_else(alias)
}

fn unknown(field: usize, name: &str, known: &[Column]) -> Problem {
    let names: Vec<_> = known.iter().map(|column| column.name.as_str()).collect();
    let reason = if name.is_empty() { "a column without a name" } else { "is no column of the table" };
    let near = names.iter().copied().find(|known| distance(known, name) <= 2);
    let hint = near.map_or_else(|| format!("there are {}", names.join(", ")), |near| format!("did you mean {near}?"));
    Problem::at(1, name, Some(field), name, reason, Some(hint))
}

/// How many letters to add, take away or change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
