//! The binary `genonaut`: command line, JSON API and pages over the catalogue.

pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod problem;
pub mod query;
pub mod serve;
pub mod web;
