//! A table of architectures of one's own: for what files are, and for all the catalogue says of them.

use genonaut_sources::architectures::TABLE;
use serde_json::{Value, json};

use super::Home;
use crate::files::{lora, tensors};

/// The program's table with one more architecture, for which LoRAs of SD 1.5 work too.
fn table(change: impl FnOnce(&mut Value)) -> String {
    let mut table: Value = serde_json::from_str(TABLE).unwrap();
    let architectures = table["architectures"].as_array_mut().unwrap();
    let sd1 = architectures.iter_mut().find(|one| one["id"] == "sd1").unwrap();
    sd1["lora_compatible_bases"].as_array_mut().unwrap().push(json!("toy-net"));
    architectures.insert(0, json!({
        "id": "toy-net", "label": "Toy Net", "default_family": "toy-net", "modelspec_ids": [], "ss_base_model_versions": [],
        "ss_network_modules": [], "aliases": ["toy net 1.0"], "gguf_architectures": [], "lora_compatible_bases": ["toy-net"],
        "default_size": [640, 640], "text_encoders": ["t5xxl"], "defaults": {"steps": 3, "cfg": 1.5, "sampler": "euler"},
        "checkpoint_rules": [{"all": [{"k": "toy.0.weight", "d": [[1, [96]]]}]}],
    }));
    let rules = table["lora_rules_ordered"].as_array_mut().unwrap();
    rules.insert(
        0,
        json!({"architecture": "toy-net", "confidence": "high", "also": [], "all": [{"m": "^toy_", "in": [96]}]}),
    );
    table["alias_index"]["toynet"] = json!({"architecture": "toy-net"});
    change(&mut table);
    table.to_string()
}

fn models(home: &Home) -> String {
    let folder = home.0.path().join("models");
    let layers: Vec<_> = (0..24).map(|at| format!("toy.{at}.weight")).collect();
    let layers: Vec<_> = layers.iter().map(|name| (name.as_str(), &[8, 96][..])).collect();
    tensors(&folder.join("toy_v1.safetensors"), &layers);
    let [down, up] = ["lora_A", "lora_B"].map(|part| format!("diffusion_model.toy.3.{part}.weight"));
    tensors(&folder.join("toy_style.safetensors"), &[(&down, &[4, 96]), (&up, &[8, 4])]);
    lora(&folder.join("old_style.safetensors"), 768, &[]);
    lora(&folder.join("xl_style.safetensors"), 2048, &[]);
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_table_of_ones_own_holds_for_detection_spellings_fit_defaults_and_labels() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let folder = models(&home);
    let file = home.0.path().join("architectures.json");
    std::fs::write(&file, table(|_| ())).unwrap();
    let says = |args: &[&str]| {
        let output = home.command(args).env("GENONAUT_ARCHITECTURES", &file).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    says(&["models", "scan", &folder]);
    let show = |name: &str| serde_json::from_str::<Value>(&says(&["models", "show", name, "--json"])).unwrap();
    assert_eq!((&show("toy_v1")["base"], &show("toy_style")["bases"]), (&json!("toy-net"), &json!(["toy-net"])));
    assert!(says(&["models", "list", "checkpoint"]).contains("Toy Net"));
    let fits = |fit: &str| says(&["models", "list", "lora", "--checkpoint", "toy_v1", "--fit", fit]);
    assert!(fits("compatible").contains("toy_style") && !fits("compatible").contains("old_style"));
    assert!(fits("partial").contains("old_style"), "{}", fits("partial"));
    assert!(fits("incompatible").contains("xl_style"));
    for spelling in ["toynet", "Toy Net 1.0", "toy-net"] {
        assert!(says(&["models", "list", "lora", "--base", spelling]).contains("toy_style"), "{spelling}");
    }
    // Without it the program's own holds again, for what is in the catalogue too.
    home.says(&["db", "migrate"]);
    let plain: Value = serde_json::from_str(&home.says(&["models", "show", "toy_v1", "--json"])).unwrap();
    assert_eq!((&plain["base"], &plain["architecture"]), (&Value::Null, &json!("toy-net")));
}

#[test]
fn a_broken_table_is_told_by_file_entry_and_field_and_nothing_is_done() {
    let home = Home::new();
    home.says(&["db", "migrate"]);
    let folder = models(&home);
    let file = home.0.path().join("architectures.json");
    let fails = |table: &str, args: &[&str]| {
        std::fs::write(&file, table).unwrap();
        let output = home.command(args).env("GENONAUT_ARCHITECTURES", &file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let typed = table(|table| table["architectures"][0]["defaults"]["steps"] = "three".into());
    let named = table(|table| table["architectures"][0]["lora_compatible_bases"][0] = "toynet2".into());
    let pattern = table(|table| table["lora_rules_ordered"][0]["all"][0]["m"] = "^toy(".into());
    for (table, said) in [
        ("{", "it is not valid JSON"),
        (typed.as_str(), r#"architecture "toy-net", defaults.steps: invalid type: string "three""#),
        (named.as_str(), r#"architecture "toy-net", lora_compatible_bases: no architecture "toynet2" in the table"#),
        (
            pattern.as_str(),
            r#"lora_rules_ordered[0] ("toy-net"), all[0], m: "^toy(" is not a valid regular expression"#,
        ),
    ] {
        for args in [&["models", "scan", &folder][..], &["db", "migrate"], &["serve", "--listen", "127.0.0.1:0"]] {
            let error = fails(table, args);
            assert!(error.contains(said) && error.contains(file.to_str().unwrap()), "{error}");
        }
    }
    assert!(home.says(&["models", "roots"]).is_empty());
    assert!(!home.says(&["models", "list"]).contains("toy"));
    let missing = home.command(&["models", "list"]).env("GENONAUT_ARCHITECTURES", "/no/such.json").output().unwrap();
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/no/such.json"));
}
