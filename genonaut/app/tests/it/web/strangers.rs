//! What strangers send: texts that no database keeps, texts of any length, files that are made to cost memory.

use genonaut::accounts::digest_of_password;
use genonaut_db::accounts;
use genonaut_sources::picture::png;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::server::TestServer;

/// Longest prompts, of letters that take nine and twelve bytes of an address each.
fn longest() -> [String; 2] {
    ["雨".repeat(5000), "🌧".repeat(5000)]
}

async fn send(server: &TestServer, method: Method, path: &str, form: &[(&str, &str)], partial: bool) -> Response {
    let request = server.request(method, path).form(form);
    let request = if partial { request.header("HX-Request-Type", "partial") } else { request };
    request.send().await.unwrap()
}

fn cookie(answer: &Response) -> String {
    answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn with_cookie(server: &TestServer, path: &str, cookie: &str) -> String {
    let answer = server.request(Method::GET, path).header("cookie", cookie).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", &path[..path.len().min(200)]);
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_longest_prompts_are_kept_made_and_linked_to() {
    let server = TestServer::start().await;
    let model = server.add("checkpoint", json!({"path": "c.safetensors", "architecture": "sd1"})).await;
    let id = model["id"].as_str().unwrap();
    let [prompt, negative] = longest();
    let form = [("checkpoint", id), ("prompt", &*prompt), ("negative_prompt", &*negative), ("steps", "3")];
    let kept = send(&server, Method::PUT, "/ui/draft", &form, true).await;
    assert_eq!((kept.status().as_u16(), kept.headers()["location"].to_str().unwrap()), (204, "/"));
    let browser = cookie(&kept);
    let page = with_cookie(&server, "/", &browser).await;
    assert!(page.contains(&prompt) && page.contains(&negative));

    // Without scripts the form is sent as it is, and leads to an address that the server takes.
    let led = send(&server, Method::POST, "/", &form, false).await;
    assert_eq!(led.status(), 303);
    let page = with_cookie(&server, led.headers()["location"].to_str().unwrap(), &browser).await;
    assert!(page.contains(&prompt) && page.contains(&negative) && page.contains("value=\"3\""));
    for partial in [true, false] {
        let made = send(&server, Method::POST, "/ui/jobs", &form, partial).await;
        assert_eq!(made.status(), if partial { 202 } else { 303 });
        let grid = send(&server, Method::POST, "/grids/new", &form, partial).await;
        assert_eq!(grid.status(), 200);
        assert_eq!(
            send(&server, Method::POST, "/ui/live", &form, partial).await.status().as_u16() / 100,
            if partial { 2 } else { 3 }
        );
    }
    let jobs = server.json("/api/v1/jobs").await;
    assert_eq!(
        (&jobs[0]["recipe"]["prompt"], &jobs[1]["recipe"]["negative_prompt"]),
        (&json!(prompt), &json!(negative))
    );
    let words = json!([{"kind": "prompt", "values": ["雨".repeat(3400), "夜".repeat(3400)]}]);
    for (path, body) in [
        ("/api/v1/jobs", json!({"prompt": prompt, "negative_prompt": negative})),
        ("/api/v1/grids", json!({"prompt": "雨".repeat(3400), "axes": words})),
    ] {
        let made = server.request(Method::POST, path).json(&body).send().await.unwrap();
        assert_eq!(made.status(), 202, "{path}");
    }
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_named() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "c.safetensors"})).await;
    let long = "雨".repeat(5001);
    for (field, name) in [("prompt", "The prompt can have"), ("negative_prompt", "The negative prompt can have")] {
        let answer = send(&server, Method::POST, "/ui/jobs", &[(field, &*long)], true).await;
        assert_eq!(answer.status(), 422);
        let html = answer.text().await.unwrap();
        assert!(html.contains(&format!("data-field=\"{field}\"")) && html.contains(name), "{html}");
        let job = server.request(Method::POST, "/api/v1/jobs").json(&json!({field: long})).send().await.unwrap();
        assert_eq!(job.status(), 422);
        let problem: Value = job.json().await.unwrap();
        assert_eq!(problem["errors"][0]["field"], field);
    }
}

/// Whoever is led away to sign in is led to an address that the server takes, too.
#[tokio::test]
async fn a_long_link_of_somebody_who_is_not_signed_in_leads_to_the_sign_in_page() {
    let server = TestServer::start().await;
    assert!(accounts::add(server.db(), "Me", &digest_of_password("correct horse").unwrap()).await.unwrap());
    let page = |path: String| server.request(Method::GET, &path).header("accept", "text/html").send();
    for path in [
        format!("/?prompt={}", "%E9%9B%A8".repeat(6000)),
        format!("/?packed={}", "A".repeat(50_000)),
        format!("/{}", "%2F".repeat(15_000)),
    ] {
        let led = page(path).await.unwrap();
        let location = led.headers()["location"].to_str().unwrap().to_owned();
        assert!(location.starts_with("/login"), "{location}");
        assert_eq!(page(location).await.unwrap().status(), 200);
    }
}

/// Fields of the pages' addresses.
const ASKED: [&str; 33] = [
    "q",
    "tag",
    "base",
    "fit",
    "minr",
    "sort",
    "state",
    "view",
    "cursor",
    "type",
    "prompt",
    "negative_prompt",
    "word",
    "seed",
    "vae",
    "steps",
    "sampler",
    "lora",
    "add",
    "remove",
    "weigh",
    "size",
    "from",
    "use",
    "image",
    "shown",
    "since",
    "packed",
    "follows",
    "checkpoint",
    "checkpoint_q",
    "before",
    "back",
];
/// Fields of their forms that hold texts.
const SENT: [&str; 14] = [
    "name",
    "password",
    "path",
    "url",
    "add_tags",
    "remove_tags",
    "x_values",
    "tags",
    "description",
    "back",
    "prompt",
    "word",
    "vae",
    "recipe",
];

