//! "Stealth" texts in the lowest bits of pixels, column by column: fifteen letters that say which bits and whether it
//! is packed, 32 bits for the length in bits, and the text. Of the alpha channel (NovelAI, Forge, SwarmUI), or of red,
//! green and blue.

use std::io::{Cursor, Read};

use crate::cancel::Cancel;

/// Pixels; larger images are not unpacked for it.
const MOST_PIXELS: usize = 36 << 20;
/// Bytes that a hidden text may have (4 MiB), packed and unpacked.
const LONGEST: usize = 4 << 20;
const SIGNATURE: usize = 15;

/// At most so many bytes of text, until it is cancelled.
pub fn text(file: &[u8], most: usize, cancel: &Cancel) -> Option<String> {
    let pixels = if file.starts_with(b"RIFF") { webp(file)? } else { png(file, cancel)? };
    if cancel.is_cancelled() { None } else { pixels.text(most.min(LONGEST)) }
}

/// The lowest bits of each pixel: red 1, green 2, blue 4, alpha 8.
struct Pixels {
    width: usize,
    height: usize,
    bits: Vec<u8>,
    has_alpha: bool,
}

impl Pixels {
    fn text(&self, most: usize) -> Option<String> {
        let alpha: &[u8] = &[8];
        let colours: &[u8] = &[1, 2, 4];
        let mut channels = [alpha, colours].into_iter().filter(|channels| self.has_alpha || channels.len() == 3);
        channels.find_map(|channels| {
            let head = self.bytes(channels, 0, SIGNATURE)?;
            let packed = match head.as_slice() {
                b"stealth_pnginfo" | b"stealth_rgbinfo" => false,
                b"stealth_pngcomp" | b"stealth_rgbcomp" => true,
                _ => return None,
            };
            let length = u32::from_be_bytes(self.bytes(channels, SIGNATURE, 4)?.try_into().ok()?) as usize / 8;
            let bytes = if length <= most { self.bytes(channels, SIGNATURE + 4, length)? } else { return None };
            if !packed {
                return String::from_utf8(bytes).ok();
            }
            let (mut text, most) = (Vec::new(), u64::try_from(most).ok()?);
            flate2::read::GzDecoder::new(bytes.as_slice()).take(most).read_to_end(&mut text).ok()?;
            String::from_utf8(text).ok()
        })
    }

    /// So many bytes from a place on; `None` when the image is too small for them.
    fn bytes(&self, channels: &[u8], start: usize, length: usize) -> Option<Vec<u8>> {
        let most = self.bits.len() * channels.len() / 8;
        if start.checked_add(length)? > most {
            return None;
        }
        let bit = |at: usize| {
            let (pixel, channel) = (at / channels.len(), channels[at % channels.len()]);
            let (column, row) = (pixel / self.height, pixel % self.height);
            u8::from(self.bits[row * self.width + column] & channel != 0)
        };
        let byte = |at: usize| (0..8).fold(0, |byte, place| (byte << 1) | bit((start + at) * 8 + place));
        Some((0..length).map(byte).collect())
    }
}

fn png(file: &[u8], cancel: &Cancel) -> Option<Pixels> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let channels = match reader.output_color_type() {
        (png::ColorType::Rgba, png::BitDepth::Eight) => 4,
        (png::ColorType::Rgb, png::BitDepth::Eight) => 3,
        (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight) => 2,
        _ => return None,
    };
    if width.checked_mul(height)? > MOST_PIXELS || reader.info().interlaced {
        return None;
    }
    let mut pixels = Pixels { width, height, bits: Vec::new(), has_alpha: channels != 3 };
    while let (false, Ok(Some(row))) = (cancel.is_cancelled(), reader.next_row()) {
        pixels.bits.extend(row.data().chunks_exact(channels).map(low_bits));
        // The first column tells whether there is anything, in images that are high enough.
        if pixels.bits.len() == width * SIGNATURE * 8 && !pixels.may_hide() {
            return None;
        }
    }
    (pixels.bits.len() == width * height).then_some(pixels)
}

impl Pixels {
    /// Whether the first letters are right, as far as the rows so far have them.
    fn may_hide(&self) -> bool {
        let column =
            |mask: u8| (0..8).fold(0, |byte, row| (byte << 1) | u8::from(self.bits[row * self.width] & mask != 0));
        // Of the colours the first three bits stand in the first pixel: 0, 1, 1 of `s`.
        column(8) == b's' || self.bits[0] & 7 == 0b110
    }
}

fn webp(file: &[u8]) -> Option<Pixels> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).ok()?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    if width.checked_mul(height)? > MOST_PIXELS || decoder.is_lossy() {
        return None;
    }
    let has_alpha = decoder.has_alpha();
    let mut data = vec![0; decoder.output_buffer_size()?];
    decoder.read_image(&mut data).ok()?;
    let bits = data.chunks_exact(if has_alpha { 4 } else { 3 }).map(low_bits).collect();
    Some(Pixels { width, height, bits, has_alpha })
}

/// Grey counts as red.
fn low_bits(pixel: &[u8]) -> u8 {
    match *pixel {
        [red, green, blue, alpha] => (red & 1) | ((green & 1) << 1) | ((blue & 1) << 2) | ((alpha & 1) << 3),
        [red, green, blue] => (red & 1) | ((green & 1) << 1) | ((blue & 1) << 2),
        [grey, alpha] => (grey & 1) | ((alpha & 1) << 3),
        _ => 0,
    }
}
