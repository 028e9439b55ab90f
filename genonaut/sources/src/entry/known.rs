//! All that is found out about one model, before it is put into columns.

use std::ffi::OsStr;
use std::path::Path;

use super::{Knowledge, Model, Table, own_words};
use crate::header::Metadata;
use crate::identify::Identity;
use crate::meaning::embedded::{self, Training};
use crate::meaning::families::{By, Evidence, Label, Lineage, Traits};
use crate::meaning::{Merged, Said, Siblings, Statement, Trust, Word, claimants, claims, file_name, merge, sidecar};
use crate::model_file::{Format, ModelFile};

pub struct Known {
    pub format: Format,
    pub stem: String,
    /// What a file is called that is named as every other of its program is.
    pub folder_name: Option<String>,
    pub siblings: Siblings,
    pub identity: Identity,
    pub merged: Merged,
    pub training: Training,
    pub lineage: Lineage,
    /// Ids of the variant within the architecture, and of what it was distilled by.
    pub variant: Option<String>,
    pub distilled: Option<String>,
    /// Who says the architecture, and who the family.
    pub architecture_by: String,
    pub family_by: String,
    pub distilled_by: String,
    /// What a file beside the model spells as its base, where the tensors exclude that; and the file.
    pub excluded: Option<(String, String)>,
    pub warnings: Vec<String>,
    statements: Vec<Statement>,
}

impl Known {
    pub fn gather(knowledge: &Knowledge, model: &Model, file: &ModelFile) -> Self {
        let stem = super::stem(model.found);
        let siblings = Siblings::listed(&model.root.path.join(&model.found.beside.folder), model.found.beside.clone());
        let mut identity = knowledge.rules.identify(&file.header, &stem);
        let embedded = embedded::read(&file.header.metadata, &stem);
        let beside = sidecar::gather(&siblings, &stem, model.hashes);
        let own = own_words::statement(identity.kind, &file.header, model);
        let statements: Vec<_> = beside.statements.into_iter().chain(embedded.statements).chain(own).collect();
        let (architecture_by, excluded) = hear(knowledge, &mut identity, &statements);
        let odd = file.header.warnings.iter().map(|code| (*code).to_owned());
        let mut known = Self {
            format: file.format,
            folder_name: file_name::is_generic(&stem).then(|| named_folder(model)).flatten(),
            stem,
            siblings,
            identity,
            merged: merge(&statements),
            training: embedded.training,
            lineage: Lineage::default(),
            variant: None,
            distilled: None,
            architecture_by,
            family_by: String::new(),
            distilled_by: String::new(),
            excluded,
            warnings: odd.chain(embedded.warnings).chain(beside.warnings).collect(),
            statements,
        };
        known.find_family(knowledge, model, &file.header.metadata);
        known.find_variant(knowledge, model);
        known
    }

    fn find_family(&mut self, knowledge: &Knowledge, model: &Model, metadata: &Metadata) {
        let claims: Vec<&str> = claims(&self.statements);
        self.lineage = knowledge.families.lineage(&Evidence {
            architectures: &self.identity.detection.architecture.as_deref().into_iter().collect::<Vec<_>>(),
            claims: &claims,
            sha256: model.hashes.sha256,
            metadata: Some(metadata),
            stem: &self.stem,
            title: self.merged.said.name.as_deref(),
            folder: Some(&folder(model)),
        });
        let who = |label: Option<&Label>| label.map(|label| self.who(knowledge, label).to_owned()).unwrap_or_default();
        (self.family_by, self.distilled_by) = (who(self.lineage.family.as_ref()), who(self.lineage.distilled.as_ref()));
    }

