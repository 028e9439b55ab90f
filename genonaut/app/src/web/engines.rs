//! Setting what makes the images, where none was named on the command line.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use genonaut_db::engines::NewChosen;
use uuid::Uuid;

use super::answer::{Failure, Htmx};
use super::look::Look;
use super::query::Body;
use super::start::{self, Typed};
use crate::app::App;
use crate::discovery::{BUILT_IN, Discovery, Refusal};
use crate::problem::{Problem, ProblemType};

/// Uses a server that was found on this machine.
pub async fn choose(State(app): State<App>, htmx: Htmx, Body(pairs): Body) -> Result<Response, Failure> {
    let discovery = discovery(&app, htmx)?;
    match discovery.choose(&app.db, value(&pairs, "url")).await {
        Ok(true) => Ok(done()),
        Ok(false) => Err(htmx
            .refused(Problem::new(ProblemType::Conflict, "no ComfyUI found at this address; start it and try again"))),
        Err(error) => Err(htmx.failure(error)),
    }
}

/// Tests a server that a person has named, and uses it.
pub async fn add(State(app): State<App>, htmx: Htmx, look: Look, Body(pairs): Body) -> Result<Response, Failure> {
    let discovery = discovery(&app, htmx)?;
    let added = match entered(&pairs) {
        Ok(new) => discovery.add(&app.db, &new).await.map_err(|error| htmx.failure(error))?,
        Err(refusal) => Err(refusal),
    };
    match added {
        Ok(()) => Ok(set()),
        Err(refusal) => start::refuse(&app, htmx, look, typed(&pairs), refusal).await,
    }
}

pub async fn built_in(State(app): State<App>, htmx: Htmx, look: Look) -> Result<Response, Failure> {
    let new = NewChosen { url: BUILT_IN.to_owned(), ..NewChosen::default() };
    match discovery(&app, htmx)?.add(&app.db, &new).await.map_err(|error| htmx.failure(error))? {
        Ok(()) => Ok(set()),
        Err(refusal) => start::refuse(&app, htmx, look, Typed::default(), refusal).await,
    }
}

pub async fn rename(
    State(app): State<App>,
    htmx: Htmx,
    look: Look,
    Path(id): Path<Uuid>,
    Body(pairs): Body,
) -> Result<Response, Failure> {
    let renamed = discovery(&app, htmx)?.rename(&app.db, id, value(&pairs, "name")).await;
    match renamed.map_err(|error| htmx.failure(error))? {
        Ok(()) => Ok(set()),
        Err(Refusal { text, .. }) => {
            start::refuse(&app, htmx, look, Typed::default(), Refusal { field: "renamed", text }).await
        }
    }
}

pub async fn remove(State(app): State<App>, htmx: Htmx, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    discovery(&app, htmx)?.remove(&app.db, id).await.map_err(|error| htmx.failure(error))?;
    Ok(set())
}

/// Back to the demo engine.
pub async fn demo(State(app): State<App>, htmx: Htmx) -> Result<Response, Failure> {
    discovery(&app, htmx)?.demo(&app.db).await.map_err(|error| htmx.failure(error))?;
    Ok(done())
}

/// A token, or a header with its value, or neither.
fn entered(pairs: &[(String, String)]) -> Result<NewChosen, Refusal> {
    let given = |key: &str| Some(value(pairs, key).to_owned()).filter(|text| !text.is_empty());
    let refused = |field, text: &str| Err(Refusal { field, text: text.to_owned() });
    let Some(url) = given("url") else { return refused("url", "Enter an address, e.g. http://127.0.0.1:8188.") };
    if url == BUILT_IN {
        return refused("url", "Enter an address, e.g. http://127.0.0.1:8188.");
    }
    let (header, secret) = match (given("token"), given("header"), given("value")) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => return refused("token", "Enter either a token or a header."),
        (token @ Some(_), None, None) => (None, token),
        (None, Some(_), None) => return refused("value", "Enter the value of the header."),
        (None, None, Some(_)) => return refused("header", "Enter the name of the header."),
        (None, header, value) => (header, value),
    };
    Ok(NewChosen { url, name: given("name"), header, secret })
}

/// An address may hold a password, which is not sent back.
fn typed(pairs: &[(String, String)]) -> Typed {
    let text = |key: &str| value(pairs, key).to_owned();
    let opens = ["token", "header", "value"].iter().any(|key| !value(pairs, key).is_empty());
    let url = Some(text("url")).filter(|url| !url.contains('@')).unwrap_or_default();
    Typed { url, name: text("name"), header: text("header"), opens }
}

fn value<'a>(pairs: &'a [(String, String)], key: &str) -> &'a str {
    pairs.iter().find(|(given, _)| given == key).map(|(_, value)| value.trim()).unwrap_or_default()
}

/// Everybody's prompts go to the engines that are set: of several accounts only administrators set them.
fn discovery(app: &App, htmx: Htmx) -> Result<&Discovery, Failure> {
    if !htmx.viewer.administers() {
        return Err(htmx.refused(Problem::new(ProblemType::Conflict, "only an administrator changes the engines")));
    }
    let named = || {
        htmx.refused(Problem::new(ProblemType::Conflict, "the engines are set on the command line; change them there"))
    };
    app.discovery.as_ref().ok_or_else(named)
}

/// The page tells by itself how it goes on.
fn done() -> Response {
    Redirect::to("/").into_response()
}

fn set() -> Response {
    Redirect::to(start::ENGINES).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(text.as_bytes()).into_owned().collect()
    }

    #[test]
    fn a_server_asks_for_a_token_or_a_header_or_nothing() {
        for (form, header, secret) in [
            ("url=http://gpu:8188", None, None),
            ("url=http://gpu:8188&token=t&header=&value=", None, Some("t")),
            ("url=http://gpu:8188&header=X-Key&value=v", Some("X-Key"), Some("v")),
        ] {
            let new = entered(&pairs(form)).ok().unwrap();
            assert_eq!((new.header.as_deref(), new.secret.as_deref()), (header, secret), "{form}");
        }
        for (form, field) in [
            ("url=+", "url"),
            ("url=embedded", "url"),
            ("url=http://gpu&token=t&header=X-Key", "token"),
            ("url=http://gpu&header=X-Key", "value"),
            ("url=http://gpu&value=v", "header"),
        ] {
            assert_eq!(entered(&pairs(form)).err().unwrap().field, field, "{form}");
        }
    }

    #[test]
    fn no_secret_is_sent_back() {
        let typed = typed(&pairs("url=http://me:pass@gpu&token=t0ken&header=X-Key&value=v4lue&name=big"));
        assert_eq!((typed.url.as_str(), typed.name.as_str(), typed.header.as_str()), ("", "big", "X-Key"));
        assert!(typed.opens && !format!("{typed:?}").contains("4lue"));
    }
}
