//! The two tables as any client of PostgreSQL meets them (R1–R13): plain SQL, as psql would send it.

use genonaut_db::architecture;
use genonaut_db::testing::database;
use genonaut_sources::architectures::{TABLE, normalise};
use sqlx::{PgPool, Row};

const TABLES: [&str; 2] = ["models_checkpoints", "models_loras"];

async fn strings(db: &PgPool, sql: &str) -> Vec<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(db).await.unwrap()
}

async fn fails_with(db: &PgPool, sql: &str, constraint: &str) {
    let error = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(db).await.unwrap_err();
    let error = error.into_database_error().expect("refused by the database");
    assert_eq!(error.constraint(), Some(constraint), "{sql}: {error}");
}

/// What pictures and their stars say, whether it is an example, and when it went to the trash.
const LAST: [&str; 7] = [
    "pictures integer",
    "rated_pictures integer",
    "stars integer",
    "last_used timestamp with time zone",
    "learned_rating double precision",
    "example boolean",
    "deleted_at timestamp with time zone",
];

#[tokio::test]
async fn tables_have_the_columns_of_the_seed_files_and_their_own() {
    let db = database().await;
    let columns = |table: &str| {
        format!(
            "SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
             WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        )
    };
    let own = [&["base text", "search tsvector", "missing_since timestamp with time zone", "preview text"][..], &LAST]
        .concat();
    let checkpoints = [
        "id uuid",
        "path text",
        "filename text",
        "name text",
        "version text",
        "architecture text",
        "family text",
        "description text",
        "rating double precision",
        "tags text[]",
        "metadata jsonb",
        "last_created timestamp with time zone",
        "last_updated timestamp with time zone",
    ];
    assert_eq!(strings(&db.pool, &columns("models_checkpoints")).await, [&checkpoints[..], &own].concat());
    let own =
        [&["bases text[]", "search tsvector", "missing_since timestamp with time zone", "preview text"][..], &LAST]
            .concat();
    let loras = [
        "id uuid",
        "path text",
        "filename text",
        "name text",
        "version text",
        "compatible_architectures text[]",
        "family text",
        "description text",
        "rating double precision",
        "tags text[]",
        "trigger_words text[]",
        "optimal_checkpoints text[]",
        "metadata jsonb",
        "last_created timestamp with time zone",
        "last_updated timestamp with time zone",
    ];
    assert_eq!(strings(&db.pool, &columns("models_loras")).await, [&loras[..], &own].concat());
}

#[tokio::test]
async fn only_id_and_path_are_not_null() {
    let db = database().await;
    for table in TABLES {
        let sql = format!(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnotnull AND attnum > 0 ORDER BY attnum"
        );
        assert_eq!(strings(&db.pool, &sql).await, ["id", "path"]);
    }
}

#[tokio::test]
async fn every_index_that_was_asked_for_is_there_once() {
    let db = database().await;
    for (table, btree) in [
        ("models_checkpoints", &["name", "path", "rating", "architecture", "family"][..]),
        ("models_loras", &["name", "path", "rating", "family"]),
    ] {
        let columns = |method: &str| {
            format!(
                "SELECT a.attname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
                 JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
                 WHERE x.indrelid = '{table}'::regclass AND m.amname = '{method}' AND x.indnatts = 1"
            )
        };
        let found = strings(&db.pool, &columns("btree")).await;
        for column in btree {
            assert_eq!(found.iter().filter(|name| name == column).count(), 1, "btree on {table}.{column}");
        }
        let lists = format!(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0
             AND (atttypid = 'jsonb'::regtype OR atttypid = 'text[]'::regtype)"
        );
        let gin = strings(&db.pool, &columns("gin")).await;
        for column in strings(&db.pool, &lists).await {
            assert_eq!(gin.iter().filter(|name| **name == column).count(), 1, "GIN on {table}.{column}");
        }
        let gist = format!(
            "SELECT indexdef FROM pg_indexes WHERE tablename = '{table}' AND indexdef LIKE '%USING gist%description%'"
        );
        let gist = strings(&db.pool, &gist).await;
        assert!(
            gist.iter().any(|def| def.contains("gist_trgm_ops")) && gist.iter().any(|def| def.contains("to_tsvector"))
        );
    }
}

