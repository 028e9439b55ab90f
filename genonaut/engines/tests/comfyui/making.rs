//! Images that come, and images that break while they are made.

use genonaut_engines::comfyui::{Access, System};
use genonaut_engines::{ComfyUi, Engine, Failure, Field, Init, Kind, ModelKind, Progress, Request, Role};
use serde_json::{Value, json};

use crate::double::{Double, Recording, Say, request, until};

async fn replayed(name: &str) -> (Double, Recording) {
    let recording = Recording::open(name);
    (Double::start([recording.whole()]).await, recording)
}

fn steps(told: &[Progress]) -> Vec<(u32, u32, bool)> {
    told.iter().map(|progress| (progress.step, progress.steps, progress.preview.is_some())).collect()
}

#[tokio::test]
async fn steps_and_previews_are_told_and_the_image_is_fetched() {
    for name in ["plain_previews", "previews_with_metadata"] {
        let (double, recording) = replayed(name).await;
        let (made, told) = double.make(&request(&recording)).await;
        let picture = made.unwrap();
        assert_eq!((picture.width, picture.height), (64, 64));
        assert!(picture.png.starts_with(b"\x89PNG"));
        let each = |step| [(step, 4, false), (step, 4, true)];
        assert_eq!(steps(&told), [1, 2, 3, 4].map(each).concat(), "{name}");
        let jpegs = told.iter().filter_map(|progress| progress.preview.as_deref());
        assert!(jpegs.clone().all(|jpeg| jpeg.starts_with(b"\xff\xd8\xff")), "{name}");
        let asked = double.called("/view")[0].as_str().unwrap().to_owned();
        assert!(asked.starts_with("filename=t_000") && asked.ends_with("_.png&subfolder=&type=output"), "{asked}");
    }
}

#[tokio::test]
async fn a_prompt_is_posted_once_under_its_own_id_for_a_client_of_its_own() {
    let (double, recording) = replayed("plain_previews").await;
    double.make(&request(&recording)).await.0.unwrap();
    let [posted] = &double.called("/prompt")[..] else { panic!("not posted once") };
    assert_eq!(posted["prompt_id"], recording.id);
    assert_eq!(posted["client_id"], format!("genonaut-{}", recording.id.replace('-', "")));
    assert_eq!(posted["prompt"]["3"]["inputs"]["seed"], 0);
}

#[tokio::test]
async fn previews_are_asked_for_unless_the_server_was_started_with_a_choice_of_its_own() {
    for (argv, asked) in [(json!([]), json!("auto")), (json!(["--preview-method", "taesd"]), Value::Null)] {
        let double = Double::with_checkpoints(&["tiny_sd15.safetensors"]).await;
        double.state().argv = argv;
        let recording = Recording::open("plain_previews");
        double.make(&request(&recording)).await.0.unwrap();
        assert_eq!(double.called("/prompt")[0]["extra_data"]["preview_method"], asked);
    }
}

#[tokio::test]
async fn what_a_server_was_heard_to_have_is_asked_for_again_only_when_something_is_missing() {
    let double = Double::with_checkpoints(&["tiny_sd15.safetensors"]).await;
    let (client, of) = (double.client(), Recording::open("plain_previews"));
    client.inventory().await.unwrap();
    double.offer("CheckpointLoaderSimple", "ckpt_name", &["other.safetensors"]);
    let known = Request { attempt: None, ..request(&of) };
    let other = Request { checkpoint: "/models/other.safetensors".to_owned(), ..known.clone() };
    for asked in [&known, &other] {
        assert_eq!(client.make(asked, drop).await.unwrap().width, 64);
    }
    assert_eq!(client.make(&known, drop).await.unwrap_err().kind, Kind::Unable, "by then it is known to be gone");
}

#[tokio::test]
async fn what_the_server_has_cached_comes_without_any_step() {
    let (double, recording) = replayed("cached").await;
    let (made, told) = double.make(&request(&recording)).await;
    assert_eq!((made.unwrap().width, told), (64, vec![]));
}

#[tokio::test]
async fn a_picture_to_start_from_is_uploaded_and_used_by_the_name_that_it_gets() {
    let (double, recording) = replayed("img2img").await;
    let init = Some(Init { picture: b"\x89PNG of a cat".to_vec(), denoise: 0.5 });
    double.make(&Request { init, ..request(&recording) }).await.0.unwrap();
    assert!(double.called("/upload/image")[0].as_str().unwrap().contains("PNG of a cat"));
    let graph = &double.called("/prompt")[0]["prompt"];
    assert_eq!(graph["16"], json!({"class_type": "LoadImage", "inputs": {"image": "genonaut/init (1).png"}}));
}

#[tokio::test]
async fn work_that_the_server_still_has_is_gone_on_with_and_not_posted_again() {
    let (double, recording) = replayed("plain_previews").await;
    double.state().running.push(recording.id.clone());
    let request = request(&recording);
    // The server is in the midst of it, and has more to say once it was asked.
    let ((made, told), ()) = tokio::join!(double.make(&request), async {
        until(|| double.state().looks > 0).await;
        double.state().begin();
    });
    assert_eq!((made.unwrap().width, told.len()), (64, 8));
    assert_eq!(double.called("/prompt"), [json!(null); 0]);
}

