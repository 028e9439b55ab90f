//! A request as the graph that ComfyUI runs. The nodes have the ids of ComfyUI's default workflow, so that the graph
//! inside our images looks familiar when it is dragged onto ComfyUI's page.

mod family;
mod graph;
mod loading;
mod sampling;

use serde_json::Value;
use uuid::Uuid;

use super::models::Models;
use crate::Request;
pub(super) use family::Family;
use graph::Graph;

/// The node whose progress counts steps.
pub(super) const SAMPLER: &str = "3";

/// What a graph refers to on the server.
pub(super) struct Sources<'a> {
    pub models: &'a Models,
    /// The uploaded picture to start from.
    pub init: Option<&'a str>,
    pub attempt: Uuid,
}

pub(super) fn graph(request: &Request, family: &Family, sources: &Sources) -> Value {
    let mut graph = Graph::default();
    let loaded = loading::add(&mut graph, request, family, sources.models);
    let latent = sampling::latent(&mut graph, request, family, sources.init, &loaded.vae);
    let image = sampling::image(&mut graph, request, family, &loaded, &latent);
    // A name of its own: a file that was deleted since would otherwise be served from the server's cache.
    let prefix = format!("genonaut/{}", sources.attempt.simple());
    graph.add("9", "SaveImage", [("filename_prefix", prefix.into()), ("images", image.into())]);
    graph.into()
}

#[cfg(test)]
mod tests;
