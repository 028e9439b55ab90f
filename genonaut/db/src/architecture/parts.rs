//! What an architecture needs beside its diffusion model.

use super::table::TABLE;

/// Text encoders and the VAE.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// As a text encoder's role has it, e.g. `clip_l`, `t5xxl`, `qwen3-4b`; all of them are needed.
    pub text_encoders: Vec<String>,
    /// VAEs of one family are interchangeable.
    pub vae: Option<String>,
}

impl Parts {
    /// Whether a VAE that most likely belongs to that architecture is of the wanted family. One that belongs to another
    /// would give noise without a word of warning, although its tensors have the same shapes.
    pub fn takes_vae_of(&self, architecture: &str) -> bool {
        let family = TABLE.parts.get(architecture).and_then(|parts| parts.vae.as_ref());
        family.is_some() && family == self.vae.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use crate::architecture::parts;

    #[test]
    fn families_need_what_their_architecture_needs() {
        assert_eq!(parts("flux1").text_encoders, ["clip_l", "t5xxl"]);
        assert_eq!(parts("pony"), parts("sdxl"));
        assert_eq!(parts("no such"), super::Parts::default());
    }

    #[test]
    fn a_vae_serves_all_of_its_family_and_no_other() {
        let z_image = parts("z-image");
        assert!(z_image.takes_vae_of("flux1"));
        assert!(!z_image.takes_vae_of("sd3"), "the same shapes, other numbers");
        assert!(parts("flux2-klein-4b").takes_vae_of("flux2-dev"));
        assert!(!parts("flux2-klein-4b").takes_vae_of("no such"));
    }
}
