//! A1111's text in the forms that programs, sites, mails and people give it.

use genonaut_sources::picture::{Made, infotext, read_text};

fn of(text: &str) -> Made {
    infotext::read(text).unwrap_or_else(|| panic!("no settings: {text}"))
}

fn loras(made: &Made) -> Vec<(&str, f64)> {
    made.loras.iter().map(|lora| (lora.model.name.as_str(), lora.weight)).collect()
}

const SETTINGS: &str =
    "Steps: 24, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 314, Size: 832x1216, Model: base_xl";

#[test]
fn the_three_parts_are_found_however_they_are_laid_out() {
    for text in [
        format!("a cat\nNegative prompt: blurry\n{SETTINGS}"),
        format!("a cat\r\nNegative prompt: blurry\r\n{SETTINGS}\r\n"),
        format!("a cat\nnegative prompt: blurry\n{SETTINGS}"),
        format!("a cat\n\nNegative prompt: blurry\n\n{SETTINGS}\n\n"),
        format!("a cat Negative prompt: blurry {SETTINGS}"),
        format!("a cat\nNegative prompt: blurry\n{}", SETTINGS.replace("Seed", "\nSeed")),
        format!("a cat\nNegative prompt: blurry\n{}", SETTINGS.replace(", ", "\n")),
        format!("a cat\nNegative prompt: blurry\n{}", SETTINGS.replace(", ", ",")),
        format!("a cat\nNegative prompt: blurry\n{}", SETTINGS.replace("scale", "Scale").replace("Model", "model")),
        format!("a cat\nNegative prompt: blurry\n{SETTINGS}\nTemplate: a {{cat|dog}}, Steps: 3\nNegative Template: x"),
        format!(
            "a cat\nNegative prompt: blurry\n{SETTINGS}\nTime taken: 3.5 sec.\nA: 3.52 GB, R: 4.1 GB, Sys: 5.2/8 GB (65%)"
        ),
        format!("a cat\nNegative prompt: blurry\n{SETTINGS}\nUsed embeddings: easy [119b]\nSaved: x.png"),
    ] {
        let made = of(&text);
        assert_eq!((made.prompt.as_str(), made.negative_prompt.as_str()), ("a cat", "blurry"), "{text}");
        assert_eq!((made.steps, made.cfg, made.seed), (Some(24), Some(6.5), Some(314)), "{text}");
        assert_eq!((made.width, made.height), (Some(832), Some(1216)), "{text}");
        assert_eq!((made.sampler.as_deref(), made.scheduler.as_deref()), (Some("dpmpp_2m"), Some("karras")), "{text}");
        assert_eq!(made.checkpoint.map(|model| model.name).as_deref(), Some("base_xl"), "{text}");
    }
}

#[test]
fn words_of_a_prompt_are_no_settings() {
    let made = of(&format!("a sign that reads Negative prompt: no, oil\nNegative prompt: blurry\n{SETTINGS}"));
    assert_eq!(
        (made.prompt.as_str(), made.negative_prompt.as_str()),
        ("a sign that reads Negative prompt: no, oil", "blurry")
    );
    let made = of(&format!("ratio: 1:2, steps: many, one: more\n{SETTINGS}"));
    assert_eq!((made.prompt.as_str(), made.steps), ("ratio: 1:2, steps: many, one: more", Some(24)));
    for text in ["", "a cat", "a: b, c: d, e: f", "Steps: three", "stairs. Steps: 3, all red", "Steps: 20"] {
        assert_eq!(infotext::read(text), None, "{text}");
    }
    let made = of(SETTINGS);
    assert_eq!((made.prompt.as_str(), made.steps), ("", Some(24)));
}

#[test]
fn values_may_be_odd() {
    let made = of(
        "x\nSteps: 24.0, Sampler: Euler a, CFG scale: 6,5, Seed: 5, Size: 512 × 768, Model: \"odd, name: x\", Note: \"a, \\\"b\\\"\"",
    );
    assert_eq!((made.steps, made.cfg, made.width), (Some(24), Some(6.5), Some(512)));
    assert_eq!(made.checkpoint.unwrap().name, "odd, name: x");
    let made = of("x\nSteps: 20, Sampler: Undefined, CFG scale: 7, Seed: -1, Size: 512x512");
    assert_eq!((made.sampler, made.seed), (None, None));
    let made = of("x\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 99999999999999999999, Size: 512x");
    assert_eq!((made.seed, made.width, made.report.left_out.len()), (None, None, 2));
}

