//! What a plan needs to know of models.

use genonaut_db::architecture::{Fit, Target, fit};
use genonaut_db::{checkpoint, lora};

use crate::recipe::Model;
use crate::settings::{self, Settings};

#[derive(Debug, Clone)]
pub struct Checkpoint {
    pub model: Model,
    /// What fits it.
    pub target: Target,
    /// What a recipe follows where nothing is set.
    pub defaults: Settings,
}

#[derive(Debug, Clone)]
pub struct Lora {
    pub model: Model,
    /// The recommended one.
    pub weight: f64,
    pub bases: Vec<String>,
    pub optimal_checkpoints: Vec<String>,
}

impl Lora {
    pub fn fit(&self, checkpoint: &Checkpoint) -> Fit {
        fit(&checkpoint.target, &self.bases, &self.optimal_checkpoints)
    }
}

impl From<checkpoint::Checkpoint> for Checkpoint {
    fn from(found: checkpoint::Checkpoint) -> Self {
        let (target, defaults) = (found.target(), settings::defaults(&found));
        Self { model: Model::from(&found), target, defaults }
    }
}

impl From<lora::Lora> for Lora {
    fn from(found: lora::Lora) -> Self {
        let (model, weight) = (Model::from(&found), settings::recommended_weight(&found));
        let lora::Lora { bases, optimal_checkpoints, .. } = found;
        Self { model, weight, bases, optimal_checkpoints }
    }
}
