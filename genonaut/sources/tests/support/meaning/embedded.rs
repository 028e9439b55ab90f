//! What trainers write into the header.

use serde_json::{Value, json};

use super::{Case, SD1, SDXL};
use crate::support::Row;

/// SD1 by its width under SDXL's module names: ai-toolkit's names are the original ones.
const SD1_LDM: &[Row<'static>] = &[
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.alpha", "F16", &[]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight", "F16", &[16, 768]),
    ("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight", "F16", &[320, 16]),
];

/// Every case with its header's metadata.
pub fn embedded() -> Vec<Case> {
    vec![
        lora(
            "kohya_folder_trigger.safetensors",
            SDXL,
            json!({"ss_output_name": "hero-v2", "ss_network_dim": "16", "ss_network_alpha": "8.0", "ss_base_model_version": "sdxl_base_v1-0", "ss_sd_model_name": "ponyDiffusionV6XL_v6StartWithThisOne.safetensors", "ss_dataset_dirs": {"10_ohwx woman": {"n_repeats": 10, "img_count": 22}}, "ss_tag_frequency": {"10_ohwx woman": {"ohwx woman": 22, "smile": 11, "outdoors": 4}}}),
            json!({"architecture": "sdxl", "family": "pony", "name": "hero-v2", "version": "v2", "trigger_words": ["ohwx woman"], "rank": 16, "alpha": 8.0, "optimal_checkpoints": ["ponyDiffusionV6XL_v6StartWithThisOne"]}),
        ),
        // The most frequent tag, 1girl, is on pictures of all the world.
        lora(
            "kohya_count_trap.safetensors",
            SD1,
            json!({"ss_output_name": "soraka_lol", "ss_v2": "False", "ss_network_module": "networks.lora", "ss_dataset_dirs": {"3_soraka": {"n_repeats": 3, "img_count": 46}}, "ss_tag_frequency": {"3_soraka": {"1girl": 46, "soraka (league of legends)": 38, "solo": 40, "horn": 33}}}),
            json!({"architecture": "sd1", "trigger_words": ["soraka (league of legends)"]}),
        ),
        // The folder's name says nothing; the tag on all 30 pictures does.
        lora(
            "kohya_generic_folder.safetensors",
            SD1,
            json!({"ss_output_name": "style01", "ss_v2": "False", "ss_network_module": "networks.lora", "ss_dataset_dirs": {"5_img": {"n_repeats": 5, "img_count": 30}}, "ss_tag_frequency": {"5_img": {"zxc style": 30, "1girl": 18}}}),
            json!({"architecture": "sd1", "trigger_words": ["zxc style"]}),
        ),
        // Whole captions, not tags.
        lora(
            "caption_dataset_no_trigger.safetensors",
            SDXL,
            json!({"ss_output_name": "film", "ss_base_model_version": "sdxl_base_v1-0", "ss_tag_frequency": {"img": {"a photo of a man standing near a window with light": 1, "a wide shot of a street at night": 1}}}),
            json!({"architecture": "sdxl", "trigger_words": []}),
        ),
        lora(
            "datasets_class_tokens.safetensors",
            SDXL,
            json!({"ss_output_name": "x", "ss_base_model_version": "sdxl_base_v1-0", "ss_datasets": [{"is_dreambooth": true, "subsets": [{"img_count": 10, "num_repeats": 2, "class_tokens": "sks dog", "image_dir": "dog", "keep_tokens": 1}]}]}),
            json!({"architecture": "sdxl", "trigger_words": ["sks dog"]}),
        ),
        lora(
            "modelspec_full.safetensors",
            SDXL,
            json!({"modelspec.sai_model_spec": "1.0.1", "modelspec.architecture": "stable-diffusion-xl-v1-base/lora", "modelspec.implementation": "https://github.com/Stability-AI/generative-models", "modelspec.title": "Ink Wash", "modelspec.author": "someone", "modelspec.description": "Soft ink wash look.", "modelspec.trigger_phrase": "inkwash style", "modelspec.tags": "style, ink , Traditional Media,,ink", "modelspec.usage_hint": "strength 0.7", "modelspec.license": "CC-BY-4.0", "modelspec.resolution": "1024x1024", "modelspec.date": "2025-03-01T10:00:00Z", "modelspec.merged_from": "None"}),
            json!({"architecture": "sdxl", "name": "Ink Wash", "description": "Soft ink wash look.", "tags": ["style", "ink", "traditional media"], "trigger_words": ["inkwash style"]}),
        ),
        lora(
            "ai_toolkit.safetensors",
            SD1_LDM,
            json!({"software": {"name": "ai-toolkit", "repo": "https://github.com/ostris/ai-toolkit", "version": "0.1.0"}, "name": "my_lora", "version": "1.0", "ss_base_model_version": "sd_1.5", "ss_output_name": "my_lora", "training_info": {"step": 2000, "epoch": 3}, "format": "pt"}),
            json!({"architecture": "sd1", "name": "my_lora", "version": "1.0", "trigger_words": []}),
        ),
        lora(
            "addnet_ssmd.safetensors",
            SD1,
            json!({"ss_v2": "False", "ss_network_module": "networks.lora", "ssmd_display_name": "Shiny", "ssmd_version": "3", "ssmd_keywords": "shiny, chrome", "ssmd_author": "anon", "ssmd_description": "Chrome look", "ssmd_tags": "style,chrome", "ssmd_rating": "4"}),
            json!({"architecture": "sd1", "name": "Shiny", "version": "3", "trigger_words": ["shiny", "chrome"], "tags": ["style", "chrome"], "description": "Chrome look"}),
        ),
        lora(
            "empty_and_none_values.safetensors",
            SDXL,
            json!({"ss_output_name": "None", "modelspec.title": "", "modelspec.architecture": "", "ss_sd_model_name": "None", "modelspec.trigger_phrase": "None"}),
            json!({"architecture": "sdxl", "name": "empty_and_none_values", "trigger_words": [], "optimal_checkpoints": []}),
        ),
        lora(
            "metadata_contradicts_keys.safetensors",
            SDXL,
            json!({"ss_base_model_version": "sd_v1", "modelspec.architecture": "stable-diffusion-v1/lora"}),
            json!({"architecture": "sdxl", "conflict": true}),
        ),
        lora(
            "civitai_trainer_id.safetensors",
            SDXL,
            json!({"ss_sd_model_name": "290640.safetensors", "ss_base_model_version": "sdxl_base_v1-0"}),
            json!({"architecture": "sdxl", "family": "pony"}),
        ),
        Case {
            metadata: None,
            ..lora("no_metadata.safetensors", SDXL, json!({}), json!({"architecture": "sdxl", "name": "no_metadata"}))
        },
        v_prediction(),
    ]
}

fn lora(path: &'static str, tensors: &[Row<'static>], metadata: Value, expected: Value) -> Case {
    Case { path, tensors: tensors.to_vec(), metadata: Some(metadata), expected }
}

/// A checkpoint without text encoder whose empty tensors say what it predicts.
fn v_prediction() -> Case {
    let mut tensors: Vec<Row> = vec![
        ("v_pred", "F32", &[0]),
        ("ztsnr", "F32", &[0]),
        ("model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", "F16", &[640, 2048]),
        ("model.diffusion_model.input_blocks.0.0.weight", "F16", &[320, 4, 3, 3]),
    ];
    // Leaked, so that names that are counted out and names that are written out are one type.
    let times = (0..20).map(|n| &*format!("model.diffusion_model.time_embed.{n}.weight").leak());
    tensors.extend(times.map(|name| (name, "F16", &[1][..])));
    Case {
        path: "v_pred_checkpoint_marker.safetensors",
        tensors,
        metadata: None,
        expected: json!({"type": "diffusion_model", "architecture": "sdxl", "prediction_type": "v", "zero_terminal_snr": true}),
    }
}
