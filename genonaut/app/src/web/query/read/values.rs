//! Single values of an address or a form; one that cannot be taken is a problem for a person to read.

use std::fmt::Write;
use std::str::FromStr;

use genonaut_db::page::Sort;
use uuid::Uuid;

use super::Asked;
use crate::recipe;
use crate::settings::{LONGEST_PROMPT, MOST_IMAGES};

const LONGEST_SEARCH: usize = 200;

impl Asked {
    pub(super) fn id(&mut self, value: &str, what: &str) -> Option<Uuid> {
        let id = value.parse().ok();
        if id.is_none() {
            let what = what.strip_prefix("n ").map_or_else(|| format!("a {what}"), |what| format!("an {what}"));
            self.problem(format!("“{}” is no id of {what}.", shortened(value)));
        }
        id
    }

    pub(super) fn seed(&mut self, value: &str) -> Option<i64> {
        let seed = value.trim().parse::<i64>();
        // Other programs write -1 for "another one each time".
        match seed {
            Ok(-1) => None,
            Ok(seed) if seed >= 0 => Some(seed),
            _ => {
                self.problem(format!("The seed “{}” is no whole number from 0 to {}.", shortened(value), i64::MAX));
                None
            }
        }
    }

    pub(super) fn images(&mut self, value: &str) -> Option<u32> {
        let images = value.trim().parse().ok().filter(|images| (1..=MOST_IMAGES).contains(images));
        if images.is_none() {
            self.problem(format!("“{}” images cannot be made at once; from 1 to {MOST_IMAGES} can.", shortened(value)));
        }
        images
    }

    pub(super) fn parse<T: FromStr + Default>(&mut self, value: &str, otherwise: &str) -> T {
        value.parse().unwrap_or_else(|_| {
            self.problem(otherwise.to_owned());
            T::default()
        })
    }

    pub(super) fn sort(&mut self, value: &str) -> Sort {
        self.parse(value, "There is no such order; there are rating, best, used, name, newest and updated.")
    }

    pub(super) fn search(&mut self, value: &str) -> String {
        let text = value.trim();
        if text.contains('\0') || text.chars().count() > LONGEST_SEARCH {
            self.problem(format!("A search is plain text of at most {LONGEST_SEARCH} characters."));
            return String::new();
        }
        text.to_owned()
    }

    pub(super) fn file(&mut self, value: &str) -> Option<String> {
        let fits = value.chars().count() <= recipe::LONGEST_PATH && !value.contains('\0');
        if !fits {
            self.problem(format!("The VAE is named by a path of at most {} characters.", recipe::LONGEST_PATH));
        }
        fits.then(|| value.to_owned())
    }

    pub(super) fn prompt(&mut self, value: &str) -> String {
        if value.chars().count() > LONGEST_PROMPT {
            self.problem(format!("A prompt has at most {LONGEST_PROMPT} characters; the rest was cut off."));
        }
        let text = value.replace("\r\n", "\n").replace('\0', "");
        text.chars().take(LONGEST_PROMPT).collect()
    }

    pub(super) fn problem(&mut self, text: String) {
        if !self.problems.contains(&text) {
            self.problems.push(text);
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