#[tokio::test]
async fn a_nul_in_an_address_breaks_no_page() {
    let server = TestServer::start().await;
    server.add("checkpoint", json!({"path": "c.safetensors"})).await;
    server.add("lora", json!({"path": "l.safetensors"})).await;
    let pages = ["/", "/models", "/models/facets", "/models/export.csv", "/grids", "/grids/new", "/login"];
    let parts = ["/ui/loras", "/ui/loras/count", "/ui/checkpoints", "/ui/live", "/ui/images"];
    for (path, partial) in pages.map(|path| (path, false)).into_iter().chain(parts.map(|path| (path, true))) {
        for field in ASKED {
            let request = server.request(Method::GET, &format!("{path}?{field}=%00a%00"));
            let request = if partial { request.header("HX-Request-Type", "partial") } else { request };
            let status = request.send().await.unwrap().status();
            assert!(!status.is_server_error(), "{path} {field}: {status}");
        }
    }
}

#[tokio::test]
async fn a_nul_in_a_form_breaks_nothing() {
    let server = TestServer::start().await;
    let checkpoint = server.add("checkpoint", json!({"path": "c.safetensors"})).await;
    let lora = server.add("lora", json!({"path": "l.safetensors"})).await;
    let (checkpoint, lora) = (checkpoint["id"].as_str().unwrap(), lora["id"].as_str().unwrap());
    let columns = ["path", "name", "description", "tags", "trigger_words", "notes"];
    let editors = columns.map(|column| (Method::PATCH, format!("/ui/models/lora/{lora}?field={column}")));
    let forms = [
        "/",
        "/ui/jobs",
        "/ui/draft",
        "/ui/imports",
        "/ui/engines/use",
        "/ui/theme",
        "/ui/grids",
        "/ui/grids/count",
        "/ui/models/bulk",
        "/login",
    ];
    for (method, path) in forms.map(|path| (Method::POST, path.to_owned())).into_iter().chain(editors) {
        for field in SENT {
            let form = [
                ("checkpoint", checkpoint),
                ("id", lora),
                ("type", "lora"),
                ("x", "prompt"),
                ("theme", "dark"),
                (field, "/\0a\0"),
            ];
            let status = send(&server, method.clone(), &path, &form, false).await.status();
            assert!(!status.is_server_error(), "{method} {path} {field}: {status}");
        }
    }
    // A trigger word goes into the prompt, and from there into a job.
    let form = [("checkpoint", checkpoint), ("prompt", "a"), ("word", "b\0c")];
    assert_eq!(send(&server, Method::POST, "/ui/jobs", &form, true).await.status(), 202);
}

#[tokio::test]
async fn a_name_with_a_nul_is_refused_where_people_sign_in() {
    let server = TestServer::start().await;
    assert!(accounts::add(server.db(), "Me", &digest_of_password("correct horse").unwrap()).await.unwrap());
    let answer = send(&server, Method::POST, "/login", &[("name", "M\0e"), ("password", "correct horse")], false).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("The name contains a NUL character"));
    for (back, leads_to) in [("/?q=a%20b", "/?q=a%20b"), ("/?q=\0", "/"), ("/?q=\r\nx: y", "/"), ("/models", "/models")]
    {
        let form = [("name", "me"), ("password", "correct horse"), ("back", back)];
        let answer = send(&server, Method::POST, "/login", &form, false).await;
        assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, leads_to));
    }
}

fn png() -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(1, 1).write_to(&mut plain, image::ImageFormat::Png).unwrap();
    plain.into_inner()
}

async fn dropped(server: &TestServer, file: Vec<u8>) -> (u16, Value) {
    let answer = server.request(Method::POST, "/ui/recipe-from-image").body(file).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn an_image_brings_no_more_than_a_recipe_holds() {
    let server = TestServer::start().await;
    let model = server.add("checkpoint", json!({"path": "/m/base.safetensors"})).await;
    let settings = "Steps: 20, Sampler: Euler, Seed: 7, Model: base";
    let tags: String = (0..20_000).map(|at| format!("<lora:n{at}>")).collect();
    let text = format!("{} {tags}\nNegative prompt: {}\n{settings}", "雨".repeat(6000), "b".repeat(6000));
    let (status, found) = dropped(&server, png::with_texts(&png(), &[("parameters", &text)]).unwrap()).await;
    assert_eq!(status, 200, "{found}");
    assert!(found["url"].as_str().unwrap().len() < 61_500);
    let notices = found["notices"].to_string();
    for said in
        ["The prompt is longer than 5000 characters", "The negative prompt is longer than 5000", "at most 32 LoRAs"]
    {
        assert!(notices.contains(said), "{said}: {notices}");
    }
    // Our own recipe, written by somebody else.
    let lora = |at: usize| json!({"id": "0190b2d4-0000-7000-8000-000000000001", "name": format!("n{at}"), "path": "n", "weight": 1.0});
    let own = json!({"prompt": "a".repeat(6000), "negative_prompt": "", "checkpoint": {"id": model["id"], "name": "base", "path": "base"},
        "loras": (0..5000).map(lora).collect::<Vec<_>>(), "width": 64, "height": 64, "steps": 4, "cfg": 1.0, "sampler": "euler",
        "scheduler": "normal", "clip_skip": 1});
    let (status, found) = dropped(&server, png::with_texts(&png(), &[("genonaut", &own.to_string())]).unwrap()).await;
    assert_eq!(status, 200, "{found}");
    let notices = found["notices"].to_string();
    assert!(
        notices.contains("The prompt is longer") && notices.contains("A recipe can use at most 32 LoRAs"),
        "{notices}"
    );
}
