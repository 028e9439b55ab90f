//! What pictures say of a model beside its own stars: a LoRA with its checkpoints, a checkpoint with its settings.

use genonaut_db::feedback::{self, Count};
use genonaut_db::{DbError, PgPool, checkpoint};

use super::{Kind, Which};
use crate::web::taught::{label, made, stars};

/// One checkpoint of a LoRA, or one value of a setting.
pub struct Line {
    pub label: String,
    /// The other model's page.
    pub url: Option<String>,
    /// `★ 4.3 (27 images)`, else how many were made.
    pub said: String,
    /// `Best: 0.6`
    pub highest: Option<String>,
}

/// Checkpoints of a LoRA, and values of each setting.
const MOST: u16 = 5;

pub async fn load(db: &PgPool, which: Which) -> Result<Vec<Line>, DbError> {
    match which.kind {
        Kind::Lora => partners(db, which).await,
        Kind::Checkpoint => Ok(settings(&feedback::settings(db, which.id, &[]).await?)),
    }
}

async fn partners(db: &PgPool, lora: Which) -> Result<Vec<Line>, DbError> {
    let mut lines = Vec::new();
    for count in feedback::partners(db, lora.id, MOST).await? {
        // Those that left the catalogue have no name any more.
        let Some(partner) = checkpoint::find(db, count.checkpoint).await? else { continue };
        let counts = feedback::settings(db, partner.id, &[lora.id]).await?;
        let weights: Vec<_> = counts.into_iter().filter(|count| count.lora == lora.id).collect();
        let highest = feedback::best(&weights)
            .map(|best| format!("Best: {}", label("weight", &best.value).unwrap_or_else(|| best.value.clone())));
        let url = Some(format!("/models/checkpoint/{}", partner.id));
        lines.push(Line { label: format!("With {}", partner.label()), url, said: said(&count), highest });
    }
    Ok(lines)
}

/// Setting by setting, the values with most stars first.
fn settings(counts: &[Count]) -> Vec<Line> {
    let mut lines = Vec::new();
    for setting in ["steps", "cfg", "sampler", "scheduler"] {
        let mut values: Vec<_> = counts.iter().filter(|count| count.setting == setting).cloned().collect();
        let best = feedback::best(&values).cloned();
        values.sort_by_key(|count| std::cmp::Reverse((count.rated_pictures, count.pictures)));
        for count in values.iter().take(MOST.into()) {
            let highest = (best.as_ref() == Some(count)).then(|| "Best".to_owned());
            let label = label(setting, &count.value).unwrap_or_else(|| count.value.clone());
            lines.push(Line { label, url: None, said: said(count), highest });
        }
    }
    lines
}

fn said(count: &Count) -> String {
    stars(count.average_stars(), count.rated_pictures).unwrap_or_else(|| made(count.pictures))
}
