//! Prompts that name LoRAs, hold another program's parameters, or leave something open.

use std::time::Duration;

use genonaut_db::accounts::Viewer;
use genonaut_db::images::{self, Shown, Window};
use genonaut_db::{engines, jobs, lora};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::TestServer;

async fn with_models() -> (TestServer, String) {
    let server = TestServer::start().await;
    let metadata = json!({"defaults": {"width": 64, "height": 64, "steps": 2}});
    let base = json!({"path": "c/base.safetensors", "architecture": "sd1", "metadata": metadata});
    server.add("checkpoint", base).await;
    let detail = json!({"path": "l/add_detail.safetensors", "name": "Detail tweaker", "compatible_architectures": ["sd1"],
        "metadata": {"recommended_weight": 0.6, "raw": {"ss_output_name": "Tweak_v2"}, "sha256": "aabbccddeeff00112233"}});
    let id = server.add("lora", detail).await["id"].as_str().unwrap().to_owned();
    (server, id)
}

/// The page's parts after the prompt was left.
async fn left(server: &TestServer, prompt: &str, more: &[(&str, &str)]) -> (String, String) {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("prompt", prompt).extend_pairs(more).append_pair("tags", "1");
    let path = format!("/?{}", pairs.finish());
    let answer = server.request(Method::GET, &path).header("HX-Request-Type", "partial").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let headers = answer.headers();
    let url = headers.get("hx-push-url").or(headers.get("hx-replace-url")).unwrap().to_str().unwrap().to_owned();
    (url, answer.text().await.unwrap())
}

#[tokio::test]
async fn a_tag_becomes_a_row_by_any_of_its_names() {
    let (server, id) = with_models().await;
    for name in ["ADD_DETAIL", "detail TWEAKER", "tweak_v2", "aabbccddee", "sub/add_detail.safetensors", &id[..0]] {
        let (url, html) = left(&server, &format!("a cat, <lora:{name}:0.8>, rain"), &[]).await;
        if name.is_empty() {
            assert!(!url.contains("lora="), "{url}");
            continue;
        }
        assert!(url.contains(&format!("lora={id}%7E0.8")), "{name}: {url}");
        assert!(url.contains("prompt=a+cat%2C+rain"), "{name}: {url}");
        assert!(html.contains("data-now=\"a cat, rain\"") && html.contains("Undo"), "{name}: {html}");
    }
    let (url, _) = left(&server, "<lora:add_detail>", &[]).await;
    assert!(url.ends_with(&format!("lora={id}")), "without a number, the recommended weight: {url}");
}

#[tokio::test]
async fn a_row_that_is_there_takes_the_tags_weights() {
    let (server, id) = with_models().await;
    let row = format!("{id}~0.3~off");
    let (url, html) = left(&server, "x <lora:add_detail:0.5:0.9>", &[("lora", &row)]).await;
    assert!(url.contains(&format!("lora={id}%7E0.9%7E0.5&clip=1")), "{url}");
    assert!(html.contains("CLIP 0.50, model 0.90") && html.contains("Use SwarmUI/LoRA Manager syntax"), "{html}");
    assert!(html.contains(&format!("lora={id}%7E0.5%7E0.9&#38;clip=1")), "the other way round: {html}");
}

#[tokio::test]
async fn what_is_not_here_stays_and_is_said() {
    let (server, _) = with_models().await;
    let prompt = "a <lora:nobody:1> b <hypernet:old:1> {c|<lora:nor me:1>} __missing__";
    let (url, html) = left(&server, prompt, &[]).await;
    assert!(url.contains("nobody") && url.contains("hypernet"), "{url}");
    for says in [
        "No LoRA named “nobody”",
        "q=nobody",
        "“nor me”",
        "Hypernetworks are not supported",
        "Wildcard __missing__ not found",
    ] {
        assert!(html.contains(says), "{says}: {html}");
    }
    // A page that is loaded says the same.
    let whole = server.get(&url).await.text().await.unwrap();
    assert!(whole.contains("No LoRA named “nobody”"));
}

