//! VAEs. Several architectures share one layout: metadata or the file's name says which.

use super::marks::{Mark, Marks};
use super::settle::{Found, settle};
use super::{File, Identity, Kind};
use crate::meaning::file_name::words;

pub fn identify(file: &File, marks: &Marks) -> Option<Identity> {
    if !marks.has(Mark::Vae) {
        return None;
    }
    let mut fits = fits(file, marks).to_vec();
    let name = words(file.stem);
    // What the name spells comes first; the others keep their order.
    fits.sort_by_key(|id| !is_in(&words(id), &name));
    let found = if fits.is_empty() { Found::default() } else { Found::by_shape(&fits) };
    Some(Identity::of(Kind::Vae, settle(&found, &file.claimed)))
}

/// Both as [`words`] writes them; `ltx-2` is `ltx2`, too.
fn is_in(id: &str, name: &str) -> bool {
    let joined = |text: &str| text.trim().replace(' ', "");
    name.contains(id)
        || name
            .split_inclusive(' ')
            .zip(name.split_inclusive(' ').skip(1))
            .any(|(first, second)| joined(first) + &joined(second) == joined(id))
}

const FIRST_LAYERS: [&str; 6] = [
    "decoder.conv_in.weight",
    "first_stage_model.decoder.conv_in.weight",
    "vae.decoder.conv_in.weight",
    "decoder.conv_in.conv.weight",
    "decoder.conv1.weight",
    "vae.decoder.conv_in.conv.weight",
];

const FLUX2: &[&str] = &["flux2-dev", "flux2-klein-9b", "flux2-klein-4b", "ideogram4", "ernie-image", "lens"];

/// Likeliest first.
fn fits(file: &File, marks: &Marks) -> &'static [&'static str] {
    match file.names.first_shape(&FIRST_LAYERS) {
        _ if file.names.has("bn.running_mean") => FLUX2,
        _ if file.names.has("vquantizer.codebook.weight") => &["stable-cascade"],
        _ if marks.has(Mark::VaeCosmos) => &["cosmos1"],
        _ if marks.has(Mark::VaeMochi) => &["mochi1"],
        _ if marks.has(Mark::VaeAudio) => of_sounds(file),
        _ if marks.has(Mark::VaeLtx) => ltx(file),
        Some([_, latent, _, _]) => of_images(*latent),
        Some([_, latent, _, _, _]) => of_videos(*latent, marks.has(Mark::VaeWan)),
        _ => &[],
    }
}

fn of_sounds(file: &File) -> &'static [&'static str] {
    if file.names.any(|name| name.starts_with("audio_vae.")) {
        return &["ltx2"];
    }
    let is_comfy = file.names.any(|name| name.contains(".layers.1.layers."));
    if is_comfy { &["stable-audio", "ace-step"] } else { &["ace-step", "stable-audio"] }
}

/// LTX-Video's decoder is told the time since 0.9.1; before, and in LTX-2, it is not.
fn ltx(file: &File) -> &'static [&'static str] {
    let is_timed = file.names.any(|name| name.contains("time_embedder") || name.contains("timestep_scale_multiplier"));
    let widest = |name: &str, axis: usize| {
        let names = [name.to_owned(), ["vae.", name].concat()];
        names.iter().find_map(|name| file.names.shape(name)?.get(axis).copied())
    };
    let is_wide = widest("encoder.conv_out.conv.weight", 1).or(widest("decoder.conv_in.conv.weight", 0)) >= Some(1024);
    if is_wide && !is_timed { &["ltx2", "ltxv"] } else { &["ltxv", "ltx2"] }
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
        (128, _) => &["ltxv", "ltx2"],
        (16, true) => &["wan-14b", "wan-1.3b", "qwen-image", "anima", "krea2"],
        (16, false) => &["hunyuan-video"],
        _ => &[],
    }
}
