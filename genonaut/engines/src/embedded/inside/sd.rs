//! The C interface of stable-diffusion.cpp. All of the engine's `unsafe` is in this module.
#![allow(unsafe_code, reason = "C is called; nothing else in the program is allowed to")]

mod log;
mod params;

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use diffusion_rs_sys as sys;
use image::RgbImage;

use super::super::order::{Model, Order};
pub(super) use log::{keep as keep_log, take as take_log};
use params::{Texts, int, planned, strength};

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
