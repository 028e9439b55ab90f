//! Samplers and schedulers: ComfyUI's ids, and the names that A1111's users know.

/// ComfyUI's id (`comfy/samplers.py`) and A1111's name (`modules/sd_samplers_kdiffusion.py`), where there is one.
pub const SAMPLERS: &[(&str, &str)] = &[
    ("euler", "Euler"),
    ("euler_ancestral", "Euler a"),
    ("dpmpp_2m", "DPM++ 2M"),
    ("dpmpp_2m_sde", "DPM++ 2M SDE"),
    ("dpmpp_sde", "DPM++ SDE"),
    ("dpmpp_3m_sde", "DPM++ 3M SDE"),
    ("dpmpp_2s_ancestral", "DPM++ 2S a"),
    ("dpm_2", "DPM2"),
    ("dpm_2_ancestral", "DPM2 a"),
    ("dpm_fast", "DPM fast"),
    ("dpm_adaptive", "DPM adaptive"),
    ("heun", "Heun"),
    ("heunpp2", "Heun++ 2"),
    ("lms", "LMS"),
    ("ddim", "DDIM"),
    ("ddpm", "DDPM"),
    ("uni_pc", "UniPC"),
    ("uni_pc_bh2", "UniPC BH2"),
    ("lcm", "LCM"),
    ("ipndm", "iPNDM"),
    ("deis", "DEIS"),
    ("res_multistep", "Res multistep"),
    ("er_sde", "ER SDE"),
    ("seeds_2", "SEEDS 2"),
    ("seeds_3", "SEEDS 3"),
    ("sa_solver", "SA-Solver"),
    ("euler_cfg_pp", "Euler CFG++"),
];

/// ComfyUI's id and A1111's name.
pub const SCHEDULERS: &[(&str, &str)] = &[
    ("normal", "Normal"),
    ("karras", "Karras"),
    ("exponential", "Exponential"),
    ("sgm_uniform", "SGM Uniform"),
    ("simple", "Simple"),
    ("ddim_uniform", "DDIM Uniform"),
    ("beta", "Beta"),
    ("linear_quadratic", "Linear quadratic"),
    ("kl_optimal", "KL Optimal"),
];

/// A1111's name of a sampler or scheduler; an id that is not known gives itself.
pub fn name<'a>(list: &[(&'a str, &'a str)], id: &'a str) -> &'a str {
    list.iter().find(|(known, _)| *known == id).map_or(id, |(_, name)| name)
}

/// What ComfyUI calls the sampler that another program names, and the scheduler where the name says which
/// ("DPM++ 2M Karras"). `None` when it is not known.
pub fn find(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    let name = name.trim().strip_prefix("k_").unwrap_or(name.trim());
    let exact = |name: &str| {
        let found =
            SAMPLERS.iter().find(|(id, known)| id.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(name));
        found.map(|(id, _)| *id)
    };
    if let Some(id) = exact(name) {
        return Some((id, None));
    }
    // InvokeAI writes short forms; A1111 before 1.9, and all who write for it, the schedule behind the name.
    match name {
        "euler_a" => return Some(("euler_ancestral", None)),
        "dpmpp_2m_k" => return Some(("dpmpp_2m", Some("karras"))),
        "dpmpp_sde_k" => return Some(("dpmpp_sde", Some("karras"))),
        "dpmpp_2m_sde_k" => return Some(("dpmpp_2m_sde", Some("karras"))),
        "unipc" => return Some(("uni_pc", None)),
        _ => {}
    }
    let (rest, scheduler) = SCHEDULERS.iter().find_map(|(id, known)| {
        let cut = name.len().checked_sub(known.len())?;
        let tail = name.get(cut..).filter(|tail| tail.eq_ignore_ascii_case(known))?;
        Some((name.get(..name.len() - tail.len())?, *id))
    })?;
    exact(rest.trim_end_matches([' ', '_'])).map(|id| (id, Some(scheduler)))
}

/// ComfyUI's id of a scheduler that another program names.
pub fn find_scheduler(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let found = SCHEDULERS.iter().find(|(id, known)| id.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(name));
    match name {
        // A1111's word for what it had before it had names.
        "Automatic" | "Uniform" => Some("normal"),
        _ => found.map(|(id, _)| *id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_programs_are_known() {
        for (name, found) in [
            ("DPM++ 2M Karras", ("dpmpp_2m", Some("karras"))),
            ("DPM++ 2M", ("dpmpp_2m", None)),
            ("Euler a", ("euler_ancestral", None)),
            ("euler_ancestral", ("euler_ancestral", None)),
            ("DPM++ 2M SDE Exponential", ("dpmpp_2m_sde", Some("exponential"))),
            ("k_euler", ("euler", None)),
            ("dpmpp_2m_k", ("dpmpp_2m", Some("karras"))),
        ] {
            assert_eq!(find(name), Some(found), "{name}");
        }
        assert_eq!((find("no such"), find(""), find("Karras")), (None, None, None));
        assert_eq!(find_scheduler("SGM Uniform"), Some("sgm_uniform"));
    }
}
