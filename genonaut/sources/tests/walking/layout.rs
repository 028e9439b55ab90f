//! Which roots a folder of the user stands for.

use std::fs::create_dir_all;
use std::os::unix::fs::symlink;
use std::path::Path;

use genonaut_sources::folder::{FolderKind, Origin, Problem, Root, Roots, roots};
use tempfile::{TempDir, tempdir};

use crate::write;

fn with(folders: &[&str]) -> TempDir {
    let home = tempdir().unwrap();
    folders.iter().for_each(|folder| create_dir_all(home.path().join(folder)).unwrap());
    home
}

/// Path below the home, and kind; the shallow one is marked.
fn brief(found: &Roots, home: &Path) -> Vec<(String, Option<FolderKind>)> {
    let row = |root: &Root| {
        let path = root.path.strip_prefix(home).unwrap().display();
        (format!("{path}{}", if root.shallow { " *" } else { "" }), root.kind)
    };
    found.roots.iter().map(row).collect()
}

fn origins(found: &Roots) -> Vec<Origin> {
    let mut origins: Vec<_> = found.roots.iter().map(|root| root.origin.clone()).collect();
    origins.dedup();
    origins
}

#[test]
fn every_program_keeps_its_folders_in_its_own_way() {
    for (folders, origin, expected) in [
        (
            &["models/checkpoints", "models/clip", "models/unet", "models/sams", "custom_nodes"][..],
            Origin::ComfyUi,
            &[
                ("models/checkpoints", Some(FolderKind::Checkpoint)),
                ("models/clip", Some(FolderKind::TextEncoder)),
                ("models/sams", None),
                ("models/unet", Some(FolderKind::DiffusionModel)),
                ("models *", None),
            ][..],
        ),
        (
            &["models/Stable-diffusion", "models/LyCORIS", "models/VAE", "embeddings", "extensions"],
            Origin::A1111,
            &[
                ("models/LyCORIS", Some(FolderKind::Lora)),
                ("models/Stable-diffusion", Some(FolderKind::Checkpoint)),
                ("models/VAE", Some(FolderKind::Vae)),
                ("models *", None),
                ("embeddings", Some(FolderKind::Embedding)),
            ],
        ),
        (
            &["Models/Stable-Diffusion", "Models/diffusion_models", "Models/upscale_models", "src"],
            Origin::SwarmUi,
            &[
                ("Models/Stable-Diffusion", Some(FolderKind::Checkpoint)),
                ("Models/diffusion_models", Some(FolderKind::DiffusionModel)),
                ("Models/upscale_models", Some(FolderKind::Upscaler)),
                ("Models *", None),
            ],
        ),
        (
            &["Models/StableDiffusion", "Models/ApproxVAE", "Models/TextEncoders", "Packages"],
            Origin::StabilityMatrix,
            &[
                ("Models/ApproxVAE", Some(FolderKind::VaeApprox)),
                ("Models/StableDiffusion", Some(FolderKind::Checkpoint)),
                ("Models/TextEncoders", Some(FolderKind::TextEncoder)),
                ("Models *", None),
            ],
        ),
        (&["models/0b1ad7a2-70fb-4ac3-8e6f-ff2a1d9e1c55", "databases"], Origin::InvokeAi, &[("models", None)]),
        (&["styles", "people"], Origin::Plain, &[("", None)]),
    ] {
        let home = with(folders);
        let found = roots(home.path());
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        assert_eq!(origins(&found), [origin]);
        let expected: Vec<_> = expected.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect();
        assert_eq!(brief(&found, home.path()), expected);
    }
}

#[test]
fn the_folder_of_models_can_be_named_itself() {
    let home = with(&["models/loras", "models/.cache"]);
    let found = roots(&home.path().join("models"));
    assert_eq!(origins(&found), [Origin::ComfyUi]);
    let expected = [("models/loras".to_owned(), Some(FolderKind::Lora)), ("models *".to_owned(), None)];
    assert_eq!(brief(&found, home.path()), expected);
}

#[test]
fn a_link_to_a_disk_that_is_not_there_is_reported_and_the_rest_stands() {
    let home = with(&["models/loras"]);
    symlink("/no/such/disk", home.path().join("models/checkpoints")).unwrap();
    let found = roots(home.path());
    assert!(matches!(&found.problems[..], [Problem::Missing { path, .. }] if path.ends_with("checkpoints")));
    assert_eq!(found.roots.len(), 2);
}

