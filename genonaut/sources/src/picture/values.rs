//! Numbers, sizes and hashes as programs and people write them.

use serde_json::Value;

/// A finite number; `0,8` is 0.8, as half of Europe writes it.
pub fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| parse_float(value.as_str()?)).filter(|number| number.is_finite())
}

pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let number: Option<f64> = text.parse().ok().or_else(|| {
        let (whole, part) = text.split_once(',')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (digits(whole.strip_prefix(['-', '+']).unwrap_or(whole)) && digits(part))
            .then(|| format!("{whole}.{part}").parse().ok())?
    });
    number.filter(|number| number.is_finite())
}

/// A whole number from 0 on, `24.0` too; with what was rounded away.
pub fn whole(value: &Value) -> Option<(u64, bool)> {
    if let Some(number) = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()) {
        return Some((number, false));
    }
    // Beyond 2^53 a float is no exact number any more.
    let number = float(value).filter(|number| (0.0..=9_007_199_254_740_992.0).contains(number))?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    let rounded = number.round() as u64;
    Some((rounded, number.fract() != 0.0))
}

/// `832x1216`, `832 × 1216`, `832*1216`, `(832, 1216)`, `[832, 1216]`.
pub fn size(value: &Value) -> Option<(u32, u32)> {
    if let Some([width, height]) = value.as_array().map(Vec::as_slice) {
        return Some((side(width)?, side(height)?));
    }
    let text = value.as_str()?.trim_matches(['(', ')', '[', ']', ' ']);
    let mut sides = text.split(['x', 'X', '×', '*', ',']).map(|side| side.trim_matches([' ', '\'', '"']).parse().ok());
    match (sides.next().flatten(), sides.next().flatten(), sides.next()) {
        (Some(width), Some(height), None) => Some((width, height)),
        _ => None,
    }
}

fn side(value: &Value) -> Option<u32> {
    u32::try_from(whole(value)?.0).ok()
}

/// Lower-case hexadecimal digits, without `0x` and without the name of the algorithm in front.
pub fn hash(text: &str) -> Option<String> {
    let text = text.trim().rsplit(':').next()?.trim().to_lowercase();
    let digits = text.strip_prefix("0x").unwrap_or(&text);
    let fits = (8..=64).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| digits.to_owned())
}

/// As text, whatever it is.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn odd_numbers_are_numbers() {
        for (value, number) in [
            (json!("0,8"), Some(0.8)),
            (json!(" 5 "), Some(5.0)),
            (json!(".5"), Some(0.5)),
            (json!(7), Some(7.0)),
            (json!("1,2,3"), None),
            (json!("NaN"), None),
            (json!("x"), None),
            (json!(null), None),
        ] {
            assert_eq!(float(&value), number, "{value}");
        }
        for (value, number) in [
            (json!(24.0), Some((24, false))),
            (json!("24.0"), Some((24, false))),
            (json!(u64::MAX), Some((u64::MAX, false))),
            (json!("18446744073709551615"), Some((u64::MAX, false))),
            (json!(20.5), Some((21, true))),
            (json!(-1), None),
            (json!(1e300), None),
        ] {
            assert_eq!(whole(&value), number, "{value}");
        }
    }

    #[test]
    fn sizes_and_hashes_are_read_in_every_form() {
        for value in ["832x1216", "832 x 1216", "832×1216", "(832, 1216)", "832*1216", "('832', '1216')"] {
            assert_eq!(size(&json!(value)), Some((832, 1216)), "{value}");
        }
        assert_eq!((size(&json!([64, 96])), size(&json!("64")), size(&json!("1x2x3"))), (Some((64, 96)), None, None));
        assert_eq!(hash("blake3:ABCDEF0123").as_deref(), Some("abcdef0123"));
        assert_eq!((hash("0xABCDEF01").as_deref(), hash("x"), hash("")), (Some("abcdef01"), None, None));
    }
}
