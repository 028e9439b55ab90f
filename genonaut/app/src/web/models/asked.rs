//! What the address of the Models page asks for, and such addresses.

use genonaut_db::architecture;
use genonaut_db::page::{Cursor, PageRequest, Sort};

use uuid::Uuid;

use super::Kind;
use super::bulk::Undo;
use crate::problem::Problem;
use crate::query::Params;
use crate::web::view;

const CARDS: u16 = 48;
const LONGEST_SEARCH: usize = 200;
const KNOWN: [&str; 13] =
    ["type", "q", "tag", "base", "minr", "state", "sort", "view", "cursor", "changed", "refused", "undo", "trashed"];

#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub kind: Kind,
    pub q: String,
    pub tags: Vec<String>,
    pub bases: Vec<String>,
    pub min_rating: Option<f64>,
    /// Only what is in all of these states.
    pub states: Vec<State>,
    pub sort: Sort,
    /// Rows instead of cards.
    pub list: bool,
    pub cursor: Option<Cursor>,
    /// How many models the change has reached that led here.
    pub changed: Option<u32>,
    /// How many keep their names, because they could not have the new ones.
    pub refused: Option<u32>,
    /// That change, where it can be undone.
    pub undo: Option<Uuid>,
    /// A model was moved to the trash.
    pub trashed: bool,
}

/// Something that a model is, or is not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Unrated,
    Missing,
}

impl State {
    pub const ALL: [Self; 2] = [Self::Unrated, Self::Missing];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Unrated => "unrated",
            Self::Missing => "missing",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::Unrated => "Unrated",
            Self::Missing => "File missing",
        }
    }
}

/// A filter that is on, and where the page is without it.
pub struct Chip {
    pub name: &'static str,
    pub value: String,
    pub label: String,
    pub url: String,
}

impl Asked {
    pub fn parse(query: Option<&str>) -> Result<Self, Problem> {
        Self::read(&Params::parse(query.unwrap_or_default())?)
    }

    pub fn read(params: &Params) -> Result<Self, Problem> {
        params.only(&KNOWN)?;
        let kind = params
            .text("type")?
            .map(|word| Kind::of(&word).ok_or_else(|| Problem::parameter("type", "must be checkpoint or lora")));
        let sort = params.parsed::<Sort>("sort")?.unwrap_or_default();
        let asked = Self {
            kind: kind.transpose()?.unwrap_or_default(),
            q: params.text("q")?.unwrap_or_default(),
            tags: params.all("tag"),
            bases: params.all("base"),
            min_rating: params.rating("minr")?,
            states: states(params)?,
            list: view(params)?,
            // A page of another order is no page of this one.
            cursor: params.parsed::<Cursor>("cursor")?.filter(|cursor| cursor.sort() == sort),
            changed: params.parsed("changed")?,
            refused: params.parsed("refused")?,
            undo: params.parsed("undo")?,
            trashed: params.flag("trashed")?,
            sort,
        };
        match asked.q.chars().count() > LONGEST_SEARCH {
            true => Err(Problem::parameter("q", "must be at most 200 characters long")),
            false => Ok(asked),
        }
    }

    pub fn request(&self) -> PageRequest {
        PageRequest { sort: self.sort, limit: CARDS, cursor: self.cursor.clone(), ..PageRequest::default() }
    }

    /// The address of this very page.
    pub fn url(&self) -> String {
        self.at("/models", self.cursor.as_ref())
    }

    /// The same filters somewhere else.
    pub fn at(&self, path: &str, cursor: Option<&Cursor>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("type", self.kind.word());
        query.extend_pairs((!self.q.is_empty()).then_some(("q", &self.q)));
        query.extend_pairs(self.bases.iter().map(|base| ("base", base)));
        query.extend_pairs(self.tags.iter().map(|tag| ("tag", tag)));
        query.extend_pairs(self.min_rating.map(|rating| ("minr", rating.to_string())));
        query.extend_pairs(self.states.iter().map(|state| ("state", state.word())));
        query.extend_pairs((self.sort != Sort::default()).then(|| ("sort", self.sort.to_string())));
        query.extend_pairs(self.list.then_some(("view", "list")));
        query.extend_pairs(cursor.map(|cursor| ("cursor", cursor.to_string())));
        format!("{path}?{}", query.finish())
    }

    /// The filters alone, as a bulk change takes them.
    pub fn filters(&self) -> String {
        let all = Self { sort: Sort::default(), list: false, ..self.clone() };
        all.at("", None).trim_start_matches('?').to_owned()
    }

    /// Undoes the change that led here.
    pub fn undo(&self) -> Option<Undo> {
        let said = format!("{} updated", self.changed.unwrap_or_default());
        self.undo.map(|change| Undo { kind: self.kind, change, said, back: self.url() })
    }

    pub fn count_url(&self) -> String {
        self.at("/ui/models/count", None)
    }

