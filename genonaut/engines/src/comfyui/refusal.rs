//! What the server's refusals and breakdowns mean for the person who asked.

use serde_json::Value;

use super::event::Broken;
use super::names::file_name;
use super::server::Server;
use crate::{Failure, Field, Kind, Request, Role};

/// A graph that is not queued. `said` is the body of the answer.
pub(super) fn of_graph(said: &Value, request: &Request, server: &Server) -> Failure {
    let nodes = said["node_errors"].as_object();
    let first = nodes.into_iter().flatten().find_map(|(_, node)| Some((node, node["errors"].get(0)?)));
    match first {
        Some((node, error)) => of_input(text(&node["class_type"]), error, request, server),
        None => unfit(server, text(&said["error"]["message"])),
    }
}

/// A node that threw while it ran.
pub(super) fn of_run(broken: &Broken, request: &Request, server: &Server) -> Failure {
    let Broken { node_type, exception_type, exception_message, .. } = broken;
    let said = exception_message.lines().next().unwrap_or_default();
    if is_memory(exception_type, exception_message) {
        let hint =
            format!("Try a smaller size than {}×{}, fewer LoRAs, or another engine.", request.width, request.height);
        return Failure::new(Kind::OutOfMemory, format!("{server} is out of memory"), hint).at(Field::Size);
    }
    if exception_message.contains("is invalid: None") {
        let title = format!("{} does not contain a text encoder or VAE", file_name(&request.checkpoint));
        return Failure::new(Kind::Refused, title, "Set their paths in the model's metadata.").at(Field::Checkpoint);
    }
    match file_of(broken, request) {
        Some((field, name)) => {
            // The picture to start from is the same on every engine.
            let kind = if field == Field::Init { Kind::Refused } else { Kind::Unable };
            let hint = format!("{said}. Check that the file is complete and of the expected type.");
            Failure::new(kind, format!("{server} cannot load {}", file_name(name)), hint).at(field)
        }
        None => Failure::new(
            Kind::Unable,
            format!("{server} failed at node {node_type}"),
            format!("{said}. Check its log."),
        ),
    }
}

pub(super) fn interrupted(server: &Server) -> Failure {
    Failure::new(
        Kind::Cancelled,
        format!("{server} stopped the job"),
        "The job was cancelled in ComfyUI. Retry to run it again.",
    )
}

pub(super) fn unqueued(server: &Server) -> Failure {
    let hint = "The job was removed in ComfyUI. Retry to run it again.";
    Failure::new(Kind::Cancelled, format!("Removed from the queue of {server}"), hint)
}

pub(super) fn forgotten(server: &Server) -> Failure {
    let hint = "ComfyUI was restarted and lost its queue. Retry.";
    Failure::new(Kind::Lost, format!("{server} lost the job"), hint)
}

pub(super) fn without_image(server: &Server) -> Failure {
    let hint = "The job finished without an image. Retry.";
    Failure::new(Kind::Lost, format!("{server} returned no image"), hint)
}

fn of_input(node: &str, error: &Value, request: &Request, server: &Server) -> Failure {
    let (kind, details, info) = (text(&error["type"]), text(&error["details"]), &error["extra_info"]);
    let (input, value) = (text(&info["input_name"]), &info["received_value"]);
    let place = field(node, input, value, request);
    let shown = value.as_str().map_or_else(|| value.to_string(), |name| file_name(name).to_owned());
    let failure = match (kind, &place) {
        ("value_not_in_list", Some(Field::Sampler | Field::Scheduler)) => {
            let title = format!("{server} does not support the {} {shown}", input.trim_end_matches("_name"));
            Failure::new(Kind::Unable, title, "Choose another one, or update ComfyUI.")
        }
        ("value_not_in_list", Some(_)) => {
            let hint = "The file may have been removed. Add it there, or choose another.";
            Failure::new(Kind::Unable, format!("{server} does not have {shown}"), hint)
        }
        ("value_smaller_than_min" | "value_bigger_than_max" | "custom_validation_failed", Some(_)) => {
            let hint = format!("{}: {details}.", text(&error["message"]));
            let given = if value.is_null() { format!("the {input}") } else { format!("{shown} as {input}") };
            Failure::new(Kind::Refused, format!("{server} does not accept {given}"), hint)
        }
        _ => unfit(server, &format!("{node}: {} ({details})", text(&error["message"]))),
    };
    Failure { field: place, ..failure }
}

/// The graph does not fit the server: it is older than a node, or much newer.
fn unfit(server: &Server, why: &str) -> Failure {
    let hint = format!("{}. Update ComfyUI, or use another engine.", why.trim_end_matches('.'));
    Failure::new(Kind::Unable, format!("{server} cannot run the workflow"), hint)
}

/// The file that a broken node was loading, if it is a loader.
fn file_of<'a>(broken: &'a Broken, request: &Request) -> Option<(Field, &'a str)> {
    broken.current_inputs.as_object()?.iter().find_map(|(input, values)| {
        let value = values.get(0)?;
        let field = field(&broken.node_type, input, value, request)?;
        let is_file = matches!(field, Field::Checkpoint | Field::Lora(_) | Field::Component(_) | Field::Init);
        Some((field, value.as_str().filter(|_| is_file)?))
    })
}

/// The part of the request that an input of a node comes from.
fn field(node: &str, input: &str, value: &Value, request: &Request) -> Option<Field> {
    let is_file = |path: &str| value.as_str().is_some_and(|name| file_name(name) == file_name(path));
    Some(match (node, input) {
        (_, "ckpt_name" | "unet_name") => Field::Checkpoint,
        (_, "lora_name" | "strength_model" | "strength_clip") => {
            let lora = request.loras.iter().find(|lora| is_file(&lora.path)).or(request.loras.first())?;
            Field::Lora(lora.path.clone())
        }
        (_, "vae_name") => Field::Component(Role::Vae),
        (_, "clip_name" | "clip_name1" | "clip_name2" | "clip_name3") => {
            Field::Component(request.components.iter().find(|component| is_file(&component.path))?.role)
        }
        ("LoadImage", _) | (_, "denoise") => Field::Init,
        (_, "sampler_name") => Field::Sampler,
        (_, "scheduler") => Field::Scheduler,
        (_, "width" | "height") => Field::Size,
        (_, "steps") => Field::Steps,
        (_, "cfg") => Field::Cfg,
        (_, "seed") => Field::Seed,
        (_, "stop_at_clip_layer") => Field::ClipSkip,
        _ => return None,
    })
}

/// PyTorch's own exception on a GPU; on the processor a plain one that tells by its words.
fn is_memory(exception_type: &str, message: &str) -> bool {
    let tells = ["out of memory", "Allocation on device", "can't allocate memory", "not enough memory"];
    exception_type.ends_with("OutOfMemoryError") || tells.iter().any(|tell| message.contains(tell))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
