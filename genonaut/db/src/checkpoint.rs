//! `models_checkpoints`: its declaration, its types, and every query on it.

mod queries;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use queries::{
    Filter, best, bulk, called, columns, count, create, delete, facets, find, find_by_hash, find_by_name,
    find_or_trashed, give_back, list, origins, patch, undo,
};

use crate::architecture::Target;
use crate::feedback;
use crate::metadata::Metadata;
use crate::model::model;

model! {
    /// A checkpoint: the base model of an image.
    #[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
    pub struct Checkpoint in "models_checkpoints" {
        id: Uuid = "uuid DEFAULT gen_random_uuid()";
        /// Path of the file; the only required field.
        path: String = "text NOT NULL UNIQUE CHECK (path ~ '\\S' AND length(path) <= 1000 AND octet_length(path) <= 2600)";
        /// Default: the last part of the path.
        filename: Option<String> = "text UNIQUE CHECK (length(filename) <= 1000 AND octet_length(filename) <= 2600)";
        /// Default: the filename without its extension.
        name: Option<String> = "text UNIQUE CHECK (length(name) <= 1000 AND octet_length(name) <= 2600)";
        version: Option<String> = "text";
        /// As written by the source; `base` is used for compatibility.
        architecture: Option<String> = "text CHECK (length(architecture) <= 500)";
        family: Option<String> = "text CHECK (length(family) <= 500)";
        description: Option<String> = "text";
        /// From 0 to 1; missing when unrated.
        rating: Option<f64> = "double precision CHECK (rating >= 0 AND rating <= 1)";
        tags: Vec<String> = "text[] DEFAULT '{}' CHECK (short_words(tags))", read "coalesce(tags, '{}')";
        /// An object; `defaults` holds width, height, steps, cfg, sampler, scheduler.
        #[schema(value_type = Object)]
        metadata: Metadata = "jsonb DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object')", read "coalesce(metadata, '{}')";
        last_created: DateTime<Utc> = "timestamptz DEFAULT now()";
        last_updated: DateTime<Utc> = "timestamptz DEFAULT now()";
        /// When its last file disappeared; null while a file exists, and for models without known files.
        missing_since: Option<DateTime<Utc>> = "timestamptz";
        /// Name of its preview image, at `/previews/{preview}`.
        preview: Option<String> = "text";
        /// Whether it is one of the examples: it came with seed files or was made up, and never had a file.
        example: bool = "boolean DEFAULT false", read "coalesce(example, false)";
        /// Number of images ever generated with it, including trashed and deleted ones.
        pictures: i32 = "integer DEFAULT 0", read "coalesce(pictures, 0)";
        /// Number of rated images.
        rated_pictures: i32 = "integer DEFAULT 0", read "coalesce(rated_pictures, 0)";
        /// Sum of the ratings of its images, 1 to 5 each.
        stars: i32 = "integer DEFAULT 0", read "coalesce(stars, 0)";
        /// Time of the latest image.
        last_used: Option<DateTime<Utc>> = "timestamptz";
        /// From 0 to 1: starts at `rating` and follows the ratings of its images; missing without both.
        learned_rating: Option<f64> = "double precision GENERATED ALWAYS AS (learned_rating(rating, rated_pictures, stars)) STORED";
        /// Canonical id of the architecture, e.g. `sd1`, `sdxl`, `pony`; missing when unknown.
        base: Option<String> = "text";
    }
    database only {
        search = "tsvector";
        // When it was moved to the trash; lists, searches and names leave it out then, scans and queued jobs do not.
        deleted_at = "timestamptz";
    }
    with "
CREATE INDEX models_checkpoints_rating ON models_checkpoints (rating);
CREATE INDEX models_checkpoints_architecture ON models_checkpoints (architecture);
CREATE INDEX models_checkpoints_family ON models_checkpoints (family);
CREATE INDEX models_checkpoints_base ON models_checkpoints (base);
CREATE INDEX models_checkpoints_tags ON models_checkpoints USING gin (tags);
CREATE INDEX models_checkpoints_metadata ON models_checkpoints USING gin (metadata);
CREATE INDEX models_checkpoints_search ON models_checkpoints USING gin (search);
CREATE INDEX models_checkpoints_description_words ON models_checkpoints USING gist (to_tsvector('english', left(description, 20000)));
CREATE INDEX models_checkpoints_description_trigrams ON models_checkpoints USING gist (left(description, 2000) gist_trgm_ops);
CREATE INDEX models_checkpoints_missing ON models_checkpoints (missing_since) WHERE missing_since IS NOT NULL;
CREATE INDEX models_checkpoints_own_preview ON models_checkpoints (preview) WHERE preview LIKE '0-%';
CREATE INDEX models_checkpoints_deleted ON models_checkpoints (deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
CREATE INDEX models_checkpoints_by_rating ON models_checkpoints ((coalesce(rating, -1)) DESC, id DESC);
CREATE INDEX models_checkpoints_by_learned ON models_checkpoints ((coalesce(learned_rating, -1)) DESC, id DESC);
CREATE INDEX models_checkpoints_by_rating_examples_last ON models_checkpoints ((coalesce(rating, -1) - 10 * coalesce(example, false)::integer) DESC, id DESC);
CREATE INDEX models_checkpoints_by_learned_examples_last ON models_checkpoints ((coalesce(learned_rating, -1) - 10 * coalesce(example, false)::integer) DESC, id DESC);
-- Also counts all rows, without reading them.
CREATE INDEX models_checkpoints_examples ON models_checkpoints (example) WHERE deleted_at IS NULL;
CREATE INDEX models_checkpoints_by_pictures ON models_checkpoints ((coalesce(pictures, 0)) DESC, id DESC);
CREATE INDEX models_checkpoints_by_name ON models_checkpoints ((lower(coalesce(name, path))), id);
CREATE INDEX models_checkpoints_by_created ON models_checkpoints (last_created DESC, id DESC);
CREATE INDEX models_checkpoints_by_updated ON models_checkpoints (last_updated DESC, id DESC);

CREATE FUNCTION models_checkpoints_fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.filename := coalesce(nullif(btrim(NEW.filename), ''), model_filename(NEW.path));
    NEW.name := coalesce(nullif(btrim(NEW.name), ''), model_stem(NEW.filename));
    NEW.tags := tidy_array(NEW.tags);
    NEW.metadata := coalesce(NEW.metadata, '{}');
    IF TG_TABLE_NAME <> 'models_checkpoints' THEN
        RETURN NEW; -- A staging table of a seed needs the names only.
    END IF;
    NEW.base := canonical_base(NEW.architecture, NEW.family);
    NEW.search := search_lexemes(
        concat_ws(' ', NEW.name, nullif(model_stem(NEW.filename), NEW.name), NEW.family, NEW.architecture, NEW.base, array_to_string(NEW.tags, ' ')),
        search_texts(NEW.filename, NEW.description, NEW.metadata), search_marks(NEW.metadata));
    RETURN NEW;
END
$$;
CREATE TRIGGER models_checkpoints_fill BEFORE INSERT OR UPDATE ON models_checkpoints
    FOR EACH ROW EXECUTE FUNCTION models_checkpoints_fill();
CREATE TRIGGER models_checkpoints_stamp BEFORE INSERT OR UPDATE ON models_checkpoints
    FOR EACH ROW EXECUTE FUNCTION stamp_model();
CREATE TRIGGER models_checkpoints_gone AFTER DELETE ON models_checkpoints
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION forget_sources();
"
}

impl Checkpoint {
    /// Display name: its name, else its filename, else its path.
    pub fn label(&self) -> &str {
        let named = self.name.as_deref().or(self.filename.as_deref());
        named.unwrap_or(&self.path)
    }

    /// Average rating of its images.
    pub fn average_stars(&self) -> Option<f64> {
        feedback::average(self.rated_pictures.into(), self.stars.into())
    }

    /// Changes with every change of the row; the ETag of the API.
    pub fn revision(&self) -> i64 {
        self.last_updated.timestamp_micros()
    }

    /// What a LoRA's fit is judged against.
    pub fn target(&self) -> Target {
        let names = [&self.name, &self.filename].into_iter().flatten().cloned().collect();
        Target { names, base: self.base.clone(), label: self.label().to_owned() }
    }
}
