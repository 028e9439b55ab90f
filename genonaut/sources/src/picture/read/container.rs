//! Texts within image files of any format, each under the name that its program looks for.

mod boxes;
mod charset;
mod exif;
mod jpeg;
mod stealth;
mod webp;
mod xmp;

use super::super::png;
use crate::cancel::Cancel;

/// Bytes that all texts of one file may have together (16 MiB), unpacked.
const BUDGET: usize = 16 << 20;
/// More texts (100) are no recipe.
const MOST_TEXTS: usize = 100;

/// Adds keywords and texts, in the file's order; `None` when it is no image of a known format.
///
/// PNG's keep their keyword. Exif's are `UserComment`, `ImageDescription`, `Make`, `Model`, `Software`, `XPComment`;
/// XMP's `UserComment`, `Description`, `CreatorTool`; a JPEG comment is `Comment`.
pub fn texts(file: &[u8], texts: &mut Texts) -> Option<()> {
    match file {
        _ if png::is_png(file) => png::texts_into(file, texts),
        [0xff, 0xd8, ..] => jpeg::texts(file, texts),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::texts(file, texts),
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => boxes::jxl_texts(file, texts),
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => texts.push_exif(file),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => boxes::texts(file, texts)?,
        _ => return None,
    }
    Some(())
}

/// What is hidden in the lowest bits of the pixels; costs unpacking them, so it is looked for last.
pub fn hidden_text(file: &[u8], texts: &mut Texts) -> Option<String> {
    let hidden = stealth::text(file, texts.left(), texts.cancel())?;
    texts.charge(hidden.len()).then_some(hidden)
}

/// Texts of one file, which share one budget.
#[derive(Debug)]
pub struct Texts {
    list: Vec<(String, String)>,
    /// Bytes.
    left: usize,
    cancel: Cancel,
}

impl Texts {
    /// Has none once it is cancelled.
    pub fn new(cancel: &Cancel) -> Self {
        Self { list: Vec::new(), left: BUDGET, cancel: cancel.clone() }
    }

    /// The first text with this keyword, whatever its case.
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.all(keyword).next()
    }

    pub fn all(&self, keyword: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(keyword)).map(|(_, text)| text)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let list = self.list.iter().take_while(|_| !self.cancel.is_cancelled());
        list.map(|(key, text)| (key.as_str(), text.as_str()))
    }

    /// Forgets the texts; what they took of the budget stays taken.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Bytes that further texts may have.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Takes bytes from the budget before they are decoded; a file that wants more than there is gets nothing more.
    pub fn charge(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.left && self.list.len() < MOST_TEXTS && !self.cancel.is_cancelled();
        self.left = if fits { self.left - bytes } else { 0 };
        fits
    }

    /// Fill bytes around it do not count.
    pub fn push(&mut self, keyword: &str, text: &str) {
        let text = text.trim_matches(['\0', '\u{feff}']);
        if !text.trim().is_empty() {
            self.list.push((keyword.to_owned(), text.to_owned()));
        }
    }

    pub fn push_exif(&mut self, tiff: &[u8]) {
        exif::texts(tiff, self);
    }

    pub fn push_xmp(&mut self, xml: &[u8]) {
        xmp::texts(xml, self);
    }
}
