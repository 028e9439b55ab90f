//! The pages as a browser without JavaScript, or htmx, asks for them.

mod generate;
mod models;
mod pages;
mod parts;
mod trouble;
mod vendor;
