//! Parameters of an address: each known, each well-formed, or the request is refused with its name.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use genonaut_sources::setting_limits::{RATING, whole_text};

use crate::problem::Problem;

/// The parameters, taken out one by one.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

impl Params {
    pub fn parse(query: &str) -> Result<Self, Problem> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match pairs.iter().find(|(name, value)| name.contains('\0') || value.contains('\0')) {
            Some((name, _)) => Err(Problem::parameter(&name.replace('\0', ""), "contains a NUL character")),
            None => Ok(Self(pairs)),
        }
    }

    /// Refuses parameters that nobody asks for: a misspelt filter must not be a filter that does nothing.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                Err(Problem::parameter(name, format!("unknown parameter; use one of {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    /// Those of other names, and those of these.
    pub fn divided(self, names: &[&str]) -> (Self, Self) {
        let (theirs, others) = self.0.into_iter().partition(|(name, _)| names.contains(&name.as_str()));
        (Self(others), Self(theirs))
    }

    /// Whether something is switched on: 1 or true. It is off by default.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.text(name)?.as_deref() {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(_) => Err(Problem::parameter(name, "must be 1 or 0")),
        }
    }

    /// All values, without empty ones.
    pub fn all(&self, name: &str) -> Vec<String> {
        let named = self.0.iter().filter(|(given, value)| given == name && !value.trim().is_empty());
        named.map(|(_, value)| value.clone()).collect()
    }

    pub fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        let mut values = self.all(name);
        match values.len() {
            0 | 1 => Ok(values.pop()),
            _ => Err(Problem::parameter(name, "is given more than once")),
        }
    }

    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let parse = |text: String| text.parse().map_err(|error: T::Err| Problem::parameter(name, error.to_string()));
        self.text(name)?.map(parse).transpose()
    }

    /// Values of a repeated or comma-separated parameter.
    pub fn list<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Vec<T>, Problem> {
        let words = self.all(name);
        let words = words.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| word.parse().map_err(|error: T::Err| Problem::parameter(name, error.to_string()))).collect()
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        whole_text(&text).map(Some).ok_or_else(|| Problem::parameter(name, "must be a whole number"))
    }

    /// A whole number within bounds.
    pub fn number(&self, name: &str, default: u16, bounds: std::ops::RangeInclusive<u16>) -> Result<u16, Problem> {
        let Some(text) = self.text(name)? else { return Ok(default) };
        let number = whole_text(&text).and_then(|number| u16::try_from(number).ok());
        let number = number.filter(|number| bounds.contains(number));
        number.ok_or_else(|| {
            Problem::parameter(name, format!("must be a whole number from {} to {}", bounds.start(), bounds.end()))
        })
    }

    /// A number from 0 to 1.
    pub fn rating(&self, name: &str) -> Result<Option<f64>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        RATING.number(&text).map(Some).map_err(|_| Problem::parameter(name, RATING.rule()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_by_name_and_everything_else_is_refused() {
        let params = Params::parse("q=a+b&tag=x&tag=y%26z&tag=&limit=7&fit=a,b&fit=c").unwrap();
        assert_eq!(params.text("q").unwrap().as_deref(), Some("a b"));
        assert_eq!(params.all("tag"), ["x", "y&z"]);
        assert_eq!(params.number("limit", 50, 1..=200).unwrap(), 7);
        assert_eq!(params.list::<String>("fit").unwrap(), ["a", "b", "c"]);
        assert!(params.only(&["q", "tag", "limit"]).unwrap_err().detail.starts_with("fit: unknown parameter"));
        assert!(params.text("tag").unwrap_err().detail.contains("more than once"));
        for bad in ["limit=0", "limit=201", "limit=99999999999", "limit=-1", "limit=x"] {
            assert!(Params::parse(bad).unwrap().number("limit", 50, 1..=200).is_err(), "{bad}");
        }
        for bad in ["r=NaN", "r=2", "r=-0.1", "r=inf", "r=x"] {
            assert!(Params::parse(bad).unwrap().rating("r").is_err(), "{bad}");
        }
        assert!(Params::parse("q=%00").is_err());
        let (others, flags) = Params::parse("a=1&q=x&b=0&c=yes").unwrap().divided(&["a", "b", "c", "d"]);
        assert_eq!(others.all("q").len() + others.all("a").len(), 1);
        assert_eq!(
            ["a", "b", "c", "d"].map(|name| flags.flag(name).ok()),
            [Some(true), Some(false), None, Some(false)]
        );
    }
}
