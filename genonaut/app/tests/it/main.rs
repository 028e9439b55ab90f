//! The binary through its public doors: HTTP and the command line, on a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod cli;
mod disk;
mod files;
mod rated;
mod server;
mod web;
