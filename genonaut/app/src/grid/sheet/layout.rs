//! Where everything on a contact sheet is, in pixels.

use super::text::Font;
use crate::grid::Shown;

/// Of the whole sheet: what browsers and image programs open at once, and 100 MB while it is drawn.
const MOST_PIXELS: u64 = 32_000_000;
/// Of a side; WebP has 16,383 at most.
const LONGEST: u32 = 16_000;
/// Of a cell's side, however many there are.
const LEAST: u32 = 24;

/// Blocks of rows of cells. Everything grows and shrinks with the cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    pub width: u32,
    pub height: u32,
    pub blocks: u32,
    /// Between cells, and between captions and cells.
    pub gap: u32,
    /// Size of the letters, and height of a line of them.
    pub font: f32,
    pub line: u32,
    cell: (u32, u32),
    columns: u32,
    rows: u32,
    /// For the captions of rows; of a block.
    left: u32,
    top: u32,
    /// Blocks that are side by side.
    across: u32,
    /// A block's own width and height.
    block: (u32, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Layout {
    /// As large as the largest image (width, height), or smaller where that would be too much.
    ///
    /// # Errors
    /// When the font cannot be read.
    pub fn new(axes: &[Shown], largest: (u32, u32)) -> anyhow::Result<Self> {
        let font = Font::load()?;
        let (mut scale, least) = (1.0, |side: u32| side.clamp(LEAST, LONGEST));
        loop {
            let side = |side: u32| least((f64::from(side) * scale) as u32);
            let layout = Self::of(&font, axes, (side(largest.0), side(largest.1)));
            if layout.fits() || layout.cell == (LEAST, LEAST) {
                return Ok(layout);
            }
            scale *= layout.share();
        }
    }

    pub fn cell(&self, place: u32) -> Place {
        let (column, row) = (place % self.columns, place / self.columns % self.rows);
        let (x, y) = self.corner(place / self.columns / self.rows);
        let (width, height) = self.cell;
        let (x, y) = (x + self.left + column * (width + self.gap), y + self.top + row * (height + self.gap));
        Place { x, y, width, height }
    }

    /// Where what is said of a column stands.
    pub fn column(&self, block: u32, column: u32) -> Place {
        let below = self.cell(block * self.columns * self.rows + column);
        Place { y: below.y - self.line - self.gap, height: self.line, ..below }
    }

    pub fn row(&self, block: u32, row: u32) -> Place {
        let beside = self.cell((block * self.rows + row) * self.columns);
        Place { x: beside.x - self.left, width: self.left.saturating_sub(self.gap * 2), ..beside }
    }

    pub fn block(&self, block: u32) -> Place {
        let (x, y) = self.corner(block);
        Place { x, y, width: self.block.0, height: self.line }
    }

    /// Whether its thumbnails, whose longer side has so many pixels, are as good as the images.
    pub fn is_small(&self, thumbnail: u32) -> bool {
        self.cell.0.max(self.cell.1) <= thumbnail
    }

    fn corner(&self, block: u32) -> (u32, u32) {
        let (column, row) = (block % self.across, block / self.across);
        let apart = self.gap * 4;
        (apart + column * (self.block.0 + apart), apart + row * (self.block.1 + apart))
    }

    fn of(font: &Font, axes: &[Shown], cell: (u32, u32)) -> Self {
        let count = |at: usize| axes.get(at).map_or(1, |axis| u32::try_from(axis.labels.len()).unwrap_or(1).max(1));
        let (columns, rows, blocks) = (count(0), count(1), count(2));
        let size = (cell.0.min(cell.1) as f32 / 16.0).clamp(11.0, 80.0);
        let (line, gap) = ((size * 1.5).ceil() as u32, (cell.0 / 64).max(2));
        let captions = axes.get(1).map(Shown::captions).unwrap_or_default();
        let widest = captions.iter().map(|caption| font.width(size, caption)).max();
        let left = widest.map_or(0, |widest| widest.min(cell.0.max(size as u32 * 12)) + gap * 3);
        let head = if axes.len() > 2 { 2 } else { 1 };
        let top = (line + gap) * head;
        let block = (left + columns * (cell.0 + gap) - gap, top + rows * (cell.1 + gap) - gap);
        let flat = Self {
            width: 0,
            height: 0,
            blocks,
            gap,
            font: size,
            line,
            cell,
            columns,
            rows,
            left,
            top,
            across: 1,
            block,
        };
        let all = (1..=blocks).map(|across| flat.clone().with(across));
        all.min_by_key(|layout| layout.width.max(layout.height)).unwrap_or(flat)
    }

    /// With so many blocks side by side.
    fn with(self, across: u32) -> Self {
        let (apart, down) = (self.gap * 4, self.blocks.div_ceil(across));
        let width = across * (self.block.0 + apart) + apart;
        let height = down * (self.block.1 + apart) + apart;
        Self { width, height, across, ..self }
    }

    fn fits(&self) -> bool {
        self.pixels() <= MOST_PIXELS && self.width.max(self.height) <= LONGEST
    }

    /// What the cells must shrink to, about, where it does not fit: letters and gaps do not shrink alike.
    fn share(&self) -> f64 {
        let (pixels, side) = (self.pixels() as f64, f64::from(self.width.max(self.height)));
        (MOST_PIXELS as f64 / pixels).sqrt().min(f64::from(LONGEST) / side).min(1.0) * 0.98
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

impl Place {
    /// Where something of these proportions is in the middle of it, as large as there is room.
    pub fn fit(self, width: u32, height: u32) -> Self {
        let (wide, high) = (u64::from(self.width) * u64::from(height), u64::from(self.height) * u64::from(width));
        let part = |whole: u64, of: u32| u32::try_from(whole / u64::from(of.max(1))).unwrap_or(1).max(1);
        let (width, height) = match wide <= high {
            true => (self.width, part(wide, width).min(self.height)),
            false => (part(high, height).min(self.width), self.height),
        };
        Self { x: self.x + (self.width - width) / 2, y: self.y + (self.height - height) / 2, width, height }
    }
}
