//! The binary `genonaut`: command line, JSON API and pages over the catalogue.

pub mod accounts;
pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod discovery;
pub mod fleet;
pub mod grid;
pub mod hashing;
pub mod news;
pub mod parts;
mod patience;
pub mod pictures;
pub mod previews;
pub mod problem;
pub mod query;
pub mod queue;
pub mod recipe;
pub mod scan;
pub mod serve;
pub mod settings;
pub mod tagged;
pub mod waiting;
pub mod watching;
pub mod web;
pub mod wildcards;
pub mod worker;
