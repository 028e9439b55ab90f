//! A setting's limits as attributes of its fields.

use genonaut_sources::setting_limits::{Range, SettingLimit};

/// `min`, `max` and `step` of an exact field, which takes any number where the setting may be any.
pub fn exact(limit: &SettingLimit) -> String {
    limit.range().map_or_else(String::new, |range| if range.exact { moves(range) } else { any(range) })
}

/// The same of a slider, which moves by steps.
pub fn slider(limit: &SettingLimit) -> String {
    limit.range().map_or_else(String::new, moves)
}

/// The same of a side, which the architecture may hold to less.
pub fn side(limit: &SettingLimit, longest: &u32) -> String {
    limit.range().map_or_else(String::new, |range| moves(Range { max: f64::from(*longest), ..range }))
}

pub fn moves(Range { min, max, step, .. }: Range) -> String {
    format!("min=\"{min}\" max=\"{max}\" step=\"{step}\"")
}

fn any(Range { min, max, .. }: Range) -> String {
    format!("min=\"{min}\" max=\"{max}\" step=\"any\"")
}

#[cfg(test)]
mod tests {
    use genonaut_sources::setting_limits::{CFG, SAMPLER, STEPS, WIDTH};

    #[test]
    fn fields_have_the_limits_of_their_settings() {
        assert_eq!(super::exact(&STEPS), r#"min="1" max="150" step="1""#);
        assert_eq!(super::exact(&CFG), r#"min="0" max="30" step="any""#);
        assert_eq!(super::slider(&CFG), r#"min="0" max="30" step="0.1""#);
        assert_eq!(super::side(&WIDTH, &2048), r#"min="64" max="2048" step="8""#);
        assert_eq!(super::exact(&SAMPLER), "");
    }
}