#[tokio::test]
async fn of_namesakes_the_one_that_fits_is_taken() {
    let (server, id) = with_models().await;
    let other =
        json!({"path": "x/other.safetensors", "name": "Tweak_v2", "rating": 1.0, "compatible_architectures": ["flux"]});
    server.add("lora", other).await;
    let (url, html) = left(&server, "<lora:tweak_v2:1>", &[]).await;
    assert!(
        url.contains(&id) && html.contains("2 LoRAs are named “tweak_v2”. Using the best match, Detail tweaker"),
        "{html}"
    );
}

#[tokio::test]
async fn another_programs_parameters_become_the_recipe() {
    let (server, id) = with_models().await;
    let text = "a cat, <lora:add_detail:0.7>\nNegative prompt: blurry\nSteps: 12, Sampler: Euler a, CFG scale: 4.5, Seed: 77, Size: 512x768, Model: base";
    let (url, html) = left(&server, text, &[("images", "3"), ("steps", "9")]).await;
    for part in [
        "steps=12",
        "sampler=euler_ancestral",
        "cfg=4.5",
        "seed=77",
        "width=512",
        "images=3",
        "prompt=a+cat",
        "negative_prompt=blurry",
        &format!("lora={id}%7E0.7"),
    ] {
        assert!(url.contains(part), "{part}: {url}");
    }
    assert!(html.contains("hx-target=\"#prompt-part\""), "the fields are written anew");
}

#[tokio::test]
async fn any_form_of_pasted_parameters_becomes_the_recipe() {
    let (server, id) = with_models().await;
    let a1111 = "a cat, <lora:add_detail:0.7>\nNegative prompt: blurry\nSteps: 12, Sampler: Euler a, CFG scale: 4.5, Seed: 77, Size: 512x768, Model: base";
    let swarm = json!({"sui_image_params": {"prompt": "a cat", "negativeprompt": "blurry", "model": "base", "seed": 77, "steps": 12,
        "cfgscale": 4.5, "width": 512, "height": 768, "sampler": "euler_ancestral", "loras": ["add_detail"], "loraweights": ["0.7"]},
        "sui_extra_data": {"original_prompt": "a cat <lora:nobody:1>"}});
    for text in
        [format!("{a1111}\n\nTime taken: 3.5 sec.\n\nA: 3.1 GB, R: 3.4 GB"), swarm.to_string(), a1111.to_owned()]
    {
        let (url, _) = left(&server, &text, &[]).await;
        let expected = ["steps=12", "sampler=euler_ancestral", "cfg=4.5", "seed=77", "width=512", "prompt=a+cat"];
        for part in expected
            .into_iter()
            .map(str::to_owned)
            .chain([format!("lora={id}%7E0.7"), "&negative_prompt=blurry".to_owned()])
        {
            assert!(url.contains(&part), "{part}: {url}");
        }
        assert!(!url.contains("Time") && !url.contains("sui_"), "{url}");
    }
}

#[tokio::test]
async fn without_scripts_the_form_leads_to_the_new_address() {
    let (server, id) = with_models().await;
    let answer = server.get("/?follows=&prompt=x+%3Clora%3Aadd_detail%3A0.8%3E").await;
    assert_eq!(answer.status(), 303);
    let place = answer.headers()["location"].to_str().unwrap();
    assert!(place.contains(&id) && place.ends_with("prompt=x"), "{place}");
    // A link is looked at as it is; going back leads to what was there.
    assert_eq!(server.get("/?prompt=x+%3Clora%3Aadd_detail%3A0.8%3E").await.status(), 200);
}

