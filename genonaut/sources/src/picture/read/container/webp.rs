//! Texts of WebP files: the chunks `EXIF` and `XMP `.

use super::Texts;

pub fn texts(file: &[u8], texts: &mut Texts) {
    let mut rest = file.get(12..).unwrap_or_default();
    while let (Some(kind), Some(length)) = (rest.get(..4), rest.get(4..).and_then(|rest| rest.first_chunk())) {
        let length = u32::from_le_bytes(*length) as usize;
        // The last one may be cut.
        let data = &rest[8..length.saturating_add(8).min(rest.len())];
        match kind {
            b"EXIF" => texts.push_exif(data),
            b"XMP " => texts.push_xmp(data),
            _ => {}
        }
        rest = rest.get(length.saturating_add(8 + length % 2)..).unwrap_or_default();
    }
}
