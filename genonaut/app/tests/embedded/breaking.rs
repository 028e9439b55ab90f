//! What breaks in the engine's process: it ends there, the reason is said, and the next image comes all the same.

use genonaut_engines::{Field, Kind, Request};

use crate::fixture::{WIDE_LORA, half_sd1};
use crate::studio::{Studio, Then, kill};

#[tokio::test]
async fn an_abort_in_cpp_is_a_failure_with_its_last_words_and_the_next_image_comes() {
    let studio = Studio::new(621);
    let plain = studio.make(&studio.request()).await.unwrap();
    let before = studio.processes();
    // Its name and its inner width say Stable Diffusion 1, but it is wider than this one.
    let crashing = Request { loras: studio.lora(WIDE_LORA, 1.0), ..studio.request() };
    let failure = studio.make(&crashing).await.unwrap_err();
    assert_eq!((failure.kind, failure.title.as_str()), (Kind::Unable, "The built-in engine crashed"));
    assert!(failure.hint.contains("GGML_ASSERT") && failure.hint.contains("SIGABRT"), "{failure}");
    assert!(!failure.is_worth_another_try(), "the same again would be the same again");
    assert_eq!(studio.make(&studio.request()).await.unwrap(), plain);
    assert_ne!(studio.processes(), before);
}

#[tokio::test]
async fn what_the_library_itself_refuses_is_told_in_its_words_and_costs_no_process() {
    let studio = Studio::new(622);
    let plain = studio.make(&studio.request()).await.unwrap();
    let before = studio.processes();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("half.safetensors");
    half_sd1(&path);
    let failure =
        studio.make(&Request { checkpoint: path.to_str().unwrap().to_owned(), ..studio.request() }).await.unwrap_err();
    assert_eq!((failure.kind, &failure.field), (Kind::Unable, &Some(Field::Checkpoint)), "{failure}");
    assert_eq!(failure.title, "half.safetensors cannot be loaded");
    assert!(failure.hint.contains("not in model"), "{failure}");
    assert_eq!(studio.processes(), before);
    assert_eq!(studio.make(&studio.request()).await.unwrap(), plain);
}

#[tokio::test]
async fn cancelling_in_the_middle_leaves_no_process() {
    let studio = Studio::new(623);
    let (there, _) = studio.in_the_middle(|| studio.processes().len(), Then::Drop).await;
    assert_eq!(there, 1);
    studio.until_alone().await;
    assert!(studio.make(&studio.request()).await.is_ok());
}

#[tokio::test]
async fn a_process_that_is_killed_in_the_middle_fails_that_image_only() {
    let studio = Studio::new(624);
    let ((), failure) = studio.in_the_middle(|| studio.processes().into_iter().for_each(kill), Then::Wait).await;
    let failure = failure.unwrap();
    assert_eq!(failure.kind, Kind::OutOfMemory, "{failure}");
    assert!(failure.title.contains("was killed") && failure.hint.contains("SIGKILL"), "{failure}");
    assert!(studio.make(&studio.request()).await.is_ok());
}

/// Nobody is told of it; it is the next image that finds nobody there.
#[tokio::test]
async fn a_process_that_was_killed_while_it_waited_is_started_again() {
    let studio = Studio::new(625);
    let plain = studio.make(&studio.request()).await.unwrap();
    studio.processes().into_iter().for_each(kill);
    studio.until_alone().await;
    assert_eq!(studio.make(&studio.request()).await.unwrap(), plain);
}