async fn made(server: &TestServer) -> Vec<images::Image> {
    for _ in 0..600 {
        if jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty() {
            return images::list(
                server.db(),
                Viewer::EVERYTHING,
                Shown::All,
                Window { limit: 50, ..Window::default() },
            )
            .await
            .unwrap()
            .0;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the queue does not become empty");
}

async fn generate(server: &TestServer, form: &[(&str, &str)]) -> reqwest::Response {
    let request = server.request(Method::POST, "/ui/jobs").header("HX-Request-Type", "partial");
    request.form(form).send().await.unwrap()
}

#[tokio::test]
async fn each_image_draws_by_its_seed_and_says_what_came_of_it() {
    let (server, id) = with_models().await;
    server.wildcard("animal.txt", "cat\ndog\nfox <lora:add_detail:0.4>\n");
    let prompt = "a {red|blue|green} __animal__ <lora:nobody:1>";
    assert_eq!(
        generate(&server, &[("prompt", prompt), ("negative_prompt", "{x|y}"), ("seed", "5"), ("images", "16")])
            .await
            .status(),
        202
    );
    server.work(Duration::ZERO);
    let images = made(&server).await;
    let listed = server.json("/api/v1/images?limit=50").await;
    let prompts: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|image| image["prompt"].as_str().unwrap()).collect();
    assert!(prompts.iter().collect::<std::collections::HashSet<_>>().len() > 4, "{prompts:?}");
    for (image, told) in images.iter().zip(listed["items"].as_array().unwrap()) {
        let (text, recipe) = (told["prompt"].as_str().unwrap(), &told["recipe"]);
        assert!(!text.contains(['{', '_', '<']), "{text}");
        assert_eq!((&recipe["prompt"], recipe["resolved"].as_array().unwrap().len()), (&json!(prompt), 1));
        let loras = recipe["resolved"][0]["loras"].as_array();
        assert_eq!(text.contains("fox"), loras.is_some_and(|loras| loras[0]["id"] == id.as_str()), "{recipe}");
        let png = server.get(&format!("/images/{}", image.id)).await.bytes().await.unwrap();
        let read = genonaut_sources::picture::read(&png).unwrap();
        assert_eq!((read.prompt.as_str(), read.recipe.unwrap()["prompt"].as_str()), (text.trim(), Some(prompt)));
    }
    // What some images have drawn an engine has to have, and they alone count for it.
    let foxes = prompts.iter().filter(|prompt| prompt.contains("fox")).count();
    let lora = lora::find(server.db(), id.parse().unwrap()).await.unwrap().unwrap();
    assert!(foxes > 0 && foxes < prompts.len(), "{prompts:?}");
    assert_eq!(usize::try_from(lora.pictures), Ok(foxes));
    let needed = engines::holders(server.db(), &[images[0].job]).await.unwrap();
    assert!(needed.iter().any(|needed| needed.model == lora.id), "{needed:?}");
    // The template and an image's seed come to the same again.
    let third = &images[3];
    let seed = third.seed.to_string();
    generate(&server, &[("prompt", prompt), ("negative_prompt", "{x|y}"), ("seed", &seed)]).await;
    let again = made(&server).await;
    let told: Value = server.json(&format!("/api/v1/images/{}", again[0].id)).await;
    assert_eq!(told["prompt"], listed["items"][3]["prompt"]);
    let page = server.get(&format!("/?image={}", again[0].id)).await.text().await.unwrap();
    assert!(page.contains("data-testid=\"prompt-template\""));
}

#[tokio::test]
async fn a_wildcard_that_is_not_there_makes_no_job_and_is_said_at_the_prompt() {
    let (server, _) = with_models().await;
    let refused = generate(&server, &[("prompt", "a __nobody__")]).await;
    assert_eq!(refused.status(), 422);
    let html = refused.text().await.unwrap();
    assert!(html.contains("#prompt-notes") && html.contains("Wildcard __nobody__ not found"), "{html}");
    let order = json!({"prompt": "x", "negative_prompt": "{a|__nobody__}"});
    let refused = server.request(Method::POST, "/api/v1/jobs").json(&order).send().await.unwrap();
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.json::<Value>().await.unwrap()["errors"][0]["field"], "negative_prompt");
    assert!(jobs::open(server.db(), Viewer::EVERYTHING).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_program_may_name_loras_in_its_prompt() {
    let (server, id) = with_models().await;
    let order = |prompt: &str| json!({"prompt": prompt, "loras": [{"model": "Detail tweaker", "weight": 0.1}]});
    let post = async |order: Value| server.request(Method::POST, "/api/v1/jobs").json(&order).send().await.unwrap();
    let job: Value = post(order("a <lora:tweak_v2:te=0.2:unet=0.9>")).await.json().await.unwrap();
    let lora = &job["recipe"]["loras"][0];
    assert_eq!((&job["recipe"]["prompt"], &lora["id"]), (&json!("a"), &json!(id)));
    assert_eq!((&lora["weight"], &lora["clip_weight"]), (&json!(0.9), &json!(0.2)));
    let refused: Value = post(order("<lora:nobody:1>")).await.json().await.unwrap();
    assert_eq!(refused["errors"][0]["reason"], "no LoRA named “nobody”");
}
