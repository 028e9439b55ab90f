//! What pictures and their stars say of what they were made with: each checkpoint, each LoRA, each LoRA with a
//! checkpoint and at a weight there, each sampler, scheduler, steps and CFG of a checkpoint.
//!
//! A picture counts from when it is made, and its stars for as long as somebody has given them: in the bin, and gone
//! from it too. People throw away what they do not like; if that took the bad stars along, every model would look better
//! than it is. To take a judgement back, take the stars away.

mod best;
mod recount;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;
use uuid::Uuid;

pub use best::{ENOUGH, best};
pub(crate) use recount::follow_rule;
pub use recount::recount;

pub(crate) const DDL: &str = "
-- Pictures that are gone from the bin, as far as they are counted.
CREATE TABLE images_gone (
    id uuid PRIMARY KEY,
    job uuid NOT NULL REFERENCES jobs (id),
    checkpoint uuid,
    rating smallint,
    last_created timestamptz NOT NULL,
    -- In the job; NULL of those that were gone before it was kept.
    place integer
);

CREATE TABLE feedback (
    -- The zero id stands for any, in both: the counts of a model by itself.
    checkpoint uuid NOT NULL,
    lora uuid NOT NULL,
    -- weight, sampler, scheduler, steps or cfg, and which; empty for all of them.
    setting text NOT NULL,
    value text NOT NULL,
    pictures integer NOT NULL,
    rated integer NOT NULL,
    stars integer NOT NULL,
    last_used timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, lora, setting, value)
);
CREATE INDEX feedback_by_lora ON feedback (lora, rated DESC) WHERE setting = '';

-- By which rule all that is in feedback was counted: a digest of feedback_keys.
CREATE TABLE feedback_rule (
    rule text PRIMARY KEY
);

