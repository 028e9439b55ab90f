//! Text from files that anyone may have written, made fit to be kept.

/// Names longer than this (bytes) are cut: no tensor or key of a real model comes near.
pub const LONGEST_NAME: usize = 512;

/// Texts longer than this (8 MiB) are left out.
pub const LONGEST_TEXT: usize = 8 << 20;

/// More than any model has; a header of 100 MB could list two million.
pub const MOST_TENSORS: usize = 300_000;

/// Trainers write about a hundred keys of metadata.
pub const MOST_KEYS: usize = 10_000;

/// Takes out NUL, which PostgreSQL stores in no text. Whether there was one.
pub fn strip_nul(text: &mut String) -> bool {
    let has_nul = text.contains('\0');
    if has_nul {
        text.retain(|c| c != '\0');
    }
    has_nul
}

/// Cuts a name to what may be kept. Whether it was longer.
pub fn cut_name(name: &mut String) -> bool {
    let long = name.len() > LONGEST_NAME;
    if long {
        name.truncate(name.floor_char_boundary(LONGEST_NAME));
    }
    long
}

/// Whether a text is a picture rather than words: megabytes that nobody reads.
pub fn is_picture(key: &str, text: &str) -> bool {
    let known = matches!(key, "modelspec.thumbnail" | "ssmd_cover_images") || key.ends_with("preview_image");
    known || text.starts_with("data:image/")
}