#[tokio::test]
async fn filename_and_name_follow_from_the_path() {
    let db = database().await;
    for (path, filename, name) in [
        ("models/loras/MODEL.safetensors", Some("MODEL.safetensors"), Some("MODEL")),
        (r"C:\models\MODEL2.safetensors", Some("MODEL2.safetensors"), Some("MODEL2")),
        (r"mixed/and\back.v1.5.ckpt", Some("back.v1.5.ckpt"), Some("back.v1.5")),
        ("plain", Some("plain"), Some("plain")),
        ("x/.hidden", Some(".hidden"), Some(".hidden")),
        ("x/folder/", None, None),
        ("模型/水彩.safetensors", Some("水彩.safetensors"), Some("水彩")),
    ] {
        for table in TABLES {
            let sql = format!("INSERT INTO {table} (path) VALUES ($1) RETURNING filename, name");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(path).fetch_one(&db.pool).await.unwrap();
            assert_eq!(row.get::<Option<&str>, _>(0), filename, "filename of {path}");
            assert_eq!(row.get::<Option<&str>, _>(1), name, "name of {path}");
        }
    }
}

#[tokio::test]
async fn what_is_given_stays_and_empty_text_counts_as_missing() {
    let db = database().await;
    let insert =
        "INSERT INTO models_loras (path, filename, name) VALUES ($1, $2, $3) RETURNING concat_ws('|', filename, name)";
    for (path, filename, name, made) in [
        ("a/one.pt", Some("uno.pt"), None, "uno.pt|uno"),
        ("a/two.pt", Some("  "), Some(""), "two.pt|two"),
        ("a/three.pt", None, Some("Drei"), "three.pt|Drei"),
    ] {
        let row: String =
            sqlx::query_scalar(insert).bind(path).bind(filename).bind(name).fetch_one(&db.pool).await.unwrap();
        assert_eq!(row, made);
    }
}

#[tokio::test]
async fn the_database_refuses_what_must_not_be() {
    let db = database().await;
    for table in TABLES {
        let insert = |values: &str| format!("INSERT INTO {table} (path, rating) VALUES ({values})");
        for rating in ["'NaN'", "1.01", "-0.01", "'Infinity'"] {
            fails_with(&db.pool, &insert(&format!("'x', {rating}")), &format!("{table}_rating_check")).await;
        }
        for path in ["''", "'  '", "E'\\n\\t'"] {
            fails_with(&db.pool, &insert(&format!("{path}, 0")), &format!("{table}_path_check")).await;
        }
        sqlx::query(sqlx::AssertSqlSafe(insert("'a/same.pt', 0"))).execute(&db.pool).await.unwrap();
        fails_with(&db.pool, &insert("'a/same.pt', 0"), &format!("{table}_path_key")).await;
        fails_with(&db.pool, &insert("'b/same.pt', 0"), &format!("{table}_filename_key")).await;
        fails_with(&db.pool, &insert("'c/same.ckpt', 0"), &format!("{table}_name_key")).await;
        let metadata = format!("INSERT INTO {table} (path, metadata) VALUES ('m', '[1]')");
        fails_with(&db.pool, &metadata, &format!("{table}_metadata_check")).await;
    }
}

