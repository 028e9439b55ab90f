//! The declaration of a model: one line per column gives the Rust field and its DDL.
//! Indexes and triggers stand right below the columns; functions they call are in `schema/prelude.sql`.

/// A table whose rows are read as one Rust struct.
pub trait Model: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin {
    /// The table's name.
    const TABLE: &'static str;
    /// `CREATE TABLE` and everything that belongs to the table.
    const DDL: &'static str;
    /// What to select to fill the struct; NULL arrays and metadata read as empty.
    const SELECT: &'static str;
}

/// Declares a struct, its table, and what is selected from the one to fill the other.
///
/// A column is `field: Type = "DDL";`, followed by `, read "SQL"` where the field is not simply the column,
/// or `column name = "DDL";` where only the database uses it.
macro_rules! model {
    (
        $(#[$meta:meta])*
        pub struct $name:ident in $table:literal {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty = $ddl:literal $(, read $read:literal)? ; )+
        }
        database only { $( $column:ident = $column_ddl:literal ; )* }
        with $also:literal
    ) => {
        $(#[$meta])*
        pub struct $name { $( $(#[$field_meta])* pub $field: $type, )+ }

        impl $crate::model::Model for $name {
            const TABLE: &'static str = $table;
            const DDL: &'static str = concat!(
                "CREATE TABLE ", $table, " (\n"
                $(, "    ", stringify!($field), " ", $ddl, ",\n")+
                $(, "    ", stringify!($column), " ", $column_ddl, ",\n")*
                // The last entry has no comma: every table has its named primary key here.
                , "    PRIMARY KEY (id)\n);\n", $also
            );
            const SELECT: &'static str = concat!(
                "", $crate::model::select!($($field $(= $read)?),+)
            );
        }
    };
}

/// `a, coalesce(b, '{}') AS b, …`
macro_rules! select {
    ($field:ident $(= $read:literal)? $(, $rest:ident $(= $rest_read:literal)?)*) => {
        concat!($crate::model::select!(@one $field $($read)?) $(, ", ", $crate::model::select!(@one $rest $($rest_read)?))*)
    };
    (@one $field:ident) => { stringify!($field) };
    (@one $field:ident $read:literal) => { concat!($read, " AS ", stringify!($field)) };
}

pub(crate) use {model, select};