#[test]
fn sizes_of_the_first_pass_and_titles_with_hashes() {
    let of_size = |more: &str| {
        let made = of(&format!("x\nSteps: 2, Sampler: Euler, Seed: 3, Size: 1024x1536, {more}"));
        (made.width.unwrap(), made.height.unwrap())
    };
    assert_eq!(of_size("Denoising strength: 0.7, First pass size: 512x768"), (512, 768));
    assert_eq!(of_size("First pass size: 0x0"), (448, 640));
    assert_eq!(of_size("Hires resize: 2048x3072"), (1024, 1536));
    let checkpoint =
        of("x\nSteps: 2, Sampler: Euler, Seed: 3, Model: sub\\base_xl.safetensors [DBBC28C4A9]").checkpoint.unwrap();
    assert_eq!((checkpoint.name.as_str(), checkpoint.hash.as_deref()), ("base_xl", Some("dbbc28c4a9")));
}

#[test]
fn text_may_come_from_a_page() {
    let made = of("a cat &lt;lora:film:0.6&gt;, &quot;x&quot;\nSteps: 2, Sampler:\u{a0}Euler a, Seed: 3");
    assert_eq!((made.prompt.as_str(), loras(&made)), ("a cat, \"x\"", vec![("film", 0.6)]));
    assert_eq!(made.sampler.as_deref(), Some("euler_ancestral"));
}

#[test]
fn loras_are_found_beside_the_prompt() {
    for (prompt, more, wanted) in [
        ("<lora:film:0.6>", "", vec![("film", 0.6)]),
        ("<lora:film:0,6>", "", vec![("film", 0.6)]),
        ("(<lora:film:0.6>:1.2)", "", vec![("film", 0.6)]),
        ("", r#"Lora hashes: "film: 5bc400a4c616", Lora weights: "film: 0.45""#, vec![("film", 0.45)]),
        ("", r#"Lora hashes: "film: 5bc400a4c616: 0.45, b: 0123456789ab: 1.5""#, vec![("film", 0.45), ("b", 1.5)]),
        ("", r#"Lora hashes: "film: 5bc400a4c616""#, vec![("film", 1.0)]),
        ("<lora:film:0.6>", r#"Lora hashes: "film: 5bc400a4c616""#, vec![("film", 0.6)]),
        (
            "",
            r#"Hashes: {"model":"dbbc28c4a9","LORA:film":"5bc400a4c6"}, Civitai resources: [{"modelName":"Film look","weight":0.6,"air":"urn:air:sdxl:lora:civitai:2@12"}]"#,
            vec![("film", 0.6)],
        ),
        (
            "",
            r#"Civitai resources: [{"type":"checkpoint","modelName":"base"},{"type":"lora","weight":0.55,"modelName":"film"},{"type":"lycoris","weight":0.3,"modelName":"b"}]"#,
            vec![("film", 0.55), ("b", 0.3)],
        ),
        (
            "<lora:film:0.6>",
            r#"Civitai resources: [{"type":"lora","weight":0.6,"modelName":"Film look"}]"#,
            vec![("film", 0.6)],
        ),
        (
            "",
            r#"Civitai resources: [], Civitai metadata: {"prompt":"x, Steps: 7, Sampler: LMS","nested":{"Seed":"9"}}"#,
            vec![],
        ),
    ] {
        let made = of(&format!("a cat {prompt}\nSteps: 24, Sampler: Euler, Seed: 314, {more}"));
        assert_eq!(loras(&made), wanted, "{prompt} {more}");
        assert_eq!((made.prompt.as_str(), made.steps, made.seed), ("a cat", Some(24), Some(314)), "{more}");
    }
    let made =
        of("a\nSteps: 2, Sampler: Euler, Seed: 3, Lora hashes: \"film: 5BC400A4C616\", Lora weights: \"film: 0.45\"");
    assert_eq!(made.loras[0].model.hash.as_deref(), Some("5bc400a4c616"));
}

#[test]
fn pasted_json_is_a_recipe_too() {
    let swarm = r#"{
      "sui_image_params": {"prompt": "a cat", "model": "base", "seed": 5, "steps": 9, "cfgscale": 4.5, "width": 64, "height": 96},
      "sui_extra_data": {"original_prompt": "a cat <lora:film:0.4>"}
    }"#;
    let made = read_text(swarm).unwrap();
    assert_eq!((made.prompt.as_str(), made.steps, made.loras.len()), ("a cat", Some(9), 0));
    // SwarmUI records no sampler where its own are used.
    assert_eq!((made.sampler.as_deref(), made.scheduler.as_deref()), (Some("euler"), Some("normal")));
    assert!(read_text(&format!("a\n{SETTINGS}\nTime taken: 3.5 sec.")).is_some());
    for text in ["{}", "{a cat|a dog}", "a cat", "{\"prompt\": \"a cat\"}", "[1]"] {
        assert_eq!(read_text(text), None, "{text}");
    }
}
