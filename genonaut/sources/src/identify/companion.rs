//! Text encoders, embeddings, upscalers: what works beside a diffusion model.

use super::control::by_text_width;
use super::marks::{Mark, Marks};
use super::settle::{Found, settle};
use super::{File, Identity, Kind, text_encoder};

/// An embedding has a tensor or two.
const MOST_OF_EMBEDDING: usize = 10;

/// Upscalers and face restorers, by names and shapes that nothing else has.
pub fn restorer(file: &File, marks: &Marks) -> Option<Identity> {
    let is_one = marks.has(Mark::Restorer) && !marks.has(Mark::Component) || is_compact(file);
    is_one.then(|| Identity { kind: Kind::Upscaler, ..Identity::default() })
}

/// Real-ESRGAN's smallest kind: convolutions with one number for each channel between them, from three channels to three
/// for each pixel that comes of one.
fn is_compact(file: &File) -> bool {
    let layer = |name: &str| {
        let name = name.strip_prefix("params.").or_else(|| name.strip_prefix("params_ema.")).unwrap_or(name);
        let (layer, part) = name.strip_prefix("body.")?.split_once('.')?;
        (part == "weight" || part == "bias").then(|| layer.parse::<u32>().ok())?
    };
    let shape =
        |name: &str| ["", "params.", "params_ema."].iter().find_map(|at| file.names.shape(&[at, name].concat()));
    let slopes = shape("body.1.weight").is_some_and(|slopes| slopes.len() == 1);
    let is_first = matches!(shape("body.0.weight"), Some([_, 1 | 3 | 4, 3, 3]));
    is_first && slopes && !file.names.any(|name| layer(name).is_none())
}

pub fn identify(file: &File, marks: &Marks) -> Option<Identity> {
    let of_none = |kind| Identity { kind, ..Identity::default() };
    match marks {
        _ if marks.has(Mark::TextEncoder) => {
            let subtype = text_encoder::subtype(file);
            Some(Identity { subtype, ..of_none(Kind::TextEncoder) })
        }
        _ if marks.has(Mark::ClipVision) => Some(of_none(Kind::ClipVision)),
        _ => embedding(file).or_else(|| {
            let kinds = [(Mark::Upscaler, Kind::Upscaler), (Mark::VaeApprox, Kind::VaeApprox)];
            kinds.into_iter().find(|(mark, _)| marks.has(*mark)).map(|(_, kind)| of_none(kind))
        }),
    }
}

fn embedding(file: &File) -> Option<Identity> {
    if file.names.len() >= MOST_OF_EMBEDDING {
        return None;
    }
    let is_pair = file.names.has("clip_g") && file.names.has("clip_l");
    let architecture = if is_pair { Some("sdxl") } else { by_width(file)? };
    let found = architecture.map(|id| Found::by_shape(&[id])).unwrap_or_default();
    Some(Identity::of(Kind::Embedding, settle(&found, &file.claimed)))
}

/// The outer `None` is for what is no embedding.
fn by_width(file: &File) -> Option<Option<&'static str>> {
    let is_vectors = |name: &str| {
        let is_token = name.starts_with('<') && name.ends_with('>');
        name == "emb_params" || is_token || name.starts_with("string_to_param.")
    };
    let vectors = file.header.tensors.iter().find(|tensor| is_vectors(&tensor.name))?;
    let width = *vectors.shape.as_ref()?.last()?;
    Some(if width == 1280 { Some("sdxl") } else { by_text_width(width).filter(|id| *id != "sdxl") })
}
