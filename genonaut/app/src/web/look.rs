//! Light or dark: kept in a cookie, so that the first paint already has it.

use std::convert::Infallible;

use axum::Form;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, StatusCode, header, request};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::serve::SignedIn;

pub const COOKIE: &str = "genonaut_theme";

/// What a page looks like for whoever asks for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    theme: Theme,
    /// By an account, so that there is a way out.
    pub signed_in: bool,
}

/// What the browser asked for with its cookie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Look {
    pub fn of(headers: &HeaderMap) -> Self {
        Self { theme: Theme::of(headers), signed_in: false }
    }

    pub const fn word(self) -> &'static str {
        self.theme.word()
    }
}

impl Theme {
    const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn of(headers: &HeaderMap) -> Self {
        match cookie(headers, COOKIE) {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }
}

/// The value of a cookie that the browser has sent.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

impl<S: Send + Sync> FromRequestParts<S> for Look {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { signed_in: parts.extensions.get::<SignedIn>().is_some(), ..Self::of(&parts.headers) })
    }
}

/// What the menu sends when there is no JavaScript.
#[derive(Deserialize)]
pub struct Choice {
    theme: Theme,
    #[serde(default)]
    back: String,
}

pub async fn choose(Form(choice): Form<Choice>) -> Response {
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", choice.theme.word());
    (StatusCode::SEE_OTHER, AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(back_into(&choice.back)))
        .into_response()
}

/// Whether a header can carry it.
pub fn is_address(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Only ever back into the page: neither `//elsewhere` nor `/\elsewhere`.
pub fn back_into(back: &str) -> &str {
    let pages = ["/?", "/models", "/grids", "/trash", "/start"];
    let ours = back == "/" || pages.iter().any(|page| back.starts_with(page));
    if ours && is_address(back) { back } else { "/" }
}
