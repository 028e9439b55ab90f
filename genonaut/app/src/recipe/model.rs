//! The models of a recipe, as the queue needs them and as images carry them.

use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::lora::Lora;
use genonaut_db::{DbError, PgPool, library};
use genonaut_sources::picture;
use serde::{Deserialize, Serialize};

use super::{Model, Recipe};
use crate::parts::BUILT_IN;

/// Hashes of a model's file, in lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelHashes {
    /// Of the whole file.
    pub sha256: String,
    /// First 12 digits of the SHA-256 of its tensors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autov3: Option<String>,
}

impl ModelHashes {
    /// By which images name a LoRA: AutoV3, else AutoV2.
    pub fn of_lora(&self) -> String {
        self.autov3.clone().unwrap_or_else(|| self.sha256.chars().take(10).collect())
    }
}

impl From<library::ModelHashes> for ModelHashes {
    fn from(known: library::ModelHashes) -> Self {
        Self { sha256: known.sha256, autov3: known.tensors.map(|digits| digits.chars().take(12).collect()) }
    }
}

impl From<&Checkpoint> for Model {
    fn from(checkpoint: &Checkpoint) -> Self {
        let (name, path) = (checkpoint.label().to_owned(), checkpoint.path.clone());
        Self { id: checkpoint.id, name, path, hashes: None }
    }
}

impl From<&Lora> for Model {
    fn from(lora: &Lora) -> Self {
        Self { id: lora.id, name: lora.label().to_owned(), path: lora.path.clone(), hashes: None }
    }
}

impl Model {
    /// As another machine may call it.
    pub fn named(&self) -> picture::Model {
        let hash = self.hashes.as_ref().map(|hashes| hashes.sha256.clone());
        picture::Model { hash, ..picture::Model::named(&self.path) }
    }
}

impl Recipe {
    /// Without the folders of this machine, which tell about its user and are of no use elsewhere.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.models_mut().for_each(|model| model.path = file_name(&model.path).to_owned());
        self.vae = self.vae.map(|vae| if vae == BUILT_IN { vae } else { file_name(&vae).to_owned() });
        self
    }

    /// With the hashes that are known of its models.
    pub async fn hashed(mut self, db: &PgPool) -> Result<Self, DbError> {
        let ids: Vec<_> = self.models_mut().map(|model| model.id).collect();
        let known = library::model_hashes(db, &ids).await?;
        self.models_mut().for_each(|model| model.hashes = known.get(&model.id).cloned().map(ModelHashes::from));
        Ok(self)
    }

    /// The checkpoint, and every LoRA of every image.
    fn models_mut(&mut self) -> impl Iterator<Item = &mut Model> {
        let drawn = self.resolved.iter_mut().flat_map(|resolved| resolved.loras.iter_mut());
        std::iter::once(&mut self.checkpoint).chain(self.loras.iter_mut().chain(drawn).map(|lora| &mut lora.model))
    }
}

/// Of a path of any system.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
