//! Networks that a prompt names: `<lora:name:0.8>` and its kin, as A1111, Forge, SD.Next, SwarmUI and ComfyUI's LoRA
//! Manager write them.

use std::ops::Range;

/// One tag, and where it stands in the prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// Bytes of the prompt.
    pub range: Range<usize>,
    pub kind: Kind,
    pub name: String,
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

/// Every tag of a prompt, in its order.
pub fn find(prompt: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(start) = prompt[at..].find('<').map(|found| at + found) {
        let Some(end) = prompt[start..].find('>').map(|found| start + found + 1) else { break };
        // Of `<a <lora:x:1>` the second bracket is the tag's.
        let start = prompt[..end].rfind('<').unwrap_or(start);
        tags.extend(read(&prompt[start + 1..end - 1]).map(|tag| Tag { range: start..end, ..tag }));
        at = end;
    }
    tags
}

/// The prompt without the tag, and without the comma that is one too many then.
pub fn without(prompt: &str, tag: &Range<usize>) -> String {
    const BLANK: [char; 2] = [' ', '\t'];
    let (before, after) = (&prompt[..tag.start], &prompt[tag.end..]);
    let head = before.trim_end_matches(BLANK);
    if after.trim().is_empty() {
        return head.trim_end_matches(|c: char| c == ',' || c.is_whitespace()).to_owned();
    }
    let begins = head.is_empty() || head.ends_with([',', '\n']);
    if let (true, Some(rest)) = (begins, after.trim_start_matches(BLANK).strip_prefix(',')) {
        return format!("{before}{}", rest.trim_start_matches(BLANK));
    }
    match head.is_empty() || after.starts_with(|c: char| c == ',' || c.is_whitespace()) {
        true if begins => format!("{before}{}", after.trim_start_matches(BLANK)),
        true => format!("{head}{after}"),
        false => format!("{before}{after}"),
    }
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
}

/// What stands between the brackets.
fn read(inside: &str) -> Option<Tag> {
    let mut parts = inside.split(':');
    let kind = match parts.next()?.trim().to_ascii_lowercase().as_str() {
        "lora" | "lyco" => Kind::Lora,
        "hypernet" => Kind::Hypernet,
        _ => return None,
    };
    let name = parts.next().map(str::trim).filter(|name| !name.is_empty())?.to_owned();
    let (mut bare, mut text_encoder, mut model) = (Vec::new(), None, None);
    for part in parts {
        match part.trim().split_once('=') {
            None => bare.extend(number(part)),
            Some(("te", value)) => text_encoder = number(value),
            Some(("unet", value)) => model = number(value),
            // Ranks and weights of single blocks: nothing that a LoRA has here.
            Some(_) => {}
        }
    }
    Some(Tag { range: 0..0, kind, name, bare, text_encoder, model })
}

/// SD.Next writes `0.5@0.2` for a weight from a step on; the weight counts.
fn number(text: &str) -> Option<f64> {
    let first = text.split(['@', ',']).next().unwrap_or_default();
    first.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn only_tags_are_tags() {
        for prompt in ["", "a < b > c", "<lora>", "<lora:>", "<lora:x", "<b:x:1>", "1 <3 lora:x:1>"] {
            assert_eq!(find(prompt), [], "{prompt}");
        }
        assert_eq!(one("a <b <lora:x:1> c").range, 5..15);
        assert_eq!(one("<hypernet:x:1>").kind, Kind::Hypernet);
    }

    #[test]
    fn what_is_left_reads_as_if_there_had_been_none() {
        for (prompt, left) in [
            ("a cat, <lora:x:1>, rain", "a cat, rain"),
            ("a cat <lora:x:1>, rain", "a cat, rain"),
            ("a cat <lora:x:1> rain", "a cat rain"),
            ("a cat, <lora:x:1>", "a cat"),
            ("<lora:x:1>, a cat", "a cat"),
            ("<lora:x:1> a cat", "a cat"),
            ("<lora:x:1>a cat", "a cat"),
            ("<lora:x:1>", ""),
            ("one\n<lora:x:1>\ntwo", "one\n\ntwo"),
        ] {
            assert_eq!(without(prompt, &one(prompt).range), left, "{prompt}");
        }
    }

    proptest! {
        #[test]
        fn every_word_that_is_no_tag_stays(words in prop::collection::vec("[a-z]{1,6}|<lora:[a-z]{1,4}:0\\.[1-9]>", 0..12), join in "(, | )") {
            let mut prompt = words.join(&join);
            while let Some(tag) = find(&prompt).pop() {
                prompt = without(&prompt, &tag.range);
            }
            let left: Vec<_> = prompt.split([',', ' ']).filter(|word| !word.is_empty()).collect();
            let plain: Vec<_> = words.iter().filter(|word| !word.starts_with('<')).collect();
            prop_assert_eq!(left, plain);
        }

        #[test]
        fn no_text_is_too_odd(prompt in "[<>:a-z{}|é,.0-9= ]{0,60}") {
            for tag in find(&prompt) {
                prop_assert!(prompt[tag.range.clone()].starts_with('<') && prompt[tag.range.clone()].ends_with('>'));
                let _ = (tag.weights(Order::ModelFirst), without(&prompt, &tag.range));
            }
        }
    }
}
