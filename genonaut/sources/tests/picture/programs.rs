//! What each program writes, in the smallest form.

use genonaut_sources::picture::{Made, Model, Program};

use super::build::png_of;

fn settings(made: &Made) -> (Program, &str, &str, Option<u32>, Option<f64>, Option<u64>) {
    (made.by, &made.prompt, &made.negative_prompt, made.steps, made.cfg, made.seed)
}

fn sampling(made: &Made) -> (Option<&str>, Option<&str>) {
    (made.sampler.as_deref(), made.scheduler.as_deref())
}

fn lora(made: &Made) -> (&str, f64) {
    (&made.loras[0].model.name, made.loras[0].weight)
}

#[test]
fn novelai_of_all_versions() {
    let old = r#"{"steps": 28, "sampler": "k_euler_ancestral", "seed": 5, "strength": 0.69, "noise": 0.667, "scale": 11.0, "uc": "bad"}"#;
    let made =
        png_of(&[("Title", "AI generated image"), ("Description", "a cat"), ("Software", "NovelAI"), ("Comment", old)]);
    assert_eq!(settings(&made), (Program::NovelAi, "a cat", "bad", Some(28), Some(11.0), Some(5)));
    assert_eq!(sampling(&made), (Some("euler_ancestral"), Some("normal")));
    let new = r#"{"prompt": "x", "steps": 23, "height": 1216, "width": 832, "scale": 5.0, "uncond_scale": 0.0, "seed": 7, "noise_schedule": "karras", "sampler": "k_dpmpp_2m_sde", "uc": "y", "v4_prompt": {"caption": {"base_caption": "a cat", "char_captions": [{"char_caption": "girl"}]}}, "v4_negative_prompt": {"caption": {"base_caption": "bad", "char_captions": []}}, "signed_hash": "abc"}"#;
    let made = png_of(&[
        ("Description", "a cat"),
        ("Software", "NovelAI"),
        ("Source", "NovelAI Diffusion V4"),
        ("Comment", new),
    ]);
    assert_eq!(settings(&made), (Program::NovelAi, "a cat", "bad", Some(23), Some(5.0), Some(7)));
    assert_eq!((sampling(&made), made.width), ((Some("dpmpp_2m_sde"), Some("karras")), Some(832)));
    let left: Vec<_> = made.report.left_out.iter().map(|item| (item.field.as_str(), item.written.as_str())).collect();
    assert_eq!(left, [("character prompt", "girl")]);
}

#[test]
fn fooocus_and_its_kin() {
    let json = r#"{"base_model": "base_xl", "base_model_hash": "dbbc28c4a9", "guidance_scale": 4.0, "lora_combined_1": "film.safetensors : 0.45", "lora_combined_2": "False : off : 1.0", "negative_prompt": "bad", "performance": "Speed", "prompt": "a cat", "resolution": "(832, 1216)", "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", "seed": "5", "steps": 30, "vae": "Default (model)", "metadata_scheme": "fooocus", "refiner_model": "None"}"#;
    let made = png_of(&[("parameters", json), ("fooocus_scheme", "fooocus")]);
    assert_eq!(settings(&made), (Program::Fooocus, "a cat", "bad", Some(30), Some(4.0), Some(5)));
    assert_eq!(
        (sampling(&made), lora(&made), made.loras.len()),
        ((Some("dpmpp_2m_sde"), Some("karras")), ("film", 0.45), 1)
    );
    assert_eq!((made.width, made.vae), (Some(832), None));
    let old = r#"{"prompt": "a cat", "negative_prompt": "bad", "base_model": "base", "sampler": "dpmpp_sde", "seed": 5, "steps": 30, "cfg": 7, "width": 64, "height": 96}"#;
    let made = png_of(&[("Comment", old)]);
    assert_eq!(
        (settings(&made).5, sampling(&made), made.height),
        (Some(5), (Some("dpmpp_sde"), Some("karras")), Some(96))
    );
    let ruined = r#"{"Prompt": "a cat", "Negative": "bad", "steps": 20, "cfg": 8, "width": 64, "height": 96, "seed": 5, "sampler_name": "dpmpp_2m_sde_gpu", "scheduler": "karras", "base_model_name": "base.safetensors", "base_model_hash": "abcdef0123", "loras": [["0123456789abcdef", "0.5 - film.safetensors"]], "clip_skip": 1, "denoise": 1.0, "start_step": 0, "software": "RuinedFooocus"}"#;
    let made = png_of(&[("parameters", ruined)]);
    assert_eq!(settings(&made), (Program::RuinedFooocus, "a cat", "bad", Some(20), Some(8.0), Some(5)));
    assert_eq!((lora(&made), made.report.left_out.len()), (("film", 0.5), 0));
}

