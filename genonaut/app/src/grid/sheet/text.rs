//! Letters on a picture.

use ab_glyph::{Font as _, FontRef, Glyph, ScaleFont, point};
use anyhow::Context;
use image::{Rgb, RgbImage};

/// See its licence beside it.
const DEJAVU: &[u8] = include_bytes!("../../../fonts/DejaVuSans.ttf");

pub struct Font(FontRef<'static>);

impl Font {
    /// # Errors
    /// When it cannot be read.
    pub fn load() -> anyhow::Result<Self> {
        FontRef::try_from_slice(DEJAVU).map(Self).context("failed to read the font")
    }

    /// Pixels of a line.
    pub fn width(&self, size: f32, text: &str) -> u32 {
        let scaled = self.0.as_scaled(size);
        text.chars().map(|c| scaled.h_advance(scaled.glyph_id(shown(c)))).sum::<f32>().ceil() as u32
    }

    /// As much of it as there is room for, with a sign that there is more.
    pub fn shortened(&self, size: f32, text: &str, room: u32) -> String {
        if self.width(size, text) <= room {
            return text.to_owned();
        }
        let mut short: Vec<char> = text.chars().collect();
        while !short.is_empty() {
            short.pop();
            let shown = short.iter().collect::<String>().trim_end().to_owned() + "…";
            if self.width(size, &shown) <= room {
                return shown;
            }
        }
        String::new()
    }

    /// In lines, broken between words; the last one is shortened where there are too many.
    pub fn wrapped(&self, size: f32, text: &str, room: u32, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            let full = lines.len() == most;
            let last = lines.last_mut();
            match last.filter(|line| full || self.width(size, &format!("{line} {word}")) <= room) {
                Some(line) => *line = format!("{line} {word}"),
                None => lines.push(word.to_owned()),
            }
        }
        lines.iter().map(|line| self.shortened(size, line, room)).collect()
    }

    /// Beginning at a corner, within a line whose height is one and a half times the size.
    pub fn draw(&self, canvas: &mut RgbImage, size: f32, (x, y): (u32, u32), text: &str, ink: Rgb<u8>) {
        let scaled = self.0.as_scaled(size);
        let base = y as f32 + size * 0.25 + scaled.ascent() * size / scaled.height();
        let mut pen = x as f32;
        for c in text.chars() {
            let id = scaled.glyph_id(shown(c));
            self.glyph(canvas, id.with_scale_and_position(size, point(pen, base)), ink);
            pen += scaled.h_advance(id);
        }
    }

    fn glyph(&self, canvas: &mut RgbImage, glyph: Glyph, ink: Rgb<u8>) {
        let Some(outlined) = self.0.outline_glyph(glyph) else { return };
        let corner = outlined.px_bounds().min;
        outlined.draw(|x, y, cover| {
            let (x, y) = (corner.x as i64 + i64::from(x), corner.y as i64 + i64::from(y));
            let within = u32::try_from(x).ok().zip(u32::try_from(y).ok());
            let Some(pixel) = within.and_then(|(x, y)| canvas.get_pixel_mut_checked(x, y)) else { return };
            for (channel, ink) in pixel.0.iter_mut().zip(ink.0) {
                let mixed = f32::from(*channel) * (1.0 - cover) + f32::from(ink) * cover;
                *channel = mixed.clamp(0.0, 255.0) as u8;
            }
        });
    }
}

/// Nobody sees what moves the pen.
fn shown(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}
