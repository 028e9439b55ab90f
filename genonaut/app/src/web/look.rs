//! Light or dark: kept in a cookie, so that the first paint already has it.

use std::convert::Infallible;

use axum::Form;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, StatusCode, header, request};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

pub const COOKIE: &str = "genonaut_theme";

/// What the browser asked for with its cookie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    #[default]
    System,
    Light,
    Dark,
}

impl Look {
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let found = pairs.find(|(name, _)| *name == COOKIE);
        match found.map(|(_, value)| value) {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Look {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// What the menu sends when there is no JavaScript.
#[derive(Deserialize)]
pub struct Choice {
    theme: Look,
    #[serde(default)]
    back: String,
}

pub async fn choose(Form(choice): Form<Choice>) -> Response {
    // Only ever back into the page: neither `//elsewhere` nor `/\elsewhere`.
    let home = choice.back == "/" || choice.back.starts_with("/?") || choice.back.starts_with("/models");
    let back = if home && choice.back.is_ascii() { choice.back.as_str() } else { "/" };
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", choice.theme.word());
    (StatusCode::SEE_OTHER, AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(back)).into_response()
}
