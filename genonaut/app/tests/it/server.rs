//! A server of the test's own.

use genonaut::app::App;
use genonaut::config::Listen;
use genonaut::serve::{Guard, router};
use genonaut_db::PgPool;
use genonaut_db::testing::{TestDatabase, database};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

pub struct TestServer {
    pub address: String,
    pub client: Client,
    database: TestDatabase,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(Listen {
            listen: "127.0.0.1:0".parse().unwrap(),
            token_file: None,
            allow_hosts: Vec::new(),
            migrate: false,
        })
        .await
    }

    pub async fn with(listen: Listen) -> Self {
        let database = database().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let guard = Guard::new(&listen).unwrap().at(address);
        let router = router(App { db: database.pool.clone() }, guard);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address: format!("http://{address}"), client, database }
    }

    pub fn db(&self) -> &PgPool {
        &self.database.pool
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.address))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    pub async fn add(&self, kind: &str, fields: Value) -> Value {
        let response =
            self.request(Method::POST, &format!("/api/v1/{kind}-models")).json(&fields).send().await.unwrap();
        assert_eq!(response.status(), 201, "{fields}");
        response.json().await.unwrap()
    }
}
