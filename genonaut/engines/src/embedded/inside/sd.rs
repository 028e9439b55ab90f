//! The C interface of stable-diffusion.cpp. All of the engine's `unsafe` is in this file.
#![allow(unsafe_code, reason = "C is called; nothing else in the program is allowed to")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::Write;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use diffusion_rs_sys as sys;
use image::RgbImage;

use super::super::order::{Model, Order};

/// A loaded model.
pub(super) struct Context(NonNull<sys::sd_ctx_t>);

/// Hears of each step, with a small picture of what the image looks like so far.
pub(super) type Tell<'a> = &'a mut dyn FnMut(u32, Option<RgbImage>);

impl Context {
    /// `None` when the library cannot load it; the log says why.
    pub fn load(model: &Model) -> Option<Self> {
        let mut texts = Texts::default();
        // SAFETY: the call writes the whole struct.
        let mut params = unsafe { written(|params| sys::sd_ctx_params_init(params)) };
        params.model_path = texts.maybe(model.whole.as_deref());
        params.diffusion_model_path = texts.maybe(model.diffusion.as_deref());
        params.clip_l_path = texts.maybe(model.clip_l.as_deref());
        params.clip_g_path = texts.maybe(model.clip_g.as_deref());
        params.t5xxl_path = texts.maybe(model.t5.as_deref());
        params.vae_path = texts.maybe(model.vae.as_deref());
        // The other mode spoils the model for the images after the first.
        params.lora_apply_mode = sys::lora_apply_mode_t::LORA_APPLY_AT_RUNTIME;
        // Noise as ComfyUI makes it, so that a seed means the same.
        params.rng_type = sys::rng_type_t::CPU_RNG;
        params.enable_mmap = true;
        if let Some(threads) = model.threads {
            params.n_threads = int(threads);
        }
        if let Some(prediction) = &model.prediction {
            // SAFETY: the text ends with NUL and lives as long as `texts`.
            params.prediction = unsafe { sys::str_to_prediction(texts.add(prediction)) };
        }
        // SAFETY: the struct and its texts live through the call, which copies what it keeps.
        NonNull::new(unsafe { sys::new_sd_ctx(&params) }).map(Self)
    }

    /// `None` when no image came of it; the log says why.
    pub fn make(&mut self, order: &Order, init: Option<&RgbImage>, mut tell: Tell) -> Option<RgbImage> {
        let mut texts = Texts::default();
        let loras: Vec<_> = order.loras.iter().map(|lora| texts.lora(&lora.path, lora.weight)).collect();
        let mut params = texts.image(order);
        params.loras = loras.as_ptr();
        params.lora_count = u32::try_from(loras.len()).ok()?;
        if let (Some(picture), Some(start)) = (init, &order.init) {
            params.init_image = borrowed(picture);
            let planned = planned(order.steps, start.denoise);
            params.sample_params.sample_steps = int(planned);
            params.strength = strength(order.steps, planned);
        }
        let data = ptr::from_mut(&mut tell).cast();
        // SAFETY: `data` points to `tell` for as long as the callback is set, which is until the line after next, and
        // all that `params` points to outlives the call.
        let images = unsafe {
            let projected = sys::preview_t::PREVIEW_PROJ;
            sys::sd_set_preview_callback(Some(seen), projected, 1, true, false, data);
            let images = sys::generate_image(self.0.as_ptr(), &params);
            sys::sd_set_preview_callback(None, sys::preview_t::PREVIEW_NONE, 1, false, false, ptr::null_mut());
            images
        };
        // SAFETY: what is not NULL is one image, as the batch has one, and is given back once it is copied.
        unsafe {
            let image = images.as_ref().and_then(|image| copied(image));
            if !images.is_null() {
                sys::free_sd_images(images, 1);
            }
            image
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: it came from `new_sd_ctx`, and nothing has it any more.
        unsafe { sys::free_sd_ctx(self.0.as_ptr()) }
    }
}

/// Texts for C, at home here for as long as this lives.
#[derive(Default)]
struct Texts(Vec<CString>);

impl Texts {
    /// NUL would end a text early, and says nothing in a prompt.
    fn add(&mut self, text: &str) -> *const c_char {
        let text = CString::new(text.replace('\0', "")).unwrap_or_default();
        // It stays where it is on the heap when the list grows.
        let at = text.as_ptr();
        self.0.push(text);
        at
    }

    fn maybe(&mut self, text: Option<&str>) -> *const c_char {
        text.map_or(ptr::null(), |text| self.add(text))
    }

    fn lora(&mut self, path: &str, weight: f64) -> sys::sd_lora_t {
        sys::sd_lora_t { is_high_noise: false, multiplier: weight as f32, path: self.add(path) }
    }

