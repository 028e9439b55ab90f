//! `engines`: what makes images just now, in whatever process. Each worker writes how its engine is every few seconds;
//! a row that nobody renews is of a worker that has died, and counts no more.

mod chosen;
mod held;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::changes::Told;
pub use chosen::{Chosen, NewChosen, choose, chosen, name_chosen, remove_all_chosen, remove_chosen};
pub use held::{Holders, Names, holders, holds};

pub(crate) const DDL: &str = "
CREATE TABLE engines (
    -- Of the worker that has it.
    id uuid PRIMARY KEY,
    name text NOT NULL,
    -- What people call such an engine.
    kind text NOT NULL,
    -- Without user and password.
    url text,
    -- Whether it reads model files, and whether it says which it has and takes only jobs with those.
    uses_models boolean NOT NULL,
    lists_models boolean NOT NULL,
    -- What it cannot do, for people.
    limits text,
    -- NULL until it was asked; and since when it is so.
    reachable boolean,
    since timestamptz NOT NULL DEFAULT now(),
    version text,
    device text,
    -- Why it is not reachable, and what to do.
    problem text,
    hint text,
    -- On that server, whoever asked for it.
    running integer NOT NULL DEFAULT 0,
    waiting integer NOT NULL DEFAULT 0,
    -- The checkpoint that it made the last image with.
    loaded uuid,
    heard timestamptz NOT NULL DEFAULT now()
);

-- The catalogue's models that an engine has.
CREATE TABLE engine_models (
    engine uuid NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    model uuid NOT NULL,
    PRIMARY KEY (engine, model)
);
CREATE INDEX engine_models_model ON engine_models (model);

-- Being heard of again is no news.
CREATE FUNCTION tell_engine() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW.heard := OLD.heard;
        IF NEW IS NOT DISTINCT FROM OLD THEN RETURN NULL; END IF;
    END IF;
    PERFORM pg_notify('genonaut_engines', coalesce(NEW.id, OLD.id)::text);
    RETURN NULL;
END
$$;
CREATE TRIGGER engines_tell AFTER INSERT OR UPDATE OR DELETE ON engines FOR EACH ROW EXECUTE FUNCTION tell_engine();

-- Engines that a person has set on the page: ComfyUI servers by their addresses; the built-in engine is `embedded`.
CREATE TABLE chosen_engines (
    url text PRIMARY KEY,
    chosen timestamptz NOT NULL DEFAULT now(),
    -- How pages name it: the address may hold a password.
    id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    -- NULL where people call it by its kind.
    name text,
    -- What it asks for: an access token, or the value of this header. Never shown again.
    header text,
    secret text
);
";

/// How long an engine counts without being heard of; workers tell of it several times as often.
macro_rules! live {
    () => {
        "heard > now() - interval '20 seconds'"
    };
}
pub(crate) use live;

/// State of an engine.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Engine {
    pub id: Uuid,
    pub name: String,
    /// `ComfyUI`, `demo engine`, …
    pub kind: String,
    /// Without user and password.
    pub url: Option<String>,
    /// Whether it reads model files; the demo engine draws without any.
    pub uses_models: bool,
    /// Whether it lists its models and accepts only jobs with them.
    pub lists_models: bool,
    /// Its limits.
    pub limits: Option<String>,
    /// Missing until it was checked.
    pub reachable: Option<bool>,
    /// Time of the last change of `reachable`.
    pub since: DateTime<Utc>,
    pub version: Option<String>,
    /// Device that generates the images, e.g. `cuda:0 NVIDIA GeForce RTX 4090`.
    pub device: Option<String>,
    /// Why it is not reachable, or has paused, and what to do.
    pub problem: Option<String>,
    pub hint: Option<String>,
    /// Prompts on that server, from all clients.
    pub running: i32,
    pub waiting: i32,
    /// Checkpoint of its last image.
    pub loaded: Option<Uuid>,
    #[sqlx(default)]
    pub loaded_name: Option<String>,
    /// Number of catalogue models that it has, without those in the trash.
    #[sqlx(default)]
    pub models: i64,
}

