//! Networks that a prompt names: `<lora:name:0.8>` and its kin, as A1111, Forge, SD.Next, SwarmUI and ComfyUI's LoRA
//! Manager write them.

mod removal;

use std::ops::Range;

pub use removal::without_all;

/// One tag, and where it stands in the prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Bytes of the prompt.
    pub range: Range<usize>,
    /// Bytes of the prompt that hold the name.
    pub name_range: Range<usize>,
    pub kind: Kind,
    pub name: String,
    /// What of its weights cannot be used as written; each kind once.
    pub issues: Vec<WeightIssue>,
    /// Numbers in their order, then those with a name: `te`, `unet`.
    bare: Vec<f64>,
    text_encoder: Option<f64>,
    model: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `lora`, and `lyco`, which programs have long read as the same.
    Lora,
    Hypernet,
}

/// What two numbers without names mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// A1111, Forge and SD.Next: the text encoder's weight, then the model's.
    #[default]
    TextEncoderFirst,
    /// SwarmUI and LoRA Manager: the model's weight, then the text encoder's.
    ModelFirst,
}

/// Why a tag's weight is not what the image gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WeightIssue {
    /// It changes over the steps (`0@0,0.8@0.5`); its largest value counts for all of them.
    Steps,
    /// Some layers have a weight of their own (`lbw=`, `in=`); the one weight counts for all of them.
    Blocks,
    /// This text is no number.
    NotANumber(String),
}

/// Every tag of a prompt, in its order.
pub fn find(prompt: &str) -> Vec<Tag> {
    iter(prompt).collect()
}

/// The same, one at a time: a text of megabytes may be nothing but tags.
pub fn iter(prompt: &str) -> impl Iterator<Item = Tag> {
    let mut at = 0;
    let brackets = std::iter::from_fn(move || {
        let start = at + prompt[at..].find('<')?;
        let end = start + prompt[start..].find('>')? + 1;
        at = end;
        // Of `<a <lora:x:1>` the second bracket is the tag's.
        Some(prompt[..end].rfind('<').unwrap_or(start)..end)
    });
    brackets.filter_map(|range| read(prompt, range))
}

impl Tag {
    /// Weights of the model and of the text encoder; the second only where it is another.
    pub fn weights(&self, order: Order) -> (Option<f64>, Option<f64>) {
        let (first, second) = (self.bare.first().copied(), self.bare.get(1).copied());
        let (model, text_encoder) = match order {
            Order::TextEncoderFirst => (second.or(first), first),
            Order::ModelFirst => (first, second.or(first)),
        };
        let text_encoder = self.text_encoder.or(text_encoder);
        let model = self.model.or(model).or(text_encoder);
        (model, text_encoder.filter(|clip| model != Some(*clip)))
    }

    /// Programs disagree about what its numbers mean.
    pub fn is_ambiguous(&self) -> bool {
        self.weights(Order::TextEncoderFirst) != self.weights(Order::ModelFirst)
    }

    fn take(&mut self, part: &str) {
        let (name, value) = part.split_once('=').map_or((None, part), |(name, value)| (Some(name.trim()), value));
        match name {
            Some("te") => self.text_encoder = self.weight(value),
            Some("unet") => self.model = self.weight(value),
            // A rank: nothing that a LoRA has here.
            Some("dyn" | "module") => {}
            Some(_) => self.report(WeightIssue::Blocks),
            // The third number is a rank, too.
            None if self.bare.len() == 2 => {}
            None => {
                let weight = self.weight(value);
                self.bare.extend(weight);
            }
        }
    }

    fn weight(&mut self, text: &str) -> Option<f64> {
        let weight = read_weight(text);
        match weight {
            Some(Weight { changes: true, .. }) => self.report(WeightIssue::Steps),
            None if !text.trim().is_empty() => self.report(WeightIssue::NotANumber(text.trim().to_owned())),
            _ => {}
        }
        weight.map(|weight| weight.value)
    }

    fn report(&mut self, issue: WeightIssue) {
        if !self.issues.contains(&issue) {
            self.issues.push(issue);
        }
    }
}

/// A weight as people and programs write it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weight {
    pub value: f64,
    /// Over the steps; `value` is the one that is largest without its sign.
    pub changes: bool,
}

