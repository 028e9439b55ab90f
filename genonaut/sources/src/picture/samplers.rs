//! Samplers and schedulers: ComfyUI's ids, the names that A1111's users know, and what other programs' names mean.

mod aliases;
mod meaning;

pub use meaning::{Sampling, sampler, sampling, schedule_of, scheduler};

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
    ("ipndm_v", "iPNDM V"),
    ("deis", "DEIS"),
    ("res_multistep", "Res multistep"),
    ("res_multistep_ancestral", "Res multistep a"),
    ("gradient_estimation", "Gradient estimation"),
    ("er_sde", "ER SDE"),
    ("seeds_2", "SEEDS 2"),
    ("seeds_3", "SEEDS 3"),
    ("sa_solver", "SA-Solver"),
    ("sa_solver_pece", "SA-Solver PECE"),
    ("euler_cfg_pp", "Euler CFG++"),
    ("euler_ancestral_cfg_pp", "Euler a CFG++"),
    ("dpmpp_2m_cfg_pp", "DPM++ 2M CFG++"),
    ("dpmpp_2s_ancestral_cfg_pp", "DPM++ 2S a CFG++"),
    ("res_multistep_cfg_pp", "Res multistep CFG++"),
    ("res_multistep_ancestral_cfg_pp", "Res multistep a CFG++"),
    ("gradient_estimation_cfg_pp", "Gradient estimation CFG++"),
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
