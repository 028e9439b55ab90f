//! The sheet, pixel by pixel.

use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;

use super::*;
use crate::grid::Kind;

fn axis(kind: Kind, labels: &[&str]) -> Shown {
    Shown { kind, labels: labels.iter().map(|label| (*label).to_owned()).collect(), of: None }
}

fn many(kind: Kind, count: usize) -> Shown {
    Shown { kind, labels: (0..count).map(|at| format!("value {at}")).collect(), of: None }
}

fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    let image = DynamicImage::from(RgbImage::from_pixel(width, height, Rgb(colour)));
    image.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

fn read(sheet: &Sheet, format: Format) -> RgbImage {
    image::load_from_memory(&sheet.pack(format).unwrap()).unwrap().into_rgb8()
}

/// Pixels of a place that are not paper.
fn inked(picture: &RgbImage, place: Place) -> usize {
    let within = imageops::crop_imm(picture, place.x, place.y, place.width, place.height);
    within.to_image().pixels().filter(|pixel| **pixel != PAPER).count()
}

fn centre(picture: &RgbImage, place: Place) -> [u8; 3] {
    picture.get_pixel(place.x + place.width / 2, place.y + place.height / 2).0
}

#[test]
fn every_cell_and_every_caption_is_where_it_belongs() {
    let axes = [
        axis(Kind::Cfg, &["3", "7", "11"]),
        axis(Kind::Sampler, &["Euler", "LCM"]),
        axis(Kind::Lora, &["film", "ink"]),
    ];
    let layout = Layout::new(&axes, (200, 300)).unwrap();
    let mut sheet = Sheet::new(&axes, layout.clone()).unwrap();
    let colour = |place: u32| [20 * place as u8, 200 - 10 * place as u8, 99];
    for place in 0..11 {
        sheet.image(place, &png(200, 300, colour(place))).unwrap();
    }
    sheet.note(11, "film does not fit. Made for SD 1.5, but big is SDXL.");
    let picture = read(&sheet, Format::Png);
    assert_eq!(picture.dimensions(), (layout.width, layout.height));
    for place in 0..11 {
        let Place { x, y, width, height } = layout.cell(place);
        assert_eq!((width, height), (200, 300), "nothing is scaled without need");
        for (x, y) in [(x, y), (x + 199, y), (x, y + 299), (x + 199, y + 299), (x + 100, y + 150)] {
            assert_eq!(picture.get_pixel(x, y).0, colour(place), "cell {place} at {x}, {y}");
        }
        assert_eq!(picture.get_pixel(x - 1, y), &PAPER);
        assert_eq!(picture.get_pixel(x + 200, y + 300), &PAPER);
    }
    let blank = layout.cell(11);
    assert_eq!(picture.get_pixel(blank.x, blank.y), &BLANK);
    let written = imageops::crop_imm(&picture, blank.x, blank.y, 200, 300).to_image();
    assert!(written.pixels().filter(|pixel| **pixel != BLANK).count() > 300, "the reason is written");
    for block in 0..2 {
        assert!((0..3).all(|column| inked(&picture, layout.column(block, column)) > 40), "columns of block {block}");
        assert!((0..2).all(|row| inked(&picture, layout.row(block, row)) > 40), "rows of block {block}");
        assert!(inked(&picture, layout.block(block)) > 40, "block {block}");
    }
    // x runs to the right, y downwards, and the second block stands apart.
    assert!(layout.cell(1).x > layout.cell(0).x + 200 && layout.cell(1).y == layout.cell(0).y);
    assert!(layout.cell(3).y > layout.cell(0).y + 300 && layout.cell(3).x == layout.cell(0).x);
    let webp = read(&sheet, Format::WebP);
    let near = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 12);
    assert!((0..11).all(|place| near(centre(&webp, layout.cell(place)), colour(place))));
}

