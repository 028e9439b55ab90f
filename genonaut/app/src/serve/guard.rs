//! Who may talk to us: known host names only (another site could point its name here), no changes on behalf of
//! other sites, and a token where the server can be reached from other machines.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, ensure};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::config::Listen;
use crate::problem::Problem;

#[derive(Debug, Clone, Default)]
pub struct Guard {
    hosts: Arc<Vec<String>>,
    token: Option<Arc<str>>,
}

const COOKIE: &str = "genonaut_token";

impl Guard {
    /// # Errors
    /// When the address can be reached from elsewhere and there is no token.
    pub fn new(listen: &Listen) -> anyhow::Result<Self> {
        let token = listen.token_file.as_ref().map(|file| {
            let text =
                std::fs::read_to_string(file).with_context(|| format!("read the token from {}", file.display()))?;
            let token = text.trim().to_owned();
            ensure!(token.len() >= 16, "the token in {} is shorter than 16 letters", file.display());
            ensure!(
                token.chars().all(|c| c.is_ascii_graphic() && c != ';' && c != ','),
                "the token in {} may hold ASCII letters, digits and signs but , and ;",
                file.display()
            );
            Ok(Arc::from(token))
        });
        let token = token.transpose()?;
        ensure!(
            listen.listen.ip().is_loopback() || token.is_some(),
            "{} can be reached from other machines; give a --token-file, or listen on 127.0.0.1",
            listen.listen
        );
        Ok(Self { hosts: Arc::new(listen.allow_hosts.clone()), token })
    }

    /// The names that this address is reached by.
    pub fn at(self, address: SocketAddr) -> Self {
        let port = address.port();
        let ip = match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let own = [ip.as_str(), "localhost", "127.0.0.1", "[::1]"];
        let own = own.into_iter().flat_map(|name| {
            // Clients leave out the port that HTTP has by default.
            [Some(format!("{name}:{port}")), (port == 80).then(|| name.to_owned())].into_iter().flatten()
        });
        let hosts = self.hosts.iter().cloned().chain(own).collect();
        Self { hosts: Arc::new(hosts), ..self }
    }

    fn refuse(&self, request: &Request) -> Result<(), Problem> {
        let host = host(request);
        // With a token, a foreign page that reaches us under another name has no cookie to send.
        if self.token.is_none() && !self.hosts.iter().any(|known| known.eq_ignore_ascii_case(&host)) {
            return Err(Problem::new(
                "unknown-host",
                format!("{host:?} is no name of this server; --allow-host adds one"),
            ));
        }
        if ![Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
            same_site(request.headers(), &host)?;
        }
        Ok(())
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let bearer = text(headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let cookies = text(headers, header::COOKIE).unwrap_or_default().split(';');
        let cookie = cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE);
        bearer.into_iter().chain(cookie.map(|(_, value)| value)).any(|shown| same(shown, token))
    }

    /// A link with `?token=` signs a browser in and leads on without it.
    fn sign_in(&self, request: &Request) -> Option<Response> {
        let token = self.token.as_ref()?;
        let query = request.uri().query()?;
        let (_, shown) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token")?;
        if request.method() != Method::GET || !same(&shown, token) {
            return None;
        }
        let cookie = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000");
        Some(
            (
                StatusCode::SEE_OTHER,
                [(header::LOCATION, request.uri().path().to_owned()), (header::SET_COOKIE, cookie)],
            )
                .into_response(),
        )
    }
}

pub async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if let Err(problem) = guard.refuse(&request) {
        return problem.into_response();
    }
    if let Some(signed_in) = guard.sign_in(&request) {
        return signed_in;
    }
    let open = request.uri().path() == "/healthz";
    if !open && !guard.is_known(request.headers()) {
        let problem = Problem::new("unauthorized", "send Authorization: Bearer TOKEN, or open /?token=TOKEN once");
        return ([(header::WWW_AUTHENTICATE, "Bearer")], problem).into_response();
    }
    next.run(request).await
}

/// Browsers say where a request comes from; other clients send neither header.
fn same_site(headers: &HeaderMap, host: &str) -> Result<(), Problem> {
    let refused = || Problem::new("forbidden-origin", "changes are accepted from this server's own pages only");
    if let Some(origin) = text(headers, header::ORIGIN) {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        return if authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host)) {
            Ok(())
        } else {
            Err(refused())
        };
    }
    match text(headers, header::HeaderName::from_static("sec-fetch-site")) {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(refused()),
    }
}

fn host(request: &Request) -> String {
    let named = text(request.headers(), header::HOST).map(str::to_owned);
    named.or_else(|| request.uri().authority().map(ToString::to_string)).unwrap_or_default()
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Takes as long for a wrong first letter as for a wrong last one.
fn same(shown: &str, token: &str) -> bool {
    let differences = shown.bytes().zip(token.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    shown.len() == token.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn refused(at: &str, host: &str) -> bool {
        let guard = Guard { hosts: Arc::new(vec!["models.example".to_owned()]), token: None }.at(at.parse().unwrap());
        let request = Request::builder().header(header::HOST, host).body(Body::empty()).unwrap();
        guard.refuse(&request).is_err()
    }

    #[test]
    fn a_server_knows_its_names_and_no_others() {
        for host in ["127.0.0.1:7878", "localhost:7878", "LOCALHOST:7878", "[::1]:7878", "models.example"] {
            assert!(!refused("127.0.0.1:7878", host), "{host}");
        }
        for host in [
            "",
            "127.0.0.1",
            "localhost",
            "localhost:1",
            "evil.example:7878",
            "models.example.evil",
            "127.0.0.1:7878.evil",
        ] {
            assert!(refused("127.0.0.1:7878", host), "{host}");
        }
        assert!(
            !refused("127.0.0.1:80", "127.0.0.1")
                && !refused("[::1]:80", "[::1]")
                && !refused("[::1]:80", "localhost:80")
        );
    }
}
