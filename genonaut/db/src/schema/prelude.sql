-- What the declared models stand on: extensions, the lookup table of architecture spellings, and functions.
-- Functions carry no settings (SET …): PostgreSQL could then not inline them.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Every known spelling of an architecture or family, filled from data/architectures.json by `migrate`.
-- base: what fit, facets and filters compare; architecture: the same, or what the family builds on.
CREATE TABLE architecture_spellings (
    spelling text PRIMARY KEY,
    base text NOT NULL,
    architecture text NOT NULL
);

-- The last part of a path; both / and \ separate.
CREATE FUNCTION model_filename(path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT nullif(regexp_replace(path, '^.*[/\\]', ''), '')
$$;

-- A filename without its last extension. ".hidden" has none.
CREATE FUNCTION model_stem(filename text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(filename, '(.)\.[^.]*$', '\1')
$$;

-- One flat list without NULLs, whatever a client wrote.
CREATE FUNCTION tidy_array(list text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF list IS NULL THEN RETURN '{}'; END IF;
    IF coalesce(array_ndims(list), 1) = 1 AND array_position(list, NULL) IS NULL THEN RETURN list; END IF;
    RETURN ARRAY(SELECT word FROM unnest(list) word WHERE word IS NOT NULL);
END
$$;

-- Whether every word is short enough for an index entry.
CREATE FUNCTION short_words(list text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT NOT EXISTS (SELECT FROM unnest(list) word WHERE length(word) > 500)
$$;

-- The base that a spelling stands for, refined by the family where that is a base of its own on the same
-- architecture ("sdxl" of family "Pony" is "pony"). Does what architecture::canonical does.
CREATE FUNCTION canonical_base(spelling text, family text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    own architecture_spellings := find_spelling(spelling);
    kin architecture_spellings;
BEGIN
    IF own.base IS NULL THEN RETURN NULL; END IF;
    kin := find_spelling(family);
    IF kin.architecture = own.base AND kin.base <> own.base THEN RETURN kin.base; END IF;
    RETURN own.base;
END
$$;

-- What a spelling means: the whole one, then what stands before its first slash.
CREATE FUNCTION find_spelling(given text) RETURNS architecture_spellings LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    key text := spelling_key(given);
    entry architecture_spellings;
BEGIN
    IF given IS NULL THEN RETURN NULL; END IF;
    SELECT * INTO entry FROM architecture_spellings WHERE spelling = key;
    IF entry IS NULL AND key LIKE '%/%' THEN
        SELECT * INTO entry FROM architecture_spellings WHERE spelling = split_part(key, '/', 1);
    END IF;
    RETURN entry;
END
$$;

-- How spellings stand in the table: a hyphen for each run of blanks and underscores, none around, ASCII in lower case.
-- Does what architectures::normalise does; under COLLATE "C", because classes and cases of letters differ by locale.
CREATE FUNCTION spelling_key(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(btrim(regexp_replace(lower(given COLLATE "C"),
        '[\s_\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+', ' ', 'g')), ' ', '-')
$$;

-- How a LoRA's list of what it fits names a checkpoint: '=' and the name without folder and extension, ASCII in lower
-- case. Does what architecture::fits_key_optimal does.
CREATE FUNCTION checkpoint_key(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '=' || regexp_replace(regexp_replace(lower(name COLLATE "C"), '^.*[/\\]', ''),
        '\.(safetensors|ckpt|gguf|pt|pth|bin|sft)$', '')
$$;

-- A model's rating as its pictures teach it, from 0 to 1: a Bayesian average, (10 * prior + evidence) / (10 + rated).
-- prior: the given rating, else 0.5, which is three stars. evidence: stars as 0, 1/4, 1/2, 3/4, 1, so stars - rated by 4.
-- 10: stars of one model's pictures differ by about a star (variance 1/16) for reasons that are not the model, given
-- ratings from what somebody finds by about 0.08; the ratio of the variances is how many pictures a given rating is worth.
-- Without stars it is the given rating, to the last digit: NULL where there is none.
CREATE FUNCTION learned_rating(given double precision, rated integer, stars integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN rated > 0 THEN
        coalesce(given, 0.5) + ((stars - rated) / 4.0::double precision - rated * coalesce(given, 0.5)) / (10 + rated)
        ELSE given END
$$;

-- Sets the times of a model. Triggers run in the order of their names, so this one sees what the others have filled in.
CREATE FUNCTION stamp_model() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.last_created := now();
        NEW.last_updated := now();
        RETURN NEW;
    END IF;
    NEW.last_created := OLD.last_created;
    NEW.last_updated := OLD.last_updated;
    -- A disk that goes and comes back changes nothing that anybody has said of the model; neither does a picture, the first
    -- file of an example, nor the way into the trash and out of it.
    said := NEW;
    said.missing_since := OLD.missing_since;
    said.search := OLD.search;
    said.deleted_at := OLD.deleted_at;
    said.example := OLD.example;
    said.pictures := OLD.pictures;
    said.rated_pictures := OLD.rated_pictures;
    said.stars := OLD.stars;
    said.last_used := OLD.last_used;
    said.learned_rating := OLD.learned_rating;
    IF said IS DISTINCT FROM OLD THEN
        NEW.last_updated := greatest(clock_timestamp(), OLD.last_updated + interval '1 microsecond');
    END IF;
    RETURN NEW;
END
$$;

-- What a source speaks of: fields, and of fields that are objects each key, as "field.key".
CREATE FUNCTION said_fields(fields text[], said jsonb) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT field FROM unnest(fields) field WHERE jsonb_typeof(said -> field) IS DISTINCT FROM 'object'
    UNION ALL
    SELECT field || '.' || key FROM unnest(fields) field,
        jsonb_object_keys(CASE jsonb_typeof(said -> field) WHEN 'object' THEN said -> field ELSE '{}' END) key
$$;

-- An object key by key, when a source says `after` that has said `before`: what others hold stays, and so does what
-- is neither this source's word nor any other's (somebody put it there); what it no longer says falls to the next.
CREATE FUNCTION merge_said(field text, now jsonb, before jsonb, after jsonb, held text[], others jsonb[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(key, value) FILTER (WHERE value IS NOT NULL), '{}') FROM (
        SELECT key, CASE
            WHEN field = ANY(held) OR field || '.' || key = ANY(held) THEN now -> key
            WHEN now -> key IS DISTINCT FROM before -> key
                AND NOT (now ? key AND EXISTS (SELECT FROM unnest(others) o WHERE o -> field -> key = now -> key)) THEN now -> key
            ELSE coalesce(after -> key, (SELECT o -> field -> key FROM unnest(others) WITH ORDINALITY ranked (o, rank)
                WHERE o -> field ? key ORDER BY rank LIMIT 1))
        END AS value
        FROM (SELECT jsonb_object_keys(coalesce(now, '{}')) UNION SELECT jsonb_object_keys(coalesce(after, '{}'))
            UNION SELECT jsonb_object_keys(coalesce(o -> field, '{}')) FROM unnest(others) o) AS keys (key)
    ) merged
$$;

-- Removes what sources said about rows that were deleted for good, and remembers which rows of seed files they were.
CREATE FUNCTION forget_sources() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deleted_seeds (table_name, source, source_key) SELECT table_name, source, source_key FROM field_sources
        WHERE table_name = TG_TABLE_NAME AND row_key IN (SELECT id::text FROM gone) AND source LIKE 'file:%'
        ON CONFLICT DO NOTHING;
    DELETE FROM field_sources WHERE table_name = TG_TABLE_NAME AND row_key IN (SELECT id::text FROM gone);
    DELETE FROM model_contents WHERE table_name = TG_TABLE_NAME AND model IN (SELECT id FROM gone);
    UPDATE files SET model = NULL, judged = coalesce(judged, '')
        WHERE table_name = TG_TABLE_NAME AND model IN (SELECT id FROM gone);
    RETURN NULL;
END
$$;
