//! Spellings and families.

use std::sync::LazyLock;

use genonaut_sources::architectures::TABLE;
use genonaut_sources::header::Metadata;
use genonaut_sources::meaning::Families;
use genonaut_sources::meaning::families::{By, Evidence, Lineage};

fn families() -> &'static Families {
    static FAMILIES: LazyLock<Families> = LazyLock::new(|| Families::from_json(TABLE).unwrap());
    &FAMILIES
}

type Given = Option<(String, By)>;

/// Family, distillation, and what each rests on.
fn lineage(evidence: &Evidence) -> (Given, Given) {
    let Lineage { family, distilled } = families().lineage(evidence);
    (family.map(|label| (label.id, label.by)), distilled.map(|label| (label.id, label.by)))
}

fn label(id: &str, by: By) -> Given {
    Some((id.to_owned(), by))
}

#[test]
fn every_writers_spelling_is_read() {
    let families = families();
    for (spelling, architecture, family) in [
        ("SDXL 1.0", "sdxl", Some("sdxl")),
        ("Pony", "sdxl", Some("pony")),
        (" Sd1.5 ", "sd1", None),
        ("SD1", "sd1", None),
        ("sdxl_base_v1-0", "sdxl", None),
        ("sdxl_1.0", "sdxl", None),
        ("stable-diffusion-xl-v1-base/lora", "sdxl", None),
        ("Flux.1-dev/kontext", "flux1", Some("flux1-kontext")),
        ("Flux.1-dev/lora", "flux1", None),
        ("Pony V7", "auraflow", Some("pony-v7")),
        ("5-medium", "sd3.5-medium", None),
    ] {
        let base = families.spelled(spelling).unwrap();
        assert_eq!((base.architecture.as_str(), base.family.as_deref()), (architecture, family), "{spelling}");
    }
    assert!(families.spelled("SDXL Lightning").unwrap().distilled);
    for unknown in ["Other", "Kling", "no such", "", "/lora"] {
        assert_eq!(families.spelled(unknown), None, "{unknown}");
    }
}

#[test]
fn the_firmest_evidence_decides_the_family() {
    let trained = Metadata(vec![
        (
            "ss_new_sd_model_hash".to_owned(),
            "67AB2FD8EC439A89B3FEDB15CC65F54336AF163C7EB5E4F2ACC98F090A29B0B3".to_owned(),
        ),
        ("ss_sd_model_name".to_owned(), "889818.safetensors".to_owned()),
    ]);
    let sdxl = Evidence { architectures: &["sdxl"], ..Evidence::default() };
    let named = Evidence { stem: "hero_noobXL", folder: Some("pony"), ..sdxl };
    let by_training = Evidence { metadata: Some(&trained), ..named };
    let by_claim = Evidence { claims: &["SDXL", "Illustrious"], ..by_training };
    assert_eq!(lineage(&by_claim).0, label("illustrious", By::Claim));
    assert_eq!(lineage(&by_training).0, label("pony", By::TrainedOn));
    assert_eq!(lineage(&named).0, label("noobai", By::Name));
    assert_eq!(lineage(&Evidence { folder: Some("pony"), ..sdxl }).0, label("pony", By::Folder));
    assert_eq!(lineage(&sdxl).0, label("sdxl", By::Architecture));
    let kontext = Metadata(vec![("ss_base_model_version".to_owned(), "flux.1_kontext".to_owned())]);
    let flux = Evidence { architectures: &["flux1"], metadata: Some(&kontext), ..Evidence::default() };
    assert_eq!(lineage(&flux).0, label("flux1-kontext", By::Header));
    let base = "31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b";
    assert_eq!(lineage(&Evidence { sha256: Some(base), ..named }).0, label("sdxl", By::Hash));
}

