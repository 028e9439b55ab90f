//! Sky, sun and hills.

use image::{Rgb, RgbImage};

use crate::Request;

/// Numbers that follow from a seed (SplitMix64, Steele et al. 2014): the same on every machine.
pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
}

type Colour = [f64; 3];

struct Hill {
    colour: Colour,
    base: f64,
    waves: [(f64, f64, f64); 4],
}

struct Scene {
    top: Colour,
    bottom: Colour,
    sun: (f64, f64, f64),
    glow: Colour,
    stars: u64,
    hills: Vec<Hill>,
}

/// The picture of a request at a size of `(width, height)` pixels; the same scene at every size.
pub(super) fn draw(request: &Request, (width, height): (u32, u32)) -> RgbImage {
    let scene = Scene::of(request);
    let aspect = f64::from(width) / f64::from(height);
    let ridges: Vec<Vec<f64>> = scene
        .hills
        .iter()
        .map(|hill| (0..width).map(|x| hill.height(f64::from(x) / f64::from(width) * aspect)).collect())
        .collect();
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let hill = ridges.iter().rposition(|ridge| v > ridge[x as usize]);
        let colour = hill.map_or_else(
            || scene.sky(u * aspect, v, aspect),
            |at| shade(scene.hills[at].colour, v - ridges[at][x as usize]),
        );
        Rgb(colour.map(|channel| (channel.clamp(0.0, 1.0) * 255.0) as u8))
    })
}

impl Scene {
    fn of(request: &Request) -> Self {
        let words = [&request.prompt, &request.negative_prompt, &request.checkpoint];
        let words = words.into_iter().chain(request.loras.iter().map(|lora| &lora.path));
        let text = words.flat_map(|text| text.bytes().chain([0])).fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3) // FNV-1a
        });
        let mut mood = Dice::new(text);
        let mut place = Dice::new(request.seed.unsigned_abs() ^ text.rotate_left(17));
        let (hue, warm) = (mood.unit(), mood.between(0.02, 0.12));
        let count = 4 + mood.next() % 3;
        let hill = |at: u64| {
            let depth = (at + 1) as f64 / count as f64;
            Hill {
                colour: hsv(hue + 0.04 * depth, 0.25 + 0.4 * depth, 0.75 - 0.6 * depth),
                base: 0.42 + 0.5 * depth * depth,
                waves: std::array::from_fn(|wave| {
                    let pace = 1.5 + 2.2 * wave as f64;
                    (pace * place.between(0.7, 1.5), place.between(0.0, 6.3), 0.09 / (1.0 + wave as f64))
                }),
            }
        };
        let hills = (0..count).map(hill).collect();
        Self {
            top: hsv(hue, 0.65, mood.between(0.18, 0.75)),
            bottom: hsv(hue + warm + 0.45, 0.35, 0.95),
            sun: (place.between(0.15, 0.85), place.between(0.12, 0.42), place.between(0.04, 0.1)),
            glow: hsv(warm, 0.25, 1.0),
            stars: mood.next(),
            hills,
        }
    }

    fn sky(&self, x: f64, y: f64, aspect: f64) -> Colour {
        let (sun_x, sun_y, radius) = self.sun;
        let far = ((x - sun_x * aspect).powi(2) + (y - sun_y).powi(2)).sqrt();
        let mut colour = mix(self.top, self.bottom, (y * 1.9).min(1.0));
        let star = Dice::new(self.stars ^ ((x * 400.0) as u64) << 20 ^ (y * 400.0) as u64).unit();
        if star > 0.9985 {
            colour = mix(colour, [1.0; 3], (0.5 - y).max(0.0) * 1.6);
        }
        colour = mix(colour, self.glow, (0.05 / (far + 0.05)).powi(2).min(0.8));
        mix(colour, self.glow, ((radius - far) * 120.0).clamp(0.0, 1.0))
    }
}

impl Hill {
    /// Where its ridge is, from 0 (top) to 1.
    fn height(&self, x: f64) -> f64 {
        let swing = |(pace, phase, size): &(f64, f64, f64)| (x * pace * 2.0 + phase).sin() * size;
        self.base - self.waves.iter().map(swing).sum::<f64>()
    }
}

/// Lighter along the ridge.
fn shade(colour: Colour, depth: f64) -> Colour {
    mix(colour.map(|channel| channel * 1.18 + 0.03), colour.map(|channel| channel * 0.72), (depth * 3.0).min(1.0))
}

fn mix(from: Colour, to: Colour, share: f64) -> Colour {
    std::array::from_fn(|at| from[at] + (to[at] - from[at]) * share)
}

fn hsv(hue: f64, saturation: f64, value: f64) -> Colour {
    let channel = |offset: f64| {
        let k = (offset + hue.rem_euclid(1.0) * 6.0) % 6.0;
        value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
    };
    [channel(5.0), channel(3.0), channel(1.0)]
}
