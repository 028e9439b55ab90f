//! A file's rows in temporary tables: as text first, then with the types, defaults and triggers of the table
//! they are for, so that every rule of the table can be asked about them before one of them is written.

use genonaut_sources::table::{Problem, Row};
use sqlx::{AssertSqlSafe, PgConnection, raw_sql};

use super::target::Target;

/// A file's columns on their way into a table.
pub(super) struct Stage<'a> {
    pub target: &'a Target,
    /// The file's columns, all of them columns of the table.
    pub header: Vec<String>,
    pub file_wins: &'a FileWins,
}

/// The columns in which a file's value replaces one that somebody entered. An empty cell never does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FileWins {
    #[default]
    Nowhere,
    Everywhere,
    In(Vec<String>),
}

/// `"name"`, safe in SQL.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) async fn run(connection: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

impl Stage<'_> {
    /// Whether the file's value wins in this column.
    pub fn file_wins_in(&self, name: &str) -> bool {
        let wins = match self.file_wins {
            FileWins::Nowhere => false,
            FileWins::Everywhere => true,
            FileWins::In(columns) => columns.iter().any(|column| column == name),
        };
        wins && !self.target.is_location(name)
    }

    /// Copies rows as text; `rows` is read to its end. Returns how many there were.
    pub async fn copy(
        &self,
        connection: &mut PgConnection,
        rows: impl Iterator<Item = Row>,
        mut progress: impl FnMut(u64),
    ) -> sqlx::Result<u64> {
        let columns = self.each(|name| format!("{name} text")).join(", ");
        run(connection, format!("CREATE TEMP TABLE seed_text (seed_line bigint, {columns}) ON COMMIT DROP")).await?;
        let mut copy = connection.copy_in_raw("COPY seed_text FROM STDIN").await?;
        let (mut buffer, mut count) = (String::new(), 0);
        for row in rows {
            write_row(&mut buffer, &row);
            count += 1;
            if buffer.len() > 256 * 1024 {
                copy.send(buffer.as_bytes()).await?;
                buffer.clear();
                progress(count);
            }
        }
        copy.send(buffer.as_bytes()).await?;
        copy.finish().await?;
        Ok(count)
    }

    /// Gives the rows their types. Cells that cannot have theirs are reported and left empty.
    pub async fn give_types(&self, connection: &mut PgConnection) -> sqlx::Result<Vec<Problem>> {
        let problems = super::check::uncastable(connection, self).await?;
        self.create_typed(connection).await?;
        let names = self.each(str::to_owned).join(", ");
        let values = self.header.iter().map(|name| self.value(name)).collect::<Vec<_>>().join(", ");
        let fill = format!(
            "INSERT INTO seed_rows (seed_line, {names}) SELECT seed_line, {values} FROM seed_text ORDER BY seed_line;
             ANALYZE seed_rows"
        );
        run(connection, fill).await?;
        Ok(problems)
    }

    async fn create_typed(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let table = quote(&self.target.table);
        let mut sql = format!(
            "CREATE TEMP TABLE seed_rows (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP;
             ALTER TABLE seed_rows ADD COLUMN seed_line bigint PRIMARY KEY;"
        );
        // An empty cell is reported with all the others, not by the first failing insert.
        for column in self.target.columns.iter().filter(|column| column.not_null) {
            sql += &format!("ALTER TABLE seed_rows ALTER COLUMN {} DROP NOT NULL;", quote(&column.name));
        }
        for (number, filler) in self.target.fillers.iter().enumerate() {
            sql += &format!(
                "CREATE TRIGGER fill_{number} BEFORE INSERT ON seed_rows FOR EACH ROW EXECUTE FUNCTION {filler}();"
            );
        }
        run(connection, sql).await
    }

    /// Takes out the rows that have problems, once they are planned.
    pub async fn leave_out(&self, connection: &mut PgConnection, problems: &[Problem]) -> sqlx::Result<()> {
        let lines: Vec<_> = problems.iter().map(|problem| problem.line as i64).collect();
        self.leave_out_lines(connection, &lines).await
    }

    /// Takes out these rows, once they are planned.
    pub async fn leave_out_lines(&self, connection: &mut PgConnection, lines: &[i64]) -> sqlx::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let lines = lines.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let tables = ["seed_merged", "seed_rows", "seed_text"];
        let sql: String =
            tables.iter().map(|table| format!("DELETE FROM {table} WHERE seed_line IN ({lines});")).collect();
        run(connection, sql).await
    }

    /// A cell as a value of its column.
    fn value(&self, name: &str) -> String {
        let column = self.target.column(name);
        let cast = format!("{}::{}", quote(name), column.map_or("text", |column| &column.kind));
        match column.and_then(|column| column.default.as_ref()) {
            Some(default) => format!("coalesce({cast}, {default})"),
            None => cast,
        }
    }

    /// SQL for each column of the file, given its quoted name.
    pub fn each(&self, sql: impl Fn(&str) -> String) -> Vec<String> {
        self.header.iter().map(|name| sql(&quote(name))).collect()
    }
}

/// One line of PostgreSQL's COPY text format.
fn write_row(out: &mut String, row: &Row) {
    out.push_str(&row.line.to_string());
    for cell in &row.cells {
        out.push('\t');
        match cell {
            Some(text) => escape(out, text),
            None => out.push_str("\\N"),
        }
    }
    out.push('\n');
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
}
