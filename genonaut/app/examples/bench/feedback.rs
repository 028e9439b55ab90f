//! What pictures teach, with a million of them: counting them anew, one more star, and the order they make.

use std::time::{Duration, Instant};

use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::lora::{self, Filter};
use genonaut_db::page::{PageRequest, Sort};
use genonaut_db::seed::add_synthetic;
use genonaut_db::server::Server;
use genonaut_db::testing::{add_pictures, named};
use genonaut_db::{PgPool, feedback};

use super::machine::{head, plain, row};

const PICTURES: i64 = 1_000_000;

pub async fn measure(server: &Server) -> Vec<String> {
    let (db, _) = named(server, "bench_feedback").await;
    add_synthetic(&db, 0, 100_000, |_| ()).await.unwrap();
    if images::list(&db, Viewer::EVERYTHING, Shown::All, Window { limit: 1, ..Window::default() })
        .await
        .unwrap()
        .0
        .is_empty()
    {
        add_pictures(&db, PICTURES).await;
    }
    let start = Instant::now();
    feedback::recount(&db).await.unwrap();
    let recounted = start.elapsed().as_secs_f64();
    let rated = rating(&db).await.as_secs_f64() * 1000.0;
    let mut lines = vec![
        head("What pictures teach: 100,000 models, 1,000,000 pictures"),
        plain("all pictures counted anew, in seconds", &format!("{recounted:.1} s"), recounted),
        row("a star given or taken, p99 in ms, against 50", &format!("{rated:.1} ms"), rated / 50.0, 1.0, false),
    ];
    for (place, depth) in [("the first page", 0), ("a page behind 20,000", 100)] {
        let (best, usual) = (page(&db, Sort::Best, depth).await, page(&db, Sort::Rating, depth).await);
        let (best, usual) = (best.as_secs_f64() * 1000.0, usual.as_secs_f64() * 1000.0);
        let what = format!("{place} of \"best for you\" against the same of \"best rated\"");
        lines.push(row(&what, &format!("{best:.2} ms, {usual:.2} ms"), best / usual, 1.5, false));
    }
    lines
}

async fn rating(db: &PgPool) -> Duration {
    let mut times = Vec::new();
    let pictures =
        images::list(db, Viewer::EVERYTHING, Shown::All, Window { limit: 400, ..Window::default() }).await.unwrap().0;
    for (at, picture) in (0_i16..).zip(&pictures) {
        let start = Instant::now();
        images::rate(db, Viewer::EVERYTHING, picture.id, (at % 6 > 0).then_some(at % 6)).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    times[times.len() * 99 / 100]
}

/// The median of a page behind so many pages of 200.
async fn page(db: &PgPool, sort: Sort, depth: usize) -> Duration {
    let mut request = PageRequest { sort, limit: 200, ..PageRequest::default() };
    for _ in 0..depth {
        request.cursor = lora::list(db, &Filter::default(), &request).await.unwrap().next;
    }
    request.limit = 24;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = Instant::now();
        lora::list(db, &Filter::default(), &request).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}