#[test]
fn what_is_no_folder_is_a_problem() {
    let home = with(&[]);
    write(&home.path().join("a.safetensors"), b"");
    for name in ["a.safetensors", "missing"] {
        let found = roots(&home.path().join(name));
        assert!(found.roots.is_empty());
        assert!(matches!(&found.problems[..], [Problem::Unreadable { .. }]), "{:?}", found.problems);
    }
}

const SETTINGS: &str = "
# As in ComfyUI's example.
a111:
    base_path: webui/
    checkpoints: models/Stable-diffusion
    configs: models/Stable-diffusion
    loras: |
         models/Lora
         models/LyCORIS
    controlnet: models/ControlNet
other:
    is_default: true
    unet: ./disk
    vae: [disk/vae]
    clip: ~/no-such-folder-of-models
commented:
#   base_path: path
";

#[test]
fn extra_model_paths_are_read_as_comfyui_reads_them() {
    let home = with(&["ui/models/vae", "ui/webui/models/Stable-diffusion", "ui/webui/models/Lora", "ui/disk/vae"]);
    write(&home.path().join("ui/extra_model_paths.yaml"), SETTINGS.as_bytes());
    create_dir_all(home.path().join("ui/webui/models/LyCORIS")).unwrap();
    create_dir_all(home.path().join("ui/models/loras")).unwrap();

    let install = roots(&home.path().join("ui"));
    let direct = roots(&home.path().join("ui/extra_model_paths.yaml"));
    let named = [
        ("ui/disk", Some(FolderKind::DiffusionModel)),
        ("ui/disk/vae", Some(FolderKind::Vae)),
        ("ui/webui/models/Stable-diffusion", Some(FolderKind::Checkpoint)),
        ("ui/webui/models/Lora", Some(FolderKind::Lora)),
        ("ui/webui/models/LyCORIS", Some(FolderKind::Lora)),
    ]
    .map(|(path, kind)| (path.to_owned(), kind));
    assert_eq!(brief(&direct, home.path()), named);
    // The default ones come before ComfyUI's own, the others after them.
    let all = brief(&install, home.path());
    assert_eq!((&all[..2], &all[5..]), (&named[..2], &named[2..]));
    assert_eq!(
        all[2..5].iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["ui/models/loras", "ui/models/vae", "ui/models *"]
    );
    let texts: Vec<_> = direct.problems.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("models/ControlNet") && texts[0].contains("section a111, controlnet"), "{texts:?}");
    assert!(texts[1].contains("no-such-folder-of-models") && !texts[1].contains('~'), "{texts:?}");
}

#[test]
fn a_broken_settings_file_says_where_and_what() {
    for (text, reason) in [
        ("a:\n  b: [1\n", "line 3"),
        ("just words", "no sections found"),
        ("a: words", "section a"),
        ("a:\n  loras: {b: c}\n", "`loras` is not a folder"),
        ("a:\n  loras: 7\n", "`loras` is not a folder"),
    ] {
        let home = with(&[]);
        let file = home.path().join("x.yaml");
        write(&file, text.as_bytes());
        let found = roots(&file);
        assert!(found.roots.is_empty());
        let [problem] = &found.problems[..] else { panic!("{text}: {:?}", found.problems) };
        assert!(problem.to_string().contains(reason), "{text}: {problem}");
    }
}

#[test]
fn of_a_key_that_stands_twice_the_last_one_counts() {
    let home = with(&["shared/loras", "elsewhere/loras"]);
    let text =
        "x:\n  base_path: elsewhere\n  loras: nothing\nx:\n  base_path: shared\n  loras: nothing\n  loras: loras\n";
    write(&home.path().join("extra_model_paths.yaml"), text.as_bytes());
    let found = roots(&home.path().join("extra_model_paths.yaml"));
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!(brief(&found, home.path()), [("shared/loras".to_owned(), Some(FolderKind::Lora))]);
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let home = with(&[]);
    write(&home.path().join("x.yaml"), b"\xef\xbb\xbfx:\r\n  base_path: $GENONAUT_NO_SUCH\r\n  loras: loras\r\n");
    let [problem] = &roots(&home.path().join("x.yaml")).problems[..] else { panic!() };
    assert!(problem.to_string().contains("$GENONAUT_NO_SUCH is not set"), "{problem}");
}
