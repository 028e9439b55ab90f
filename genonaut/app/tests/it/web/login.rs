//! Signing in, and what is shut without it.

use genonaut::accounts::digest_of_password;
use genonaut_db::accounts;
use reqwest::{Method, Response};

use crate::server::TestServer;

const PASSWORD: &str = "correct horse & battery";

async fn server_with_account() -> TestServer {
    let server = TestServer::start().await;
    assert!(accounts::add(server.db(), "Me", &digest_of_password(PASSWORD).unwrap()).await.unwrap());
    server
}

async fn sign_in(server: &TestServer, name: &str, password: &str, back: &str) -> Response {
    let form = [("name", name), ("password", password), ("back", back)];
    let request = server.request(Method::POST, "/login").header("content-type", "application/x-www-form-urlencoded");
    request.body(form_urlencoded(&form)).send().await.unwrap()
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    reqwest::Url::parse_with_params("http://x/", pairs).unwrap().query().unwrap().to_owned()
}

fn cookie(answer: &Response) -> String {
    answer.headers()["set-cookie"].to_str().unwrap().to_owned()
}

async fn status(server: &TestServer, method: Method, path: &str, cookie: &str) -> u16 {
    server.request(method, path).header("cookie", cookie).send().await.unwrap().status().as_u16()
}

/// The first account shuts a server that is running, too.
#[tokio::test]
async fn with_an_account_nothing_is_open_without_signing_in() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/").await.status(), 200);
    assert!(accounts::add(server.db(), "Me", &digest_of_password(PASSWORD).unwrap()).await.unwrap());
    for path in ["/api/v1/lora-models", "/metrics", "/readyz", "/events", "/images/x", "/api/v1/openapi.json"] {
        assert_eq!(server.get(path).await.status(), 401, "{path}");
    }
    for (path, status) in [("/healthz", 200), ("/login", 200), ("/favicon.ico", 303)] {
        assert_eq!(server.get(path).await.status(), status, "{path}");
    }
    let page = |path: &'static str| server.request(Method::GET, path).header("accept", "text/html").send();
    let led = page("/?prompt=a%20%26%20b").await.unwrap();
    assert_eq!(
        (led.status().as_u16(), led.headers()["location"].to_str().unwrap()),
        (303, "/login?back=%2F%3Fprompt%3Da%2520%2526%2520b")
    );
    let part = server.request(Method::GET, "/ui/loras").header("hx-request", "true").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.headers()["hx-redirect"].to_str().unwrap()), (401, "/login"));
    let part = server.request(Method::GET, "/ui/live").header("hx-request", "true");
    let grid = format!("{}/grids/7?x=1#top", server.address);
    let part = part.header("hx-current-url", grid).send().await.unwrap();
    assert_eq!(part.headers()["hx-redirect"], "/login?back=%2Fgrids%2F7%3Fx%3D1");
    let forged = server.request(Method::POST, "/api/v1/jobs").json(&serde_json::json!({"prompt": "x"}));
    assert_eq!(forged.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_right_password_opens_and_signing_out_shuts() {
    let server = server_with_account().await;
    for (name, password) in
        [("me", "wrong"), ("nobody", PASSWORD), ("me", ""), ("", ""), ("me", " correct horse & battery")]
    {
        let refused = sign_in(&server, name, password, "/").await;
        assert_eq!(refused.status(), 401, "{name} {password}");
        assert!(refused.headers().get("set-cookie").is_none());
        assert!(refused.text().await.unwrap().contains("Wrong name or password."));
    }
    let welcome = sign_in(&server, "ME", PASSWORD, "/models?q=x").await;
    assert_eq!((welcome.status().as_u16(), welcome.headers()["location"].to_str().unwrap()), (303, "/models?q=x"));
    let set = cookie(&welcome);
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && !set.contains("Secure"), "{set}");
    let session = set.split(';').next().unwrap();
    let page = server.request(Method::GET, "/").header("cookie", session).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Sign out"));
    assert_eq!(status(&server, Method::GET, "/api/v1/lora-models", session).await, 200);
    assert_eq!(status(&server, Method::GET, "/api/v1/lora-models", "genonaut_session=0").await, 401);
    assert_eq!(status(&server, Method::POST, "/logout", session).await, 303);
    assert_eq!(status(&server, Method::GET, "/api/v1/lora-models", session).await, 401);
}

#[tokio::test]
async fn a_new_password_and_a_removed_account_end_sessions() {
    let server = server_with_account().await;
    let session = cookie(&sign_in(&server, "me", PASSWORD, "").await);
    let session = session.split(';').next().unwrap();
    assert!(
        accounts::change_password(server.db(), "ME", &digest_of_password("another password").unwrap()).await.unwrap()
    );
    assert_eq!(status(&server, Method::GET, "/metrics", session).await, 401);
    let session = cookie(&sign_in(&server, "me", "another password", "").await);
    assert!(accounts::add(server.db(), "You", "").await.unwrap() && accounts::remove(server.db(), "me").await.unwrap());
    assert_eq!(status(&server, Method::GET, "/metrics", session.split(';').next().unwrap()).await, 401);
    assert_eq!(sign_in(&server, "me", "another password", "").await.status(), 401);
}

