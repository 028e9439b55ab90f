//! A prompt without its tags, and without what held nothing but them: commas, blanks, and brackets of attention.

use std::ops::Range;

const BLANK: [char; 2] = [' ', '\t'];

/// The prompt without these tags, which are in its order. Reads the prompt once, however many there are.
pub fn without_all<'a>(prompt: &str, tags: impl IntoIterator<Item = &'a Range<usize>>) -> String {
    let mut removal = Removal { prompt, out: String::with_capacity(prompt.len()), at: 0 };
    tags.into_iter().for_each(|tag| removal.remove(tag));
    removal.out.push_str(&prompt[removal.at..]);
    removal.out
}

struct Removal<'a> {
    prompt: &'a str,
    /// What is kept of the prompt before `at`.
    out: String,
    at: usize,
}

impl Removal<'_> {
    fn remove(&mut self, tag: &Range<usize>) {
        // What was behind the tag before may reach into this one's surroundings, never into the tag.
        self.out.push_str(&self.prompt[self.at..tag.start]);
        self.at = tag.end;
        while self.remove_brackets() {}
        self.close_gap();
    }

    /// `(<tag>:1.2)` and `[<tag>]`: brackets that hold nothing else go with it.
    fn remove_brackets(&mut self) -> bool {
        let head = self.out.trim_end_matches(BLANK);
        let closing = match head.chars().next_back() {
            Some('(') => ')',
            Some('[') => ']',
            _ => return false,
        };
        // An escaped bracket is a sign of the prompt.
        let (head, rest) = (&head[..head.len() - 1], self.prompt[self.at..].trim_start_matches(BLANK));
        let rest = rest.strip_prefix(':').map_or(rest, |number| {
            number.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | ' '))
        });
        let (Some(behind), false) = (rest.strip_prefix(closing), head.ends_with('\\')) else { return false };
        self.out.truncate(head.len());
        self.at = self.prompt.len() - behind.len();
        true
    }

    /// One comma and one blank stay of those around it, and none at an end.
    fn close_gap(&mut self) {
        let after = &self.prompt[self.at..];
        let head = self.out.trim_end_matches(BLANK);
        let next = after.trim_start_matches(BLANK);
        if after.trim_start().is_empty() {
            let end = self.out.trim_end_matches(|c: char| c == ',' || c.is_whitespace()).len();
            return self.keep(end, "");
        }
        if next.starts_with([')', ']', ':']) {
            let end = head.trim_end_matches([',', ' ', '\t']).len();
            return self.keep(end, next);
        }
        let begins = head.is_empty() || head.ends_with([',', '\n', '(', '[']);
        match (begins, next.strip_prefix(',')) {
            (true, Some(rest)) => self.keep(self.out.len(), rest.trim_start_matches(BLANK)),
            (true, None) => self.keep(self.out.len(), next),
            (false, _) if after.starts_with(|c: char| c == ',' || c.is_whitespace()) => self.keep(head.len(), after),
            (false, _) => {}
        }
    }

    /// Goes on with `rest`, an end of the prompt, behind that many bytes of what is kept.
    fn keep(&mut self, kept: usize, rest: &str) {
        self.out.truncate(kept);
        self.at = self.prompt.len() - rest.len();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Order, find};
    use super::*;

    fn bare(prompt: &str) -> String {
        let tags = find(prompt);
        without_all(prompt, tags.iter().map(|tag| &tag.range))
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
            ("a, <lora:x:1>, <lora:y:1>, b", "a, b"),
            ("a <lora:x:1> <lora:y:1>", "a"),
            ("<lora:x:1><lora:y:1> a", "a"),
        ] {
            assert_eq!(bare(prompt), left, "{prompt}");
        }
    }

    #[test]
    fn brackets_of_attention_do_not_stay_without_words() {
        for (prompt, left) in [
            ("x (<lora:film:0.8>:1.2) y", "x y"),
            ("x, (<lora:film:0.8>), y", "x, y"),
            ("x, ((<lora:film:0.8>)), y", "x, y"),
            ("x [<lora:film:0.8>] y", "x y"),
            ("(<lora:a:1> <lora:b:1>:1.2)", ""),
            ("(<lora:a:1>, <lora:b:1>:0,9), z", "z"),
            ("(oil, <lora:a:1>:1.2) y", "(oil:1.2) y"),
            ("(<lora:a:1>, oil:1.2) y", "(oil:1.2) y"),
            ("(<lora:a:1> oil:1.2) y", "(oil:1.2) y"),
            ("[oil <lora:a:1>] y", "[oil] y"),
            (r"x \(<lora:a:1>\) y", r"x \(\) y"),
            ("x (<lora:a:1> y", "x (y"),
        ] {
            assert_eq!(bare(prompt), left, "{prompt}");
        }
    }

    proptest! {
        #[test]
        fn every_word_that_is_no_tag_stays(words in prop::collection::vec("[a-z]{1,6}|<lora:[a-z]{1,4}:0\\.[1-9]>", 0..12), join in "(, | )") {
            let left = bare(&words.join(&join));
            let left: Vec<_> = left.split([',', ' ']).filter(|word| !word.is_empty()).collect();
            let plain: Vec<_> = words.iter().filter(|word| !word.starts_with('<')).collect();
            prop_assert_eq!(left, plain);
        }

        #[test]
        fn no_text_is_too_odd(prompt in "[<>:a-z{}()\\[\\]|é,.0-9= ]{0,60}|([(\\[ ]|<lora:a:1>|[\\]):,1 ]){0,12}") {
            for tag in find(&prompt) {
                prop_assert!(prompt[tag.range.clone()].starts_with('<') && prompt[tag.range.clone()].ends_with('>'));
                let _ = (tag.weights(Order::ModelFirst), without_all(&prompt, [&tag.range]));
            }
            prop_assert!(find(&bare(&prompt)).len() <= find(&prompt).len());
        }
    }
}