    fn image(&mut self, order: &Order) -> sys::sd_img_gen_params_t {
        // SAFETY: the call writes the whole struct.
        let mut params = unsafe { written(|params| sys::sd_img_gen_params_init(params)) };
        params.prompt = self.add(&order.prompt);
        params.negative_prompt = self.add(&order.negative_prompt);
        params.width = int(order.width);
        params.height = int(order.height);
        params.seed = order.seed;
        // Below 2 the model's own is taken, which skips a layer for SDXL as everywhere else.
        params.clip_skip = if order.clip_skip > 1 { int(order.clip_skip) } else { -1 };
        let sampling = &mut params.sample_params;
        sampling.sample_steps = int(order.steps);
        sampling.guidance.txt_cfg = order.cfg as f32;
        if let Some(guidance) = order.guidance {
            sampling.guidance.distilled_guidance = guidance as f32;
        }
        // SAFETY: the texts end with NUL and live as long as `self`.
        unsafe {
            sampling.sample_method = sys::str_to_sample_method(self.add(&order.sampler));
            sampling.scheduler = sys::str_to_scheduler(self.add(&order.scheduler));
        }
        params
    }
}

/// A struct that C fills in.
///
/// # Safety
/// `write` has to write all of it.
unsafe fn written<T>(write: impl FnOnce(*mut T)) -> T {
    let mut room = MaybeUninit::uninit();
    write(room.as_mut_ptr());
    // SAFETY: the caller says that all of it was written.
    unsafe { room.assume_init() }
}

fn int(number: u32) -> c_int {
    c_int::try_from(number).unwrap_or(c_int::MAX)
}

/// Of how many steps the last `steps` are made when a picture is to be kept in part. As ComfyUI counts them.
fn planned(steps: u32, denoise: f64) -> u32 {
    ((f64::from(steps) / denoise) as u32).max(steps)
}

/// What has the library make exactly the last `steps` of those: it makes `floor(planned * strength) + 1`.
fn strength(steps: u32, planned: u32) -> f32 {
    (steps as f32 - 0.5) / planned as f32
}

/// For reading only, and no longer than the picture lives.
fn borrowed(picture: &RgbImage) -> sys::sd_image_t {
    let (width, height) = picture.dimensions();
    sys::sd_image_t { width, height, channel: 3, data: picture.as_ptr().cast_mut() }
}

/// # Safety
/// The image's data has to be as long as it says.
unsafe fn copied(image: &sys::sd_image_t) -> Option<RgbImage> {
    if image.data.is_null() || image.channel != 3 {
        return None;
    }
    let length = image.width as usize * image.height as usize * 3;
    // SAFETY: it is not NULL, and the caller says that it is as long.
    let pixels = unsafe { std::slice::from_raw_parts(image.data, length) };
    RgbImage::from_raw(image.width, image.height, pixels.to_vec())
}

/// Samplers of two evaluations a step count the second one as minus the step.
unsafe extern "C" fn seen(step: c_int, frames: c_int, images: *mut sys::sd_image_t, _: bool, data: *mut c_void) {
    // SAFETY: this is what `make` has set, and the library calls back from the thread that is in `generate_image`.
    let tell = unsafe { &mut *data.cast::<Tell>() };
    // SAFETY: there are so many images, whole for as long as this call.
    let seen = (frames > 0).then(|| unsafe { images.as_ref().and_then(|image| copied(image)) }).flatten();
    if step != 0 {
        tell(step.unsigned_abs(), seen);
    }
}

/// What was said since the last time: warnings and errors.
static LOG: Mutex<Vec<Line>> = Mutex::new(Vec::new());

struct Line {
    is_error: bool,
    text: String,
}

/// Lines that one order may leave; the last one is always among them.
const MOST_LINES: usize = 50;

pub(super) fn keep_log() {
    // SAFETY: `logged` is there as long as the program.
    unsafe {
        sys::sd_set_log_callback(Some(logged), ptr::null_mut());
        sys::sd_set_progress_callback(Some(ignored), ptr::null_mut());
    }
}

/// The errors, or where there are none the warnings.
pub(super) fn take_log() -> Vec<String> {
    let mut lines = LOG.lock().map(|mut lines| std::mem::take(&mut *lines)).unwrap_or_default();
    if lines.iter().any(|line| line.is_error) {
        lines.retain(|line| line.is_error);
    }
    lines.into_iter().map(|line| line.text).collect()
}

unsafe extern "C" fn logged(level: sys::sd_log_level_t, text: *const c_char, _: *mut c_void) {
    if !matches!(level, sys::sd_log_level_t::SD_LOG_WARN | sys::sd_log_level_t::SD_LOG_ERROR) || text.is_null() {
        return;
    }
    // SAFETY: the library gives a text that ends with NUL.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().trim_end().to_owned();
    // An abort leaves no time to ask for the log; what is on stderr is heard all the same.
    drop(writeln!(std::io::stderr(), "{text}"));
    if let Ok(mut lines) = LOG.lock() {
        lines.truncate(MOST_LINES - 1);
        lines.push(Line { is_error: level == sys::sd_log_level_t::SD_LOG_ERROR, text });
    }
}

/// It also counts tensors and tiles, and draws bars unless it is told somewhere.
unsafe extern "C" fn ignored(_: c_int, _: c_int, _: f32, _: *mut c_void) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::names;

    #[test]
    fn a_picture_that_is_kept_in_part_takes_as_many_steps_as_were_asked_for() {
        for steps in 1..=150 {
            for denoise in [0.01, 0.1, 0.3, 1.0 / 3.0, 0.5, 0.75, 0.9, 0.99, 1.0] {
                let planned = planned(steps, denoise);
                let made = (planned as f32 * strength(steps, planned)) as u32 + 1;
                assert_eq!((made, planned >= steps), (steps, true), "{steps} at {denoise}");
            }
        }
    }

    #[test]
    fn the_library_knows_every_sampler_and_scheduler_that_is_offered() {
        let mut texts = Texts::default();
        let [samplers, schedulers] = names::all();
        for name in samplers {
            // SAFETY: the text ends with NUL and lives as long as `texts`.
            let known = unsafe { sys::str_to_sample_method(texts.add(name)) };
            assert_ne!(known as u32, sys::sample_method_t::SAMPLE_METHOD_COUNT as u32, "{name}");
        }
        for name in schedulers {
            // SAFETY: as above.
            let known = unsafe { sys::str_to_scheduler(texts.add(name)) };
            assert_ne!(known as u32, sys::scheduler_t::SCHEDULER_COUNT as u32, "{name}");
        }
    }
}
