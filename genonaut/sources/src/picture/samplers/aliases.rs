//! What programs other than ComfyUI and A1111 write for the same samplers and schedulers.
//!
//! Sources: A1111 and Forge `sd_samplers_*.py`, `sd_schedulers.py`; InvokeAI `schedulers.py`; diffusers' classes;
//! AI Horde's `SAMPLERS_MAP`; NovelAI, Draw Things, Easy Diffusion, SD.Next.

/// ComfyUI's id, and other names in folded form: lower-case letters and digits, `++` as `pp`.
pub const SAMPLERS: &[(&str, &[&str])] = &[
    ("euler", &["eulerdiscrete", "eulerflowmatch", "flowmatcheuler", "flowmatcheulerdiscrete", "eulerflow"]),
    ("euler_ancestral", &["eulera", "eulerancestraldiscrete"]),
    ("dpmpp_2m", &["dpmsolverpp", "dpmsolvermultistep", "dpmpp2", "edmdpmpp2m"]),
    ("dpmpp_sde", &["dpmsolversde", "dpmsde"]),
    ("dpmpp_2s_ancestral", &["dpmpp2sa", "dpmpp2a"]),
    ("dpm_2", &["kdpm2", "kdpm2discrete"]),
    ("dpm_2_ancestral", &["dpm2a", "kdpm2a", "kdpm2ancestraldiscrete", "kdpm2ancestral"]),
    ("dpm_adaptive", &["dpmad"]),
    ("heun", &["heundiscrete", "heunflowmatch", "flowmatchheundiscrete"]),
    ("heunpp2", &["heunpp"]),
    ("lms", &["lmsdiscrete", "lmsd"]),
    ("ddim", &["ddimv3"]),
    ("uni_pc", &["unipcmultistep", "unipctu", "unipctu2", "unipctq", "unipcsnr", "unipcsnr2"]),
    ("deis", &["deismultistep"]),
    ("ipndm_v", &["ipndmvariable"]),
    ("res_multistep_ancestral", &["resmultistepa"]),
    ("euler_ancestral_cfg_pp", &["euleracfgpp"]),
    ("dpmpp_2s_ancestral_cfg_pp", &["dpmpp2sacfgpp"]),
    ("res_multistep_ancestral_cfg_pp", &["resmultistepacfgpp"]),
    ("sa_solver", &["sasolvermultistep"]),
];

/// The same for schedulers. A1111's `Uniform` and NovelAI's `native` are k-diffusion's own, which ComfyUI calls normal;
/// `Polyexponential` with A1111's rho of 1 is exponential; diffusers' `trailing` takes the steps that simple takes.
pub const SCHEDULERS: &[(&str, &[&str])] = &[
    ("normal", &["uniform", "native", "default", "linspace", "discrete"]),
    ("karras", &["k", "ka"]),
    ("exponential", &["exp", "polyexponential"]),
    ("sgm_uniform", &["sgm"]),
    ("simple", &["trailing"]),
    ("ddim_uniform", &["ddim", "leading"]),
    ("linear_quadratic", &["linearquadratic"]),
    ("kl_optimal", &["kl"]),
];

/// Schedules that are known by name and not to be had in ComfyUI's list.
pub const OTHER_SCHEDULES: &[&str] = &[
    "alignyoursteps",
    "alignyourstepsgits",
    "alignyoursteps11",
    "alignyoursteps32",
    "ays",
    "aysgits",
    "turbo",
    "substep",
    "beta57",
    "bongtangent",
    "lcm",
    "tcd",
    "edmplaygroundv25",
    "ltxv",
    "ltxvimage",
    "flux2",
    "ideogram4",
    "ideogram4turbo",
    "cosine",
    "flowmatch",
    "lambdas",
    "gits",
];

/// The schedules that A1111 (since 1.9) and Forge use for `Automatic`; for all others it is the normal one.
pub const AUTOMATIC: &[(&str, &str)] = &[
    ("dpmpp_2m", "karras"),
    ("dpmpp_sde", "karras"),
    ("dpmpp_2s_ancestral", "karras"),
    ("dpm_2", "karras"),
    ("dpm_2_ancestral", "karras"),
    ("dpmpp_2m_sde", "exponential"),
    ("dpmpp_3m_sde", "exponential"),
];

/// Lower-case letters and digits, `++` as `pp`.
pub fn fold(name: &str) -> String {
    let name = name.replace("++", "pp").replace("＋＋", "pp");
    name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}
