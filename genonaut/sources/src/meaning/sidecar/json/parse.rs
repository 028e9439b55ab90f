//! JSON as programs and people write it: NaN and numbers without end, halves of emoji, raw line ends in texts, a comma too
//! many, comments, the same key twice (the last one counts). What nobody needs so much of is passed over, not refused.

use serde_json::{Map, Number, Value};

/// Levels that are kept; what is deeper reads as null.
const DEEPEST: usize = 32;
/// Entries of a list, bytes of a text, that are kept.
const LONGEST_LIST: usize = 2000;
const LONGEST_TEXT: usize = 256 << 10;
/// Values of a file that are kept.
const MOST_VALUES: usize = 300_000;

/// # Errors
/// A clause that says in which line it is no JSON.
pub fn parse(text: &str) -> Result<Value, String> {
    let mut parser = Parser { text, at: 0, values: 0 };
    parser.skip_space();
    if parser.peek().is_none() {
        return Err("it is empty".to_owned());
    }
    let value = parser.value(0)?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.wrong("there is text after the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    values: usize,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err("it contains too many values".to_owned());
        }
        match self.peek() {
            Some(b'{' | b'[') if depth == DEEPEST => self.pass().map(|()| Value::Null),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Value::from),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        let mut fields = Map::new();
        self.at += 1;
        while !self.ends(b'}')? {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in quotes is missing"));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.wrong("a colon is missing"));
            }
            self.at += 1;
            self.skip_space();
            let value = self.value(depth + 1)?;
            fields.insert(key, value);
            self.separator(b'}')?;
        }
        Ok(fields.into())
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        let mut list = Vec::new();
        self.at += 1;
        while !self.ends(b']')? {
            match list.len() < LONGEST_LIST {
                true => list.push(self.value(depth + 1)?),
                false => self.pass()?,
            }
            self.separator(b']')?;
        }
        Ok(list.into())
    }

    /// Whether the object or list ends here; its end is passed then.
    fn ends(&mut self, end: u8) -> Result<bool, String> {
        self.skip_space();
        match self.peek() {
            None => Err(self.cut_off()),
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(true)
            }
            Some(_) => Ok(false),
        }
    }

    /// Passes the comma behind an entry; the last one may have one, too.
    fn separator(&mut self, end: u8) -> Result<(), String> {
        self.skip_space();
        match self.peek() {
            Some(b',') => self.at += 1,
            Some(byte) if byte == end => {}
            None => return Err(self.cut_off()),
            Some(_) => return Err(self.wrong("a comma is missing")),
        }
        Ok(())
    }

    /// A number, or one of the words that stand for a value. What is no finite number reads as null.
    fn word(&mut self) -> Result<Value, String> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && !"+-._".contains(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        let value = match word {
            "" if rest.is_empty() => return Err(self.cut_off()),
            "true" | "True" => true.into(),
            "false" | "False" => false.into(),
            "null" | "None" | "undefined" => Value::Null,
            _ => number(word).ok_or_else(|| self.wrong("a value is missing"))?,
        };
        self.at += end;
        Ok(value)
    }

    fn string(&mut self) -> Result<String, String> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find(['"', '\\']).ok_or_else(|| self.cut_off())?;
            keep(&mut text, &rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return Ok(text);
            }
            let escaped = self.escaped()?;
            keep(&mut text, escaped.encode_utf8(&mut [0; 4]));
        }
    }

    /// What stands behind a backslash. One that begins nothing known stands for itself: Windows has it in paths.
    fn escaped(&mut self) -> Result<char, String> {
        let letter = self.peek().ok_or_else(|| self.cut_off())?;
        let c = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return Ok(self.unicode()),
            _ => return Ok('\\'),
        };
        self.at += 1;
        Ok(c)
    }

    /// `uXXXX`, or two of them that are one character; U+FFFD for half of one.
    fn unicode(&mut self) -> char {
        let Some(first) = unit(&self.text.as_bytes()[self.at..]) else {
            return '\\';
        };
        self.at += 5;
        let second = self.text.as_bytes()[self.at..].strip_prefix(b"\\").and_then(unit);
        let pair = second
            .filter(|_| (0xd800..0xdc00).contains(&first))
            .and_then(|second| char::decode_utf16([first, second]).next()?.ok());
        if pair.is_some() {
            self.at += 6;
        }
        pair.or(char::from_u32(first.into())).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Passes an object or a list of any depth without looking into it, or a single value.
    fn pass(&mut self) -> Result<(), String> {
        let mut open = 0_usize;
        loop {
            self.skip_space();
            match self.peek().ok_or_else(|| self.cut_off())? {
                b'"' => self.pass_string()?,
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    open = open.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' if open > 0 => self.at += 1,
                _ => _ = self.word()?,
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn pass_string(&mut self) -> Result<(), String> {
        self.at += 1;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).ok_or_else(|| self.cut_off())?;
            self.at += end + 1;
            if rest[end] == b'"' {
                return Ok(());
            }
            let behind = self.text[self.at..].chars().next().ok_or_else(|| self.cut_off())?;
            self.at += behind.len_utf8();
        }
    }

    /// Passes comments, too, and the NUL that pads some files.
    fn skip_space(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank = |c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}');
            let behind = rest.trim_start_matches(blank);
            let behind = if let Some(comment) = behind.strip_prefix("//") {
                comment.split_once('\n').map_or("", |(_, rest)| rest)
            } else if let Some(comment) = behind.strip_prefix("/*") {
                comment.split_once("*/").map_or("", |(_, rest)| rest)
            } else {
                self.at = self.text.len() - behind.len();
                return;
            };
            self.at = self.text.len() - behind.len();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, what: &str) -> String {
        format!("it is not valid JSON, {what} in line {}", self.line())
    }

    fn cut_off(&self) -> String {
        format!("it is cut off in line {}", self.line())
    }

    fn line(&self) -> usize {
        self.text.as_bytes()[..self.at].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

/// As long as a text may be.
fn keep(text: &mut String, more: &str) {
    let room = LONGEST_TEXT.saturating_sub(text.len());
    text.push_str(&more[..more.floor_char_boundary(room)]);
}

fn number(word: &str) -> Option<Value> {
    let word = word.strip_prefix('+').unwrap_or(word);
    let whole = word.parse::<i64>().map(Number::from).or_else(|_| word.parse::<u64>().map(Number::from));
    match whole {
        Ok(whole) => Some(whole.into()),
        Err(_) => word.parse::<f64>().ok().map(|number| Number::from_f64(number).map_or(Value::Null, Value::from)),
    }
}

/// The number of a `uXXXX` that stands here.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"u")?.get(..4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_programs_and_people_write_is_read() {
        for (given, expected) in [
            (r#"{"a": NaN, "b": -Infinity, "c": 1e999, "d": 0.5}"#, json!({"a": null, "b": null, "c": null, "d": 0.5})),
            (
                r#"{"a": "x \ud83d", "b": "\ude00", "c": "\ud83d\ude00", "d": "\ud83d\n"}"#,
                json!({"a": "x \u{fffd}", "b": "\u{fffd}", "c": "😀", "d": "\u{fffd}\n"}),
            ),
            ("{\"a\": \"one\ntwo\tthree\", }", json!({"a": "one\ntwo\tthree"})),
            ("// mine\n{\"a\": [1, 2,], /* no */ \"b\": True}\0\0", json!({"a": [1, 2], "b": true})),
            (r#"{"a": "C:\models\x", "b": "\u12"}"#, json!({"a": "C:\\models\\x", "b": "\\u12"})),
            (r#"{"a": 1, "a": 2}"#, json!({"a": 2})),
            (
                "{\"n\": 18446744073709551615, \"m\": 123456789012345678901234567890}",
                json!({"n": u64::MAX, "m": 1.234_567_890_123_456_8e29}),
            ),
        ] {
            assert_eq!(parse(given), Ok(expected), "{given}");
        }
    }

    #[test]
    fn what_is_no_json_says_where() {
        for (given, why) in [
            ("{broken", "it is not valid JSON, a key in quotes is missing in line 1"),
            ("{\"a\": 1,\n\"b\" 2}", "it is not valid JSON, a colon is missing in line 2"),
            ("{\"a\": 1\n\"b\": 2}", "it is not valid JSON, a comma is missing in line 2"),
            ("{\"a\": hello}", "it is not valid JSON, a value is missing in line 1"),
            ("{\"a\": \"hel", "it is cut off in line 1"),
            ("{\"a\": 1,\n", "it is cut off in line 2"),
            ("{} {}", "it is not valid JSON, there is text after the end in line 1"),
            (" \n", "it is empty"),
        ] {
            assert_eq!(parse(given), Err(why.to_owned()), "{given}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded_without_an_error() {
        let deep = format!("{{\"a\": {}1{}, \"b\": 2}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(&deep).unwrap()["b"], 2);
        let long = format!("{{\"a\": [{}0], \"b\": \"{}\"}}", "0, ".repeat(10_000), "ä".repeat(LONGEST_TEXT));
        let long = parse(&long).unwrap();
        assert_eq!(
            (long["a"].as_array().unwrap().len(), long["b"].as_str().unwrap().len()),
            (LONGEST_LIST, LONGEST_TEXT)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(given in any::<String>()) {
            _ = parse(&given);
        }

        #[test]
        fn what_serde_reads_is_read_alike(given in "[\\[\\]{}\",:0-9a-z\\\\ ]{0,40}") {
            if let Ok(expected) = serde_json::from_str::<Value>(&given) {
                prop_assert_eq!(parse(&given), Ok(expected));
            }
        }
    }
}
