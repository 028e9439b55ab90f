//! Text files in whatever encoding the program that wrote them used.

use std::borrow::Cow;

/// Bytes that are looked at for UTF-16 without a mark.
const SAMPLE: usize = 1024;

/// How two bytes are a unit of UTF-16.
pub(crate) type Unit = fn([u8; 2]) -> u16;

/// UTF-8 or UTF-16 by the byte order mark; without one UTF-16 where every other byte is zero, UTF-8 where that is valid,
/// else Windows-1252, which Notepad calls ANSI. What no encoding explains becomes U+FFFD.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match (utf16_start(bytes), bytes) {
        (Some((mark, unit)), _) => utf16(&bytes[mark..], unit).into(),
        (None, [0xef, 0xbb, 0xbf, rest @ ..]) => utf8(rest),
        (None, _) => utf8(bytes),
    }
}

/// Whether a file that begins so is UTF-16: the bytes of its mark, and how its units are written.
pub(crate) fn utf16_start(bytes: &[u8]) -> Option<(usize, Unit)> {
    match bytes {
        [0xff, 0xfe, ..] => Some((2, u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Some((2, u16::from_be_bytes)),
        [1..=u8::MAX, 0, ..] if has_zeros(bytes, 1) => Some((0, u16::from_le_bytes)),
        [0, 1..=u8::MAX, ..] if has_zeros(bytes, 0) => Some((0, u16::from_be_bytes)),
        _ => None,
    }
}

/// Whether zeros stand at this place of many pairs, and hardly ever at the other. A quarter of the letters being ASCII is enough:
/// JSON and most texts have more, and UTF-8 has no zeros at all.
fn has_zeros(bytes: &[u8], place: usize) -> bool {
    let pairs = bytes[..bytes.len().min(SAMPLE)].as_chunks::<2>().0;
    let zeros = |place: usize| pairs.iter().filter(|pair| pair[place] == 0).count();
    zeros(1 - place) * 4 <= zeros(place) && zeros(place) * 4 >= pairs.len()
}

fn utf16(bytes: &[u8], unit: Unit) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A text of several valid sequences is UTF-8 that was damaged; Windows-1252 makes such only by accident.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return text.into();
    }
    let valid: usize = bytes.utf8_chunks().map(|chunk| chunk.valid().chars().filter(|c| !c.is_ascii()).count()).sum();
    let invalid = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    match valid > invalid {
        true => String::from_utf8_lossy(bytes),
        false => bytes.iter().map(|byte| windows_1252(*byte)).collect::<String>().into(),
    }
}

fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..0xa0 => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_text_is_read_in_any_encoding() {
        let given = "{\"a\": \"Größe 大きさ 😀\"}";
        let (little, big) = (utf16(given, u16::to_le_bytes), utf16(given, u16::to_be_bytes));
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            given.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", given.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little,
            big,
        ] {
            assert_eq!(text(&bytes), given);
        }
        assert_eq!(text(b"F\xfcr Gr\xf6\xdfe \x80 5 \x96 6"), "Für Größe € 5 – 6");
        assert_eq!(text(b""), "");
    }

    #[test]
    fn what_is_damaged_keeps_the_rest() {
        assert_eq!(text("Größe \u{e4}".as_bytes().split_last().unwrap().1), "Größe \u{fffd}");
        assert_eq!(text(b"\xff\xfea\0\x3d\xd8b\0"), "a\u{fffd}b");
        assert_eq!(text(b"\xff\xfea\0b"), "a");
        assert_eq!(text(b"{\"a\": 1}\0\0\0"), "{\"a\": 1}\0\0\0");
    }
}
