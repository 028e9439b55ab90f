//! Where programs usually are that keep models, so that their folders can be offered.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{Origin, normal, roots};

/// Below the user's home, and as absolute paths.
const PLACES: [&str; 28] = [
    "ComfyUI",
    "comfyui",
    "comfy/ComfyUI",
    "Documents/ComfyUI",
    "ComfyUI_windows_portable/ComfyUI",
    "/opt/ComfyUI",
    "/workspace/ComfyUI",
    "stable-diffusion-webui",
    "stable-diffusion-webui-forge",
    "stable-diffusion-webui-reForge",
    "sd-webui-forge-neo",
    "webui_forge/webui",
    "automatic",
    "/opt/stable-diffusion-webui",
    "/workspace/stable-diffusion-webui",
    "/workspace/stable-diffusion-webui-forge",
    "invokeai",
    "InvokeAI",
    "/workspace/invokeai",
    "SwarmUI",
    "swarmui",
    "StableSwarmUI",
    "/workspace/SwarmUI",
    "StabilityMatrix",
    "Applications/StabilityMatrix",
    ".local/share/StabilityMatrix",
    ".config/StabilityMatrix",
    "Library/Application Support/StabilityMatrix",
];

/// The folders of known programs that are there and laid out like theirs. A disk may be silent: this waits for it.
pub fn known(home: &Path) -> Vec<(PathBuf, Origin)> {
    let mut seen = HashSet::new();
    let paths = PLACES.iter().map(|place| normal(&home.join(place))).filter(|path| path.is_dir());
    let paths = paths.filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    paths.filter_map(|path| Some((origin(&path)?, path))).map(|(origin, path)| (path, origin)).collect()
}

/// Whose layout a folder has, where it is a program's.
fn origin(path: &Path) -> Option<Origin> {
    let of_program = |origin: &Origin| !matches!(origin, Origin::Plain | Origin::ExtraPaths { .. });
    roots(path).roots.into_iter().map(|root| root.origin).find(of_program)
}

#[cfg(test)]
mod tests {
    use std::fs::create_dir_all;

    use super::*;

    #[test]
    fn programs_are_known_by_their_place_and_their_layout() {
        let home = tempfile::tempdir().unwrap();
        for folder in [
            "ComfyUI/models/checkpoints",
            "stable-diffusion-webui-forge/models/Stable-diffusion",
            "SwarmUI/Models/Stable-Diffusion",
            ".local/share/StabilityMatrix/Models/StableDiffusion",
            "invokeai/models/01234567-89ab-4cde-8f01-23456789abcd",
            // An empty folder of that name is nobody's.
            "automatic",
        ] {
            create_dir_all(home.path().join(folder)).unwrap();
        }
        let found = known(home.path());
        // This machine may have some of its own outside of the home.
        let below = |path: &Path| Some(path.strip_prefix(home.path()).ok()?.to_string_lossy().into_owned());
        let found: Vec<_> = found.iter().filter_map(|(path, origin)| Some((below(path)?, origin.clone()))).collect();
        let expected = [
            ("ComfyUI", Origin::ComfyUi),
            ("stable-diffusion-webui-forge", Origin::A1111),
            ("invokeai", Origin::InvokeAi),
            ("SwarmUI", Origin::SwarmUi),
            (".local/share/StabilityMatrix", Origin::StabilityMatrix),
        ];
        assert_eq!(found, expected.map(|(path, origin)| (path.to_owned(), origin)));
    }
}
