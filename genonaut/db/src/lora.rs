//! `models_loras`: its declaration, its types, and every query on it.

mod queries;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use queries::{
    Filter, FitFilter, bulk, called, columns, count, create, delete, facets, find, find_all, find_by_hashes,
    find_by_name, give_back, list, origins, patch, tags, undo,
};

use crate::architecture::{self, Fit, Target};
use crate::feedback;
use crate::metadata::Metadata;
use crate::model::model;

model! {
    /// A LoRA: a small model that adapts a checkpoint.
    #[derive(Debug, Clone, Serialize, sqlx::FromRow, ToSchema)]
    pub struct Lora in "models_loras" {
        id: Uuid = "uuid DEFAULT gen_random_uuid()";
        /// Path of the file; the only required field.
        path: String = "text NOT NULL UNIQUE CHECK (path ~ '\\S' AND length(path) <= 1000 AND octet_length(path) <= 2600)";
        /// Default: the last part of the path.
        filename: Option<String> = "text UNIQUE CHECK (length(filename) <= 1000 AND octet_length(filename) <= 2600)";
        /// Default: the filename without its extension.
        name: Option<String> = "text UNIQUE CHECK (length(name) <= 1000 AND octet_length(name) <= 2600)";
        version: Option<String> = "text";
        /// As written by the source; `bases` is used for compatibility.
        compatible_architectures: Vec<String> = "text[] DEFAULT '{}' CHECK (short_words(compatible_architectures))", read "coalesce(compatible_architectures, '{}')";
        family: Option<String> = "text CHECK (length(family) <= 500)";
        description: Option<String> = "text";
        /// From 0 to 1; missing when unrated.
        rating: Option<f64> = "double precision CHECK (rating >= 0 AND rating <= 1)";
        tags: Vec<String> = "text[] DEFAULT '{}' CHECK (short_words(tags))", read "coalesce(tags, '{}')";
        /// Words that trigger the LoRA in a prompt.
        trigger_words: Vec<String> = "text[] DEFAULT '{}' CHECK (short_words(trigger_words))", read "coalesce(trigger_words, '{}')";
        /// Names of the checkpoints it works best with.
        optimal_checkpoints: Vec<String> = "text[] DEFAULT '{}' CHECK (short_words(optimal_checkpoints))", read "coalesce(optimal_checkpoints, '{}')";
        /// An object; `recommended_weight` is its default weight.
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
        /// Canonical IDs of its base models, e.g. `sd1`; empty when unknown.
        // The column also holds what one index lookup needs to answer every grade of fit:
        // `=name` for each optimal checkpoint, and `?` when no base is known.
        bases: Vec<String> = "text[]", read "ARRAY(SELECT base FROM unnest(bases) base WHERE base !~ '^[=?]')";
    }
    database only {
        search = "tsvector";
        // When it was moved to the trash; lists, searches and names leave it out then, scans and queued jobs do not.
        deleted_at = "timestamptz";
    }
    with "
CREATE INDEX models_loras_rating ON models_loras (rating);
CREATE INDEX models_loras_family ON models_loras (family);
CREATE INDEX models_loras_compatible_architectures ON models_loras USING gin (compatible_architectures);
CREATE INDEX models_loras_bases ON models_loras USING gin (bases);
CREATE INDEX models_loras_tags ON models_loras USING gin (tags);
CREATE INDEX models_loras_trigger_words ON models_loras USING gin (trigger_words);
CREATE INDEX models_loras_optimal_checkpoints ON models_loras USING gin (optimal_checkpoints);
CREATE INDEX models_loras_metadata ON models_loras USING gin (metadata);
CREATE INDEX models_loras_search ON models_loras USING gin (search);
CREATE INDEX models_loras_description_words ON models_loras USING gist (to_tsvector('english', left(description, 20000)));
CREATE INDEX models_loras_description_trigrams ON models_loras USING gist (left(description, 2000) gist_trgm_ops);
CREATE INDEX models_loras_missing ON models_loras (missing_since) WHERE missing_since IS NOT NULL;
CREATE INDEX models_loras_own_preview ON models_loras (preview) WHERE preview LIKE '0-%';
CREATE INDEX models_loras_deleted ON models_loras (deleted_at DESC, id DESC) WHERE deleted_at IS NOT NULL;
CREATE INDEX models_loras_by_rating ON models_loras ((coalesce(rating, -1)) DESC, id DESC);
CREATE INDEX models_loras_by_learned ON models_loras ((coalesce(learned_rating, -1)) DESC, id DESC);
CREATE INDEX models_loras_by_rating_examples_last ON models_loras ((coalesce(rating, -1) - 10 * coalesce(example, false)::integer) DESC, id DESC);
CREATE INDEX models_loras_by_learned_examples_last ON models_loras ((coalesce(learned_rating, -1) - 10 * coalesce(example, false)::integer) DESC, id DESC);
-- Also counts all rows, without reading them.
CREATE INDEX models_loras_examples ON models_loras (example) WHERE deleted_at IS NULL;
CREATE INDEX models_loras_by_pictures ON models_loras ((coalesce(pictures, 0)) DESC, id DESC);
CREATE INDEX models_loras_by_name ON models_loras ((lower(coalesce(name, path))), id);
CREATE INDEX models_loras_output_name ON models_loras ((lower(metadata -> 'raw' ->> 'ss_output_name')));
CREATE INDEX models_loras_by_created ON models_loras (last_created DESC, id DESC);
CREATE INDEX models_loras_by_updated ON models_loras (last_updated DESC, id DESC);

CREATE FUNCTION models_loras_fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.filename := coalesce(nullif(btrim(NEW.filename), ''), model_filename(NEW.path));
    NEW.name := coalesce(nullif(btrim(NEW.name), ''), model_stem(NEW.filename));
    NEW.tags := tidy_array(NEW.tags);
    NEW.trigger_words := tidy_array(NEW.trigger_words);
    NEW.compatible_architectures := tidy_array(NEW.compatible_architectures);
    NEW.optimal_checkpoints := tidy_array(NEW.optimal_checkpoints);
    NEW.metadata := coalesce(NEW.metadata, '{}');
    IF TG_TABLE_NAME <> 'models_loras' THEN
        RETURN NEW; -- A staging table of a seed needs the names only.
    END IF;
    NEW.bases := lora_fits(NEW.compatible_architectures, NEW.family, NEW.optimal_checkpoints);
    NEW.search := search_lexemes(
        concat_ws(' ', NEW.name, nullif(model_stem(NEW.filename), NEW.name), NEW.family,
            array_to_string(NEW.compatible_architectures || NEW.trigger_words || NEW.tags, ' ')),
        search_texts(NEW.filename, NEW.description, NEW.metadata), search_marks(NEW.metadata));
    RETURN NEW;
END
$$;
CREATE FUNCTION lora_fits(architectures text[], family text, checkpoints text[]) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    known text[] := ARRAY(SELECT DISTINCT base FROM unnest(architectures) given, canonical_base(given, family) base WHERE base IS NOT NULL);
BEGIN
    IF known = '{}' THEN known := '{?}'; END IF;
    RETURN known || ARRAY(SELECT DISTINCT checkpoint_key(name) FROM unnest(checkpoints) name);
END
$$;
CREATE TRIGGER models_loras_fill BEFORE INSERT OR UPDATE ON models_loras
    FOR EACH ROW EXECUTE FUNCTION models_loras_fill();
CREATE TRIGGER models_loras_stamp BEFORE INSERT OR UPDATE ON models_loras
    FOR EACH ROW EXECUTE FUNCTION stamp_model();
CREATE TRIGGER models_loras_gone AFTER DELETE ON models_loras
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION forget_sources();
"
}

impl Lora {
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

    /// How well it fits a checkpoint, and why.
    pub fn fit(&self, target: &Target) -> Fit {
        architecture::fit(target, &self.bases, &self.optimal_checkpoints)
    }
}
