//! Grids: one recipe with other values along up to three axes, planned whole before anything is queued.

mod axis;
mod cell;
mod kind;
mod models;
mod names;
mod numbers;
mod plan;
mod sheet;
mod start;
mod values;

pub use axis::Axis;
pub use kind::{Kind, Shown, example};
pub use plan::{Base, Plan};
pub use sheet::{Format, Layout, Sheet};
pub use start::start;
pub use values::read;

/// Images of one grid; who wants more makes two.
pub const MOST_CELLS: usize = 400;
