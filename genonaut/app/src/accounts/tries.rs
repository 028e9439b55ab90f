//! Guessing is slow: after a few wrong passwords a name has to wait, twice as long each time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wrong passwords that everybody may have.
const FREE: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Names that are remembered; random ones push each other out, so they cost no memory.
const NAMES: usize = 1000;

#[derive(Debug, Default)]
pub struct Tries(Mutex<HashMap<String, (u32, Instant)>>);

impl Tries {
    /// How long this name has to wait still.
    pub fn wait(&self, name: &str) -> Option<Duration> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let &(wrong, last) = names.get(&key(name))?;
        pause(wrong).checked_sub(last.elapsed()).filter(|left| !left.is_zero())
    }

    pub fn failed(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES {
            names.retain(|_, (wrong, last)| last.elapsed() < pause(*wrong));
        }
        if names.len() >= NAMES {
            names.clear();
        }
        let tries = names.entry(key(name)).or_insert((0, Instant::now()));
        *tries = (tries.0.saturating_add(1), Instant::now());
    }

    pub fn succeeded(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(name));
    }
}

fn pause(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(more) => FIRST_WAIT.saturating_mul(1 << more.min(5)).min(LONGEST_WAIT),
    }
}

/// However it is written, it is one account.
fn key(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_mistakes_are_free_and_more_take_longer_and_longer() {
        let tries = Tries::default();
        (0..FREE - 1).for_each(|_| tries.failed("Me"));
        assert_eq!(tries.wait("me"), None);
        tries.failed("me");
        let first = tries.wait("ME").unwrap();
        tries.failed("me");
        assert!(first <= FIRST_WAIT && tries.wait("me").unwrap() > first && tries.wait("you").is_none());
        (0..100).for_each(|_| tries.failed("me"));
        assert!(tries.wait("me").unwrap() <= LONGEST_WAIT);
        tries.succeeded("me");
        assert_eq!(tries.wait("me"), None);
    }

    #[test]
    fn random_names_do_not_fill_the_memory() {
        let tries = Tries::default();
        (0..10 * NAMES).for_each(|n| tries.failed(&n.to_string()));
        assert!(tries.0.lock().unwrap().len() <= NAMES);
    }
}
