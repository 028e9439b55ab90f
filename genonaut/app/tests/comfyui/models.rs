//! The smallest files that ComfyUI takes for a checkpoint of Stable Diffusion 1 and a LoRA: 400 MB of which some 30 are on
//! the disk, and numbers by chance in them.

use std::path::Path;

use crate::embedded::fixture::file::write;
use crate::embedded::fixture::net::Net;
use crate::embedded::fixture::parts;
use crate::embedded::fixture::unet::{self, Shape};
use crate::taesd;

/// ComfyUI knows the architecture by the width, and the catalogue by the second level.
const UNET: Shape = Shape { channels: 320, wider: &[1, 1] };
const INSIDE: &str = "model.diffusion_model.";

pub fn make(checkpoint: &Path, lora: &Path) {
    let net = net();
    write(checkpoint, &net, 9);
    write(lora, &net.lora(INSIDE, unet::kohya, "attn2."), 10);
}

fn net() -> Net {
    let mut net = Net::default();
    UNET.add(&mut net, INSIDE);
    // One block that looks at the prompt is enough; the others let through what comes.
    net.hollow(&format!("{INSIDE}input_blocks"), &["blocks.0.", "blocks.3.", "blocks.4."]);
    net.hollow(&format!("{INSIDE}middle_block"), &[]);
    net.hollow(&format!("{INSIDE}output_blocks"), &["skip_connection", ".2.conv."]);
    taesd::add(&mut net, "first_stage_model.");
    parts::clip(&mut net, "cond_stage_model.transformer.text_model.");
    net
}
