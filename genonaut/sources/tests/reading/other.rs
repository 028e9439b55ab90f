//! Kinds of files beside checkpoints and LoRAs.

use crate::fixtures::other;
use crate::score::{Expected, RULES, in_memory, rows, through_a_file, wrong};

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

/// Several architectures share the shapes of their VAEs: people name the files after them.
#[test]
fn a_vae_belongs_to_the_architecture_that_its_name_spells() {
    let all = other();
    let (_, _, tensors) = all.iter().find(|(id, ..)| *id == "vae_of_wan_or_qwen_image").unwrap();
    let header = in_memory(&rows(tensors.iter().map(|(name, shape)| (*name, shape.to_vec()))));
    let architecture = |stem: &str| RULES.identify(&header, stem).detection.architecture.unwrap();
    assert_eq!(architecture("qwen_image_vae"), "qwen-image");
    assert_eq!(architecture("wan_2.1_vae"), "wan-14b");
}
