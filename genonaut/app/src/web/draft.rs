//! The recipe that a browser is at, kept on the server: a reload, another tab and the next day find it again.

mod kept;

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request};
use axum::response::{AppendHeaders, IntoResponse, Response};
use genonaut_db::accounts::Viewer;
use genonaut_db::{PgPool, drafts, examples};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::query::{Asked, Body, Recipe};
use crate::app::App;
use crate::problem::Problem;

const COOKIE: &str = "genonaut_draft";

/// Which browser it is, and whose account uses it.
#[derive(Debug, Clone, Copy)]
pub struct Browser {
    id: Uuid,
    account: Option<Uuid>,
    /// It has not been here before, and is to be given a cookie.
    is_new: bool,
    /// Another site has led it here.
    is_led: bool,
}

impl Browser {
    fn of(headers: &HeaderMap, account: Option<Uuid>) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let found = pairs.find(|(name, _)| *name == COOKIE).and_then(|(_, id)| id.parse().ok());
        Self { id: found.unwrap_or_else(Uuid::new_v4), account, is_new: found.is_none(), is_led: is_led(headers) }
    }

    /// What the pairs ask for. What names no recipe is done to the one that the browser is at.
    pub async fn ask(self, db: &PgPool, pairs: &[(String, String)]) -> Result<Asked, genonaut_db::DbError> {
        let asked = Asked::read(pairs);
        if asked.names_recipe || self.is_new {
            return Ok(asked);
        }
        let kept = kept::read(&drafts::load(db, self.draft()).await?.unwrap_or_default()).into_iter();
        // One's own checkpoint is no choice of another.
        let chosen = pairs.iter().any(|(key, value)| key == "checkpoint" && !value.is_empty());
        let is_chosen = chosen || self.is_at_example(db).await?;
        let kept = kept.filter(|(key, _)| !(is_chosen && key == "checkpoint"));
        Ok(Asked {
            names_recipe: chosen || asked.acts,
            ..Asked::read(&kept.chain(pairs.iter().cloned()).collect::<Vec<_>>())
        })
    }

    /// The checkpoint that it was at.
    pub async fn checkpoint(self, db: &PgPool) -> Result<Option<Uuid>, genonaut_db::DbError> {
        let kept = kept::read(&drafts::load(db, self.draft()).await?.unwrap_or_default());
        Ok(kept.iter().find(|(key, _)| key == "checkpoint").and_then(|(_, id)| id.parse().ok()))
    }

    /// Examples were offered while there was nothing else.
    async fn is_at_example(self, db: &PgPool) -> Result<bool, genonaut_db::DbError> {
        match self.checkpoint(db).await? {
            Some(id) => examples::steps_back(db, id).await,
            None => Ok(false),
        }
    }

    pub async fn keep(self, db: &PgPool, recipe: &Recipe) -> Result<(), genonaut_db::DbError> {
        drafts::save(db, self.draft(), &kept::write(recipe)).await
    }

    /// Keeps what a page was opened with, for a browser that shows its cookie: programs that never do would leave a row
    /// behind each time. A link on another site shows its recipe, and leaves the person's own where it is.
    pub async fn keep_opened(self, db: &PgPool, recipe: &Recipe) -> Result<(), genonaut_db::DbError> {
        if self.is_new || self.is_led { Ok(()) } else { self.keep(db, recipe).await }
    }

    /// Each account has a draft of its own in a browser that several use. Nobody can name it who has not both ids.
    fn draft(self) -> Uuid {
        let Some(account) = self.account else { return self.id };
        let digest = Sha256::new().chain_update(self.id).chain_update(account).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Uuid::from_bytes(id)
    }

    /// The answer, with a cookie for a browser that has none.
    pub fn remember(self, mut answer: Response) -> Response {
        let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", self.id);
        if let (true, Ok(cookie)) = (self.is_new, HeaderValue::from_str(&cookie)) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        answer
    }
}

/// Programs and old browsers do not say where they come from.
fn is_led(headers: &HeaderMap) -> bool {
    let from = headers.get("sec-fetch-site").and_then(|from| from.to_str().ok());
    from.is_some_and(|from| !["same-origin", "same-site", "none"].contains(&from))
}

impl<S: Send + Sync> FromRequestParts<S> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        let viewer = parts.extensions.get::<Viewer>();
        Ok(Self::of(&parts.headers, viewer.and_then(|viewer| viewer.account())))
    }
}

/// Keeps what a form holds, without a word about what is wrong in it: someone is still typing. Answers with the
/// recipe's address.
pub async fn save(State(app): State<App>, browser: Browser, Body(pairs): Body) -> Result<Response, Problem> {
    let recipe = Asked::read(&pairs).recipe;
    browser.keep(&app.db, &recipe).await?;
    let address = AppendHeaders([(header::LOCATION, recipe.place())]);
    Ok(browser.remember((StatusCode::NO_CONTENT, address).into_response()))
}
