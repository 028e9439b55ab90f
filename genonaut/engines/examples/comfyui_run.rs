//! Makes one image on a real ComfyUI, and says how long each part took:
//! `cargo run -p genonaut-engines --example comfyui_run -- http://127.0.0.1:8188 sd15.safetensors out.png`

use std::error::Error;
use std::io::{Write, stdout};
use std::time::Instant;

use genonaut_engines::comfyui::Access;
use genonaut_engines::{ComfyUi, Request};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, checkpoint, file] = &arguments[..] else { return Err("give URL, CHECKPOINT and FILE.png".into()) };
    let comfy = ComfyUi::new(url, &Access::Open)?;
    let started = Instant::now();
    let since = || started.elapsed().as_millis();
    let found = comfy.inventory().await?;
    let (system, models) = (&found.system, found.checkpoints.len());
    writeln!(stdout(), "{} ms: ComfyUI {} on {}, {models} checkpoints", since(), system.comfyui, system.device)?;
    let mut told = Vec::new();
    let picture = comfy.make(&request(checkpoint), |progress| told.push((since(), progress))).await?;
    for (at, progress) in told {
        let preview = progress.preview.map_or(0, |preview| preview.len());
        writeln!(stdout(), "{at} ms: step {} of {}, preview of {preview} bytes", progress.step, progress.steps)?;
    }
    std::fs::write(file, &picture.png)?;
    writeln!(stdout(), "{} ms: {file}, {}×{}", since(), picture.width, picture.height)?;
    Ok(())
}

/// Small, so that a machine without a GPU can make it too.
fn request(checkpoint: &str) -> Request {
    Request {
        prompt: "a lighthouse on a cliff".to_owned(),
        checkpoint: checkpoint.to_owned(),
        width: 64,
        height: 64,
        steps: 4,
        cfg: 7.0,
        sampler: "euler".to_owned(),
        scheduler: "normal".to_owned(),
        seed: std::process::id().into(),
        ..Request::default()
    }
}
