//! The client against a double that answers as a real ComfyUI was recorded to answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cancelling;
mod double;
mod hostile;
mod losing;
mod making;
mod refusing;
