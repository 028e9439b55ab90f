//! Nodes and the links between them, in ComfyUI's API format.

use serde_json::{Map, Value, json};

#[derive(Default)]
pub(super) struct Graph(Map<String, Value>);

/// An output of a node.
#[derive(Clone)]
pub(super) struct Link {
    node: String,
    output: u8,
}

impl Graph {
    /// Adds a node, and gives its first output.
    pub fn add<const N: usize>(&mut self, id: &str, class: &str, inputs: [(&str, Value); N]) -> Link {
        let inputs: Map<String, Value> = inputs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.0.insert(id.to_owned(), json!({"class_type": class, "inputs": inputs}));
        Link { node: id.to_owned(), output: 0 }
    }
}

impl Link {
    /// Another output of the same node.
    pub fn output(&self, output: u8) -> Self {
        Self { node: self.node.clone(), output }
    }
}

impl From<Link> for Value {
    fn from(link: Link) -> Self {
        json!([link.node, link.output])
    }
}

impl From<&Link> for Value {
    fn from(link: &Link) -> Self {
        link.clone().into()
    }
}

impl From<Graph> for Value {
    fn from(graph: Graph) -> Self {
        Self::Object(graph.0)
    }
}
