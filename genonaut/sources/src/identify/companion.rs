//! Text encoders, embeddings, upscalers: what works beside a diffusion model.

use super::control::by_text_width;
use super::marks::{Mark, Marks};
use super::settle::{Found, settle};
use super::{File, Identity, Kind, text_encoder};

/// An embedding has a tensor or two.
const MOST_OF_EMBEDDING: usize = 10;

pub fn identify(file: &File, marks: &Marks) -> Option<Identity> {
    let of_none = |kind| Identity { kind, ..Identity::default() };
    match marks {
        _ if marks.has(Mark::TextEncoder) => {
            let subtype = text_encoder::subtype(file.names, &file.header.metadata);
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