-- Everything that the picture at a place of its job counts for, each once. Of a recipe that is not as ours are, what can
-- be read. A LoRA that the picture's own prompt has drawn is applied in the stead of the same one in the recipe.
-- Weights to a tenth, steps from ten on to five, CFG to a half: near values make the same picture, and share their stars.
-- A LoRA whose weight is nothing to a tenth has done nothing.
CREATE FUNCTION feedback_keys(made_with uuid, recipe jsonb, place integer)
    RETURNS TABLE (checkpoint uuid, lora uuid, setting text, value text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH applied AS (
        SELECT (entry ->> 'id')::uuid AS id, round((entry ->> 'weight')::numeric, 1) AS weight, drawn
        FROM (VALUES (recipe -> 'loras', false), (recipe -> 'resolved' -> place -> 'loras', true)) lists (list, drawn),
            jsonb_array_elements(CASE jsonb_typeof(list) WHEN 'array' THEN list ELSE '[]' END) entry
        WHERE jsonb_typeof(entry -> 'weight') = 'number'
            AND entry ->> 'id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    ), loras AS (
        SELECT id, weight FROM applied WHERE weight <> 0
            AND (drawn OR id NOT IN (SELECT other.id FROM applied other WHERE other.drawn))
    ), number AS (
        SELECT name, CASE jsonb_typeof(recipe -> name) WHEN 'number' THEN (recipe ->> name)::numeric END AS number
        FROM (VALUES ('steps'), ('cfg')) names (name)
    ), setting (name, value) AS (
        SELECT name, left(recipe ->> name, 100) FROM (VALUES ('sampler'), ('scheduler')) names (name)
        UNION SELECT name, trim_scale(CASE
            WHEN name = 'cfg' THEN round(number * 2) / 2
            WHEN number < 10 THEN round(number)
            ELSE round(number / 5) * 5 END)::text FROM number
    ), nobody (id) AS (
        VALUES ('00000000-0000-0000-0000-000000000000'::uuid)
    )
    SELECT made_with, nobody.id, '', '' FROM nobody WHERE made_with IS NOT NULL
    UNION SELECT nobody.id, loras.id, '', '' FROM nobody, loras
    UNION SELECT made_with, loras.id, '', '' FROM loras WHERE made_with IS NOT NULL
    UNION SELECT made_with, loras.id, 'weight', loras.weight::text FROM loras WHERE made_with IS NOT NULL
    UNION SELECT made_with, nobody.id, setting.name, setting.value FROM nobody, setting
        WHERE made_with IS NOT NULL AND setting.value IS NOT NULL
$$;

-- Counts a new picture, and what somebody thinks of an old one. Keys are taken in one order, so that two pictures
-- counted at once wait for each other and never in a circle.
CREATE FUNCTION count_feedback() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before smallint;
    more integer := 1;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := OLD.rating;
        more := 0;
        IF NEW.rating IS NOT DISTINCT FROM before THEN RETURN NULL; END IF;
    END IF;
    INSERT INTO feedback AS f (checkpoint, lora, setting, value, pictures, rated, stars, last_used)
    SELECT key.checkpoint, key.lora, key.setting, key.value, more, (NEW.rating IS NOT NULL)::integer - (before IS NOT NULL)::integer,
        coalesce(NEW.rating, 0) - coalesce(before, 0), NEW.last_created
    FROM jobs, feedback_keys(NEW.checkpoint, jobs.recipe, NEW.place) key WHERE jobs.id = NEW.job
    ORDER BY key.checkpoint, key.lora, key.setting, key.value
    ON CONFLICT (checkpoint, lora, setting, value) DO UPDATE SET pictures = f.pictures + excluded.pictures,
        rated = f.rated + excluded.rated, stars = f.stars + excluded.stars, last_used = greatest(f.last_used, excluded.last_used);
    PERFORM tell_models(NEW.checkpoint, ARRAY(SELECT key.lora FROM jobs, feedback_keys(NULL, jobs.recipe, NEW.place) key WHERE jobs.id = NEW.job));
    IF more = 0 THEN PERFORM pg_notify('genonaut_library', 'models'); END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER images_count_feedback AFTER INSERT OR UPDATE OF rating ON images
    FOR EACH ROW EXECUTE FUNCTION count_feedback();

-- Writes the counts of models into their own rows, where lists are ordered by them.
CREATE FUNCTION tell_models(made_with uuid, loras uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    nobody uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    UPDATE models_checkpoints m SET pictures = f.pictures, rated_pictures = f.rated, stars = f.stars, last_used = f.last_used
    FROM feedback f WHERE m.id = made_with AND f.checkpoint = m.id AND f.lora = nobody AND f.setting = '';
    PERFORM FROM models_loras WHERE id = ANY(loras) ORDER BY id FOR NO KEY UPDATE;
    UPDATE models_loras m SET pictures = f.pictures, rated_pictures = f.rated, stars = f.stars, last_used = f.last_used
    FROM feedback f WHERE m.id = ANY(loras) AND f.checkpoint = nobody AND f.lora = m.id AND f.setting = '';
END
$$;

-- What a picture has taught stays when it goes.
CREATE FUNCTION keep_feedback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO images_gone (id, job, checkpoint, rating, last_created, place)
    SELECT id, job, checkpoint, rating, last_created, place FROM gone;
    RETURN NULL;
END
$$;
CREATE TRIGGER images_keep_feedback AFTER DELETE ON images
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_feedback();
";

/// Number of images with a value, and their ratings.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Count {
    /// The zero ID for any.
    pub checkpoint: Uuid,
    /// The zero ID for any.
    pub lora: Uuid,
    /// `weight`, `sampler`, `scheduler`, `steps` or `cfg`; empty for all of them.
    pub setting: String,
    /// Weights are rounded to 0.1, steps from 10 on to 5, CFG to 0.5.
    pub value: String,
    pub pictures: i32,
    /// Number of rated images.
    #[sqlx(rename = "rated")]
    pub rated_pictures: i32,
    /// Sum of the ratings, 1 to 5 each.
    pub stars: i32,
    /// Time of the latest image.
    pub last_used: DateTime<Utc>,
}

impl Count {
    /// Average rating of its images.
    pub fn average_stars(&self) -> Option<f64> {
        average(self.rated_pictures.into(), self.stars.into())
    }
}

/// `stars` of `rated` pictures, 1 to 5; none without pictures.
pub(crate) fn average(rated: f64, stars: f64) -> Option<f64> {
    (rated > 0.0).then(|| stars / rated)
}

/// What is counted for the settings of a checkpoint, and for the weights of these LoRAs with it.
pub async fn settings(db: &PgPool, checkpoint: Uuid, loras: &[Uuid]) -> sqlx::Result<Vec<Count>> {
    let loras: Vec<_> = loras.iter().copied().chain([Uuid::nil()]).collect();
    sqlx::query_as(
        "SELECT * FROM feedback WHERE checkpoint = $1 AND lora = ANY($2) AND setting <> '' ORDER BY lora, setting, value",
    )
    .bind(checkpoint)
    .bind(loras)
    .fetch_all(db)
    .await
}

/// The checkpoints that a LoRA has most rated pictures with.
pub async fn partners(db: &PgPool, lora: Uuid, limit: u16) -> sqlx::Result<Vec<Count>> {
    sqlx::query_as(
        "SELECT * FROM feedback WHERE lora = $1 AND setting = '' AND checkpoint <> $2
         ORDER BY rated DESC, pictures DESC, checkpoint LIMIT $3",
    )
    .bind(lora)
    .bind(Uuid::nil())
    .bind(i64::from(limit))
    .fetch_all(db)
    .await
}
