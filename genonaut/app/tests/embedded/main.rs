//! The engine of our own, with the real library and model files that are made for it: tiny, random, and in the shapes of
//! real ones. On one thread, since many share the processor.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod breaking;
mod fixture;
mod home;
mod making;
mod refusing;
mod serving;
mod studio;
