//! The contact sheet: all cells of a grid in one picture, with what the axes say.

mod layout;
mod text;

use std::io::Cursor;

use anyhow::Context;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::{self, FilterType as Resampling};
use image::{ImageEncoder, Rgb, RgbImage};

pub use layout::{Layout, Place};
use text::Font;

use super::kind::Shown;

const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const INK: Rgb<u8> = Rgb([24, 24, 27]);
/// Where there is no image, and what is said of it.
const BLANK: Rgb<u8> = Rgb([238, 238, 240]);
const FAINT: Rgb<u8> = Rgb([82, 82, 91]);
const WEBP_QUALITY: f32 = 90.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Png,
    WebP,
}

/// A sheet that is being drawn.
pub struct Sheet {
    layout: Layout,
    font: Font,
    canvas: RgbImage,
}

impl Sheet {
    /// The captions, and no cell yet.
    ///
    /// # Errors
    /// When the font cannot be read.
    pub fn new(axes: &[Shown], layout: Layout) -> anyhow::Result<Self> {
        let (font, canvas) = (Font::load()?, RgbImage::from_pixel(layout.width, layout.height, PAPER));
        let mut sheet = Self { layout, font, canvas };
        sheet.captions(axes);
        Ok(sheet)
    }

    /// An image in its cell, as large as fits.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn image(&mut self, place: u32, bytes: &[u8]) -> anyhow::Result<()> {
        let image = image::load_from_memory(bytes).context("failed to read the image of a cell")?.into_rgb8();
        let cell = self.layout.cell(place);
        let fits = cell.fit(image.width(), image.height());
        let sized = match fits.width < image.width() {
            true => imageops::thumbnail(&image, fits.width, fits.height),
            false => imageops::resize(&image, fits.width, fits.height, Resampling::Triangle),
        };
        imageops::replace(&mut self.canvas, &sized, fits.x.into(), fits.y.into());
        Ok(())
    }

    /// Why there is no image.
    pub fn note(&mut self, place: u32, text: &str) {
        let cell = self.layout.cell(place);
        let blank = RgbImage::from_pixel(cell.width, cell.height, BLANK);
        imageops::replace(&mut self.canvas, &blank, cell.x.into(), cell.y.into());
        let (size, line) = (self.layout.font, self.layout.line);
        let most = usize::try_from(cell.height / line.max(1)).unwrap_or(1).max(1);
        let room = cell.width.saturating_sub(2 * self.layout.gap);
        let lines = self.font.wrapped(size, text, room, most);
        let used = u32::try_from(lines.len()).unwrap_or(1) * line;
        for (line, y) in lines.iter().zip((cell.y + cell.height.saturating_sub(used) / 2..).step_by(line as usize)) {
            let at = cell.x + cell.width.saturating_sub(self.font.width(size, line)) / 2;
            self.font.draw(&mut self.canvas, size, (at, y), line, FAINT);
        }
    }

    /// # Errors
    /// When the picture cannot be packed.
    pub fn pack(&self, format: Format) -> anyhow::Result<Vec<u8>> {
        let (width, height) = self.canvas.dimensions();
        if format == Format::WebP {
            return webp(&self.canvas);
        }
        let mut packed = Cursor::new(Vec::new());
        let encoder = PngEncoder::new_with_quality(&mut packed, CompressionType::Fast, FilterType::Adaptive);
        encoder
            .write_image(&self.canvas, width, height, image::ExtendedColorType::Rgb8)
            .context("failed to encode the contact sheet")?;
        Ok(packed.into_inner())
    }

    fn captions(&mut self, axes: &[Shown]) {
        let captions = |at: usize| axes.get(at).map(Shown::captions).unwrap_or_default();
        let layout = self.layout.clone();
        for block in 0..layout.blocks {
            for (at, caption) in (0..).zip(captions(0)) {
                self.centred(layout.column(block, at), &caption);
            }
            for (at, caption) in (0..).zip(captions(1)) {
                let place = layout.row(block, at);
                let y = place.y + place.height.saturating_sub(layout.line) / 2;
                self.write((place.x, y), place.width, &caption);
            }
        }
        for (at, caption) in (0..).zip(captions(2)) {
            let place = layout.block(at);
            self.write((place.x, place.y), place.width, &caption);
        }
    }

    fn centred(&mut self, place: Place, text: &str) {
        let text = self.font.shortened(self.layout.font, text, place.width);
        let x = place.x + place.width.saturating_sub(self.font.width(self.layout.font, &text)) / 2;
        self.font.draw(&mut self.canvas, self.layout.font, (x, place.y), &text, INK);
    }

    fn write(&mut self, at: (u32, u32), room: u32, text: &str) {
        let text = self.font.shortened(self.layout.font, text, room);
        self.font.draw(&mut self.canvas, self.layout.font, at, &text, INK);
    }
}

/// In a third of the time that the usual method takes, and a little larger.
fn webp(canvas: &RgbImage) -> anyhow::Result<Vec<u8>> {
    let mut config = webp::WebPConfig::new().map_err(|()| anyhow::anyhow!("no settings for WebP"))?;
    (config.quality, config.method, config.thread_level) = (WEBP_QUALITY, 1, 1);
    let packed = webp::Encoder::from_rgb(canvas, canvas.width(), canvas.height()).encode_advanced(&config);
    Ok(packed.map_err(|error| anyhow::anyhow!("failed to encode the contact sheet: {error:?}"))?.to_vec())
}

#[cfg(test)]
mod tests;
