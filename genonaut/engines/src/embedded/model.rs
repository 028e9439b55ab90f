//! The checkpoint of a request and the files beside it: whether they are there, whole, and something that the engine
//! makes images with.

use std::path::Path;
use std::sync::LazyLock;
use std::time::UNIX_EPOCH;

use genonaut_sources::architectures::in_force;
use genonaut_sources::identify::{Identity, Kind as FileKind, Rules};
use genonaut_sources::model_file::{self, Format, ModelFile};

use super::order::Model;
use super::part;
use super::refusal::file_name;
use crate::{Failure, Field, Kind, ModelKind, Request, Role};

/// What was tried with it. The library knows more, and breaks on some.
pub const ARCHITECTURES: [&str; 3] = ["sd1", "sdxl", "flux1"];

/// Variants that make an image from words alone; the others want a second picture, and a mask.
const FROM_WORDS: [&str; 3] = ["base", "dev", "schnell"];

static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| Rules::from_json(in_force()).ok());

/// A model that can be loaded, as far as its files' headers say.
pub(super) struct Found {
    pub model: Model,
    architecture: String,
}

impl Found {
    pub fn look(request: &Request, threads: Option<u32>) -> Result<Self, Failure> {
        let path = &request.checkpoint;
        let main = Looked::at(path, &Field::Checkpoint)?;
        let architecture = main.architecture(request)?;
        let kind = main.kind(request)?;
        let beside = |role| request.component(role).map(str::to_owned);
        let mut model = Model {
            clip_l: beside(Role::ClipL),
            clip_g: beside(Role::ClipG),
            t5: beside(Role::T5),
            vae: beside(Role::Vae),
            prediction: main.prediction(),
            threads,
            seen: vec![main.seen()],
            ..Model::default()
        };
        main.complete(&architecture, kind, request)?;
        for component in &request.components {
            let looked = Looked::at(&component.path, &Field::Component(component.role))?;
            part::check(&component.path, &looked, component.role, &architecture)?;
            model.seen.push(looked.seen());
        }
        match kind {
            ModelKind::Checkpoint => model.whole = Some(path.clone()),
            ModelKind::DiffusionModel => model.diffusion = Some(path.clone()),
        }
        Ok(Self { model, architecture })
    }

    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// What the sides of an image are multiples of (pixels).
    pub fn multiple(&self) -> u32 {
        if self.architecture == "flux1" { 16 } else { 64 }
    }
}

/// A model file whose header was read.
pub(super) struct Looked<'a> {
    path: &'a str,
    file: ModelFile,
    pub identity: Identity,
    changed: u128,
}

impl<'a> Looked<'a> {
    pub fn at(path: &'a str, field: &Field) -> Result<Self, Failure> {
        let name = file_name(path);
        let refused = |kind, title: String, hint: &str| Failure::new(kind, title, hint).at(field.clone());
        let metadata = std::fs::metadata(path).map_err(|error| {
            refused(Kind::Unable, format!("{name} not found"), &format!("{path}: {error}. Rescan its folder."))
        })?;
        let file = model_file::read(Path::new(path)).map_err(|reason| {
            refused(Kind::Refused, format!("{name} is not a model"), &format!("{path}: {reason}."))
        })?;
        if file.header.warnings.contains(&"incomplete-file") {
            return Err(refused(
                Kind::Refused,
                format!("{name} is incomplete"),
                &format!("{path}: download it again."),
            ));
        }
        if file.format == Format::Pickle {
            let hint = "Loading it could run code. Convert it to .safetensors.";
            return Err(refused(Kind::Unable, format!("{name} is a pickle file"), hint));
        }
        let stem = Path::new(path).file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let identity = RULES.as_ref().map(|rules| rules.identify(&file.header, &stem)).unwrap_or_default();
        let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Self { path, file, identity, changed: changed.map_or(0, |since| since.as_nanos()) })
    }

    fn seen(&self) -> (u64, u128) {
        (self.file.size, self.changed)
    }

    /// The tensors' word counts more than anyone else's: a wrong one is a crash.
    fn architecture(&self, request: &Request) -> Result<String, Failure> {
        let told = self.identity.detection.architecture.as_deref().or(request.architecture.as_deref());
        match told {
            Some(known) if ARCHITECTURES.contains(&known) => Ok(known.to_owned()),
            Some(other) => Err(self.unable(format!("is {other}"))),
            None => Err(self.unable("has an unknown architecture".to_owned())),
        }
    }

    fn kind(&self, request: &Request) -> Result<ModelKind, Failure> {
        if let Some(variant) = self.identity.variant.as_deref().filter(|variant| !FROM_WORDS.contains(variant)) {
            return Err(self.unable(format!("is made for another task ({variant})")));
        }
        if let Some(packing) = self.identity.quantization.first() {
            return Err(self.unable(format!("is quantized as {packing}")));
        }
        match self.identity.kind {
            FileKind::Checkpoint => Ok(ModelKind::Checkpoint),
            FileKind::DiffusionModel => Ok(ModelKind::DiffusionModel),
            FileKind::Unknown => Ok(request.kind),
            _ => Err(self.unable("is not a checkpoint".to_owned())),
        }
    }

    fn prediction(&self) -> Option<String> {
        let name = match self.identity.prediction_type? {
            "epsilon" => "eps",
            "v" => "v",
            "edm-v" => "edm_v",
            _ => return None,
        };
        Some(name.to_owned())
    }

    /// Whatever the file lacks has to lie beside it; but the library knows a UNet by the text encoder in the same file.
    /// FLUX in one file may come without T5: its author left it out.
    fn complete(&self, architecture: &str, kind: ModelKind, request: &Request) -> Result<(), Failure> {
        let wanted: &[(Role, &str)] = match architecture {
            "flux1" if kind == ModelKind::DiffusionModel => {
                &[(Role::ClipL, "clip_l"), (Role::T5, "t5xxl"), (Role::Vae, "vae")]
            }
            "flux1" => &[(Role::ClipL, "clip_l"), (Role::Vae, "vae")],
            "sdxl" if !self.has("clip_l") || !self.has("clip_g") => return Err(self.mute()),
            _ if !self.has("clip_l") => return Err(self.mute()),
            _ => &[(Role::Vae, "vae")],
        };
        let missing = wanted.iter().find(|(role, name)| !self.has(name) && request.component(*role).is_none());
        let Some((role, _)) = missing else { return Ok(()) };
        let title = format!("{} needs a {}", file_name(self.path), role.label());
        let hint =
            "The model file does not contain it. Set its path in the model's metadata, or use a file that contains it.";
        Err(Failure::new(Kind::Refused, title, hint).at(Field::Component(*role)))
    }

    fn has(&self, part: &str) -> bool {
        self.identity.components.iter().any(|component| component == part)
    }

    fn mute(&self) -> Failure {
        let title = format!("{} does not contain a text encoder", file_name(self.path));
        let hint =
            "The built-in engine needs SD 1.5 and SDXL files that contain it. Choose such a file, or use ComfyUI.";
        Failure::new(Kind::Unable, title, hint).at(Field::Checkpoint)
    }

    fn unable(&self, what: String) -> Failure {
        let title = format!("{} {what}", file_name(self.path));
        let hint = "The built-in engine supports SD 1.5, SDXL and FLUX.1. Choose another model, or use ComfyUI.";
        Failure::new(Kind::Unable, title, hint).at(Field::Checkpoint)
    }
}
