//! A database of its own for each test, copied from one template on one private server.

pub mod copies;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use uuid::Uuid;

use crate::page::Sort;
use crate::schema;
use crate::server::{self, Config, Env, Server};

/// A migrated, empty database.
pub struct TestDatabase {
    pub pool: PgPool,
    pub url: String,
    _server: Arc<Held>,
}

/// The server's share of this process; the last test of the last process stops it.
struct Held(Mutex<Server>);

impl From<Server> for Held {
    fn from(server: Server) -> Self {
        Self(Mutex::new(server))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Ok(server) = self.0.get_mut() {
            server.leave().expect("leave the test server");
        }
    }
}

/// Makes one. The server's files are in the temporary folder, one place for each checkout.
pub async fn database() -> TestDatabase {
    let server = started().await;
    let options = server.options();
    let template = template(&options).await;
    let mut connection = options.connect().await.expect("connect to the test server");
    sweep(&mut connection).await;
    connection.close().await.expect("close");
    let options = create(&options, &template).await.expect("copy the template");
    let url = url(&options);
    let pool =
        PgPoolOptions::new().max_connections(8).connect_with(options).await.expect("connect to the test database");
    TestDatabase { pool, url, _server: Arc::new(server.into()) }
}

/// A copy under a name by which it is swept when this process has ended.
async fn create(options: &PgConnectOptions, template: &str) -> sqlx::Result<PgConnectOptions> {
    let name = format!("t_{}_{}", std::process::id(), Uuid::new_v4().simple());
    let mut connection = options.connect().await?;
    let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
    connection.execute(AssertSqlSafe(copy)).await?;
    connection.close().await?;
    Ok(options.clone().database(&name))
}

async fn started() -> Server {
    let checkout = Sha256::digest(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::temp_dir()
        .join(format!("genonaut-test-{:02x}{:02x}{:02x}{:02x}", checkout[0], checkout[1], checkout[2], checkout[3]));
    let config = Config { data, database_url: None, env: Env::Test };
    // Nothing in it is worth waiting for a disk; and copying a template is writing all of it to the log.
    server::private(&config, &["fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_compression=off"])
        .await
        .expect("start the test server")
}

/// Made once for each state of the migrations and the table of architectures.
async fn template(options: &PgConnectOptions) -> String {
    let mut digest = Sha256::new();
    schema::fingerprint(|bytes| digest.update(bytes));
    let name = digest.finalize().iter().take(6).fold("template_".to_owned(), |name, byte| format!("{name}{byte:02x}"));
    let mut connection = options.connect().await.expect("connect to the test server");
    connection.execute("SELECT pg_advisory_lock(7)").await.expect("wait for other tests");
    let made: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut connection)
        .await
        .expect("look for the template");
    if !made {
        make_template(&mut connection, options, &name).await;
    }
    connection.close().await.expect("close");
    name
}

async fn make_template(connection: &mut PgConnection, options: &PgConnectOptions, name: &str) {
    let unfinished = format!("unfinished_{}", Uuid::new_v4().simple());
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {unfinished}"))).await.expect("create the template");
    let pool = PgPool::connect_with(options.clone().database(&unfinished)).await.expect("connect to the template");
    schema::migrate(&pool).await.expect("migrate the template");
    pool.close().await;
    let rename = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
    connection.execute(AssertSqlSafe(rename)).await.expect("finish the template");
}

/// An address that psql and pgbench understand too.
fn url(options: &PgConnectOptions) -> String {
    let (user, database) = (options.get_username(), options.get_database().unwrap_or_default());
    let folder = options.get_socket().map(|folder| folder.display().to_string()).unwrap_or_default();
    format!("postgres://{user}@localhost/{database}?host={folder}")
}

/// Drops what processes that have ended left behind.
async fn sweep(connection: &mut PgConnection) {
    let sql = "SELECT datname::text FROM pg_database WHERE datname LIKE 't\\_%'";
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *connection).await.expect("list databases");
    for name in names {
        let pid = name.split('_').nth(1).and_then(|pid| pid.parse().ok());
        let alive = pid.is_some_and(|pid| nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None).is_ok());
        if !alive {
            // Another process may be dropping it at the same moment.
            connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await.ok();
        }
    }
}

/// Whether this run takes its time, as `make test-long` does.
pub fn is_long() -> bool {
    std::env::var_os("GENONAUT_LONG").is_some()
}

/// So many cases of a property, ten times as many in a long run.
pub fn cases(cases: u32) -> u32 {
    if is_long() { 10 * cases } else { cases }
}

/// Runs plain SQL, for what no door of ours lets through.
pub async fn run(db: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(db).await.expect("run the SQL");
}

/// How many there are, by a query that gives one number.
pub async fn count(db: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(db).await.expect("count")
}

