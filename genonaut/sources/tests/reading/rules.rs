//! Each rule of the table, on a file made from the rule itself: the engine follows the rules, all of them.

use std::collections::BTreeMap;

use genonaut_sources::architectures::TABLE;
use serde_json::{Value, json};

use crate::sample::sample;
use crate::score::{Expected, rows, through_a_file, wrong};

#[test]
fn every_rule_for_checkpoints_finds_its_architecture() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut errors = Vec::new();
    for architecture in list(&table["architectures"]) {
        for (place, rule) in list(&architecture["checkpoint_rules"]).iter().enumerate() {
            let prefix = if place % 2 == 0 { "model.diffusion_model." } else { "" };
            let names = tensors(rule, prefix);
            let rows = rows(names.iter().map(|(name, shape)| (name.as_str(), shape.clone())));
            let id = format!("{}-{place}", architecture["id"].as_str().unwrap());
            let answer = json!({"type": "diffusion_model", "architecture": architecture["id"]});
            let got = through_a_file(folder.path(), &id, &rows, &[]);
            errors.extend(wrong(&Expected { id, answer }, &got));
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value[key].as_str()
}

fn first(value: &Value) -> Option<u64> {
    value.as_array()?.first()?.as_u64()
}

fn tensors(rule: &Value, prefix: &str) -> BTreeMap<String, Vec<u64>> {
    let mut tensors: BTreeMap<_, _> = (0..24).map(|n| (format!("{prefix}filler.{n}.weight"), vec![1])).collect();
    for condition in list(&rule["all"]) {
        if let Some(key) = text(condition, "k") {
            let mut shape = vec![8, 8];
            for axis in condition["d"].as_array().into_iter().flatten() {
                let at = axis[0].as_u64().unwrap() as usize;
                shape.resize(shape.len().max(at + 1), 8);
                shape[at] = first(&axis[1]).unwrap();
            }
            tensors.insert(format!("{prefix}{key}"), shape);
        }
        if let Some(pattern) = text(condition, "re") {
            tensors.insert(format!("{prefix}{}", sample(pattern)), vec![8, 8]);
        }
        if let Some(root) = text(condition, "root") {
            tensors.insert(root.to_owned(), vec![1]);
        }
    }
    tensors
}

#[test]
fn every_rule_for_adapters_finds_its_architecture() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut errors = Vec::new();
    for (place, rule) in list(&table["lora_rules_ordered"]).iter().enumerate() {
        let (modules, title) = modules(rule);
        if modules.is_empty() {
            continue;
        }
        let parts = modules.iter().flat_map(|(module, (input, output))| {
            let part = |ending: &str, shape: Vec<u64>| (format!("{module}.{ending}"), "F16".to_owned(), shape);
            [part("alpha", vec![]), part("lora_down.weight", vec![4, *input]), part("lora_up.weight", vec![*output, 4])]
        });
        let metadata = [("ss_network_dim", "4"), ("ss_network_alpha", "4"), ("modelspec.title", &title)];
        let got = through_a_file(folder.path(), &place.to_string(), &parts.collect(), &metadata);
        let answer = json!({"type": "lora", "architecture": rule["architecture"], "rank": 4, "adapter": "lora"});
        errors.extend(wrong(&Expected { id: format!("rule {place} {}", rule["all"]), answer }, &got));
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// Modules with their widths, and the title. Rules on what has no widths at all make no files.
fn modules(rule: &Value) -> (BTreeMap<String, (u64, u64)>, String) {
    let (mut modules, mut title) = (BTreeMap::new(), String::new());
    for condition in list(&rule["all"]) {
        if let Some(pattern) = text(condition, "m") {
            let widths = (first(&condition["in"]).unwrap_or(64), first(&condition["out"]).unwrap_or(64));
            modules.insert(module(pattern), widths);
        }
        for (target, widths) in condition["te"].as_object().into_iter().flatten() {
            let width = first(widths).unwrap();
            modules.insert(format!("lora_{target}_text_model_encoder_layers_0_self_attn_q_proj"), (width, width));
        }
        if let Some(prefix) = text(condition, "prefix") {
            modules.insert(format!("{prefix}down_blocks_0_attn_to_q"), (64, 64));
        }
        title.push_str(&text(condition, "meta").map(sample).unwrap_or_default());
        if !condition["nowidth"].is_null() || !condition["cloneofsimo"].is_null() {
            return Default::default();
        }
    }
    (modules, title)
}

fn module(pattern: &str) -> String {
    let path = sample(pattern);
    let start = match path.starts_with('_') {
        true if path.contains("_blocks_") => "double",
        true => "double_blocks_0",
        false => "",
    };
    let end = if pattern.ends_with('$') { "" } else { "_x" };
    format!("lora_unet_{}{end}", [start, &path].concat().trim_matches('_'))
}
