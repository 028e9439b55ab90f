//! Texts of AVIF and HEIF files (ISO/IEC 23008-12): items `Exif` and `mime` of the box `meta`.

use super::Texts;

/// No file has more metadata items.
const MOST_ITEMS: usize = 200;

/// `None` when the brand is none of images (a film has the same boxes).
pub fn texts(file: &[u8], texts: &mut Texts) -> Option<()> {
    const BRANDS: [&[u8]; 10] =
        [b"avif", b"avis", b"heic", b"heix", b"hevc", b"heif", b"mif1", b"msf1", b"heim", b"miaf"];
    let mut top = Boxes(file);
    let (_, brands) = top.next().filter(|(kind, _)| kind == b"ftyp")?;
    brands.chunks_exact(4).find(|brand| BRANDS.contains(brand))?;
    let meta = Boxes(file).find(|(kind, _)| kind == b"meta").and_then(|(_, data)| data.get(4..));
    if let Some(meta) = meta {
        items(file, meta, texts);
    }
    Some(())
}

/// Of JPEG XL files, in boxes of their own.
pub fn jxl_texts(file: &[u8], texts: &mut Texts) {
    for (kind, data) in Boxes(file).take(MOST_ITEMS) {
        match &kind {
            b"Exif" => push_exif(data, texts),
            b"xml " => texts.push_xmp(data),
            _ => {}
        }
    }
}

/// Four bytes say where in it the TIFF begins.
fn push_exif(item: &[u8], texts: &mut Texts) {
    let skip = item.first_chunk().map_or(0, |four| u32::from_be_bytes(*four) as usize);
    texts.push_exif(item.get(4..).and_then(|rest| rest.get(skip..)).unwrap_or_default());
}

fn items(file: &[u8], meta: &[u8], texts: &mut Texts) -> Option<()> {
    let inner = |kind: &[u8; 4]| Boxes(meta).find(|(found, _)| found == kind).map(|(_, data)| data);
    let (infos, places) = (infos(inner(b"iinf")?), inner(b"iloc")?);
    let data = inner(b"idat").unwrap_or_default();
    for (id, kind) in infos.into_iter().take(MOST_ITEMS) {
        let Some((offset, length, within)) = place(places, id) else { continue };
        let source = if within { data } else { file };
        let bytes = source.get(offset..offset.saturating_add(length).min(source.len())).unwrap_or_default();
        match &kind {
            b"Exif" => push_exif(bytes, texts),
            b"mime" => texts.push_xmp(bytes),
            _ => {}
        }
    }
    Some(())
}

/// Kinds and contents of the boxes one behind another.
struct Boxes<'a>(&'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let size = u32::from_be_bytes(*self.0.first_chunk()?) as usize;
        let kind = *self.0.get(4..)?.first_chunk()?;
        let (head, size) = match size {
            // To the end of the file.
            0 => (8, self.0.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(*self.0.get(8..)?.first_chunk()?)).ok()?),
            _ => (8, size),
        };
        let data = self.0.get(head..size.min(self.0.len()))?;
        self.0 = self.0.get(size..).unwrap_or_default();
        Some((kind, data))
    }
}

/// Ids and kinds of the items.
fn infos(data: &[u8]) -> Vec<(u32, [u8; 4])> {
    let skip = if data.first() == Some(&0) { 6 } else { 8 };
    let entries = Boxes(data.get(skip..).unwrap_or_default()).filter(|(kind, _)| kind == b"infe");
    entries
        .filter_map(|(_, entry)| {
            let wide = match entry.first()? {
                2 => false,
                3 => true,
                _ => return None,
            };
            let mut reader = Reader(entry.get(4..)?);
            let id = reader.number(if wide { 4 } else { 2 })?;
            let _protection = reader.number(2)?;
            Some((u32::try_from(id).ok()?, *reader.0.first_chunk()?))
        })
        .collect()
}

/// Offset and length of an item's first extent, and whether it stands in `idat`.
fn place(iloc: &[u8], wanted: u32) -> Option<(usize, usize, bool)> {
    let version = *iloc.first()?;
    let mut reader = Reader(iloc.get(4..)?);
    let sizes = reader.number(2)?;
    let size = |shift: u32| ((sizes >> shift) & 15) as usize;
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version > 0 { size(0) } else { 0 };
    let wide = if version < 2 { 2 } else { 4 };
    for _ in 0..reader.number(wide)?.min(MOST_ITEMS as u64) {
        let id = reader.number(wide)?;
        let within = version > 0 && reader.number(2)? & 15 == 1;
        let _reference = reader.number(2)?;
        let base = reader.number(base_size)?;
        let extents = reader.number(2)?;
        if extents > MOST_ITEMS as u64 {
            return None;
        }
        for extent in 0..extents {
            let _index = reader.number(index_size)?;
            let (offset, length) = (reader.number(offset_size)?, reader.number(length_size)?);
            if extent == 0 && id == u64::from(wanted) {
                let offset = usize::try_from(base.checked_add(offset)?).ok()?;
                // A length of 0 is the whole file.
                let length = if length == 0 { usize::MAX } else { usize::try_from(length).ok()? };
                return Some((offset, length, within));
            }
        }
    }
    None
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// Of this many bytes, up to eight; of none it is 0.
    fn number(&mut self, bytes: usize) -> Option<u64> {
        let (head, rest) = self.0.split_at_checked(bytes.min(8))?;
        self.0 = rest;
        Some(head.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}
