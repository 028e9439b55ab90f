//! A table that is brought on the page: looked at, decided, imported. As a browser does it, with and without htmx.

use genonaut::accounts::digest_of_password;
use genonaut_db::{PgPool, accounts, lora};
use reqwest::{Method, Response};
use serde_json::json;

use super::{send, text};
use crate::server::TestServer;

const BOUNDARY: &str = "----genonaut-test";

/// Uploads a file as a form does; `kind` is what is chosen beside it.
async fn upload(server: &TestServer, name: &str, kind: &str, content: &[u8], partial: bool) -> Response {
    let mut body = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    let rest = "content-disposition: form-data; name=\"type\"\r\n\r\n";
    body.extend(format!("\r\n--{BOUNDARY}\r\n{rest}{kind}\r\n--{BOUNDARY}--\r\n").bytes());
    let request = server.request(Method::POST, "/ui/import-csv");
    let request = request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    let request = if partial { request.header("hx-request-type", "partial") } else { request };
    request.body(body).send().await.unwrap()
}

/// Where the preview of an uploaded file is.
async fn uploaded(server: &TestServer, name: &str, content: &[u8]) -> String {
    let answer = upload(server, name, "", content, false).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn rating(db: &PgPool, name: &str) -> Option<f64> {
    lora::find_by_name(db, name).await.unwrap().and_then(|model| model.rating)
}

/// A LoRA that a person has rated 0.9.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    server.add("lora", json!({"path": "a/one.pt", "rating": 0.9, "tags": ["x"]})).await;
    server
}

const TABLE: &str = "path;rating;tags;trigger_words\r\na/one.pt;0,5;z;\r\nb/<two>.pt;0,7;;glow\r\nc.pt;much;;\r\n";

#[tokio::test]
async fn a_table_is_looked_at_decided_and_imported() {
    let server = server().await;
    let place = uploaded(&server, "my list.csv", TABLE.as_bytes()).await;
    let html = text(&server, &place).await;
    for wanted in [
        "my list.csv",
        "data-testid=\"csv-new\">1<",
        "data-testid=\"csv-changed\">0<",
        "data-testid=\"csv-refused-count\">1<",
        "&#60;two&#62;",
        "Line 4, rating: is not a number (“much”)",
        "name=\"wins.rating\" value=\"mine\" checked",
        "name=\"wins.tags\" value=\"mine\" checked",
        "file: 0.5",
    ] {
        assert!(html.contains(wanted), "{wanted}: {html}");
    }
    assert!(!html.contains("style=\"") && !html.contains("<two>"));
    let theirs = text(&server, &format!("{place}?wins.rating=file")).await;
    assert!(theirs.contains("Overwrites yours") && theirs.contains("name=\"wins.rating\" value=\"file\" checked"));
    assert_eq!(rating(server.db(), "one").await, Some(0.9), "nothing changes before it is confirmed");

    let answer = send(&server, &place, "wins.rating=file&wins.tags=mine", false).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, place.as_str()));
    let done = text(&server, &place).await;
    for wanted in
        ["my list.csv is imported", "one: rating was 0.9 and is 0.5 now", "one: tags is still x; the file has z"]
    {
        assert!(done.contains(wanted), "{wanted}: {done}");
    }
    assert_eq!((rating(server.db(), "one").await, rating(server.db(), "<two>").await), (Some(0.5), Some(0.7)));
    assert_eq!(lora::find_by_name(server.db(), "one").await.unwrap().unwrap().tags, ["x"]);
    // Once more by a reload, or a second click: it was imported already.
    rate_again(server.db()).await;
    assert_eq!(send(&server, &place, "wins.rating=file", false).await.status(), 303);
    assert_eq!(rating(server.db(), "one").await, Some(0.1));
}

async fn rate_again(db: &PgPool) {
    let one = lora::find_by_name(db, "one").await.unwrap().unwrap();
    lora::patch(db, one.id, json!({"rating": 0.1}).as_object().unwrap(), None).await.unwrap();
}

#[tokio::test]
async fn htmx_gets_the_parts_that_a_choice_changes() {
    let server = server().await;
    let answer = upload(&server, "models_loras.csv", "", TABLE.as_bytes(), true).await;
    assert_eq!(answer.status(), 200);
    let place = answer.headers()["hx-redirect"].to_str().unwrap().to_owned();
    let request =
        server.request(Method::GET, &format!("{place}?wins.rating=file")).header("hx-request-type", "partial");
    let html = request.send().await.unwrap().text().await.unwrap();
    assert!(
        html.contains("hx-target=\"#csv-changes\"") && html.contains("Overwrites yours") && !html.contains("<html")
    );
}

