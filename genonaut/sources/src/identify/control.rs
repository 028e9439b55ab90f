//! What steers a diffusion model from beside it: ControlNets, IP-Adapters, and other adapters that are no LoRAs.

use super::marks::{Mark, Marks};
use super::settle::{Found, settle};
use super::{File, Identity, Kind};

/// What shows a model an image to go by, or a face.
pub fn image_adapter(file: &File, marks: &Marks) -> Option<Identity> {
    let fits = match marks {
        _ if marks.has(Mark::FaceAdapter) => face_adapter(file),
        _ if marks.has(Mark::IpAdapter) => ip_adapter(file, marks),
        _ => return None,
    };
    Some(of(Kind::IpAdapter, fits, file))
}

pub fn identify(file: &File, marks: &Marks) -> Option<Identity> {
    let (kind, fits): (_, Option<&str>) = match marks {
        _ if marks.has(Mark::Controlnet) && !marks.has(Mark::Component) => (Kind::Controlnet, controlnet(file, marks)),
        _ if marks.has(Mark::T2iAdapter) => (Kind::T2iAdapter, None),
        _ if marks.has(Mark::MotionModule) => (Kind::MotionModule, Some("sd1")),
        _ if file.names.has("redux_up.weight") => (Kind::StyleAdapter, Some("flux1")),
        _ => return None,
    };
    Some(of(kind, fits, file))
}

fn of(kind: Kind, fits: Option<&str>, file: &File) -> Identity {
    let found = fits.map(|id| Found::by_shape(&[id])).unwrap_or_default();
    Identity::of(kind, settle(&found, &file.claimed))
}

/// The base of a UNet by how wide its text is.
pub fn by_text_width(width: u64) -> Option<&'static str> {
    match width {
        768 => Some("sd1"),
        1024 => Some("sd2"),
        2048 => Some("sdxl"),
        _ => None,
    }
}

fn ip_adapter(file: &File, marks: &Marks) -> Option<&'static str> {
    if marks.has(Mark::IpAdapterFlux) {
        return Some("flux1");
    }
    let text = file.names.first_shape(&["ip_adapter.1.to_k_ip.weight", "ip_adapter.0.to_k_ip.weight"])?;
    match text {
        // The transformer's own width goes in, and what shows the image comes out.
        [3072, 4096] => Some("flux1"),
        [.., width] => by_text_width(*width),
        [] => None,
    }
}

/// PuLID; PhotoMaker does not show what it is for.
fn face_adapter(file: &File) -> Option<&'static str> {
    match file.names {
        names if names.any(|name| name.starts_with("pulid_ca.")) => Some("flux1"),
        names if names.any(|name| name.starts_with("id_adapter")) => Some("sdxl"),
        _ => None,
    }
}

const TEXT_ATTENTION: [&str; 3] = [
    "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight",
    "control_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight",
];

fn controlnet(file: &File, marks: &Marks) -> Option<&'static str> {
    let width = file.names.first_shape(&TEXT_ATTENTION).and_then(|shape| shape.last().copied());
    let by_mark = || {
        let is_qwen = marks.has(Mark::ControlQwen);
        Some(match marks {
            _ if marks.has(Mark::LlliteUnet) => "sdxl",
            _ if marks.has(Mark::LlliteDit) => "anima",
            _ if marks.has(Mark::ControlLayers) => "z-image",
            _ if marks.has(Mark::ControlFlux) && !is_qwen => "flux1",
            _ if is_qwen || file.names.any(|name| name.ends_with(".x_rms.weight")) => "qwen-image",
            _ if marks.has(Mark::ControlSd3) => "sd3",
            _ => return None,
        })
    };
    width.and_then(by_text_width).or_else(by_mark)
}
