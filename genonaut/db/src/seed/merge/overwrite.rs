//! What a person has set is no longer theirs where a file has overwritten it.

use super::literal;
use crate::seed::stage::Stage;
use crate::sources::PERSON;

/// Takes the overwritten fields out of what people have set, so that they follow the file from now on.
pub(super) fn forget_person(stage: &Stage<'_>) -> String {
    // An object that a person emptied as a whole is named without its keys.
    let gone = "name = ANY(m.overwritten) OR EXISTS (SELECT FROM unnest(m.overwritten) field WHERE starts_with(field, name || '.'))";
    let objects = stage.header.iter().filter(|name| stage.target.is_object(name));
    let said = objects.fold("(w.said - m.overwritten)".to_owned(), |said, name| without_keys(&said, name));
    format!(
        "UPDATE field_sources w SET fields = ARRAY(SELECT name FROM unnest(w.fields) name WHERE NOT ({gone})),
            said = {said}, last_updated = now()
         FROM seed_merged m
         WHERE w.table_name = {} AND w.source = '{PERSON}' AND w.row_key = m.row_key AND cardinality(m.overwritten) > 0",
        literal(&stage.target.table)
    )
}

fn without_keys(said: &str, name: &str) -> String {
    let (key, dotted) = (literal(name), literal(&format!("{name}.")));
    let keys = format!(
        "ARRAY(SELECT substr(field, length({dotted}) + 1) FROM unnest(m.overwritten) field WHERE starts_with(field, {dotted}))"
    );
    format!(
        "CASE jsonb_typeof(w.said -> {key}) WHEN 'object' THEN jsonb_set({said}, ARRAY[{key}], (w.said -> {key}) - {keys})
            ELSE {said} END"
    )
}
