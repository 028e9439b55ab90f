//! Servers that are no ComfyUI, or no longer ours to trust.

use genonaut_engines::comfyui::Access;
use genonaut_engines::{ComfyUi, Kind};

use crate::double::{Double, Recording, Say, request};

#[tokio::test]
async fn our_token_is_not_taken_elsewhere() {
    let (double, other) = (Double::start([]).await, Double::start([]).await);
    double.state().redirect = Some(other.url.clone());
    let client = ComfyUi::new(&double.url, &Access::Token("secret".to_owned())).unwrap();
    let failure = client.status().await.unwrap_err();
    assert_eq!(failure.kind, Kind::Unreachable);
    assert!(failure.title.ends_with("sends us to another address (307 Temporary Redirect)"), "{}", failure.title);
    assert_eq!(other.state().looks, 0);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    let double = Double::start([]).await;
    double.state().padding = 1 << 20;
    assert!(double.client().system().await.is_ok());
    double.state().padding = 33 << 20;
    let failure = double.client().system().await.unwrap_err();
    assert!(failure.title.ends_with("gave an answer of more than 32768 KiB"), "{}", failure.title);
}

/// The connection is given up, and the prompt is looked for where it is.
#[tokio::test]
async fn a_message_without_end_is_not_kept() {
    let recording = Recording::open("plain_previews");
    let double = Double::start([vec![Say::Endless(17 << 20)], recording.whole()]).await;
    let (made, _) = double.make(&request(&recording)).await;
    assert!(made.is_ok(), "{made:?}");
}

#[tokio::test]
async fn an_engine_of_a_page_is_found_by_its_name() {
    let double = Double::start([]).await;
    let url = double.url.replace("127.0.0.1", "localhost");
    assert!(ComfyUi::named_on_page(&url, &Access::Open).unwrap().status().await.is_ok());
}
