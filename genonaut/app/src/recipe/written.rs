//! The recipe inside the picture: as A1111's text, which every other program reads, and as our own JSON.

use anyhow::Context;
use bytes::Bytes;
use genonaut_db::PgPool;
use genonaut_sources::picture::{Lora, Made, Model, infotext, png};

use super::{ModelHashes, Recipe};

/// The chunk that holds our own JSON.
const OWN: &str = "genonaut";

impl Recipe {
    /// The image with both texts in it; its pixels are untouched. A1111's has the prompt that the image was made from,
    /// ours what was open in it too. Models are named by their files and their hashes, where those are known.
    ///
    /// # Errors
    /// When it is no PNG.
    pub async fn sign(&self, db: &PgPool, png: &[u8], seed: i64) -> anyhow::Result<Vec<u8>> {
        let own = Self { seed: Some(seed), ..self.clone() }.hashed(db).await?.public();
        let texts = [("parameters", infotext::write(&own.plain().made())), (OWN, serde_json::to_string(&own)?)];
        let texts = texts.each_ref().map(|(keyword, text)| (*keyword, text.as_str()));
        png::with_texts(png, &texts).context("the image from the engine is not a PNG")
    }

    /// The image as it may leave this machine. Those of older versions name the folders of their models.
    ///
    /// # Errors
    /// When the database is not there.
    pub async fn without_folders(db: &PgPool, png: Bytes) -> anyhow::Result<Bytes> {
        let texts = png::texts(&png);
        let own = texts.iter().find(|(keyword, _)| keyword == OWN).map(|(_, text)| text.as_str());
        match own.and_then(|text| serde_json::from_str::<Self>(text).ok()) {
            Some(own) if own.clone().public() != own => {
                own.sign(db, &png, own.seed.unwrap_or_default()).await.map(Bytes::from)
            }
            _ => Ok(png),
        }
    }

    fn made(&self) -> Made {
        let settings = &self.settings;
        let lora = |lora: &super::LoraUse| Lora {
            model: Model { hash: lora.model.hashes.as_ref().map(ModelHashes::of_lora), ..lora.model.named() },
            weight: lora.weight,
            clip_weight: lora.clip_weight,
        };
        Made {
            prompt: self.prompt.clone(),
            negative_prompt: self.negative_prompt.clone(),
            checkpoint: Some(self.checkpoint.named()),
            loras: self.loras.iter().map(lora).collect(),
            width: Some(settings.width),
            height: Some(settings.height),
            steps: Some(settings.steps),
            cfg: Some(settings.cfg),
            sampler: Some(settings.sampler.clone()),
            scheduler: Some(settings.scheduler.clone()),
            seed: self.seed.and_then(|seed| u64::try_from(seed).ok()),
            clip_skip: Some(settings.clip_skip),
            ..Made::default()
        }
    }
}
