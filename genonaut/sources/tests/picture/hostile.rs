//! Files that were made to cost time and memory.

use std::time::{Duration, Instant};

use genonaut_sources::picture::{infotext, png, read, read_text};
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
    let many: String = (0..5000).map(|at| format!(", Zebra {at}: {}", "x".repeat(300))).collect();
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
