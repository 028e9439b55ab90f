//! What other users of the machine can see: nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::{Home, ask, post_form, signal, until};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().mode() & 0o777
}

/// Of folders and files below, each with its mode.
fn open_to_others(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = paths.flat_map(|path| {
        let below = if path.is_dir() { open_to_others(&path) } else { Vec::new() };
        let open = mode(&path) & 0o077;
        below.into_iter().chain((open != 0).then(|| format!("{} {open:o}", path.display())))
    });
    found.collect()
}

#[tokio::test]
async fn images_and_locks_are_closed_to_others() {
    let home = Home::new();
    home.says(&["seed", "--static-only"]);
    // As an earlier version has left them.
    let data = home.0.path().join("data");
    fs::create_dir(data.join("images")).unwrap();
    fs::set_permissions(data.join("images"), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(data.join("starting.lock"), Permissions::from_mode(0o666)).unwrap();
    let (mut server, address) = home.serve();
    let form = "prompt=secret&width=64&height=64&steps=1&images=1&seed=1";
    assert!(post_form(&address, "/ui/jobs", form).starts_with("HTTP/1.1 303"));
    until(|| async { ask(&address, "GET", "/api/v1/images", "").contains("\"seed\":1") }).await;
    assert_eq!(mode(&data) & 0o007, 0, "{:o}", mode(&data));
    assert_eq!((mode(&data.join("images")), mode(&data.join("starting.lock"))), (0o700, 0o600));
    assert_eq!(open_to_others(&data.join("images")), Vec::<String>::new());
    signal(&server, "TERM");
    assert!(server.wait().unwrap().success());
}

#[test]
fn a_token_that_others_can_read_or_guess_is_refused_with_advice() {
    let home = Home::new();
    let token = home.0.path().join("token");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--token-file", token.to_str().unwrap()];
    fs::write(&token, "0123456789abcdef0123456789abcdef\n").unwrap();
    fs::set_permissions(&token, Permissions::from_mode(0o666)).unwrap();
    let refused = home.fails(&serve, 1);
    assert!(refused.contains("chmod 600") && refused.contains("other users"), "{refused}");
    fs::write(&token, "short").unwrap();
    fs::set_permissions(&token, Permissions::from_mode(0o600)).unwrap();
    let refused = home.fails(&serve, 1);
    assert!(refused.contains("openssl rand -hex 32"), "{refused}");
}
