//! Guessing is slow: after a few wrong passwords whoever sent them has to wait, twice as long each time. A password counts
//! as wrong until it has been checked, so that many at once gain nothing.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many wrong passwords are free, and how long the next ones take.
struct Rule {
    free: u32,
    first: Duration,
    longest: Duration,
}

/// A name from one address.
const BOTH: Rule = Rule { free: 5, first: Duration::from_secs(2), longest: Duration::from_secs(60) };
/// One address with whatever names.
const ADDRESS: Rule = Rule { free: 20, first: Duration::from_secs(2), longest: Duration::from_secs(60) };
/// A name from whatever addresses. Short, so that strangers cannot keep its owner out; where the owner has signed in from
/// before it does not hold at all.
const NAME: Rule = Rule { free: 50, first: Duration::from_secs(1), longest: Duration::from_secs(5) };

/// Without another one after so long they are forgotten.
const FORGOTTEN: Duration = Duration::from_secs(15 * 60);
/// What is remembered; random names and addresses push each other out, so they cost no memory.
const MOST: usize = 10_000;
/// The longest name that an account can have.
const LONGEST_NAME: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Both(String, IpAddr),
    Address(IpAddr),
    Name(String),
}

#[derive(Debug, Default)]
pub struct Tries(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    wrong: HashMap<Key, (u32, Instant)>,
    /// Where somebody has signed in from.
    known: HashSet<(String, IpAddr)>,
}

impl Tries {
    /// Counts a password before it is checked.
    ///
    /// # Errors
    /// How long to wait before it may be checked.
    pub fn begin(&self, name: &str, address: IpAddr) -> Result<(), Duration> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = remembered.keys(&plain(name), network(address));
        let wait = keys.iter().filter_map(|key| remembered.wait(key)).max();
        if let Some(wait) = wait {
            return Err(wait);
        }
        keys.into_iter().for_each(|key| remembered.count(key));
        Ok(())
    }

    /// The password was right: it was none of the wrong ones.
    pub fn succeeded(&self, name: &str, address: IpAddr) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, address) = (plain(name), network(address));
        remembered.wrong.remove(&Key::Both(name.clone(), address));
        for key in [Key::Address(address), Key::Name(name.clone())] {
            remembered.wrong.entry(key).and_modify(|(wrong, _)| *wrong = wrong.saturating_sub(1));
        }
        if remembered.known.len() >= MOST {
            remembered.known.clear();
        }
        remembered.known.insert((name, address));
    }
}

impl Remembered {
    fn keys(&self, name: &str, address: IpAddr) -> Vec<Key> {
        let mut keys = vec![Key::Both(name.to_owned(), address), Key::Address(address)];
        if !self.known.contains(&(name.to_owned(), address)) {
            keys.push(Key::Name(name.to_owned()));
        }
        keys
    }

    fn wait(&self, key: &Key) -> Option<Duration> {
        let &(wrong, last) = self.wrong.get(key)?;
        rule(key).pause(wrong).checked_sub(last.elapsed()).filter(|left| !left.is_zero())
    }

    fn count(&mut self, key: Key) {
        if self.wrong.len() >= MOST {
            self.wrong.retain(|key, (wrong, last)| last.elapsed() < rule(key).pause(*wrong));
        }
        if self.wrong.len() >= MOST {
            self.wrong.clear();
        }
        let counted = self.wrong.entry(key).or_insert((0, Instant::now()));
        if counted.1.elapsed() > FORGOTTEN {
            counted.0 = 0;
        }
        *counted = (counted.0.saturating_add(1), Instant::now());
    }
}

impl Rule {
    fn pause(&self, wrong: u32) -> Duration {
        match wrong.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(more) => self.first.saturating_mul(1 << more.min(5)).min(self.longest),
        }
    }
}

fn rule(key: &Key) -> &'static Rule {
    match key {
        Key::Both(..) => &BOTH,
        Key::Address(_) => &ADDRESS,
        Key::Name(_) => &NAME,
    }
}

/// However it is written, it is one account.
pub fn plain(name: &str) -> String {
    name.chars().take(LONGEST_NAME + 1).flat_map(char::to_lowercase).collect()
}

/// Whoever has one address of IPv6 has 2⁶⁴ of them.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn address(last: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0b00_0000 + last))
    }

    #[test]
    fn a_few_mistakes_are_free_and_more_take_longer_and_longer() {
        let tries = Tries::default();
        for _ in 0..BOTH.free {
            assert_eq!(tries.begin("Me", HERE), Ok(()));
        }
        assert!(tries.begin("ME", HERE).unwrap_err() <= BOTH.first);
        assert_eq!(tries.begin("you", HERE), Ok(()));
        assert!(BOTH.pause(BOTH.free + 1) > BOTH.first && BOTH.pause(1000) == BOTH.longest);
        tries.succeeded("me", HERE);
        assert_eq!(tries.begin("me", HERE), Ok(()));
    }

    #[test]
    fn a_stranger_does_not_lock_the_owner_out() {
        let tries = Tries::default();
        while tries.begin("me", THERE).is_ok() {}
        assert_eq!(tries.begin("me", HERE), Ok(()), "another address has mistakes of its own");
    }

    #[test]
    fn many_addresses_share_a_limit_that_does_not_hold_where_the_owner_was() {
        let tries = Tries::default();
        assert_eq!(tries.begin("me", HERE), Ok(()));
        tries.succeeded("me", HERE);
        let refused = (0..1000).filter(|n| tries.begin("me", address(*n)).is_err()).count();
        assert_eq!(refused, 1000 - usize::try_from(NAME.free).unwrap());
        assert!(tries.begin("me", THERE).unwrap_err() <= NAME.longest);
        assert_eq!(tries.begin("me", HERE), Ok(()));
    }

    #[test]
    fn one_address_has_a_limit_for_all_names() {
        let tries = Tries::default();
        let refused = (0..1000).filter(|n| tries.begin(&n.to_string(), HERE).is_err()).count();
        assert_eq!(refused, 1000 - usize::try_from(ADDRESS.free).unwrap());
    }

    #[test]
    fn neighbours_in_ipv6_are_one() {
        let [one, other, far]: [IpAddr; 3] =
            ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"].map(|text| text.parse().unwrap());
        assert!(network(one) == network(other) && network(one) != network(far));
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), HERE);
    }

    #[test]
    fn random_names_do_not_fill_the_memory() {
        let tries = Tries::default();
        for n in 0..10 * u32::try_from(MOST).unwrap() {
            let _ = tries.begin(&n.to_string(), address(n));
            tries.succeeded(&n.to_string(), address(n));
        }
        let remembered = tries.0.lock().unwrap();
        assert!(remembered.wrong.len() <= MOST && remembered.known.len() <= MOST);
        assert_eq!(plain(&"x".repeat(1000)).len(), LONGEST_NAME + 1);
    }
}
