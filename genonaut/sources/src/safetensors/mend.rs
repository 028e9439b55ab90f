//! Half a surrogate pair (`\ud800`) is no character: serde_json refuses it, Python writes it.

const REPLACEMENT: &[u8; 6] = b"\\ufffd";

/// The text with each half pair replaced, or `None` where there is none.
pub fn surrogates(json: &str) -> Option<String> {
    let mut bytes = json.as_bytes().to_vec();
    let mut mended = false;
    let mut at = 0;
    while at < bytes.len() {
        at += match (unit(&bytes[at..]), bytes.get(at + 6..).and_then(unit)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => {
                bytes[at..at + 6].copy_from_slice(REPLACEMENT);
                mended = true;
                6
            }
            _ if bytes[at] == b'\\' => 2,
            _ => 1,
        };
    }
    mended.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// The number of a `\uXXXX` that stands here.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}
