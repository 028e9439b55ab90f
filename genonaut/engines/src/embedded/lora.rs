//! Whether a LoRA can be applied: the library leaves out one that it cannot read and says so only in its log, and one
//! of another architecture is a crash.

use genonaut_sources::identify::Kind as FileKind;

use super::model::Looked;
use super::order::Lora;
use super::refusal::file_name;
use crate::{Failure, Field, Kind, LoraFile};

/// How an adapter may change its base; the library leaves out what it does not know of the others.
const KNOWN: [&str; 4] = ["lora", "locon", "loha", "lokr"];

/// `None` for one with no weight: it changes nothing.
pub(super) fn check(lora: &LoraFile, architecture: &str) -> Result<Option<Lora>, Failure> {
    let field = Field::Lora(lora.path.clone());
    let identity = Looked::at(&lora.path, &field)?.identity;
    let name = file_name(&lora.path);
    let refused =
        |what: String, hint: &str| Failure::new(Kind::Unable, format!("{name} {what}"), hint).at(field.clone());
    if identity.kind != FileKind::Lora {
        return Err(refused("is not a LoRA".to_owned(), "Remove it from the recipe."));
    }
    if let Some(adapter) = identity.adapter.as_deref().filter(|adapter| !KNOWN.contains(adapter)) {
        return Err(refused(
            format!("uses the adapter type {adapter}"),
            "The built-in engine does not support it. Remove the LoRA.",
        ));
    }
    let fits =
        |of: &str| of == architecture || identity.detection.alternatives.iter().any(|other| other == architecture);
    if let Some(of) = identity.detection.architecture.as_deref().filter(|of| !fits(of)) {
        let hint = format!("The checkpoint is {architecture}. Choose a LoRA that fits it, or remove it.");
        return Err(refused(format!("is for {of}"), &hint));
    }
    let changes_text = identity.components.iter().any(|component| component.starts_with("te"));
    if lora.weight != lora.clip_weight && changes_text {
        let hint = "Set its CLIP weight to the same value as its weight.";
        return Err(refused("cannot have a separate CLIP weight with this engine".to_owned(), hint));
    }
    Ok((lora.weight != 0.0).then(|| Lora { path: lora.path.clone(), weight: lora.weight }))
}
