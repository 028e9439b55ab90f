//! `<stem>.cm-info.json` of StabilityMatrix: Civitai's words with its user's title and settings.

use super::super::{Civitai, Claim, Said, Trust, Usage, text, words};
use super::json::{self, Read};
use super::{Fields, Found};
use crate::picture::{Program, samplers};

pub fn read(given: &Fields) -> Found {
    const KEYS: [&str; 5] = ["ModelId", "ModelName", "VersionId", "UserTitle", "BaseModel"];
    if !KEYS.iter().any(|key| given.contains_key(*key)) {
        return Err("it has no keys of StabilityMatrix");
    }
    let trained_words: Vec<&str> = given.texts("TrainedWords").into_iter().take(words::MOST).collect();
    let said = Said {
        name: given.text("ModelName"),
        version: given.text("VersionName"),
        description: given.page("VersionDescription").or_else(|| given.page("ModelDescription")),
        tags: text::tags(given.texts("Tags")),
        trigger_words: words::from_lists(trained_words.iter().copied(), ""),
        base: given.text("BaseModel"),
        author: given.text("AuthorUsername"),
        hashes: given
            .object("Hashes")
            .into_iter()
            .flatten()
            .filter_map(|(kind, digits)| Claim::new(kind, digits.as_str()?))
            .collect(),
        civitai: given.id("ModelId").map(|id| Civitai {
            known: true,
            model_id: Some(id),
            version_id: given.id("VersionId"),
            trained_words: trained_words.into_iter().filter_map(text::long).collect(),
            ..Civitai::default()
        }),
        extra: json::extra(given),
        ..Said::default()
    };
    let user = Said {
        name: given.text("UserTitle"),
        usage: given.object("InferenceDefaults").map(usage).unwrap_or_default(),
        ..Said::default()
    };
    Ok(vec![(Trust::User, user), (Trust::Library, said)])
}

fn usage(given: &Fields) -> Usage {
    let (sampler, scheduler) = (given.text("Sampler"), given.text("Scheduler"));
    // It hands the names to ComfyUI.
    let sampling = samplers::sampling(&sampler.unwrap_or_default(), scheduler.as_deref(), Program::ComfyUi);
    Usage {
        width: given.count("Width"),
        height: given.count("Height"),
        steps: given.count("Steps"),
        cfg: given.number("CfgScale").filter(|cfg| *cfg > 0.0),
        sampler: sampling.sampler.map(str::to_owned),
        scheduler: sampling.scheduler.map(str::to_owned),
        ..Usage::default()
    }
}
