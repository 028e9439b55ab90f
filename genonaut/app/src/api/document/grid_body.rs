//! A grid's body in the document: all that a job can be asked for, but for the number of images.

use utoipa::Modify;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};

/// Written out, because a body that takes no other fields cannot be put together from two.
pub struct GridBody;

impl Modify for GridBody {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = &mut document.components else { return };
        let Some(RefOr::T(Schema::Object(job))) = components.schemas.get("JobFields").cloned() else { return };
        if let Some(RefOr::T(Schema::Object(grid))) = components.schemas.get_mut("GridFields") {
            grid.properties.extend(job.properties.into_iter().filter(|(name, _)| name != "images"));
        }
    }
}
