//! Which model of the catalogue is meant by what a prompt, an image, a grid or a client calls it: one way for all of them.

use genonaut_db::architecture::{Grade, Target};
use genonaut_db::checkpoint::{self, Checkpoint};
use genonaut_db::lora::{self, Lora};
use genonaut_db::{DbError, PgPool};
use genonaut_sources::picture::Model;

/// A model, and how many others are called the same.
#[derive(Debug, Clone)]
pub struct ModelMatch<M> {
    pub model: M,
    pub namesakes: usize,
}

/// The checkpoint of that hash, else of that path or name.
pub async fn checkpoint(db: &PgPool, wanted: &Model) -> Result<Option<ModelMatch<Checkpoint>>, DbError> {
    if let Some(model) = checkpoint::find_by_hash(db, wanted.hash.as_deref().unwrap_or_default()).await? {
        return Ok(Some(ModelMatch { model, namesakes: 0 }));
    }
    let candidates = checkpoint::called(db, &[name(wanted)]).await?.pop().unwrap_or_default();
    Ok(best(wanted, candidates, |checkpoint| (checkpoint.path.as_str(), checkpoint.missing_since.is_some(), None)))
}

/// For each of them the LoRA of that hash, else of that path or name. Of several that are called the same the one that fits
/// the checkpoint best, and of those the best rated. All are looked up at once.
pub async fn loras(
    db: &PgPool,
    wanted: &[Model],
    target: Option<&Target>,
) -> Result<Vec<Option<ModelMatch<Lora>>>, DbError> {
    let names: Vec<_> = wanted.iter().map(name).collect();
    let candidates = lora::called(db, &names).await?;
    let by_hash = lora::find_by_hashes(db, &hashes(wanted, &candidates)).await?;
    let found = wanted.iter().zip(candidates).zip(by_hash).map(|((wanted, candidates), by_hash)| match by_hash {
        Some(model) => Some(ModelMatch { model, namesakes: 0 }),
        None => best(wanted, candidates, |lora| {
            (lora.path.as_str(), lora.missing_since.is_some(), target.map(|target| lora.fit(target).grade))
        }),
    });
    Ok(found.collect())
}

/// One LoRA.
pub async fn lora(db: &PgPool, wanted: &Model, target: Option<&Target>) -> Result<Option<ModelMatch<Lora>>, DbError> {
    Ok(loras(db, std::slice::from_ref(wanted), target).await?.pop().flatten())
}

/// A name may be a hash, but a LoRA may be called like one.
fn hashes<'a>(wanted: &'a [Model], called: &[Vec<Lora>]) -> Vec<&'a str> {
    let hash = |(wanted, called): (&'a Model, &Vec<Lora>)| match &wanted.hash {
        Some(hash) => hash.as_str(),
        None if called.is_empty() => name(wanted),
        None => "",
    };
    wanted.iter().zip(called).map(hash).collect()
}

/// PostgreSQL has no NUL, and nothing is called so.
fn name(wanted: &Model) -> &str {
    if wanted.name.contains('\0') { "" } else { &wanted.name }
}

/// `about` gives a candidate's path, whether its file is missing, and how well it fits.
fn best<M>(
    wanted: &Model,
    candidates: Vec<M>,
    about: impl Fn(&M) -> (&str, bool, Option<Grade>),
) -> Option<ModelMatch<M>> {
    let given = parts(wanted.filename.as_deref().unwrap_or(&wanted.name));
    let shared = |path: &str| given.iter().zip(parts(path)).take_while(|(given, own)| **given == *own).count();
    let is_path = |path: &str| given.len() > 1 && shared(path) == given.len();
    let exact = candidates.iter().filter(|candidate| is_path(about(candidate).0)).count();
    let namesakes = if exact > 0 { exact } else { candidates.len() }.saturating_sub(1);
    let rank = |candidate: &M| {
        let (path, missing, grade) = about(candidate);
        // A folder counts for more than how well it fits, but does not bring along what does not fit at all.
        let folders = shared(path).saturating_sub(1);
        (
            missing,
            !is_path(path),
            grade == Some(Grade::Incompatible),
            usize::MAX - folders,
            grade.map(|grade| grade as u8),
        )
    };
    // The first of those that rank alike: the best rated.
    let model = candidates.into_iter().min_by_key(rank)?;
    Some(ModelMatch { model, namesakes })
}

/// Of a path of any system, the file's name first, without its extension and in lower case.
fn parts(path: &str) -> Vec<String> {
    let name = Model::named(path).name.to_lowercase();
    let folders = path.split(['/', '\\']).rev().skip(1).filter(|part| !part.is_empty());
    std::iter::once(name).chain(folders.map(str::to_lowercase)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Candidate = (&'static str, bool, Option<Grade>);

    fn found(given: &str, candidates: &[Candidate]) -> Option<(&'static str, usize)> {
        let found = best(&Model::named(given), candidates.to_vec(), |candidate| *candidate);
        found.map(|found| (found.model.0, found.namesakes))
    }

    #[test]
    fn of_namesakes_the_one_that_fits_is_found() {
        let sd = ("/m/SD15/dup.safetensors", false, Some(Grade::Incompatible));
        let xl = ("/m/SDXL/dup.safetensors", false, Some(Grade::Compatible));
        assert_eq!(found("dup", &[sd, xl]), Some((xl.0, 1)));
        assert_eq!(found(r"C:\models\SD15\dup.safetensors", &[sd, xl]), Some((xl.0, 1)), "a folder of elsewhere");
        for given in ["SD15/dup", r"sd15\DUP.safetensors", "/m/SD15/dup.safetensors"] {
            assert_eq!(found(given, &[sd, xl]), Some((sd.0, 0)), "{given}");
        }
        let gone = ("/m/SDXL/dup.safetensors", true, Some(Grade::Optimal));
        assert_eq!(found("dup", &[gone, sd]), Some((sd.0, 1)));
        assert_eq!(found("dup", &[]), None);
    }

    #[test]
    fn of_those_that_fit_alike_the_best_rated_is_found() {
        let first = ("/m/a/dup.pt", false, Some(Grade::Compatible));
        let second = ("/m/b/dup.pt", false, Some(Grade::Compatible));
        assert_eq!(found("dup", &[first, second]), Some((first.0, 1)));
        assert_eq!(found(r"D:\x\b\dup.pt", &[first, second]), Some((second.0, 1)));
    }
}
