//! What a picture's file says about how it was made, and writing the same into one.

pub mod infotext;
pub mod png;
pub mod read;
pub mod samplers;
pub mod syntax;
pub mod tags;

pub use read::{Lora, Made, Model, Program, Unreadable, read};
pub use samplers::{SAMPLERS, SCHEDULERS};
