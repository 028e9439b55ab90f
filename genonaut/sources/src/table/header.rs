//! Finds the columns that a header names.

use csv::ByteRecord;

use super::{Column, Problem, delimiter};

/// Another spelling that files have for a column.
const ALIASES: [(&str, &str); 1] = [("model_metadata", "metadata")];

/// The columns in the order of the header, `None` where it names no column, and everything that is wrong with it. A column
/// without a name is nothing wrong: Excel writes such for cells that were emptied. What does not fit names the delimiter that
/// was taken, since that may be what is wrong.
pub(super) fn read(
    header: &ByteRecord,
    line: u64,
    known: &[Column],
    delimiter: u8,
) -> (Vec<Option<Column>>, Vec<Problem>) {
    let taken = format!("(the file was read as {}-separated)", delimiter::name(delimiter));
    let mut problems = Vec::new();
    let mut columns: Vec<Option<Column>> = Vec::new();
    for (field, bytes) in header.iter().enumerate() {
        if bytes.trim_ascii().is_empty() {
            columns.push(None);
            continue;
        }
        let column = column(bytes, known, &taken).and_then(|column| match columns.contains(&Some(column.clone())) {
            true => Err(Problem::at(line, &column.name, Some(field), &column.name, "names a column twice", None)),
            false => Ok(column),
        });
        columns.push(column.map_err(|problem| problems.push(Problem { line, field: Some(field + 1), ..problem })).ok());
    }
    let missing = |column: &&Column| column.required && !columns.contains(&Some((*column).clone()));
    problems.extend(known.iter().filter(missing).map(|column| missing_column(line, &column.name, &taken)));
    (columns, problems)
}

fn column(bytes: &[u8], known: &[Column], taken: &str) -> Result<Column, Problem> {
    let name = String::from_utf8_lossy(bytes);
    let name = name.trim();
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::at(0, "", None, name, "is not UTF-8", Some("save the file as UTF-8".into())));
    }
    find(name, known).cloned().ok_or_else(|| unknown(name, known, taken))
}

fn missing_column(line: u64, name: &str, taken: &str) -> Problem {
    Problem::at(line, name, None, "", "this column is missing", Some(format!("add a column {name} {taken}")))
}

pub(super) fn find<'a>(name: &str, known: &'a [Column]) -> Option<&'a Column> {
    let exact = known.iter().find(|column| column.name == name);
    let folded = || known.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    let alias = || {
        let (_, meant) = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name))?;
        known.iter().find(|column| column.name == *meant)
    };
    exact.or_else(folded).or_else(alias)
}

fn unknown(name: &str, known: &[Column], taken: &str) -> Problem {
    let names: Vec<_> = known.iter().map(|column| column.name.as_str()).collect();
    let near = names.iter().copied().find(|known| distance(known, name) <= 2);
    let all = || format!("use one of {} {taken}", names.join(", "));
    let hint = near.map_or_else(all, |near| format!("did you mean {near}?"));
    Problem::at(0, name, None, name, "is not a column of the table", Some(hint))
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