#[test]
fn a_family_of_another_architecture_is_not_believed() {
    let named = Evidence { architectures: &["sd1"], claims: &["Pony"], stem: "pony_lcm", ..Evidence::default() };
    assert_eq!(lineage(&named), (label("sd1", By::Architecture), label("lcm", By::Name)));
    assert_eq!(lineage(&Evidence { architectures: &[], ..named }), (None, None));
    let seventh = Evidence { architectures: &["auraflow"], stem: "pony-v7", ..Evidence::default() };
    assert_eq!(lineage(&seventh).0, label("pony-v7", By::Name));
    let hair = Evidence { architectures: &["sdxl"], stem: "ponytail_slider", ..Evidence::default() };
    assert_eq!(lineage(&hair).0, label("sdxl", By::Architecture));
}

#[test]
fn a_distillation_stands_beside_the_family() {
    let both = Evidence { architectures: &["sdxl"], stem: "PonyRealism_lightning", ..Evidence::default() };
    assert_eq!(lineage(&both), (label("pony", By::Name), label("sdxl-lightning", By::Name)));
    let claimed = Evidence { architectures: &["sdxl"], claims: &["SDXL Hyper"], stem: "x", ..Evidence::default() };
    assert_eq!(lineage(&claimed), (label("sdxl", By::Architecture), label("hyper-sd", By::Claim)));
}

/// A name is judged by whole words, and what only looks like a family or a distillation is none.
#[test]
fn names_are_judged_by_whole_words() {
    for (stem, family, distilled) in [
        ("ponyDiffusionV6XL_v6StartWithThisOne", "pony", None),
        ("cyberrealisticPony_v64", "pony", None),
        ("waiANINSFWPONYXL_v80", "pony", None),
        ("my_little_pony_style", "sdxl", None),
        ("MyLittlePony", "sdxl", None),
        ("ponytail_hair", "sdxl", None),
        ("Ponyville", "sdxl", None),
        ("waiNSFWIllustrious_v110", "illustrious", None),
        ("azur_lane_illustrious", "sdxl", None),
        ("noobaiXLNAIXL_vPred10Version", "noobai", None),
        ("lightningStrikeXL", "sdxl", None),
        ("thunder_lightning_dragon", "sdxl", None),
        ("sdxl_lightning_4step_unet", "sdxl", Some("sdxl-lightning")),
        ("juggernautXL_v9Rdphoto2Lightning", "sdxl", Some("sdxl-lightning")),
        ("realvisxlV40_v40LightningBakedvae", "sdxl", Some("sdxl-lightning")),
        ("dreamshaperXL_lightningDPMSDE", "sdxl", Some("sdxl-lightning")),
        ("DreamShaperXL_Turbo_v2_1", "sdxl", Some("sdxl-turbo")),
        ("sd_xl_turbo_1.0_fp16", "sdxl", Some("sdxl-turbo")),
        ("turbocharged_cars", "sdxl", None),
        ("Hyper-SDXL-8steps", "sdxl", Some("hyper-sd")),
        ("hyperrealism", "sdxl", None),
        ("hyper_realistic_skin", "sdxl", None),
        ("DMD2_sdxl_4step", "sdxl", Some("dmd2")),
        ("lcm-sdxl", "sdxl", Some("lcm")),
    ] {
        let found = families().lineage(&Evidence { architectures: &["sdxl"], stem, ..Evidence::default() });
        let ids = (found.family.map(|label| label.id), found.distilled.map(|label| label.id));
        assert_eq!((ids.0.as_deref(), ids.1.as_deref()), (Some(family), distilled), "{stem}");
    }
    let flux = |stem| families().lineage(&Evidence { architectures: &["flux1"], stem, ..Evidence::default() }).family;
    assert_eq!(flux("kreative_ink_flux").unwrap().id, "flux1");
    assert_eq!(flux("flux1-krea-dev_fp8_scaled").unwrap().id, "flux1-krea");
}

#[test]
fn who_was_trained_on_the_plain_base_is_of_no_family() {
    let trained = Metadata(vec![("ss_sd_model_name".to_owned(), "sd_xl_base_1.0.safetensors".to_owned())]);
    let named =
        Evidence { architectures: &["sdxl"], stem: "white_pony", metadata: Some(&trained), ..Evidence::default() };
    assert_eq!(families().lineage(&named).family.unwrap().id, "sdxl");
}
