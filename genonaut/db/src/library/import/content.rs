//! What a file contains, as far as it is known, and whether that is one and the same model.

/// What is known of a file's content; each line is known later than the one before.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Content {
    /// Of size, header and a sample of the data.
    pub digest: Option<Vec<u8>>,
    /// Of the tensors' names, types and shapes and the same sample: it outlasts new metadata in the header.
    pub tensors_digest: Option<Vec<u8>>,
    /// Of the whole file, once it has been read whole.
    pub sha256: Option<String>,
    /// Of the data behind the header.
    pub tensors_sha256: Option<String>,
}

/// How sure it is that two contents are one model, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sameness {
    /// Both were read whole, and differ.
    Different,
    Unknown,
    /// The same tensors, by their sample, under another header.
    LikelyTensors,
    /// The same file, by its sample.
    LikelyFile,
    /// Hashes of everything that matters are equal.
    Certain,
}

impl Content {
    /// The tensors' hash comes first, so that a file of which only the metadata was rewritten is the same model; then the
    /// whole file's; the digests until there are hashes.
    pub fn compare(&self, other: &Self) -> Sameness {
        let tensors = both(&self.tensors_digest, &other.tensors_digest);
        // Tensors of other names over the same bytes are another model.
        if both(&self.tensors_sha256, &other.tensors_sha256) == Some(true) && tensors != Some(false) {
            return Sameness::Certain;
        }
        match both(&self.sha256, &other.sha256) {
            Some(true) => Sameness::Certain,
            Some(false) => Sameness::Different,
            None if both(&self.digest, &other.digest) == Some(true) => Sameness::LikelyFile,
            None if tensors == Some(true) => Sameness::LikelyTensors,
            None => Sameness::Unknown,
        }
    }

    /// Whether it is a model with these contents. One of them that is certainly another outweighs what is only likely.
    pub fn compare_all<'a>(&self, contents: impl Iterator<Item = &'a Self>) -> Sameness {
        let (mut best, mut differs) = (Sameness::Unknown, false);
        for content in contents {
            let sameness = self.compare(content);
            differs |= sameness == Sameness::Different;
            best = best.max(sameness);
        }
        if differs && best < Sameness::Certain { Sameness::Different } else { best }
    }
}

/// Whether two values that are known are equal.
fn both<T: PartialEq>(a: &Option<T>, b: &Option<T>) -> Option<bool> {
    Some(a.as_ref()? == b.as_ref()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(digest: u8, tensors_digest: u8, sha256: &str, tensors: &str) -> Content {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let bytes = |byte: u8| (byte > 0).then(|| vec![byte]);
        Content {
            digest: bytes(digest),
            tensors_digest: bytes(tensors_digest),
            sha256: text(sha256),
            tensors_sha256: text(tensors),
        }
    }

    #[test]
    fn tensors_come_first_then_the_file_then_digests() {
        use Sameness::{Certain, Different, LikelyFile, LikelyTensors, Unknown};
        for (a, b, expected) in [
            (content(1, 9, "a", "t"), content(2, 9, "b", "t"), Certain),
            (content(1, 8, "a", "t"), content(2, 9, "b", "t"), Different),
            (content(1, 0, "a", "t"), content(2, 9, "b", "t"), Certain),
            (content(1, 9, "a", "t"), content(1, 9, "b", "u"), Different),
            (content(1, 0, "a", ""), content(1, 0, "a", ""), Certain),
            (content(1, 9, "a", "t"), content(1, 9, "", ""), LikelyFile),
            (content(1, 9, "a", "t"), content(2, 9, "", ""), LikelyTensors),
            (content(1, 9, "a", "t"), content(2, 8, "", ""), Unknown),
            (content(0, 0, "", ""), content(0, 0, "", ""), Unknown),
        ] {
            assert_eq!((a.compare(&b), b.compare(&a)), (expected, expected), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_hash_that_differs_outweighs_a_digest_that_agrees() {
        let (model, old) = (content(1, 9, "a", "t"), content(1, 9, "", ""));
        let other = content(1, 9, "b", "u");
        assert_eq!(other.compare_all([&old, &model].into_iter()), Sameness::Different);
        assert_eq!(old.compare_all([&model].into_iter()), Sameness::LikelyFile);
        assert_eq!(other.compare_all([].into_iter()), Sameness::Unknown);
    }
}
