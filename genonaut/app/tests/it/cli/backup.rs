//! Backups, restored into an empty place and compared with what was there.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use genonaut_db::testing::{contents, database, run};
use genonaut_db::{PgConnectOptions, server};

use super::{Home, ask, post_form, signal, until};

/// Every row of the private database.
async fn rows(home: &Home) -> BTreeMap<String, String> {
    let place = server::Config { data: home.0.path().join("data"), database_url: None, env: server::Env::Demo };
    let postgres = server::start(&place).await.unwrap();
    let db = genonaut_db::connect(postgres.options()).await.unwrap();
    let rows = contents(&db).await;
    db.close().await;
    postgres.stop().await.unwrap();
    rows
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            let name = PathBuf::from(path.file_name().unwrap());
            found.extend(files(&path).into_iter().map(|(below, bytes)| (name.join(below), bytes)));
        } else {
            found.insert(path.file_name().unwrap().into(), fs::read(&path).unwrap());
        }
    }
    found
}

/// The ID of the first item of a list.
fn first(address: &str, path: &str) -> String {
    let answer = ask(address, "GET", path, "");
    answer.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an item").to_owned()
}

/// With models, images, a preview that was chosen, wildcards and a file of settings; `false` where PostgreSQL comes without
/// the programs for backups.
async fn backed_up(home: &Home, backup: &str) -> bool {
    home.says(&["seed", "--static-only"]);
    let data = home.0.path().join("data");
    fs::create_dir_all(data.join("wildcards/deep")).unwrap();
    fs::write(data.join("wildcards/deep/colour.txt"), "red\nblue\n").unwrap();
    fs::write(data.join("mine.toml"), "a = 1\n").unwrap();
    let (mut server, address) = home.serve();
    let form = "prompt=dunes&width=64&height=64&steps=1&images=3&seed=1";
    assert!(post_form(&address, "/ui/jobs", form).starts_with("HTTP/1.1 303"));
    until(|| async { ask(&address, "GET", "/api/v1/images", "").contains("\"seed\":3") }).await;
    let (image, lora) = (first(&address, "/api/v1/images"), first(&address, "/api/v1/lora-models"));
    let preview = post_form(&address, &format!("/ui/models/lora/{lora}/preview"), &format!("image={image}"));
    assert!(preview.starts_with("HTTP/1.1 303"), "{preview}");
    // While it runs: complete, or there would be no file.
    let running = home.run(&["backup", "running.tar"]);
    signal(&server, "TERM");
    assert!(server.wait().unwrap().success());
    if String::from_utf8_lossy(&running.stderr).contains("install postgresql-client-") {
        return false;
    }
    assert!(running.status.success(), "{}", String::from_utf8_lossy(&running.stderr));
    let wrote = home.says(&["backup", backup]);
    assert!(wrote.starts_with(&format!("wrote {backup}: ")) && !wrote.contains("left out"), "{wrote}");
    true
}

