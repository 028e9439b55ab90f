//! What to start from with an architecture: the values its makers or most of its users recommend.

use genonaut_sources::picture::samplers;
use serde::Deserialize;

/// Numbers that a recipe starts from; what is not known is left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// Pixels that it was trained at.
    pub size: Option<(u32, u32)>,
    pub steps: Option<u32>,
    pub cfg: Option<f64>,
    /// ComfyUI's ids.
    pub sampler: Option<String>,
    pub scheduler: Option<String>,
    /// Layers of CLIP to leave out, as A1111 counts; missing where the architecture has no such thing.
    pub clip_skip: Option<u32>,
}

/// As `architectures.json` has them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Given {
    pub size: Option<(u32, u32)>,
    steps: Option<u32>,
    cfg: Option<f64>,
    /// The sampler's id, with the scheduler behind it where one is meant.
    sampler: Option<String>,
    /// In place of the one behind the sampler.
    scheduler: Option<String>,
    clip_skip: Option<u32>,
}

impl Defaults {
    pub(super) fn new(given: &Given, size: Option<(u32, u32)>, text_encoders: &[String]) -> Self {
        let (sampler, scheduler) = given.sampler.as_deref().map(sampling).unzip();
        // Only a text encoder that is nothing but CLIP is cut short.
        let clip = |encoder: &String| encoder.starts_with("clip") || encoder.starts_with("openclip");
        let skips = !text_encoders.is_empty() && text_encoders.iter().all(clip);
        Self {
            size,
            steps: given.steps,
            cfg: given.cfg,
            sampler,
            scheduler: given.scheduler.clone().or(scheduler),
            clip_skip: given.clip_skip.or(skips.then_some(1)),
        }
    }

    /// Where this knows nothing, what `other` knows.
    pub(super) fn or(self, other: &Self) -> Self {
        Self {
            size: self.size.or(other.size),
            steps: self.steps.or(other.steps),
            cfg: self.cfg.or(other.cfg),
            sampler: self.sampler.or_else(|| other.sampler.clone()),
            scheduler: self.scheduler.or_else(|| other.scheduler.clone()),
            clip_skip: self.clip_skip.or(other.clip_skip),
        }
    }
}

/// `dpmpp_2m_karras` is dpmpp_2m with karras. What nobody knows is left as it is, for whoever chooses from ComfyUI's list.
fn sampling(id: &str) -> (String, String) {
    let sampler = samplers::sampler(id).unwrap_or(id);
    (sampler.to_owned(), samplers::schedule_of(id).unwrap_or("normal").to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_samplers_name_may_end_with_its_schedule() {
        for (id, sampler, scheduler) in [
            ("dpmpp_2m_karras", "dpmpp_2m", "karras"),
            ("euler_sgm_uniform", "euler", "sgm_uniform"),
            ("euler_a", "euler_ancestral", "normal"),
            ("edm_dpmpp_2m", "dpmpp_2m", "normal"),
            ("uni_pc_bh2", "uni_pc_bh2", "normal"),
            ("res_multistep", "res_multistep", "normal"),
            ("er_sde", "er_sde", "normal"),
            ("lcm", "lcm", "normal"),
        ] {
            assert_eq!(super::sampling(id), (sampler.to_owned(), scheduler.to_owned()), "{id}");
        }
    }
}
