//! One password at a time for each name and each address, so that no one takes the turns of all others.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

#[derive(Debug, Default)]
pub struct Turns {
    names: Mutex<Queues<String>>,
    addresses: Mutex<Queues<IpAddr>>,
}

type Queues<K> = HashMap<K, Arc<AsyncMutex<()>>>;

/// Ends when it is dropped.
pub type Turn = [OwnedMutexGuard<()>; 2];

impl Turns {
    /// Waits for those of the same name and address that came before.
    pub async fn wait(&self, name: String, address: IpAddr) -> Turn {
        // Everybody waits in this order.
        let name = queue(&self.names, name).lock_owned().await;
        [name, queue(&self.addresses, address).lock_owned().await]
    }
}

fn queue<K: Eq + Hash>(queues: &Mutex<Queues<K>>, key: K) -> Arc<AsyncMutex<()>> {
    let mut queues = queues.lock().unwrap_or_else(PoisonError::into_inner);
    // Those that nobody waits in are gone.
    queues.retain(|_, queue| Arc::strong_count(queue) > 1);
    queues.entry(key).or_default().clone()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_name_and_an_address_are_checked_one_after_the_other() {
        let (turns, here, there) = (Turns::default(), IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let wait = |name: &str, address| {
            let turn = turns.wait(name.to_owned(), address);
            async move { timeout(Duration::from_millis(20), turn).await.ok() }
        };
        let first = wait("a", here).await;
        assert!(first.is_some());
        assert!(wait("a", there).await.is_none() && wait("b", here).await.is_none());
        assert!(wait("b", there).await.is_some());
        drop(first);
        assert!(wait("a", here).await.is_some());
        assert!(turns.names.lock().unwrap().len() <= 1, "nobody is remembered for ever");
    }
}
