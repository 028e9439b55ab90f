//! The page's state, which is its address: a recipe is a link.

use std::convert::Infallible;
use std::fmt::Write;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request;
use form_urlencoded::Serializer;
use genonaut_db::architecture::Grade;
use genonaut_db::page::{Cursor, Sort};
use uuid::Uuid;

use super::words;

/// More LoRAs than anyone stacks, and few enough to look up one by one.
const MOST_LORAS: usize = 32;
const LONGEST_SEARCH: usize = 200;
const LONGEST_PROMPT: usize = 5000;

/// What the page shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recipe {
    /// None is the best rated one.
    pub checkpoint: Option<Uuid>,
    pub checkpoint_q: String,
    pub loras: Vec<Uuid>,
    pub q: String,
    pub fit: FitChoice,
    pub cursor: Option<Place>,
    pub prompt: String,
    pub negative_prompt: String,
}

/// A page of the LoRA list, and the list it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub list: u32,
    pub cursor: Cursor,
}

/// Which LoRAs to offer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FitChoice {
    #[default]
    Any,
    Compatible,
    Optimal,
}

/// What an address asks for, and what in it makes no sense.
#[derive(Debug, Default)]
pub struct Asked {
    pub recipe: Recipe,
    pub problems: Vec<String>,
    /// It does something to the recipe instead of naming it; the result has an address of its own.
    pub acts: bool,
}

impl Asked {
    /// Later values win, so that a button's value overrides the hidden field before it.
    pub fn read(pairs: &[(String, String)]) -> Self {
        let mut asked = Self::default();
        let mut seen = Vec::new();
        for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            asked.acts |= key != "lora" && seen.contains(&key);
            seen.push(key);
            asked.take(key, value);
        }
        // After all else, because fields come in the order of the page.
        for (key, value) in pairs {
            asked.act(key, value);
        }
        if asked.acts {
            // What was searched for is found.
            asked.recipe.checkpoint_q.clear();
        }
        asked
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "checkpoint" => self.recipe.checkpoint = self.id(value, "checkpoint").or(self.recipe.checkpoint),
            "lora" => self.add(value),
            "q" => self.recipe.q = self.search(value),
            "checkpoint_q" => self.recipe.checkpoint_q = self.search(value),
            "fit" => {
                self.recipe.fit = self.parse(value, "There is no such fit; there are any, compatible and optimal.")
            }
            "cursor" => self.recipe.cursor = self.place(value),
            "prompt" => self.recipe.prompt = self.prompt(value),
            "negative_prompt" => self.recipe.negative_prompt = self.prompt(value),
            _ => {}
        }
    }

    fn act(&mut self, key: &str, value: &str) {
        match key {
            "add" => self.add(value),
            "remove" => {
                let gone = self.id(value, "LoRA");
                self.recipe.loras.retain(|id| Some(*id) != gone);
            }
            "word" => self.recipe.prompt = words::toggled(&self.recipe.prompt, value),
            _ => return,
        }
        self.acts = true;
    }

    fn add(&mut self, value: &str) {
        let Some(id) = self.id(value, "LoRA") else { return };
        if self.recipe.loras.contains(&id) {
            return;
        }
        match self.recipe.loras.len() < MOST_LORAS {
            true => self.recipe.loras.push(id),
            false => self.problem(format!("A recipe holds at most {MOST_LORAS} LoRAs.")),
        }
    }

    fn id(&mut self, value: &str, what: &str) -> Option<Uuid> {
        let id = value.parse().ok();
        if id.is_none() {
            self.problem(format!("“{}” is no id of a {what}.", shortened(value)));
        }
        id
    }

    fn parse<T: FromStr + Default>(&mut self, value: &str, otherwise: &str) -> T {
        value.parse().unwrap_or_else(|_| {
            self.problem(otherwise.to_owned());
            T::default()
        })
    }

    fn search(&mut self, value: &str) -> String {
        let text = value.trim();
        if text.contains('\0') || text.chars().count() > LONGEST_SEARCH {
            self.problem(format!("A search is plain text of at most {LONGEST_SEARCH} characters."));
            return String::new();
        }
        text.to_owned()
    }

    fn place(&mut self, value: &str) -> Option<Place> {
        let place = value.parse().ok();
        if place.is_none() {
            self.problem("That page of the list cannot be found; here is the first.".to_owned());
        }
        place
    }

    fn prompt(&mut self, value: &str) -> String {
        if value.chars().count() > LONGEST_PROMPT {
            self.problem(format!("A prompt has at most {LONGEST_PROMPT} characters; the rest was cut off."));
        }
        let text = value.replace("\r\n", "\n").replace('\0', "");
        text.chars().take(LONGEST_PROMPT).collect()
    }

    fn problem(&mut self, text: String) {
        if !self.problems.contains(&text) {
            self.problems.push(text);
        }
    }
}

