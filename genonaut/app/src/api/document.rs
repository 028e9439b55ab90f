//! The OpenAPI document, and a page that shows it, served whole from the binary.

mod bodies;
mod limits;
mod parameters;
mod refusals;

use askama::Template;
use axum::Json;
use axum::response::Html;
use serde_json::Value;
use utoipa::OpenApi;

use self::bodies::WholeBodies;
use self::limits::SettingLimits;
use self::refusals::Refusals;

use super::{checkpoints, engines, feedback, files, grids, hashing, images, jobs, loras, roots, scans, trash, watch};
use crate::problem::{Problem, ProblemType};
use crate::web::Look;

/// Genonaut's catalogue of checkpoints and LoRAs, its queue and its images.
#[derive(OpenApi)]
#[openapi(
    modifiers(&SettingLimits, &WholeBodies, &Refusals),
    info(
        title = "Genonaut",
        description = "Checkpoints and LoRAs, the queue, and generated images. Errors are RFC 9457 problem+json. Empty query parameters count as left out, and whole numbers may be written as 20.0."
    ),
    paths(
        checkpoints::list,
        checkpoints::facets,
        checkpoints::show,
        checkpoints::create,
        checkpoints::patch,
        checkpoints::delete,
        checkpoints::bulk,
        checkpoints::undo,
        files::of_checkpoint,
        feedback::of_checkpoint,
        loras::list,
        loras::facets,
        loras::show,
        loras::create,
        loras::patch,
        loras::delete,
        loras::bulk,
        loras::undo,
        files::of_lora,
        feedback::of_lora,
        scans::list,
        scans::create,
        scans::show,
        scans::cancel,
        hashing::show,
        hashing::patch,
        roots::list,
        roots::delete,
        files::problems,
        files::kinds,
        jobs::list,
        jobs::create,
        jobs::show,
        jobs::cancel,
        jobs::cancel_all,
        jobs::retry,
        grids::list,
        grids::create,
        grids::show,
        grids::cancel,
        grids::retry,
        grids::delete,
        engines::list,
        images::list,
        images::show,
        images::rate,
        images::delete,
        images::restore,
        trash::models,
        trash::images,
        trash::restore_checkpoint,
        trash::restore_lora,
        trash::purge_model,
        trash::purge_image,
        watch::healthz,
        watch::readyz,
        watch::metrics
    )
)]
pub struct Document;

pub async fn json() -> Json<Value> {
    Json(value())
}

/// `METHOD path` of every documented operation.
pub fn routes_documented() -> Vec<String> {
    operations().into_iter().map(|operation| format!("{} {}", operation.method, operation.path)).collect()
}

#[derive(Template)]
#[template(path = "api.html")]
struct Viewer {
    version: String,
    operations: Vec<Operation>,
    schemas: Vec<Schema>,
    look: Look,
}

struct Operation {
    method: String,
    path: String,
    summary: String,
    parameters: Vec<Named>,
    responses: Vec<Named>,
}

pub(super) struct Named {
    pub name: String,
    pub kind: String,
    pub description: String,
}

struct Schema {
    name: String,
    fields: Vec<Named>,
}

pub async fn page(look: Look) -> Result<Html<String>, Problem> {
    let document = value();
    let viewer = Viewer {
        version: text(&document["info"]["version"]),
        operations: operations(),
        schemas: schemas(&document),
        look,
    };
    viewer.render().map(Html).map_err(|_| Problem::new(ProblemType::Internal, ""))
}

fn value() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    parameters::complete(&mut document);
    document
}

fn operations() -> Vec<Operation> {
    let document = value();
    let paths = document["paths"].as_object().into_iter().flatten();
    let each = paths.flat_map(|(path, methods)| {
        methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    each.map(|(path, method, operation)| Operation {
        method: method.to_uppercase(),
        path: path.clone(),
        summary: text(&operation["summary"]),
        parameters: parameters(operation),
        responses: operation["responses"].as_object().into_iter().flatten().map(response).collect(),
    })
    .collect()
}

/// What a request can say, its body last.
fn parameters(operation: &Value) -> Vec<Named> {
    let own = operation["parameters"].as_array().into_iter().flatten().map(parameter);
    let body = operation["requestBody"]["content"].as_object().into_iter().flatten();
    let body = body.map(|(name, body)| Named {
        name: "body".to_owned(),
        kind: kind(&body["schema"]),
        description: name.clone(),
    });
    own.chain(body).collect()
}

fn parameter(parameter: &Value) -> Named {
    Named {
        name: text(&parameter["name"]),
        kind: kind(&parameter["schema"]),
        description: text(&parameter["description"]),
    }
}

fn response((status, response): (&String, &Value)) -> Named {
    let body = response["content"].as_object().and_then(|content| content.values().next());
    Named {
        name: status.clone(),
        kind: body.map(|body| kind(&body["schema"])).unwrap_or_default(),
        description: text(&response["description"]),
    }
}

fn schemas(document: &Value) -> Vec<Schema> {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    schemas.map(|(name, schema)| Schema { name: name.clone(), fields: fields(schema) }).collect()
}

/// Fields of an object, or of all the parts that it is put together from.
fn fields(schema: &Value) -> Vec<Named> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.map(|(name, field)| Named {
        name: name.clone(),
        kind: kind(field),
        description: text(&field["description"]),
    });
    let parts = schema["allOf"].as_array().into_iter().flatten().flat_map(fields);
    own.chain(parts).collect()
}

fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", self::kind(&schema["items"])),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => schema["oneOf"].as_array().into_iter().flatten().map(self::kind).collect::<Vec<_>>().join(" or "),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
