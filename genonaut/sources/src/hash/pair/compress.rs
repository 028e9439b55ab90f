//! Two messages through SHA-256's compression in step. The result of the instruction for it is there after four cycles,
//! and one that need not wait for it can begin after two (x86-64; measured on Zen 4).

use multiversion::multiversion;
use multiversion::target::match_target;
use sha2::block_api::compress256;

pub type State = [u32; 8];
pub type Block = [u8; 64];

/// As many blocks of the one as of the other.
#[multiversion(targets("x86_64+sha+sse4.1"))]
pub fn both(states: [&mut State; 2], blocks: [&[Block]; 2]) {
    match_target! {
        "x86_64+sha+sse4.1" => interleaved::compress(states, blocks),
        _ => in_turns(states, blocks),
    }
}

/// Block by block, so that a processor that looks far enough ahead begins the one before the other has ended.
pub fn in_turns([a, b]: [&mut State; 2], [blocks_a, blocks_b]: [&[Block]; 2]) {
    for (block_a, block_b) in blocks_a.iter().zip(blocks_b) {
        compress256(a, std::slice::from_ref(block_a));
        compress256(b, std::slice::from_ref(block_b));
    }
}

#[cfg(target_arch = "x86_64")]
mod interleaved {
    use std::arch::x86_64::*;
    use std::hint::black_box;

    use super::{Block, State};

    /// FIPS 180-4, 4.2.2.
    const K: [u32; 64] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
        0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
        0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
        0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
        0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
        0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
        0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2,
    ];

    /// The working variables a to h of the standard, as the instruction wants them.
    #[derive(Clone, Copy)]
    struct Variables {
        abef: __m128i,
        cdgh: __m128i,
    }

    #[target_feature(enable = "sha,sse4.1")]
    pub fn compress([a, b]: [&mut State; 2], [blocks_a, blocks_b]: [&[Block]; 2]) {
        let (mut of_a, mut of_b) = (load(a), load(b));
        for (block_a, block_b) in blocks_a.iter().zip(blocks_b) {
            // Hidden from the compiler, which for want of registers would send the sums through memory on their way into
            // the next block: a tenth of all the time.
            let before = black_box((of_a, of_b));
            // The schedule W of the standard, of which the 16 words at hand are kept.
            let (mut w_a, mut w_b) = (words(block_a), words(block_b));
            for i in 0..4 {
                rounds([&mut of_a, &mut of_b], [w_a[i], w_b[i]], i);
            }
            for quad in [4, 8, 12] {
                for i in 0..4 {
                    (w_a[i], w_b[i]) = (next(&w_a, i), next(&w_b, i));
                    rounds([&mut of_a, &mut of_b], [w_a[i], w_b[i]], quad + i);
                }
            }
            (of_a, of_b) = (sum(of_a, before.0), sum(of_b, before.1));
        }
        (*a, *b) = (store(of_a), store(of_b));
    }

    /// Four rounds of each, the ones between the others: rounds 4 `quad` to 4 `quad` + 3.
    #[inline]
    #[target_feature(enable = "sha,sse4.1")]
    fn rounds([a, b]: [&mut Variables; 2], [w_a, w_b]: [__m128i; 2], quad: usize) {
        let [k0, k1, k2, k3] = [0, 1, 2, 3].map(|i| K[4 * quad + i] as i32);
        let k = _mm_set_epi32(k3, k2, k1, k0);
        let (kw_a, kw_b) = (_mm_add_epi32(w_a, k), _mm_add_epi32(w_b, k));
        a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, kw_a);
        b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, kw_b);
        a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, _mm_unpackhi_epi64(kw_a, kw_a));
        b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, _mm_unpackhi_epi64(kw_b, kw_b));
    }

    /// The four words that take the place of those 16 before them.
    #[inline]
    #[target_feature(enable = "sha,sse4.1")]
    fn next(w: &[__m128i; 4], i: usize) -> __m128i {
        let [w0, w4, w8, w12] = [w[i], w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]];
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));
        _mm_sha256msg2_epu32(sum, w12)
    }

    /// The block's 16 words, which are big-endian.
    #[inline]
    #[target_feature(enable = "sse4.1")]
    fn words(block: &Block) -> [__m128i; 4] {
        let (halves, _) = block.as_chunks();
        let turned = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        [0, 2, 4, 6].map(|i| {
            let four = _mm_set_epi64x(i64::from_le_bytes(halves[i + 1]), i64::from_le_bytes(halves[i]));
            _mm_shuffle_epi8(four, turned)
        })
    }

    #[inline]
    #[target_feature(enable = "sse4.1")]
    fn sum(one: Variables, other: Variables) -> Variables {
        Variables { abef: _mm_add_epi32(one.abef, other.abef), cdgh: _mm_add_epi32(one.cdgh, other.cdgh) }
    }

    #[inline]
    #[target_feature(enable = "sse4.1")]
    fn load(state: &State) -> Variables {
        let [a, b, c, d, e, f, g, h] = state.map(u32::cast_signed);
        Variables { abef: _mm_set_epi32(a, b, e, f), cdgh: _mm_set_epi32(c, d, g, h) }
    }

    #[inline]
    #[target_feature(enable = "sse4.1")]
    fn store(Variables { abef, cdgh }: Variables) -> State {
        let [a, b, e, f] = lanes(abef);
        let [c, d, g, h] = lanes(cdgh);
        [a, b, c, d, e, f, g, h].map(i32::cast_unsigned)
    }

    /// The highest first.
    #[inline]
    #[target_feature(enable = "sse4.1")]
    fn lanes(of: __m128i) -> [i32; 4] {
        [_mm_extract_epi32(of, 3), _mm_extract_epi32(of, 2), _mm_extract_epi32(of, 1), _mm_extract_epi32(of, 0)]
    }
}
