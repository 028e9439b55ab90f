//! What to do about a part that no file plays.

use std::path::Path;

use genonaut_engines::{Failure, Field, Kind, Role};

use super::{Asked, Need};

/// Usual names of the files, so that people know what to look for.
const USUAL: [(&str, &str); 17] = [
    ("clip_l", "clip_l.safetensors"),
    ("clip_g", "clip_g.safetensors"),
    ("t5xxl", "t5xxl_fp16.safetensors"),
    ("umt5-xxl", "umt5_xxl_fp16.safetensors"),
    ("t5xxl-old", "oldt5_xxl_fp16.safetensors"),
    ("qwen3-0.6b", "qwen_3_06b_base.safetensors"),
    ("qwen3-4b", "qwen_3_4b.safetensors"),
    ("qwen3-8b", "qwen_3_8b.safetensors"),
    ("qwen2.5-vl-7b", "qwen_2.5_vl_7b.safetensors"),
    ("mistral-small-3.1", "mistral_3_small_flux2_bf16.safetensors"),
    ("gemma-2-2b", "gemma_2_2b_fp16.safetensors"),
    ("llama3.1-8b", "llama_3.1_8b_instruct_fp8_scaled.safetensors"),
    ("llava-llama-3-8b", "llava_llama3_fp8_scaled.safetensors"),
    ("flux1", "ae.safetensors"),
    ("flux2", "flux2-vae.safetensors"),
    ("qwen-image", "qwen_image_vae.safetensors"),
    ("sd3", "sd3_vae.safetensors"),
];

/// The first part that is required and that nothing plays.
pub fn missing(asked: Asked<'_>, needs: &[Need]) -> Option<Failure> {
    let need = needs.iter().find(|need| need.required && need.path.is_none())?;
    if let Some(name) = &need.named {
        let title = format!("No {} named {name} for {}", need.role.label(), asked.checkpoint.label());
        let hint = "It is neither in the catalogue nor on the engine. Choose another under Advanced or in the \
            checkpoint's metadata, or restore the file.";
        return Some(Failure::new(Kind::Refused, title, hint).at(Field::Component(need.role)));
    }
    let title = format!("{} needs a {}", asked.checkpoint.label(), need.words());
    let usual = USUAL.iter().find(|(exact, _)| *exact == need.exact).map(|(_, name)| *name);
    let like = usual.map(|name| format!(", usually {name},")).unwrap_or_default();
    let folder = folder(asked.path, need.role);
    let key = if need.role == Role::Vae { "vae" } else { "text_encoders" };
    let hint = format!(
        "The file contains only the diffusion model. Put the missing file{like} into {folder}. If it is already in the \
         catalogue, set “{key}” in the checkpoint's metadata."
    );
    Some(Failure::new(Kind::Refused, title, hint).at(Field::Component(need.role)))
}

impl Need {
    /// `T5 text encoder (t5xxl)`.
    pub fn words(&self) -> String {
        match self.exact.as_str() {
            "" => self.role.label().to_owned(),
            exact => format!("{} ({exact})", self.role.label()),
        }
    }

    /// Last part of the path.
    pub fn file_name(&self) -> Option<&str> {
        self.path.as_deref().and_then(|path| path.rsplit(['/', '\\']).next())
    }
}

/// Where ComfyUI looks for such a part, next to where the model lies.
fn folder(model: &str, role: Role) -> String {
    let name = if role == Role::Vae { "vae" } else { "text_encoders" };
    let of_models = |folder: &Path| {
        let kind = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        matches!(kind, "diffusion_models" | "unet" | "checkpoints" | "Stable-diffusion")
    };
    let beside = Path::new(model).ancestors().skip(1).find(|folder| of_models(folder)).and_then(Path::parent);
    match beside {
        Some(models) if models.is_absolute() => format!("{}/{name}", models.display()),
        _ => format!("models/{name} of your ComfyUI"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_goes_beside_the_folder_of_the_model() {
        assert_eq!(folder("/c/models/unet/sub/flux.safetensors", Role::Vae), "/c/models/vae");
        assert_eq!(folder("flux.safetensors", Role::T5), "models/text_encoders of your ComfyUI");
    }
}
