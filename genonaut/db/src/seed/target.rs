//! What the database says about a table that a seed file is for, so that a third table needs no code.

use genonaut_sources::table;
use sqlx::PgConnection;

/// A table of the schema `public`.
pub(super) struct Target {
    pub table: String,
    pub columns: Vec<Column>,
    pub uniques: Vec<Unique>,
    pub rules: Vec<Rule>,
    /// Names of functions of BEFORE triggers; they may fill in columns.
    pub fillers: Vec<String>,
    /// Whether its rows are moved to the trash before they are deleted.
    pub has_trash: bool,
}

#[derive(sqlx::FromRow)]
pub(super) struct Column {
    pub name: String,
    /// E.g. `text[]`, `double precision`.
    pub kind: String,
    pub default: Option<String>,
    pub not_null: bool,
}

/// Columns whose values together name one row.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub(super) struct Unique {
    pub columns: Vec<String>,
    pub primary: bool,
}

/// A CHECK of the table.
#[derive(sqlx::FromRow)]
pub(super) struct Rule {
    pub columns: Vec<String>,
    pub expression: String,
}

impl Target {
    /// `None` when there is no such table, or it is the database's own bookkeeping.
    pub async fn find(connection: &mut PgConnection, table: &str) -> sqlx::Result<Option<Self>> {
        const OWN: [&str; 28] = [
            "_sqlx_migrations",
            "accounts",
            "architecture_spellings",
            "bulk_change_rows",
            "bulk_changes",
            "chosen_engines",
            "deleted_seeds",
            "drafts",
            "engine_models",
            "engines",
            "examples",
            "feedback",
            "feedback_rule",
            "field_sources",
            "files",
            "folders",
            "grid_cells",
            "grids",
            "hashers",
            "hashing",
            "images",
            "images_gone",
            "jobs",
            "model_contents",
            "roots",
            "scans",
            "search_rule",
            "sessions",
        ];
        let mut columns: Vec<Column> = sqlx::query_as(COLUMNS).bind(table).fetch_all(&mut *connection).await?;
        let is_of_models = table.starts_with("models_");
        let has_trash = is_of_models && columns.iter().any(|column| column.name == "deleted_at");
        if is_of_models {
            columns.retain(|column| !FILLED.contains(&column.name.as_str()));
        }
        if columns.is_empty() || OWN.contains(&table) {
            return Ok(None);
        }
        Ok(Some(Self {
            table: table.to_owned(),
            columns,
            uniques: sqlx::query_as(UNIQUES).bind(table).fetch_all(&mut *connection).await?,
            rules: sqlx::query_as(RULES).bind(table).fetch_all(&mut *connection).await?,
            fillers: sqlx::query_scalar(FILLERS).bind(table).fetch_all(connection).await?,
            has_trash,
        }))
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether a column is merged key by key.
    pub fn is_object(&self, name: &str) -> bool {
        self.column(name).is_some_and(|column| column.kind == "jsonb")
    }

    /// Whether a column is a place on the disk: scans find out where a model's file lies.
    pub fn is_location(&self, name: &str) -> bool {
        self.table.starts_with("models_") && ["path", "filename"].contains(&name)
    }

    /// The columns that tell which row of the table a row of a file with this header is: the first that are
    /// unique, never empty and in the file.
    pub fn key(&self, header: &[String]) -> Option<&[String]> {
        let filled = |name: &String| header.contains(name) && self.column(name).is_some_and(|column| column.not_null);
        let key = self.uniques.iter().find(|unique| unique.columns.iter().all(filled));
        key.map(|unique| unique.columns.as_slice())
    }

    /// The primary key when it is one column.
    pub fn id(&self) -> Option<&Column> {
        let id = self.uniques.iter().find(|unique| unique.primary && unique.columns.len() == 1)?;
        self.column(&id.columns[0])
    }

    /// What may stand in a file, as the reader wants to know it.
    pub fn readable(&self) -> Vec<table::Column> {
        let required = |column: &Column| column.not_null && column.default.is_none();
        let readable = |column: &Column| table::Column::new(&column.name, kind(&column.kind), required(column));
        self.columns.iter().map(readable).collect()
    }
}

/// Whether only the database can say if a text is a value of this type.
pub(super) fn needs_database(type_name: &str) -> bool {
    kind(type_name) == table::Kind::Other
}

fn kind(kind: &str) -> table::Kind {
    use table::Kind;
    match kind {
        "text" | "character varying" => Kind::Text,
        "text[]" => Kind::TextArray,
        "jsonb" | "json" => Kind::JsonObject,
        "double precision" => Kind::Float,
        "smallint" => Kind::Integer { min: i16::MIN.into(), max: i16::MAX.into() },
        "integer" => Kind::Integer { min: i32::MIN.into(), max: i32::MAX.into() },
        "bigint" => Kind::Integer { min: i64::MIN.into(), max: i64::MAX.into() },
        "boolean" => Kind::Boolean,
        "uuid" => Kind::Uuid,
        _ => Kind::Other,
    }
}

/// Columns of the models that only triggers and scans write.
const FILLED: [&str; 13] = [
    "base",
    "bases",
    "search",
    "last_created",
    "last_updated",
    "missing_since",
    "preview",
    "example",
    "pictures",
    "rated_pictures",
    "stars",
    "last_used",
    "deleted_at",
];

/// Columns that a client may write.
const COLUMNS: &str = "
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS kind, pg_get_expr(d.adbin, d.adrelid) AS \"default\",
    a.attnotnull AS not_null
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname = $1
    AND a.attgenerated = '' AND a.attidentity <> 'a'
ORDER BY a.attnum";

const UNIQUES: &str = "
SELECT ARRAY(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number ORDER BY k.place) AS columns,
    x.indisprimary AS \"primary\"
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = $1 AND x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL
ORDER BY x.indisprimary DESC, x.indexrelid";

const RULES: &str = "
SELECT ARRAY(SELECT a.attname::text FROM unnest(r.conkey) number
        JOIN pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = number) AS columns,
    pg_get_expr(r.conbin, r.conrelid) AS expression
FROM pg_constraint r JOIN pg_class c ON c.oid = r.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = $1 AND r.contype = 'c' ORDER BY r.conname";

/// Row triggers (1) before (2) an insert (4) that take no arguments.
const FILLERS: &str = "
SELECT t.tgfoid::regproc::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = $1 AND NOT t.tgisinternal AND t.tgtype & 7 = 7 AND t.tgnargs = 0
ORDER BY t.tgname";
