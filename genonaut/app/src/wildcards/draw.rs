//! Chooses, by the image's seed.

use std::collections::HashMap;

use super::Wildcards;
use super::dice::Dice;
use super::template::{self, Assignment, Choice, Part, Variable};

/// Files that name files that name files …: past this they go round in circles.
const DEEPEST: usize = 16;
/// Characters that a prompt comes to.
const LONGEST: usize = 20_000;
/// Files that are looked into and variables that are used for one prompt.
const MOST_DRAWS: usize = 500;

/// Why a prompt comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("wildcard __{name}__ not found: add {name}.txt to {}", folder.display())]
    Unknown { name: String, folder: std::path::PathBuf },
    #[error("wildcard __{name}__ is empty: add lines to {name}.txt")]
    Empty { name: String },
    #[error("wildcard __{name}__ cannot be read: {reason}")]
    Unreadable { name: String, reason: String },
    #[error("{syntax} refers to itself")]
    Circle { syntax: String },
    #[error("the wildcards expand to more than {LONGEST} characters or {MOST_DRAWS} picks")]
    TooLong,
}

/// What the prompt comes to for the image of this seed. A prompt that leaves nothing open comes to itself.
///
/// # Errors
/// When a wildcard has no file, its file cannot be used, or there is no end to it.
pub fn draw(wildcards: &Wildcards, prompt: &str, seed: u64) -> Result<String, Refused> {
    let mut drawing = Drawing {
        wildcards,
        dice: Dice::new(seed),
        variables: HashMap::new(),
        out: String::new(),
        characters: 0,
        draws: 0,
        assigned: false,
    };
    drawing.parts(&template::parse(prompt), 0)?;
    Ok(drawing.out)
}

struct Drawing<'a> {
    wildcards: &'a Wildcards,
    dice: Dice,
    variables: HashMap<String, Value>,
    out: String,
    /// Of `out`, and of the variables' values.
    characters: usize,
    draws: usize,
    /// A variable was set just before.
    assigned: bool,
}

/// What a variable stands for.
#[derive(Clone)]
enum Value {
    Drawn(String),
    Open(Vec<Part>),
}

