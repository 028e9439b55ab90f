//! What any operation can end in, whatever its handler does: refusals at the door, bodies that cannot be read, and a
//! database that is away or full.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};

use crate::problem::ProblemType::{
    self, BadRequest, ForbiddenOrigin, NoRoom, TooLarge, Unauthorized, Unavailable, UnknownHost, UnsupportedMediaType,
};
use crate::serve::is_open;

const PROBLEM: &str = "application/problem+json";

pub struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut OpenApi) {
        for (path, PathItem { get, post, patch, delete, .. }) in &mut document.paths.paths {
            for (changes, operation) in [(false, get), (true, post), (true, patch), (true, delete)] {
                operation.iter_mut().for_each(|operation| complete(path, changes, operation));
            }
        }
    }
}

/// `changes` tells methods that change something from those that only read.
fn complete(path: &str, changes: bool, operation: &mut Operation) {
    let reads_body = operation.request_body.is_some();
    let reads_any = reads_body || operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let possible: [(bool, ProblemType); 8] = [
        (reads_any, BadRequest),
        (!is_open(path), Unauthorized),
        (changes, ForbiddenOrigin),
        (changes, TooLarge),
        (reads_body, UnsupportedMediaType),
        (true, UnknownHost),
        (!is_open(path), Unavailable),
        (changes, NoRoom),
    ];
    let responses = &mut operation.responses.responses;
    for (_, problem) in possible.into_iter().filter(|(is_possible, _)| *is_possible) {
        let response = responses.entry(problem.status().to_string());
        response.or_insert_with(|| RefOr::T(Response::new(problem.title())));
    }
    for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with(['4', '5'])) {
        if let RefOr::T(response) = response {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            response.content.clear();
            response.content.insert(PROBLEM.to_owned(), RefOr::T(problem));
        }
    }
}
