//! Hashes that others state.

use serde::Serialize;

/// A hash that a source states of the file it describes. It may describe another: an edit, another version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// `sha256`, `autov1`, `autov2`, `autov3`, `crc32` or `blake3`.
    pub kind: &'static str,
    /// Lower-case hexadecimal digits.
    pub digits: String,
}

/// The hashes of a model file as it lies there, as far as they are known: lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileHashes<'a> {
    /// Of the whole file.
    pub sha256: Option<&'a str>,
    /// Of what follows the header: the same for a file whose metadata was written anew.
    pub tensors_sha256: Option<&'a str>,
}

impl FileHashes<'_> {
    /// Whether this is the file that the hash was made of, or one with the same tensors.
    pub fn matches(&self, claim: &Claim) -> bool {
        let own = if claim.kind == "autov3" { self.tensors_sha256 } else { self.sha256 };
        let compared = matches!(claim.kind, "sha256" | "autov2" | "autov3");
        compared && own.is_some_and(|own| own.starts_with(&claim.digits))
    }
}

/// Kind and how many digits it has.
const KINDS: [(&str, usize); 6] =
    [("sha256", 64), ("autov1", 8), ("autov2", 10), ("autov3", 12), ("crc32", 8), ("blake3", 64)];

/// The digits with which the hash of nothing begins: what programs write that hashed past the end of a small file.
const OF_NOTHING: &str = "e3b0c442";

impl Claim {
    /// `None` for a kind that is not known, a wrong length, and the hash of nothing.
    pub(crate) fn new(kind: &str, digits: &str) -> Option<Self> {
        let (kind, length) = *KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(kind))?;
        let digits = hexadecimal(digits)?;
        let whole = digits.len() == length && !digits.starts_with(OF_NOTHING);
        whole.then_some(Self { kind, digits })
    }

    /// `AutoV3` from the whole hash of what follows the header, as kohya and ModelSpec write it.
    pub(crate) fn of_tensors(digits: &str) -> Option<Self> {
        let digits = hexadecimal(digits).filter(|digits| digits.len() == 64)?;
        Self::new("autov3", &digits[..12])
    }
}

/// Lower-case digits without `0x`.
fn hexadecimal(digits: &str) -> Option<String> {
    let digits = digits.trim().to_ascii_lowercase();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_hashes_of_something_are_claims() {
        let of = |kind: &str, digits: &str| Claim::new(kind, digits).map(|claim| claim.digits);
        assert_eq!(of("AutoV2", "ABCDEF0123").as_deref(), Some("abcdef0123"));
        assert_eq!(of("SHA256", &format!("0x{}", "D".repeat(64))), Some("d".repeat(64)));
        for (kind, digits) in
            [("autov3", "e3b0c44298fc"), ("autov3", "abc"), ("autov2", "zzzzzzzzzz"), ("md5", "abcdef0123")]
        {
            assert_eq!(of(kind, digits), None, "{kind} {digits}");
        }
        assert_eq!(Claim::of_tensors(&"ab".repeat(16)), None);
    }
}
