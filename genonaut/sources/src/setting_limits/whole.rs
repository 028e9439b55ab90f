//! Whole numbers, as JSON and people write them: `20`, and `20.0` where a language has one kind of number.

use serde_json::Value;

/// Beyond this not every whole number has a double of its own (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The whole number of a JSON document; `None` for anything else, texts too.
pub fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().filter(|_| value.is_f64()).and_then(of_double))
}

/// The whole number of a field or an address.
pub fn whole_text(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| of_double(text.parse().ok()?))
}

fn of_double(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        for (value, number) in [
            (json!(20), Some(20)),
            (json!(20.0), Some(20)),
            (json!(-1.0), Some(-1)),
            (json!(i64::MAX), Some(i64::MAX)),
            (json!(20.5), None),
            (json!(1e300), None),
            (json!(u64::MAX), None),
            (json!("20"), None),
            (json!(null), None),
        ] {
            assert_eq!(whole(&value), number, "{value}");
        }
        for (text, number) in [
            ("20", Some(20)),
            (" 20.0 ", Some(20)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-1", Some(-1)),
            ("2.5", None),
            ("", None),
            ("NaN", None),
            ("inf", None),
            ("x", None),
        ] {
            assert_eq!(whole_text(text), number, "{text}");
        }
    }
}
