//! What became of each value that an image's writer recorded: taken as it stands, changed, or left out, and why.

mod feature;
mod reason;

use serde::Serialize;

pub use feature::Feature;
pub use reason::Reason;

/// No more items of one kind; a hostile file may name thousands.
const MOST_ITEMS: usize = 100;
/// Characters of a written value that are kept.
const LONGEST: usize = 200;

/// Of everything that was recorded, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The same value under the same or another name.
    pub taken: Vec<Item>,
    /// Another value than the written one, or one for a value that was not written at all.
    pub changed: Vec<Item>,
    /// What the image was made with and the recipe does not have.
    pub left_out: Vec<Item>,
}

/// One recorded value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// A field of [`Made`](super::Made) (`sampler`, `width`), or the writer's own name for it (`Hires upscale`).
    pub field: String,
    /// As the file has it, at most 200 characters; empty when nothing was written.
    pub written: String,
    /// What it became; `None` when it was left out.
    pub value: Option<String>,
    /// `None` for what was taken as it stands.
    pub reason: Option<Reason>,
}

impl Item {
    /// `Sampler “k_euler”: unknown here.` For the page; the reason alone is `reason.to_string()`.
    pub fn sentence(&self) -> String {
        let mut text = self.field.replace('_', " ");
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        if !self.written.is_empty() {
            text = format!("{text} “{}”", self.written);
        }
        if let Some(value) = &self.value {
            text = format!("{text} → {value}");
        }
        match self.reason {
            Some(reason) => format!("{text}: {reason}."),
            None => format!("{text}."),
        }
    }
}

impl Report {
    pub fn take(&mut self, field: &str, written: &str) {
        push(&mut self.taken, Item { value: Some(short(written)), ..item(field, written) });
    }

    pub fn change(&mut self, field: &str, written: &str, value: &str, reason: Reason) {
        let item = Item { value: Some(short(value)), reason: Some(reason), ..item(field, written) };
        push(&mut self.changed, item);
    }

    pub fn leave_out(&mut self, field: &str, written: &str, reason: Reason) {
        push(&mut self.left_out, Item { reason: Some(reason), ..item(field, written) });
    }

    /// `taken` where the value is the written one, else `changed`.
    pub fn add(&mut self, field: &str, written: &str, value: &str, reason: Option<Reason>) {
        match reason {
            Some(reason) => self.change(field, written, value, reason),
            None => push(&mut self.taken, Item { value: Some(short(value)), ..item(field, written) }),
        }
    }
}

fn item(field: &str, written: &str) -> Item {
    Item { field: short(field), written: short(written), value: None, reason: None }
}

fn push(list: &mut Vec<Item>, item: Item) {
    if list.len() < MOST_ITEMS && !list.contains(&item) {
        list.push(item);
    }
}

/// One line without control characters, cut to what a page can show.
fn short(text: &str) -> String {
    let line: String = text.chars().take(LONGEST + 1).map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim()),
        None => line.trim().to_owned(),
    }
}
