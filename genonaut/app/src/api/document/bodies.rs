//! Bodies in the document that take most fields of another one.

use utoipa::Modify;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};

/// Written out, because a body that takes no other fields cannot be put together from two.
pub struct WholeBodies;

/// A body, the one whose fields it takes too, and the one of these that it takes otherwise or not at all.
const BODIES: [(&str, &str, &str); 3] = [
    ("NewCheckpointFields", "CheckpointFields", "path"),
    ("NewLoraFields", "LoraFields", "path"),
    ("GridFields", "JobFields", "images"),
];

impl Modify for WholeBodies {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = &mut document.components else { return };
        for (body, other, but) in BODIES {
            let Some(RefOr::T(Schema::Object(other))) = components.schemas.get(other).cloned() else { continue };
            if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut(body) {
                body.properties.extend(other.properties.into_iter().filter(|(name, _)| name != but));
            }
        }
    }
}
