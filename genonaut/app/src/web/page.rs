//! Reads what a recipe's page needs from the catalogue.

use genonaut_db::PgPool;
use genonaut_db::architecture::Target;
use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::lora;
use genonaut_db::page::PageRequest;

use super::checkpoints::Options;
use super::loras::Results;
use super::query::{Asked, Recipe};
use super::view::{CheckpointView, LoraView};

/// The part of the page that a change of the recipe can change.
pub struct Parts {
    pub recipe: Recipe,
    pub checkpoint: Option<CheckpointView>,
    pub chosen: Vec<LoraView>,
    pub results: Results,
    pub notices: Vec<String>,
    pub status: u16,
}

/// The whole page.
pub struct Whole {
    pub parts: Parts,
    pub options: Options,
    pub look: super::look::Look,
}

impl Parts {
    pub async fn load(db: &PgPool, asked: Asked) -> anyhow::Result<Self> {
        let status = if asked.problems.is_empty() { 200 } else { 400 };
        let Asked { recipe, problems, .. } = asked;
        let mut parts = Self {
            recipe,
            checkpoint: None,
            chosen: Vec::new(),
            results: Results::default(),
            notices: problems,
            status,
        };
        let checkpoint = parts.choose(db).await?;
        let target = checkpoint.as_ref().map(Checkpoint::target);
        parts.chosen = parts.chosen(db, target.as_ref()).await?;
        parts.results = Results::load(db, &mut parts.recipe, target).await?;
        parts.checkpoint = checkpoint.as_ref().map(CheckpointView::from);
        Ok(parts)
    }

    /// The catalogue holds nothing that a recipe could be made of.
    pub fn is_empty(&self) -> bool {
        self.checkpoint.is_none() && self.results.catalogue_is_empty
    }

    /// The asked checkpoint, else the best rated one.
    async fn choose(&mut self, db: &PgPool) -> anyhow::Result<Option<Checkpoint>> {
        let mut found = None;
        if let Some(id) = self.recipe.checkpoint {
            found = checkpoint::find(db, id).await?;
            if found.is_none() {
                self.missing("This recipe's checkpoint is no longer in the catalogue; the best rated one is chosen.");
            }
        }
        if found.is_none() {
            let best = PageRequest { limit: 1, ..PageRequest::default() };
            found = checkpoint::list(db, &checkpoint::Filter::default(), &best).await?.items.pop();
        }
        self.recipe.checkpoint = found.as_ref().map(|checkpoint| checkpoint.id);
        Ok(found)
    }

    async fn chosen(&mut self, db: &PgPool, target: Option<&Target>) -> anyhow::Result<Vec<LoraView>> {
        let mut found = Vec::new();
        for id in &self.recipe.loras {
            found.extend(lora::find(db, *id).await?);
        }
        if found.len() < self.recipe.loras.len() {
            self.missing("A LoRA of this recipe is no longer in the catalogue; it was left out.");
        }
        self.recipe.loras = found.iter().map(|lora| lora.id).collect();
        let view = |lora| LoraView { added: true, ..LoraView::new(lora, target, &self.recipe.prompt) };
        Ok(found.iter().map(view).collect())
    }

    fn missing(&mut self, notice: &str) {
        self.notices.push(notice.to_owned());
        self.status = self.status.max(404);
    }
}
