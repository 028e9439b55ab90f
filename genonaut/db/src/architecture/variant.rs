//! What to start from with one model: its variant's values before those of its base.

use std::sync::LazyLock;

use genonaut_sources::architectures::in_force;
use genonaut_sources::meaning::Families;
use genonaut_sources::meaning::families::Traits;

use super::table::TABLE;
use super::{Defaults, architecture_of, defaults};

static FAMILIES: LazyLock<Families> =
    LazyLock::new(|| Families::from_json(in_force()).expect("a table is checked before it holds"));

/// What tells the variant of a model, the firmest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variety<'a> {
    /// Nothing is known of a model without one.
    pub base: Option<&'a str>,
    /// What a scan has found, if there was one.
    pub variant: Option<&'a str>,
    pub distilled: Option<&'a str>,
    /// Spellings of its base and its family.
    pub spelled: &'a [&'a str],
    /// Of the model and its file.
    pub names: &'a [&'a str],
}

/// A distilled model's few steps first, then what its variant takes, then its base.
pub fn defaults_of(model: Variety) -> Defaults {
    let base = model.base.unwrap_or_default();
    let architecture = architecture_of(base);
    let found = FAMILIES.variants(Traits {
        architecture,
        by_tensors: model.variant,
        spelled: model.spelled,
        names: model.names,
    });
    let known = TABLE.variants.get(architecture);
    let of = |id: Option<&str>| known?.get(id?);
    let distilled = of(model.distilled).or_else(|| of(found.distilled));
    let layers = [distilled, of(found.variant).or_else(|| of(model.variant))];
    let merged = layers.into_iter().flatten().fold(Defaults::default(), Defaults::or).or(&defaults(base));
    Defaults { steps: found.steps.filter(|_| distilled.is_some()).or(merged.steps), ..merged }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_starts_from_the_variants_own_values() {
        for (base, variant, name, steps, cfg, sampler, scheduler) in [
            ("sdxl", None, "sdxl_lightning_4step", 4, 1.0, "euler", "sgm_uniform"),
            ("sdxl", Some("base"), "sdxl_lightning_8step", 8, 1.0, "euler", "sgm_uniform"),
            ("sdxl", None, "sd_xl_turbo_1.0_fp16", 4, 1.0, "euler_ancestral", "normal"),
            ("sdxl", None, "DMD2_sdxl_4step", 4, 1.0, "lcm", "sgm_uniform"),
            ("sdxl", None, "lcm-sdxl", 5, 1.8, "lcm", "sgm_uniform"),
            ("pony", None, "ponyRealism_Hyper", 8, 1.5, "euler", "sgm_uniform"),
            ("sd1", None, "dreamshaper_8LCM", 5, 1.8, "lcm", "sgm_uniform"),
            ("sd1", None, "Realistic_Hyper-SD15-8steps", 8, 1.5, "euler", "sgm_uniform"),
            ("sdxl", None, "lightningStrikeXL", 30, 7.0, "dpmpp_2m", "karras"),
            ("sd3.5-large", None, "sd3.5_large_turbo", 4, 1.0, "euler", "sgm_uniform"),
            ("flux1", Some("schnell"), "flux1-fast", 4, 1.0, "euler", "simple"),
            ("flux1", Some("dev"), "not_schnell", 20, 1.0, "euler", "simple"),
            ("flux1", Some("fill"), "flux1-fill-dev", 20, 1.0, "euler", "normal"),
            ("flux1-kontext", Some("dev"), "flux1-dev-kontext_fp8_scaled", 20, 1.0, "euler", "simple"),
            ("flux2-dev", None, "flux2_dev_bf16", 28, 1.0, "euler", "simple"),
            ("flux2-klein-4b", None, "flux-2-klein-4b", 4, 1.0, "euler", "simple"),
            ("flux2-klein-9b", None, "flux-2-klein-base-9b-fp8", 20, 5.0, "euler", "simple"),
            ("z-image", None, "z_image_turbo_bf16", 8, 1.0, "res_multistep", "simple"),
            ("z-image", None, "z_image_bf16", 25, 4.0, "res_multistep", "simple"),
            ("hidream-i1", None, "hidream_i1_full_fp8", 50, 5.0, "uni_pc", "simple"),
            ("hidream-i1", None, "hidream_i1_dev_fp8", 28, 1.0, "lcm", "normal"),
            ("hidream-i1", None, "hidream_i1_fast_fp8", 16, 1.0, "lcm", "normal"),
            ("qwen-image", None, "qwen_image_edit_2509_fp8_e4m3fn", 20, 4.0, "euler", "simple"),
        ] {
            let names = [name];
            let found = defaults_of(Variety { base: Some(base), variant, names: &names, ..Variety::default() });
            let got = (found.steps, found.cfg, found.sampler.as_deref(), found.scheduler.as_deref());
            assert_eq!(got, (Some(steps), Some(cfg), Some(sampler), Some(scheduler)), "{name}");
        }
    }

    #[test]
    fn what_a_scan_or_a_spelling_says_comes_before_the_name() {
        let of = |spelled: &[&str], distilled| {
            defaults_of(Variety { base: Some("sdxl"), distilled, spelled, names: &["hero"], ..Variety::default() })
                .steps
        };
        assert_eq!([of(&["SDXL Lightning"], None), of(&["sdxl", "SDXL Hyper"], None)], [Some(4), Some(8)]);
        assert_eq!([of(&[], Some("lcm")), of(&["SDXL 1.0"], None)], [Some(5), Some(30)]);
        let spelled =
            |spelled: &[&str]| defaults_of(Variety { base: Some("flux1"), spelled, ..Variety::default() }).steps;
        assert_eq!([spelled(&["Flux.1 S"]), spelled(&["Flux.1 D"])], [Some(4), Some(20)]);
    }
}
