//! What holds for all parameters, written into the finished document: utoipa has no word for it.

use serde_json::{Value, json};

/// An ETag of ours, or any.
const REVISION: &str = r#"^(\*|"-?[0-9]{1,18}")$"#;

pub fn complete(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.filter_map(|(_, path)| path.as_object_mut()).flatten();
    let parameters = operations.filter_map(|(_, operation)| operation.get_mut("parameters")?.as_array_mut());
    parameters.flatten().for_each(describe);
}

fn describe(parameter: &mut Value) {
    match parameter["in"].as_str() {
        Some("query") => parameter["allowEmptyValue"] = true.into(),
        Some("header") => {
            parameter["description"] = "ETag of the revision that is meant, or `*` for any.".into();
            parameter["schema"] = json!({"type": "string", "pattern": REVISION});
        }
        _ => {}
    }
}
