//! A model's rating as the pages take it: stars from 1 to 5, the scale of images. The catalogue keeps it from 0 to 1.

use genonaut_sources::setting_limits::{Allowed, RATING, Range, Refused, SettingLimit};
use serde_json::{Value, json};

pub const STARS: SettingLimit =
    SettingLimit { allowed: Allowed::Number(Range { min: 1.0, max: 5.0, step: 0.1, exact: false }), ..RATING };

/// As a field shows it, which is more exact than the one decimal of a list.
pub fn shown(rating: f64) -> String {
    round(1.0 + 4.0 * rating).to_string()
}

pub fn of_stars(stars: f64) -> f64 {
    round((stars - 1.0) / 4.0)
}

/// Nothing clears it. What was shown and comes back unchanged keeps digits that the field does not show.
pub fn read(text: &str, before: Option<f64>) -> Result<Value, Refused> {
    let text = text.trim();
    match before.filter(|before| shown(*before) == text) {
        Some(before) => Ok(json!(before)),
        None if text.is_empty() => Ok(Value::Null),
        None => STARS.number(text).map(|stars| json!(of_stars(stars))),
    }
}

/// Without what is left of tenths in binary numbers.
fn round(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_come_back_as_the_rating_that_they_show() {
        for (rating, stars) in [(0.0, "1"), (0.0001, "1.0004"), (0.93, "4.72"), (0.95, "4.8"), (1.0, "5")] {
            assert_eq!((shown(rating).as_str(), read(stars, None)), (stars, Ok(json!(rating))));
        }
        assert_eq!(read("1.493827", Some(0.123_456_789)), Ok(json!(0.123_456_789)));
        assert_eq!(read(" ", Some(0.5)), Ok(Value::Null));
        let refused = read("0.5", Some(0.7)).unwrap_err().sentence();
        assert_eq!(refused, "Rating must be a number from 1 to 5, not “0.5”.");
    }
}
