//! What a scan has seen so far, for whoever waits for it.

use std::collections::BTreeMap;

use genonaut_db::library::{Imported, Twins};
use genonaut_sources::folder::{self, Origin};
use serde::{Deserialize, Serialize};

use super::keep::Kept;

/// So many are told one by one; all are counted.
const LISTED: usize = 200;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    pub roots: u64,
    /// Folders with models in them.
    pub folders: u64,
    /// Model files, by their names.
    pub files: u64,
    /// How many there were at the last scan; missing at the first.
    pub expected: Option<u64>,
    /// Of the files those that are as they were.
    pub unchanged: u64,
    /// Of the files those that were opened.
    pub read: u64,
    pub imported: Imported,
    /// What the files that were opened are.
    pub kinds: BTreeMap<String, u64>,
    /// What works beside a diffusion model, in words: `t5xxl text encoder`, `vae for FLUX.1`.
    pub parts: BTreeMap<String, u64>,
    pub troubles: u64,
    pub trouble_list: Vec<Trouble>,
    /// The folder that is being read.
    pub current: Option<String>,
    pub seconds: f64,
}

/// A file or folder that is left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    pub path: String,
    pub code: String,
    /// A sentence.
    pub reason: String,
}

impl Report {
    /// Both together, as of roots that were scanned one after the other.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.folders += other.folders;
        sum.files += other.files;
        sum.unchanged += other.unchanged;
        sum.read += other.read;
        sum.imported.add(&other.imported);
        add(&mut sum.kinds, &other.kinds);
        add(&mut sum.parts, &other.parts);
        sum.troubles += other.troubles;
        sum.trouble_list.extend(other.trouble_list.iter().cloned());
        sum.trouble_list.truncate(LISTED);
        sum.current.clone_from(&other.current);
        sum.seconds = other.seconds.max(self.seconds);
        sum
    }

    /// Of a root that another scan was reading when this one came: what it has read belongs to both.
    pub(super) fn join(&mut self, other: &Self) {
        self.read += other.read;
        self.unchanged = self.unchanged.saturating_sub(other.read);
        self.imported.add(&other.imported);
        add(&mut self.kinds, &other.kinds);
        add(&mut self.parts, &other.parts);
        for trouble in &other.trouble_list {
            if !self.trouble_list.contains(trouble) {
                self.trouble(trouble.path.clone(), &trouble.code, trouble.reason.clone());
            }
        }
    }

    /// Models that are one and stay two, as a person has put something into both.
    pub(super) fn twins(&mut self, twins: &[Twins]) {
        for Twins { path, other_path } in twins {
            let reason = format!(
                "it is the same file as {other_path}, and both have your edits or images: delete one of the two models"
            );
            self.trouble(path.clone(), "same-content", reason);
        }
    }

    /// What became of a batch.
    pub(super) fn kept(&mut self, kept: &Kept) {
        self.imported.add(&kept.imported);
        for problem in &kept.problems {
            self.trouble(problem.path.clone(), "not-kept", problem.reason.clone());
        }
    }

    pub(super) fn silent(&mut self, path: String) {
        self.trouble(path, "silent", "the folder does not respond; its models are unchanged".to_owned());
    }

    pub(super) fn trouble(&mut self, path: String, code: &str, reason: String) {
        self.troubles += 1;
        if self.trouble_list.len() < LISTED {
            self.trouble_list.push(Trouble { path, code: code.to_owned(), reason });
        }
    }

    pub(super) fn problems(&mut self, problems: &[folder::Problem]) {
        for problem in problems {
            let (path, code) = match problem {
                folder::Problem::Missing { path, .. } => (path, "missing-folder"),
                folder::Problem::Settings { path, .. } => (path, "settings"),
                folder::Problem::Unreadable { path, .. } => (path, "unreadable"),
            };
            self.trouble(folder::text::of(path), code, problem.to_string());
        }
    }

    /// What was met while walking; hidden folders are as people want them.
    pub(super) fn met(&mut self, trouble: &folder::Trouble) {
        use folder::Trouble::{Again, BrokenLink, Hidden, Outside, Partial, Unreadable};
        let (path, code) = match trouble {
            Hidden { .. } => return,
            Unreadable { path, .. } => (path, "unreadable"),
            BrokenLink { path } => (path, "broken-link"),
            Outside { path } => (path, "outside"),
            Again { path } => (path, "again"),
            Partial { path } => (path, "unfinished"),
        };
        self.trouble(folder::text::of(path), code, trouble.to_string());
    }
}

fn add(sum: &mut BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) {
    counts.iter().for_each(|(what, files)| *sum.entry(what.clone()).or_default() += files);
}

/// Whose folder it is, for people.
pub fn origin(origin: &Origin) -> String {
    match origin {
        Origin::ComfyUi => "ComfyUI".to_owned(),
        Origin::ExtraPaths { section, .. } => format!("extra_model_paths.yaml, {section}"),
        Origin::A1111 => "A1111 or Forge".to_owned(),
        Origin::SwarmUi => "SwarmUI".to_owned(),
        Origin::StabilityMatrix => "StabilityMatrix".to_owned(),
        Origin::InvokeAi => "InvokeAI, read only".to_owned(),
        Origin::Plain => "folder".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_folders_have_is_counted_together() {
        let one = Report {
            files: 3,
            unchanged: 1,
            read: 2,
            kinds: BTreeMap::from([("lora".to_owned(), 2)]),
            parts: BTreeMap::from([("vae".to_owned(), 1)]),
            ..Report::default()
        };
        let both = one.plus(&one);
        assert_eq!((both.files, both.kinds["lora"], both.parts["vae"]), (6, 4, 2));
        let mut second = Report { files: 3, unchanged: 3, ..Report::default() };
        second.join(&one);
        assert_eq!(second, one, "whoever joins a scan sees what it came to");
    }
}
