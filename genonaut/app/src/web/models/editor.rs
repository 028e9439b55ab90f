//! A model as its detail shows it: every field, whose word it is, and what was wrong with what was sent.

use askama::Template;
use genonaut_db::provenance::{Origin, Source};
use genonaut_db::write::FieldProblem;
use genonaut_db::{DbError, PgPool, architecture, library};
use genonaut_sources::setting_limits::{Allowed, DEFAULTS, RECOMMENDED_WEIGHT, SettingLimit};
use serde_json::Value;

use super::cards::Card;
use super::facts::{self, Fact};
use super::fields;
use super::places::Place;
use super::taught;
use super::{Kind, Which, rating, record};
use crate::settings;
use crate::web::notice::Notice;

pub struct Editor {
    pub card: Card,
    /// Beside the list, rather than a page of its own.
    pub panel: bool,
    pub saved: bool,
    pub rating: String,
    pub description: String,
    /// Name, version, family.
    pub texts: Vec<Text>,
    pub notes_text: String,
    /// Of a LoRA, one trigger word or group of words to a line.
    pub words: Option<String>,
    /// Of a checkpoint: what its base model can be, and is.
    pub base: Option<Base>,
    /// Of a checkpoint: the VAE that it names, and what there is.
    pub vae: Option<(String, Vec<String>)>,
    /// Of a LoRA, the least and the most weight.
    pub range: Option<[String; 2]>,
    pub weight: Option<Entry>,
    pub defaults: Vec<Entry>,
    pub lists: Vec<List>,
    /// What cannot be changed here.
    pub facts: Vec<Fact>,
    pub places: Vec<Place>,
    /// What pictures say of it, and with what.
    pub taught: Vec<taught::Line>,
    /// Words that somebody suggests, and that it does not need.
    pub suggested: Vec<String>,
    /// What is odd about it.
    pub warnings: Vec<String>,
    notes: Vec<Note>,
}

/// A setting in the metadata.
pub struct Entry {
    pub limit: SettingLimit,
    pub value: String,
    pub problem: bool,
}

/// A field of one line.
pub struct Text {
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
    /// Characters that it may have.
    pub most: u16,
}

/// The base model of a checkpoint, chosen from the table of architectures.
pub struct Base {
    pub chosen: String,
    /// Ids with their labels.
    pub choices: Vec<(String, String)>,
}

pub struct List {
    pub name: &'static str,
    pub label: &'static str,
    pub add: &'static str,
    pub words: Vec<String>,
    /// What can be added, as ids with their labels; anything where there is none.
    pub choices: Vec<(&'static str, &'static str)>,
}

/// What is said below a field.
#[derive(Default, Clone)]
pub struct Note {
    pub column: String,
    pub origin: Option<String>,
    /// The file whose value can be had back.
    pub back: Option<String>,
    pub problems: Vec<Notice>,
}

/// What was saved, or why not: the notes of the columns it is about, and what else of the page shows them.
#[derive(Template)]
#[template(path = "models/saved.html")]
pub struct Saved<'a> {
    pub editor: &'a Editor,
    pub columns: Vec<String>,
    /// How the whole form is swapped, where values changed that nobody has typed.
    pub anew: Option<&'static str>,
    pub fine: bool,
}

