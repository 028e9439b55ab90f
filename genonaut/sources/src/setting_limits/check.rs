//! A value held to its limit, and why it is refused.

use serde_json::{Number, Value};

use super::{Allowed, Range, Refused, SettingLimit};
use crate::picture::samplers;

impl SettingLimit {
    /// The number that the text gives.
    ///
    /// # Errors
    /// When the setting may not be that.
    pub fn number(&self, text: &str) -> Result<f64, Refused> {
        let number = text.trim().parse::<f64>().ok();
        let fits = |number: &f64| self.range().is_some_and(|range| range.contains(*number));
        number.filter(fits).ok_or_else(|| self.refusal(text))
    }

    /// The id that the text gives, by itself or by its label.
    ///
    /// # Errors
    /// When the setting may not be that.
    pub fn choice(&self, text: &str) -> Result<&'static str, Refused> {
        let Allowed::Choice(choices) = self.allowed else { return Err(self.refusal(text)) };
        let named = text.trim();
        let found = choices.iter().find(|(id, label)| *id == named || label.eq_ignore_ascii_case(named));
        found.map(|(id, _)| *id).or_else(|| self.alias(named)).ok_or_else(|| self.refusal(text))
    }

    /// The id of what another program calls so.
    fn alias(&self, name: &str) -> Option<&'static str> {
        match self.key {
            "sampler" => samplers::sampler(name),
            "scheduler" => samplers::scheduler(name),
            _ => None,
        }
    }

    /// The value as JSON has it: a number, whole where only whole ones are allowed, or an id.
    ///
    /// # Errors
    /// When the setting may not be that.
    pub fn value(&self, text: &str) -> Result<Value, Refused> {
        match self.allowed {
            Allowed::Choice(_) => self.choice(text).map(Value::from),
            Allowed::Number(range) if range.exact => self.number(text).map(|number| Value::from(number as i64)),
            Allowed::Number(_) => {
                self.number(text).map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number))
            }
        }
    }

    /// A value of a JSON document, where numbers may also stand as texts.
    ///
    /// # Errors
    /// When the setting may not be that.
    pub fn check(&self, value: &Value) -> Result<Value, Refused> {
        self.value(&text(value))
    }

    /// What it must be: `must be a whole number from 1 to 150`.
    pub fn rule(&self) -> String {
        match self.allowed {
            Allowed::Number(range) => range.rule(),
            Allowed::Choice(choices) => {
                let first = choices.first().map_or("", |(_, label)| label);
                format!("must be a known {}, such as {first}", self.label.to_lowercase())
            }
        }
    }

    fn refusal(&self, text: &str) -> Refused {
        let mut shown: String = text.trim().chars().filter(|c| !c.is_control()).take(40).collect();
        if text.trim().chars().count() > 40 {
            shown.push('…');
        }
        Refused { limit: *self, reason: format!("{}, not “{shown}”", self.rule()) }
    }
}

impl Refused {
    /// `Steps must be a whole number from 1 to 150, not “200”.`
    pub fn sentence(&self) -> String {
        format!("{} {}.", self.limit.label, self.reason)
    }
}

impl Range {
    pub fn contains(&self, number: f64) -> bool {
        let fits = !self.exact || number % self.step == 0.0;
        fits && (self.min..=self.max).contains(&number)
    }

    fn rule(&self) -> String {
        let Self { min, max, step, exact } = *self;
        match exact {
            true if step > 1.0 => format!("must be a multiple of {step} from {min} to {max}"),
            true => format!("must be a whole number from {min} to {max}"),
            false => format!("must be a number from {min} to {max}"),
        }
    }
}

/// As a field or an address would have it.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::*;

    #[test]
    fn values_are_taken_within_their_limits_only() {
        for (limit, text, value) in [
            (WIDTH, "832", json!(832)),
            (STEPS, " 150 ", json!(150)),
            (CFG, "6.5", json!(6.5)),
            (CFG, "0", json!(0.0)),
            (SAMPLER, "euler a", json!("euler_ancestral")),
            (CLIP_SKIP, "2.0", json!(2)),
            (WEIGHT, "-4", json!(-4.0)),
            (RATING, "1", json!(1.0)),
        ] {
            assert_eq!(limit.value(text), Ok(value), "{} {text}", limit.key);
        }
    }

    #[test]
    fn a_refusal_says_what_the_setting_must_be() {
        for (limit, text, said) in [
            (STEPS, "200", "Steps must be a whole number from 1 to 150, not “200”."),
            (STEPS, "2.5", "Steps must be a whole number from 1 to 150, not “2.5”."),
            (WIDTH, "1001", "Width must be a multiple of 8 from 64 to 4096, not “1001”."),
            (CLIP_SKIP, "0", "CLIP skip must be a whole number from 1 to 12, not “0”."),
            (CFG, "NaN", "CFG must be a number from 0 to 30, not “NaN”."),
            (SAMPLER, "best", "Sampler must be a known sampler, such as Euler, not “best”."),
            (RATING, "", "Rating must be a number from 0 to 1, not “”."),
        ] {
            assert_eq!(limit.value(text).map_err(|refused| refused.sentence()), Err(said.to_owned()));
        }
    }
}
