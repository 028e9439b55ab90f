//! The one field of Exif that programs write parameters into: UserComment (Exif 2.32, 4.6.5), in JPEG and WebP.

const EXIF_FOLDER: u16 = 0x8769;
const USER_COMMENT: u16 = 0x9286;

pub fn comment(file: &[u8]) -> Option<String> {
    let tiff = if file.starts_with(b"RIFF") { webp(file) } else { jpeg(file) }?;
    let tiff = tiff.strip_prefix(b"Exif\0\0").unwrap_or(tiff);
    let tiff = Tiff { bytes: tiff, little: tiff.starts_with(b"II") };
    let (folder, _) = tiff.field(tiff.long(4)?, EXIF_FOLDER)?;
    let (at, count) = tiff.field(folder, USER_COMMENT)?;
    let start = usize::try_from(at).ok()?;
    decode(tiff.bytes.get(start..start.checked_add(usize::try_from(count).ok()?)?)?)
}

fn jpeg(file: &[u8]) -> Option<&[u8]> {
    let mut rest = file.get(2..)?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let data = rest.get(4..2 + length)?;
        if marker == 0xe1 && data.starts_with(b"Exif\0\0") {
            return Some(data);
        }
        rest = rest.get(2 + length..)?;
    }
}

fn webp(file: &[u8]) -> Option<&[u8]> {
    let mut rest = file.get(12..)?;
    loop {
        let length = u32::from_le_bytes(*rest.get(4..)?.first_chunk()?) as usize;
        let data = rest.get(8..8usize.checked_add(length)?)?;
        if rest.starts_with(b"EXIF") {
            return Some(data);
        }
        rest = rest.get(8 + length + length % 2..)?;
    }
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Tiff<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let two = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let four = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    }

    /// Where a field's value stands, and of how many parts it is.
    fn field(&self, folder: u32, tag: u16) -> Option<(u32, u32)> {
        let folder = usize::try_from(folder).ok()?;
        for entry in 0..usize::from(self.short(folder)?) {
            let at = folder + 2 + entry * 12;
            if self.short(at)? == tag {
                return Some((self.long(at + 8)?, self.long(at + 4)?));
            }
        }
        None
    }
}

/// Eight bytes name the encoding; which end of UTF-16 comes first is told by the text, as writers disagree.
fn decode(value: &[u8]) -> Option<String> {
    let (encoding, text) = value.split_at_checked(8)?;
    if encoding != b"UNICODE\0" {
        return Some(String::from_utf8_lossy(text).trim_matches('\0').to_owned());
    }
    let big = text.first() == Some(&0);
    let unit =
        |pair: &[u8]| if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) };
    Some(String::from_utf16_lossy(&text.chunks_exact(2).map(unit).collect::<Vec<_>>()).trim_matches('\0').to_owned())
}