/// Every row of every table as text, and where the sequences stand.
pub async fn contents(db: &PgPool) -> BTreeMap<String, String> {
    let mut connection = db.acquire().await.expect("connect");
    let mut contents = BTreeMap::new();
    for table in crate::backup::counted(&mut connection).await.expect("list the tables").into_keys() {
        let sql =
            format!("SELECT coalesce(string_agg(entry::text, E'\n' ORDER BY entry::text), '') FROM {table} AS entry");
        let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *connection).await.expect("read the table");
        contents.insert(table, rows);
    }
    let sql = "SELECT coalesce(string_agg(format('%s %s', sequencename, last_value), E'\n' ORDER BY sequencename), '')
        FROM pg_sequences";
    let sequences = sqlx::query_scalar(sql).fetch_one(&mut *connection).await.expect("read the sequences");
    contents.insert("sequences".to_owned(), sequences);
    contents
}

/// Waits until some connection of the server runs a statement that contains `words`.
pub async fn until_running(options: PgConnectOptions, words: &str) {
    let mut connection = options.connect().await.expect("connect");
    let sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND position($1 IN query) > 0)";
    for _ in 0..3000 {
        if sqlx::query_scalar(sql).bind(words).fetch_one(&mut connection).await.expect("ask") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no connection runs {words}");
}

/// A migrated database of that name, made if it is not there, and how to reach it. For measurements.
pub async fn named(server: &Server, name: &str) -> (PgPool, String) {
    let options = server.options();
    let mut connection = options.connect().await.expect("connect");
    // It may be there from the last time.
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.ok();
    connection.close().await.expect("close");
    let options = options.database(name);
    let url = url(&options);
    let pool = crate::connect(options).await.expect("connect to the database");
    schema::migrate(&pool).await.expect("migrate");
    (pool, url)
}

/// The query of the first page of LoRAs, and one of its rows' worth of numbers: how many there are.
pub async fn first_page(db: &PgPool) -> (String, i64) {
    let count = sqlx::query_scalar("SELECT count(*) FROM models_loras").fetch_one(db).await.expect("count");
    (crate::list::first_page_sql::<crate::lora::Lora>(Sort::Rating), count)
}

/// How PostgreSQL makes the first page of LoRAs in this order.
pub async fn plan(db: &PgPool, sort: Sort) -> String {
    let sql = format!("EXPLAIN (COSTS OFF) {}", crate::list::first_page_sql::<crate::lora::Lora>(sort));
    let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(db).await.expect("ask for the plan");
    lines.join("\n")
}

/// Copies a CSV file with a header straight into a table, as psql's \copy does.
pub async fn copy_csv(db: &PgPool, table: &str, csv: &str) {
    let columns = csv.lines().next().expect("a header");
    let mut connection = db.acquire().await.expect("connect");
    let mut copy = connection
        .copy_in_raw(&format!("COPY {table} ({columns}) FROM STDIN (FORMAT csv, HEADER)"))
        .await
        .expect("copy");
    copy.send(csv.as_bytes()).await.expect("send");
    copy.finish().await.expect("finish");
}

/// Made-up LoRAs as a seed file.
pub fn lora_csv(rows: u64) -> String {
    let quote = |field: &Option<String>| {
        field.as_ref().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).unwrap_or_default()
    };
    let line = |index| crate::synthetic::lora(1, index).0.iter().map(quote).collect::<Vec<_>>().join(",");
    let lines = (0..rows).map(|index| line(index) + "\n").collect::<String>();
    format!("{}\n{lines}", crate::synthetic::LORA_COLUMNS.join(","))
}

/// So many pictures of the models that are there, twenty to a job, one in three with stars; nothing is counted yet.
pub async fn add_pictures(db: &PgPool, pictures: i64) {
    let jobs = "INSERT INTO jobs (recipe, checkpoint, images, state, made)
        SELECT jsonb_build_object('loras', jsonb_build_array(
                jsonb_build_object('id', loras[1 + (n * 7919 % cardinality(loras))], 'weight', (n % 19 - 4) / 10.0),
                jsonb_build_object('id', loras[1 + (n * 104729 % cardinality(loras))], 'weight', 0.8)),
            'steps', 10 + n % 30, 'cfg', 4 + n % 9 / 2.0, 'sampler', 'sampler ' || n % 8, 'scheduler', 'scheduler ' || n % 4),
            checkpoints[1 + (n * n % cardinality(checkpoints))], 20, 'done', 20
        FROM generate_series(1, $1 / 20) n, (SELECT array_agg(id) AS loras FROM models_loras) l,
            (SELECT array_agg(id) AS checkpoints FROM models_checkpoints) c";
    let images =
        "INSERT INTO images (id, job, place, file, thumbnail, width, height, seed, seconds, rating, checkpoint)
        SELECT gen_random_uuid(), jobs.id, place, 'f', 't', 64, 64, place, 1,
            CASE WHEN (jobs.number + place) % 3 = 0 THEN 1 + (jobs.number * 31 + place) % 5 END, checkpoint
        FROM jobs, generate_series(0, 19) place";
    run(db, "ALTER TABLE images DISABLE TRIGGER images_count_feedback; ALTER TABLE jobs DISABLE TRIGGER jobs_tell")
        .await;
    sqlx::query(jobs).bind(pictures).execute(db).await.expect("add jobs");
    sqlx::query(images).execute(db).await.expect("add images");
    run(db, "ALTER TABLE images ENABLE TRIGGER images_count_feedback; ALTER TABLE jobs ENABLE TRIGGER jobs_tell").await;
    run(db, "ANALYZE images, jobs").await;
}
