//! What is said to a person about what cannot be done as it was sent, and at which field.

use genonaut_sources::setting_limits::Refused;

/// A sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The name of the form's field that it is about.
    pub field: Option<String>,
    pub text: String,
}

impl Notice {
    pub fn at(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: Some(field.into()), text: text.into() }
    }
}

impl From<String> for Notice {
    fn from(text: String) -> Self {
        Self { field: None, text }
    }
}

impl From<&str> for Notice {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Refused> for Notice {
    fn from(refused: Refused) -> Self {
        Self::at(refused.limit.key, refused.sentence())
    }
}
