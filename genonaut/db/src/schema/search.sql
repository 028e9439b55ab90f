-- What search compares: `search_lexemes` makes a model's column `search`, `search_query` what is looked for in it.
--
-- Every end of a word is a lexeme, so a part of a word is the beginning of one: "offset" finds epinoiseoffset. That
-- holds for names, tags and trigger words. Of long texts the words themselves are lexemes, and their English stems.
-- Scripts without spaces have no words, so of them every end counts everywhere. Signs count where a text has little else.
-- No function depends on the locale of the database: signs and scripts are ranges of code points.

-- The rule by which the models' columns were made, so that `migrate` knows when they must be made again.
CREATE TABLE search_rule (
    rule text PRIMARY KEY
);

-- Without case, accents and forms of a letter: é, É, E, decomposed or full-width, are e.
-- Runs of scripts that write no spaces stand between spaces.
CREATE FUNCTION search_fold(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF octet_length(given) = length(given) THEN RETURN lower(given); END IF;
    given := regexp_replace(normalize(given, NFKD),
        '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u2060\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]',
        '', 'g');
    given := translate(lower(normalize(given, NFKC)), 'øđðłħŧıςØĐŁ', 'oddlhtiσodl');
    given := replace(replace(replace(given, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
    -- Thai to Burmese, Khmer, Hangul's letters, then everything Chinese, Japanese and Korean.
    RETURN regexp_replace(given,
        '([\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\u30fa\u30fc-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+)',
        ' \1 ', 'g');
END
$$;

-- What stands between words: signs, and spaces in any form.
CREATE FUNCTION search_gaps() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '[\u0001-/:-@\[-`{-\u00bf×÷\u2010-\u2bff\u3000-\u3004\u3008-\u3020\u3030\u30fb\ue000-\uf8ff\ufe10-\ufe6f\U0001f000-\U0001faff]+'
$$;

-- Letters and digits, between signs.
CREATE FUNCTION search_split(folded text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT word FROM regexp_split_to_table(folded, search_gaps()) word WHERE word <> ''
$$;

-- Whether a text has signs other than those that names have in place of spaces.
CREATE FUNCTION search_has_signs(folded text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT folded ~ '[!-+:-@\[\]^`{-\u00bf×÷\u2016-\u2bff\u3001-\u3004\u3008-\u3020\u3030\ue000-\uf8ff\ufe10-\ufe6f\U0001f000-\U0001faff]'
$$;

-- Of how many letters a word's lexemes are at most. Fewer in scripts without spaces, where any place is a beginning.
CREATE FUNCTION search_reach(word text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN word > U&'\0e00' COLLATE "C" AND word ~ '^[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]' THEN 4 ELSE 24 END
$$;

-- names: found by parts of words, in the first 4,000 letters. texts: by beginnings of words, in the first 20,000.
-- marks: lexemes as they are. The limits keep the whole below the megabyte that a tsvector can have.
CREATE FUNCTION search_lexemes(names text, texts text, marks text[]) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    folded text := left(search_fold(left(names, 4000)), 4000);
    prose text := left(search_fold(left(concat_ws(' ', substr(names, 4001), texts), 20000)), 20000);
    lexemes text[] := marks || ARRAY(
        SELECT substr(word, at, reach) FROM search_split(folded) word, search_reach(word) reach,
            -- A single letter finds nothing in particular, a digit may.
            generate_series(1, length(word) - CASE WHEN reach = 24 AND length(word) > 1 AND strpos('0123456789', right(word, 1)) = 0 THEN 1 ELSE 0 END) at
        UNION ALL
        SELECT substr(word, at, reach) FROM search_split(prose) word, search_reach(word) reach,
            generate_series(1, CASE WHEN reach = 24 THEN 1 ELSE length(word) END) at);
BEGIN
    IF search_has_signs(folded) OR folded ~ '(^|\s)[-_.,/\\]+(\s|$)' THEN
        lexemes := lexemes || ARRAY(
            SELECT substr(run, at, 12) FROM regexp_split_to_table(folded, '\s+') run, generate_series(1, length(run)) at
            WHERE (search_has_signs(run) OR NOT EXISTS (SELECT FROM search_split(run)))
                AND NOT EXISTS (SELECT FROM search_split(substr(run, at, 2)) word WHERE length(word) > 1));
    END IF;
    RETURN array_to_tsvector(lexemes) || to_tsvector('english', prose);
END
$$;

-- A lexeme as a query writes it; mode: '' for the whole, ':*' for a beginning.
CREATE FUNCTION search_term(lexeme text, mode text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''' || mode
$$;

-- What is looked for: the beginnings of all words here, or their stems.
-- A run of signs is looked for as it is, one with single letters ("C++", ":3") too; of others the words are.
-- A link to Civitai stands for its ids. Where there is nothing to look for it is NULL, and nothing is found.
CREATE FUNCTION search_query(typed text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    folded text := search_fold(typed);
    run text;
    word text;
    found text[];
    words text[] := '{}';
    exact text[] := '{}';
    loose text[] := '{}';
    starts integer;
BEGIN
    FOREACH run IN ARRAY regexp_split_to_array(folded, '\s+') LOOP
        IF strpos(run, 'civitai') > 0 AND search_civitai(run) <> '{}' THEN
            exact := exact || search_civitai(run);
            CONTINUE;
        END IF;
        found := array_remove(regexp_split_to_array(run, search_gaps()), '');
        IF length(array_to_string(found, '')) > cardinality(found) OR found <> '{}' AND NOT search_has_signs(run) THEN
            words := words || found;
        -- A dash or plus between words, as in "Detail Tweaker - XL", asks for nothing.
        ELSIF run <> '' AND (found <> '{}' OR run ~ '[^\u0001-\u007f]' OR length(run) > 1 AND search_has_signs(run)
                OR NOT EXISTS (SELECT FROM search_split(folded))) THEN
            exact := exact || search_term(left(run, 12), ':*');
        END IF;
    END LOOP;
    FOREACH word IN ARRAY words LOOP
        starts := 1;
        LOOP
            loose := loose || search_term(substr(word, starts, search_reach(word)), ':*');
            EXIT WHEN search_reach(word) = 24 OR starts + 4 > length(word);
            -- All pieces together are only where the word is; the last one overlaps.
            starts := least(starts + 4, length(word) - 3);
        END LOOP;
    END LOOP;
    IF loose = '{}' THEN RETURN nullif(array_to_string(exact, ' & '), '')::tsquery; END IF;
    RETURN array_to_string(exact || ('(' || array_to_string(loose, ' & ')
        || coalesce(' | ' || nullif(plainto_tsquery('english', array_to_string(words, ' '))::text, ''), '') || ')'), ' & ')::tsquery;
END
$$;

-- What narrows a search for a name down to those that have all of its words; NULL where it has none.
CREATE FUNCTION search_named(name text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(search_term(left(word, search_reach(word)), ''), ' & ')::tsquery FROM search_split(search_fold(name)) word
$$;

-- The ids in a link to Civitai or in a urn:air, as terms: `civitai:122359` is a model, `civitai:@135867` a version.
CREATE FUNCTION search_civitai(run text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(
        SELECT search_term('civitai:' || found[1], '') FROM regexp_matches(run, 'civitai(?:\.[a-z]+/models/|:)(\d+)') found
        UNION ALL
        SELECT search_term('civitai:@' || found[1], '') FROM regexp_matches(run,
            '(?:civitai\.[a-z]+/.*modelversionid=|civitai\.[a-z]+/api/(?:download/models|v1/model-versions)/|civitai:\d+@)(\d+)') found)
$$;

-- The long texts of a model: its file's ending, its description, and what a person has noted.
CREATE FUNCTION search_texts(filename text, description text, metadata jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat_ws(' ', substring(filename FROM '\.[^.]*$'), metadata ->> 'notes', metadata ->> 'negative_text',
        CASE WHEN metadata -> 'favorite' = 'true' THEN 'favorite favourite' END,
        metadata #>> '{civitai,model_id}', metadata #>> '{civitai,version_id}', description)
$$;

-- The ids by which Civitai knows a model.
CREATE FUNCTION search_marks(metadata jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT 'civitai:' || (metadata #>> '{civitai,model_id}') WHERE metadata #> '{civitai,model_id}' <> 'null')
        || ARRAY(SELECT 'civitai:@' || (metadata #>> '{civitai,version_id}') WHERE metadata #> '{civitai,version_id}' <> 'null')
$$;