#[tokio::test]
async fn an_update_without_a_change_leaves_last_updated() {
    let db = database().await;
    let insert = "INSERT INTO models_loras (path, rating) VALUES ('x', 0.5)";
    sqlx::query(insert).execute(&db.pool).await.unwrap();
    let stamps = || async {
        let sql = "SELECT last_created::text || ' ' || last_updated::text FROM models_loras";
        strings(&db.pool, sql).await.remove(0)
    };
    let before = stamps().await;
    for same in ["rating = 0.5", "last_created = '2000-01-01'", "last_updated = '2000-01-01'"] {
        let sql = format!("UPDATE models_loras SET {same}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&db.pool).await.unwrap();
        assert_eq!(stamps().await, before, "{same}");
    }
    sqlx::query("UPDATE models_loras SET rating = 0.6").execute(&db.pool).await.unwrap();
    assert_ne!(stamps().await, before);
}

#[tokio::test]
async fn odd_lists_are_made_plain_and_null_reads_as_empty() {
    let db = database().await;
    let insert =
        "INSERT INTO models_loras (path, tags, trigger_words, metadata) VALUES ('x', '{{a,b},{c,NULL}}', NULL, NULL)
        RETURNING tags::text || trigger_words::text || metadata::text";
    assert_eq!(strings(&db.pool, insert).await, ["{a,b,c}{}{}"]);
}

/// What the program and the database both do they do alike, for everything that stands in the table of architectures.
#[tokio::test]
async fn every_spelling_and_label_is_read_alike_by_the_program_and_by_plain_sql() {
    let db = database().await;
    let table: serde_json::Value = serde_json::from_str(TABLE).unwrap();
    let labels = table["architectures"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap());
    let known = architecture::spellings().flat_map(|(spelling, base)| [spelling, architecture::label(base)]);
    let all: Vec<&str> = known.chain(labels).collect();
    let odd = [
        "\u{feff}Flux.1\u{a0}D\u{a0}",
        "\tV1-5\x0b",
        "__SDXL__1.0 ",
        "\u{3000}vega\u{200b}",
        "FLUX.1-dev/Lora",
        "v",
        "",
        " /x",
        "MODÈLE",
        "ΣΑΣ",
        "\u{212a}olors",
        "İ",
        "no such thing",
    ];
    for given in all.iter().copied().chain(odd) {
        for given in [given.to_owned(), given.to_ascii_uppercase(), format!(" {} ", given.replace('-', "_"))] {
            let sql = "SELECT (find_spelling($1)).base, spelling_key($1)";
            let (base, key): (Option<String>, String) =
                sqlx::query_as(sql).bind(&given).fetch_one(&db.pool).await.unwrap();
            assert_eq!(key, normalise(&given), "{given:?}");
            assert_eq!(base.as_deref(), architecture::canonical(&given), "{given:?}");
        }
    }
    assert!(all.iter().all(|given| architecture::canonical(given).is_some()));
}

#[tokio::test]
async fn a_checkpoint_is_named_alike_by_the_program_and_by_plain_sql() {
    let db = database().await;
    for name in [
        "Dream_8.safetensors",
        "sub/dream.CKPT",
        r"c:\x\Dream",
        "a.b.gguf",
        "x.PTH",
        ".safetensors",
        "dir/",
        "",
        "v1.5",
        "two\nlines.bin",
        "Модель.safetensors",
        "ΣΑΣ",
        "İstanbul.sft",
        "Straße.pt",
        "夜.ckpt",
        "x.safetensors.safetensors",
        "x.zip",
    ] {
        let key: String = sqlx::query_scalar("SELECT checkpoint_key($1)").bind(name).fetch_one(&db.pool).await.unwrap();
        assert_eq!(key, architecture::fits_key_optimal(name), "{name:?}");
    }
}

#[tokio::test]
async fn spellings_of_an_architecture_meet_in_one_base() {
    let db = database().await;
    for (given, family, base) in [
        ("Sd1.5", "x", Some("sd1")),
        (" SD 1.5 ", "x", Some("sd1")),
        ("sdxl", "x", Some("sdxl")),
        ("SDXL", "Pony", Some("pony")),
        ("Pony", "x", Some("pony")),
        ("no such thing", "Pony", None),
    ] {
        let sql = "SELECT canonical_base($1, $2)";
        let found: Option<String> = sqlx::query_scalar(sql).bind(given).bind(family).fetch_one(&db.pool).await.unwrap();
        assert_eq!(found.as_deref(), base, "{given} of {family}");
    }
}
