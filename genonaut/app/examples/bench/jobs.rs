//! What a job costs over asking ComfyUI for the same image, from the request to the picture.

mod direct;
mod ours;
pub mod standin;

use std::time::Duration;

use genonaut_db::server::Server;
use genonaut_db::testing::named;
use serde_json::json;

use super::http::Program;
use super::machine::{head, row};
use direct::Direct;
use ours::Ours;

/// Of each, in turns.
const JOBS: u64 = 40;

pub async fn measure(server: &Server) -> Vec<String> {
    let mut lines = vec![head("A job of one step, against asking ComfyUI itself")];
    let standin = Program::again("standin", "");
    let what = format!("a stand-in that takes {} ms", standin::COMPUTES.as_millis());
    lines.push(compare(server, &standin.address, &what).await);
    if let Some(url) = std::env::var("GENONAUT_COMFYUI").ok().filter(|url| !url.is_empty()) {
        lines.push(compare(server, &url, &direct::version(&url).await).await);
    }
    lines
}

async fn compare(server: &Server, url: &str, what: &str) -> String {
    let (ours, direct) = medians(server, url).await;
    let (ours, direct) = (ours.as_secs_f64() * 1000.0, direct.as_secs_f64() * 1000.0);
    let ratio = (ours - direct) / (direct * 0.03 + 20.0);
    let what = format!("what ours takes longer, medians, against 3 % and 20 ms: {what}");
    row(&what, &format!("{ours:.1} ms, {direct:.1} ms"), ratio, 1.0, false)
}

/// Of ours, and of asking directly.
async fn medians(server: &Server, url: &str) -> (Duration, Duration) {
    let (_, database) = named(server, "bench_jobs").await;
    let program = Program::serve_with(&database, &["--engine", &format!("comfyui={url}")]);
    let mut direct = Direct::connect(url).await;
    let checkpoint = direct.checkpoint().await;
    let mut ours = Ours::connect(&program.address, &checkpoint).await;
    // ComfyUI does not do again what it has done: no seed comes twice.
    let first = uuid::Uuid::new_v4().as_u64_pair().0 >> 12;
    // The first loads the checkpoint, and tells the graph that both ask for.
    let (_, job) = ours.make(first).await;
    let graph = direct.graph_of(&job).await;
    let (mut directly, mut by_us) = (Vec::new(), Vec::new());
    for seed in (0..JOBS).map(|job| first + 1 + 2 * job) {
        let mut graph = graph.clone();
        graph["3"]["inputs"]["seed"] = json!(seed);
        graph["9"]["inputs"]["filename_prefix"] = json!(format!("genonaut/direct-{seed}"));
        directly.push(direct.make(&graph).await);
        by_us.push(ours.make(seed + 1).await.0);
    }
    directly.sort();
    by_us.sort();
    (by_us[by_us.len() / 2], directly[directly.len() / 2])
}
