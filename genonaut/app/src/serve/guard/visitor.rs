//! Who asks: by token, by session, or nobody we know.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::DbError;
use genonaut_db::accounts::{self, SessionAccount};

use super::{Guard, text};
use crate::problem::{Problem, ProblemType};
use crate::serve::is_person;

/// Holds the token itself, for clients of a server with a token.
const TOKEN: &str = "genonaut_token";
/// Bytes of the address where people sign in; with the request's headers a server takes 128 KiB.
const LONGEST_LOGIN: usize = 60_000;
/// Holds the secret of a session.
pub const SESSION: &str = "genonaut_session";

/// Travels with the request of somebody who signed in: the account's name.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Arc<str>);

pub enum Visitor {
    /// With the secret of the session.
    Account(SessionAccount, String),
    Token,
    /// Nobody needs an account here.
    Anybody,
    Stranger,
}

/// What anybody may see, with no look at who asks: whether the server lives, and what its pages look like.
pub fn is_open(path: &str) -> bool {
    path == "/healthz" || path == "/favicon.ico" || path.starts_with("/assets/")
}

/// The secret that a browser shows.
pub fn session_in(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, SESSION)
}

impl Guard {
    pub async fn visitor(&self, request: &Parts) -> Result<Visitor, DbError> {
        // A program that sends the token may have cookies of a browser too; a browser that has both is its account's.
        let sends_token = request.headers.contains_key(header::AUTHORIZATION) && self.shows_token(&request.headers);
        if !sends_token
            && let (Some(accounts), Some(secret)) = (&self.accounts, session_in(&request.headers))
            && let Some(account) = accounts.who(secret).await?
        {
            return Ok(Visitor::Account(account, secret.to_owned()));
        }
        if self.shows_token(&request.headers) {
            return Ok(Visitor::Token);
        }
        let Some(accounts) = &self.accounts else { return Ok(self.without_accounts()) };
        // Before anybody has an account, a server of this machine alone is open to who sits at it.
        Ok(if self.closed || accounts::any(&accounts.db).await? { Visitor::Stranger } else { Visitor::Anybody })
    }

    fn without_accounts(&self) -> Visitor {
        if self.token.is_some() { Visitor::Stranger } else { Visitor::Anybody }
    }

    fn shows_token(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return false };
        let bearer = text(headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        bearer.into_iter().chain(cookie(headers, TOKEN)).any(|shown| same(shown, token))
    }

    /// A link with `?token=` signs a browser in and leads on without it.
    pub fn sign_in(&self, request: &Parts) -> Option<Response> {
        let token = self.token.as_ref()?;
        let query = request.uri.query()?;
        let (_, shown) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token")?;
        if request.method != Method::GET || !same(&shown, token) {
            return None;
        }
        let cookie = format!("{TOKEN}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000");
        let headers = [(header::LOCATION, request.uri.path().to_owned()), (header::SET_COOKIE, cookie)];
        Some((StatusCode::SEE_OTHER, headers).into_response())
    }

    /// People are led to where they can sign in, and back; programs are told what to send.
    pub async fn turn_away(&self, request: &Parts) -> Response {
        if !self.has_accounts().await {
            return unauthorized("send Authorization: Bearer TOKEN, or open /?token=TOKEN once");
        }
        let (path, headers) = (request.uri.path(), &request.headers);
        if headers.contains_key("hx-request") {
            // Back to the page that asks, which is not what it asks for.
            let page = text(headers, header::HeaderName::from_static("hx-current-url")).and_then(in_server);
            let to = page.map_or_else(|| "/login".to_owned(), |(path, back)| login(path, back));
            return ([("hx-redirect", to)], unauthorized("sign in at /login")).into_response();
        }
        if request.method == Method::GET && is_person(headers) && !path.starts_with("/api/") {
            let back = request.uri.path_and_query().map_or(path, |back| back.as_str());
            return Redirect::to(&login(path, back)).into_response();
        }
        unauthorized("sign in at /login and send its cookie, or send the token of --token-file")
    }

    async fn has_accounts(&self) -> bool {
        let Some(accounts) = &self.accounts else { return false };
        accounts::any(&accounts.db).await.unwrap_or(false)
    }
}

/// The path of a page's whole address, and the path with its query.
fn in_server(address: &str) -> Option<(&str, &str)> {
    let (_, rest) = address.split_once("://")?;
    let back = rest.get(rest.find('/')?..)?.split('#').next()?;
    Some((back.split('?').next()?, back))
}

/// Where to sign in, and then to go on to `back`, which is longer in there than it is; else to its path alone.
fn login(path: &str, back: &str) -> String {
    let leading = |back: &str| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("back", back).finish();
        format!("/login?{query}")
    };
    let mut all = [back, path].into_iter().map(leading);
    all.find(|address| address.len() <= LONGEST_LOGIN).unwrap_or_else(|| "/login".to_owned())
}

fn unauthorized(how: &str) -> Response {
    ([(header::WWW_AUTHENTICATE, "Bearer")], Problem::new(ProblemType::Unauthorized, how)).into_response()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = text(headers, header::COOKIE).unwrap_or_default().split(';');
    cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// Takes as long for a wrong first letter as for a wrong last one.
fn same(shown: &str, token: &str) -> bool {
    let differences = shown.bytes().zip(token.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    shown.len() == token.len() && differences == 0
}
