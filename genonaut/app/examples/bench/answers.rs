//! What somebody at the page waits for: its first byte, everything it loads, and an answer of the picker.

use std::time::{Duration, Instant};

use genonaut_db::architecture::Grade;
use genonaut_db::lora::{self, Filter, FitFilter};
use genonaut_db::page::PageRequest;
use genonaut_db::seed;
use genonaut_db::server::Server;
use genonaut_db::testing::named;
use genonaut_db::{PgPool, checkpoint};
use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};

use super::http::{Program, p99_of};
use super::machine::{head, plain, row};

pub async fn measure(server: &Server) -> Vec<String> {
    let mut lines = vec![head("What somebody at the page waits for")];
    lines.extend(first_visit(server).await);
    lines.extend(picker(server).await);
    lines
}

/// The page with the models of the seed files.
async fn first_visit(server: &Server) -> Vec<String> {
    let (db, url) = named(server, "bench_reference").await;
    seed::static_files(&db, "genonaut/db/demo/seed_data_static".as_ref(), false, |_| ()).await.unwrap();
    let program = Program::serve(&url);
    let first = p99_of(&Client::new(), &[format!("{}/", program.address)], 100).await.as_secs_f64() * 1000.0;
    let bytes = wire(&program.address).await as f64 / 1000.0;
    vec![
        row("the page's first byte, p99 in ms, against 50", &format!("{first:.1} ms"), first / 50.0, 1.0, false),
        row(
            "the page and all it loads, kB over the wire, against 40",
            &format!("{bytes:.1} kB"),
            bytes / 40.0,
            1.0,
            false,
        ),
    ]
}

/// Bytes of the page, its styles, scripts and icon, packed as a browser asks for them. What is loaded only when it is needed
/// stands in other attributes and does not count.
async fn wire(address: &str) -> usize {
    let client = client([(ACCEPT_ENCODING, "br")]);
    let plain = reqwest::get(format!("{address}/")).await.unwrap().text().await.unwrap();
    let links = [" src=\"", " href=\""].into_iter().flat_map(|attribute| plain.split(attribute).skip(1));
    let linked = links.filter_map(|rest| rest.split('"').next()).filter(|path| path.starts_with("/assets/"));
    let mut paths: Vec<_> = linked.chain(["/"]).collect();
    paths.sort();
    paths.dedup();
    let mut bytes = 0;
    for path in paths {
        bytes += client.get(format!("{address}{path}")).send().await.unwrap().bytes().await.unwrap().len();
    }
    bytes
}

/// The dialog's answers among 100,000 models, against the queries alone.
async fn picker(server: &Server) -> Vec<String> {
    const ASKED: [&str; 5] = ["", "&fit=compatible", "&q=dragon", "&tag=style&sort=name", "&minr=0.8&q=amber"];
    let (db, url) = named(server, "bench_100000").await;
    let program = Program::serve(&url);
    let chosen = checkpoint::list(&db, &checkpoint::Filter::default(), &PageRequest::default()).await.unwrap();
    let ask = |query| format!("{}/ui/loras?picking=1&checkpoint={}{query}", program.address, chosen.items[0].id);
    let part = HeaderName::from_static("hx-request-type");
    let client = client([(HeaderName::from_static("hx-request"), "true"), (part, "partial")]);
    let ours = p99_of(&client, &ASKED.map(ask), 60).await.as_secs_f64() * 1000.0;
    let raw = queries(&db, &chosen.items[0]).await.as_secs_f64() * 1000.0;
    vec![
        row(
            "an answer of the picker, 100,000 models, p99 in ms, against 60",
            &format!("{ours:.1} ms"),
            ours / 60.0,
            1.0,
            false,
        ),
        plain("the same against its queries alone", &format!("{ours:.1} ms, {raw:.1} ms"), ours / raw),
    ]
}

/// p99 of the lists that the answers above show.
async fn queries(db: &PgPool, checkpoint: &checkpoint::Checkpoint) -> Duration {
    let fit =
        FitFilter { checkpoint: checkpoint.target(), grades: vec![Grade::Optimal, Grade::Compatible, Grade::Partial] };
    let word = |q: &str| Some(q.to_owned());
    let asked = [
        (Filter::default(), "rating"),
        (Filter { fit: Some(fit), ..Filter::default() }, "rating"),
        (Filter { q: word("dragon"), ..Filter::default() }, "rating"),
        (Filter { tags_all: vec!["style".to_owned()], ..Filter::default() }, "name"),
        (Filter { q: word("amber"), min_rating: Some(0.8), ..Filter::default() }, "rating"),
    ];
    let mut times = Vec::new();
    for _ in 0..60 {
        for (filter, sort) in &asked {
            let start = Instant::now();
            let request = PageRequest { limit: 24, sort: sort.parse().unwrap(), ..PageRequest::default() };
            lora::list(db, filter, &request).await.unwrap();
            times.push(start.elapsed());
        }
    }
    times.sort();
    times[times.len() * 99 / 100]
}

fn client<const N: usize>(headers: [(HeaderName, &'static str); N]) -> Client {
    let headers: HeaderMap = headers.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect();
    Client::builder().default_headers(headers).build().unwrap()
}
