//! Texts in PNG files (W3C PNG, third edition, 11.3.3): tEXt, zTXt and iTXt chunks, wherever they stand.

use std::io::Read;

use super::read::Texts;
use crate::cancel::Cancel;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Keywords whose texts are read whatever their length, and unpacked.
const READ: [&str; 15] = [
    "parameters",
    "prompt",
    "genonaut",
    "invokeai_metadata",
    "sd-metadata",
    "dream",
    "comment",
    "description",
    "software",
    "usercomment",
    "generation_data",
    "parameters-json",
    "xml:com.adobe.xmp",
    "fooocus_scheme",
    "postprocessing",
];

/// Bytes of a text with another keyword (1 MiB). Longer ones are no recipe, and take nothing of the file's budget.
const LONGEST_OTHER: usize = 1 << 20;

/// Keyword and text of each text that is read, in the file's order.
pub fn texts(png: &[u8]) -> Vec<(String, String)> {
    let mut texts = Texts::new(&Cancel::default());
    texts_into(png, &mut texts);
    texts.iter().map(|(keyword, text)| (keyword.to_owned(), text.to_owned())).collect()
}

/// Adds the texts of a PNG, of tEXt, zTXt, iTXt and eXIf alike. A file that ends early gives what it has.
pub(super) fn texts_into(png: &[u8], texts: &mut Texts) {
    for (kind, data) in chunks(png) {
        match &kind {
            b"eXIf" => texts.push_exif(data),
            b"tEXt" | b"zTXt" | b"iTXt" => match text(kind, data, texts) {
                Some((keyword, text)) if keyword == "XML:com.adobe.xmp" => texts.push_xmp(text.as_bytes()),
                Some((keyword, text)) => texts.push(&keyword, &text),
                None => {}
            },
            _ => {}
        }
    }
}

/// Whether it is a PNG at all.
pub fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// The same image with these texts in front of its pixels, and none of their keywords behind; `None` when it is no PNG.
pub fn with_texts(png: &[u8], texts: &[(&str, &str)]) -> Option<Vec<u8>> {
    // The header is always the first chunk, and always this long.
    let header = SIGNATURE.len() + 25;
    if !is_png(png) || png.len() < header {
        return None;
    }
    let mut out = Vec::with_capacity(png.len() + 4096);
    out.extend_from_slice(&png[..header]);
    for (keyword, text) in texts {
        push(&mut out, keyword, text);
    }
    let mut rest = &png[header..];
    while let Some((chunk, behind)) = chunk_end(rest).and_then(|end| rest.split_at_checked(end)) {
        let keyword = split(&chunk[8..]).map(|(keyword, _)| keyword);
        let replaced = matches!(&chunk[4..8], b"tEXt" | b"zTXt" | b"iTXt")
            && texts.iter().any(|(known, _)| keyword == Some(known.as_bytes()));
        if !replaced {
            out.extend_from_slice(chunk);
        }
        rest = behind;
    }
    // Whatever a damaged file ends with.
    out.extend_from_slice(rest);
    Some(out)
}

/// Bytes of the chunk that begins here, with its length, kind and checksum.
fn chunk_end(rest: &[u8]) -> Option<usize> {
    (u32::from_be_bytes(*rest.first_chunk()?) as usize).checked_add(12)
}

/// tEXt is Latin-1 only; anything else goes into an iTXt, as other programs do it.
fn push(out: &mut Vec<u8>, keyword: &str, text: &str) {
    let latin1: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let (kind, mut data) = match latin1 {
        Some(bytes) => (*b"tEXt", [keyword.as_bytes(), b"\0", &bytes].concat()),
        // Not compressed, no language, no translated keyword.
        None => (*b"iTXt", [keyword.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat()),
    };
    let Ok(length) = u32::try_from(data.len()) else { return };
    let mut sum = crc32fast::Hasher::new();
    sum.update(&kind);
    sum.update(&data);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&kind);
    out.append(&mut data);
    out.extend_from_slice(&sum.finalize().to_be_bytes());
}

fn chunks(png: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = png.get(SIGNATURE.len()..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let kind = *rest.get(4..)?.first_chunk()?;
        let data = rest.get(8..8usize.checked_add(length)?)?;
        rest = rest.get(length.checked_add(12)?..).unwrap_or_default();
        Some((kind, data))
    })
}

/// Keyword and text; `None` for one that is not read, and when the budget does not reach.
fn text(kind: [u8; 4], data: &[u8], texts: &mut Texts) -> Option<(String, String)> {
    let (keyword, rest) = split(data)?;
    let keyword = latin1(keyword);
    if rest.len() > LONGEST_OTHER && !is_read(&keyword) {
        return None;
    }
    let text = match &kind {
        b"tEXt" => latin1(texts.charge(rest.len()).then_some(rest)?),
        b"zTXt" => latin1(&unpack(&keyword, rest.get(1..)?, texts)?),
        _ => {
            let packed = *rest.first()? == 1;
            let (_language, rest) = split(rest.get(2..)?)?;
            let (_translated, rest) = split(rest)?;
            let bytes = match packed {
                true => unpack(&keyword, rest, texts)?,
                false => texts.charge(rest.len()).then(|| rest.to_vec())?,
            };
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    Some((keyword, text))
}

fn unpack(keyword: &str, packed: &[u8], texts: &mut Texts) -> Option<Vec<u8>> {
    let out = is_read(keyword).then(|| inflate(packed, texts.left()))?;
    (texts.charge(out.len()) && !out.is_empty()).then_some(out)
}

fn is_read(keyword: &str) -> bool {
    READ.iter().any(|known| known.eq_ignore_ascii_case(keyword))
}

fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|byte| *byte == 0)?;
    Some((&data[..end], &data[end + 1..]))
}

/// Some programs write UTF-8 where Latin-1 is due; what is both is told by being valid UTF-8.
fn latin1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// At most one byte more than `most`. A text that is cut off gives what it has.
fn inflate(packed: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let _ = flate2::read::ZlibDecoder::new(packed).take(limit).read_to_end(&mut out);
    out
}