impl Engine {
    /// It could make images, and there is nowhere to keep them; `problem` and `hint` say where.
    pub fn is_paused(&self) -> bool {
        self.reachable == Some(true) && self.problem.is_some()
    }
}

/// What a worker has heard of its engine.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub url: Option<String>,
    pub uses_models: bool,
    pub lists_models: bool,
    pub limits: Option<String>,
    pub reachable: Option<bool>,
    pub version: Option<String>,
    pub device: Option<String>,
    pub problem: Option<String>,
    pub hint: Option<String>,
    pub running: i32,
    pub waiting: i32,
}

/// Renews an engine's row. What was loaded there is gone when it is not reachable.
pub async fn tell(db: &PgPool, heard: &Heard) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO engines AS e (id, name, kind, url, uses_models, reachable, version, device, problem, hint, running, waiting,
            lists_models, limits)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (id) DO UPDATE SET reachable = excluded.reachable,
            since = CASE WHEN e.reachable IS DISTINCT FROM excluded.reachable THEN now() ELSE e.since END,
            version = coalesce(excluded.version, e.version), device = coalesce(excluded.device, e.device),
            problem = excluded.problem, hint = excluded.hint, running = excluded.running, waiting = excluded.waiting,
            loaded = CASE WHEN excluded.reachable IS FALSE THEN NULL ELSE e.loaded END, heard = now()",
    )
    .bind(heard.id)
    .bind(&heard.name)
    .bind(&heard.kind)
    .bind(&heard.url)
    .bind(heard.uses_models)
    .bind(heard.reachable)
    .bind(&heard.version)
    .bind(&heard.device)
    .bind(&heard.problem)
    .bind(&heard.hint)
    .bind(heard.running)
    .bind(heard.waiting)
    .bind(heard.lists_models)
    .bind(&heard.limits)
    .execute(db)
    .await
    .map(drop)
}

/// Tells with which checkpoint an engine has made an image.
pub async fn loaded(db: &PgPool, id: Uuid, checkpoint: Option<Uuid>) -> sqlx::Result<()> {
    let sql = "UPDATE engines SET loaded = $2 WHERE id = $1 AND loaded IS DISTINCT FROM $2";
    sqlx::query(sql).bind(id).bind(checkpoint).execute(db).await.map(drop)
}

/// Its worker has ended.
pub async fn leave(db: &PgPool, id: Uuid) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM engines WHERE id = $1").bind(id).execute(db).await.map(drop)
}

/// Forgets engines whose workers have died without a word.
pub async fn expire(db: &PgPool) -> sqlx::Result<()> {
    const SQL: &str = concat!("DELETE FROM engines WHERE NOT ", live!());
    sqlx::query(SQL).execute(db).await.map(drop)
}

/// Those that live, by name.
pub async fn list(db: &PgPool) -> sqlx::Result<Vec<Engine>> {
    const SQL: &str = concat!(
        "SELECT e.*, coalesce(c.name, c.filename, c.path) AS loaded_name,
            (SELECT count(*) FROM engine_models h WHERE engine = e.id
                AND NOT EXISTS (SELECT FROM models_checkpoints WHERE id = h.model AND deleted_at IS NOT NULL)
                AND NOT EXISTS (SELECT FROM models_loras WHERE id = h.model AND deleted_at IS NOT NULL)) AS models
         FROM engines e LEFT JOIN models_checkpoints c ON c.id = e.loaded WHERE ",
        live!(),
        " ORDER BY e.name, e.id"
    );
    sqlx::query_as(SQL).fetch_all(db).await
}

/// An engine is otherwise than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change;

impl Told for Change {
    const CHANNEL: &'static str = "genonaut_engines";

    fn read(_: &str) -> Option<Self> {
        Some(Self)
    }
}
