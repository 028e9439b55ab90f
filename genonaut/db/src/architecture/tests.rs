use proptest::prelude::*;

use super::*;

fn target(name: &str, base: Option<&str>) -> Target {
    Target { names: vec![name.to_owned()], base: base.map(str::to_owned), label: name.to_owned() }
}

fn judge(target: &Target, bases: &[&str], optimal: &[&str]) -> Fit {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    fit(target, &owned(bases), &owned(optimal))
}

#[test]
fn spellings_of_users_and_stores_meet() {
    for (base, given) in [
        (
            "sd1",
            &["Sd1.5", "SD 1.5", "sd15", "sd1", "stable-diffusion-v1", " SD_1.5\n", "stable-diffusion-v1/lora"][..],
        ),
        ("sdxl", &["SDXL 1.0", "sdxl", "stable-diffusion-xl-v1-base", "SDXL Lightning", "animagine"]),
        ("pony", &["Pony", "pony", "PDXL"]),
        ("illustrious", &["Illustrious"]),
        ("flux1", &["flux", "Flux.1 D", "FLUX.1-dev", "flux.1-dev/inpaint"]),
        ("flux1-krea", &["Flux.1 Krea"]),
        ("flux1-kontext", &["Flux.1 Kontext"]),
        ("pony-v7", &["Pony V7"]),
    ] {
        for spelling in given {
            assert_eq!(canonical(spelling), Some(base), "{spelling:?}");
        }
    }
    assert_eq!((canonical("mine own"), canonical("")), (None, None));
}

#[test]
fn every_spelling_leads_to_a_base_with_a_label_and_an_architecture() {
    for (spelling, base) in spellings() {
        assert_eq!(canonical(spelling), Some(base));
        assert!(TABLE.labels.contains_key(base), "{base} has no label");
        assert!(TABLE.works_on.contains_key(architecture_of(base)), "{base} has no architecture");
    }
    assert!(spellings().count() > 350);
}

#[test]
fn every_base_is_reached_by_its_id_and_a_family_by_its_civitai_name() {
    for base in TABLE.labels.keys() {
        assert_eq!(canonical(base), Some(base.as_str()));
    }
    for (civitai, base) in [
        ("Pony", "pony"),
        ("NoobAI", "noobai"),
        ("Pony V7", "pony-v7"),
        ("Flux.1 Krea", "flux1-krea"),
        ("Flux.1 Kontext", "flux1-kontext"),
    ] {
        assert_eq!(canonical(civitai), Some(base));
    }
    let others = [canonical("ponyv7"), canonical("flux.1-dev/kontext"), canonical("AuraFlow")];
    assert_eq!(others, [Some("pony-v7"), Some("flux1-kontext"), Some("auraflow")]);
}

#[test]
fn a_file_is_judged_by_the_same_spellings_as_the_table() {
    let families = genonaut_sources::meaning::Families::from_json(genonaut_sources::architectures::TABLE).unwrap();
    let is_short = |spelling: &str, base| spelling == normalise(label(base));
    for (spelling, base) in spellings().filter(|(spelling, base)| !is_short(spelling, base)) {
        let of_file = families.spelled(spelling).map(|base| base.architecture.as_str());
        assert_eq!(of_file, Some(architecture_of(base)), "{spelling}");
    }
}

#[test]
fn what_a_badge_says_is_short_and_understood_when_typed_back() {
    for base in TABLE.labels.keys() {
        assert_eq!(canonical(label(base)), Some(base.as_str()), "{}", label(base));
        assert!(label(base).len() <= 18, "{}", label(base));
    }
}

#[test]
fn grades_are_what_the_table_says() {
    for (checkpoint, bases, grade) in [
        (Some("sd1"), &["sd1"][..], Grade::Compatible),
        (Some("sd1"), &["flux1", "sd1"], Grade::Compatible),
        (Some("sdxl"), &["pony"], Grade::Partial),
        (Some("pony"), &["sdxl"], Grade::Partial),
        (Some("pony"), &["illustrious"], Grade::Partial),
        (Some("chroma"), &["flux1"], Grade::Partial),
        (Some("flux1"), &["chroma"], Grade::Incompatible),
        (Some("sdxl"), &["sd1"], Grade::Incompatible),
        (Some("sdxl"), &["ssd-1b"], Grade::Incompatible),
        (Some("sdxl"), &[], Grade::Unknown),
        (None, &["sdxl"], Grade::Unknown),
    ] {
        assert_eq!(judge(&target("x", checkpoint), bases, &[]).grade, grade, "{bases:?} on {checkpoint:?}");
    }
}

#[test]
fn a_named_checkpoint_is_optimal_however_it_is_written() {
    let checkpoint = target("Dream_8.safetensors", Some("sd1"));
    for name in ["dream_8", "DREAM_8.ckpt", "sub/dream_8.safetensors", r"c:\x\Dream_8"] {
        assert_eq!(judge(&checkpoint, &["flux1"], &["other", name]).grade, Grade::Optimal, "{name}");
    }
    assert_eq!(judge(&checkpoint, &["flux1"], &["dream"]).grade, Grade::Incompatible);
    assert_eq!(judge(&target(".safetensors", Some("sd1")), &["sd1"], &["", "x/"]).grade, Grade::Compatible);
}

#[test]
fn reasons_name_both_sides() {
    let checkpoint = target("dreamshaper_8", Some("sd1"));
    for (bases, optimal, reason) in [
        (&["sd1"][..], &["dreamshaper_8"][..], "Lists dreamshaper_8 as its best checkpoint."),
        (
            &["flux1"],
            &["dreamshaper_8"],
            "Lists dreamshaper_8 as its best checkpoint, but is made for FLUX.1, not SD 1.5.",
        ),
        (&["sd1"], &[], "Made for SD 1.5, like dreamshaper_8."),
        (&["sdxl", "sd1"], &[], "Made for SD 1.5, like dreamshaper_8."),
        (&["sdxl", "pony"], &[], "Made for SDXL or Pony, but dreamshaper_8 is SD 1.5."),
        (&[], &[], "The base model of this LoRA is unknown."),
    ] {
        assert_eq!(judge(&checkpoint, bases, optimal).reason, reason);
    }
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(text in ".*") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
        canonical(&text);
    }
}

#[test]
fn an_architecture_says_what_to_start_from() {
    let sdxl = defaults("sdxl");
    assert_eq!((sdxl.size, sdxl.steps, sdxl.cfg, sdxl.clip_skip), (Some((1024, 1024)), Some(30), Some(7.0), Some(1)));
    assert_eq!((sdxl.sampler.as_deref(), sdxl.scheduler.as_deref()), (Some("dpmpp_2m"), Some("karras")));
    let pony = defaults("pony");
    assert_eq!((pony.steps, pony.clip_skip, pony.sampler.as_deref()), (Some(25), Some(2), Some("euler_ancestral")));
    assert_eq!((defaults("flux1").clip_skip, defaults("flux1").cfg), (None, Some(1.0)));
    assert_eq!(defaults("no such base"), Defaults::default());
}
