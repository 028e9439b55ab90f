//! Whether the engine can make an image, before anything is started: in C++ much of what is refused here would be a
//! crash, and some of it an image that looks right and is not.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::model::Found;
use super::order::{Order, Packed, Start};
use super::{lora, names};
use crate::{Failure, Field, Init, Kind, Request};

/// Reads the headers of all files, and puts together what the process is asked for.
pub(super) fn order(request: &Request, threads: Option<u32>) -> Result<Order, Failure> {
    numbers(request)?;
    let (sampler, scheduler) = (names::sampler(&request.sampler)?, names::scheduler(&request.scheduler)?);
    let found = Found::look(request, threads)?;
    size(request, found.multiple())?;
    let loras = request.loras.iter().filter_map(|file| lora::check(file, found.architecture()).transpose());
    Ok(Order {
        loras: loras.collect::<Result<_, _>>()?,
        prompt: request.prompt.clone(),
        negative_prompt: request.negative_prompt.clone(),
        width: request.width,
        height: request.height,
        steps: request.steps,
        cfg: request.cfg,
        guidance: request.guidance,
        sampler: sampler.to_owned(),
        scheduler: scheduler.to_owned(),
        seed: request.seed,
        clip_skip: request.clip_skip,
        init: request.init.as_ref().map(|init| start(init, request)).transpose()?,
        model: found.model,
    })
}

fn numbers(request: &Request) -> Result<(), Failure> {
    let refused = |field, title: &str, hint: &str| Err(Failure::new(Kind::Refused, title, hint).at(field));
    match request {
        _ if request.width == 0 || request.height == 0 => {
            refused(Field::Size, "The image has no pixels", "Set a width and a height.")
        }
        _ if request.width > LONGEST || request.height > LONGEST => {
            refused(Field::Size, "The image is too large", "Choose a smaller size, and upscale it afterwards.")
        }
        _ if request.steps == 0 => refused(Field::Steps, "Steps are 0", "Set the steps to 1 or more."),
        _ if !request.cfg.is_finite() => refused(Field::Cfg, "The CFG scale is not a number", "Set it to 7."),
        _ if request.clip_skip > LAYERS => {
            refused(Field::ClipSkip, "CLIP skip is too large", "Set CLIP skip to 12 or less.")
        }
        _ if request.seed < 0 => refused(Field::Seed, "The seed is negative", "Set it to 0 or more."),
        _ => Ok(()),
    }
}

/// Of CLIP-L, the smallest text encoder.
const LAYERS: u32 = 12;

/// Pixels of a side, far beyond what any model makes.
const LONGEST: u32 = 16_384;

/// The library would round up and say nothing.
fn size(request: &Request, multiple: u32) -> Result<(), Failure> {
    let (width, height) = (request.width, request.height);
    if width.is_multiple_of(multiple) && height.is_multiple_of(multiple) {
        return Ok(());
    }
    let near = |side: u32| ((side + multiple / 2) / multiple).max(1) * multiple;
    let title = format!("{width}×{height} is not supported by the built-in engine");
    let hint = format!("Sizes must be multiples of {multiple}. The nearest size is {}×{}.", near(width), near(height));
    Err(Failure::new(Kind::Unable, title, hint).at(Field::Size))
}

fn start(init: &Init, request: &Request) -> Result<Start, Failure> {
    let picture = image::load_from_memory(&init.picture).map_err(|error| {
        let hint = format!("{error}. Choose a PNG, JPEG or WebP.");
        Failure::new(Kind::Refused, "The initial image cannot be read", hint).at(Field::Init)
    })?;
    if !(init.denoise > 0.0 && init.denoise <= 1.0) {
        let hint = "Set the denoising strength above 0 and up to 1.";
        return Err(Failure::new(Kind::Refused, "The denoising strength is out of range", hint).at(Field::Init));
    }
    // As ComfyUI's graph does it: to the size of the image, cut at the sides that are too long.
    let fitting = picture.resize_to_fill(request.width, request.height, FilterType::Lanczos3).into_rgb8();
    Ok(Start { png: Packed(png(fitting)?), denoise: init.denoise })
}

fn png(picture: RgbImage) -> Result<Vec<u8>, Failure> {
    let mut png = Cursor::new(Vec::new());
    let written = DynamicImage::ImageRgb8(picture).write_to(&mut png, ImageFormat::Png);
    let failed =
        |error: image::ImageError| Failure::new(Kind::Unable, "The image cannot be encoded", error.to_string());
    written.map_err(failed).map(|()| png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(request: &Request) -> Option<Field> {
        numbers(request).and_then(|()| size(request, 64)).err().and_then(|failure| failure.field)
    }

    #[test]
    fn what_would_crash_is_refused_at_its_field() {
        let good = Request { width: 64, height: 128, steps: 1, ..Request::default() };
        assert_eq!(at(&good), None);
        for (request, field) in [
            (Request { width: 0, ..good.clone() }, Field::Size),
            (Request { height: 0, ..good.clone() }, Field::Size),
            (Request { height: 1 << 20, ..good.clone() }, Field::Size),
            (Request { steps: 0, ..good.clone() }, Field::Steps),
            (Request { cfg: f64::NAN, ..good.clone() }, Field::Cfg),
            (Request { seed: -1, ..good.clone() }, Field::Seed),
            (Request { clip_skip: 13, ..good.clone() }, Field::ClipSkip),
        ] {
            assert_eq!(at(&request), Some(field));
        }
    }

    #[test]
    fn a_size_that_it_would_round_is_refused_with_the_nearest() {
        let failure = size(&Request { width: 840, height: 8, ..Request::default() }, 64).unwrap_err();
        assert_eq!(failure.hint, "Sizes must be multiples of 64. The nearest size is 832×64.");
        assert_eq!(size(&Request { width: 816, height: 16, ..Request::default() }, 16), Ok(()));
    }

    #[test]
    fn a_picture_to_start_from_comes_at_the_size_of_the_image() {
        let request = Request { width: 64, height: 128, ..Request::default() };
        let init = |picture, denoise| Init { picture, denoise };
        let picture = png(RgbImage::new(100, 30)).unwrap();
        let started = start(&init(picture.clone(), 0.5), &request).unwrap();
        let read = image::load_from_memory(&started.png.0).unwrap();
        assert_eq!((read.width(), read.height(), started.denoise), (64, 128, 0.5));
        for bad in [init(b"\x89PNG of a cat".to_vec(), 0.5), init(picture, 0.0)] {
            assert_eq!(start(&bad, &request).unwrap_err().field, Some(Field::Init));
        }
    }
}
