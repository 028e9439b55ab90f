//! What the library says beside the image.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::io::Write;
use std::ptr;
use std::sync::Mutex;

use diffusion_rs_sys as sys;

/// What was said since the last time: warnings and errors.
static LOG: Mutex<Vec<Line>> = Mutex::new(Vec::new());

struct Line {
    is_error: bool,
    text: String,
}

/// Lines that one order may leave; the last one is always among them.
const MOST_LINES: usize = 50;

pub(in super::super) fn keep() {
    // SAFETY: `logged` is there as long as the program.
    unsafe {
        sys::sd_set_log_callback(Some(logged), ptr::null_mut());
        sys::sd_set_progress_callback(Some(ignored), ptr::null_mut());
    }
}

/// The errors, or where there are none the warnings.
pub(in super::super) fn take() -> Vec<String> {
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
