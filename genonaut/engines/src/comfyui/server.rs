//! How the server is reached: address, access, and what each way of not answering means.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use super::access::Access;
use super::reach::{self, Checked};
use crate::{Failure, Kind};

const CONNECT: Duration = Duration::from_secs(5);
/// For one answer, to its last byte. A busy server answers late, since Python runs nodes and requests by turns.
pub(super) const ANSWER: Duration = Duration::from_secs(60);

/// Bytes of an answer in JSON (32 MiB): a queue holds the whole graph of each prompt.
const LARGEST_JSON: usize = 32 << 20;
/// Bytes of an image (256 MiB).
pub(super) const LARGEST_IMAGE: usize = 256 << 20;
/// Bytes of a refusal that are read (64 KiB).
const LARGEST_REFUSAL: usize = 64 << 10;

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
        let url = address(url)?;
        // A proxy for the world outside is no way to this machine.
        let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let client = if is_here { client().no_proxy() } else { client() };
        Self::with(url, client, access)
    }

    /// One whose name is checked whenever it is looked up. That takes a connection of our own, so no proxy is used.
    pub fn named_on_page(url: &str, access: &Access) -> Result<Self, Failure> {
        let url = address(url)?;
        if reach::is_refused(&url) {
            return Err(unusable(reach::REFUSED));
        }
        Self::with(url, client().no_proxy().dns_resolver(Checked), access)
    }

    fn with(url: Url, client: ClientBuilder, access: &Access) -> Result<Self, Failure> {
        let headers = access.headers().ok_or_else(|| unusable("has a token or header with invalid characters"))?;
        let client = client.default_headers(headers).build();
        let http = client.map_err(|error| unusable(&format!("cannot be used: {}", cause(&error))))?;
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
            status => {
                let said = self.body(answer, LARGEST_REFUSAL).await.unwrap_or_default();
                Err(self.turned_away(status, &String::from_utf8_lossy(&said)))
            }
        }
    }

    pub async fn read<T: DeserializeOwned>(&self, answer: Response) -> Result<T, Failure> {
        let body = self.body(answer, LARGEST_JSON).await?;
        serde_json::from_slice(&body).map_err(|error| self.foreign(&error))
    }

    /// What the answer holds, if that is at most so many bytes.
    pub async fn body(&self, mut answer: Response, most: usize) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| self.silent(&error))? {
            if body.len() + part.len() > most {
                return Err(self.endless(most));
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
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
            status if status.is_redirection() => Failure::new(
                Kind::Unreachable,
                format!("{self} sends us to another address ({status})"),
                "Nothing is sent there. Set the address that ComfyUI itself has.",
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

    fn endless(&self, most: usize) -> Failure {
        let hint = "Is it a ComfyUI? Check the address in the settings.";
        Failure::new(Kind::Unreachable, format!("{self} gave an answer of more than {} KiB", most >> 10), hint)
    }

    fn foreign(&self, error: &serde_json::Error) -> Failure {
        let hint = format!("{}. Is it a ComfyUI? Check the address in the settings.", cause(error));
        Failure::new(Kind::Unreachable, format!("{self} gave an answer that makes no sense"), hint)
    }
}

/// Redirects are not followed: our token or header would go along.
fn client() -> ClientBuilder {
    // Websockets begin as HTTP/1.1.
    Client::builder().http1_only().connect_timeout(CONNECT).redirect(Policy::none())
}

fn address(url: &str) -> Result<Url, Failure> {
    let mut url = Url::parse(url).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unusable("has to start with http:// or https://"));
    }
    // A server below a path keeps it: the last part of a URL without a slash at its end would be replaced.
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
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
        let refused = Server::named_on_page("http://169.254.169.254/latest", &Access::Open).unwrap_err();
        assert_eq!(refused.title, "ComfyUI's address is one that no engine has");
        assert!(Server::named_on_page("http://127.0.0.1:8188", &Access::Open).is_ok());
    }
}
