//! Limits of settings, and how values are read and written within them.

/// Numbers from `min` to `max`, both included, in whole steps from 0.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub min: f64,
    pub max: f64,
    pub step: f64,
}

/// A closed list of ids with their names, and what other programs call them.
pub(super) struct Words {
    pub known: &'static [(&'static str, &'static str)],
    pub other: fn(&str) -> Option<&'static str>,
}

/// A value that forms and addresses write as text.
pub(super) trait Setting: Sized {
    type Limits;

    /// # Errors
    /// Why the text is no such value, for a person.
    fn read(text: &str, limits: Self::Limits, name: &str) -> Result<Self, String>;

    fn write(&self) -> String;
}

impl Setting for u32 {
    type Limits = Limits;

    fn read(text: &str, limits: Limits, name: &str) -> Result<Self, String> {
        let number = limits.read(text, name)?;
        let odd = number.fract() != 0.0 || number % limits.step != 0.0;
        if odd { Err(limits.complain(text, name)) } else { Ok(number as Self) }
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for f64 {
    type Limits = Limits;

    fn read(text: &str, limits: Limits, name: &str) -> Result<Self, String> {
        limits.read(text, name)
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for String {
    type Limits = Words;

    fn read(text: &str, Words { known, other }: Words, name: &str) -> Result<Self, String> {
        let found = known.iter().find(|(id, label)| *id == text || label.eq_ignore_ascii_case(text)).map(|(id, _)| *id);
        found.or_else(|| other(text)).map(str::to_owned).ok_or_else(|| {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
            format!("There is no {name} “{shown}”.")
        })
    }

    fn write(&self) -> String {
        self.clone()
    }
}

impl Limits {
    fn read(self, text: &str, name: &str) -> Result<f64, String> {
        let number = text.trim().parse::<f64>().ok();
        number.filter(|number| (self.min..=self.max).contains(number)).ok_or_else(|| self.complain(text, name))
    }

    fn complain(self, text: &str, name: &str) -> String {
        let Self { min, max, step } = self;
        let shown: String = text.chars().filter(|c| !c.is_control()).take(20).collect();
        let steps = if step > 1.0 { format!(", in steps of {step}") } else { String::new() };
        let name = match name {
            "cfg" => "CFG scale".to_owned(),
            name => name.replace('_', " "),
        };
        format!("The {name} “{shown}” is not between {min} and {max}{steps}.")
    }
}

/// An aspect ratio with its size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    pub ratio: (u32, u32),
    pub width: u32,
    pub height: u32,
}

const RATIOS: [(u32, u32); 7] = [(1, 1), (3, 4), (2, 3), (9, 16), (4, 3), (3, 2), (16, 9)];

/// Sizes with about as many pixels as `native` (what the model was trained at), in multiples of 64.
pub fn sides((width, height): (u32, u32)) -> [Sides; 7] {
    let area = f64::from(width) * f64::from(height);
    RATIOS.map(|(a, b)| {
        let side = |long: u32, short: u32| {
            let exact = (area * f64::from(long) / f64::from(short)).sqrt();
            (((exact / 64.0).round() * 64.0) as u32).clamp(64, 4096)
        };
        Sides { ratio: (a, b), width: side(a, b), height: side(b, a) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_keep_the_pixels() {
        let all = sides((1024, 1024)).map(|sides| (sides.width, sides.height));
        assert_eq!(all[..4], [(1024, 1024), (896, 1152), (832, 1280), (768, 1344)]);
        assert!(sides((512, 512)).iter().all(|sides| sides.width * sides.height < 300_000));
    }
}
