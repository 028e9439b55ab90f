//! The pages as a browser without JavaScript, or htmx, asks for them.

mod accounts;
mod beside;
mod feedback;
mod generate;
mod grids;
mod imports;
mod login;
mod models;
mod pages;
mod parts;
mod previews;
mod tags;
mod trouble;
mod vendor;
