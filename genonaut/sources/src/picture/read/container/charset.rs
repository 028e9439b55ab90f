//! Exif texts (Exif 2.32, 4.6.5): eight bytes name the encoding, and writers disagree with them.

/// Text of `UserComment`, which may begin with the name of its encoding, and may be anything else.
pub fn user_comment(value: &[u8]) -> String {
    match value.split_at_checked(8) {
        Some((b"UNICODE\0", text)) => unicode(text),
        Some((b"ASCII\0\0\0" | b"JIS\0\0\0\0\0" | b"\0\0\0\0\0\0\0\0", text)) => plain(text),
        _ if value.len().is_multiple_of(2) && looks_wide(value) => unicode(value),
        _ => plain(value),
    }
}

/// UTF-8; else Latin-1.
pub fn plain(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        return unicode(bytes);
    }
    if looks_wide(bytes) {
        return unicode(bytes);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    text.trim_matches('\0').to_owned()
}

/// UTF-16 of the order that its mark names; without one, of the order that makes sense. Some write UTF-8 here.
pub fn unicode(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        _ => match order(bytes) {
            Some(unit) => utf16(bytes, unit),
            None => plain_only(bytes),
        },
    };
    text.trim_matches('\0').to_owned()
}

/// How two bytes are one unit; `None` when the text is none of UTF-16.
///
/// Every recipe has line ends, blanks, digits and Latin names, whose upper byte is zero: there are more zeros at that
/// place than at the other.
fn order(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    let zeros = |at: usize| bytes.chunks_exact(2).filter(|pair| pair[at] == 0 && pair[1 - at] != 0).count();
    let (first, second) = (zeros(0), zeros(1));
    match first.cmp(&second) {
        std::cmp::Ordering::Greater => Some(u16::from_be_bytes),
        std::cmp::Ordering::Less => Some(u16::from_le_bytes),
        std::cmp::Ordering::Equal => None,
    }
}

/// Whether a third of it are the zeros of UTF-16.
fn looks_wide(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_end();
    let end = text.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    let zeros = text[..end].iter().filter(|byte| **byte == 0).count();
    end >= 8 && zeros * 3 >= end
}

fn plain_only(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Without a single Latin letter it is what A1111 writes.
        Err(_) if bytes.len().is_multiple_of(2) => utf16(bytes, u16::from_be_bytes),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
