//! A scan as the page shows it, and as `/events` tells of it: every text ready.

use genonaut_db::scans::{Scan, State};
use serde::Serialize;
use uuid::Uuid;

use crate::scan::{Report, Trouble};
use crate::web::models::grouped;

#[derive(Serialize)]
pub struct ScanView {
    pub id: Uuid,
    pub state: &'static str,
    pub running: bool,
    /// What is scanned.
    #[serde(skip)]
    pub what: String,
    pub files: u64,
    /// Nothing when nobody knows how many there are.
    pub expected: Option<u64>,
    pub line: String,
    /// How fast, and how long still.
    pub pace: String,
    pub new: String,
    pub known: String,
    pub updated: String,
    pub failed: String,
    /// Everything else that has happened to models.
    pub more: String,
    /// Files of other kinds, which are kept apart.
    pub others: String,
    pub current: String,
    #[serde(skip)]
    pub problem: Option<String>,
    #[serde(skip)]
    pub troubles: Vec<Trouble>,
    /// Troubles that are counted and not listed.
    #[serde(skip)]
    pub unlisted: u64,
}

impl From<Scan> for ScanView {
    fn from(scan: Scan) -> Self {
        let report: Report = serde_json::from_value(scan.report).unwrap_or_default();
        let running = scan.state == State::Running;
        let files = report.files;
        let expected = report.expected.filter(|_| running).map(|expected| expected.max(files));
        Self {
            id: scan.id,
            state: scan.state.word(),
            running,
            what: if scan.paths.is_empty() { "all library folders".to_owned() } else { scan.paths.join(", ") },
            files,
            expected,
            line: line(scan.state, files, expected),
            pace: if running { pace(&report, expected) } else { format!("in {}", seconds(report.seconds)) },
            new: whole(report.imported.added + report.imported.adopted),
            known: whole(report.unchanged),
            updated: whole(report.imported.updated),
            failed: whole(report.troubles),
            more: more(&report),
            others: others(&report),
            current: report.current.unwrap_or_default(),
            problem: scan.problem,
            unlisted: report.troubles.saturating_sub(report.trouble_list.len() as u64),
            troubles: report.trouble_list,
        }
    }
}

fn line(state: State, files: u64, expected: Option<u64>) -> String {
    let counted = files_of(files);
    match (state, expected) {
        (State::Running, Some(expected)) => format!("{} of {}", whole(files), files_of(expected)),
        (State::Running, None) => counted,
        (State::Done, _) => format!("Done: {counted}"),
        (State::Cancelled, _) => format!("Stopped after {counted}; imported files are kept"),
        (State::Failed, _) => format!("Failed after {counted}"),
    }
}

fn pace(report: &Report, expected: Option<u64>) -> String {
    if report.seconds < 1.0 || report.files == 0 {
        return String::new();
    }
    let rate = report.files as f64 / report.seconds;
    let speed = format!("{}/s", files_of(rate.round() as u64));
    match expected.map(|expected| (expected - report.files) as f64 / rate) {
        Some(left) if left >= 0.5 => format!("{} left · {speed}", seconds(left)),
        _ => speed,
    }
}

fn more(report: &Report) -> String {
    let imported = &report.imported;
    let counts = [
        (imported.moved, "moved"),
        (imported.copies, "copies"),
        (imported.missing, "missing"),
        (imported.back, "restored"),
    ];
    listed(counts.into_iter().map(|(count, word)| (count, word.to_owned())))
}

fn others(report: &Report) -> String {
    // What of them works beside a diffusion model is counted by what it is for, too.
    let known =
        |kind: &str| report.parts.iter().filter(|(words, _)| words.contains(kind)).map(|(_, count)| count).sum();
    let apart = |kind: &&String| !["checkpoint", "diffusion_model", "lora", "unknown"].contains(&kind.as_str());
    let kinds = report.kinds.iter().filter(|(kind, _)| apart(kind)).map(|(kind, count)| {
        let kind = kind.replace('_', " ");
        let known: u64 = known(&kind);
        (count.saturating_sub(known), kind)
    });
    listed(report.parts.iter().map(|(words, count)| (*count, words.clone())).chain(kinds))
}

fn listed(counts: impl Iterator<Item = (u64, String)>) -> String {
    let some = counts.filter(|(count, _)| *count > 0);
    some.map(|(count, word)| format!("{} {word}", whole(count))).collect::<Vec<_>>().join(" · ")
}

pub(super) fn files_of(count: u64) -> String {
    format!("{} file{}", whole(count), if count == 1 { "" } else { "s" })
}

pub(super) fn whole(count: impl TryInto<i64>) -> String {
    grouped(count.try_into().unwrap_or(i64::MAX))
}

pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        ..10.0 => format!("{:.1} s", seconds.max(0.1)),
        ..100.0 => format!("{seconds:.0} s"),
        ..6000.0 => format!("{:.0} min", seconds / 60.0),
        _ => format!("{:.0} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_is_said_in_words() {
        let report = Report { files: 899, expected: Some(1248), seconds: 4.0, ..Report::default() };
        assert_eq!(line(State::Running, 899, Some(1248)), "899 of 1,248 files");
        assert_eq!(pace(&report, Some(1248)), "1.6 s left · 225 files/s");
        assert_eq!(pace(&report, None), "225 files/s");
        assert_eq!(line(State::Done, 1, None), "Done: 1 file");
        assert_eq!(seconds(125.0), "2 min");
    }

    #[test]
    fn what_did_not_happen_is_not_said() {
        let mut report = Report::default();
        assert_eq!((more(&report), others(&report)), (String::new(), String::new()));
        report.imported.moved = 1;
        report.imported.missing = 1200;
        report.kinds = [("vae".to_owned(), 2), ("text_encoder".to_owned(), 1), ("lora".to_owned(), 7)].into();
        assert_eq!(more(&report), "1 moved · 1,200 missing");
        assert_eq!(others(&report), "1 text encoder · 2 vae");
        report.parts = [("vae for FLUX.1".to_owned(), 2), ("t5xxl text encoder".to_owned(), 1)].into();
        assert_eq!(others(&report), "1 t5xxl text encoder · 2 vae for FLUX.1");
    }
}