#[tokio::test]
async fn a_backup_restored_into_an_empty_place_is_the_same_in_every_row_and_byte() {
    let (home, other) = (Home::new(), Home::new());
    if !backed_up(&home, "whole.tar").await {
        return;
    }
    let (file, running) = (home.0.path().join("whole.tar"), home.0.path().join("running.tar"));
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(home.fails(&["backup", "whole.tar"], 1).contains("exists already"));
    let restored = other.says(&["restore", file.to_str().unwrap()]);
    assert!(restored.starts_with("restored ") && !restored.contains("aside"), "{restored}");
    let data = |home: &Home, name: &str| home.0.path().join("data").join(name);
    assert_eq!(rows(&home).await, rows(&other).await);
    for folder in ["images", "wildcards"] {
        let (before, after) = (files(&data(&home, folder)), files(&data(&other, folder)));
        assert!(!before.is_empty() && before == after, "{folder}: {:?} {:?}", before.keys(), after.keys());
    }
    assert_eq!(fs::read_to_string(data(&other, "mine.toml")).unwrap(), "a = 1\n");
    assert!(other.says(&["models", "list"]).contains("add_detail"));
    // Now there is something.
    let refused = other.fails(&["restore", running.to_str().unwrap()], 1);
    for there in ["--replace", "the database genonaut_demo", "images/demo", "wildcards", "mine.toml"] {
        assert!(refused.contains(there), "{refused}");
    }
    let replaced = other.says(&["restore", running.to_str().unwrap(), "--replace"]);
    assert!(
        replaced.matches("kept aside: ").count() == 4 && replaced.contains("the database genonaut_demo_"),
        "{replaced}"
    );
    assert_eq!(files(&data(&home, "images/demo")), files(&data(&other, "images/demo")));
    let hidden = fs::read_dir(other.0.path().join("data")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(hidden.into_iter().all(|name| !name.to_string_lossy().starts_with('.')), "something is left behind");
}

#[tokio::test]
async fn a_damaged_or_cut_backup_changes_nothing() {
    let (home, other) = (Home::new(), Home::new());
    if !backed_up(&home, "whole.tar").await {
        return;
    }
    let whole = fs::read(home.0.path().join("whole.tar")).unwrap();
    let at = whole.windows(5).position(|bytes| bytes == b"PGDMP").unwrap() + 100;
    let mut damaged = whole.clone();
    damaged[at] ^= 1;
    let file = other.0.path().join("bad.tar");
    let cases = [
        (&damaged[..], "database.dump is damaged"),
        (&whole[..whole.len() / 2], "bad.tar"),
        (&whole[..512], "bad.tar"),
        (&b"no tar at all"[..], "bad.tar"),
    ];
    for (bytes, wanted) in cases {
        fs::write(&file, bytes).unwrap();
        let refused = other.fails(&["restore", "bad.tar"], 1);
        assert!(refused.contains(wanted) && refused.contains("failed to read the backup"), "{refused}");
        assert!(!other.0.path().join("data/wildcards").exists());
        assert!(other.says(&["db", "status"]).contains("applied      nothing"));
    }
}

#[tokio::test]
async fn images_that_are_gone_are_listed_and_the_rest_is_there() {
    let home = Home::new();
    if !backed_up(&home, "whole.tar").await {
        return;
    }
    let images = home.0.path().join("data/images/demo");
    let (lost, _) = files(&images).pop_first().unwrap();
    fs::remove_file(images.join(&lost)).unwrap();
    let output = home.run(&["backup", "less.tar"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains(", 1 left out"));
    assert!(String::from_utf8_lossy(&output.stderr).contains(lost.to_str().unwrap()));
}

/// As S3 has them, by an address: what is there under the same name is somebody's.
#[tokio::test]
async fn a_store_gets_its_images_or_is_left_as_it_was() {
    let (home, other) = (Home::new(), Home::new());
    if !backed_up(&home, "whole.tar").await {
        return;
    }
    let images = files(&home.0.path().join("data/images/demo"));
    let store = other.0.path().join("pictures");
    let strange = store.join(images.last_key_value().unwrap().0);
    fs::create_dir_all(strange.parent().unwrap()).unwrap();
    fs::write(&strange, "another").unwrap();
    let (file, url) = (home.0.path().join("whole.tar"), format!("file://{}", store.display()));
    let args = ["restore", file.to_str().unwrap(), "--images", &url];
    let refused = other.fails(&args, 1);
    assert!(refused.contains("all is as it was") && refused.contains("already"), "{refused}");
    assert_eq!(files(&store).into_values().collect::<Vec<_>>(), [b"another"]);
    for name in ["wildcards", "mine.toml"] {
        assert!(!other.0.path().join("data").join(name).exists(), "{name}");
    }
    assert!(other.says(&["db", "status"]).contains("applied      nothing"));
    fs::remove_file(&strange).unwrap();
    other.says(&args);
    assert_eq!(files(&store), images);
    assert_eq!(rows(&home).await, rows(&other).await);
}

/// A database of one's own, with the images in a folder of one's own.
#[tokio::test]
async fn an_external_database_is_replaced_only_when_nobody_uses_it() {
    let (home, from, to) = (Home::new(), database().await, database().await);
    run(&from.pool, "INSERT INTO models_loras (path) VALUES ('a.pt')").await;
    let with = |url: &str, args: &[&str]| {
        let mut command = home.command(args);
        let output = command.env("DATABASE_URL", url).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), text)
    };
    let (done, text) = with(&from.url, &["backup", "external.tar", "--images", "pictures"]);
    if text.contains("install postgresql-client-") {
        return;
    }
    assert!(done, "{text}");
    let (done, text) = with(&to.url, &["restore", "external.tar", "--images", "others", "--replace"]);
    assert!(!done && text.contains("in use by"), "{text}");
    to.pool.close().await;
    let (done, text) = with(&to.url, &["restore", "external.tar", "--images", "others"]);
    assert!(!done && text.contains("--replace"), "{text}");
    let (done, text) = with(&to.url, &["restore", "external.tar", "--images", "others", "--replace"]);
    assert!(done && text.contains("kept aside: the database t_"), "{text}");
    let options: PgConnectOptions = to.url.parse().unwrap();
    let restored = genonaut_db::connect(options).await.unwrap();
    assert_eq!(contents(&from.pool).await, contents(&restored).await);
    restored.close().await;
}
