//! Texts in PNG files (W3C PNG, third edition, 11.3.3): tEXt, zTXt and iTXt chunks, wherever they stand.

use std::io::Read;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Unpacked texts beyond this (16 MiB) are no recipes.
const LARGEST_TEXT: u64 = 16 << 20;

/// Keyword and text of each text chunk, in the file's order. A file that ends early gives what it has.
pub fn texts(png: &[u8]) -> Vec<(String, String)> {
    chunks(png).filter_map(|(kind, data)| text(kind, data)).collect()
}

/// Whether it is a PNG at all.
pub fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// The same picture with these texts in front of its pixels; `None` when it is no PNG.
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
    out.extend_from_slice(&png[header..]);
    Some(out)
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

fn text(kind: [u8; 4], data: &[u8]) -> Option<(String, String)> {
    let (keyword, rest) = split(data)?;
    let text = match &kind {
        b"tEXt" => latin1(rest),
        b"zTXt" => latin1(&inflate(rest.get(1..)?)?),
        b"iTXt" => {
            let packed = *rest.first()? == 1;
            let (_language, rest) = split(rest.get(2..)?)?;
            let (_translated, rest) = split(rest)?;
            let bytes = if packed { inflate(rest)? } else { rest.to_vec() };
            String::from_utf8_lossy(&bytes).into_owned()
        }
        _ => return None,
    };
    Some((latin1(keyword), text))
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

fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    flate2::read::ZlibDecoder::new(packed).take(LARGEST_TEXT).read_to_end(&mut out).ok()?;
    Some(out)
}
