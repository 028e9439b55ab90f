use super::*;

/// A name, the schedule beside it, who wrote it; sampler and scheduler here.
type Case = (&'static str, Option<&'static str>, Program, Option<&'static str>, Option<&'static str>);

#[test]
fn other_programs_names_mean_the_same_here() {
    use Program::{A1111, ComfyUi, DrawThings, Fooocus, InvokeAi, NovelAi, SwarmUi};
    const CASES: &[Case] = &[
        ("DPM++ 2M Karras", None, A1111, Some("dpmpp_2m"), Some("karras")),
        ("DPM++ 2M", None, A1111, Some("dpmpp_2m"), Some("normal")),
        ("DPM++ 2M", Some("Karras"), A1111, Some("dpmpp_2m"), Some("karras")),
        ("DPM++ 2M", Some("Automatic"), A1111, Some("dpmpp_2m"), Some("karras")),
        ("DPM++ SDE", Some("Automatic"), A1111, Some("dpmpp_sde"), Some("karras")),
        ("DPM++ 2M SDE", Some("Automatic"), A1111, Some("dpmpp_2m_sde"), Some("exponential")),
        ("DPM++ 3M SDE", Some("automatic"), A1111, Some("dpmpp_3m_sde"), Some("exponential")),
        ("DPM2 a", Some("Automatic"), A1111, Some("dpm_2_ancestral"), Some("karras")),
        ("Euler", Some("Automatic"), A1111, Some("euler"), Some("normal")),
        ("Euler a", Some(""), A1111, Some("euler_ancestral"), Some("normal")),
        ("DDIM", Some("Automatic"), A1111, Some("ddim"), Some("ddim_uniform")),
        ("Euler a", Some("Uniform"), A1111, Some("euler_ancestral"), Some("normal")),
        ("Euler", Some("SGM Uniform"), A1111, Some("euler"), Some("sgm_uniform")),
        ("Euler", Some("SGMUniform"), A1111, Some("euler"), Some("sgm_uniform")),
        ("Euler", Some("Polyexponential"), A1111, Some("euler"), Some("exponential")),
        ("Euler", Some("Align Your Steps"), A1111, Some("euler"), None),
        ("DPM++ 2M SDE Exponential", None, A1111, Some("dpmpp_2m_sde"), Some("exponential")),
        ("DPM++ 2M SDE Heun Karras", None, A1111, None, Some("karras")),
        ("DPM++ 2M SDE Heun", None, A1111, None, None),
        ("DPM adaptive", None, A1111, Some("dpm_adaptive"), Some("normal")),
        ("HeunPP2", None, A1111, Some("heunpp2"), Some("normal")),
        ("IPNDM_V", None, A1111, Some("ipndm_v"), Some("normal")),
        ("k_dpmpp_2s_a", None, A1111, Some("dpmpp_2s_ancestral"), Some("normal")),
        ("k_dpmpp_2m_ka", None, A1111, Some("dpmpp_2m"), Some("karras")),
        ("k_euler", None, A1111, Some("euler"), Some("normal")),
        ("k_dpmpp_2", None, InvokeAi, Some("dpmpp_2m"), Some("normal")),
        ("dpmpp_2m_sde_gpu", None, ComfyUi, Some("dpmpp_2m_sde"), Some("normal")),
        ("dpmpp_sde_gpu", Some("karras"), Fooocus, Some("dpmpp_sde"), Some("karras")),
        ("dpmpp_3m_sde_gpu_exponential", None, A1111, Some("dpmpp_3m_sde"), Some("exponential")),
        ("dpmpp_2m", None, Fooocus, Some("dpmpp_2m"), Some("karras")),
        ("heunpp2_ddim_uniform", None, A1111, Some("heunpp2"), Some("ddim_uniform")),
        ("er_sde_kl_optimal", None, A1111, Some("er_sde"), Some("kl_optimal")),
        ("euler_sgm_uniform", None, A1111, Some("euler"), Some("sgm_uniform")),
        ("uni_pc_bh2_simple", None, A1111, Some("uni_pc_bh2"), Some("simple")),
        ("dpmpp_2s_ancestral_cfg_pp", None, ComfyUi, Some("dpmpp_2s_ancestral_cfg_pp"), Some("normal")),
        ("Euler Ancestral CFG++", None, SwarmUi, Some("euler_ancestral_cfg_pp"), Some("normal")),
        ("euler_a", None, InvokeAi, Some("euler_ancestral"), Some("normal")),
        ("kdpm_2_a_k", None, InvokeAi, Some("dpm_2_ancestral"), Some("karras")),
        ("kdpm_2", None, InvokeAi, Some("dpm_2"), Some("normal")),
        ("unipc_k", None, InvokeAi, Some("uni_pc"), Some("karras")),
        ("dpmpp_3m_k", None, InvokeAi, None, Some("karras")),
        ("deis_k", None, InvokeAi, Some("deis"), Some("karras")),
        ("k_euler_ancestral", Some("native"), NovelAi, Some("euler_ancestral"), Some("normal")),
        ("k_dpmpp_2m", Some("polyexponential"), NovelAi, Some("dpmpp_2m"), Some("exponential")),
        ("DPM++ SDE Karras", None, DrawThings, Some("dpmpp_sde"), Some("karras")),
        ("Euler A Trailing", None, DrawThings, Some("euler_ancestral"), Some("simple")),
        ("DPM++ 2M AYS", None, DrawThings, Some("dpmpp_2m"), None),
        ("EulerAncestralDiscreteScheduler", None, A1111, Some("euler_ancestral"), Some("normal")),
        ("DPMSolverMultistepScheduler", None, A1111, Some("dpmpp_2m"), Some("normal")),
        ("no such", None, A1111, None, None),
        ("", None, A1111, None, None),
        ("Karras", None, A1111, None, None),
    ];
    for (name, schedule, by, sampler, scheduler) in CASES {
        let meaning = sampling(name, *schedule, *by);
        assert_eq!((meaning.sampler, meaning.scheduler), (*sampler, *scheduler), "{name} {schedule:?} {by:?}");
    }
}

#[test]
fn every_name_of_ours_is_read_again_with_every_schedule() {
    for (sampler, label) in SAMPLERS {
        for (schedule, behind) in SCHEDULERS {
            for name in [format!("{sampler}_{schedule}"), format!("{label} {behind}")] {
                let meaning = sampling(&name, None, Program::A1111);
                assert_eq!((meaning.sampler, meaning.scheduler), (Some(*sampler), Some(*schedule)), "{name}");
            }
        }
    }
}

#[test]
fn what_was_changed_has_its_reason() {
    let of = |name, schedule| {
        let meaning = sampling(name, schedule, Program::A1111);
        (meaning.sampler_reason, meaning.scheduler_reason)
    };
    assert_eq!(of("Euler", Some("Karras")), (None, None));
    assert_eq!(of("Euler Karras", None), (None, None));
    assert_eq!(of("Euler", None), (None, Some(Reason::WriterDefault(Program::A1111))));
    assert_eq!(of("Euler", Some("Automatic")), (None, Some(Reason::SamplersOwn)));
    assert_eq!(of("dpmpp_sde_gpu", Some("simple")), (Some(Reason::GpuNoise), None));
    assert_eq!(of("DPM++ 2M AYS", None), (None, Some(Reason::UnknownScheduler)));
    assert_eq!(of("Zebra", Some("Zebra")), (Some(Reason::UnknownSampler), Some(Reason::UnknownScheduler)));
}
