//! How the server is reached: address, access, and what each way of not answering means.

use std::fmt;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use super::access::Access;
use crate::{Failure, Kind};

const CONNECT: Duration = Duration::from_secs(5);
/// For one answer. A busy server answers late, since Python runs nodes and requests by turns.
const ANSWER: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub(super) struct Server {
    url: Url,
    /// The address without user and password, for people.
    shown: String,
    pub(super) http: Client,
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ComfyUI at {}", self.shown)
    }
}

impl Server {
    pub fn new(url: &str, access: &Access) -> Result<Self, Failure> {
        let mut url = Url::parse(url).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(unusable("must start with http:// or https://"));
        }
        // A server below a path keeps it: the last part of a URL without a slash at its end would be replaced.
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let headers = access.headers().ok_or_else(|| unusable("has a token or header with invalid characters"))?;
        let http = client(&url, headers).map_err(|error| unusable(&format!("cannot be used: {}", cause(&error))))?;
        Ok(Self { shown: shown(&url), url, http })
    }

    /// For people.
    pub fn address(&self) -> &str {
        &self.shown
    }

    /// The address of something on the server; parts of the path are escaped.
    pub fn at(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Failure> {
        self.read(self.good(self.send(self.http.get(self.at(path, &[]))).await?).await?).await
    }

    /// Any answer at all, good or not.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request.timeout(ANSWER).send().await.map_err(|error| self.silent(&error))
    }

    /// The answer, if it is one of success.
    pub async fn good(&self, answer: Response) -> Result<Response, Failure> {
        match answer.status() {
            status if status.is_success() => Ok(answer),
            status => Err(self.turned_away(status, &answer.text().await.unwrap_or_default())),
        }
    }

    pub async fn read<T: DeserializeOwned>(&self, answer: Response) -> Result<T, Failure> {
        answer.json().await.map_err(|error| self.foreign(&error))
    }

    /// Nobody answers.
    pub fn silent(&self, error: &dyn std::error::Error) -> Failure {
        let hint = format!("{}. Start it or check its address.", cause(error));
        Failure::new(Kind::Unreachable, format!("{self} does not respond"), hint)
    }

    /// Somebody answers, but not with what was asked for.
    pub fn turned_away(&self, status: StatusCode, text: &str) -> Failure {
        let said = text.lines().next().unwrap_or_default();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Failure::new(
                Kind::Unreachable,
                format!("{self} denied access ({status})"),
                "Set the token or header required by its proxy.",
            ),
            status if status.is_server_error() => Failure::new(
                Kind::Unreachable,
                format!("{self} reported a server error ({status})"),
                format!("Check its log and retry. {said}").trim_end(),
            ),
            status => Failure::new(
                Kind::Unreachable,
                format!("{self} rejected the request ({status})"),
                "Check that the address is that of a recent ComfyUI.",
            ),
        }
    }

    fn foreign(&self, error: &reqwest::Error) -> Failure {
        let hint = format!("{}. Check that the address is that of a ComfyUI.", cause(error));
        Failure::new(Kind::Unreachable, format!("{self} sent an invalid response"), hint)
    }
}

fn client(url: &Url, headers: HeaderMap) -> reqwest::Result<Client> {
    // Websockets begin as HTTP/1.1.
    let client = Client::builder().http1_only().connect_timeout(CONNECT).default_headers(headers);
    // A proxy for the world outside is no way to this machine.
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if is_here { client.no_proxy() } else { client }.build()
}

/// Without user, password and query.
fn shown(url: &Url) -> String {
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let path = url.path().trim_end_matches('/');
    format!("{}://{}{port}{path}", url.scheme(), url.host_str().unwrap_or_default())
}

fn unusable(why: &str) -> Failure {
    Failure::new(Kind::Unreachable, format!("ComfyUI's address {why}"), "Example: http://127.0.0.1:8188")
}

/// The innermost reason: the outer ones name the address again, with its password.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Result<Server, Failure> {
        Server::new(url, &Access::Open)
    }

    #[test]
    fn a_server_below_a_path_is_asked_there_and_shown_without_its_password() {
        let server = server("http://me:secret@gpu:8188/comfy").unwrap();
        assert_eq!(server.to_string(), "ComfyUI at http://gpu:8188/comfy");
        let asked = server.at(&["history", "a/b"], &[("q", "ä &")]);
        assert_eq!(asked.as_str(), "http://me:secret@gpu:8188/comfy/history/a%2Fb?q=%C3%A4+%26");
    }

    #[test]
    fn addresses_that_are_none_are_refused_with_an_example() {
        for url in ["", "gpu:8188", "ftp://gpu", "127.0.0.1:8188", "http://"] {
            assert_eq!(server(url).unwrap_err().hint, "Example: http://127.0.0.1:8188", "{url}");
        }
        let access = Access::Header { name: "X-Key".to_owned(), value: "two\nlines".to_owned() };
        assert!(Server::new("http://gpu", &access).is_err());
    }
}
