//! Questions to a disk that may never answer, such as a network's whose server is away: each is asked in a thread of its
//! own and waited for only so long, and a disk that is silent is not asked again before it has answered.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

/// The longest that anybody waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

static SILENT: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

/// The answer; `None` from a folder whose disk is silent.
pub async fn ask<T: Send + 'static>(folder: &Path, question: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    ask_for(PATIENCE, folder, question).await
}

/// The same with another limit.
pub async fn ask_for<T: Send + 'static>(
    patience: Duration,
    folder: &Path,
    question: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    if SILENT.lock().ok()?.contains(folder) {
        return None;
    }
    let (send, answer) = oneshot::channel();
    let answered = Arc::new(Mutex::new(false));
    let (folder, done) = (folder.to_owned(), answered.clone());
    let asked = folder.clone();
    std::thread::spawn(move || {
        let _ = send.send(question());
        if let (Ok(mut done), Ok(mut silent)) = (done.lock(), SILENT.lock()) {
            *done = true;
            silent.remove(&asked);
        }
    });
    if let Ok(answer) = tokio::time::timeout(patience, answer).await {
        return answer.ok();
    }
    if let (Ok(answered), Ok(mut silent)) = (answered.lock(), SILENT.lock())
        && !*answered
    {
        silent.insert(folder);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_silent_disk_is_left_alone_until_it_answers() {
        let (folder, began) = (Path::new("/no/such/silent/disk"), Instant::now());
        let (answer, waits) = mpsc::channel::<()>();
        let short = Duration::from_millis(50);
        assert_eq!(ask_for(short, folder, move || waits.recv().is_ok()).await, None);
        assert_eq!(ask(folder, || 1).await, None, "nobody asks it meanwhile");
        assert_eq!(ask(Path::new("/another"), || 1).await, Some(1));
        assert!(began.elapsed() < PATIENCE);
        answer.send(()).unwrap();
        while ask(folder, || 1).await.is_none() {}
    }
}