impl Drawing<'_> {
    fn parts(&mut self, parts: &[Part], depth: usize) -> Result<(), Refused> {
        for part in parts {
            match part {
                Part::Text(text) => self.say(text)?,
                Part::Choice(choice) => self.choose(choice, depth)?,
                Part::Wildcard(name) => self.line(name, depth)?,
                Part::Assignment(assignment) => self.assign(assignment, depth)?,
                Part::Variable(variable) => self.variable(variable, depth)?,
            }
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<(), Refused> {
        // An assignment comes to nothing, and so does the blank behind it.
        let begins = self.out.is_empty() || self.out.ends_with(char::is_whitespace);
        let text = if std::mem::take(&mut self.assigned) && begins { text.trim_start_matches(' ') } else { text };
        self.characters += text.chars().count();
        if self.characters > LONGEST {
            return Err(Refused::TooLong);
        }
        self.out.push_str(text);
        Ok(())
    }

    fn choose(&mut self, choice: &Choice, depth: usize) -> Result<(), Refused> {
        if let Some(name) = choice.lines_of() {
            self.count(depth, || format!("wildcard __{name}__"))?;
            let options = template::options(self.wildcards.lines(name)?);
            return self.take(&Choice { options, ..choice.clone() }, depth + 1);
        }
        self.take(choice, depth)
    }

    fn take(&mut self, choice: &Choice, depth: usize) -> Result<(), Refused> {
        let (least, most) = (*choice.count.start(), *choice.count.end());
        let most = if most == usize::MAX { least.max(choice.options.len()) } else { most };
        let wanted = least + self.dice.below((most - least).saturating_add(1));
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
        self.count(depth, || format!("wildcard __{name}__"))?;
        let lines = self.wildcards.lines(name)?;
        let line = &lines[self.dice.below(lines.len())];
        self.parts(&template::parse(line), depth + 1)
    }

    fn assign(&mut self, assignment: &Assignment, depth: usize) -> Result<(), Refused> {
        let Assignment { name, value, at_once, if_unset } = assignment;
        if !(*if_unset && self.variables.contains_key(name)) {
            let value = match at_once {
                true => Value::Drawn(self.apart(value, depth)?),
                false => Value::Open(value.clone()),
            };
            self.variables.insert(name.clone(), value);
        }
        self.assigned = true;
        Ok(())
    }

    fn apart(&mut self, parts: &[Part], depth: usize) -> Result<String, Refused> {
        let before = std::mem::take(&mut self.out);
        let drawn = self.parts(parts, depth);
        let value = std::mem::replace(&mut self.out, before);
        drawn.map(|()| value)
    }

    /// One that has no value stays as it was written.
    fn variable(&mut self, variable: &Variable, depth: usize) -> Result<(), Refused> {
        let Variable { name, otherwise } = variable;
        self.count(depth, || format!("variable ${{{name}}}"))?;
        match (self.variables.get(name).cloned(), otherwise) {
            (Some(Value::Drawn(text)), _) => self.say(&text),
            (Some(Value::Open(parts)), _) => self.parts(&parts, depth + 1),
            (None, Some(parts)) => self.parts(parts, depth + 1),
            (None, None) => self.say(&format!("${{{name}}}")),
        }
    }

    /// Files and variables may name one another, at will and in circles.
    fn count(&mut self, depth: usize, syntax: impl Fn() -> String) -> Result<(), Refused> {
        self.draws += 1;
        if depth >= DEEPEST {
            return Err(Refused::Circle { syntax: syntax() });
        }
        if self.draws > MOST_DRAWS { Err(Refused::TooLong) } else { Ok(()) }
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
    fn several_lines_of_one_file_are_different_ones() {
        let files = [("animal.txt", "cat\ndog\ncat\nfox\n"), ("a/warm.txt", "red"), ("a/b/cold.txt", "{teal|blue}")];
        let (_folder, wildcards) = with(&files);
        let pairs = ["cat, dog", "cat, fox", "dog, cat", "dog, fox", "fox, cat", "fox, dog"];
        assert_eq!(all(&wildcards, "{2$$__animal__}"), set(&pairs));
        assert_eq!(all(&wildcards, "{-2$$ & $$__a/*__}"), set(&["red"]));
        assert_eq!(all(&wildcards, "__a/**__"), set(&["red", "teal", "blue"]));
        assert_eq!(all(&wildcards, "{-2$$a|b|c}").len(), 9);
        assert_eq!(all(&wildcards, "{3-$$a|b|c}").len(), 6);
        assert!(all(&wildcards, "{2-$$__animal__}").iter().all(|drawn| drawn.contains(", ")));
    }

    #[test]
    fn variables_are_drawn_once_or_at_each_use() {
        let (_folder, wildcards) = with(&[("animal.txt", "cat\ndog\n"), ("said.txt", "a ${x}")]);
        assert_eq!(all(&wildcards, "${x=!{cat|dog}} a ${x} and ${x}"), set(&["a cat and cat", "a dog and dog"]));
        assert_eq!(all(&wildcards, "${x=!__animal__}${x}"), set(&["cat", "dog"]));
        assert_eq!(all(&wildcards, "${x={a|b}}${x}${x}"), set(&["aa", "ab", "ba", "bb"]));
        assert_eq!(all(&wildcards, "${x=cat}__said__, ${x?=dog}${x}, ${y:fox}"), set(&["a cat, cat, fox"]));
        assert_eq!(all(&wildcards, "${x}, ${x:}"), set(&["${x}, "]));
    }

    #[test]
    fn names_of_loras_are_left_as_they_are() {
        let (_folder, wildcards) = with(&[("City.txt", "Tokyo"), ("style.txt", "film")]);
        for prompt in ["<lora:Night__City__v2:1>", "<lora:No__Such__thing:0.5>", "embedding:a__City__b"] {
            assert_eq!(draw(&wildcards, prompt, 1).unwrap(), prompt);
        }
        assert_eq!(draw(&wildcards, "<lora:__style__:1>", 1).unwrap(), "<lora:film:1>");
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
            ("__nobody__", "wildcard __nobody__ not found: add nobody.txt"),
            ("__../secret__", "not found"),
            ("__/etc/passwd__", "not found"),
            ("__loop__", "wildcard __loop__ refers to itself"),
            ("{2$$__loop__}", "refers to itself"),
            ("${x=${x}}${x}", "variable ${x} refers to itself"),
            ("${a=x${a}${a}}${a}", "refers to itself"),
            (
                "${a=x}${b=${a}${a}${a}${a}}${c=${b}${b}${b}${b}}${d=${c}${c}${c}${c}}${d}${d}${d}${d}${d}${d}${d}",
                "500 picks",
            ),
            ("__nobody*__", "not found"),
            ("__empty__", "is empty"),
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
