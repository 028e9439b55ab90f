//! What the engine's process does: takes orders from stdin, one JSON line each, tells of them on stdout, and keeps the
//! last model loaded. It ends when nobody is there to give orders, in the middle of an image too.

mod sd;
mod speaking;

use std::io::{self, BufRead};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbImage};

use super::order::{Event, Model, Order, Packed, Stage, Start};
use sd::Context;
use speaking::Voice;

/// Carries out orders until none came for so long.
///
/// # Errors
/// When stdin or stdout cannot be used.
pub fn serve(idle: Duration) -> io::Result<()> {
    let mut voice = Voice::new()?;
    sd::keep_log();
    let lines = listen();
    let mut held = None;
    while let Ok(line) = lines.recv_timeout(idle) {
        let event = match serde_json::from_str(&line) {
            Ok(order) => {
                voice.say(&Event::Taken)?;
                carry_out(&order, &mut held, &mut voice)
            }
            Err(error) => Event::Failed { stage: Stage::Reading, said: vec![error.to_string()] },
        };
        voice.say(&event)?;
    }
    Ok(())
}

/// Reads beside the work: the end of stdin is the end of whoever wanted an image.
fn listen() -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            // Nobody takes it when the process is about to end.
            drop(sender.send(line));
        }
        speaking::end();
    });
    lines
}

fn carry_out(order: &Order, held: &mut Option<(Model, Context)>, voice: &mut Voice) -> Event {
    drop(sd::take_log());
    let failed = |stage| Event::Failed { stage, said: sd::take_log() };
    if held.as_ref().is_none_or(|(model, _)| *model != order.model) {
        // The old one goes first: there may not be memory for two.
        held.take();
        *held = Context::load(&order.model).map(|context| (order.model.clone(), context));
    }
    let Some((_, context)) = held else { return failed(Stage::Loading) };
    let init = match order.init.as_ref().map(picture).transpose() {
        Ok(init) => init,
        Err(error) => return Event::Failed { stage: Stage::Reading, said: vec![error.to_string()] },
    };
    let mut tell = |step, seen: Option<RgbImage>| {
        let preview = seen.and_then(|seen| jpeg(&seen)).map(Packed);
        // Whoever does not listen any more has also closed stdin.
        drop(voice.say(&Event::Step { step, preview }));
    };
    match context.make(order, init.as_ref(), &mut tell).map(made) {
        Some(Ok(event)) => event,
        Some(Err(error)) => Event::Failed { stage: Stage::Making, said: vec![error.to_string()] },
        None => {
            // Nobody knows what state it is in.
            *held = None;
            failed(Stage::Making)
        }
    }
}

fn picture(Start { png, .. }: &Start) -> image::ImageResult<RgbImage> {
    image::load_from_memory(&png.0).map(DynamicImage::into_rgb8)
}

fn made(image: RgbImage) -> image::ImageResult<Event> {
    let (width, height) = image.dimensions();
    let mut png = io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut png, ImageFormat::Png)?;
    Ok(Event::Made { png: Packed(png.into_inner()), width, height })
}

/// A preview that cannot be packed is one that is not shown.
fn jpeg(seen: &RgbImage) -> Option<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 80).encode_image(seen).ok().map(|()| jpeg)
}