impl Recipe {
    /// The address of this recipe, with nothing in it that goes without saying.
    pub fn url(&self) -> String {
        let mut pairs = Serializer::new(String::new());
        pairs.extend_pairs(self.checkpoint.map(|id| ("checkpoint", id.to_string())));
        pairs.extend_pairs(self.loras.iter().map(|id| ("lora", id.to_string())));
        pairs.extend_pairs((self.fit != FitChoice::Any).then(|| ("fit", self.fit.word())));
        pairs.extend_pairs(self.cursor.as_ref().map(|place| ("cursor", place.to_string())));
        for (key, text) in self.texts() {
            if !text.is_empty() {
                pairs.append_pair(key, text);
            }
        }
        let query = pairs.finish();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }

    fn texts(&self) -> [(&'static str, &str); 4] {
        [
            ("q", &self.q),
            ("checkpoint_q", &self.checkpoint_q),
            ("prompt", &self.prompt),
            ("negative_prompt", &self.negative_prompt),
        ]
    }

    /// Names the list that search, fit and checkpoint make; a cursor of another list means its first page.
    pub fn list(&self, checkpoint: Option<Uuid>) -> u32 {
        let judged = checkpoint.filter(|_| self.fit != FitChoice::Any);
        let judged = judged.map(|id| id.to_string()).unwrap_or_default();
        super::view::fingerprint(&format!("{}\n{}\n{judged}", self.q, self.fit.word()))
    }
}

impl FitChoice {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Compatible => "compatible",
            Self::Optimal => "optimal",
        }
    }

    /// Grades that count; none asks for nothing.
    pub fn grades(self) -> Vec<Grade> {
        match self {
            Self::Any => Vec::new(),
            Self::Compatible => vec![Grade::Optimal, Grade::Compatible, Grade::Partial],
            Self::Optimal => vec![Grade::Optimal],
        }
    }
}

impl FromStr for FitChoice {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Any, Self::Compatible, Self::Optimal].into_iter().find(|fit| fit.word() == word).ok_or(())
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}.{}", self.list, self.cursor)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (list, cursor) = text.split_once('.').ok_or(())?;
        let cursor: Cursor = cursor.parse().map_err(|_| ())?;
        let list = u32::from_str_radix(list, 16).map_err(|_| ())?;
        (cursor.sort() == Sort::Rating).then_some(Self { list, cursor }).ok_or(())
    }
}

/// Keys and values of an address, as they come.
pub struct Pairs(pub Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Pairs {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if text.chars().count() > 60 {
        let _ = short.write_char('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Asked {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Asked::read(&pairs)
    }

    const A: &str = "0190b2d4-0000-7000-8000-000000000001";
    const B: &str = "0190b2d4-0000-7000-8000-000000000002";

    #[test]
    fn an_address_read_and_written_is_the_same_address() {
        let url = format!("/?checkpoint={A}&lora={B}&lora={A}&fit=optimal&q=a+b&prompt=x%26y%0Az");
        let asked = read(&url[2..]);
        assert_eq!(asked.problems, Vec::<String>::new());
        assert!(!asked.acts);
        assert_eq!(asked.recipe.url(), url);
    }

    #[test]
    fn the_last_checkpoint_wins_and_gets_an_address_of_its_own() {
        let asked = read(&format!("checkpoint={A}&checkpoint={B}"));
        assert!(asked.acts);
        assert_eq!(asked.recipe.url(), format!("/?checkpoint={B}"));
    }

    #[test]
    fn adding_and_removing_do_not_depend_on_the_order_of_fields() {
        assert_eq!(read(&format!("add={A}&lora={B}&lora={A}")).recipe.loras.len(), 2);
        assert_eq!(read(&format!("remove={B}&lora={A}&lora={B}")).recipe.url(), format!("/?lora={A}"));
        assert_eq!(read("word=film+look&prompt=a+cat").recipe.prompt, "a cat, film look");
    }

    #[test]
    fn nonsense_is_told_and_left_out() {
        let long = "x".repeat(201);
        for query in
            ["checkpoint=1", "lora=%00", "fit=best", "cursor=abc", "cursor=1.e30", "q=a%00b", &format!("q={long}")]
        {
            let asked = read(query);
            assert_eq!(asked.problems.len(), 1, "{query}");
            assert_eq!(asked.recipe, Recipe::default(), "{query}");
        }
    }
}