#[test]
fn invokeai_of_all_versions() {
    let three = r#"{"positive_prompt": "a cat", "negative_prompt": "bad", "model": {"model_name": "dream", "base_model": "sd-1", "model_type": "main"}, "loras": [{"lora": {"model_name": "film", "base_model": "sd-1"}, "weight": 0.75}], "seed": 1, "steps": 2, "cfg_scale": 3.0, "width": 64, "height": 64, "scheduler": "kdpm_2_k", "clip_skip": 0, "app_version": "3.4.0"}"#;
    let made = png_of(&[("invokeai_metadata", three)]);
    assert_eq!(settings(&made), (Program::InvokeAi, "a cat", "bad", Some(2), Some(3.0), Some(1)));
    assert_eq!(
        (sampling(&made), lora(&made), made.clip_skip),
        ((Some("dpm_2"), Some("karras")), ("film", 0.75), Some(1))
    );
    let flux = r#"{"generation_mode": "flux_txt2img", "positive_prompt": "a cat", "seed": 1, "steps": 4, "guidance": 3.5, "width": 64, "height": 64, "model": {"name": "flux"}}"#;
    assert_eq!(sampling(&png_of(&[("invokeai_metadata", flux)])), (Some("euler"), Some("simple")));
    let style = r#"{"positive_prompt": "a cat", "positive_style_prompt": "oil", "scheduler": "euler", "steps": 4}"#;
    assert_eq!(png_of(&[("invokeai_metadata", style)]).prompt, "a cat, oil");
    let two = r#"{"app_version": "2.3.0", "model_weights": "dream", "image": {"prompt": [{"prompt": "a cat [bad, worse] on a mat", "weight": 1.0}], "steps": 24, "cfg_scale": 6.5, "height": 768, "width": 512, "seed": 5, "sampler": "k_euler_a"}}"#;
    let made = png_of(&[("sd-metadata", two), ("Dream", "\"x\" -s 1")]);
    assert_eq!(settings(&made), (Program::InvokeAi, "a cat  on a mat", "bad, worse", Some(24), Some(6.5), Some(5)));
    assert_eq!((sampling(&made).0, made.width), (Some("euler_ancestral"), Some(512)));
    let made = png_of(&[("Dream", "\"a cat [bad]\" -s 24 -S5 -W 512 -H 768 -C 6.5 -A k_lms -f 0.5")]);
    assert_eq!(settings(&made), (Program::InvokeAi, "a cat", "bad", Some(24), Some(6.5), Some(5)));
    assert_eq!((sampling(&made).0, made.report.left_out.len()), (Some("lms"), 1));
}

#[test]
fn swarmui_with_lists_and_defaults() {
    let json = r#"{"sui_image_params": {"prompt": "a cat <segment:face> eyes", "negativeprompt": "b", "model": "SDXL/base", "seed": 5.0, "steps": 9.0, "cfgscale": 1, "width": 64, "height": 96, "loras": "x/film, y", "loraweights": "0.4, 0.85", "loratencweights": ["0.2", "0.85"], "clipstopatlayer": -2, "vae": "ae.sft", "initimagecreativity": 0.6}, "sui_models": [{"name": "base.safetensors", "param": "model", "hash": "0xABCDEF01"}, {"name": "x/film.safetensors", "param": "loras", "hash": "0x0123456789"}]}"#;
    let made = png_of(&[("parameters", json)]);
    assert_eq!((made.seed, made.steps, made.clip_skip), (Some(5), Some(9), Some(2)));
    assert_eq!(made.checkpoint, Some(Model { hash: Some("abcdef01".into()), ..Model::named("SDXL/base") }));
    assert_eq!((lora(&made), made.loras[0].clip_weight, made.loras[1].clip_weight), (("film", 0.4), Some(0.2), None));
    assert_eq!((made.loras[0].model.hash.as_deref(), made.vae.unwrap().name.as_str()), (Some("0123456789"), "ae"));
    let left: Vec<_> = made.report.left_out.iter().map(|item| item.field.as_str()).collect();
    assert_eq!(left, ["segment", "initimagecreativity"]);
}

