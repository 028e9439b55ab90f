//! Scanning folders of models, against what any program must do at least: look at every file, open it, read its header.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use genonaut_db::server::Server;
use genonaut_db::testing::{named, run};
use genonaut_sources::hash;
use serde_json::{Value, json};

use super::http::{Program, p99};
use super::machine::{head, plain, row, say};

const COLD: usize = 10_000;
const MANY: usize = 100_000;
/// Tensors of a LoRA for SDXL with the usual modules.
const TENSORS: usize = 720;

pub async fn measure(server: &Server) -> Vec<String> {
    let (db, url) = named(server, "bench_scanning").await;
    run(&db, "TRUNCATE models_checkpoints, models_loras, field_sources, roots CASCADE").await;
    let (cold, many) = (library("cold", COLD, TENSORS), library("many", MANY, 1));
    let mut lines = vec![head("Scanning folders of models")];
    forget(&cold);
    let bare = timed(|| read_headers(&cold));
    forget(&cold);
    let (first, _) = scan(&url, &[cold.to_str().unwrap()]);
    lines.push(row(
        "cold scan of 10,000 LoRAs against opening each and reading its header",
        &format!("{:.1} s, {:.1} s", first.as_secs_f64(), bare.as_secs_f64()),
        ratio(first, bare),
        2.0,
        false,
    ));
    let idle = list(&url).await;
    let busy = {
        let (url, many) = (url.clone(), many.clone());
        let scanning = std::thread::spawn(move || scan(&url, &[many.to_str().unwrap()]));
        let busy = list_while(&scanning, &server_url(server).await).await;
        let (time, memory) = scanning.join().unwrap();
        say(&format!("100,000 new files: {:.0} s", time.as_secs_f64()));
        lines.push(row(
            "memory of a scan of 100,000 new files, in MiB, against 150",
            &format!("{memory:.0} MiB"),
            memory / 150.0,
            1.0,
            false,
        ));
        busy
    };
    lines.push(row(
        "a list during a scan against an idle one, p99",
        &format!("{:.1} ms, {:.1} ms", ms(busy), ms(idle)),
        ratio(busy, idle),
        2.0,
        false,
    ));
    let (again, _) = (0..3).map(|_| scan(&url, &[many.to_str().unwrap()])).min_by_key(|run| run.0).unwrap();
    let find = (0..3).map(|_| timed(|| find(&many))).min().unwrap();
    lines.push(row(
        "scan of 100,000 unchanged files against `find -printf`",
        &format!("{:.2} s, {:.2} s", again.as_secs_f64(), find.as_secs_f64()),
        ratio(again, find),
        2.0,
        false,
    ));
    lines.extend(hashing());
    lines
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn ratio(ours: Duration, other: Duration) -> f64 {
    ours.as_secs_f64() / other.as_secs_f64()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// A folder of LoRAs with real headers and holes for data; made once.
fn library(name: &str, files: usize, tensors: usize) -> PathBuf {
    let root = std::env::current_dir().unwrap().join(format!("target/bench/library/{name}"));
    if root.join("made").exists() {
        return root;
    }
    say(&format!("make {files} files"));
    for at in 0..files {
        let folder = root.join(format!("{:03}", at % 100));
        std::fs::create_dir_all(&folder).unwrap();
        lora(&folder.join(format!("lora_{at}.safetensors")), tensors, at);
    }
    File::create(root.join("made")).unwrap();
    root
}

fn lora(path: &Path, tensors: usize, number: usize) {
    let mut header = serde_json::Map::new();
    header.insert(
        "__metadata__".to_owned(),
        json!({"ss_output_name": format!("made up {number}"), "ss_base_model_version": "sdxl_base_v1-0"}),
    );
    let mut end = 0;
    for at in 0..tensors.max(2) {
        let module = format!("lora_unet_input_blocks_{}_1_transformer_blocks_{}_attn2_to_k", 4 + at % 5, at / 10);
        let (part, shape) = if at % 2 == 0 { ("down", [4, 2048]) } else { ("up", [640, 4]) };
        let begin = end;
        end += shape[0] * shape[1] * 2;
        header.insert(
            // The number makes each its own model: all of their data are holes.
            format!("{module}_{at}_{number}.lora_{part}.weight"),
            json!({"dtype": "F16", "shape": shape, "data_offsets": [begin, end]}),
        );
    }
    let header = Value::Object(header).to_string().into_bytes();
    let mut file = File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(&header).unwrap();
    file.set_len(8 + header.len() as u64 + end as u64).unwrap();
}

/// Every file below a folder of folders.
fn files(root: &Path) -> impl Iterator<Item = PathBuf> {
    let folders = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
}

fn read_headers(root: &Path) {
    for path in files(root) {
        let mut file = File::open(path).unwrap();
        let mut length = [0; 8];
        file.read_exact(&mut length).unwrap();
        let mut header = vec![0; u64::from_le_bytes(length) as usize];
        file.read_exact(&mut header).unwrap();
    }
}

/// Takes the files out of the system's memory, as after a start of the machine. Only Linux is asked.
fn forget(root: &Path) {
    for path in files(root) {
        let file = File::open(path).unwrap();
        file.sync_all().unwrap();
        #[cfg(target_os = "linux")]
        nix::fcntl::posix_fadvise(&file, 0, 0, nix::fcntl::PosixFadviseAdvice::POSIX_FADV_DONTNEED).unwrap();
    }
}

fn find(root: &Path) {
    let found =
        Command::new("find").arg(root).args(["-printf", "%p %s %T@ %i\n"]).stdout(Stdio::piped()).output().unwrap();
    assert!(found.status.success() && !found.stdout.is_empty());
}

/// How long the program takes, from its start to its end, and the most memory it had, in MiB.
fn scan(url: &str, paths: &[&str]) -> (Duration, f64) {
    let start = Instant::now();
    let mut command = Command::new("target/release/genonaut");
    command.args(["--database-url", url, "models", "scan"]).args(paths).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut memory: f64 = 0.0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        memory =
            memory.max(most.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0);
        std::thread::sleep(Duration::from_millis(2));
    }
    (start.elapsed(), memory)
}

async fn server_url(server: &Server) -> String {
    named(server, "bench_scanning").await.1
}

async fn list(url: &str) -> Duration {
    let program = Program::serve(url);
    p99(&[format!("{}/api/v1/lora-models?limit=24", program.address)], 300).await
}

/// The list while a scan runs.
async fn list_while<T>(scanning: &std::thread::JoinHandle<T>, url: &str) -> Duration {
    let program = Program::serve(url);
    let mut slowest = Vec::new();
    while !scanning.is_finished() && slowest.len() < 20 {
        slowest.push(p99(&[format!("{}/api/v1/lora-models?limit=24", program.address)], 100).await);
    }
    slowest.sort();
    slowest[slowest.len() / 2]
}

/// All hashes of a file in one reading, against the slowest of them alone. In turns, the best of each.
fn hashing() -> Vec<String> {
    let path = std::env::current_dir().unwrap().join("target/bench/library/large.bin");
    let bytes = vec![7_u8; 256 << 20];
    std::fs::write(&path, &bytes).unwrap();
    let turns: Vec<_> = (0..5)
        .map(|_| {
            [(Some(1000), 2), (None, 2), (Some(1000), 1)]
                .map(|how| [timed(|| all_hashes(&path, how)), timed(|| sha256(&bytes))])
        })
        .collect();
    let best = |way: usize| turns.iter().map(|turn| turn[way][0]).min().unwrap();
    let alone = turns.iter().flatten().map(|pair| pair[1]).min().unwrap();
    let rate = |time: Duration| bytes.len() as f64 / 1e6 / time.as_secs_f64();
    let figures = |time: Duration| format!("{:.0} MB/s, {:.0} MB/s", rate(time), rate(alone));
    let line = |what: &str, time: Duration| row(what, &figures(time), ratio(alone, time), 0.9, true);
    vec![
        line("SHA256, AutoV3, BLAKE3, CRC32 in one reading against SHA256 alone, two threads", best(0)),
        line("the same without AutoV3", best(1)),
        plain("the same with AutoV3, one thread", &figures(best(2)), ratio(alone, best(2))),
    ]
}

fn all_hashes(path: &Path, (tensors_at, threads): (Option<u64>, usize)) {
    let go_on = |_| std::ops::ControlFlow::Continue(());
    hash::file(path, hash::Options { tensors_at, threads }, go_on).unwrap();
}

fn sha256(bytes: &[u8]) {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new();
    bytes.chunks(1 << 20).for_each(|part| hasher.update(part));
    std::hint::black_box(hasher.finalize());
}
