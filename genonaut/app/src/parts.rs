//! What a diffusion model works with that is not in its own file: text encoders and a VAE, chosen from the files of the
//! catalogue. A person's word, in the recipe or in the model's metadata, comes before any choice of ours.

mod choose;
mod missing;

use genonaut_db::architecture;
use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::library::{self, PartFile};
use genonaut_db::{DbError, PgPool};
use genonaut_engines::{Component, ModelKind, Role};
use genonaut_sources::entry::Part;

use choose::Choice;
pub use missing::missing;

/// As the VAE of a recipe: the one in the checkpoint's own file, whatever its metadata names.
pub const BUILT_IN: &str = "built-in";

/// A part that a checkpoint needs, and what plays it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub role: Role,
    /// More exactly than the role: `t5xxl`, `qwen3-4b`; the family of a VAE.
    pub exact: String,
    /// Nothing where no file will do.
    pub path: Option<String>,
    /// What a person named; nothing else will do then.
    pub named: Option<String>,
    /// Nothing can be made without a file; otherwise the checkpoint may have it inside.
    pub required: bool,
}

/// A checkpoint whose parts are to be found.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub checkpoint: &'a Checkpoint,
    /// Where its file is.
    pub path: &'a str,
    /// The recipe's own VAE.
    pub vae: Option<&'a str>,
}

/// What of a checkpoint is in its own file.
pub fn kind(checkpoint: &Checkpoint) -> ModelKind {
    match checkpoint.metadata.get::<String>(&["kind"]).as_deref() {
        Some("diffusion_model") => ModelKind::DiffusionModel,
        _ => ModelKind::Checkpoint,
    }
}

/// Every part that has to come from another file. `offered` says what the engine has: of several that do, one that it
/// has is taken.
pub async fn needs(db: &PgPool, asked: Asked<'_>, offered: impl Fn(Role, &str) -> bool) -> Result<Vec<Need>, DbError> {
    let wanted = Wanted::of(asked.checkpoint);
    let roles: Vec<&str> = wanted.text.iter().map(|exact| file_role(exact)).chain(["vae"]).collect();
    let files = library::parts(db, &roles).await?;
    let named = Named::of(db, asked).await?;
    let choice = Choice { asked, files: &files, offered: &offered };
    let mut needs = choice.text_encoders(&wanted, &named);
    needs.extend(choice.vae(&wanted, &named));
    Ok(needs)
}

/// What a file is and what it is for, in words: `t5xxl text encoder`, `vae for FLUX.1 or SD 3`.
pub fn words(kind: &str, part: &Part) -> String {
    const MOST: usize = 2;
    let kind = kind.replace('_', " ");
    if part.fits.is_empty() {
        return if part.role == "unknown" || part.role.replace('_', " ") == kind {
            kind
        } else {
            format!("{} {kind}", part.role)
        };
    }
    let labels: Vec<&str> = part.fits.iter().take(MOST).map(|id| architecture::label(id)).collect();
    format!("{kind} for {}", labels.join(" or "))
}

/// As an engine takes them; parts without a file are left out.
pub fn components(needs: &[Need]) -> Vec<Component> {
    let found = needs.iter().filter_map(|need| Some(Component { role: need.role, path: need.path.clone()? }));
    found.collect()
}

/// What a checkpoint's file lacks.
struct Wanted {
    /// Exact names of the text encoders; none where they are inside.
    text: Vec<String>,
    /// The family, where the VAE is not inside.
    vae: Option<String>,
    required: bool,
}

impl Wanted {
    fn of(checkpoint: &Checkpoint) -> Self {
        let all = architecture::parts(checkpoint.base.as_deref().unwrap_or_default());
        let inside: Vec<String> = checkpoint.metadata.get(&["components"]).unwrap_or_default();
        let has = |is: fn(&str) -> bool| inside.is_empty() || inside.iter().any(|part| is(part));
        let (text_inside, vae_inside) = match kind(checkpoint) {
            ModelKind::DiffusionModel => (false, false),
            ModelKind::Checkpoint => (has(|part| !matches!(part, "unet" | "vae")), has(|part| part == "vae")),
        };
        Self {
            text: if text_inside { Vec::new() } else { all.text_encoders },
            vae: all.vae.filter(|_| !vae_inside),
            required: kind(checkpoint) == ModelKind::DiffusionModel,
        }
    }
}

/// What a person has named, and the files that this may mean.
struct Named {
    text: Vec<(String, Vec<PartFile>)>,
    vae: Option<(String, Vec<PartFile>)>,
}

impl Named {
    async fn of(db: &PgPool, Asked { checkpoint, vae, .. }: Asked<'_>) -> Result<Self, DbError> {
        let own: Option<String> = checkpoint.metadata.get(&["vae"]);
        let vae = vae.map(str::to_owned).or(own).filter(|name| !name.is_empty() && name != BUILT_IN);
        let vae = match vae {
            Some(name) => Some((name.clone(), library::named_part(db, &name).await?)),
            None => None,
        };
        let mut text = Vec::new();
        for name in checkpoint.metadata.get::<Vec<String>>(&["text_encoders"]).unwrap_or_default() {
            text.push((name.clone(), library::named_part(db, &name).await?));
        }
        Ok(Self { text, vae })
    }
}

/// What files of that text encoder are called in the catalogue.
fn file_role(exact: &str) -> &str {
    if exact == "openclip_h" { "clip_h" } else { exact }
}

/// What a text encoder is to an engine.
fn engine_role(exact: &str) -> Role {
    match file_role(exact) {
        "clip_l" => Role::ClipL,
        "clip_g" => Role::ClipG,
        "clip_h" => Role::ClipH,
        t5 if t5.starts_with("t5") || t5.starts_with("umt5") || t5 == "pile_t5xl" => Role::T5,
        _ => Role::Language,
    }
}
