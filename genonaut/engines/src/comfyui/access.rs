//! How a server lets us in.

use std::fmt;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

/// What a server behind a proxy wants to see.
#[derive(Clone, Default)]
pub enum Access {
    #[default]
    Open,
    /// Sent as `Authorization: Bearer …`.
    Token(String),
    /// A header that a proxy asks for.
    Header { name: String, value: String },
}

impl Access {
    pub(super) fn headers(&self) -> Option<HeaderMap> {
        let (name, value) = match self {
            Self::Open => return Some(HeaderMap::new()),
            Self::Token(token) => (AUTHORIZATION, format!("Bearer {token}")),
            Self::Header { name, value } => (HeaderName::try_from(name).ok()?, value.clone()),
        };
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        Some(HeaderMap::from_iter([(name, value)]))
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Open => "Open",
            Self::Token(_) => "Token",
            Self::Header { .. } => "Header",
        })
    }
}
