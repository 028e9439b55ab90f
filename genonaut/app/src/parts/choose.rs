//! Which of several files that would do: one that the engine has, then one that lies near the model, then one that
//! ComfyUI reads by itself, then one of the model's precision.

use std::cmp::Reverse;

use genonaut_db::architecture;
use genonaut_db::library::PartFile;
use genonaut_engines::Role;

use super::{Asked, Named, Need, Wanted, engine_role, file_role};

pub(super) struct Choice<'a, Offered> {
    pub asked: Asked<'a>,
    pub files: &'a [PartFile],
    pub offered: &'a Offered,
}

impl<Offered: Fn(Role, &str) -> bool> Choice<'_, Offered> {
    pub fn text_encoders(&self, wanted: &Wanted, named: &Named) -> Vec<Need> {
        // A person who names any names them for a checkpoint that has its own, too.
        let all = architecture::parts(self.asked.checkpoint.base.as_deref().unwrap_or_default()).text_encoders;
        let exact = if named.text.is_empty() { &wanted.text } else { &all };
        let mut needs: Vec<Need> = exact.iter().map(|exact| self.text_encoder(exact, wanted, named)).collect();
        // A name that says nothing of itself plays what nobody else plays.
        let unknown = named.text.iter().filter(|(_, files)| !files.iter().any(is_known));
        for (need, (name, files)) in needs.iter_mut().filter(|need| need.named.is_none()).zip(unknown) {
            *need = self.named(need.role, &need.exact, name, files.iter());
        }
        needs
    }

    fn text_encoder(&self, exact: &str, wanted: &Wanted, named: &Named) -> Need {
        let role = engine_role(exact);
        let plays = |file: &&PartFile| file.role == file_role(exact);
        let own = named.text.iter().find(|(_, files)| files.iter().any(|file| plays(&file)));
        if let Some((name, files)) = own {
            return self.named(role, exact, name, files.iter().filter(plays));
        }
        let path = self.best(role, self.files.iter().filter(plays));
        Need { role, exact: exact.to_owned(), path, named: None, required: wanted.required }
    }

    pub fn vae(&self, wanted: &Wanted, named: &Named) -> Option<Need> {
        let (role, exact) = (Role::Vae, wanted.vae.as_deref().unwrap_or_default());
        if let Some((name, files)) = &named.vae {
            return Some(self.named(role, exact, name, files.iter().filter(|file| file.role == "vae")));
        }
        wanted.vae.as_ref()?;
        let parts = architecture::parts(self.asked.checkpoint.base.as_deref().unwrap_or_default());
        let fits = |file: &&PartFile| {
            file.role == "vae" && file.fits.first().is_some_and(|likeliest| parts.takes_vae_of(likeliest))
        };
        let path = self.best(role, self.files.iter().filter(fits));
        Some(Need { role, exact: exact.to_owned(), path, named: None, required: wanted.required })
    }

    /// What the catalogue does not know is taken by its name where the engine knows it.
    fn named<'f>(&self, role: Role, exact: &str, name: &str, files: impl Iterator<Item = &'f PartFile>) -> Need {
        let path = self.best(role, files).or_else(|| (self.offered)(role, name).then(|| name.to_owned()));
        Need { role, exact: exact.to_owned(), path, named: Some(name.to_owned()), required: true }
    }

    fn best<'f>(&self, role: Role, files: impl Iterator<Item = &'f PartFile>) -> Option<String> {
        let precision: Option<String> = self.asked.checkpoint.metadata.get(&["precision"]);
        let wanted = bits(precision.as_deref());
        let rank = |file: &&PartFile| {
            let offered = (self.offered)(role, &file.path);
            let readable = file.format.as_deref() == Some("safetensors");
            let off = bits(file.precision.as_deref()).abs_diff(wanted);
            (offered, shared(self.asked.path, &file.path), readable, Reverse(off), Reverse(file.path.clone()))
        };
        files.max_by_key(rank).map(|file| file.path.clone())
    }
}

fn is_known(file: &PartFile) -> bool {
    file.role != "unknown"
}

/// How many folders two paths have in common.
fn shared(one: &str, other: &str) -> usize {
    let folders = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
    let (one, other) = (folders(one), folders(other));
    one.split('/').zip(other.split('/')).take_while(|(ours, theirs)| ours == theirs).count()
}

/// Of one number; half precision where nobody knows.
fn bits(precision: Option<&str>) -> u32 {
    match precision.unwrap_or_default() {
        "F64" => 64,
        "F32" => 32,
        eight if eight.starts_with("F8") || eight == "Q8_0" || eight == "I8" => 8,
        four if four.starts_with('Q') || four.starts_with("IQ") || four == "U8" => 4,
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearness_is_counted_in_folders() {
        assert_eq!(shared("/m/comfy/unet/a", "/m/comfy/vae/b"), 3);
        assert_eq!(shared("/m/comfy/unet/a", "/m/other/b"), 2);
        assert_eq!(shared("flux", "/m/b"), 1);
    }

    #[test]
    fn packed_numbers_are_smaller_than_half_precision() {
        assert_eq!([Some("F8_E4M3"), Some("BF16"), Some("Q4_K"), None].map(bits), [8, 16, 4, 16]);
    }
}
