//! What a file would change or has changed, as the page shows it: every text ready.

use form_urlencoded::Serializer;
use genonaut_db::seed::{Counts, FieldChange, FieldConflict, Imported, Preview, RowChange};
use genonaut_sources::table::Problem;
use serde_json::Value;

use crate::uploads::Upload;
use crate::web::imports::view::whole;
use crate::web::models::{Kind, grouped};

/// Changed rows on one page.
pub(super) const ROWS: usize = 100;
/// Refused rows that are listed.
const REFUSED: usize = 100;
/// Letters of a value that are shown.
const LONGEST: usize = 200;

/// Which page, and whose values win.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// Columns in which the file's do.
    pub file_wins: Vec<String>,
    /// From 1 on.
    pub page: usize,
}

pub(super) struct PreviewView {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub counts: CountsView,
    pub columns: Vec<ColumnView>,
    pub rows: Vec<RowView>,
    pub refused: RefusedView,
    pub importable: bool,
    /// Which rows are shown of how many; nothing where all are.
    pub range: Option<String>,
    pub prev: Option<String>,
    pub next: Option<String>,
}

pub(super) struct ResultView {
    pub name: String,
    pub kind: Kind,
    pub counts: CountsView,
    pub refused: RefusedView,
    pub kept: ConflictsView,
    pub overwritten: ConflictsView,
}

pub(super) struct CountsView {
    pub new: String,
    pub changed: String,
    pub unchanged: String,
    pub refused: String,
}

/// A column in which somebody's values differ from the file's.
pub(super) struct ColumnView {
    pub name: String,
    pub label: String,
    pub count: String,
    pub file_wins: bool,
}

pub(super) struct RowView {
    pub line: i64,
    pub model: String,
    pub is_new: bool,
    pub fields: Vec<FieldView>,
}

pub(super) struct FieldView {
    pub name: String,
    pub old: String,
    pub new: String,
    pub is_kept: bool,
    pub is_overwritten: bool,
}

pub(super) struct RefusedView {
    pub count: String,
    pub lines: Vec<String>,
    /// Those that are not listed.
    pub more: usize,
}

/// Fields in which the file and somebody differ.
pub(super) struct ConflictsView {
    pub count: i64,
    pub lines: Vec<String>,
    pub more: i64,
}

const WINS: &str = "wins.";

impl Choice {
    pub fn parse(query: &[u8]) -> Self {
        form_urlencoded::parse(query).into_owned().collect::<Vec<_>>().into()
    }

    pub fn offset(&self) -> usize {
        (self.page - 1).saturating_mul(ROWS)
    }

    /// Another page with the same choices.
    fn url(&self, id: &str, page: usize) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.file_wins.iter().map(|column| (format!("{WINS}{column}"), "file")));
        query.append_pair("page", &page.to_string());
        format!("/models/import/csv/{id}?{}", query.finish())
    }
}

impl From<Vec<(String, String)>> for Choice {
    fn from(pairs: Vec<(String, String)>) -> Self {
        let mut pages = pairs.iter().filter(|(name, _)| name == "page");
        let page: Option<usize> = pages.find_map(|(_, value)| value.parse().ok());
        let wins = pairs.iter().filter(|(_, value)| value == "file").filter_map(|(name, _)| name.strip_prefix(WINS));
        let file_wins = wins.map(str::to_owned).collect();
        // Beyond any file that can be uploaded.
        Self { file_wins, page: page.unwrap_or(1).clamp(1, 1_000_000) }
    }
}

impl PreviewView {
    pub fn new(upload: &Upload, choice: &Choice, preview: Preview) -> Self {
        let (id, counts) = (upload.id.to_string(), preview.outcome.counts);
        let changed = usize::try_from(counts.inserted + counts.updated + counts.kept).unwrap_or_default();
        let refused = RefusedView::new(&preview.outcome.problems);
        let (start, end) = (choice.offset(), choice.offset() + preview.rows.len());
        let range = (changed > ROWS).then(|| format!("Rows {}–{end} of {}", (start + 1).min(end), whole(changed)));
        Self {
            prev: (choice.page > 1).then(|| choice.url(&id, choice.page - 1)),
            next: (end < changed).then(|| choice.url(&id, choice.page + 1)),
            range,
            id,
            name: upload.name.clone(),
            kind: kind(upload),
            counts: CountsView::new(&counts, &refused),
            columns: preview.conflicts.into_iter().map(|column| ColumnView::new(column, choice)).collect(),
            rows: preview.rows.into_iter().map(RowView::from).collect(),
            refused,
            importable: preview.outcome.importable,
        }
    }

    pub fn changes_anything(&self) -> bool {
        !self.rows.is_empty() || self.prev.is_some()
    }
}

