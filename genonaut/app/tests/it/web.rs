//! The pages as a browser without JavaScript, or htmx, asks for them.

mod beside;
mod generate;
mod imports;
mod models;
mod pages;
mod parts;
mod previews;
mod trouble;
mod vendor;
