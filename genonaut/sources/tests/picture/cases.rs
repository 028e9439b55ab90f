//! A folder of images with what each should give, where it lies beside the project.

use std::fs;
use std::path::PathBuf;

use genonaut_sources::picture::{Made, read};
use serde_json::{Value, json};

#[test]
fn images_that_came_out_wrong_give_what_they_should() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/pictures");
    let Ok(list) = fs::read_to_string(folder.join("pictures.json")) else { return };
    let cases: Vec<Value> = serde_json::from_str(&list).unwrap();
    // Those of ComfyUI's graphs wait for a reader of any graph.
    let cases = cases.iter().filter(|case| !case["file"].as_str().unwrap().starts_with('C'));
    let wrong: Vec<String> = cases.flat_map(|case| differences(&folder, case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(folder: &std::path::Path, case: &Value) -> Vec<String> {
    let file = case["file"].as_str().unwrap();
    let made = match read(&fs::read(folder.join(file)).unwrap()) {
        Ok(made) => made,
        Err(error) => return vec![format!("{file}: {error}")],
    };
    let given = values(&made);
    let wanted = case["expected"].as_object().unwrap().iter();
    let wrong = wanted.filter(|(field, wanted)| !is(field, &given[field.as_str()], wanted));
    wrong.map(|(field, wanted)| format!("{file}: {field} is {}, not {wanted}", given[field.as_str()])).collect()
}

fn values(made: &Made) -> Value {
    let loras: Vec<_> = made.loras.iter().map(|lora| json!([lora.model.name, lora.weight, lora.clip_weight])).collect();
    json!({
        "prompt": made.prompt, "negative_prompt": made.negative_prompt, "steps": made.steps, "sampler": made.sampler,
        "scheduler": made.scheduler, "cfg": made.cfg, "seed": made.seed, "width": made.width, "height": made.height,
        "checkpoint": made.checkpoint.as_ref().map(|model| &model.name), "clip_skip": made.clip_skip, "loras": loras,
    })
}

/// A list is any of its values, outside "loras" and for a weight.
fn is(field: &str, given: &Value, wanted: &Value) -> bool {
    let any = |given: &Value, wanted: &Value| match wanted.as_array() {
        Some(list) => list.iter().any(|wanted| same(given, wanted)),
        None => same(given, wanted),
    };
    match (field, given.as_array(), wanted.as_array()) {
        ("loras", Some(given), Some(wanted)) => {
            given.len() == wanted.len()
                && given.iter().zip(wanted).all(|(given, wanted)| (0..3).all(|at| any(&given[at], &wanted[at])))
        }
        _ => any(given, wanted),
    }
}

fn same(given: &Value, wanted: &Value) -> bool {
    match (given.as_f64(), wanted.as_f64()) {
        (Some(given), Some(wanted)) => (given - wanted).abs() < 1e-9,
        _ => given == wanted,
    }
}
