//! The JSON API as a client meets it.

mod bad_input;
mod feedback;
mod grids;
mod guard;
pub mod library;
mod lists;
mod making;
mod records;
mod watch;
