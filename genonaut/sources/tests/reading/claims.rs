//! What metadata may decide, and what it may not.

use genonaut_sources::header::{Header, Metadata};
use genonaut_sources::identify::{Confidence, Identity, Source};

use crate::score::{RULES, in_memory, rows};

const SDXL: &str = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k";
const FLUX: &str = "lora_unet_double_blocks_0_img_attn_qkv";

fn lora(module: &str, width: u64, metadata: &[(&str, &str)], stem: &str) -> Identity {
    let names = [format!("{module}.lora_down.weight"), format!("{module}.lora_up.weight")];
    let shapes = [vec![16, width], vec![640, 16]];
    let metadata = metadata.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
    let tensors = in_memory(&rows(names.iter().map(String::as_str).zip(shapes)));
    RULES.identify(&Header { metadata: Metadata(metadata), ..tensors }, stem)
}

fn architecture(identity: &Identity) -> Option<&str> {
    identity.detection.architecture.as_deref()
}

#[test]
fn metadata_that_agrees_makes_the_answer_certain() {
    let identity = lora(SDXL, 2048, &[("ss_base_model_version", "sdxl_base_v1-0"), ("ss_network_alpha", "8.0")], "");
    assert_eq!(architecture(&identity), Some("sdxl"));
    assert_eq!(identity.detection.confidence, Some(Confidence::High));
    assert_eq!(identity.detection.source, Some(Source::Both));
    assert_eq!((identity.alpha, identity.rank.map(|rank| rank.mode)), (Some(8.0), Some(16)));
}

#[test]
fn metadata_that_tensors_exclude_is_a_conflict() {
    let metadata = [("ss_base_model_version", "sd_v1"), ("modelspec.architecture", "stable-diffusion-v1/lora")];
    let identity = lora(SDXL, 2048, &metadata, "");
    assert_eq!(architecture(&identity), Some("sdxl"));
    assert!(identity.detection.conflict);
    assert!(identity.detection.alternatives.contains(&"sd1".to_owned()));
}

#[test]
fn names_choose_among_what_fits_equally_well() {
    assert_eq!(architecture(&lora(FLUX, 3072, &[("ss_base_model_version", "flux1")], "")), Some("flux1"));
    assert_eq!(architecture(&lora(FLUX, 3072, &[], "style_Chroma_v2")), Some("chroma"));
    let trained = [("ss_base_model_version", "flux1"), ("ss_sd_model_name", "chroma-unlocked.safetensors")];
    assert_eq!(architecture(&lora(FLUX, 3072, &trained, "")), Some("chroma"));
}

#[test]
fn an_adapters_own_name_decides_nothing_against_tensors_or_metadata() {
    let trained = [("ss_base_model_version", "flux1"), ("modelspec.architecture", "flux-1-dev/lora")];
    for (width, module, metadata, stem, expected) in [
        (3072, FLUX, &trained[..], "chroma_style", "flux1"),
        (3072, FLUX, &trained, "chromatic_aberration", "flux1"),
        (3072, FLUX, &[], "chromatic_aberration", "flux1"),
        (3072, FLUX, &[], "Monochrome_Portraits", "flux1"),
        (3072, FLUX, &[], "kreative_ink_flux", "flux1"),
        (3072, FLUX, &[], "hero_flux_3", "flux1"),
        (3072, FLUX, &[], "hunyuan_video_girl", "flux1"),
        (2048, SDXL, &[], "ernie_and_bert", "sdxl"),
        (2048, SDXL, &[], "kolors_ink", "kolors"),
        (3072, FLUX, &[], "ink_chroma1", "chroma"),
    ] {
        let detection = lora(module, width, metadata, stem).detection;
        assert_eq!(detection.architecture.as_deref(), Some(expected), "{stem}");
        // What only the name says leaves the rest possible.
        if ["kolors", "chroma"].contains(&expected) {
            assert_eq!(detection.confidence, Some(Confidence::Low), "{stem}");
            let parent = if expected == "chroma" { "flux1" } else { "sdxl" };
            assert!(detection.alternatives.iter().any(|other| other == parent), "{stem}: {detection:?}");
        }
    }
}

#[test]
fn metadata_alone_is_taken_with_less_confidence() {
    let identity = lora("lora_unet_something_else", 64, &[("ss_sd_model_name", "889818.safetensors")], "");
    assert_eq!(architecture(&identity), Some("sdxl"));
    assert_eq!(identity.detection.confidence, Some(Confidence::Medium));
    assert_eq!(identity.detection.source, Some(Source::Metadata));
}

#[test]
fn an_unknown_file_is_never_guessed() {
    let unrelated = rows([("layer1.0.conv1.weight", vec![64, 64, 3, 3]), ("fc.weight", vec![1000, 512])]);
    let identity = RULES.identify(&in_memory(&unrelated), "sdxl_model");
    assert_eq!((architecture(&identity), identity.detection.confidence), (None, None));
}

#[test]
fn markers_and_packing_are_noted() {
    let unet = (0..24).map(|n| (format!("model.diffusion_model.time_embed.{n}.weight"), vec![1]));
    let text = "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight";
    let marks =
        ["v_pred", "ztsnr", "scaled_fp8", "first_stage_model.x", "conditioner.embedders.1.model.x", "model_ema.x"];
    let marks = marks.map(|name| (name.to_owned(), vec![1])).into_iter().chain([(text.to_owned(), vec![640, 2048])]);
    let names: Vec<_> = unet.chain(marks).collect();
    let identity =
        RULES.identify(&in_memory(&rows(names.iter().map(|(name, shape)| (name.as_str(), shape.clone())))), "");
    assert_eq!((identity.prediction_type, identity.zero_terminal_snr, identity.has_ema), (Some("v"), true, true));
    assert_eq!(identity.quantization, ["scaled-fp8"]);
    assert_eq!(identity.components, ["unet", "vae", "clip_g"]);
    assert_eq!(identity.precision.as_deref(), Some("F16"));
}
