//! What the engine's process could not do, in words for people.

use std::fmt::Display;

use super::order::Stage;
use super::process::LastWords;
use crate::{Failure, Field, Kind, Request};

/// The process could not be started at all.
pub(super) fn unstarted(error: &dyn Display) -> Failure {
    let hint = format!("{error}. Check that the program file was not moved.");
    Failure::new(Kind::Unreachable, "The built-in engine does not start", hint)
}

/// The library said no, and the process lives.
pub(super) fn failed(stage: Stage, said: &[String], request: &Request) -> Failure {
    let checkpoint = file_name(&request.checkpoint);
    let said = quoted(&first_and_last(said));
    if is_memory(&said) {
        return out_of_memory(&said);
    }
    match stage {
        Stage::Reading => Failure::new(Kind::Unable, "The built-in engine rejected the request", said),
        Stage::Loading => {
            let hint = format!("stable-diffusion.cpp: {said} Choose another model, or download it again.");
            Failure::new(Kind::Unable, format!("{checkpoint} cannot be loaded"), hint).at(Field::Checkpoint)
        }
        Stage::Making => {
            let hint = format!("stable-diffusion.cpp: {said} Try without LoRAs or with another model.");
            Failure::new(Kind::Unable, format!("{checkpoint} produced no image"), hint)
        }
    }
}

/// The process is gone.
pub(super) fn broken(last: &LastWords, request: &Request) -> Failure {
    let said = quoted(&last.said[last.said.len().saturating_sub(3)..]);
    if is_memory(&said) {
        return out_of_memory(&said);
    }
    if last.was_killed {
        return killed();
    }
    let LastWords { how, .. } = last;
    let with = if request.loras.is_empty() { "" } else { " and its LoRAs" };
    let hint = format!(
        "stable-diffusion.cpp crashed ({how}): {said} It restarts with the next image. The same settings would crash it \
         again, so change {}{with}.",
        file_name(&request.checkpoint)
    );
    Failure::new(Kind::Unable, "The built-in engine crashed", hint)
}

fn out_of_memory(said: &str) -> Failure {
    let hint = format!("stable-diffusion.cpp: {said} Try a smaller size, or close other programs.");
    Failure::new(Kind::OutOfMemory, "Out of memory", hint)
}

/// Whoever did it says nothing to anyone: mostly the system, when memory runs out, but a person can too.
fn killed() -> Failure {
    let hint = "It was killed (SIGKILL), most likely by the system because memory ran out. Retry; if it happens again, choose a \
        smaller size or close other programs.";
    Failure::new(Kind::OutOfMemory, "The built-in engine was killed", hint)
}

fn is_memory(said: &str) -> bool {
    ["failed to allocate", "out of memory", "bad_alloc"].iter().any(|sign| said.contains(sign))
}

/// The cause, and what came of it.
fn first_and_last(said: &[String]) -> Vec<String> {
    let last = said.last().filter(|_| said.len() > 1);
    said.first().into_iter().chain(last).cloned().collect()
}

/// As one sentence, without the places in the source: `model.cpp:436  - …`.
fn quoted(said: &[String]) -> String {
    let plain = |line: &String| {
        let text = line.split_once(" - ").filter(|(place, _)| place.contains(".cpp:") || place.contains(".hpp:"));
        text.map_or(line.as_str(), |(_, text)| text).trim().trim_end_matches('.').to_owned()
    };
    let lines: Vec<_> = said.iter().map(plain).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() { "no reason given.".to_owned() } else { format!("“{}”.", lines.join("; ")) }
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_are_the_reason_and_memory_is_told_apart() {
        let lines = ["model.cpp:12  - one", "two", " ", "a.c:7: three.", "four"].map(str::to_owned);
        let request = Request { checkpoint: "/m/x.safetensors".to_owned(), ..Request::default() };
        let failure = failed(Stage::Loading, &lines, &request);
        assert_eq!(failure.title, "x.safetensors cannot be loaded");
        assert!(failure.hint.contains("“one; four”."), "{}", failure.hint);
        let starved = failed(Stage::Making, &["ggml: failed to allocate 9 GB".to_owned()], &request);
        assert_eq!(starved.kind, Kind::OutOfMemory);
        assert_eq!((starved.title.as_str(), starved.hint.contains("9 GB")), ("Out of memory", true));
        let killed = LastWords { how: "signal 9".to_owned(), was_killed: true, said: Vec::new() };
        let failure = broken(&killed, &request);
        assert_eq!(failure.kind, Kind::OutOfMemory);
        assert!(failure.hint.contains("memory ran out") && failure.hint.contains("SIGKILL"), "{failure}");
        let starved = LastWords { said: vec!["std::bad_alloc".to_owned()], ..killed };
        assert_eq!(broken(&starved, &request).title, "Out of memory");
        let aborted = LastWords { how: "signal 6".to_owned(), was_killed: false, said: lines.to_vec() };
        let failure = broken(&aborted, &request);
        assert_eq!(failure.kind, Kind::Unable);
        assert!(failure.hint.contains("(signal 6): “a.c:7: three; four”."), "{}", failure.hint);
    }
}
