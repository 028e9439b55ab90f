//! Numbers that look random and follow from a seed, the same on every machine and in every version (splitmix64: Steele,
//! Lea, Flood, "Fast splittable pseudorandom number generators", 2014).

pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to `limit` - 1; 0 when there is no choice.
    pub fn below(&mut self, limit: usize) -> usize {
        ((self.fraction() * limit as f64) as usize).min(limit.saturating_sub(1))
    }

    /// From 0 up to 1, which it never is.
    pub fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // The 53 bits that a double holds exactly.
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}
