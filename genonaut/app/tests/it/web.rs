//! The pages as a browser without JavaScript, or htmx, asks for them.

mod models;
mod pages;
mod parts;
mod trouble;
mod vendor;
