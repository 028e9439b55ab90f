//! What other programs put beside a model.

use std::path::Path;

use serde_json::{Value, json};

use super::{Case, SDXL};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\x04IDATdata\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82";
pub const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";
pub const JPEG: &[u8] = b"\xff\xd8\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\
    \xff\xda\0\x08\x01\x01\0\0\x3f\0data of it\xff\xd9";

/// Every model that [`write_beside`] puts files beside.
pub fn beside() -> Vec<Case> {
    vec![
        case(
            "a1111/hero.safetensors",
            json!({"architecture": "sdxl", "description": "User note", "trigger_words": ["hero girl", "red cape"], "metadata": {"preferred_weight": 0.8, "negative_text": "lowres", "notes": "works at 0.8"}, "preview": "a1111/hero.preview.png"}),
        ),
        case(
            "civitai/hero.safetensors",
            json!({"architecture": "sdxl", "family": "pony", "name": "Hero Girl", "version": "v2.0", "trigger_words": ["hero girl", "red cape"], "tags": ["character", "girl"], "description": "Second version", "preview": "civitai/hero.preview.jpeg"}),
        ),
        // The hash in the file is not this model's; it is kept as a claim while the model's own is not known.
        case(
            "loramanager/hero.safetensors",
            json!({"architecture": "sdxl", "family": "illustrious", "name": "My Hero", "version": "v2.0", "trigger_words": ["hero girl", "red cape"], "tags": ["character"], "description": "Full text", "metadata": {"preferred_weight": 0.7, "clip_skip": 2, "favorite": true, "notes": "mine"}, "preview": "loramanager/hero.webp"}),
        ),
        case(
            "stability/hero.safetensors",
            json!({"architecture": "sdxl", "name": "Custom title", "version": "v2.0", "trigger_words": ["hero girl"], "tags": ["girl"], "description": "Text"}),
        ),
        case(
            "swarm/hero.safetensors",
            json!({"architecture": "sdxl", "name": "Hero S", "description": "d", "trigger_words": ["hero girl"], "tags": ["a", "b"]}),
        ),
        // Lora-Manager's name is the file's: no title that anyone gave.
        Case {
            metadata: Some(
                json!({"modelspec.title": "Embedded title", "modelspec.trigger_phrase": "embedded trigger", "ss_output_name": "hero_out"}),
            ),
            ..case(
                "all/hero.safetensors",
                json!({"architecture": "sdxl", "family": "pony", "name": "Hero Girl", "version": "v2.0", "description": "A plain text description.", "trigger_words": ["user trigger", "hero girl", "red cape", "embedded trigger"], "tags": ["character", "girl"]}),
            )
        },
        case("traps/a.b.safetensors", json!({"version": "belongs to a.b", "preview": "traps/a.b.preview.png"})),
        case(
            "traps/a.safetensors",
            json!({"trigger_words": [], "warnings": ["bad-sidecar:a.json: it does not contain a JSON object", "bad-sidecar:a.metadata.json: it is not valid JSON, a key in quotes is missing in line 1"], "preview": null}),
        ),
    ]
}