impl ResultView {
    pub fn new(upload: &Upload, imported: &Imported) -> Self {
        let counts = &imported.outcome.counts;
        let refused = RefusedView::new(&imported.outcome.problems);
        let kept =
            |field: &FieldConflict| format!("is still {}; the file has {}", shown(&field.current), shown(&field.file));
        let gone = |field: &FieldConflict| format!("was {} and is {} now", shown(&field.current), shown(&field.file));
        Self {
            name: upload.name.clone(),
            kind: kind(upload),
            counts: CountsView::new(counts, &refused),
            refused,
            kept: ConflictsView::new(&imported.kept_list, counts.kept_fields, kept),
            overwritten: ConflictsView::new(&imported.overwritten_list, counts.overwritten_fields, gone),
        }
    }
}

impl CountsView {
    fn new(counts: &Counts, refused: &RefusedView) -> Self {
        Self {
            new: grouped(counts.inserted),
            changed: grouped(counts.updated),
            unchanged: grouped(counts.unchanged + counts.kept),
            refused: refused.count.clone(),
        }
    }
}

impl ColumnView {
    fn new((name, count): (String, i64), choice: &Choice) -> Self {
        let count = format!("{} {}", grouped(count), if count == 1 { "value differs" } else { "values differ" });
        Self { label: label(&name), file_wins: choice.file_wins.contains(&name), count, name }
    }
}

impl From<RowChange> for RowView {
    fn from(row: RowChange) -> Self {
        let fields = row.fields.into_iter().map(FieldView::from).collect();
        Self { line: row.line, model: row.model, is_new: row.is_new, fields }
    }
}

impl From<FieldChange> for FieldView {
    fn from(field: FieldChange) -> Self {
        Self {
            name: label(&field.field),
            old: shown(&field.old),
            new: shown(&field.new),
            is_kept: field.is_kept,
            is_overwritten: field.is_overwritten,
        }
    }
}

impl RefusedView {
    fn new(problems: &[Problem]) -> Self {
        let mut rows: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        rows.dedup();
        let lines: Vec<_> = problems.iter().take(REFUSED).map(sentence).collect();
        Self { count: whole(rows.len()), more: problems.len() - lines.len(), lines }
    }
}

impl ConflictsView {
    fn new(fields: &[FieldConflict], count: i64, outcome: impl Fn(&FieldConflict) -> String) -> Self {
        let line = |field: &FieldConflict| format!("{}: {} {}", field.model, label(&field.field), outcome(field));
        Self { count, lines: fields.iter().map(line).collect(), more: count - fields.len() as i64 }
    }
}

fn kind(upload: &Upload) -> Kind {
    Kind::ALL.into_iter().find(|kind| upload.table == format!("models_{}s", kind.word())).unwrap_or_default()
}

fn sentence(problem: &Problem) -> String {
    let column = problem.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
    let value = if problem.value.is_empty() { String::new() } else { format!(" (“{}”)", problem.value) };
    let hint = problem.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("Line {}{column}: {}{value}{hint}", problem.line, problem.reason)
}

/// `trigger_words` as "trigger words"; a key of an object behind its column.
fn label(field: &str) -> String {
    match field.split_once('.') {
        Some((column, key)) => format!("{} · {key}", label(column)),
        None => field.replace('_', " "),
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(words) if words.is_empty() => "empty".to_owned(),
        Value::Array(words) => words.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn choices_come_back_from_an_address() {
        let choice = Choice::parse(b"wins.rating=file&wins.tags=mine&wins.metadata=file&page=3&other=file");
        assert_eq!(choice.file_wins, ["rating", "metadata"]);
        assert_eq!((choice.page, choice.offset()), (3, 200));
        let url = choice.url("x", 4);
        assert_eq!(url, "/models/import/csv/x?wins.rating=file&wins.metadata=file&page=4");
        for (query, page) in [("", 1), ("page=0", 1), ("page=-1", 1), ("page=x", 1), ("page=99999999999", 1_000_000)] {
            assert_eq!(Choice::parse(query.as_bytes()).page, page, "{query}");
        }
    }

    #[test]
    fn values_and_problems_are_shown_in_words() {
        for (value, text) in [
            (json!(null), "empty"),
            (json!([]), "empty"),
            (json!(["a", "b"]), "a, b"),
            (json!("a"), "a"),
            (json!(0.5), "0.5"),
            (json!({"steps": 30}), "{\"steps\":30}"),
        ] {
            assert_eq!(shown(&value), text);
        }
        assert_eq!(shown(&json!("ä".repeat(300))).chars().count(), LONGEST + 1);
        assert_eq!(label("metadata.recommended_weight"), "metadata · recommended_weight");
        let problem = Problem::at(3, "rating", Some(1), "abc", "is not a number", Some("write 0.5".to_owned()));
        assert_eq!(sentence(&problem), "Line 3, rating: is not a number (“abc”); write 0.5");
    }
}
