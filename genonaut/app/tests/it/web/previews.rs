//! Pictures beside models' files: small ones on the pages, and nothing that is none.

use std::io::Cursor;

use chrono::{TimeDelta, Utc};
use genonaut::previews::sweep;
use genonaut_db::lora;
use image::{DynamicImage, ImageFormat};

use crate::api::library::scan;
use crate::disk::Disk;
use crate::server::TestServer;

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(width, height).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn preview(server: &TestServer, name: &str) -> Option<String> {
    lora::find_by_name(server.db(), name).await.unwrap().unwrap().preview
}

#[tokio::test]
async fn a_picture_beside_a_model_is_shown_small_and_kept_for_good() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    for (name, format) in
        [("a", ImageFormat::Png), ("b", ImageFormat::Jpeg), ("c", ImageFormat::WebP), ("d", ImageFormat::Gif)]
    {
        disk.lora(&format!("{name}.safetensors"), false);
        let ending = format.extensions_str()[0];
        disk.write(&format!("{name}.preview.{ending}"), &picture(1024, 256, format));
    }
    scan(&server, &[disk.path()]).await;
    for name in ["a", "b", "c", "d"] {
        let preview = preview(&server, name).await.unwrap();
        let path = format!("/previews/{preview}");
        assert!(server.get("/models").await.text().await.unwrap().contains(&path), "{name}");
        let answer = server.get(&path).await;
        assert_eq!(answer.status(), 200, "{name}");
        assert_eq!(answer.headers()["content-type"], "image/webp");
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        let small = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (512, 128), "{name}");
    }
    // Another picture has another name; what was made of the first one is still there for pages that show it.
    let before = preview(&server, "a").await.unwrap();
    disk.write("a.preview.png", &picture(64, 64, ImageFormat::Png));
    scan(&server, &[]).await;
    let after = preview(&server, "a").await.unwrap();
    assert_ne!(before, after);
    for name in [before, after] {
        assert_eq!(server.get(&format!("/previews/{name}")).await.status(), 200);
    }
}

/// Whole by its structure, and nothing that can be drawn.
fn damaged() -> Vec<u8> {
    let mut png = picture(64, 64, ImageFormat::Png);
    let data = png.windows(4).position(|window| window == b"IDAT").unwrap() + 4;
    png[data..data + 8].fill(0);
    png
}

#[tokio::test]
async fn the_first_preview_that_can_be_shown_is_shown() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    let film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
    for (name, files) in [
        ("film", [("preview.mp4", film.to_vec()), ("jpg", picture(64, 64, ImageFormat::Jpeg))]),
        ("damaged", [("preview.png", damaged()), ("JPG", picture(64, 64, ImageFormat::Jpeg))]),
    ] {
        disk.lora(&format!("{name}.safetensors"), false);
        for (ending, bytes) in files {
            disk.write(&format!("{name}.{ending}"), &bytes);
        }
    }
    // Civitai sends AVIF under other names.
    let avif = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf\0\0\0\x0cmeta\0\0\0\0\0\0\0\x0cmdatdata";
    disk.lora("avif.safetensors", false);
    disk.write("avif.jpeg", avif);
    scan(&server, &[disk.path()]).await;
    for (name, kind) in [("film", "image/webp"), ("damaged", "image/webp"), ("avif", "image/avif")] {
        let preview = preview(&server, name).await.unwrap();
        let answer = server.get(&format!("/previews/{preview}")).await;
        assert_eq!(answer.status(), 200, "{name}");
        assert_eq!(answer.headers()["content-type"], kind, "{name}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        if name == "avif" {
            assert_eq!(answer.bytes().await.unwrap(), avif.as_slice());
        }
    }
}

#[tokio::test]
async fn what_is_no_picture_is_not_there() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    disk.lora("broken.safetensors", false);
    disk.write("broken.png", b"\x89PNG\r\n\x1a\nnot much more");
    disk.lora("film.safetensors", false);
    disk.write("film.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom");
    disk.lora("wide.safetensors", false);
    disk.write("wide.png", &picture(20_000, 1, ImageFormat::Png));
    disk.lora("damaged.safetensors", false);
    disk.write("damaged.png", &damaged());
    disk.lora("large.safetensors", false);
    let mut large = picture(8, 8, ImageFormat::Png);
    large.resize((32 << 20) + 1, 0);
    disk.write("large.png", &large);
    scan(&server, &[disk.path()]).await;
    for name in ["broken", "film", "wide", "large"] {
        assert_eq!(preview(&server, name).await, None, "{name}");
    }
    let real = preview(&server, "damaged").await.unwrap();
    assert_eq!(server.get(&format!("/previews/{real}")).await.status(), 404);
    let id = real.split('-').next().unwrap();
    for name in
        [&format!("{id}-00000000"), "x", "-", "1-", "..%2F..%2Fsecret", "1-..%2F1", "99999999999999999999-00000000"]
    {
        assert_eq!(server.get(&format!("/previews/{name}")).await.status(), 404, "{name}");
    }
}

#[tokio::test]
async fn small_pictures_that_no_file_refers_to_are_swept_and_nothing_else_is() {
    let (server, disk) = (TestServer::start().await, Disk::new());
    for name in ["stays", "changes", "goes"] {
        disk.lora(&format!("{name}.safetensors"), false);
        disk.write(&format!("{name}.png"), &picture(64, 64, ImageFormat::Png));
    }
    scan(&server, &[disk.path()]).await;
    let mut made = Vec::new();
    for name in ["stays", "changes", "goes"] {
        made.push(preview(&server, name).await.unwrap());
        assert_eq!(server.get(&format!("/previews/{}", made.last().unwrap())).await.status(), 200);
    }
    let images = server.images();
    let kept = |name: &str| images.join("previews").join(format!("{}.webp", name.replace('-', "/")));
    disk.write("changes.png", &picture(32, 64, ImageFormat::Png));
    disk.remove("goes.png");
    scan(&server, &[]).await;
    // What is no small picture of ours, or lies elsewhere behind a link.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("00ffee11.webp"), "not ours").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), images.join("previews/77")).unwrap();
    std::fs::create_dir_all(images.join("previews/88")).unwrap();
    for strange in ["previews/88/note.webp", "previews/88/00ffee11.txt", "00ffee11.webp"] {
        std::fs::write(images.join(strange), "somebody's").unwrap();
    }
    let sweep = async |before| sweep::once(server.db(), &server.pictures(), before).await.unwrap();
    assert_eq!(sweep(Utc::now() - TimeDelta::days(1)).await, 0, "open pages may still show them");
    assert_eq!(sweep(Utc::now() + TimeDelta::days(1)).await, 2);
    let there: Vec<_> = made.iter().map(|name| kept(name).exists()).collect();
    assert_eq!(there, [true, false, false]);
    assert!(!kept(&made[2]).parent().unwrap().exists(), "an empty folder goes along");
    assert!(elsewhere.path().join("00ffee11.webp").exists());
    for strange in ["previews/88/note.webp", "previews/88/00ffee11.txt", "00ffee11.webp"] {
        assert!(images.join(strange).exists(), "{strange}");
    }
    assert!(std::path::Path::new(disk.path()).join("stays.png").exists());
    assert_eq!(sweep(Utc::now() + TimeDelta::days(1)).await, 0);
}
