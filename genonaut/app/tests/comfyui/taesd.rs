//! The tiny autoencoder, which ComfyUI takes in place of a VAE: 2.4 million numbers instead of 84.

use crate::embedded::fixture::net::{Fill, Net};

const CHANNELS: u64 = 64;

/// For latents of four channels.
pub fn add(net: &mut Net, p: &str) {
    encoder(net, &format!("{p}taesd_encoder."));
    decoder(net, &format!("{p}taesd_decoder."));
    net.add(&format!("{p}vae_scale"), &[], Fill::One);
    net.add(&format!("{p}vae_shift"), &[], Fill::Hole);
}

fn encoder(net: &mut Net, p: &str) {
    net.conv(&format!("{p}0"), CHANNELS, 3, 3);
    block(net, &format!("{p}1"));
    for first in [2, 6, 10] {
        resize(net, &format!("{p}{first}"));
        (1..=3).for_each(|place| block(net, &format!("{p}{}", first + place)));
    }
    net.conv(&format!("{p}14"), 4, CHANNELS, 3);
}

/// What has no numbers has a place too: a clamp at 0, a ReLU at 2, and what doubles the size before each `resize`.
fn decoder(net: &mut Net, p: &str) {
    net.conv(&format!("{p}1"), CHANNELS, 4, 3);
    for first in [3, 8, 13] {
        (0..3).for_each(|place| block(net, &format!("{p}{}", first + place)));
        resize(net, &format!("{p}{}", first + 4));
    }
    block(net, &format!("{p}18"));
    net.conv(&format!("{p}19"), 3, CHANNELS, 3);
}

fn block(net: &mut Net, p: &str) {
    for place in [0, 2, 4] {
        net.conv(&format!("{p}.conv.{place}"), CHANNELS, CHANNELS, 3);
    }
}

fn resize(net: &mut Net, p: &str) {
    net.add(&format!("{p}.weight"), &[CHANNELS, CHANNELS, 3, 3], Fill::Weight);
}
