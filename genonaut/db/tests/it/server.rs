//! The private PostgreSQL, used by several at once.

use genonaut_db::server::{self, Config, Env};

/// All on one thread: nobody may wait for another without giving the thread away.
#[tokio::test]
async fn tasks_of_one_process_start_and_stop_it_independently() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { data: folder.path().join("data"), database_url: None, env: Env::Test };
    for _ in 0..3 {
        let once = || async { server::start(&config).await.unwrap().stop().await.unwrap() };
        tokio::join!(once(), once(), once(), once());
    }
    assert!(!config.data.join("postgres/postmaster.pid").exists());
}
