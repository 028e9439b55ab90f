//! VAEs. Several architectures share one layout: metadata or the file's name says which.

use super::marks::{Mark, Marks};
use super::settle::{Found, settle};
use super::{File, Identity, Kind};

pub fn identify(file: &File, marks: &Marks) -> Option<Identity> {
    if !marks.has(Mark::Vae) {
        return None;
    }
    let mut fits = fits(file, marks).to_vec();
    let stem = file.stem.to_lowercase().replace('_', "-");
    // What the name spells comes first; the others keep their order.
    fits.sort_by_key(|id| !stem.contains(id));
    let found = if fits.is_empty() { Found::default() } else { Found::by_shape(&fits) };
    Some(Identity::of(Kind::Vae, settle(&found, &file.claimed)))
}

const FIRST_LAYERS: [&str; 5] = [
    "decoder.conv_in.weight",
    "first_stage_model.decoder.conv_in.weight",
    "vae.decoder.conv_in.weight",
    "decoder.conv_in.conv.weight",
    "decoder.conv1.weight",
];

const FLUX2: &[&str] = &["flux2-dev", "flux2-klein-9b", "flux2-klein-4b", "ideogram4", "ernie-image", "lens"];

/// Likeliest first.
fn fits(file: &File, marks: &Marks) -> &'static [&'static str] {
    match file.names.first_shape(&FIRST_LAYERS) {
        _ if file.names.has("bn.running_mean") => FLUX2,
        _ if file.names.has("vquantizer.codebook.weight") => &["stable-cascade"],
        _ if marks.has(Mark::VaeCosmos) => &["cosmos1"],
        _ if marks.has(Mark::VaeMochi) => &["mochi1"],
        Some([_, latent, _, _]) => of_images(*latent),
        Some([_, latent, _, _, _]) => of_videos(*latent, marks.has(Mark::VaeWan)),
        _ => &[],
    }
}

fn of_images(latent: u64) -> &'static [&'static str] {
    match latent {
        4 => &["sd1", "sd2", "sdxl", "pixart-alpha", "auraflow"],
        16 => &["flux1", "sd3", "z-image", "chroma", "lumina2", "hidream-i1", "omnigen2"],
        32 => FLUX2,
        64 => &["hunyuan-image-2.1"],
        _ => &[],
    }
}

fn of_videos(latent: u64, is_wan: bool) -> &'static [&'static str] {
    match (latent, is_wan) {
        (48, _) => &["wan-5b"],
        (128, _) => &["ltxv"],
        (16, true) => &["wan-14b", "wan-1.3b", "qwen-image", "anima", "krea2"],
        (16, false) => &["hunyuan-video"],
        _ => &[],
    }
}
