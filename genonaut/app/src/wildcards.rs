//! Prompts that leave something to chance: `{a|b}`, `{2$$a|b|c}`, `${x=!{a|b}}`, and `__name__` for a line of `name.txt`
//! in a folder.
//! What they come to follows from the image's seed alone, so the same recipe makes the same image again.

mod dice;
mod draw;
mod folder;
mod template;

pub use draw::{Refused, draw};
pub use folder::Wildcards;
pub use template::{choices, is_within, names, unread};
