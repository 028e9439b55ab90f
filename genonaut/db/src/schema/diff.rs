//! The statements that turn one schema into another. Pure.

use std::collections::BTreeMap;

use super::snapshot::{Column, Kind, Object, Snapshot};

/// One statement of a migration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub sql: String,
    /// What it destroys, in words, when it destroys something.
    pub loses: Option<String>,
}

impl Step {
    fn new(sql: String) -> Self {
        Self { sql, loses: None }
    }

    fn losing(sql: String, loses: String) -> Self {
        Self { sql, loses: Some(loses) }
    }
}

/// Removes first, in reverse order of creation; then tables, columns and the rest.
pub(crate) fn diff(from: &Snapshot, to: &Snapshot) -> Vec<Step> {
    let mut steps: Vec<Step> = removed_objects(from, to).map(Step::new).collect();
    let (tables_later, tables_now) = changed_tables(from, to);
    // A dropped function may be the default of a dropped column, so functions go after tables.
    let (functions, others): (Vec<_>, Vec<_>) =
        steps.into_iter().partition(|step| step.sql.starts_with("DROP FUNCTION"));
    steps = others;
    steps.extend(created(from, to, |kind| kind == Kind::Extension));
    steps.extend(tables_now);
    steps.extend(functions);
    steps.extend(created(from, to, |kind| kind == Kind::Function));
    steps.extend(tables_later);
    steps.extend(created(from, to, |kind| kind > Kind::Function));
    steps
}

fn removed_objects<'a>(from: &'a Snapshot, to: &'a Snapshot) -> impl Iterator<Item = String> + 'a {
    let goes_with_table = |object: &Object| object.table.as_ref().is_some_and(|table| !to.tables.contains_key(table));
    let gone = move |object: &&Object| match to.objects.get(&(object.kind, object.name.clone())) {
        None => !goes_with_table(object),
        // Functions are replaced in place, so that what uses them stays.
        Some(new) => new.create != object.create && object.kind != Kind::Function,
    };
    from.objects.values().rev().filter(gone).map(|object| object.remove.clone())
}

fn created(from: &Snapshot, to: &Snapshot, kinds: impl Fn(Kind) -> bool) -> Vec<Step> {
    let had = |object: &Object| from.objects.get(&(object.kind, object.name.clone())).map(|old| &old.create);
    let mut new: Vec<_> =
        to.objects.values().filter(|object| kinds(object.kind) && had(object) != Some(&object.create)).collect();
    new.sort_by_key(|object| (object.kind, object.age));
    new.into_iter().map(|object| Step::new(object.create.trim_end().to_owned())).collect()
}

/// Steps that may need functions, and those that functions may need.
fn changed_tables(from: &Snapshot, to: &Snapshot) -> (Vec<Step>, Vec<Step>) {
    let (mut later, mut now) = (Vec::new(), Vec::new());
    for (table, columns) in &to.tables {
        match from.tables.get(table) {
            None => now.push(create_table(table, columns)),
            Some(old) => change_columns(old, columns, &mut now, &mut later),
        }
        later.extend(columns.iter().filter(|column| !had(from, column) && calls_function(column)).map(set_default));
    }
    for table in from.tables.keys().filter(|table| !to.tables.contains_key(*table)) {
        now.push(Step::losing(format!("DROP TABLE {table}"), format!("table {table} with all its rows")));
    }
    (later, now)
}

fn had(from: &Snapshot, column: &Column) -> bool {
    let old = from.tables.get(&column.table);
    old.is_some_and(|columns| columns.iter().any(|had| had.name == column.name))
}

/// A default that calls a function of ours must wait until that function is there.
fn calls_function(column: &Column) -> bool {
    let known = ["gen_random_uuid(", "now("];
    let call = |default: &String| default.contains('(') && !known.iter().any(|name| default.starts_with(name));
    column.default.as_ref().is_some_and(call)
}

fn create_table(table: &str, columns: &[Column]) -> Step {
    let lines: Vec<_> = columns.iter().map(|column| format!("    {}", whole(column))).collect();
    Step::new(format!("CREATE TABLE {table} (\n{}\n)", lines.join(",\n")))
}

fn whole(column: &Column) -> String {
    let default = column.default.as_ref().filter(|_| !calls_function(column));
    let default = default.map(|default| format!(" DEFAULT {default}")).unwrap_or_default();
    let not_null = if column.not_null { " NOT NULL" } else { "" };
    format!("{} {}{default}{not_null}", column.name, column.definition)
}

fn set_default(column: &Column) -> Step {
    let default = column.default.as_ref().map_or("DROP DEFAULT".to_owned(), |default| format!("SET DEFAULT {default}"));
    Step::new(format!("ALTER TABLE {} ALTER COLUMN {} {default}", column.table, column.name))
}

fn change_columns(old: &[Column], new: &[Column], now: &mut Vec<Step>, later: &mut Vec<Step>) {
    let by_name = |columns: &[Column]| columns.iter().map(|c| (c.name.clone(), c.clone())).collect::<BTreeMap<_, _>>();
    let (had, wanted) = (by_name(old), by_name(new));
    for column in old.iter().filter(|column| !wanted.contains_key(&column.name)) {
        let sql = format!("ALTER TABLE {} DROP COLUMN {}", column.table, column.name);
        now.push(Step::losing(sql, format!("column {}.{} with its values", column.table, column.name)));
    }
    for column in new {
        match had.get(&column.name) {
            None => {
                // Only what is generated may call a function that is to come.
                let steps = if column.definition.contains(" GENERATED ALWAYS AS (") { &mut *later } else { &mut *now };
                steps.push(Step::new(format!("ALTER TABLE {} ADD COLUMN {}", column.table, whole(column))));
            }
            Some(old) => change_column(old, column, now, later),
        }
    }
}

fn change_column(old: &Column, new: &Column, now: &mut Vec<Step>, later: &mut Vec<Step>) {
    let alter = format!("ALTER TABLE {} ALTER COLUMN {}", new.table, new.name);
    if old.definition != new.definition {
        let loses = format!("values of {}.{} that are not {}", new.table, new.name, new.definition);
        let sql = format!("{alter} TYPE {1} USING {0}::{1}", new.name, new.definition);
        now.push(Step::losing(sql, loses));
    }
    if old.default != new.default {
        later.push(set_default(new));
    }
    match (old.not_null, new.not_null) {
        (false, true) => later.push(Step::new(format!("{alter} SET NOT NULL"))),
        (true, false) => later.push(Step::new(format!("{alter} DROP NOT NULL"))),
        _ => {}
    }
}
