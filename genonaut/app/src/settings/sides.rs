//! Sizes to choose from: an aspect ratio at about the pixels that a model was trained at.

use genonaut_sources::setting_limits::SIDES;

/// An aspect ratio with its size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    pub ratio: (u32, u32),
    pub width: u32,
    pub height: u32,
}

const RATIOS: [(u32, u32); 7] = [(1, 1), (3, 4), (2, 3), (9, 16), (4, 3), (3, 2), (16, 9)];

/// Sizes with about as many pixels as `native` (what the model was trained at), in multiples of 64.
pub fn sides((width, height): (u32, u32)) -> [Sides; 7] {
    let area = f64::from(width) * f64::from(height);
    RATIOS.map(|(a, b)| {
        let side = |long: u32, short: u32| {
            let exact = (area * f64::from(long) / f64::from(short)).sqrt();
            ((exact / 64.0).round() * 64.0).clamp(SIDES.min, SIDES.max) as u32
        };
        Sides { ratio: (a, b), width: side(a, b), height: side(b, a) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_keep_the_pixels() {
        let all = sides((1024, 1024)).map(|sides| (sides.width, sides.height));
        assert_eq!(all[..4], [(1024, 1024), (896, 1152), (832, 1280), (768, 1344)]);
        assert!(sides((512, 512)).iter().all(|sides| sides.width * sides.height < 300_000));
    }
}