    /// Where this very page is asked for again.
    pub fn again_url(&self) -> String {
        self.at("/ui/models/again", self.cursor.as_ref())
    }

    pub fn facets_url(&self) -> String {
        self.at("/models/facets", None)
    }

    /// `ending` is `csv` or `tsv`.
    pub fn export_url(&self, ending: &str) -> String {
        self.at(&format!("/models/export.{ending}"), None)
    }

    /// The same for spreadsheets, which want a mark of UTF-8 and must not take a text for a formula.
    pub fn spreadsheet_url(&self) -> String {
        format!("{}&bom=1&guard=1", self.export_url("csv"))
    }

    pub fn is_in(&self, state: State) -> bool {
        self.states.contains(&state)
    }

    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        let lists = [self.tags.is_empty(), self.bases.is_empty(), self.states.is_empty(), self.q.is_empty()];
        self.min_rating.is_some() || lists.contains(&false)
    }

    /// The list of that kind, as it begins.
    pub fn tab(&self, &kind: &Kind) -> String {
        Self { kind, list: self.list, ..Self::default() }.url()
    }

    /// All of this kind.
    pub fn cleared(&self) -> String {
        Self { kind: self.kind, sort: self.sort, list: self.list, ..Self::default() }.url()
    }

    pub fn chips(&self) -> Vec<Chip> {
        let start = || Self { cursor: None, ..self.clone() };
        let base = |at: usize| {
            let (mut without, value) = (start(), self.bases[at].clone());
            without.bases.remove(at);
            Chip { name: "base", label: architecture::label(&value).to_owned(), value, url: without.url() }
        };
        let tag = |at: usize| {
            let (mut without, value) = (start(), self.tags[at].clone());
            without.tags.remove(at);
            Chip { name: "tag", label: value.clone(), value, url: without.url() }
        };
        let rating = self.min_rating.map(|rating| Chip {
            name: "minr",
            value: rating.to_string(),
            label: format!("{} stars and up", view::of_five(rating).trim_end_matches(".0")),
            url: Self { min_rating: None, ..start() }.url(),
        });
        let state = |state: &State| {
            let mut without = start();
            without.states.retain(|other| other != state);
            Chip { name: "state", value: state.word().to_owned(), label: state.label().to_owned(), url: without.url() }
        };
        let states = self.states.iter().map(state);
        (0..self.bases.len()).map(base).chain((0..self.tags.len()).map(tag)).chain(rating).chain(states).collect()
    }
}

fn states(params: &Params) -> Result<Vec<State>, Problem> {
    let known = |word: &String| State::ALL.into_iter().find(|state| state.word() == word);
    let states = params.all("state").iter().map(known).collect::<Option<Vec<_>>>();
    states.ok_or_else(|| Problem::parameter("state", "must be unrated or missing"))
}

fn view(params: &Params) -> Result<bool, Problem> {
    match params.text("view")?.as_deref() {
        None | Some("grid") => Ok(false),
        Some("list") => Ok(true),
        Some(_) => Err(Problem::parameter("view", "must be grid or list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was_asked_for() {
        let address =
            "type=checkpoint&q=a+b&base=sd1&tag=x%26y&tag=z&minr=0.8&state=unrated&state=missing&sort=name&view=list";
        assert_eq!(Asked::parse(Some(address)).unwrap().url(), format!("/models?{address}"));
        assert_eq!(Asked::parse(None).unwrap().url(), "/models?type=lora");
        let filters = "type=checkpoint&q=a+b&base=sd1&tag=x%26y&tag=z&minr=0.8&state=unrated&state=missing";
        assert_eq!(Asked::parse(Some(address)).unwrap().filters(), filters);
    }

    #[test]
    fn every_filter_can_be_taken_off_by_itself() {
        let asked = Asked::parse(Some("base=sd1&tag=x&tag=z&minr=0.8")).unwrap();
        let urls: Vec<_> = asked.chips().into_iter().map(|chip| chip.url).collect();
        assert_eq!(
            urls,
            [
                "/models?type=lora&tag=x&tag=z&minr=0.8",
                "/models?type=lora&base=sd1&tag=z&minr=0.8",
                "/models?type=lora&base=sd1&tag=x&minr=0.8",
                "/models?type=lora&base=sd1&tag=x&tag=z"
            ]
        );
    }

    #[test]
    fn what_cannot_be_understood_is_refused_by_name() {
        for query in [
            "type=vae",
            "minr=2",
            "sort=worst",
            "view=wall",
            "cursor=x",
            "nonsense=1",
            "q=%00",
            "changed=x",
            "state=gone",
            "undo=x",
        ] {
            assert!(Asked::parse(Some(query)).is_err(), "{query}");
        }
        assert!(Asked::parse(Some(&format!("q={}", "x".repeat(201)))).is_err());
    }
}
