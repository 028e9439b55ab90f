//! The text that A1111 writes and most others read (`modules/infotext_utils.py`): the prompt, a line that begins
//! with `Negative prompt:`, and a last line of `Name: value` pairs; values with , : or newlines are JSON strings.

mod layout;
mod pairs;
mod read;
mod resources;
mod write;

pub use read::{prompts, read};
pub use write::write;

const NEGATIVE: &str = "Negative prompt:";
