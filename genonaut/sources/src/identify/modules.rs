//! The modules that an adapter changes, under names that no longer show which trainer wrote them.

use std::collections::HashMap;

use super::slots::{Slot, slot};
use crate::header::Header;

/// One changed module; widths are known where shapes are.
#[derive(Debug)]
pub struct Module {
    /// `unet`, or which text encoder: `te`, `te1`, `te2`, `te3`.
    pub target: &'static str,
    /// Without prefixes, with underscores for dots: `down_blocks_0_attn2_to_k`.
    pub path: String,
    pub input: Option<u64>,
    pub output: Option<u64>,
    pub rank: Option<u64>,
    /// `other` where the parts that are there do not say.
    pub method: &'static str,
    pub is_convolution: bool,
    pub has_dora: bool,
}

/// All modules in the order of the file, and how many tensors are parts of some.
pub fn modules(header: &Header) -> (Vec<Module>, usize) {
    let mut parts: Vec<(&str, Parts)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut hits = 0;
    for tensor in &header.tensors {
        let Some((name, slot)) = slot(&tensor.name) else { continue };
        hits += 1;
        let place = *places.entry(name).or_insert_with(|| {
            parts.push((name, Parts::default()));
            parts.len() - 1
        });
        parts[place].1.0.push((slot, tensor.shape.as_deref().unwrap_or_default()));
    }
    (parts.into_iter().map(|(name, parts)| module(name, &parts)).collect(), hits)
}

/// The slots of a module, with their shapes; an unknown shape is empty.
#[derive(Default)]
struct Parts<'a>(Vec<(Slot, &'a [u64])>);

impl Parts<'_> {
    fn has(&self, slots: &[Slot]) -> bool {
        self.0.iter().any(|(slot, _)| slots.contains(slot))
    }

    fn axis(&self, slot: Slot, axis: usize) -> Option<u64> {
        let (_, shape) = self.0.iter().find(|(found, _)| *found == slot)?;
        shape.get(axis).copied()
    }

    fn method(&self) -> &'static str {
        use Slot::*;
        let methods: [(&str, &[Slot]); 7] = [
            ("lora", &[Down, Up]),
            ("loha", &[HadaW1A]),
            ("lokr", &[LokrW1, LokrW1A, LokrW1B, LokrW2, LokrW2A, LokrW2B, LokrT]),
            ("oft", &[Oft]),
            ("glora", &[GloraA1]),
            ("ia3", &[Ia3]),
            ("full", &[Diff, DiffBias, Norm, Set]),
        ];
        methods.iter().find(|(_, slots)| self.has(slots)).map_or("other", |(method, _)| method)
    }

    /// Input width, output width, rank.
    fn widths(&self, method: &str) -> [Option<u64>; 3] {
        use Slot::*;
        match method {
            "lora" => [self.axis(Down, 1), self.axis(Up, 0), self.axis(Down, 0)],
            "loha" => [self.axis(HadaW1B, 1), self.axis(HadaW1A, 0), self.axis(HadaW1A, 1)],
            "lokr" => self.lokr(),
            "full" => [self.axis(Diff, 1), self.axis(Diff, 1).and(self.axis(Diff, 0)), None],
            _ => [None; 3],
        }
    }

    /// A Kronecker product's widths are the products of its factors' widths.
    fn lokr(&self) -> [Option<u64>; 3] {
        use Slot::*;
        let factor = |whole, first, second, axis| {
            let split = if axis == 0 { self.axis(first, 0) } else { self.axis(second, 1) };
            self.axis(whole, axis).or(split)
        };
        let width = |axis| {
            let left: u64 = factor(LokrW1, LokrW1A, LokrW1B, axis)?;
            left.checked_mul(factor(LokrW2, LokrW2A, LokrW2B, axis)?)
        };
        [width(1), width(0), self.axis(LokrW2B, 0).or(self.axis(LokrW1B, 0))]
    }

    fn is_convolution(&self) -> bool {
        let down = self.0.iter().find(|(slot, _)| *slot == Slot::Down).map_or(&[][..], |(_, shape)| shape);
        down.len() == 4 && down[2..].iter().any(|kernel| *kernel > 1)
    }
}

fn module(name: &str, parts: &Parts) -> Module {
    let method = parts.method();
    let [input, output, rank] = parts.widths(method);
    let (target, path) = path(name);
    let (is_convolution, has_dora) = (parts.is_convolution(), parts.has(&[Slot::Dora]));
    Module { target, path, input, output, rank, method, is_convolution, has_dora }
}

const TEXT_ENCODERS: [(&str, &[&str]); 4] = [
    ("te1", &["lora_te1_", "te1.", "text_encoder.", "lora_te_1_", "text_encoders.clip_l."]),
    ("te2", &["lora_te2_", "te2.", "text_encoder_2.", "text_encoders.clip_g."]),
    ("te3", &["lora_te3_", "text_encoder_3.", "text_encoders.t5xxl."]),
    ("te", &["lora_te_", "lora_prior_te_", "text_encoders.", "lycoris_text_model_", "text_model.", "text_model_"]),
];

const PREFIXES: [&str; 13] = [
    "base_model.model.",
    "model.diffusion_model.",
    "diffusion_model.",
    "unet.",
    "transformer.",
    "net.",
    "lora_unet__",
    "lora_unet_",
    "lora_transformer_",
    "lora_prior_unet_",
    "lycoris_unet_",
    "lycoris_",
    "oft_unet_",
];

/// What a module belongs to, and its path there.
fn path(name: &str) -> (&'static str, String) {
    for (target, prefixes) in TEXT_ENCODERS {
        if let Some(rest) = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)) {
            return (target, flat(rest));
        }
    }
    let mut rest = name;
    while let Some(shorter) = without_prefix(rest) {
        rest = shorter;
    }
    ("unet", flat(rest))
}

fn without_prefix(name: &str) -> Option<&str> {
    let known = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
    let starts = ["layers", "blocks", "double", "single"];
    known.or_else(|| name.strip_prefix("model.").filter(|rest| starts.iter().any(|start| rest.starts_with(start))))
}

/// One spelling for all: attention processors are passed over, except XLabs' of the first block, which is how it is
/// recognised.
fn flat(path: &str) -> String {
    let keeps_processor = path.contains("_blocks.0.processor") && !path.contains("attn");
    let path = if keeps_processor { path.to_owned() } else { path.replace(".processor", "") };
    path.replace('.', "_").trim_end_matches('_').to_owned()
}
