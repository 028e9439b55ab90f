//! The fields of Exif that programs write parameters into, in whichever of the first two folders they stand.

use super::{Texts, charset};

const EXIF_FOLDER: u16 = 0x8769;
const USER_COMMENT: u16 = 0x9286;
/// Windows' field for a comment, UTF-16LE.
const XP_COMMENT: u16 = 0x9c9c;
/// Text fields; ComfyUI writes `prompt:{…}` and `workflow:{…}` into any of them.
const FIELDS: [(u16, &str); 5] = [
    (0x010e, "ImageDescription"),
    (0x010f, "Make"),
    (0x0110, "Model"),
    (0x0131, "Software"),
    (USER_COMMENT, "UserComment"),
];
/// No camera writes more entries into one folder.
const MOST_ENTRIES: usize = 1000;

/// A TIFF structure, with or without `Exif\0\0` in front.
pub fn texts(tiff: &[u8], texts: &mut Texts) {
    let tiff = tiff.strip_prefix(b"Exif\0\0").unwrap_or(tiff);
    let tiff = Tiff { bytes: tiff, little: tiff.starts_with(b"II") };
    if !matches!(tiff.bytes.get(..4), Some(b"II*\0" | b"MM\0*")) {
        return;
    }
    let Some(first) = tiff.long(4) else { return };
    tiff.folder(first, texts);
    if let Some(second) = tiff.entry(first, EXIF_FOLDER).and_then(|at| tiff.long(at + 8)) {
        tiff.folder(second, texts);
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl<'a> Tiff<'a> {
    fn folder(&self, folder: u32, texts: &mut Texts) {
        for at in self.entries(folder) {
            let (Some(tag), Some(value)) = (self.short(at), self.value(at)) else { continue };
            let field = FIELDS.iter().find(|(known, _)| *known == tag);
            if (field.is_none() && tag != XP_COMMENT) || !texts.charge(value.len()) {
                continue;
            }
            match field {
                Some((USER_COMMENT, name)) => texts.push(name, &charset::user_comment(value)),
                Some((_, name)) => push_named(name, &charset::plain(value), texts),
                None => texts.push("XPComment", &charset::unicode(value)),
            }
        }
    }

    fn short(&self, at: usize) -> Option<u16> {
        let two = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let four = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    }

    /// Where each entry of a folder stands.
    fn entries(&self, folder: u32) -> impl Iterator<Item = usize> + use<> {
        let start = usize::try_from(folder).unwrap_or(usize::MAX);
        let count = self.short(start).map_or(0, usize::from).min(MOST_ENTRIES);
        (0..count).map(move |entry| start + 2 + entry * 12)
    }

    fn entry(&self, folder: u32, tag: u16) -> Option<usize> {
        self.entries(folder).find(|at| self.short(*at) == Some(tag))
    }

    /// Bytes of an entry's value; those of up to four stand in the entry itself.
    fn value(&self, entry: usize) -> Option<&'a [u8]> {
        let size = match self.short(entry + 2)? {
            1 | 2 | 6 | 7 | 129 => 1,
            3 | 8 => 2,
            _ => return None,
        };
        let length = usize::try_from(self.long(entry + 4)?).ok()?.checked_mul(size)?;
        let start = if length <= 4 { entry + 8 } else { usize::try_from(self.long(entry + 8)?).ok()? };
        self.bytes.get(start..start.checked_add(length)?)
    }
}

/// `prompt:{…}` is ComfyUI's way to have several texts.
fn push_named(field: &str, text: &str, texts: &mut Texts) {
    let named = text.split_once(':').filter(|(name, rest)| {
        !name.is_empty()
            && name.len() < 40
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            && rest.trim_start().starts_with(['{', '[', '"'])
    });
    match named {
        Some((name, rest)) => texts.push(name, rest.trim()),
        None => texts.push(field, text),
    }
}