    /// What the tensors say stays.
    fn find_variant(&mut self, knowledge: &Knowledge, model: &Model) {
        let folder = folder(model);
        let names: Vec<&str> =
            [self.merged.said.name.as_deref(), Some(&self.stem), Some(&folder)].into_iter().flatten().collect();
        let spelled = claims(&self.statements);
        let found = knowledge.families.variants(Traits {
            architecture: self.identity.detection.architecture.as_deref().unwrap_or_default(),
            by_tensors: self.identity.variant.as_deref(),
            spelled: &spelled,
            names: &names,
        });
        let variant = found.variant.map(str::to_owned);
        let distilled = found.distilled.map(str::to_owned);
        self.variant = self.identity.variant.clone().or(variant);
        let by_lineage = self.lineage.distilled.as_ref().map(|label| label.id.clone());
        if distilled.is_some() && distilled != by_lineage {
            self.distilled_by = if self.identity.variant == distilled { "header" } else { "name" }.to_owned();
        }
        self.distilled = distilled.or(by_lineage);
    }

    fn who(&self, knowledge: &Knowledge, family: &Label) -> &str {
        let spelled = |base: &str| knowledge.families.spelled(base)?.family.as_ref();
        let mut claims = claimants(&self.statements).into_iter();
        match family.by {
            By::Claim => claims.find(|(_, base)| spelled(base) == Some(&family.id)).map_or("", |(source, _)| source),
            By::Hash => "SHA-256",
            By::TrainedOn | By::Trainer | By::Header => "header",
            By::Name => "name",
            By::Folder => "folder",
            By::Architecture => &self.architecture_by,
        }
    }

    /// Whoever says something of that kind.
    pub fn sources_with(&self, says: impl Fn(&Said) -> bool) -> String {
        let mut sources: Vec<&str> = Vec::new();
        for statement in self.statements.iter().filter(|statement| says(&statement.said)) {
            if !sources.contains(&statement.source.as_str()) {
                sources.push(&statement.source);
            }
        }
        sources.join(", ")
    }

    /// The files that say these words; whatever is in the model file is `header`.
    pub fn sources_of(&self, words: &[Word]) -> String {
        let is_beside = |source: &str| self.statements.iter().any(|s| s.trust <= Trust::Store && s.source == source);
        let mut sources: Vec<&str> = Vec::new();
        for word in words {
            let known = word.source == "file name" || is_beside(&word.source);
            let source = if known { word.source.as_str() } else { "header" };
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources.join(", ")
    }
}

/// Who decided the architecture, and the most believed claim if the tensors exclude it.
fn hear(
    knowledge: &Knowledge,
    identity: &mut Identity,
    statements: &[Statement],
) -> (String, Option<(String, String)>) {
    let spelled = |(source, base)| Some((source, base, knowledge.families.spelled(base)?.architecture.as_str()));
    let claims: Vec<(&str, &str, &str)> = claimants(statements).into_iter().filter_map(spelled).collect();
    let header = || "header".to_owned();
    // An upscaler's page names a base, too; its tensors know of none.
    if Table::of(identity.kind).is_none() && identity.detection.possible.is_empty() {
        return (header(), None);
    }
    let ids: Vec<&str> = claims.iter().map(|(_, _, id)| *id).collect();
    let before = identity.detection.architecture.clone();
    let chosen = identity.detection.hear(&ids);
    let decided = identity.detection.architecture != before;
    let by = chosen.filter(|_| decided).map_or_else(header, |at| claims[at].0.to_owned());
    let excluded = claims.first().filter(|_| chosen != Some(0));
    (by, excluded.map(|(source, base, _)| ((*base).to_owned(), (*source).to_owned())))
}

/// The name of the folder that the file is in.
fn folder(model: &Model) -> String {
    let inner = model.found.path.parent().and_then(Path::file_name);
    let name = inner.or(model.root.path.file_name()).unwrap_or(OsStr::new(""));
    name.to_string_lossy().into_owned()
}

/// The first folder around a file that is not called by what lies in it.
fn named_folder(model: &Model) -> Option<String> {
    let below = model.found.path.ancestors().skip(1).filter_map(Path::file_name);
    let mut names = below.chain(model.root.path.file_name()).map(|name| name.to_string_lossy().into_owned());
    names.find(|name| !file_name::is_component(name))
}