impl Editor {
    /// `None` when there is no such model. `typed` is shown in place of what the catalogue holds.
    pub async fn load(
        db: &PgPool,
        which: Which,
        typed: &[(String, String)],
        problems: &[FieldProblem],
    ) -> Result<Option<Self>, DbError> {
        let Some(model) = record::find(db, which).await? else { return Ok(None) };
        let origins = record::origins(db, which).await?;
        let typed = |name: &str, known: String| {
            typed.iter().find(|(given, _)| given == name).map_or(known, |(_, value)| value.clone())
        };
        let entry = |limit: SettingLimit, known: Option<&Value>| Entry {
            limit,
            value: typed(limit.key, known.map(plain).unwrap_or_default()),
            problem: problems.iter().any(|problem| problem.field == limit.key),
        };
        let given = settings::given_defaults(&model.metadata);
        let weight: Option<Value> = model.metadata.get(&[RECOMMENDED_WEIGHT.key]);
        let is_lora = model.kind.is_lora();
        let text = |key: &str| model.metadata.get::<String>(&[key]).unwrap_or_default();
        let vaes = if is_lora { Vec::new() } else { library::parts(db, &["vae"]).await? };
        let vaes: Vec<String> = vaes.into_iter().map(|vae| vae.name).collect();
        Ok(Some(Self {
            panel: false,
            saved: false,
            rating: typed("rating", model.rating.map(rating::shown).unwrap_or_default()),
            description: typed("description", model.description.clone().unwrap_or_default()),
            texts: [
                ("name", "Name", &model.name, 1000),
                ("version", "Version", &model.version, 500),
                ("family", "Family", &model.family, 500),
            ]
            .map(|(name, label, known, most)| {
                let value = typed(name, known.clone().unwrap_or_default());
                Text { name, label, value, most }
            })
            .into(),
            notes_text: typed("notes", text("notes")),
            words: is_lora.then(|| typed("trigger_words", model.trigger_words.join("\n"))),
            base: (!is_lora).then(|| {
                let known = fields::shown_base(&model).unwrap_or_default().to_owned();
                Base::new(typed("architecture", known))
            }),
            vae: (!is_lora).then(|| (typed("vae", text("vae")), vaes)),
            range: is_lora.then(|| {
                let range = fields::known_range(&model).map(|range| range.map(|weight| weight.to_string()));
                let [least, most] = range.unwrap_or_default();
                [typed("least_weight", least), typed("most_weight", most)]
            }),
            weight: is_lora.then(|| entry(RECOMMENDED_WEIGHT, weight.as_ref())),
            defaults: DEFAULTS
                .into_iter()
                .filter(|_| !is_lora)
                .map(|limit| entry(limit, given.get(limit.key)))
                .collect(),
            lists: fields::lists(model.kind)
                .iter()
                .map(|name| List::new(name, fields::words_of(&model, name)))
                .collect(),
            facts: facts::of(&model, &origins),
            places: library::locations(db, which.id).await?.into_iter().map(Place::from).collect(),
            taught: taught::load(db, which).await?,
            suggested: model.metadata.get(&["suggested_words"]).unwrap_or_default(),
            warnings: facts::warnings(&model),
            notes: notes(origins, problems),
            card: Card::new(model),
        }))
    }

    pub fn note(&self, column: &str) -> Note {
        let found = self.notes.iter().find(|note| note.column == column);
        found.cloned().unwrap_or_else(|| Note { column: column.to_owned(), ..Note::default() })
    }

    pub fn list(&self, column: &str) -> Option<&List> {
        self.lists.iter().find(|list| list.name == column)
    }

    pub fn heading(&self) -> &'static str {
        if self.panel { "h2" } else { "h1" }
    }

    /// Where a field is sent as soon as it is changed.
    pub fn save_url(&self, column: &str) -> String {
        format!("/ui{}?field={column}{}", self.card.url(), if self.panel { "&panel" } else { "" })
    }

    /// Where a recipe with this model begins.
    pub fn use_url(&self) -> String {
        let word = if self.card.model.kind == Kind::Lora { "add" } else { "checkpoint" };
        format!("/?{word}={}", self.card.model.id)
    }

    /// What nobody can show a place for.
    pub fn other_problems(&self) -> Vec<&Notice> {
        let shown = [
            "rating",
            "metadata.recommended_weight",
            "metadata.defaults",
            "description",
            "tags",
            "name",
            "version",
            "family",
            "metadata.notes",
            "metadata.vae",
            "metadata.weight_range",
            "architecture",
            "compatible_architectures",
            "trigger_words",
            "optimal_checkpoints",
        ];
        let others = self.notes.iter().filter(|note| !shown.contains(&note.column.as_str()));
        others.flat_map(|note| &note.problems).collect()
    }
}

