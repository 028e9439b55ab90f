//! The program with a real ComfyUI, as a person has it. `make e2e-comfyui` says which; without one these tests fail.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Tiny model files, and the program in a folder of its own.
#[path = "../embedded"]
mod embedded {
    #[allow(dead_code, reason = "the tests of our own engine use all of it")]
    pub mod fixture;
    pub mod home;
}
mod cancelling;
mod comfy;
mod killing;
mod making;
mod models;
mod page;
mod restarting;
mod studio;
mod taesd;
