//! Chooses, by the image's seed.

use super::Wildcards;
use super::dice::Dice;
use super::template::{self, Choice, Part};

/// Files that name files that name files …: past this they go round in circles.
const DEEPEST: usize = 16;
/// Characters that a prompt comes to.
const LONGEST: usize = 20_000;
/// Files that are looked into for one prompt.
const MOST_FILES: usize = 500;

/// Why a prompt comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("there is no wildcard __{name}__: put its lines into {name}.txt in {}", folder.display())]
    Unknown { name: String, folder: std::path::PathBuf },
    #[error("the wildcard __{name}__ has no lines in {name}.txt")]
    Empty { name: String },
    #[error("the wildcard __{name}__ cannot be read: {reason}")]
    Unreadable { name: String, reason: String },
    #[error("the wildcard __{name}__ leads back to itself")]
    Circle { name: String },
    #[error("its wildcards come to more than {LONGEST} characters or {MOST_FILES} files")]
    TooLong,
}

/// What the prompt comes to for the image of this seed. A prompt that leaves nothing open comes to itself.
///
/// # Errors
/// When a wildcard has no file, its file cannot be used, or there is no end to it.
pub fn draw(wildcards: &Wildcards, prompt: &str, seed: u64) -> Result<String, Refused> {
    let mut drawing = Drawing { wildcards, dice: Dice::new(seed), out: String::new(), characters: 0, files: 0 };
    drawing.parts(&template::parse(prompt), 0)?;
    Ok(drawing.out)
}

struct Drawing<'a> {
    wildcards: &'a Wildcards,
    dice: Dice,
    out: String,
    /// Of `out`.
    characters: usize,
    files: usize,
}

impl Drawing<'_> {
    fn parts(&mut self, parts: &[Part], depth: usize) -> Result<(), Refused> {
        for part in parts {
            match part {
                Part::Text(text) => self.say(text)?,
                Part::Choice(choice) => self.choose(choice, depth)?,
                Part::Wildcard(name) => self.line(name, depth)?,
            }
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<(), Refused> {
        self.characters += text.chars().count();
        if self.characters > LONGEST {
            return Err(Refused::TooLong);
        }
        self.out.push_str(text);
        Ok(())
    }

    fn choose(&mut self, choice: &Choice, depth: usize) -> Result<(), Refused> {
        let spread = choice.count.end() - choice.count.start();
        let wanted = choice.count.start() + self.dice.below(spread.saturating_add(1));
        let mut left: Vec<_> = choice.options.iter().collect();
        for taken in 0..wanted.min(choice.options.len()) {
            if taken > 0 {
                self.say(&choice.joined_by)?;
            }
            let weights: Vec<_> = left.iter().map(|option| option.weight).collect();
            let option = left.remove(self.pick(&weights));
            self.parts(&option.parts, depth)?;
        }
        Ok(())
    }

    /// One of them, by their weights; any when none weighs anything.
    fn pick(&mut self, weights: &[f64]) -> usize {
        let all: f64 = weights.iter().sum();
        if all <= 0.0 {
            return self.dice.below(weights.len());
        }
        let mut behind = self.dice.fraction() * all;
        let reached = weights.iter().position(|weight| {
            behind -= weight;
            behind < 0.0
        });
        reached.unwrap_or(weights.len() - 1)
    }

    fn line(&mut self, name: &str, depth: usize) -> Result<(), Refused> {
        self.files += 1;
        if depth >= DEEPEST {
            return Err(Refused::Circle { name: name.to_owned() });
        }
        if self.files > MOST_FILES {
            return Err(Refused::TooLong);
        }
        let lines = self.wildcards.lines(name)?;
        let line = &lines[self.dice.below(lines.len())];
        self.parts(&template::parse(line), depth + 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn with(files: &[(&str, &str)]) -> (tempfile::TempDir, Wildcards) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let wildcards = Wildcards::new(folder.path().to_owned());
        (folder, wildcards)
    }

    fn all(wildcards: &Wildcards, prompt: &str) -> HashSet<String> {
        (0..300).map(|seed| draw(wildcards, prompt, seed).unwrap()).collect()
    }

    fn set(texts: &[&str]) -> HashSet<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn every_choice_comes_and_no_other() {
        let (_folder, wildcards) = with(&[("colour.txt", "# a note\nred\n\n {dark|light} blue \n"), ("a/b.txt", "x")]);
        assert_eq!(all(&wildcards, "a {cat|dog|} {x}"), set(&["a cat {x}", "a dog {x}", "a  {x}"]));
        assert_eq!(all(&wildcards, "__colour__ __a/b__"), set(&["red x", "dark blue x", "light blue x"]));
        assert_eq!(all(&wildcards, "{2$$ & $$a|b}"), set(&["a & b", "b & a"]));
        assert_eq!(all(&wildcards, "{0-1$$a|b}"), set(&["", "a", "b"]));
        assert_eq!(all(&wildcards, "{9$$a}"), set(&["a"]));
        assert_eq!(all(&wildcards, "{0::a|1::b}"), set(&["b"]));
        let often = (0..1000).filter(|seed| draw(&wildcards, "{3::a|b}", *seed).unwrap() == "a").count();
        assert!((700..800).contains(&often), "{often}");
    }

    #[test]
    fn what_cannot_be_drawn_says_why() {
        let (_folder, wildcards) = with(&[
            ("loop.txt", "__loop__"),
            ("empty.txt", "# no\n"),
            ("big.txt", "__wide__ __wide__"),
            ("wide.txt", &"x".repeat(15_000)),
            ("whole.txt", &"é".repeat(20_000)),
        ]);
        for (prompt, says) in [
            ("__nobody__", "no wildcard __nobody__: put its lines into nobody.txt"),
            ("__../secret__", "no wildcard"),
            ("__/etc/passwd__", "no wildcard"),
            ("__loop__", "leads back to itself"),
            ("__empty__", "no lines"),
            ("__big__", "more than 20000 characters"),
            ("__whole__x", "more than 20000 characters"),
        ] {
            let refused = draw(&wildcards, prompt, 1).unwrap_err().to_string();
            assert!(refused.contains(says), "{prompt}: {refused}");
        }
        assert_eq!(draw(&wildcards, "__whole__", 1).unwrap().len(), 40_000, "characters, and not bytes");
    }

    proptest! {
        #[test]
        fn the_same_seed_comes_to_the_same_and_nothing_breaks(prompt in "[a{}|$:_\\\\ é<>0-9-]{0,80}", seed: u64) {
            let (_folder, wildcards) = with(&[]);
            let first = draw(&wildcards, &prompt, seed).map_err(|refused| refused.to_string());
            prop_assert_eq!(first, draw(&wildcards, &prompt, seed).map_err(|refused| refused.to_string()));
        }

        #[test]
        fn text_without_signs_is_left_as_it_is(prompt in "[a-zA-Z0-9 ,.()\\[\\]<>:é\n'-]{0,80}", seed: u64) {
            let (_folder, wildcards) = with(&[]);
            prop_assert_eq!(draw(&wildcards, &prompt, seed).unwrap(), prompt);
        }
    }
}
