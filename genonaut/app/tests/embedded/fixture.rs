//! Model files with random numbers in them, in the shapes that stable-diffusion.cpp takes, as small as it allows. What
//! need not be random is a hole in the file: 340 MB of which some 30 are on the disk. The same at every run.

pub mod file;
pub mod net;
pub mod parts;
pub mod unet;

use std::path::{Path, PathBuf};

use file::{copy, holes, write};
use net::Net;

/// What tests make images with, made once for all of them.
pub struct Models {
    folder: PathBuf,
}

/// Goes up when what is in the files changes.
const VERSION: &str = "models-6";

impl Models {
    pub fn get() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(VERSION);
        if !folder.exists() {
            // Tests run in processes of their own: the first that is ready wins, and the others have made the same.
            let own = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            let made = own.path().join(VERSION);
            make(&made);
            assert!(std::fs::rename(&made, &folder).is_ok() || folder.exists());
        }
        Self { folder }
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// The folder with all of them, as ComfyUI has it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

pub const SD1: &str = "checkpoints/tiny-sd1.safetensors";
pub const SD1_LORA: &str = "loras/tiny-sd1-lora.safetensors";
pub const FLUX: &str = "checkpoints/tiny-flux.safetensors";
pub const FLUX_LORA: &str = "loras/tiny-flux-lora.safetensors";
/// FLUX without anything that reads the prompt.
pub const FLUX_MUTE: &str = "checkpoints/tiny-flux-mute.safetensors";
/// `SD1` without its VAE, and each of its parts in a file of its own.
pub const SD1_BLIND: &str = "checkpoints/tiny-sd1-blind.safetensors";
pub const SD1_UNET: &str = "diffusion_models/tiny-sd1-unet.safetensors";
pub const SD1_CLIP: &str = "text_encoders/tiny-sd1-clip_l.safetensors";
pub const SD1_VAE: &str = "vae/tiny-sd1-vae.safetensors";
/// Not the one in `SD1`.
pub const OTHER_VAE: &str = "vae/tiny-sd1-other-vae.safetensors";
/// The parts of `FLUX`.
pub const FLUX_ALONE: &str = "diffusion_models/tiny-flux-alone.safetensors";
pub const FLUX_CLIP: &str = "text_encoders/tiny-flux-clip_l.safetensors";
pub const FLUX_VAE: &str = "vae/tiny-flux-vae.safetensors";
/// As wide as the real SD 1.5, and so no fit for the tiny one.
pub const WIDE_LORA: &str = "loras/wide-sd1-lora.safetensors";

fn make(folder: &Path) {
    let sd1 = sd1();
    write(&folder.join(SD1), &sd1, 1);
    write(&folder.join(SD1_LORA), &sd1.lora("model.diffusion_model.", unet::kohya, "attn2."), 2);
    let (unet, clip, vae) = ("model.diffusion_model.", "cond_stage_model.transformer.", "first_stage_model.");
    copy(&folder.join(SD1), &folder.join(SD1_BLIND), &sd1, |name| (!name.starts_with(vae)).then_some(name));
    for (path, prefix) in [(SD1_UNET, unet), (SD1_CLIP, clip), (SD1_VAE, vae)] {
        copy(&folder.join(SD1), &folder.join(path), &sd1, |name| name.strip_prefix(prefix));
    }
    let (flux, mute) = (flux(true), flux(false));
    write(&folder.join(FLUX), &flux, 3);
    write(&folder.join(FLUX_LORA), &flux.lora("model.diffusion_model.", parts::kohya, "_blocks."), 4);
    write(&folder.join(FLUX_MUTE), &mute, 3);
    for (path, prefix) in [(FLUX_ALONE, unet), (FLUX_CLIP, "text_encoders.clip_l.transformer."), (FLUX_VAE, "vae.")] {
        copy(&folder.join(FLUX), &folder.join(path), &flux, |name| name.strip_prefix(prefix));
    }
    let mut other = Net::default();
    parts::vae(&mut other, "", 4);
    write(&folder.join(OTHER_VAE), &other, 9);
    let mut wide = Net::default();
    wide.linear("model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k", 320, 768);
    write(&folder.join(WIDE_LORA), &wide.lora("model.diffusion_model.", unet::kohya, "attn2."), 5);
}

fn sd1() -> Net {
    let mut net = Net::default();
    unet::NARROW.add(&mut net, "model.diffusion_model.");
    parts::vae(&mut net, "first_stage_model.", 4);
    parts::clip(&mut net, "cond_stage_model.transformer.text_model.");
    net
}

fn flux(reads: bool) -> Net {
    let mut net = Net::default();
    parts::flux(&mut net, "model.diffusion_model.");
    parts::vae(&mut net, "vae.", 16);
    if reads {
        parts::clip(&mut net, "text_encoders.clip_l.transformer.text_model.");
    }
    net
}

/// Says SDXL by the width of what it reads.
pub fn sdxl_lora(path: &Path) {
    let mut net = Net::default();
    net.linear("model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k", 640, 2048);
    write(path, &net.lora("model.diffusion_model.", unet::kohya, "attn2."), 6);
}

/// Changes the text encoder alone.
pub fn text_lora(path: &Path) {
    let mut net = Net::default();
    net.linear("model.te_text_model_encoder_layers_0_mlp_fc1", 3072, 768);
    let mut lora = net.lora("model.", parts::kohya, "fc1");
    lora.0.iter_mut().for_each(|tensor| tensor.name = tensor.name.replace("lora_unet_te_", "lora_te_"));
    write(path, &lora, 7);
}

/// A LoRA with magnitudes beside its directions.
pub fn dora(path: &Path) {
    let mut net = Net::default();
    net.linear("model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k", 32, 768);
    let mut dora = net.lora("model.diffusion_model.", unet::kohya, "attn2.");
    let name = dora.0[0].name.replace("lora_down.weight", "dora_scale");
    dora.add(&name, &[32, 1], net::Fill::Gain);
    write(path, &dora, 8);
}

/// Without the middle of its UNet.
pub fn half_sd1(path: &Path) {
    let mut net = sd1();
    net.0.retain(|tensor| !tensor.name.contains("middle_block"));
    holes(path, &net);
}
