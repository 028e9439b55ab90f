//! Kinds of files beside checkpoints and LoRAs.

use crate::fixtures::other;
use crate::score::{Expected, rows, through_a_file, wrong};

#[test]
fn every_other_kind_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut errors = Vec::new();
    for (id, answer, tensors) in other() {
        let rows = rows(tensors.iter().map(|(name, shape)| (*name, shape.to_vec())));
        let got = through_a_file(folder.path(), id, &rows, &[]);
        errors.extend(wrong(&Expected { id: id.to_owned(), answer }, &got));
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}
