//! The models of a request by the server's names, looked up before anything is queued.

use super::inventory::Inventory;
use super::names::{Unmatched, file_name, find};
use super::server::Server;
use super::workflow::Family;
use crate::{Failure, Field, Kind, ModelKind, Request, Role};

/// The server's names.
#[derive(Debug, Default)]
pub(super) struct Models {
    pub main: String,
    /// One per LoRA of the request, in its order.
    pub loras: Vec<String>,
    /// In the order that the loader wants them; empty where the checkpoint's own are used.
    pub text: Vec<String>,
    /// `None` where the checkpoint's own is used.
    pub vae: Option<String>,
}

impl Models {
    pub fn on(inventory: &Inventory, request: &Request, family: &Family, server: &Server) -> Result<Self, Failure> {
        let shelf = Shelf { server, request };
        let main = inventory.main(request.kind);
        let lora = |path: &str| shelf.name(path, &inventory.loras, "loras", Field::Lora(path.to_owned()));
        let folder = shelf.folder();
        Ok(Self {
            main: shelf.name(&request.checkpoint, main, folder, Field::Checkpoint)?,
            loras: request.loras.iter().map(|file| lora(&file.path)).collect::<Result<_, _>>()?,
            text: shelf.text(&inventory.text_encoders, family)?,
            vae: shelf.component(Role::Vae, &inventory.vaes, "vae")?,
        })
    }
}

struct Shelf<'a> {
    server: &'a Server,
    request: &'a Request,
}

impl Shelf<'_> {
    fn folder(&self) -> &'static str {
        match self.request.kind {
            ModelKind::Checkpoint => "checkpoints",
            ModelKind::DiffusionModel => "diffusion_models",
        }
    }

    /// All the text encoders of the family, or none: a loader takes no half of them.
    fn text(&self, offered: &[String], family: &Family) -> Result<Vec<String>, Failure> {
        let roles = family.text.roles;
        let inside = self.request.kind == ModelKind::Checkpoint;
        if inside && roles.iter().all(|&role| self.request.component(role).is_none()) {
            return Ok(Vec::new());
        }
        let one = |&role| self.component(role, offered, "text_encoders")?.ok_or_else(|| self.wanted(role));
        roles.iter().map(one).collect()
    }

    fn component(&self, role: Role, offered: &[String], folder: &str) -> Result<Option<String>, Failure> {
        match self.request.component(role) {
            Some(path) => self.name(path, offered, folder, Field::Component(role)).map(Some),
            None if role == Role::Vae && self.request.kind == ModelKind::DiffusionModel => Err(self.wanted(role)),
            None => Ok(None),
        }
    }

    fn wanted(&self, role: Role) -> Failure {
        let title = format!("{} needs a {}", file_name(&self.request.checkpoint), role.label());
        let hint = "The model file does not contain it. Add the file and set it in the model's metadata.";
        Failure::new(Kind::Refused, title, hint).at(Field::Component(role))
    }

    fn name(&self, path: &str, offered: &[String], folder: &str, field: Field) -> Result<String, Failure> {
        let (server, file) = (self.server, file_name(path));
        let (title, hint) = match find(path, offered) {
            Ok(name) => return Ok(name.to_owned()),
            Err(Unmatched::Missing) => (
                format!("{server} does not have {file}"),
                format!(
                    "Add it to models/{folder} of that ComfyUI, or list Genonaut's folder in its extra_model_paths.yaml."
                ),
            ),
            Err(Unmatched::Ambiguous(names)) => (
                format!("{server} has several files named {file}"),
                format!("It offers {}. Rename one, or use the same subfolders on both sides.", names.join(", ")),
            ),
        };
        Err(Failure::new(Kind::Unable, title, hint).at(field))
    }
}
