//! What a file's name tells: version, epoch and step.

use std::sync::LazyLock;

use regex::Regex;

use super::text::pattern;

/// A version in a name: `hero-v2`, `Ink Wash ver 1.5b`.
pub fn version(name: &str) -> Option<String> {
    const PATTERN: &str = r"(?i)(?:^|[-_. (])v(?:er(?:sion)?)?[-_ ]?(\d{1,3}(?:[._]\d{1,3}){0,2}[a-z]?)(?:$|[-_. )])";
    static VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(PATTERN));
    let number = VERSION.captures(name)?.get(1)?;
    Some(format!("v{}", number.as_str().replace('_', ".")))
}

/// The words of a name in lower case, a blank before, between and behind them: `sdxlHero_v4Lightning` is
/// ` sdxl hero v4 lightning `. A word ends at whatever is neither letter nor digit, and where capitals begin or end.
pub fn words(name: &str) -> String {
    let mut words = String::from(" ");
    let letters: Vec<char> = name.chars().collect();
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let is_start = c.is_uppercase()
            && before.is_some_and(|before| {
                let next_is_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
                before.is_lowercase() || before.is_numeric() || before.is_uppercase() && next_is_small
            });
        if (is_start || !c.is_alphanumeric()) && !words.ends_with(' ') {
            words.push(' ');
        }
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// How few steps a distilled model says that it needs: `lightning_4step`, `Hyper-8steps`. Far more are a trainer's.
pub fn few_steps(name: &str) -> Option<u32> {
    static FEW: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|\D)(\d{1,2}) ?steps? "));
    FEW.captures(&words(name))?.get(1)?.as_str().parse().ok().filter(|steps| (1..=32).contains(steps))
}

/// Which part of how many a file is, where a model is cut into several: `model-00002-of-00006`.
pub fn part(stem: &str) -> Option<(u32, u32)> {
    static PART: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)[-_.](\d{1,5})-of-(\d{1,5})(?:\.fp16|\.fp32|\.bf16)?$"));
    let found = PART.captures(stem)?;
    let (part, of) = (found.get(1)?.as_str().parse().ok()?, found.get(2)?.as_str().parse().ok()?);
    (1 <= part && part <= of && of > 1).then_some((part, of))
}

/// Whether every model of a program is called so, and its folder says which it is.
pub fn is_generic(stem: &str) -> bool {
    static GENERIC: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(diffusion_)?(pytorch_)?(lora_)?(flax_)?(model|weights)s?([._-](fp16|fp32|bf16|fp8|ema|non_ema|pruned|safetensors))*$|^pytorch_lora_weights$",
        )
    });
    GENERIC.is_match(stem)
}

/// Whether a folder is called by what of a model lies in it.
pub fn is_component(folder: &str) -> bool {
    const FOLDERS: [&str; 8] =
        ["unet", "transformer", "transformer_2", "vae", "text_encoder", "text_encoder_2", "text_encoder_3", "prior"];
    FOLDERS.contains(&folder.to_ascii_lowercase().as_str())
}

/// The epoch that a trainer put behind the name: `hero-000010`, `hero_e10`.
pub fn epoch(stem: &str) -> Option<u64> {
    static EPOCH: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:-(?<six>0\d{5})|[-_]e(?:poch)?[-_]?(?<few>\d{1,4}))$"));
    let found = EPOCH.captures(stem)?;
    found.name("six").or(found.name("few"))?.as_str().parse().ok()
}

/// The step: `hero-step00002000`.
pub fn step(stem: &str) -> Option<u64> {
    static STEP: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)[-_]steps?[-_]?(\d{1,9})$"));
    STEP.captures(stem)?.get(1)?.as_str().parse().ok()
}

/// Whether a word of a name (lower-case) tells how a model was made and not of what.
pub fn is_technical(word: &str) -> bool {
    const WORDS: [&str; 18] = [
        "lora",
        "lokr",
        "locon",
        "lycoris",
        "style",
        "character",
        "sdxl",
        "pony",
        "flux",
        "illustrious",
        "noob",
        "ilxl",
        "xl",
        "epoch",
        "step",
        "final",
        "the",
        "and",
    ];
    let number = word.strip_prefix('v').unwrap_or(word);
    number.bytes().all(|byte| byte.is_ascii_digit()) || WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_words_epochs_and_steps() {
        for (name, found) in [
            ("hero-v2", Some("v2")),
            ("Ink Wash (ver 1.5b)", Some("v1.5b")),
            ("hero_Version-1_2_3", Some("v1.2.3")),
            ("v10_hero", Some("v10")),
            ("sd_xl_base_1.0", None),
            ("review2", None),
            ("hero-v2000", None),
        ] {
            assert_eq!(version(name).as_deref(), found, "{name}");
        }
        for (stem, found) in [
            ("diffusion_pytorch_model-00001-of-00006", Some((1, 6))),
            ("model-00002-of-00002.fp16", Some((2, 2))),
            ("model-00001-of-00001", None),
            ("hero-00007-of-00006", None),
            ("hero-000010", None),
        ] {
            assert_eq!(part(stem), found, "{stem}");
        }
        for stem in ["diffusion_pytorch_model.fp16", "model", "pytorch_model", "pytorch_lora_weights", "model.fp16"] {
            assert!(is_generic(stem), "{stem}");
        }
        assert!(!is_generic("model_hero") && !is_generic("my-model"));
        for (name, found) in [
            ("juggernautXL_v9Rdphoto2Lightning", " juggernaut xl v9 rdphoto2 lightning "),
            ("waiNSFWIllustrious_v110", " wai nsfw illustrious v110 "),
            ("sd_xl_turbo_1.0_fp16", " sd xl turbo 1 0 fp16 "),
            ("Модель-夜", " модель 夜 "),
            ("", " "),
        ] {
            assert_eq!(words(name), found);
        }
        for (name, steps) in [
            ("sdxl_lightning_4step_unet", Some(4)),
            ("Hyper-SDXL-8steps", Some(8)),
            ("v40Lightning4Steps", Some(4)),
            ("hero-step00002000", None),
            ("12000steps", None),
        ] {
            assert_eq!(few_steps(name), steps, "{name}");
        }
        assert_eq!((epoch("hero-000010"), epoch("hero_e7"), epoch("hero-10")), (Some(10), Some(7), None));
        assert_eq!((step("hero-step00002000"), step("hero-2000")), (Some(2000), None));
    }
}
