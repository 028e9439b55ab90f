//! What a picture's file says about how it was made, and writing the same into one.

pub mod infotext;
pub mod png;
mod program;
pub mod read;
pub mod report;
pub mod samplers;
pub mod syntax;
pub mod tags;
mod values;

pub use program::Program;
pub use read::{Lora, Made, Model, Unreadable, read, read_text, read_until};
pub use report::{Feature, Item, Reason, Report};
pub use samplers::{SAMPLERS, SCHEDULERS};
