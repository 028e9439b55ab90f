//! Files that were made to cost time and memory.

use std::time::{Duration, Instant};

use genonaut_sources::cancel::Cancel;
use genonaut_sources::picture::{Reason, Unreadable, infotext, png, read, read_text, read_until};
use genonaut_sources::setting_limits::MOST_LORAS;
use proptest::prelude::*;

use super::build::*;

/// Seconds that no file may take, on a slow machine and without optimization.
const LONGEST: Duration = Duration::from_secs(20);

#[test]
fn packed_texts_share_one_budget() {
    let bomb = zlib(&vec![b'a'; 15 << 20]);
    let keywords = ["parameters", "prompt", "Comment", "workflow", "Description", "other", "more"];
    let chunks: Vec<_> =
        (0..140).map(|at| chunk(b"zTXt", &[keywords[at % 7].as_bytes(), b"\0\0", &bomb].concat())).collect();
    let start = Instant::now();
    assert!(read(&with_chunks(&chunks)).is_err());
    assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
}

/// As the texts of one file come together, whatever each of them may be.
#[test]
fn all_texts_of_a_file_have_16_mib_together() {
    let packed = zlib(&vec![b'a'; 6 << 20]);
    let chunks: Vec<_> = ["parameters", "Comment", "Description", "prompt"]
        .map(|keyword| chunk(b"zTXt", &[keyword.as_bytes(), b"\0\0", &packed].concat()))
        .into();
    let bytes: usize = png::texts(&with_chunks(&chunks)).iter().map(|(_, text)| text.len()).sum();
    assert_eq!(bytes, 12 << 20);
}

#[test]
fn texts_that_are_not_read_take_nothing_from_those_that_are() {
    let other = "x".repeat(9 << 20);
    let made = png_of(&[("workflow", &other), ("notes", &other), ("parameters", A1111)]);
    assert_eq!(made.seed, Some(314));
}

#[test]
fn a_text_within_the_pixels_has_what_the_others_leave() {
    let hidden = stealth("stealth_pnginfo", A1111.as_bytes(), 4, 20);
    let with = |length: usize| read(&png::with_texts(&hidden, &[("Comment", &"a".repeat(length))]).unwrap());
    assert_eq!(with((16 << 20) - 1000).unwrap().seed, Some(314));
    assert_eq!(with((16 << 20) - 10), Err(Unreadable::NoParameters));
}

#[test]
fn objects_of_more_values_than_any_recipe_are_not_read() {
    let of = |values: usize| {
        let settings = r#""c": "a cat", "uc": "", "v2": {}, "steps": 20, "seed": 7, "scale": 6"#;
        format!(r#"{{{settings}, "rest": [{}0]}}"#, "0,".repeat(values))
    };
    assert_eq!(read_text(&of(1000)).unwrap().steps, Some(20));
    assert_eq!(read_text(&of(400_000)), None);
}

#[test]
fn a_recipe_takes_no_more_loras_than_it_holds() {
    let settings = "Steps: 20, Sampler: Euler, Seed: 3";
    let tags: String = (0..5000).map(|at| format!("<lora:film{at}:0.5>")).collect();
    let made = infotext::read(&format!("a cat {tags}\n{settings}")).unwrap();
    assert_eq!((made.prompt.as_str(), made.loras.len()), ("a cat", MOST_LORAS));
    let left_out = made.report.left_out.iter().filter(|item| item.reason == Some(Reason::TooManyLoras));
    assert!(left_out.count() > 30);
    let node = |at: usize| {
        format!(
            r#""{at}": {{"class_type": "LoraLoader", "inputs": {{"lora_name": "film{at}", "strength_model": 1, "model": ["{}", 0]}}}}"#,
            at + 1
        )
    };
    let nodes: Vec<_> = (1..100).map(node).collect();
    let graph = format!(
        r#"{{"0": {{"class_type": "KSampler", "inputs": {{"positive": ["x", 0], "steps": 4, "model": ["1", 0]}}}}, {}}}"#,
        nodes.join(", ")
    );
    assert_eq!(read_text(&graph).unwrap().loras.len(), MOST_LORAS);
}

#[test]
fn nothing_is_read_of_a_file_that_nobody_waits_for() {
    let file = png::with_texts(EMPTY, &[("parameters", A1111)]).unwrap();
    let cancel = Cancel::default();
    assert!(read_until(&file, &cancel).is_ok());
    cancel.cancel();
    assert_eq!(read_until(&file, &cancel), Err(Unreadable::NoParameters));
}

#[test]
fn long_texts_are_read_once() {
    let settings = "Steps: 20, Sampler: Euler, Seed: 3";
    for text in [
        format!("{}\n{settings}", "<lora:x:1>".repeat(100_000)),
        format!("{}\n{settings}", "steps: 1\n".repeat(100_000)),
        format!("{}\n{settings}", "a: b, ".repeat(200_000)),
        format!("x\n{settings}, {}", "[".repeat(500_000)),
        format!("x\n{settings}, {}", "a: {, ".repeat(200_000)),
        format!("x\n{settings}, {}", "a: \", ".repeat(200_000)),
        format!("x\n{settings}, a: {}", "\n".repeat(500_000)),
        format!("x\n{settings}, a: {}", "b\n".repeat(300_000)),
        format!("{}{settings}", "negative prompt:".repeat(50_000)),
        format!("{{\"a\":{}", "[".repeat(500_000)),
    ] {
        let start = Instant::now();
        let _ =
            (infotext::read(&text), read_text(&text), read(&png::with_texts(EMPTY, &[("parameters", &text)]).unwrap()));
        assert!(start.elapsed() < LONGEST, "{:?} {}", start.elapsed(), &text[..40]);
    }
}

#[test]
fn reports_and_loras_have_limits() {
    let text = format!("{}\nSteps: 20, Sampler: Euler, Seed: 3", "<lora:x:1> ".repeat(3));
    assert_eq!(infotext::read(&text).unwrap().loras.len(), 1);
    let many: String = (0..3000).map(|at| format!(", Zebra {at}: {}", "x".repeat(300))).collect();
    let made = infotext::read(&format!("x\nSteps: 20, Sampler: Euler, Seed: 3{many}")).unwrap();
    assert_eq!(made.report.left_out.len(), 100);
    assert!(made.report.left_out.iter().all(|item| item.written.chars().count() <= 201));
}

proptest! {
    #[test]
    fn no_container_brings_it_down(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..500usize, byte: u8) {
        let exif = comment(A1111.as_bytes());
        for file in [
            jpeg_with_exif(&exif),
            webp(b"EXIF", &exif),
            webp(b"XMP ", xmp("dc:description", A1111).as_bytes()),
            heif(b"avif", b"Exif", &[b"\0\0\0\0", &exif[..]].concat(), false),
            stealth("stealth_pngcomp", &bytes, 4, 20),
        ] {
            let mut damaged = file.clone();
            if let Some(place) = damaged.get_mut(at) {
                *place = byte;
            }
            let _ = (read(&damaged), read(&file[..at.min(file.len())]), read(&[&file[..at.min(file.len())], &bytes].concat()));
        }
    }

    #[test]
    fn no_json_brings_it_down(text in r#"\{"(prompt|c|uc|image|Prompt|sui_image_params|loras)": [\[{"a-z0-9:, \]}]{0,60}"#) {
        let _ = (read_text(&text), read(&png::with_texts(EMPTY, &[("parameters", &text), ("Comment", &text)]).unwrap()));
    }
}
