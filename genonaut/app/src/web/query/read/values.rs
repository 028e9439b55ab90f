//! Single values of an address or a form; one that cannot be taken is a problem for a person to read.

use std::fmt::Write;
use std::str::FromStr;

use genonaut_db::page::Sort;
use genonaut_sources::setting_limits::whole_text;
use uuid::Uuid;

use super::Asked;
use crate::recipe;
use crate::settings::{LONGEST_PROMPT, MOST_IMAGES};
use crate::web::notice::Notice;

const LONGEST_SEARCH: usize = 200;

impl Asked {
    pub(super) fn id(&mut self, value: &str, what: &str) -> Option<Uuid> {
        let id = value.parse().ok();
        if id.is_none() {
            self.problem(
                format!("This link names an unknown {what}: “{}” is not a valid ID.", shortened(value)).into(),
            );
        }
        id
    }

    pub(super) fn seed(&mut self, value: &str) -> Option<i64> {
        // Other programs write -1 for "another one each time".
        match whole_text(value) {
            Some(-1) => None,
            Some(seed) if seed >= 0 => Some(seed),
            _ => {
                let text = format!("Seed must be a whole number from 0 to {}, not “{}”.", i64::MAX, shortened(value));
                self.problem(Notice::at("seed", text));
                None
            }
        }
    }

    pub(super) fn images(&mut self, value: &str) -> Option<u32> {
        let images = whole_text(value).and_then(|images| u32::try_from(images).ok());
        let images = images.filter(|images| (1..=MOST_IMAGES).contains(images));
        if images.is_none() {
            let text = format!("Images must be a whole number from 1 to {MOST_IMAGES}, not “{}”.", shortened(value));
            self.problem(Notice::at("images", text));
        }
        images
    }

    pub(super) fn parse<T: FromStr + Default>(&mut self, value: &str, otherwise: &str) -> T {
        value.parse().unwrap_or_else(|_| {
            self.problem(otherwise.into());
            T::default()
        })
    }

    pub(super) fn sort(&mut self, value: &str) -> Sort {
        self.parse(value, "Unknown sort order. Use rating, best, used, name, newest or updated.")
    }

    pub(super) fn search(&mut self, value: &str) -> String {
        let text = value.trim();
        if text.contains('\0') || text.chars().count() > LONGEST_SEARCH {
            self.problem(
                format!("A search can have at most {LONGEST_SEARCH} characters, without NUL characters.").into(),
            );
            return String::new();
        }
        text.to_owned()
    }

    pub(super) fn file(&mut self, value: &str) -> Option<String> {
        let fits = value.chars().count() <= recipe::LONGEST_PATH && !value.contains('\0');
        if !fits {
            let text = format!("The VAE path can have at most {} characters.", recipe::LONGEST_PATH);
            self.problem(Notice::at("vae", text));
        }
        fits.then(|| value.to_owned())
    }

    pub(super) fn prompt(&mut self, key: &str, value: &str) -> String {
        if value.chars().count() > LONGEST_PROMPT {
            let name = if key == "prompt" { "The prompt" } else { "The negative prompt" };
            let text = format!("{name} can have at most {LONGEST_PROMPT} characters. The rest was cut off.");
            self.problem(Notice::at(key, text));
        }
        let text = value.replace("\r\n", "\n");
        // No keyboard types other control characters, no database keeps NUL, and a draft takes six letters for each.
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(LONGEST_PROMPT).collect()
    }

    pub(super) fn problem(&mut self, problem: Notice) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if text.chars().count() > 60 {
        let _ = short.write_char('…');
    }
    short
}