#[tokio::test]
async fn long_tables_are_shown_page_by_page() {
    let server = server().await;
    let rows: String = (0..250).map(|i| format!("l/{i}.pt,0.5,x\n")).collect();
    let place = uploaded(&server, "t.csv", format!("path,rating,trigger_words\n{rows}").as_bytes()).await;
    let first = text(&server, &place).await;
    assert_eq!(first.matches("data-testid=\"csv-row\"").count(), 100);
    assert!(first.contains("Rows 1–100 of 250") && first.contains("page=2") && !first.contains("csv-prev"));
    let last = text(&server, &format!("{place}?page=3")).await;
    assert_eq!(last.matches("data-testid=\"csv-row\"").count(), 50);
    assert!(last.contains("Rows 201–250 of 250") && last.contains("page=2") && !last.contains("csv-next"));
    assert!(text(&server, &format!("{place}?page=9")).await.contains("No rows on this page"));
}

#[tokio::test]
async fn what_is_no_table_is_refused_at_its_field() {
    let server = server().await;
    for (name, content, kind, said) in [
        ("", &b""[..], "", "Choose a CSV or TSV file"),
        ("book.xlsx", &b"PK\x03\x04rest"[..], "", "Save its sheet as CSV"),
        ("list.csv", &b"path,rating\nx,1\n"[..], "", "Choose which of them"),
        ("big.csv", &vec![b'x'; (16 << 20) + 1][..], "", "larger than 16 MiB"),
    ] {
        for partial in [true, false] {
            let answer = upload(&server, name, kind, content, partial).await;
            assert_eq!(answer.status(), 422, "{name}");
            let html = answer.text().await.unwrap();
            assert!(html.contains("data-testid=\"csv-problem\"") && html.contains(said), "{name}: {html:.2000}");
            assert_eq!(html.contains("<html"), !partial);
        }
    }
    let chosen = upload(&server, "list.csv", "checkpoint", b"path,rating\nx,1\n", false).await;
    let place = chosen.headers()["location"].to_str().unwrap().to_owned();
    assert!(text(&server, &place).await.contains("→ Checkpoints"));
    let plain = server.request(Method::POST, "/ui/import-csv").body("x").send().await.unwrap();
    assert_eq!(plain.status(), 400);
    let foreign = server.request(Method::POST, "/ui/import-csv").header("origin", "http://evil.example");
    assert_eq!(foreign.body("x").send().await.unwrap().status(), 403);
    let gone = "/models/import/csv/0190b4a0-0000-7000-8000-000000000001";
    assert_eq!(
        (server.get(gone).await.status().as_u16(), send(&server, gone, "", false).await.status().as_u16()),
        (404, 404)
    );
}

#[tokio::test]
async fn a_file_that_does_not_fit_says_how_it_was_read() {
    let server = server().await;
    let place = uploaded(&server, "loras.csv", b"Pfad;Bewertung\nx;1\n").await;
    let html = text(&server, &place).await;
    assert!(html.contains("the file was read as semicolon-separated") && html.contains("csv-not-importable"), "{html}");
    assert!(!html.contains("data-testid=\"csv-apply\""));
    assert_eq!(send(&server, &place, "", false).await.status(), 303);
    assert!(text(&server, &place).await.contains("csv-not-importable"), "a second try");
}

/// What Excel saves as "Unicode text", and an export of ours that it had in between.
#[tokio::test]
async fn files_of_spreadsheets_are_imported() {
    let server = server().await;
    let sheet: Vec<u8> = "\u{feff}path\trating\ttrigger_words\t\r\nb/größe.pt\t0,25\tschön\t\r\n\t\t\t\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let place = uploaded(&server, "Mappe1.txt", &sheet).await;
    assert!(text(&server, &place).await.contains("data-testid=\"csv-new\">1<"));
    send(&server, &place, "", false).await;
    assert_eq!(rating(server.db(), "größe").await, Some(0.25));

    let minus = json!({"path": "b/minus.pt", "description": "-soft- light", "name": "=name"});
    server.add("lora", minus).await;
    let export = server.get("/models/export.csv?type=lora&bom=1&guard=1").await.bytes().await.unwrap();
    assert!(export.starts_with(b"\xef\xbb\xbfpath,"));
    let lines = String::from_utf8(export.to_vec()).unwrap();
    assert!(lines.contains(",'=name,") && lines.contains(",'-soft- light,"), "{lines}");
    let place = uploaded(&server, "models_loras.csv", &export).await;
    let html = text(&server, &place).await;
    assert!(html.contains("Nothing would change") && !html.contains("csv-apply"), "{html}");
    let plain = text(&server, "/models/export.csv?type=lora").await;
    assert!(plain.starts_with("path,") && plain.contains(",=name,"));
    assert_eq!(server.get("/models/export.csv?bom=yes").await.status(), 400);
}

#[tokio::test]
async fn nobody_sees_what_another_account_uploads() {
    let server = server().await;
    let place = uploaded(&server, "models_loras.csv", TABLE.as_bytes()).await;
    let password = digest_of_password("correct horse & battery").unwrap();
    for name in ["boss", "ann"] {
        assert!(accounts::add(server.db(), name, &password).await.unwrap());
    }
    let form = [("name", "ann"), ("password", "correct horse & battery")];
    let answer = server.request(Method::POST, "/login").form(&form).send().await.unwrap();
    let session = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let seen = server.request(Method::GET, &place).header("cookie", session).send().await.unwrap();
    assert_eq!(seen.status(), 404);
}