#[test]
fn images_of_other_proportions_stand_whole_in_the_middle() {
    let axes = [axis(Kind::Checkpoint, &["a", "b"])];
    let layout = Layout::new(&axes, (300, 300)).unwrap();
    let mut sheet = Sheet::new(&axes, layout.clone()).unwrap();
    sheet.image(0, &png(100, 50, [255, 0, 0])).unwrap();
    sheet.image(1, &png(150, 300, [0, 0, 255])).unwrap();
    let picture = read(&sheet, Format::Png);
    let at = |place: Place, x: u32, y: u32| picture.get_pixel(place.x + x, place.y + y).0;
    let (wide, high) = (layout.cell(0), layout.cell(1));
    assert_eq!([at(wide, 2, 150), at(wide, 297, 150), at(wide, 150, 70)], [[255, 0, 0], [255, 0, 0], [255, 255, 255]]);
    assert_eq!([at(high, 150, 2), at(high, 150, 297), at(high, 70, 150)], [[0, 0, 255], [0, 0, 255], [255, 255, 255]]);
    assert!(sheet.image(0, b"no picture").is_err());
}

#[test]
fn a_long_label_is_shortened_with_a_sign_and_stays_in_its_place() {
    let font = Font::load().unwrap();
    let long = "a checkpoint with a very long name indeed v17 fp16 pruned";
    let short = font.shortened(16.0, long, 120);
    assert!(short.ends_with('…') && long.starts_with(short.trim_end_matches('…')), "{short}");
    assert!(font.width(16.0, &short) <= 120);
    let lines = font.wrapped(16.0, long, 120, 2);
    assert!(lines.len() == 2 && lines[1].ends_with('…'), "{lines:?}");
    let axes = [axis(Kind::Checkpoint, &[long, "b"]), axis(Kind::Lora, &[long])];
    let layout = Layout::new(&axes, (128, 128)).unwrap();
    let picture = read(&Sheet::new(&axes, layout.clone()).unwrap(), Format::Png);
    let (first, second) = (layout.column(0, 0), layout.column(0, 1));
    let between = Place { x: first.x + first.width, width: second.x - first.x - first.width, ..first };
    assert_eq!((inked(&picture, between), inked(&picture, layout.cell(0))), (0, 0));
    assert!(inked(&picture, layout.row(0, 0)) > 40);
}

#[test]
fn a_large_grid_is_scaled_to_what_can_be_opened() {
    for axes in [
        vec![many(Kind::Seed, 20), many(Kind::Cfg, 20)],
        vec![many(Kind::Seed, 400)],
        vec![many(Kind::Seed, 1), many(Kind::Cfg, 400)],
        vec![many(Kind::Seed, 1), many(Kind::Cfg, 1), many(Kind::Lora, 400)],
    ] {
        let layout = Layout::new(&axes, (1024, 1536)).unwrap();
        assert!(u64::from(layout.width) * u64::from(layout.height) <= 32_000_000, "{layout:?}");
        assert!(layout.width.max(layout.height) <= 16_000, "{layout:?}");
        assert!(layout.cell(0).width < 1024, "{layout:?}");
    }
}

proptest! {
    #[test]
    fn nothing_covers_anything_else(x in 1usize..9, y in 0usize..7, z in 0usize..6, width in 16u32..900, height in 16u32..900) {
        let counts = [(Kind::Seed, x), (Kind::Cfg, y), (Kind::Lora, if y > 0 { z } else { 0 })];
        let axes: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| many(kind, count)).collect();
        let layout = Layout::new(&axes, (width, height)).unwrap();
        let cells: usize = axes.iter().map(|axis| axis.labels.len()).product();
        let mut places: Vec<_> = (0..cells as u32).map(|place| layout.cell(place)).collect();
        for block in 0..layout.blocks {
            places.extend((0..x as u32).map(|at| layout.column(block, at)));
            if axes.len() > 1 { places.extend((0..y as u32).map(|at| layout.row(block, at))); }
            if axes.len() > 2 { places.push(layout.block(block)); }
        }
        for (at, a) in places.iter().enumerate() {
            prop_assert!(a.x + a.width <= layout.width && a.y + a.height <= layout.height, "{:?} {:?}", a, layout);
            for b in &places[at + 1..] {
                let apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
                prop_assert!(apart, "{:?} {:?}", a, b);
            }
        }
    }
}
