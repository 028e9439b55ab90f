//! The pages as a browser without JavaScript, or htmx, asks for them.

mod accounts;
mod beside;
mod corrections;
mod dropped;
mod examples;
mod facts;
mod feedback;
mod generate;
mod grids;
mod imports;
mod limits;
mod login;
mod models;
mod pages;
mod parts;
mod previews;
mod prompts;
mod start;
mod strangers;
mod tags;
mod trouble;
mod vendor;
mod viewer;
