//! The page where people sign in, and the way out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Form, Router};
use serde::Deserialize;

use super::guard::{Guard, SESSION, SignedIn, session_in};
use super::peer;
use crate::accounts::{Accounts, DAYS, SignIn};
use crate::problem::{Problem, ProblemType};
use crate::web::{Look, back_into};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    look: Look,
    name: &'a str,
    /// Where it leads on to.
    back: &'a str,
    problem: &'a str,
    /// Whose session this browser has already.
    account: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    name: String,
    password: String,
    back: String,
}

pub fn routes(guard: Guard) -> Router {
    Router::new().route("/login", get(show).post(sign_in)).route("/logout", post(sign_out)).with_state(guard)
}

async fn show(look: Look, Query(asked): Query<Asked>, signed_in: Option<Extension<SignedIn>>) -> Response {
    let account = signed_in.as_ref().map(|name| &*name.0.0);
    page(StatusCode::OK, &LoginPage { look, name: "", back: back_into(&asked.back), problem: "", account })
}

async fn sign_in(
    State(guard): State<Guard>,
    look: Look,
    request: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    let refuse = |code, problem: &str| {
        Ok(page(code, &LoginPage { look, name: &asked.name, back: back_into(&asked.back), problem, account: None }))
    };
    if asked.name.contains('\0') {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "The name contains a NUL character.");
    }
    match accounts(&guard)?.sign_in(asked.name.trim(), &asked.password, peer::client(&request)).await? {
        SignIn::Welcome(secret) => {
            Ok(with_cookie(&request.headers, &secret, i64::from(DAYS) * 86_400, back_into(&asked.back)))
        }
        SignIn::Wrong => refuse(StatusCode::UNAUTHORIZED, "Wrong name or password."),
        SignIn::Wait(time) => {
            let seconds = time.as_secs() + 1;
            let page =
                refuse(StatusCode::TOO_MANY_REQUESTS, &format!("Too many failed attempts. Try again in {seconds} s."));
            Ok(([(header::RETRY_AFTER, seconds)], page?).into_response())
        }
    }
}

async fn sign_out(State(guard): State<Guard>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(secret) = session_in(&headers) {
        accounts(&guard)?.sign_out(secret).await?;
    }
    Ok(with_cookie(&headers, "", 0, "/login"))
}

fn accounts(guard: &Guard) -> Result<&Accounts, Problem> {
    guard.accounts().ok_or_else(|| Problem::not_found("page"))
}

/// Sent on with every request to this server alone, and no script can read it.
fn with_cookie(headers: &HeaderMap, secret: &str, seconds: i64, leads_to: &str) -> Response {
    let behind_tls = headers.get("x-forwarded-proto").is_some_and(|protocol| protocol == "https");
    let secure = if behind_tls { "; Secure" } else { "" };
    let cookie = format!("{SESSION}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(leads_to)).into_response()
}

fn page(code: StatusCode, page: &LoginPage) -> Response {
    match page.render() {
        Ok(html) => (code, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => Problem::new(ProblemType::Internal, "see the server log").because(error).into_response(),
    }
}
