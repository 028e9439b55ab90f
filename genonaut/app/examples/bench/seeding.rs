//! Seeding from a file, against COPY of the same file into the same table.

use std::time::Instant;

use genonaut_db::seed;
use genonaut_db::server::Server;
use genonaut_db::testing::{copy_csv, lora_csv, named, run};

use super::machine::{head, plain, row};

const ROWS: u64 = 100_000;

pub async fn measure(server: &Server) -> Vec<String> {
    let (db, _) = named(server, "bench_seeding").await;
    let csv = lora_csv(ROWS);
    let folder = std::env::current_dir().unwrap().join("target/bench/seeds");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("models_loras.csv"), &csv).unwrap();
    run(&db, "TRUNCATE models_loras, field_sources").await;
    let start = Instant::now();
    copy_csv(&db, "models_loras", &csv).await;
    let copy = ROWS as f64 / start.elapsed().as_secs_f64();
    run(&db, "TRUNCATE models_loras, field_sources; CHECKPOINT").await;
    let start = Instant::now();
    let report = seed::static_files(&db, &folder, false, |_| ()).await.unwrap();
    let ours = ROWS as f64 / start.elapsed().as_secs_f64();
    assert_eq!(report.files[0].counts.inserted, ROWS as i64, "{:#?}", report.files[0].problems.first());
    let start = Instant::now();
    seed::static_files(&db, &folder, false, |_| ()).await.unwrap();
    let again = ROWS as f64 / start.elapsed().as_secs_f64();
    vec![
        head("Seeding 100,000 rows from CSV"),
        row(
            "`genonaut seed` against COPY into the same indexed table",
            &format!("{ours:.0} rows/s, {copy:.0} rows/s"),
            ours / copy,
            0.6,
            true,
        ),
        plain(
            "seeding again, nothing changed, against COPY",
            &format!("{again:.0} rows/s, {copy:.0} rows/s"),
            again / copy,
        ),
    ]
}
