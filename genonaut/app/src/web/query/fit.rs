//! Which LoRAs to offer, and where in their list.

use std::fmt;
use std::str::FromStr;

use genonaut_db::architecture::Grade;
use genonaut_db::page::Cursor;

/// Which LoRAs to offer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FitChoice {
    /// Nobody has chosen: what fits, where anything does, else all.
    #[default]
    Unset,
    Any,
    Compatible,
    Optimal,
}

impl FitChoice {
    pub const ALL: [Self; 3] = [Self::Optimal, Self::Compatible, Self::Any];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Unset => "",
            Self::Any => "any",
            Self::Compatible => "compatible",
            Self::Optimal => "optimal",
        }
    }

    /// What is marked as chosen in a list that is there.
    pub const fn shown(self) -> &'static str {
        match self {
            Self::Unset => Self::Any.word(),
            chosen => chosen.word(),
        }
    }

    /// Grades that count; none asks for nothing.
    pub fn grades(self) -> Vec<Grade> {
        match self {
            Self::Unset | Self::Any => Vec::new(),
            Self::Compatible => vec![Grade::Optimal, Grade::Compatible, Grade::Partial],
            Self::Optimal => vec![Grade::Optimal],
        }
    }
}

impl FromStr for FitChoice {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|fit| fit.word() == word).ok_or(())
    }
}

/// A page of the LoRA list, and the list it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub list: u32,
    /// Of a list that is ordered by grades first, the grade that it is in, from 0.
    pub grade: usize,
    pub cursor: Cursor,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.grade {
            0 => write!(f, "{:08x}.{}", self.list, self.cursor),
            grade => write!(f, "{:08x}.{grade}.{}", self.list, self.cursor),
        }
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (list, rest) = text.split_once('.').ok_or(())?;
        let (grade, cursor) = rest.split_once('.').unwrap_or(("0", rest));
        let grade = grade.parse().map_err(|_| ())?;
        let cursor: Cursor = cursor.parse().map_err(|_| ())?;
        let list = u32::from_str_radix(list, 16).map_err(|_| ())?;
        Ok(Self { list, grade, cursor })
    }
}
