//! What a file is by its first bytes, whatever it is called.

use crate::not_read::{NotRead, Pointer};

/// How pickles of PyTorch before 1.6 begin: protocol 2, and a long integer that stands for "torch".
pub const LEGACY_TORCH: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/// What a file that is not safetensors begins like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Gguf,
    Zip,
    Pickle,
    Html,
    Pointer(Pointer),
}

/// `None` where nothing known begins like this. To be asked only of what is no safetensors file: a header of 640
/// bytes begins just like a pickle.
pub fn sniff(start: &[u8]) -> Option<Content> {
    match start {
        [b'G', b'G', b'U', b'F', ..] => Some(Content::Gguf),
        [b'P', b'K', 3, 4, ..] => Some(Content::Zip),
        [0x80, 2..=5, ..] => Some(Content::Pickle),
        _ if starts_like(start, b"<!do") || starts_like(start, b"<htm") => Some(Content::Html),
        _ if start.starts_with(b"version https://git-lfs") => Some(Content::Pointer(pointer(start))),
        _ => None,
    }
}

/// Why something is no safetensors file.
pub fn refusal(content: Content) -> NotRead {
    NotRead::Refused(match content {
        Content::Gguf => "wrong-format:gguf",
        Content::Zip => "wrong-format:pickle-zip",
        Content::Pickle => "wrong-format:pickle",
        Content::Html => "not-a-model:html",
        Content::Pointer(pointer) => return NotRead::Pointer(pointer),
    })
}

fn starts_like(start: &[u8], lower_case: &[u8]) -> bool {
    start.get(..lower_case.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower_case))
}

fn pointer(start: &[u8]) -> Pointer {
    let text = String::from_utf8_lossy(start);
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
    let hex = |oid: &&str| oid.len() == 64 && oid.bytes().all(|byte| byte.is_ascii_hexdigit());
    Pointer {
        oid: line("oid sha256:").filter(hex).map(str::to_ascii_lowercase),
        size: line("size ").and_then(|size| size.trim().parse().ok()),
    }
}
