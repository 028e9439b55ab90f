//! An axis: what varies, and the values.

use uuid::Uuid;

use super::kind::{Kind, Shown};
use super::models::{Checkpoint, Lora};
use crate::settings::Settings;

#[derive(Debug, Clone)]
pub struct Axis {
    pub kind: Kind,
    pub values: Vec<Value>,
}

#[derive(Debug, Clone)]
pub struct Value {
    pub label: String,
    pub change: Change,
}

/// What a value does to a recipe.
#[derive(Debug, Clone)]
pub enum Change {
    Checkpoint(Box<Checkpoint>),
    /// `None` leaves it out.
    Lora(Option<Box<Lora>>),
    Weight(f64),
    /// What is set; a sampler's name may bring its schedule along.
    Set(Box<Settings>),
    Seed(i64),
    /// What is to stand where the axis' first words stand.
    Words(String),
}

impl Axis {
    pub fn shown(&self) -> Shown {
        Shown { kind: self.kind, labels: self.values.iter().map(|value| value.label.clone()).collect(), of: None }
    }

    /// The LoRAs that vary along it.
    pub fn loras(&self) -> impl Iterator<Item = Uuid> {
        self.values.iter().filter_map(|value| match &value.change {
            Change::Lora(Some(lora)) => Some(lora.model.id),
            _ => None,
        })
    }
}
