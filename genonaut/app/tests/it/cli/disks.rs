//! Disks that are full: a small file system in memory where we may mount one, and a limit of the size of files anywhere.
//! An image store that is full is the same to the queue.

mod store;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use genonaut_db::PgPool;
use genonaut_db::accounts::Viewer;
use genonaut_db::jobs::{self, State};
use genonaut_db::testing::{count, database};

use super::{Home, ask, post_form, send, signal, start, until};
use store::Store;

/// A disk of its own; gone at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `None` where we may not mount any.
    fn mount(folder: &'a Path, size: &str) -> Option<Self> {
        let options = format!("size={size},mode=755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder);
        mount.status().is_ok_and(|mounted| mounted.success()).then_some(Self(folder))
    }

    fn fill(&self) {
        // Ends with an error when nothing is left.
        let _ = std::io::copy(&mut std::io::repeat(1), &mut std::fs::File::create(self.0.join("ballast")).unwrap());
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn serve(command: &mut Command, database: &str, images: impl AsRef<OsStr>) -> (Child, String) {
    let command = command.env("DATABASE_URL", database).env("GENONAUT_IMAGES", images).env("GENONAUT_LEASE", "2");
    start(command.env("GENONAUT_LOOK_FOR", ""))
}

/// The queue pauses, says what is full, and goes on by itself.
async fn waits_for_room(db: &PgPool, (server, address): (&mut Child, &str), full: [&str; 2], make_room: impl FnOnce()) {
    let form = "prompt=dunes&width=64&height=64&steps=2&images=2&seed=1";
    assert!(post_form(address, "/ui/jobs", form).starts_with("HTTP/1.1 303"));
    let is_said = |text: &str| full.iter().all(|part| text.contains(part));
    until(|| async { is_said(&ask(address, "GET", "/api/v1/engines", "")) }).await;
    // Longer than three leases.
    tokio::time::sleep(Duration::from_secs(7)).await;
    let job = jobs::open(db, Viewer::EVERYTHING).await.unwrap().remove(0);
    assert_eq!((job.state, job.attempts, job.made), (State::Running, 1, 0));
    let page = ask(address, "GET", "/", "");
    assert!(page.contains("Paused") && is_said(&page), "{page}");
    make_room();
    until(|| async { jobs::open(db, Viewer::EVERYTHING).await.unwrap().is_empty() }).await;
    assert_eq!(count(db, "SELECT count(*) FROM jobs WHERE state = 'done'").await, 1);
    assert_eq!(count(db, "SELECT count(*) FROM images").await, 2);
    assert!(!ask(address, "GET", "/", "").contains("Paused"));
    signal(server, "TERM");
    assert!(server.wait().unwrap().success());
}

/// What is said of a full disk of images.
fn full_disk(images: &Path) -> [&str; 2] {
    ["disk of the images is full", images.to_str().unwrap()]
}

async fn seeded(home: &Home, url: &str) {
    assert!(home.command(&["seed", "--static-only", "--database-url", url]).output().unwrap().status.success());
}

#[tokio::test]
async fn a_full_disk_of_images_pauses_the_queue() {
    let (home, database, images) = (Home::new(), database().await, tempfile::tempdir().unwrap());
    let Some(disk) = SmallDisk::mount(images.path(), "256k") else { return };
    seeded(&home, &database.url).await;
    disk.fill();
    let (mut server, address) =
        serve(&mut home.command(&["serve", "--listen", "127.0.0.1:0"]), &database.url, images.path());
    waits_for_room(&database.pool, (&mut server, &address), full_disk(images.path()), || disk.make_room()).await;
}

/// The same for whoever may not mount anything: files may have no more than a block until the limit is lifted.
#[tokio::test]
async fn images_that_may_not_be_written_pause_the_queue() {
    let (home, database, images) = (Home::new(), database().await, tempfile::tempdir().unwrap());
    seeded(&home, &database.url).await;
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -S -f 0; exec \"$0\" serve --listen 127.0.0.1:0"]);
    limited.arg(env!("CARGO_BIN_EXE_genonaut")).env("GENONAUT_DATA", home.0.path().join("data"));
    let (mut server, address) = serve(&mut limited, &database.url, images.path());
    let process = server.id().to_string();
    let lift = || {
        let lifted = Command::new("prlimit").args(["--pid", &process, "--fsize=unlimited"]).status();
        assert!(lifted.unwrap().success());
    };
    waits_for_room(&database.pool, (&mut server, &address), full_disk(images.path()), lift).await;
}

/// One that answers as MinIO does when its drives are full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_image_store_pauses_the_queue() {
    let (home, database, store) = (Home::new(), database().await, Store::start().await);
    seeded(&home, &database.url).await;
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    let (mut server, address) = serve(command.envs(store.variables()), &database.url, "s3://pictures/mine");
    let full = ["The image store is full", "s3://pictures/mine"];
    waits_for_room(&database.pool, (&mut server, &address), full, || store.make_room()).await;
}

/// What cannot be written is refused with a sentence, and works again once there is room.
#[tokio::test]
async fn a_full_disk_of_the_database_is_named() {
    let home = Home::new();
    let Some(disk) = SmallDisk::mount(home.0.path(), "400m") else { return };
    let (mut server, address) = home.serve();
    disk.fill();
    let notes = "x y z ".repeat(300);
    let add = |n: usize| {
        let body = format!(r#"{{"path": "a/{n}.pt", "description": "{n} {notes}"}}"#);
        send(&address, "POST", "/api/v1/lora-models", "application/json", &body)
    };
    let refused = (0..2000).map(add).find(|answer| !answer.starts_with("HTTP/1.1 201")).unwrap();
    assert!(refused.starts_with("HTTP/1.1 507"), "{refused}");
    assert!(refused.contains("The disk of the private database genonaut_demo"), "{refused}");
    assert!(refused.contains(home.0.path().to_str().unwrap()), "{refused}");
    disk.make_room();
    let n = std::cell::Cell::new(2000);
    until(|| async {
        n.set(n.get() + 1);
        add(n.get()).starts_with("HTTP/1.1 201")
    })
    .await;
    signal(&server, "TERM");
    assert!(server.wait().unwrap().success());
}