impl Entry {
    /// What can be chosen; a value that is none of it is offered as it is.
    pub fn choices(&self) -> Option<Vec<(&str, &str)>> {
        let Allowed::Choice(known) = self.limit.allowed else { return None };
        let odd = !self.value.is_empty() && self.limit.choice(&self.value).is_err();
        let odd = odd.then_some((self.value.as_str(), self.value.as_str()));
        Some([("", "Not set")].into_iter().chain(odd).chain(known.iter().copied()).collect())
    }

    pub fn has_chosen(&self, id: &str) -> bool {
        self.limit.choice(&self.value).unwrap_or(&self.value) == id
    }
}

impl Base {
    fn new(chosen: String) -> Self {
        let own = |(base, label): (&str, &str)| (base.to_owned(), label.to_owned());
        let mut choices: Vec<_> = architecture::bases().into_iter().map(own).collect();
        if !chosen.is_empty() && !choices.iter().any(|(base, _)| *base == chosen) {
            choices.insert(0, (chosen.clone(), chosen.clone()));
        }
        Self { chosen, choices }
    }
}

impl List {
    fn new(name: &'static str, words: &[String]) -> Self {
        let (label, add) = match name {
            "compatible_architectures" => ("Base models", "Add a base model"),
            "optimal_checkpoints" => ("Optimal checkpoints", "Add a checkpoint by name"),
            _ => ("Tags", "Add a tag"),
        };
        let choices = if name == "compatible_architectures" { architecture::bases() } else { Vec::new() };
        Self { name, label, add, words: words.to_vec(), choices }
    }

    /// A base model by its label, whatever its source calls it.
    pub fn shown<'a>(&self, word: &'a str) -> &'a str {
        match self.choices.is_empty() {
            true => word,
            false => architecture::canonical(word).map_or(word, architecture::label),
        }
    }
}

impl Note {
    pub fn label(&self) -> String {
        self.column.trim_start_matches("metadata.").replace('_', " ")
    }

    /// Part of an element's id.
    pub fn id(&self) -> String {
        self.column.replace('.', "-")
    }
}

fn notes(origins: Vec<Origin>, problems: &[FieldProblem]) -> Vec<Note> {
    let mut notes: Vec<Note> = origins.into_iter().map(Note::from).collect();
    for problem in problems {
        // Of the catalogue's own check: `metadata.defaults.steps`.
        let field = problem.field.rsplit('.').next().unwrap_or(&problem.field);
        let column = fields::column(field);
        let text = Notice::at(field, format!("{}: {}", name(field), problem.reason));
        match notes.iter_mut().find(|note| note.column == column) {
            Some(note) => note.problems.push(text),
            None => notes.push(Note { column: column.to_owned(), problems: vec![text], ..Note::default() }),
        }
    }
    notes
}

impl From<Origin> for Note {
    fn from(origin: Origin) -> Self {
        let back = origin.back.as_ref().map(teller);
        Self { column: origin.field, origin: Some(told(&origin.source)), back, problems: Vec::new() }
    }
}

pub fn told(source: &Source) -> String {
    match source {
        Source::Person => "edited by you".to_owned(),
        Source::Genonaut => "filled in by Genonaut".to_owned(),
        source => format!("from {}", teller(source)),
    }
}

fn teller(source: &Source) -> String {
    match source {
        Source::File(name) | Source::Other(name) => name.clone(),
        Source::Scan(part) if part == "header" || part == "file name" => format!("the {part}"),
        Source::Scan(file) => file.clone(),
        Source::Person => "you".to_owned(),
        Source::Genonaut => "Genonaut".to_owned(),
    }
}

/// `trigger_words` as `Trigger words`.
pub fn name(field: &str) -> String {
    let mut letters = field.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).map(|letter| if letter == '_' { ' ' } else { letter }).collect()
}

pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
