//! What other programs call samplers and schedulers, read as it is in images.

use genonaut_sources::picture::samplers;

/// ComfyUI's id.
pub(super) fn sampler(name: &str) -> Option<&'static str> {
    samplers::find(name).map(|(id, _)| id)
}

pub(super) fn scheduler(name: &str) -> Option<&'static str> {
    samplers::find_scheduler(name)
}

/// The schedule that a sampler's name ends with: `DPM++ 2M Karras`.
pub(super) fn schedule_of(sampler: &str) -> Option<&'static str> {
    samplers::find(sampler).and_then(|(_, schedule)| schedule)
}
