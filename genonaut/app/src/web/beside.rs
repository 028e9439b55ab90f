//! The files beside the checkpoint: which text encoders and which VAE it is used with, and what a person may choose.

use genonaut_db::architecture;
use genonaut_db::checkpoint::Checkpoint;
use genonaut_db::library::{self, PartFile};
use genonaut_db::{DbError, PgPool};
use genonaut_engines::{ModelKind, Role};

use crate::parts::{self, Asked, BUILT_IN, Need};

/// VAEs that are offered; more are named in the checkpoint's metadata.
const MOST: usize = 40;

#[derive(Default)]
pub struct Beside {
    /// Text encoders from files of their own, by what they are, with the file's name.
    pub text: Vec<(String, String)>,
    /// What is used unless a person chooses.
    pub usual: String,
    pub vaes: Vec<Vae>,
    /// A part that is missing, and what to do.
    pub missing: Option<(String, String)>,
}

pub struct Vae {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Beside {
    pub async fn load(db: &PgPool, checkpoint: &Checkpoint, vae: Option<&str>) -> Result<Self, DbError> {
        let locations = library::locations(db, checkpoint.id).await?;
        let there = locations.iter().find(|location| !location.missing);
        let path = there.map_or_else(|| checkpoint.path.clone(), |found| format!("{}/{}", found.root, found.path));
        let asked = Asked { checkpoint, path: &path, vae };
        let needs = parts::needs(db, asked, |_, _| false).await?;
        let usual = match vae {
            Some(_) => parts::needs(db, Asked { vae: None, ..asked }, |_, _| false).await?,
            None => needs.clone(),
        };
        let missing = parts::missing(asked, &needs).map(|failure| (failure.title, failure.hint));
        let files = library::parts(db, &["vae"]).await?;
        Ok(Self { text: text(&needs), usual: self::usual(&usual), vaes: vaes(&files, checkpoint, vae), missing })
    }
}

fn text(needs: &[Need]) -> Vec<(String, String)> {
    let text = needs.iter().filter(|need| need.role != Role::Vae);
    text.filter_map(|need| Some((need.words(), need.file_name()?.to_owned()))).collect()
}

fn usual(needs: &[Need]) -> String {
    match needs.iter().find(|need| need.role == Role::Vae) {
        None => "built into the checkpoint".to_owned(),
        Some(need) => need.file_name().unwrap_or("none found").to_owned(),
    }
}

fn vaes(files: &[PartFile], checkpoint: &Checkpoint, chosen: Option<&str>) -> Vec<Vae> {
    let wanted = architecture::parts(checkpoint.base.as_deref().unwrap_or_default());
    let fits = |file: &&PartFile| {
        wanted.vae.is_none() || file.fits.is_empty() || file.fits.iter().any(|id| wanted.takes_vae_of(id))
    };
    let label = |file: &PartFile| match files.iter().filter(|other| other.name == file.name).count() {
        1 => file.name.clone(),
        _ => file.path.clone(),
    };
    let offer = |value: &str, label: String| Vae { chosen: chosen == Some(value), value: value.to_owned(), label };
    let mut all = Vec::new();
    if parts::kind(checkpoint) == ModelKind::Checkpoint {
        all.push(offer(BUILT_IN, "Built into the checkpoint".to_owned()));
    }
    all.extend(files.iter().filter(fits).take(MOST).map(|file| offer(&file.path, label(file))));
    if let Some(name) = chosen.filter(|_| !all.iter().any(|vae| vae.chosen)) {
        all.push(offer(name, name.to_owned()));
    }
    all
}
