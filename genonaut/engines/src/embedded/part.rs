//! Whether a file beside the checkpoint is the part that it is given for: the library takes any file for any part, and
//! what it does not find there is a crash, or left out without a word.

use genonaut_sources::identify::{Identity, Kind as FileKind};

use super::model::Looked;
use super::refusal::file_name;
use crate::{Failure, Field, Kind, Role};

/// Refuses a file that is known to be something else, or that is packed in a way that the library does not read.
pub(super) fn check(path: &str, looked: &Looked, role: Role, architecture: &str) -> Result<(), Failure> {
    let name = file_name(path);
    let refused = |kind, title, hint| Err(Failure::new(kind, title, hint).at(Field::Component(role)));
    if let Some(packing) = looked.identity.quantization.first() {
        let hint = "The built-in engine does not support it. Choose an fp16 or .gguf file.";
        return refused(Kind::Unable, format!("{name} is quantized as {packing}"), hint);
    }
    if !may_play(&looked.identity, role) {
        let hint = "Choose another under Advanced or in the checkpoint's metadata.";
        return refused(Kind::Refused, format!("{name} cannot be used as {}", role.label()), hint);
    }
    let detection = &looked.identity.detection;
    let mut fits = detection.architecture.iter().chain(&detection.alternatives).peekable();
    if let Some(of) = fits.peek().map(|of| (*of).clone())
        && !fits.any(|of| of == architecture)
    {
        let hint = format!("The checkpoint is {architecture}. Choose a {} that fits it.", role.label());
        return Err(Failure::new(Kind::Refused, format!("{name} is for {of}"), hint).at(Field::Component(role)));
    }
    Ok(())
}

/// What nobody can tell may be anything.
fn may_play(identity: &Identity, role: Role) -> bool {
    let known: &[&str] = match (identity.kind, role) {
        (FileKind::Unknown, _) | (FileKind::Vae, Role::Vae) => return true,
        (FileKind::TextEncoder, Role::ClipL) => &["clip_l"],
        (FileKind::TextEncoder, Role::ClipG) => &["clip_g"],
        // The second says nothing of its size.
        (FileKind::TextEncoder, Role::T5) => &["t5xxl", "t5"],
        // Nothing that this engine makes images with has these.
        (_, Role::ClipH | Role::Language) => return true,
        _ => return false,
    };
    identity.subtype.is_none_or(|is| known.contains(&is))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_played_by_its_like_and_by_what_nobody_knows() {
        let of = |kind, subtype| Identity { kind, subtype, ..Identity::default() };
        let text = |subtype| of(FileKind::TextEncoder, subtype);
        for (identity, role, may) in [
            (text(Some("clip_l")), Role::ClipL, true),
            (text(Some("clip_g")), Role::ClipL, false),
            (text(Some("umt5-xxl")), Role::T5, false),
            (text(Some("t5")), Role::T5, true),
            (text(None), Role::ClipG, true),
            (text(Some("clip_l")), Role::Vae, false),
            (of(FileKind::Vae, None), Role::Vae, true),
            (of(FileKind::Vae, None), Role::ClipL, false),
            (of(FileKind::Checkpoint, None), Role::Vae, false),
            (of(FileKind::Unknown, None), Role::T5, true),
        ] {
            assert_eq!(may_play(&identity, role), may, "{:?} {role:?}", identity.kind);
        }
    }
}
