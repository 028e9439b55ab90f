//! The parts that an adapter has for each module it changes, told by how their names end.

/// What a tensor of an adapter is for. Spellings of several trainers are the same slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Down,
    Up,
    UpBias,
    Mid,
    HadaW1A,
    HadaW1B,
    Hada,
    LokrW1,
    LokrW1A,
    LokrW1B,
    LokrW2,
    LokrW2A,
    LokrW2B,
    LokrT,
    Oft,
    Rescale,
    GloraA1,
    Glora,
    Ia3,
    Lambda,
    Diff,
    DiffBias,
    Norm,
    Set,
    Reshape,
    Dora,
    Alpha,
}

/// The module and the slot that a tensor's name spells; `None` for what is no part of an adapter.
pub fn slot(name: &str) -> Option<(&str, Slot)> {
    let (module, last) = name.rsplit_once('.')?;
    let slot = match last {
        "weight" => return weight(module),
        "bias" => return module.strip_suffix(".lora_B").map(|module| (module, Slot::UpBias)),
        "lora_A" => Slot::Down,
        "lora_B" => Slot::Up,
        "hada_w1_a" => Slot::HadaW1A,
        "hada_w1_b" => Slot::HadaW1B,
        "hada_w2_a" | "hada_w2_b" | "hada_t1" | "hada_t2" => Slot::Hada,
        "lokr_w1" => Slot::LokrW1,
        "lokr_w1_a" => Slot::LokrW1A,
        "lokr_w1_b" => Slot::LokrW1B,
        "lokr_w2" => Slot::LokrW2,
        "lokr_w2_a" => Slot::LokrW2A,
        "lokr_w2_b" => Slot::LokrW2B,
        "lokr_t1" | "lokr_t2" => Slot::LokrT,
        "oft_blocks" | "oft_diag" => Slot::Oft,
        "rescale" => Slot::Rescale,
        "on_input" => Slot::Ia3,
        "lambda_layer" => Slot::Lambda,
        "diff" => Slot::Diff,
        "diff_b" => Slot::DiffBias,
        "w_norm" | "b_norm" => Slot::Norm,
        "set_weight" => Slot::Set,
        "reshape_weight" => Slot::Reshape,
        "dora_scale" | "lora_magnitude_vector" => Slot::Dora,
        "alpha" => Slot::Alpha,
        _ => return numbered(module, last),
    };
    Some((module, slot))
}

/// Names that end in `.weight`.
fn weight(name: &str) -> Option<(&str, Slot)> {
    let (module, last) = name.rsplit_once('.')?;
    let slot = match last {
        "lora_down" | "lora_A" => Slot::Down,
        "lora_up" | "lora_B" => Slot::Up,
        "lora_mid" => Slot::Mid,
        "lora_magnitude_vector" => Slot::Dora,
        "a1" => Slot::GloraA1,
        "a2" | "b1" | "b2" | "bm" => Slot::Glora,
        "down" => return halves(module).map(|module| (module, Slot::Down)),
        "up" => return halves(module).map(|module| (module, Slot::Up)),
        _ => return labelled(module),
    };
    Some((module, slot))
}

/// diffusers and XLabs: `to_q_lora.down`, `to_q.lora.down`, `qkv_lora1.down`.
fn halves(name: &str) -> Option<&str> {
    let plain = ["_lora", ".lora", ".lora_linear_layer"].iter().find_map(|ending| name.strip_suffix(ending));
    plain.or_else(|| name.strip_suffix(|digit: char| digit.is_ascii_digit())?.strip_suffix("_lora"))
}

/// PEFT puts the adapter's label behind the slot: `lora_A.default`.
fn labelled(name: &str) -> Option<(&str, Slot)> {
    let (module, last) = name.rsplit_once('.')?;
    let slot = match last {
        "lora_down" | "lora_A" => Slot::Down,
        "lora_up" | "lora_B" => Slot::Up,
        "lora_magnitude_vector" => Slot::Dora,
        _ => return None,
    };
    Some((module, slot))
}

fn numbered<'a>(name: &'a str, last: &str) -> Option<(&'a str, Slot)> {
    let dora = name.strip_suffix(".lora_magnitude_vector").map(|module| (module, Slot::Dora));
    let is_number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    dora.or_else(|| name.strip_suffix(".oft_blocks").filter(|_| is_number).map(|module| (module, Slot::Oft)))
}