/// `0.8`, `0,8`, and `0@0,0.5@0.5` for one that changes over the steps (loractl, SD.Next). `None` for anything else.
pub fn read_weight(text: &str) -> Option<Weight> {
    let text = text.trim();
    let single = number(text).or_else(|| text.split_once(',').and_then(|(whole, rest)| decimal_comma(whole, rest)));
    if let Some(value) = single {
        return Some(Weight { value, changes: false });
    }
    let weights: Option<Vec<f64>> = text.split([',', ';']).map(|point| number(point.split('@').next()?)).collect();
    let value = weights?.into_iter().reduce(|most, weight| if weight.abs() > most.abs() { weight } else { most })?;
    Some(Weight { value, changes: true })
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn decimal_comma(whole: &str, rest: &str) -> Option<f64> {
    let digits = !rest.is_empty() && rest.bytes().all(|digit| digit.is_ascii_digit());
    digits.then(|| number(&format!("{whole}.{rest}"))).flatten()
}

/// What stands between the brackets at this place.
fn read(prompt: &str, range: Range<usize>) -> Option<Tag> {
    let inside = &prompt[range.start + 1..range.end - 1];
    let (kind, rest) = inside.split_once(':')?;
    let name_start = range.start + 1 + kind.len() + 1;
    let kind = match kind.trim().to_ascii_lowercase().as_str() {
        "lora" | "lyco" => Kind::Lora,
        "hypernet" => Kind::Hypernet,
        _ => return None,
    };
    let mut parts = rest.split(':');
    let name = parts.next().filter(|name| !name.trim().is_empty())?;
    let mut tag = Tag {
        range,
        name_range: name_start..name_start + name.len(),
        kind,
        name: name.trim().to_owned(),
        issues: Vec::new(),
        bare: Vec::new(),
        text_encoder: None,
        model: None,
    };
    parts.for_each(|part| tag.take(part.trim()));
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(prompt: &str) -> Tag {
        let mut tags = find(prompt);
        assert_eq!(tags.len(), 1, "{prompt}");
        tags.remove(0)
    }

    #[test]
    fn weights_are_read_in_every_programs_way() {
        let forge = Order::TextEncoderFirst;
        for (tag, weights) in [
            ("<lora:a>", (None, None)),
            ("<lora:a:0.8>", (Some(0.8), None)),
            ("<LORA: a b : -1 >", (Some(-1.0), None)),
            ("<lora:a:0.5:0.8>", (Some(0.8), Some(0.5))),
            ("<lora:a:0.5:0.8:4>", (Some(0.8), Some(0.5))),
            ("<lora:a:te=0.5:unet=0.8>", (Some(0.8), Some(0.5))),
            ("<lora:a:1:te=0.5>", (Some(1.0), Some(0.5))),
            ("<lora:a:0.5@0.2>", (Some(0.5), None)),
            ("<lora:a:0,8>", (Some(0.8), None)),
            ("<lora:a:-0,25:1,5>", (Some(1.5), Some(-0.25))),
            ("<lora:a:0@0,0.5@0.5,0.8@1>", (Some(0.8), None)),
            ("<lora:a:1@0; 0@0.5>", (Some(1.0), None)),
            ("<lora:a:-0.6@0,0.2@1>", (Some(-0.6), None)),
            ("<lora:a:5>", (Some(5.0), None)),
            ("<lora:a:0.7:in=0.1:mid=0.2>", (Some(0.7), None)),
            ("<lora:a:x:NaN>", (None, None)),
            ("<lyco:a:0.8>", (Some(0.8), None)),
        ] {
            assert_eq!(one(tag).weights(forge), weights, "{tag}");
        }
        let two = one("<lora:a:0.5:0.8>");
        assert_eq!((two.weights(Order::ModelFirst), two.is_ambiguous()), ((Some(0.5), Some(0.8)), true));
        assert!(!one("<lora:a:0.5:0.5>").is_ambiguous() && !one("<lora:a:te=0.5:unet=0.8>").is_ambiguous());
    }

    #[test]
    fn weights_that_are_not_used_as_written_are_reported() {
        use WeightIssue::{Blocks, NotANumber, Steps};
        for (tag, issues) in [
            ("<lora:a:0.8>", vec![]),
            ("<lora:a:0,8>", vec![]),
            ("<lora:a>", vec![]),
            ("<lora:a:>", vec![]),
            ("<lora:a:0.5:0.8:4>", vec![]),
            ("<lora:a:0@0,0.8@1>", vec![Steps]),
            ("<lora:a:0.5@0.2>", vec![Steps]),
            ("<lora:a:te=0@0,1@1:unet=0@0,1@1>", vec![Steps]),
            ("<lora:a:1:1:lbw=ALL>", vec![Blocks]),
            ("<lora:a:0.7:in=0.1:mid=0.2>", vec![Blocks]),
            ("<lora:a:strong>", vec![NotANumber("strong".to_owned())]),
            ("<lora:a:NaN>", vec![NotANumber("NaN".to_owned())]),
            ("<lora:a:0.8,>", vec![NotANumber("0.8,".to_owned())]),
        ] {
            assert_eq!(one(tag).issues, issues, "{tag}");
        }
    }

    #[test]
    fn only_tags_are_tags() {
        for prompt in ["", "a < b > c", "<lora>", "<lora:>", "<lora:x", "<b:x:1>", "1 <3 lora:x:1>"] {
            assert_eq!(find(prompt), [], "{prompt}");
        }
        let tag = one("a <b <lora: x :1> c");
        assert_eq!((tag.range, tag.name_range, tag.name.as_str()), (5..17, 11..14, "x"));
        assert_eq!(one("<hypernet:x:1>").kind, Kind::Hypernet);
    }
}
