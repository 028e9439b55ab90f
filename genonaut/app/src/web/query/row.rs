//! A LoRA in a recipe, as one word of an address: `ID`, `ID~0.8`, `ID~0.8~0.5`, each with `~off` behind it.

use std::fmt;
use std::str::FromStr;

use genonaut_sources::setting_limits::WEIGHT;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    pub id: Uuid,
    /// From -4 to 4; None is the recommended one.
    pub weight: Option<f64>,
    /// On the text encoder; None is the same.
    pub clip_weight: Option<f64>,
    /// Kept in the recipe, but not applied.
    pub off: bool,
}

impl Row {
    pub const fn new(id: Uuid) -> Self {
        Self { id, weight: None, clip_weight: None, off: false }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        match (self.weight, self.clip_weight) {
            (None, None) => {}
            (Some(weight), None) => write!(f, "~{weight}")?,
            (None, Some(clip)) => write!(f, "~~{clip}")?,
            (Some(weight), Some(clip)) => write!(f, "~{weight}~{clip}")?,
        }
        if self.off { f.write_str("~off") } else { Ok(()) }
    }
}

impl FromStr for Row {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (text, off) = text.strip_suffix("~off").map_or((text, false), |text| (text, true));
        let mut parts = text.split('~');
        let id = parts.next().and_then(|id| id.parse().ok()).ok_or(())?;
        let mut number = || match parts.next() {
            None | Some("") => Ok(None),
            Some(text) => WEIGHT.number(text).map(Some).map_err(drop),
        };
        Ok(Self { id, weight: number()?, clip_weight: number()?, off })
    }
}
