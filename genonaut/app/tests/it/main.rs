//! The binary through its public doors: HTTP and the command line, on a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod cleanup;
mod cli;
/// The double that the tests of the client speak with.
#[path = "../../../engines/tests/comfyui"]
mod comfyui {
    #[allow(dead_code, unused_imports, reason = "the tests of the client use all of it")]
    pub mod double;
}
mod disk;
mod files;
mod fleet;
mod hashing;
mod histories;
mod identity;
/// What the tests of the embedded engine kill with, too.
#[path = "../killed"]
mod killed {
    pub mod audit;
    pub mod fleet;
    pub mod random;
}
mod rated;
mod server;
mod watching;
mod web;