/// Writes the models and all beside them.
pub fn write_beside(folder: &Path) {
    for case in beside() {
        case.write(folder);
    }
    let put = |path: &str, bytes: &[u8]| std::fs::write(folder.join(path), bytes).unwrap();
    let json = |path: &str, value: Value| put(path, value.to_string().as_bytes());
    let civitai = civitai();
    json(
        "a1111/hero.json",
        json!({"description": "User note", "sd version": "SDXL", "activation text": "hero girl, red cape", "preferred weight": 0.8, "negative text": "lowres", "notes": "works at 0.8"}),
    );
    put("a1111/hero.preview.png", PNG);
    json("civitai/hero.civitai.info", civitai.clone());
    put("civitai/hero.preview.jpeg", JPEG);
    json(
        "loramanager/hero.metadata.json",
        json!({"file_name": "hero", "model_name": "My Hero", "file_path": "/elsewhere/hero.safetensors", "size": 1, "modified": 1.0, "sha256": "d".repeat(64), "base_model": "Illustrious", "preview_url": "/elsewhere/hero.webp", "preview_nsfw_level": 1, "notes": "mine", "from_civitai": true, "civitai": civitai, "tags": ["character"], "modelDescription": "<p>Full text</p>", "favorite": true, "usage_tips": "{\"strength\": 0.7, \"clip_skip\": 2}"}),
    );
    put("loramanager/hero.webp", WEBP);
    let stability = json!({"ModelId": 111, "ModelName": "Hero Girl", "ModelDescription": "<p>Text</p>", "Nsfw": false, "Tags": ["girl"], "ModelType": "LORA", "VersionId": 222, "VersionName": "v2.0", "VersionDescription": null, "BaseModel": "SDXL 1.0", "FileMetadata": {"fp": "fp16", "size": "pruned", "format": "SafeTensor"}, "ImportedAt": "2024-01-01T00:00:00+00:00", "Hashes": {"SHA256": "D".repeat(64), "CRC32": "EEEEEEEE", "BLAKE3": "F".repeat(64)}, "TrainedWords": ["hero girl"], "UserTitle": "Custom title", "InferenceDefaults": {"Sampler": null, "Steps": 24, "CfgScale": 5.0, "Width": 832, "Height": 1216}});
    // .NET begins with a byte order mark.
    put("stability/hero.cm-info.json", format!("\u{feff}{stability}").as_bytes());
    json(
        "swarm/hero.swarm.json",
        json!({"modelspec.title": "Hero S", "modelspec.description": "d", "modelspec.trigger_phrase": "hero girl", "modelspec.tags": "a, b", "modelspec.architecture": "stable-diffusion-xl-v1-base/lora", "modelspec.preview_image": "data:image/jpeg;base64,AAAA"}),
    );
    json("all/hero.json", json!({"activation text": "user trigger", "description": ""}));
    json("all/hero.civitai.info", civitai.clone());
    json(
        "all/hero.metadata.json",
        json!({"model_name": "hero", "base_model": "Pony", "sha256": "0".repeat(64), "tags": []}),
    );
    put("all/hero.txt", b"A plain text description.\n");
    put("all/hero.png", PNG);
    let mut other = civitai.clone();
    other["name"] = "belongs to a.b".into();
    json("traps/a.b.civitai.info", other);
    put("traps/a.b.preview.png", PNG);
    put("traps/a.metadata.json", b"{broken");
    put("traps/a.json", b"[]");
    json("traps/orphan.civitai.info", civitai);
}

/// A version as Civitai answers.
pub fn civitai() -> Value {
    json!({
        "id": 222, "modelId": 111, "name": "v2.0", "createdAt": "2024-01-01T00:00:00.000Z",
        "trainedWords": ["hero girl, red cape", "hero girl"], "baseModel": "Pony", "baseModelType": "Standard",
        "description": "<p>Second <b>version</b></p>", "air": "urn:air:sdxl:lora:civitai:111@222",
        "stats": {"downloadCount": 10, "thumbsUpCount": 3},
        "model": {"name": "Hero Girl", "type": "LORA", "nsfw": false, "poi": false, "description": "<p>Model page text</p>", "tags": ["character", "girl"]},
        "files": [{"id": 1, "name": "hero.safetensors", "type": "Model", "sizeKB": 100.5, "primary": true, "hashes": {"AutoV1": "AAAAAAAA", "AutoV2": "BBBBBBBBBB", "AutoV3": "CCCCCCCCCCCC", "SHA256": "D".repeat(64), "CRC32": "EEEEEEEE", "BLAKE3": "F".repeat(64)}}],
        "images": [{"url": "https://example.invalid/1.jpeg", "nsfwLevel": 1, "width": 832, "height": 1216, "meta": {"prompt": "hero girl"}}],
        "downloadUrl": "https://example.invalid/dl",
    })
}

fn case(path: &'static str, expected: Value) -> Case {
    Case { path, tensors: SDXL.to_vec(), metadata: None, expected }
}
