//! Prompts, grid axes and images as other programs' users write them: what each comes to.

use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::{images, jobs};
use genonaut_sources::picture::png;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::TestServer;

/// A checkpoint and the LoRAs `film`, `add_detail` and `Night__City__v2`.
async fn catalogue() -> TestServer {
    let server = TestServer::start().await;
    let metadata = json!({"defaults": {"width": 64, "height": 64, "steps": 2}, "sha256": "ab".repeat(32)});
    let base = json!({"path": "/home/ada/models/base_xl.safetensors", "architecture": "sdxl", "metadata": metadata});
    server.add("checkpoint", base).await;
    for (name, digits) in [("film", "c1"), ("add_detail", "c2"), ("Night__City__v2", "c3")] {
        let path = format!("/home/ada/loras/{name}.safetensors");
        let metadata = json!({"sha256": digits.repeat(32)});
        server.add("lora", json!({"path": path, "compatible_architectures": ["sdxl"], "metadata": metadata})).await;
    }
    for (file, lines) in
        [("animal", "cat\ndog\nfox"), ("colours-warm", "orange"), ("colours-cold", "teal"), ("City", "Tokyo")]
    {
        server.wildcard(&format!("{file}.txt"), lines);
    }
    server
}

async fn post(server: &TestServer, path: &str, body: Value) -> (u16, Value) {
    let answer = server.request(Method::POST, path).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The image of this job, with what is written into its file.
async fn image(server: &TestServer, job: Value) -> (Value, Vec<(String, String)>) {
    let (status, job) = post(server, "/api/v1/jobs", job).await;
    assert_eq!(status, 202, "{job}");
    for _ in 0..600 {
        if jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let made = images::of_job(server.db(), job["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
    let file = server.get(&format!("/images/{}", made[0].id)).await.bytes().await.unwrap();
    (server.json(&format!("/api/v1/images/{}", made[0].id)).await, png::texts(&file))
}

/// The prompt without its tags, and the LoRAs of the recipe and of what was drawn.
fn drawn(image: &Value) -> (String, Vec<(String, f64)>) {
    let recipe = &image["recipe"];
    let lists = [&recipe["loras"], &recipe["resolved"][0]["loras"]];
    let loras = lists.into_iter().filter_map(Value::as_array).flatten();
    let lora = |lora: &Value| (lora["name"].as_str().unwrap().to_owned(), lora["weight"].as_f64().unwrap());
    (image["prompt"].as_str().unwrap().to_owned(), loras.map(lora).collect())
}

#[tokio::test]
async fn a_prompt_comes_to_what_its_writer_meant() {
    let server = catalogue().await;
    server.work(Duration::ZERO);
    // Any of these prompts; any of these weights of that LoRA.
    let table: [(&str, &[&str], &str, &[f64]); 12] = [
        ("x {<lora:Night__City__v2:1.0>|<lora:Night__City__v2:0.5>}", &["x"], "Night__City__v2", &[1.0, 0.5]),
        ("x <lora:Night__City__v2:0.7>", &["x"], "Night__City__v2", &[0.7]),
        ("{2$$__animal__}", &["cat, dog", "cat, fox", "dog, cat", "dog, fox", "fox, cat", "fox, dog"], "", &[]),
        ("{3-$$ and $$a|b|b}", &["a and b and b", "b and a and b", "b and b and a"], "", &[]),
        ("{-1$$a|b}", &["a", "b"], "", &[]),
        ("${x=!{cat|dog}} a ${x} and ${x}", &["a cat and cat", "a dog and dog"], "", &[]),
        ("__colours*__", &["orange", "teal"], "", &[]),
        ("x <lora:film:0@0,0.5@0.5,0.8@1>", &["x"], "film", &[0.8]),
        ("x <lora:film:0,8>", &["x"], "film", &[0.8]),
        ("x <lora:film:5>", &["x"], "film", &[4.0]),
        ("x (<lora:film:0.8>:1.2) y", &["x y"], "film", &[0.8]),
        (r"x <lora:sub\FILM.safetensors:0.8>", &["x"], "film", &[0.8]),
    ];
    for (prompt, texts, name, weights) in table {
        let (text, loras) = drawn(&image(&server, json!({"prompt": prompt})).await.0);
        assert!(texts.contains(&text.as_str()), "{prompt}: {text}");
        let fits = loras.iter().all(|(lora, weight)| lora == name && weights.contains(weight));
        assert!(fits && loras.is_empty() == weights.is_empty(), "{prompt}: {loras:?}");
    }
}

/// What the page says of a prompt that was left.
async fn notes(server: &TestServer, prompt: &str) -> String {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("prompt", prompt).finish();
    let request = server.request(Method::GET, &format!("/?{query}&tags=1")).header("HX-Request-Type", "partial");
    let html = request.send().await.unwrap().text().await.unwrap();
    let notes = html.split("data-testid=\"prompt-note\"").skip(1).filter_map(|note| note.split("</p>").next());
    notes.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_is_read_as_plain_words_is_noted_at_the_prompt() {
    let server = catalogue().await;
    for (prompt, expected) in [
        ("x <lora:No__Such__thing:0.5>", "No LoRA named “No__Such__thing”. It will be ignored."),
        ("x <lora:film:0@0,0.8@1>", "film: weights that change over the steps are not supported. Using 0.8"),
        ("x <lora:film:strong>", "“strong” is not a number"),
        ("x <lora:film:1:lbw=ALL>", "block weights are not supported. Using 1"),
        ("x <lora:film:5>", "film: weight 5 is out of range (-4 to 4). Using 4."),
        ("a [cat:dog:0.5]", "“[cat:dog:0.5]” changes the prompt between steps"),
        ("a [cat|dog]", "“[cat|dog]” alternates between steps"),
        ("a BREAK b", "“BREAK” is not supported"),
        ("a AND b", "“AND” combines prompts"),
        ("embedding:bad-hands, x", "Embedding “bad-hands”"),
        ("a ${colour} cat", "“${colour}” is not valid syntax"),
        ("{two$$a|b}", "“$$” is not valid syntax"),
    ] {
        let notes = notes(&server, prompt).await;
        assert!(notes.contains(expected), "{prompt}: {notes}");
    }
    for prompt in ["a cat, [x], (y:1.2), {2$$a|b} ${x=!y}${x}", "x <lora:film:0,8>"] {
        assert_eq!(notes(&server, prompt).await, "", "{prompt}");
    }
    // On the page the image is made all the same.
    let form = [("prompt", "x <lora:No__Such__thing:0.5>")];
    let request = server.request(Method::POST, "/ui/jobs").header("HX-Request-Type", "partial");
    assert_eq!(request.form(&form).send().await.unwrap().status(), 202);
}

#[tokio::test]
async fn axes_of_grids_are_read_as_people_write_them() {
    let server = catalogue().await;
    let grid = async |kind: &str, values: &str, prompt: &str| {
        let axes = json!([{"kind": kind, "values": values}]);
        post(&server, "/api/v1/grids", json!({"prompt": prompt, "axes": axes})).await
    };
    let (status, made) = grid("prompt", "oil,\"ink, wet\",chalk", "a lighthouse, oil").await;
    assert_eq!((status, &made["axes"][0]["labels"]), (202, &json!(["oil", "ink, wet", "chalk"])));
    let (status, made) = grid("sampler", "Euler a, DPM++ 2M Karras", "x").await;
    assert_eq!((status, &made["axes"][0]["labels"]), (202, &json!(["Euler a", "DPM++ 2M Karras"])));
    let job = made["cells"][1]["job"].as_str().unwrap().to_owned();
    let recipe = &server.json(&format!("/api/v1/jobs/{job}")).await["recipe"];
    assert_eq!((&recipe["sampler"], &recipe["scheduler"]), (&json!("dpmpp_2m"), &json!("karras")));
    let (status, refused) = grid("prompt", "<lora:film:0.2>, <lora:film:0.9>", "a lighthouse, <lora:film:0.2>").await;
    assert!(status == 422 && refused["errors"][0]["reason"].as_str().unwrap().contains("LoRA weight"), "{refused}");
    let (status, made) = grid("lora", r"sub\film.safetensors, none", "x").await;
    assert_eq!((status, &made["axes"][0]["labels"]), (202, &json!(["film", "No LoRA"])));
}

#[tokio::test]
async fn programs_may_call_samplers_and_models_as_images_do() {
    let server = catalogue().await;
    let order = json!({"prompt": "x", "checkpoint": "BASE_XL.safetensors", "sampler": "DPM++ 2M Karras",
        "loras": [{"model": r"SDXL\Film"}]});
    let (status, job) = post(&server, "/api/v1/jobs", order).await;
    assert_eq!(status, 202, "{job}");
    let recipe = &job["recipe"];
    assert_eq!((&recipe["sampler"], &recipe["scheduler"]), (&json!("dpmpp_2m"), &json!("karras")));
    assert_eq!((&recipe["checkpoint"]["name"], &recipe["loras"][0]["name"]), (&json!("base_xl"), &json!("film")));
    let order = json!({"prompt": "x", "sampler": "DPM++ 2M Karras", "scheduler": "simple"});
    assert_eq!(post(&server, "/api/v1/jobs", order).await.1["recipe"]["scheduler"], "simple");
}

#[tokio::test]
async fn an_image_names_its_models_for_others_and_no_folder_of_this_machine() {
    let server = catalogue().await;
    server.work(Duration::ZERO);
    let loras = json!([{"model": "film", "weight": 0.8, "clip_weight": 0.3}]);
    let prompt = "a lighthouse {<lora:add_detail:0.5>|<lora:add_detail:0.5>}";
    let order = json!({"prompt": prompt, "loras": loras, "vae": "/home/ada/vae/sharp.safetensors"});
    let (image, texts) = image(&server, order).await;
    let text = |name: &str| texts.iter().find(|(key, _)| key == name).map(|(_, text)| text.clone()).unwrap();
    let (parameters, own) = (text("parameters"), text("genonaut"));
    for expected in [
        "a lighthouse <lora:film:te=0.3:unet=0.8> <lora:add_detail:0.5>",
        "Model hash: ababababab, Model: base_xl",
        "Lora hashes: \"film: c1c1c1c1c1, add_detail: c2c2c2c2c2\"",
        "Hashes: {",
        "\"lora:film\":\"c1c1c1c1c1\"",
    ] {
        assert!(parameters.contains(expected), "{expected}: {parameters}");
    }
    let own: Value = serde_json::from_str(&own).unwrap();
    assert_eq!((&own["checkpoint"]["path"], &own["vae"]), (&json!("base_xl.safetensors"), &json!("sharp.safetensors")));
    assert_eq!(own["checkpoint"]["hashes"]["sha256"], "ab".repeat(32));
    for everything in [parameters, own.to_string(), image.to_string()] {
        assert!(!everything.contains("/home/"), "{everything}");
    }
    let axes = json!([{"kind": "cfg", "values": "5, 7"}]);
    let (_, grid) = post(&server, "/api/v1/grids", json!({"prompt": "x", "vae": "/home/ada/x.pt", "axes": axes})).await;
    let sheet = server.get(grid["sheet_url"].as_str().unwrap()).await.bytes().await.unwrap();
    let texts = format!("{:?}", png::texts(&sheet));
    assert!(texts.contains("base_xl") && !texts.contains("/home/"), "{texts}");
}
