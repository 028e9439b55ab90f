//! The engine of our own, with the real library and model files that are made for it: tiny, random, and in the shapes of
//! real ones. On one thread, since many share the processor.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod breaking;
mod fixture;
mod home;
/// Shared with the tests of the command line.
#[path = "../killed"]
mod killed {
    pub mod audit;
    pub mod fleet;
    pub mod random;
}
mod killing;
mod making;
mod parts;
mod processes;
mod refusing;
mod serving;
mod studio;
