//! A header's tensors by name.

use std::collections::HashMap;

use crate::header::{Header, Tensor};

pub struct Names<'a>(HashMap<&'a str, &'a Tensor>);

impl<'a> Names<'a> {
    pub fn new(header: &'a Header) -> Self {
        Self(header.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// `None` where there is no such tensor, or its shape is unknown.
    pub fn shape(&self, name: &str) -> Option<&'a [u64]> {
        self.0.get(name).and_then(|tensor| tensor.shape.as_deref())
    }

    /// The shape of the first of several that is there and has one.
    pub fn first_shape(&self, names: &[&str]) -> Option<&'a [u64]> {
        names.iter().find_map(|name| self.shape(name).filter(|shape| !shape.is_empty()))
    }

    /// The shape of some tensor whose name ends so.
    pub fn shape_of_ending(&self, ending: &str) -> Option<&'a [u64]> {
        self.0.iter().find(|(name, _)| name.ends_with(ending)).and_then(|(_, tensor)| tensor.shape.as_deref())
    }

    pub fn any(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.0.keys().any(|name| holds(name))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}
