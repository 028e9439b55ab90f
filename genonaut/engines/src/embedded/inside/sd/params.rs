//! Orders in the structs that C takes.

use std::ffi::{CString, c_char, c_int};
use std::ptr;

use diffusion_rs_sys as sys;

use super::super::super::order::Order;
use super::written;

/// Texts for C, at home here for as long as this lives.
#[derive(Default)]
pub(super) struct Texts(Vec<CString>);

impl Texts {
    /// NUL would end a text early, and says nothing in a prompt.
    pub fn add(&mut self, text: &str) -> *const c_char {
        let text = CString::new(text.replace('\0', "")).unwrap_or_default();
        // It stays where it is on the heap when the list grows.
        let at = text.as_ptr();
        self.0.push(text);
        at
    }

    pub fn maybe(&mut self, text: Option<&str>) -> *const c_char {
        text.map_or(ptr::null(), |text| self.add(text))
    }

    pub fn lora(&mut self, path: &str, weight: f64) -> sys::sd_lora_t {
        sys::sd_lora_t { is_high_noise: false, multiplier: weight as f32, path: self.add(path) }
    }

    pub fn image(&mut self, order: &Order) -> sys::sd_img_gen_params_t {
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

pub(super) fn int(number: u32) -> c_int {
    c_int::try_from(number).unwrap_or(c_int::MAX)
}

/// Of how many steps the last `steps` are made when a picture is to be kept in part. As ComfyUI counts them, but for an end:
/// beyond that nothing is changed any more.
pub(super) fn planned(steps: u32, denoise: f64) -> u32 {
    ((f64::from(steps) / denoise) as u32).clamp(steps, steps.max(MOST_PLANNED))
}

const MOST_PLANNED: u32 = 20_000;

/// What has the library make exactly the last `steps` of those: it makes `floor(planned * strength) + 1`.
pub(super) fn strength(steps: u32, planned: u32) -> f32 {
    (steps as f32 - 0.5) / planned as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::names;

    #[test]
    fn a_picture_that_is_kept_in_part_takes_as_many_steps_as_were_asked_for() {
        for steps in 1..=150 {
            for denoise in [1e-9, 0.01, 0.1, 0.3, 1.0 / 3.0, 0.5, 0.75, 0.9, 0.99, 1.0] {
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