/// Removing the last account of a server that was shut does not open it to everybody.
#[tokio::test]
async fn a_server_that_was_shut_stays_shut() {
    let server = TestServer::with(crate::server::listen()).await;
    let listen = crate::server::listen();
    assert!(accounts::add(server.db(), "Me", "").await.unwrap());
    let guard =
        genonaut::serve::Guard::new(&listen).unwrap().with_accounts(server.db().clone(), &listen).await.unwrap();
    assert!(accounts::remove(server.db(), "Me").await.unwrap());
    let shut = server.again(guard).await;
    assert_eq!(reqwest::get(format!("{shut}/api/v1/lora-models")).await.unwrap().status(), 401);
    assert_eq!(server.get("/api/v1/lora-models").await.status(), 200);
}

#[tokio::test]
async fn it_leads_back_into_the_page_and_nowhere_else() {
    let server = server_with_account().await;
    for back in ["//evil.example", "https://evil.example", "/\\evil", "/login", "javascript:alert(1)"] {
        assert_eq!(sign_in(&server, "me", PASSWORD, back).await.headers()["location"], "/", "{back}");
    }
    for back in ["/grids/0190b2d4-0000-7000-8000-000000000001", "/grids?before=7", "/models/lora/x", "/trash"] {
        assert_eq!(sign_in(&server, "me", PASSWORD, back).await.headers()["location"], back);
    }
}

#[tokio::test]
async fn guessing_has_to_wait() {
    let server = server_with_account().await;
    for _ in 0..5 {
        assert_eq!(sign_in(&server, "me", "guess", "").await.status(), 401);
    }
    let waits = sign_in(&server, "Me", PASSWORD, "").await;
    assert_eq!(waits.status(), 429);
    assert!(waits.text().await.unwrap().contains("Try again in 2 s."));
    assert_eq!(sign_in(&server, "somebody else", "guess", "").await.status(), 401);
}

async fn sign_in_from(server: &TestServer, address: &str, password: &str) -> Response {
    let form = [("name", "me"), ("password", password)];
    server.request(Method::POST, "/login").header("x-forwarded-for", address).form(&form).send().await.unwrap()
}

/// All at once they are no more than one after the other, and a stranger keeps nobody else out.
#[tokio::test]
async fn parallel_guesses_pass_no_limit() {
    let server = server_with_account().await;
    let guess = async |n: usize| sign_in_from(&server, "10.0.0.66", &format!("guess number {n}")).await.status();
    let statuses = futures_util::future::join_all((0..60).map(guess)).await;
    let count = |wanted: u16| statuses.iter().filter(|status| status.as_u16() == wanted).count();
    assert_eq!((count(401), count(429)), (5, 55));
    let waits = sign_in_from(&server, "10.0.0.66", PASSWORD).await;
    // Two seconds from the last guess, of which one may be over.
    assert!(
        waits.status() == 429 && ["1", "2"].contains(&waits.headers()["retry-after"].to_str().unwrap()),
        "{waits:?}"
    );
    assert_eq!(sign_in_from(&server, "10.0.0.7", PASSWORD).await.status(), 303, "the owner is somewhere else");
}

/// What is left of the stream; it must end soon.
async fn until_end(mut events: Response) {
    let end = async { while events.chunk().await.is_ok_and(|chunk| chunk.is_some()) {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), end).await.expect("the stream ends");
}

#[tokio::test]
async fn a_stream_of_events_ends_with_its_session() {
    let server = server_with_account().await;
    let session = cookie(&sign_in(&server, "me", PASSWORD, "").await);
    let session = session.split(';').next().unwrap();
    let events = async || server.request(Method::GET, "/events").header("cookie", session).send().await.unwrap();
    let open = events().await;
    assert_eq!(open.status(), 200);
    assert_eq!(status(&server, Method::POST, "/logout", session).await, 303);
    until_end(open).await;
    assert_eq!(events().await.status(), 401);
}

/// Nobody tells this process of it.
#[tokio::test]
async fn a_stream_of_events_ends_with_its_account() {
    let server = TestServer::start().await;
    let listen = crate::server::listen();
    let guard = genonaut::serve::Guard::new(&listen).unwrap().rechecking(std::time::Duration::from_millis(100));
    let address = server.again(guard.with_accounts(server.db().clone(), &listen).await.unwrap()).await;
    let open = server.client.get(format!("{address}/events")).send().await.unwrap();
    assert!(accounts::add(server.db(), "Me", &digest_of_password(PASSWORD).unwrap()).await.unwrap());
    until_end(open).await;
    let form = [("name", "me"), ("password", PASSWORD)];
    let welcome = server.client.post(format!("{address}/login")).form(&form).send().await.unwrap();
    let session = cookie(&welcome);
    let open = server.client.get(format!("{address}/events")).header("cookie", session.split(';').next().unwrap());
    let open = open.send().await.unwrap();
    assert_eq!(open.status(), 200);
    assert!(accounts::remove(server.db(), "me").await.unwrap());
    until_end(open).await;
}

#[tokio::test]
async fn behind_tls_the_cookie_is_for_tls_alone() {
    let server = server_with_account().await;
    let request = server.request(Method::POST, "/login").header("x-forwarded-proto", "https");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let welcome = request.body(form_urlencoded(&[("name", "me"), ("password", PASSWORD)])).send().await.unwrap();
    assert!(cookie(&welcome).ends_with("; Secure"));
}
