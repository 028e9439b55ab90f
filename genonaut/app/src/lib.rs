//! The parts of the `genonaut` program, as a library so that tests go through its doors.

pub mod app;
pub mod web;
