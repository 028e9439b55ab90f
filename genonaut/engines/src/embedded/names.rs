//! Samplers and schedulers by the names of stable-diffusion.cpp. Only what computes the same is in here: an image of
//! another sampler than the one that was asked for is a wrong image.

use crate::{Failure, Field, Kind};

/// ComfyUI's id, and the name here.
const SAMPLERS: &[(&str, &str)] = &[
    ("euler", "euler"),
    ("euler_ancestral", "euler_a"),
    ("heun", "heun"),
    ("dpm_2", "dpm2"),
    ("dpmpp_2s_ancestral", "dpm++2s_a"),
    ("dpmpp_2m", "dpm++2m"),
    ("ipndm", "ipndm"),
    ("lcm", "lcm"),
    ("res_multistep", "res_multistep"),
    ("er_sde", "er_sde"),
    ("euler_cfg_pp", "euler_cfg_pp"),
];

const SCHEDULERS: &[(&str, &str)] = &[
    ("normal", "discrete"),
    ("karras", "karras"),
    ("exponential", "exponential"),
    ("sgm_uniform", "sgm_uniform"),
    ("simple", "simple"),
    ("kl_optimal", "kl_optimal"),
];

pub(super) fn sampler(id: &str) -> Result<&'static str, Failure> {
    find(SAMPLERS, id).ok_or_else(|| missing("sampler", id, SAMPLERS).at(Field::Sampler))
}

pub(super) fn scheduler(id: &str) -> Result<&'static str, Failure> {
    find(SCHEDULERS, id).ok_or_else(|| missing("scheduler", id, SCHEDULERS).at(Field::Scheduler))
}

/// All that there are, by the names here.
#[cfg(all(test, feature = "embedded"))]
pub(super) fn all() -> [Vec<&'static str>; 2] {
    [SAMPLERS, SCHEDULERS].map(|list| list.iter().map(|(_, name)| *name).collect())
}

fn find(list: &[(&str, &'static str)], id: &str) -> Option<&'static str> {
    list.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

fn missing(what: &str, id: &str, list: &[(&str, &str)]) -> Failure {
    let known: Vec<_> = list.iter().map(|(id, _)| *id).collect();
    let hint = format!("Choose one of {}.", known.join(", "));
    Failure::new(Kind::Unable, format!("The built-in engine has no {what} {id}"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_does_not_have_is_said_on_the_field_with_what_it_has() {
        assert_eq!((sampler("euler_ancestral"), scheduler("normal")), (Ok("euler_a"), Ok("discrete")));
        let failure = sampler("uni_pc").unwrap_err();
        assert_eq!((failure.field, failure.kind), (Some(Field::Sampler), Kind::Unable));
        assert!(failure.hint.contains("dpmpp_2m") && failure.title.ends_with("no sampler uni_pc"), "{}", failure.hint);
        assert_eq!(scheduler("beta").unwrap_err().field, Some(Field::Scheduler));
    }
}
