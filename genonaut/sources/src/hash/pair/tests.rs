use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::compress::{both, in_turns};
use super::*;

fn bytes(length: usize) -> Vec<u8> {
    (0..length as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// Both digests of bytes that come in pieces of these lengths, again and again.
fn in_pieces(bytes: &[u8], tail_at: u64, lengths: &[usize]) -> [[u8; 32]; 2] {
    let mut pair = Pair::new(tail_at);
    let (mut at, mut lengths) = (0, lengths.iter().cycle());
    while at < bytes.len() {
        let end = bytes.len().min(at + lengths.next().unwrap());
        pair.update(at as u64, &bytes[at..end]);
        at = end;
    }
    pair.finish()
}

fn one_by_one(bytes: &[u8], tail_at: usize) -> [[u8; 32]; 2] {
    [bytes, &bytes[tail_at.min(bytes.len())..]].map(|bytes| Sha256::digest(bytes).into())
}

#[test]
fn every_header_up_to_two_blocks_and_every_size_up_to_four() {
    let all = bytes(4 * 64 + 2);
    for tail_at in 0..=2 * 64 + 2 {
        for length in 0..=all.len() {
            let bytes = &all[..length];
            assert_eq!(in_pieces(bytes, tail_at as u64, &[length]), one_by_one(bytes, tail_at), "{tail_at}, {length}");
        }
    }
}

#[test]
fn wherever_a_file_is_cut_in_two_and_three() {
    let all = bytes(5 * 64 + 7);
    for tail_at in [0, 1, 8, 63, 64, 65, 200] {
        let digests = one_by_one(&all, tail_at);
        for (first, second) in (1..all.len()).flat_map(|first| [1, 64, 65, all.len()].map(|second| (first, second))) {
            let lengths = [first, second, all.len()];
            assert_eq!(in_pieces(&all, tail_at as u64, &lengths), digests, "{tail_at}, {first}, {second}");
        }
    }
}

proptest! {
    #[test]
    fn however_it_comes(
        length in 0_usize..20_000,
        tail_at in prop_oneof![0_usize..200, 0_usize..25_000],
        lengths in proptest::collection::vec(prop_oneof![1_usize..200, 1_usize..9_000], 1..9),
    ) {
        let bytes = bytes(length);
        prop_assert_eq!(in_pieces(&bytes, tail_at as u64, &lengths), one_by_one(&bytes, tail_at));
    }

    /// Both ways, whichever of them this processor takes.
    #[test]
    fn from_any_state_two_messages_go_on_as_each_would_alone(
        states in any::<[State; 2]>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..700),
        other in 0_usize..64,
    ) {
        let (blocks, others) = (bytes.as_chunks().0, bytes[other.min(bytes.len())..].as_chunks().0);
        let blocks = &blocks[..others.len()];
        let mut alone = states;
        compress256(&mut alone[0], blocks);
        compress256(&mut alone[1], others);
        for way in [both, in_turns] {
            let [mut a, mut b] = states;
            way([&mut a, &mut b], [blocks, others]);
            prop_assert_eq!([a, b], alone);
        }
    }
}
