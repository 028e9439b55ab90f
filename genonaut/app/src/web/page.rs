//! Reads what a recipe's page needs from the catalogue.

use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::lora::{self, Lora};
use genonaut_db::{PgPool, examples};

use super::beside::Beside;
use super::checkpoints::Options;
use super::loras::Results;
use super::notice::Notice;
use super::query::{Asked, Recipe};
use super::row::RowView;
use super::sampling::Sampling;
use super::stage::Live;
use super::tags::Said;
use super::taught::Taught;
use super::view::{CheckpointView, LoraView};
use crate::recipe::{self, LoraUse, Model};
use crate::settings;

/// The part of the page that a change of the recipe can change.
pub struct Parts {
    pub recipe: Recipe,
    pub checkpoint: Option<CheckpointView>,
    /// No checkpoint is chosen although there are some: examples without files, which only a person chooses.
    pub only_examples: bool,
    pub chosen: Vec<RowView>,
    pub sampling: Sampling,
    pub beside: Beside,
    pub results: Results,
    pub notices: Vec<Notice>,
    pub toast: Option<Toast>,
    /// What the prompt names; None where nobody looked.
    pub said: Option<Said>,
    pub status: u16,
    /// What a job of this recipe is made from; None without a checkpoint.
    pub makes: Option<recipe::Recipe>,
}

/// Something that was done, and the way back.
pub struct Toast {
    pub text: String,
    /// An address to go back to.
    pub back: Option<String>,
    /// Or the image to bring back.
    pub restore: Option<uuid::Uuid>,
}

impl Toast {
    pub fn says(text: String) -> Self {
        Self { text, back: None, restore: None }
    }
}

/// The whole page.
pub struct Whole {
    pub parts: Parts,
    pub options: Options,
    pub live: Live,
    pub look: super::look::Look,
}

impl Parts {
    pub async fn load(db: &PgPool, asked: Asked) -> anyhow::Result<Self> {
        let Asked { mut recipe, problems, .. } = asked;
        let mut found = Found { status: if problems.is_empty() { 200 } else { 400 }, notices: problems };
        let checkpoint = found.checkpoint(db, &mut recipe).await?;
        let target = checkpoint.as_ref().map(Checkpoint::target);
        let loras = found.loras(db, &mut recipe).await?;
        let ids: Vec<_> = loras.iter().map(|lora| lora.id).collect();
        let taught = Taught::load(db, recipe.checkpoint, &ids).await?;
        let defaults = checkpoint.as_ref().map(settings::defaults).unwrap_or_default();
        recipe.settings = recipe.settings.without(&defaults);
        for (lora, row) in loras.iter().zip(&mut recipe.loras) {
            row.weight = row.weight.filter(|weight| (weight - settings::recommended_weight(lora)).abs() > 1e-6);
        }
        let row = |(lora, row)| {
            let view = LoraView::new(lora, target.as_ref(), &recipe.prompt);
            RowView::new(lora, row, &recipe.prompt, view, &taught)
        };
        let chosen = loras.iter().zip(&recipe.loras).map(row).collect();
        let results = Results::load(db, &mut recipe, target).await?;
        let sampling = Sampling::new(&recipe, &defaults, checkpoint.as_ref(), &taught);
        let long = checkpoint.iter().flat_map(|chosen| sampling.effective.too_long(chosen.base.as_deref()));
        found.notices.extend(long.map(Notice::from));
        let beside = match &checkpoint {
            Some(checkpoint) => Beside::load(db, checkpoint, recipe.vae.as_deref()).await?,
            None => Beside::default(),
        };
        let makes = checkpoint.as_ref().map(|checkpoint| makes(checkpoint, &loras, &recipe, &sampling));
        let only_examples = match checkpoint {
            Some(_) => false,
            None => examples::standing(db).await?.are_shown(),
        };
        let checkpoint = checkpoint.as_ref().map(CheckpointView::from);
        let Found { status, notices } = found;
        Ok(Self {
            recipe,
            checkpoint,
            only_examples,
            chosen,
            sampling,
            beside,
            results,
            notices,
            toast: None,
            said: None,
            status,
            makes,
        })
    }

    /// The catalogue holds nothing that a recipe could be made of.
    pub fn is_empty(&self) -> bool {
        self.checkpoint.is_none() && self.results.catalogue_is_empty
    }
}

/// What is said about what was looked for.
struct Found {
    notices: Vec<Notice>,
    status: u16,
}

impl Found {
    /// The asked checkpoint, else the best rated one.
    async fn checkpoint(&mut self, db: &PgPool, recipe: &mut Recipe) -> anyhow::Result<Option<Checkpoint>> {
        let mut found = match recipe.checkpoint {
            Some(id) => checkpoint::find(db, id).await?,
            None => None,
        };
        if found.is_none() {
            found = checkpoint::best(db).await?;
            match (recipe.checkpoint, &found) {
                (None, _) => {}
                (Some(_), Some(_)) => self.missing(
                    "The checkpoint of this recipe is no longer in the catalogue. The best-rated one is selected.",
                ),
                (Some(_), None) => {
                    self.missing("The checkpoint of this recipe is no longer in the catalogue. Choose another one.");
                }
            }
        }
        recipe.checkpoint = found.as_ref().map(|checkpoint| checkpoint.id);
        Ok(found)
    }

    async fn loras(&mut self, db: &PgPool, recipe: &mut Recipe) -> anyhow::Result<Vec<Lora>> {
        let mut found = Vec::new();
        for row in &recipe.loras {
            found.extend(lora::find(db, row.id).await?);
        }
        if found.len() < recipe.loras.len() {
            self.missing("A LoRA of this recipe is no longer in the catalogue. It was removed.");
            recipe.loras.retain(|row| found.iter().any(|lora| lora.id == row.id));
        }
        Ok(found)
    }

    fn missing(&mut self, notice: &str) {
        self.notices.push(notice.into());
        self.status = self.status.max(404);
    }
}

fn makes(checkpoint: &Checkpoint, loras: &[Lora], recipe: &Recipe, sampling: &Sampling) -> recipe::Recipe {
    let used = loras.iter().zip(&recipe.loras).filter(|(_, row)| !row.off);
    let used = used.map(|(lora, row)| LoraUse {
        model: Model::from(lora),
        weight: row.weight.unwrap_or_else(|| settings::recommended_weight(lora)),
        clip_weight: row.clip_weight.filter(|_| recipe.separate_clip),
    });
    recipe::Recipe {
        prompt: recipe.prompt.clone(),
        negative_prompt: recipe.negative_prompt.clone(),
        checkpoint: Model::from(checkpoint),
        loras: used.collect(),
        settings: sampling.effective.clone(),
        vae: recipe.vae.clone(),
        seed: recipe.seed,
        resolved: Vec::new(),
    }
}