#[test]
fn easy_diffusion_in_chunks_and_in_words() {
    let made = png_of(&[
        ("prompt", "a cat"),
        ("negative_prompt", "bad"),
        ("seed", "5"),
        ("use_stable_diffusion_model", "C:\\models\\dream.ckpt"),
        ("clip_skip", "True"),
        ("sampler_name", "dpmpp_2m"),
        ("width", "512"),
        ("height", "768"),
        ("num_inference_steps", "25"),
        ("guidance_scale", "7.5"),
        ("use_lora_model", "['film', 'b']"),
        ("lora_alpha", "[0.5, 0.8]"),
        ("use_upscale", "None"),
    ]);
    assert_eq!(settings(&made), (Program::EasyDiffusion, "a cat", "bad", Some(25), Some(7.5), Some(5)));
    assert_eq!(
        (sampling(&made), lora(&made), made.loras[1].weight),
        ((Some("dpmpp_2m"), Some("normal")), ("film", 0.5), 0.8)
    );
    assert_eq!((made.checkpoint.unwrap().name.as_str(), made.clip_skip), ("dream", Some(2)));
    let words = r#"{"Prompt": "a cat", "Negative Prompt": "bad", "Seed": 5, "Stable Diffusion model": "dream", "Sampler": "euler_a", "Width": 512, "Height": 768, "Steps": 25, "Guidance Scale": 7.5}"#;
    let made = png_of(&[("parameters", words)]);
    assert_eq!(settings(&made), (Program::EasyDiffusion, "a cat", "bad", Some(25), Some(7.5), Some(5)));
}

#[test]
fn draw_things_midjourney_and_unknown_ones() {
    let json = r#"{"c": "a cat", "uc": "bad", "steps": 24, "sampler": "Euler A Trailing", "scale": 6.5, "seed": 5, "size": "832x1216", "model": "base.ckpt", "strength": 1, "v2": {"loras": [{"file": "film.ckpt", "weight": 0.6}]}}"#;
    let made = png_of(&[("XML:com.adobe.xmp", &super::build::xmp("exif:UserComment", json))]);
    assert_eq!(settings(&made), (Program::DrawThings, "a cat", "bad", Some(24), Some(6.5), Some(5)));
    assert_eq!((sampling(&made), lora(&made)), ((Some("euler_ancestral"), Some("simple")), ("film", 0.6)));
    let made = png_of(&[("Description", "a cat --ar 3:2 --seed 5 --no dogs --v 6.0 Job ID: 0000")]);
    assert_eq!(settings(&made), (Program::Midjourney, "a cat", "dogs", None, None, Some(5)));
    let left: Vec<_> = made.report.left_out.iter().map(|item| item.field.as_str()).collect();
    assert_eq!(left, ["ar", "v"]);
    let json = r#"{"prompt": "a cat ### bad", "params": {"steps": 20, "cfg_scale": 7, "seed": "5", "width": 512, "height": 512, "sampler_name": "k_euler_a"}, "models": ["dream"]}"#;
    let made = png_of(&[("parameters", json)]);
    assert_eq!(settings(&made), (Program::Other, "a cat", "bad", Some(20), Some(7.0), Some(5)));
    assert_eq!(made.checkpoint.unwrap().name, "dream");
}

#[test]
fn services_that_show_their_settings() {
    let civitai = r#"{"1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "urn:air:sdxl:checkpoint:civitai:1@2"}}, "2": {"class_type": "LoraLoader", "inputs": {"lora_name": "film.safetensors", "strength_model": 0.6, "model": ["1", 0]}}, "3": {"class_type": "KSampler", "inputs": {"seed": 8, "positive": ["6", 0], "model": ["2", 0]}}, "extraMetadata": "{\"prompt\": \"a cat\", \"negativePrompt\": \"bad\", \"steps\": 25, \"cfgScale\": 4, \"sampler\": \"DPM++ 2M Karras\", \"seed\": 5, \"width\": 832, \"height\": 1216}"}"#;
    let made = png_of(&[("prompt", civitai)]);
    assert_eq!(settings(&made), (Program::Other, "a cat", "bad", Some(25), Some(4.0), Some(5)));
    assert_eq!((sampling(&made), lora(&made)), ((Some("dpmpp_2m"), Some("karras")), ("film", 0.6)));
    let tensor = r#"{"prompt": "a cat", "negativePrompt": "bad", "width": 64, "height": 96, "steps": 20, "cfgScale": 7, "seed": "5", "samplerName": "euler_ancestral", "baseModel": {"modelFileName": "dream.safetensors", "hash": "ABCDEF0123"}, "models": [{"label": "Film", "type": "LORA", "modelFileName": "film.safetensors", "weight": 0.8}, {"type": "BASE_MODEL", "modelFileName": "dream"}]}"#;
    let made = png_of(&[("generation_data", &format!("{tensor}\0"))]);
    assert_eq!(settings(&made), (Program::Other, "a cat", "bad", Some(20), Some(7.0), Some(5)));
    assert_eq!(
        (lora(&made), made.loras.len(), made.checkpoint.as_ref().unwrap().name.as_str()),
        (("film", 0.8), 1, "dream")
    );
}
