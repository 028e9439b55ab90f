//! The same moments in each run, as far as the machine lets them be.

use std::time::Duration;

pub struct Random(pub u64);

impl Random {
    /// Xorshift, as Marsaglia gives it.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// The moment is what is tried here.
    pub async fn moment(&mut self, milliseconds: u64) {
        tokio::time::sleep(Duration::from_millis(self.below(milliseconds))).await;
    }
}