#[tokio::test]
async fn work_that_is_over_is_only_fetched() {
    let (double, recording) = replayed("plain_previews").await;
    double.state().history.insert(recording.id.clone(), recording.history());
    assert_eq!(double.make(&request(&recording)).await.0.unwrap().width, 64);
    assert_eq!(double.called("/prompt"), [json!(null); 0]);
}

#[tokio::test]
async fn work_that_was_stopped_is_begun_anew() {
    let (double, recording) = replayed("plain_previews").await;
    double.state().history.insert(recording.id.clone(), Recording::open("interrupted").history());
    assert_eq!(double.make(&request(&recording)).await.0.unwrap().width, 64);
    assert_eq!(double.called("/prompt").len(), 1);
}

#[tokio::test]
async fn a_checkpoint_that_cannot_be_loaded_is_named() {
    let (double, recording) = replayed("corrupt_checkpoint").await;
    let failure = double.failure(&request(&recording)).await;
    assert_eq!((failure.kind, failure.field.clone()), (Kind::Unable, Some(Field::Checkpoint)));
    insta::assert_snapshot!(format!("{}\n{}", failure.title, failure.hint), @r"
    ComfyUI at http://127.0.0.1:8188 cannot load corrupt.safetensors
    Error while deserializing header: header too large. Check that the file is complete and of the expected type.
    ");
}

/// How a job ends whose sampling throws that.
async fn thrown(kind: &str, message: &str) -> Failure {
    let recording = Recording::open("corrupt_checkpoint");
    let error = json!({"type": "execution_error", "data": {
        "prompt_id": recording.id, "node_id": "3", "node_type": "KSampler", "executed": [],
        "exception_type": kind, "exception_message": message, "traceback": [],
        "current_inputs": {"steps": [4], "sampler_name": ["euler"]}, "current_outputs": [],
    }});
    Double::start([vec![Say::Text(error)]]).await.failure(&request(&recording)).await
}

#[tokio::test]
async fn too_little_memory_is_told_as_such() {
    let on_gpu = thrown("torch.OutOfMemoryError", "Allocation on device \nThis error means…").await;
    assert_eq!((on_gpu.kind, on_gpu.field), (Kind::OutOfMemory, Some(Field::Size)));
    let on_processor = thrown("RuntimeError", "DefaultCPUAllocator: can't allocate memory: you tried…").await;
    assert_eq!(on_processor.kind, Kind::OutOfMemory);
}

#[tokio::test]
async fn what_breaks_beyond_the_loaders_names_the_node_and_no_file() {
    let failure = thrown("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (77x768 and 2048x640)").await;
    assert_eq!((failure.kind, failure.field), (Kind::Unable, None));
    assert_eq!(failure.title, "ComfyUI at http://127.0.0.1:8188 failed at node KSampler");
}

#[tokio::test]
async fn a_checkpoint_without_text_encoder_says_what_to_add() {
    let failure = thrown("RuntimeError", "ERROR: clip input is invalid: None\n\nIf the clip is from a…").await;
    assert_eq!((failure.kind, failure.field), (Kind::Refused, Some(Field::Checkpoint)));
}

#[tokio::test]
async fn the_inventory_is_what_the_server_offers() {
    let (double, _) = replayed("cached").await;
    let found = double.client().inventory().await.unwrap();
    assert_eq!(found.checkpoints, ["corrupt.safetensors", "tiny_sd15.safetensors"]);
    assert_eq!(found.loras, ["tiny_lora.safetensors"]);
    assert_eq!((found.samplers.len(), found.schedulers.len(), found.vaes.len()), (42, 9, 0));
    let gib = 25_276_502_016;
    let (comfyui, os, device) = ("0.3.64".to_owned(), "posix".to_owned(), "cpu".to_owned());
    let vram_free = 23_089_545_216;
    assert_eq!(found.system, System { comfyui, os, device, vram_total: gib, vram_free, previews: false });
}

#[tokio::test]
async fn a_server_tells_how_it_is_and_what_it_has_by_the_end_of_a_path() {
    let double = Double::with_checkpoints(&[r"sub\a.safetensors"]).await;
    double.offer("VAELoader", "vae_name", &["ae.safetensors"]);
    double.state().running.push("somebody's".to_owned());
    let status = double.client().status().await.unwrap();
    assert_eq!((status.running, status.waiting, status.system.comfyui.as_str()), (1, 0, "0.3.64"));
    assert_eq!(double.client().system().await.unwrap(), status.system);
    let found = double.client().inventory().await.unwrap();
    assert!(found.has_main(ModelKind::Checkpoint, "/elsewhere/a.safetensors"));
    assert!(!found.has_main(ModelKind::DiffusionModel, "/elsewhere/a.safetensors"));
    assert!(
        found.has_component(Role::Vae, "vae/ae.safetensors") && !found.has_component(Role::T5, "vae/ae.safetensors")
    );
    assert!(found.has_lora("tiny_lora.safetensors"));
}

#[tokio::test]
async fn the_token_goes_along_everywhere_and_is_never_shown() {
    let (double, recording) = replayed("plain_previews").await;
    double.state().token = Some("Bearer secret".to_owned());
    assert_eq!(double.failure(&request(&recording)).await.kind, Kind::Unreachable);
    let engine = Engine::ComfyUi(ComfyUi::new(&double.url, &Access::Token("secret".to_owned())).unwrap());
    assert_eq!(engine.make(&request(&recording), drop).await.unwrap().width, 64);
    assert!(!format!("{engine:?}").contains("secret"));
}
