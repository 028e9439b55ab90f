//! The demo engine: draws a landscape that follows from the seed and the words alone, in as much time as it is
//! told to take. It needs no model file, and makes nothing that a model would; it is for tests and a first look.

mod landscape;

use std::io::Cursor;
use std::time::Duration;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbImage, imageops};

use crate::{Failure, Kind, Picture, Progress, Request};

/// Pixels of a preview's longer side.
const PREVIEW: u32 = 160;

/// A word in the prompt that makes it fail at the third step, so that a failure can be looked at.
pub const FAILS: &str = "demo:out-of-memory";
/// What people call it, unless they have given it a name.
pub const NAME: &str = "demo engine";

#[derive(Debug, Clone)]
pub struct Scripted {
    /// What one step takes.
    pub step: Duration,
}

impl Scripted {
    pub(crate) async fn make(&self, request: &Request, mut progress: impl FnMut(Progress)) -> Result<Picture, Failure> {
        let (width, height) = (request.width.max(8), request.height.max(8));
        let small = landscape::draw(request, scaled(width, height, PREVIEW));
        for step in 1..=request.steps {
            tokio::time::sleep(self.step).await;
            if step == 3 && request.prompt.contains(FAILS) {
                return Err(out_of_memory(request));
            }
            let preview = step.is_multiple_of(2).then(|| preview(&small, step, request));
            progress(Progress { step, steps: request.steps, preview });
        }
        let drawn = request.clone();
        let whole = tokio::task::spawn_blocking(move || landscape::draw(&drawn, (width, height))).await;
        let whole = whole.map_err(|error| broken(&error))?;
        Ok(Picture { png: encode(whole).map_err(|error| broken(&error))?, width, height })
    }
}

fn out_of_memory(request: &Request) -> Failure {
    let hint = format!(
        "Stopped at step 3. Try a smaller size than {}×{}, one image at a time, or fewer LoRAs.",
        request.width, request.height
    );
    Failure::new(Kind::OutOfMemory, "Not enough GPU memory", hint)
}

fn broken(error: &dyn std::error::Error) -> Failure {
    Failure::new(Kind::Unable, "The demo engine failed", error.to_string())
}

fn scaled(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let most = width.max(height).max(1);
    ((width * longest / most).max(1), (height * longest / most).max(1))
}

fn encode(picture: RgbImage) -> image::ImageResult<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// The picture through less and less noise.
fn preview(small: &RgbImage, step: u32, request: &Request) -> Vec<u8> {
    let done = step as f32 / request.steps.max(1) as f32;
    let mut noise = landscape::Dice::new(u64::from(step) << 32 | request.seed.unsigned_abs() & 0xffff_ffff);
    let mut picture = imageops::blur(small, (1.0 - done) * 6.0 + 0.1);
    let strength = 0.85 * (1.0 - done).powf(1.6);
    for pixel in picture.pixels_mut() {
        for channel in &mut pixel.0 {
            let grain = (noise.unit() * 255.0) as f32;
            *channel = (f32::from(*channel) * (1.0 - strength) + grain * strength) as u8;
        }
    }
    let mut jpeg = Vec::new();
    // A preview that cannot be written is one that is not shown.
    if JpegEncoder::new_with_quality(&mut jpeg, 70).encode_image(&picture).is_err() {
        jpeg.clear();
    }
    jpeg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(seed: i64, prompt: &str) -> Request {
        Request { seed, prompt: prompt.to_owned(), width: 64, height: 48, steps: 4, ..Request::default() }
    }

    async fn make(request: &Request) -> Result<(Picture, Vec<Progress>), Failure> {
        let mut told = Vec::new();
        let picture = Scripted { step: Duration::ZERO }.make(request, |progress| told.push(progress)).await?;
        Ok((picture, told))
    }

    #[tokio::test]
    async fn seed_and_prompt_decide_the_picture() -> Result<(), Failure> {
        let (first, told) = make(&request(1, "dunes")).await?;
        assert_eq!(first, make(&request(1, "dunes")).await?.0);
        assert_ne!(first.png, make(&request(2, "dunes")).await?.0.png);
        assert_ne!(first.png, make(&request(1, "sea")).await?.0.png);
        assert_eq!(told.iter().map(|progress| progress.step).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert!(told[3].preview.as_ref().is_some_and(|preview| preview.starts_with(b"\xff\xd8")));
        let read = image::load_from_memory(&first.png).map_err(|error| broken(&error))?;
        assert_eq!((read.width(), read.height()), (64, 48));
        Ok(())
    }

    #[tokio::test]
    async fn it_fails_when_it_is_asked_to() {
        let failure = make(&request(1, &format!("a cat, {FAILS}"))).await.map(drop);
        assert_eq!(failure.map_err(|failure| failure.title), Err("Not enough GPU memory".to_owned()));
    }
}
