//! Image files of a few bytes, with texts in any of the places where programs put them.

use std::io::Write;

use genonaut_sources::picture::{Made, png, read};

/// A PNG of one pixel; nobody looks at it.
pub const EMPTY: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90\x77\x53\xde\0\0\0\0IEND\xae\x42\x60\x82";

/// A recipe that is easy to tell.
pub const A1111: &str = "a lighthouse on a cliff\nNegative prompt: blurry\nSteps: 24, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 314, Size: 832x1216, Model: base_xl";

pub fn png_of(texts: &[(&str, &str)]) -> Made {
    read(&png::with_texts(EMPTY, texts).unwrap()).unwrap()
}

pub fn is_a1111(file: &[u8]) {
    let made = read(file).unwrap();
    assert_eq!((made.prompt.as_str(), made.negative_prompt.as_str()), ("a lighthouse on a cliff", "blurry"));
    assert_eq!((made.steps, made.seed, made.sampler.as_deref()), (Some(24), Some(314), Some("dpmpp_2m")));
}

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind);
    sum.update(data);
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], kind, data, &sum.finalize().to_be_bytes()].concat()
}

/// The PNG with further chunks behind its header.
pub fn with_chunks(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&EMPTY[..33], &chunks.concat(), &EMPTY[33..]].concat()
}

pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(data).unwrap();
    packer.finish().unwrap()
}

/// A TIFF of one field, in the Exif folder or in the first one.
pub fn tiff(tag: u16, kind: u16, value: &[u8], big: bool, in_exif: bool) -> Vec<u8> {
    let short = |number: u16| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let long = |number: usize| {
        let number = u32::try_from(number).unwrap();
        if big { number.to_be_bytes() } else { number.to_le_bytes() }
    };
    let field = |tag: u16, kind: u16, count: usize, value: usize| {
        [&short(1)[..], &short(tag), &short(kind), &long(count), &long(value), &long(0)].concat()
    };
    let head = [if big { &b"MM\0*"[..] } else { &b"II*\0"[..] }, &long(8)].concat();
    match in_exif {
        true => [head, field(0x8769, 4, 1, 26), field(tag, kind, value.len(), 44), value.to_vec()].concat(),
        false => [head, field(tag, kind, value.len(), 26), value.to_vec()].concat(),
    }
}

/// A TIFF with a user comment as A1111 writes it.
pub fn comment(value: &[u8]) -> Vec<u8> {
    tiff(0x9286, 7, value, false, true)
}

pub fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

pub fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A JPEG of these segments, and no pixels.
pub fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
    let segment = |(marker, data): &(u8, &[u8])| {
        [&[0xff, *marker][..], &u16::try_from(data.len() + 2).unwrap().to_be_bytes(), data].concat()
    };
    [b"\xff\xd8".to_vec(), segments.iter().flat_map(segment).collect(), b"\xff\xd9".to_vec()].concat()
}

pub fn jpeg_with_exif(tiff: &[u8]) -> Vec<u8> {
    jpeg(&[(0xe0, b"JFIF\0"), (0xe1, &[b"Exif\0\0", tiff].concat())])
}

pub fn webp(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    let odd = if data.len() % 2 == 1 { &b"\0"[..] } else { b"" };
    [b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\0\0\0\0\0\0", &kind[..], &length, data, odd].concat()
}

fn boxed(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len() + 8).unwrap().to_be_bytes()[..], kind, data].concat()
}

/// AVIF or HEIF with one item of this kind, in the file or in the box `idat`.
pub fn heif(brand: &[u8; 4], kind: &[u8; 4], item: &[u8], in_idat: bool) -> Vec<u8> {
    let length = u32::try_from(item.len()).unwrap().to_be_bytes();
    let info = boxed(b"infe", &[&b"\x02\0\0\0\0\x07\0\0"[..], kind, b"\0"].concat());
    let iinf = boxed(b"iinf", &[&b"\0\0\0\0\0\x01"[..], &info].concat());
    let head = boxed(b"ftyp", &[&brand[..], b"\0\0\0\0", brand].concat());
    let place = |offset: usize| {
        let offset = u32::try_from(offset).unwrap().to_be_bytes();
        let method = if in_idat { b"\0\x01" } else { b"\0\0" };
        let entry = [&b"\0\x07"[..], method, b"\0\0\0\x01", &offset, &length].concat();
        boxed(b"iloc", &[&b"\x01\0\0\0\x44\0\0\x01"[..], &entry].concat())
    };
    let meta = |offset: usize| {
        let idat = if in_idat { boxed(b"idat", item) } else { Vec::new() };
        boxed(b"meta", &[&b"\0\0\0\0"[..], &iinf, &place(offset), &idat].concat())
    };
    let offset = if in_idat { 0 } else { head.len() + meta(0).len() + 8 };
    [head, meta(offset), boxed(b"mdat", item)].concat()
}

/// JPEG XL with a box of metadata.
pub fn jxl(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [boxed(b"JXL ", b"\r\n\x87\n"), boxed(b"ftyp", b"jxl \0\0\0\0jxl "), boxed(kind, data)].concat()
}

/// XMP with one property, as an element.
pub fn xmp(name: &str, text: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF><rdf:Description rdf:about=\"\"><{name}><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></{name}></rdf:Description></rdf:RDF></x:xmpmeta>",
        html_escape::encode_text(text)
    )
}

/// A PNG of pixels that hide a text in their lowest bits, column by column.
pub fn stealth(signature: &str, text: &[u8], channels: usize, height: usize) -> Vec<u8> {
    let length = u32::try_from(text.len() * 8).unwrap().to_be_bytes();
    let bytes = [signature.as_bytes(), &length, text].concat();
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1)).collect();
    let each = if channels == 4 { 1 } else { 3 };
    let width = bits.len() / each / height + 1;
    let mut rows = Vec::new();
    for row in 0..height {
        rows.push(0);
        for column in 0..width {
            let bit = |channel: usize| bits.get((column * height + row) * each + channel).copied().unwrap_or(0);
            match channels {
                4 => rows.extend([10, 20, 30, 254 | bit(0)]),
                _ => rows.extend([100 | bit(0), 100 | bit(1), 100 | bit(2)]),
            }
        }
    }
    let side = |side: usize| u32::try_from(side).unwrap().to_be_bytes();
    let kind = if channels == 4 { 6 } else { 2 };
    let header = [&side(width)[..], &side(height), &[8, kind, 0, 0, 0]].concat();
    [EMPTY[..8].to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &zlib(&rows)), chunk(b"IEND", b"")].concat()
}
