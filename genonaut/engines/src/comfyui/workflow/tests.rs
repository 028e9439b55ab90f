//! The graph of each architecture, as documents: whoever changes one sees what ComfyUI is asked to do.

use super::*;
use crate::{Component, Init, LoraFile, ModelKind, Role};

fn request(architecture: &str, kind: ModelKind) -> Request {
    Request {
        prompt: "a red cat".to_owned(),
        negative_prompt: "blurry".to_owned(),
        architecture: Some(architecture.to_owned()),
        kind,
        width: 1024,
        height: 768,
        steps: 20,
        cfg: 4.0,
        sampler: "euler".to_owned(),
        scheduler: "simple".to_owned(),
        seed: 7,
        clip_skip: 1,
        ..Request::default()
    }
}

/// The graph with models of these names, all found.
fn built(request: &Request, text: &[&str], vae: Option<&str>) -> Value {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let loras = request.loras.iter().map(|lora| lora.path.clone()).collect();
    let models = Models { main: "model.safetensors".to_owned(), loras, text: names(text), vae: vae.map(str::to_owned) };
    let init = request.init.as_ref().map(|_| "genonaut/start.png");
    let sources = Sources { models: &models, init, attempt: Uuid::nil() };
    graph(request, &Family::of(request).unwrap(), &sources)
}

fn checkpoint(architecture: &str) -> Value {
    built(&request(architecture, ModelKind::Checkpoint), &[], None)
}

fn diffusion_model(architecture: &str, text: &[&str]) -> Value {
    built(&request(architecture, ModelKind::DiffusionModel), text, Some("vae.safetensors"))
}

macro_rules! graphs {
    ($($name:ident: $graph:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_json_snapshot!($graph);
        }
    )*};
}

graphs! {
    sd1_checkpoint: checkpoint("sd1");
    sdxl_diffusion_model: diffusion_model("sdxl", &["clip_l", "clip_g"]);
    sd3_checkpoint_with_encoders_beside_it:
        built(&request("sd3.5-large", ModelKind::Checkpoint), &["clip_l", "clip_g", "t5xxl"], None);
    flux1_checkpoint: checkpoint("flux1");
    flux1_dev_with_guidance: {
        let request = Request { cfg: 1.0, guidance: Some(3.5), ..request("flux1", ModelKind::DiffusionModel) };
        built(&request, &["clip_l", "t5xxl"], Some("ae.safetensors"))
    };
    flux2_dev: diffusion_model("flux2-dev", &["mistral"]);
    z_image: diffusion_model("z-image", &["qwen_3_4b"]);
    qwen_image: diffusion_model("qwen-image", &["qwen_2.5_vl_7b"]);
    chroma: diffusion_model("chroma", &["t5xxl"]);
    loras_and_clip_skip_in_a_row: {
        let lora = |path: &str, weight, clip_weight| LoraFile { path: path.to_owned(), weight, clip_weight };
        let loras = vec![lora("one", 0.8, 0.5), lora("two", -1.0, 0.0)];
        built(&Request { loras, clip_skip: 2, ..request("sd1", ModelKind::Checkpoint) }, &[], None)
    };
    starting_from_a_picture: {
        let init = Some(Init { picture: Vec::new(), denoise: 0.6 });
        built(&Request { init, ..request("sd1", ModelKind::Checkpoint) }, &[], Some("vae.safetensors"))
    };
}

#[test]
fn relatives_have_the_same_graph() {
    for relative in ["sd2", "sdxl", "sdxl-refiner", "ssd-1b", "segmind-vega", "koala", "playground-v2.5"] {
        assert_eq!(checkpoint(relative), checkpoint("sd1"), "{relative}");
    }
    for relative in ["sd3", "sd3.5-medium"] {
        assert_eq!(checkpoint(relative), checkpoint("sd3.5-large"), "{relative}");
    }
    for relative in ["flux2-klein-4b", "flux2-klein-9b"] {
        assert_eq!(diffusion_model(relative, &["text"]), diffusion_model("flux2-dev", &["text"]), "{relative}");
    }
    let unknown = Request { architecture: None, ..request("", ModelKind::Checkpoint) };
    assert_eq!(built(&unknown, &[], None), checkpoint("sd1"));
}

#[test]
fn every_link_leads_to_a_node() {
    let components = vec![Component { role: Role::T5, path: String::new() }];
    let request = Request { components, clip_skip: 3, ..request("chroma", ModelKind::DiffusionModel) };
    let graph = built(&request, &["t5xxl"], Some("vae"));
    let nodes = graph.as_object().unwrap();
    let inputs = nodes.values().flat_map(|node| node["inputs"].as_object().unwrap().values());
    let links: Vec<_> = inputs.filter_map(|input| input.get(0)?.as_str()).collect();
    assert!(links.iter().all(|node| nodes.contains_key(*node)), "{links:?}");
}
