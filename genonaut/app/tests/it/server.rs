//! A server of the test's own.

use std::sync::Mutex;
use std::time::Duration;

use genonaut::app::App;
use genonaut::config::{Engines, Library, Listen, Making, Prompts, Storage};
use genonaut::discovery::Discovery;
use genonaut::fleet::Fleet;
use genonaut::pictures::Pictures;
use genonaut::serve::{Guard, accept, router};
use genonaut::uploads::Uploads;
use genonaut::wildcards::Wildcards;
use genonaut::worker::Worker;
use genonaut_db::testing::{TestDatabase, database};
use genonaut_db::{Availability, PgPool};
use genonaut_engines::{ComfyUi, Engine, Scripted};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::sync::watch;

const LEASE: Duration = Duration::from_secs(15);
const CONNECTIONS: usize = 1000;

pub struct TestServer {
    pub address: String,
    pub client: Client,
    database: TestDatabase,
    app: App,
    stop: watch::Sender<bool>,
    /// Of single workers; one whose sender is gone stops too.
    stops: Mutex<Vec<watch::Sender<bool>>>,
    images: tempfile::TempDir,
}

/// On a free port of this machine.
pub fn listen() -> Listen {
    Listen {
        listen: "127.0.0.1:0".parse().unwrap(),
        token_file: None,
        allow_hosts: Vec::new(),
        share_images: false,
        migrate: false,
        library: Library { rescan: 0, no_hash: true },
        making: Making { storage: Storage::default(), lease: 15, engines: Engines::default() },
        prompts: Prompts::default(),
        look_for: Vec::new(),
    }
}

impl TestServer {
    pub async fn start() -> Self {
        Self::with(listen()).await
    }

    pub async fn with(listen: Listen) -> Self {
        Self::build(listen, false).await
    }

    /// One whose engines are set on the page, as without `--engine`.
    pub async fn without_engines() -> Self {
        Self::build(listen(), true).await
    }

    async fn build(listen: Listen, sets_engines: bool) -> Self {
        let database = database().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let guard =
            Guard::new(&listen).unwrap().with_accounts(database.pool.clone(), &listen).await.unwrap().at(address);
        let images = tempfile::tempdir().unwrap();
        let pictures = Pictures::in_folder(images.path()).unwrap();
        let (told, (stop, stopped)) = (tokio::sync::broadcast::channel(256).0, tokio::sync::watch::channel(false));
        let news = tokio::sync::broadcast::channel(256).0;
        let engines = tokio::sync::broadcast::channel(256).0;
        let wildcards = Wildcards::new(images.path().join("wildcards"));
        let db = database.pool.clone();
        let fleet = Fleet::new(db.clone(), pictures.clone(), told.clone(), news.clone(), LEASE);
        let discovery = sets_engines.then(|| Discovery::new(&listen.look_for, &listen.making.engines, fleet));
        if let Some(discovery) = &discovery {
            discovery.begin(&db).await.unwrap();
        }
        let availability = Availability::new("the database of the tests", None);
        let app = App {
            db,
            database: availability,
            pictures,
            uploads: Uploads::default(),
            wildcards,
            told,
            news,
            stop: stopped,
            engines,
            discovery,
        };
        tokio::spawn(genonaut::news::listen(app.db.clone(), app.engines.clone()));
        tokio::spawn(genonaut::news::listen(app.db.clone(), app.news.clone()));
        tokio::spawn(genonaut::news::listen(app.db.clone(), app.told.clone()));
        tokio::spawn(accept(listener, router(app.clone(), guard), CONNECTIONS, app.stop.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address: format!("http://{address}"), client, database, app, stop, stops: Mutex::default(), images }
    }

    /// The same at another address, with another guard.
    pub async fn again(&self, guard: Guard) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router(self.app.clone(), guard.at(address));
        tokio::spawn(accept(listener, router, CONNECTIONS, self.app.stop.clone()));
        format!("http://{address}")
    }

    /// Has the demo engine work on the queue, so long for each step.
    pub fn work(&self, step: Duration) {
        let engine = Engine::Scripted(Scripted { step });
        let worker = Worker::new(self.app.db.clone(), self.app.pictures.clone(), engine, LEASE);
        tokio::spawn(worker.work(self.app.told.clone(), self.stop.subscribe()));
    }

    /// Puts a file into the folder of wildcards.
    pub fn wildcard(&self, name: &str, lines: &str) {
        let folder = self.images.path().join("wildcards");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), lines).unwrap();
    }

    /// Has a ComfyUI work on the queue, under that name.
    pub fn comfyui(&self, name: &str, comfyui: ComfyUi) -> watch::Sender<bool> {
        self.comfyui_with(name, comfyui, Duration::from_millis(100))
    }

    /// The same, asked so often how it is.
    pub fn comfyui_with(&self, name: &str, comfyui: ComfyUi, beat: Duration) -> watch::Sender<bool> {
        let mut worker =
            Worker::new(self.app.db.clone(), self.app.pictures.clone(), Engine::ComfyUi(comfyui), LEASE).named(name);
        worker = worker.following(self.app.news.clone());
        worker.beat = beat;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(worker.work(self.app.told.clone(), stopped));
        self.stops.lock().unwrap().push(stop.clone());
        stop
    }

    /// Hears what the database tells of the library.
    pub fn news(&self) -> tokio::sync::broadcast::Receiver<genonaut_db::scans::Change> {
        self.app.news.subscribe()
    }

    /// Where images are kept.
    pub fn images(&self) -> &std::path::Path {
        self.images.path()
    }

    pub fn pictures(&self) -> Pictures {
        self.app.pictures.clone()
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
