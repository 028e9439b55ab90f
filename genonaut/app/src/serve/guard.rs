//! Who may talk to us: known host names only (another site could point its name here), no changes on behalf of
//! other sites, and a token or an account where the server can be reached from other machines.

mod visitor;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use genonaut_db::PgPool;
use genonaut_db::accounts::{self, SessionAccount, Viewer};

use super::admission::{Admission, By};
use crate::accounts::Accounts;
use crate::config::Listen;
use crate::problem::{Problem, ProblemType};
use crate::secret_file;
use visitor::Visitor;
pub use visitor::{SESSION, SignedIn, is_open, session_in};

/// How often open streams look whether their session is over.
const RECHECK: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Default)]
pub struct Guard {
    hosts: Arc<Vec<String>>,
    token: Option<Arc<str>>,
    accounts: Option<Accounts>,
    /// Whether every account sees what all have made.
    shares: bool,
    /// Once closed, it stays so: removing the last account must not open a server to everybody.
    closed: bool,
    recheck: Duration,
}

impl Guard {
    /// # Errors
    /// When the token cannot be read, or is none.
    pub fn new(listen: &Listen) -> anyhow::Result<Self> {
        let token = listen.token_file.as_ref().map(|file| {
            let token = secret_file::read(file)?;
            ensure!(
                token.len() >= 16,
                "the token in {} is shorter than 16 characters and could be guessed; generate one with `openssl rand -hex 32`",
                file.display()
            );
            ensure!(
                token.chars().all(|c| c.is_ascii_graphic() && c != ';' && c != ','),
                "the token in {} may contain only ASCII letters, digits and punctuation except , and ;",
                file.display()
            );
            Ok(Arc::from(token))
        });
        let hosts = Arc::new(listen.allow_hosts.clone());
        let (token, shares) = (token.transpose()?, listen.share_images);
        Ok(Self { hosts, token, shares, recheck: RECHECK, ..Self::default() })
    }

    /// Has open streams look so often whether their session is over.
    #[must_use]
    pub fn rechecking(self, recheck: Duration) -> Self {
        Self { recheck, ..self }
    }

    /// People with an account may sign in.
    ///
    /// # Errors
    /// When the address can be reached from elsewhere, and there is neither a token nor an account.
    pub async fn with_accounts(self, db: PgPool, listen: &Listen) -> anyhow::Result<Self> {
        let needed = accounts::any(&db).await?;
        ensure!(
            listen.listen.ip().is_loopback() || self.token.is_some() || needed,
            "{} can be reached from other machines; create an account with `genonaut accounts add NAME`, set a \
             --token-file, or listen on 127.0.0.1",
            listen.listen
        );
        Ok(Self { accounts: Some(Accounts::new(db)), closed: needed || self.token.is_some(), ..self })
    }

    fn let_in(&self, request: &mut Parts, visitor: Visitor) {
        let by = match (visitor, &self.accounts) {
            (Visitor::Account(account, secret), Some(accounts)) => {
                request.extensions.insert(SignedIn(account.name.as_str().into()));
                request.extensions.insert(self.viewer(&account));
                By::Session { accounts: accounts.clone(), secret, account }
            }
            (Visitor::Anybody, Some(accounts)) => {
                request.extensions.insert(Viewer::EVERYTHING);
                By::Nothing(accounts.clone())
            }
            (Visitor::Token, _) | (Visitor::Anybody, None) => {
                request.extensions.insert(Viewer::EVERYTHING);
                By::Token
            }
            (Visitor::Account(..), None) | (Visitor::Stranger, _) => return,
        };
        request.extensions.insert(Admission { by, every: self.recheck });
    }

    fn viewer(&self, account: &SessionAccount) -> Viewer {
        match (account.administrator, self.shares) {
            (true, _) => Viewer::All(Some(account.id)),
            (false, true) => Viewer::Shared(account.id),
            (false, false) => Viewer::Own(account.id),
        }
    }

    pub fn accounts(&self) -> Option<&Accounts> {
        self.accounts.as_ref()
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

    fn refuse(&self, request: &Parts) -> Result<(), Problem> {
        let host = host(request)?;
        // Where people sign in, a foreign page that reaches us under another name has no cookie to send.
        if !self.closed && !self.hosts.iter().any(|known| known.eq_ignore_ascii_case(&host)) {
            return Err(Problem::new(
                ProblemType::UnknownHost,
                format!("{host:?} is not a name of this server; add it with --allow-host"),
            ));
        }
        if ![Method::GET, Method::HEAD, Method::OPTIONS].contains(&request.method) {
            same_site(&request.headers, &host)?;
        }
        Ok(())
    }
}

pub async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (mut request, body) = request.into_parts();
    if let Err(problem) = guard.refuse(&request) {
        return problem.into_response();
    }
    if let Some(signed_in) = guard.sign_in(&request) {
        return signed_in;
    }
    let path = request.uri.path();
    if visitor::is_open(path) {
        return next.run(Request::from_parts(request, body)).await;
    }
    match guard.visitor(&request).await {
        Err(error) => return Problem::from(error).into_response(),
        Ok(Visitor::Stranger) if path != "/login" => return guard.turn_away(&request).await,
        // The page where people sign in has nothing of anybody's.
        Ok(Visitor::Stranger) => {}
        Ok(visitor) => guard.let_in(&mut request, visitor),
    }
    next.run(Request::from_parts(request, body)).await
}

/// Browsers say where a request comes from; other clients send neither header.
fn same_site(headers: &HeaderMap, host: &str) -> Result<(), Problem> {
    let refused = || Problem::new(ProblemType::ForbiddenOrigin, "only pages of this server can make changes");
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

/// # Errors
/// When the request names several: programs before and behind us could each take another one.
fn host(request: &Parts) -> Result<String, Problem> {
    let mut named = request.headers.get_all(header::HOST).iter().map(|name| name.to_str().unwrap_or_default());
    let first = named.next().map(str::to_owned);
    let address = request.uri.authority().map(ToString::to_string);
    let differ =
        first.as_ref().zip(address.as_ref()).is_some_and(|(host, address)| !host.eq_ignore_ascii_case(address));
    if named.next().is_some() || differ {
        return Err(Problem::new(ProblemType::BadRequest, "a request names one host"));
    }
    Ok(first.or(address).unwrap_or_default())
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn refused(at: &str, host: &str) -> bool {
        let guard =
            Guard { hosts: Arc::new(vec!["models.example".to_owned()]), ..Guard::default() }.at(at.parse().unwrap());
        let request = Request::builder().header(header::HOST, host).body(Body::empty()).unwrap();
        guard.refuse(&request.into_parts().0).is_err()
    }

    #[test]
    fn a_request_names_one_host() {
        let status = |request: axum::http::request::Builder| {
            let guard = Guard::default().at("127.0.0.1:7878".parse().unwrap());
            guard.refuse(&request.body(Body::empty()).unwrap().into_parts().0).err().map(|problem| problem.status)
        };
        let request = || Request::builder().header(header::HOST, "localhost:7878");
        assert_eq!(status(request()), None);
        assert_eq!(status(request().header(header::HOST, "localhost:7878")), Some(400));
        assert_eq!(status(request().header(header::HOST, "evil.example")), Some(400));
        assert_eq!(status(request().uri("http://evil.example/")), Some(400));
        assert_eq!(status(request().uri("http://localhost:7878/")), None);
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
