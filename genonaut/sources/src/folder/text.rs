//! Paths as text and back. Linux allows any bytes in a name; a database and a page want UTF-8.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The path itself where it is UTF-8 without a backslash; every other byte is written as `\xNN`.
pub fn of(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text += &chunk.valid().replace('\\', r"\x5c");
        chunk.invalid().iter().for_each(|byte| text += &format!(r"\x{byte:02x}"));
    }
    text
}

/// The path that [`of`] wrote so. A backslash that begins nothing stays as it is.
pub fn path(text: &str) -> PathBuf {
    let mut parts = text.split(r"\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[2..]);
            }
            None => bytes.extend(format!(r"\x{part}").as_bytes()),
        }
    }
    OsString::from_vec(bytes).into()
}
