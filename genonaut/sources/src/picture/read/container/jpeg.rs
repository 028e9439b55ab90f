//! Texts of JPEG files: Exif and XMP in APP1, and comments.

use super::{Texts, charset};

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

pub fn texts(file: &[u8], texts: &mut Texts) {
    segments(file, |marker, data| match marker {
        0xe1 if data.starts_with(b"Exif\0") => texts.push_exif(data.get(6..).unwrap_or_default()),
        0xe1 if data.starts_with(XMP) => texts.push_xmp(&data[XMP.len()..]),
        0xfe if texts.charge(data.len()) => texts.push("Comment", &charset::plain(data)),
        _ => {}
    });
}

/// Each segment before the pixels. Fill bytes (0xff) may stand before any marker.
fn segments<'a>(file: &'a [u8], mut take: impl FnMut(u8, &'a [u8])) {
    let mut rest = file.get(2..).unwrap_or_default();
    while let [0xff, tail @ ..] = rest {
        let Some(fill) = tail.iter().position(|byte| *byte != 0xff) else { return };
        let (marker, after) = (tail[fill], &tail[fill + 1..]);
        match marker {
            // Markers without a length.
            0x01 | 0xd0..=0xd7 => rest = after,
            // The end, and the pixels.
            0xd9 | 0xda => return,
            _ => {
                let [high, low, ..] = *after else { return };
                let length = usize::from(u16::from_be_bytes([high, low])).max(2);
                take(marker, after.get(2..length).unwrap_or_else(|| &after[2..]));
                rest = after.get(length..).unwrap_or_default();
            }
        }
    }
}
