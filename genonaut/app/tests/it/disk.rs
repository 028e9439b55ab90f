//! A folder of small model files.

use std::io::Write;
use std::path::Path;

use tempfile::TempDir;

use crate::files;

pub struct Disk(TempDir);

impl Disk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// A LoRA for SD 1.5, or for SDXL. Its name is in its header, so that no two are copies.
    pub fn lora(&self, name: &str, sdxl: bool) {
        files::lora(&self.at(name), if sdxl { 2048 } else { 768 }, &[("note", name)]);
    }

    /// FLUX.1's diffusion model alone.
    pub fn flux(&self, name: &str) {
        let blocks: Vec<String> =
            (0..24).map(|block| format!("double_blocks.{block}.img_attn.norm.key_norm.scale")).collect();
        let mut all: Vec<(&str, &[u64])> = blocks.iter().map(|name| (name.as_str(), &[128][..])).collect();
        all.push(("img_in.weight", &[3072, 64]));
        files::tensors(&self.at(name), &all);
    }

    /// SD 1.5, whole.
    pub fn checkpoint(&self, name: &str) {
        let blocks: Vec<String> = (0..24).map(|block| format!("first_stage_model.decoder.{block}.weight")).collect();
        let mut all: Vec<(&str, &[u64])> = blocks.iter().map(|name| (name.as_str(), &[8][..])).collect();
        all.push(("model.diffusion_model.input_blocks.0.0.weight", &[320, 4, 3, 3]));
        all.push(("model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", &[320, 768]));
        all.push(("cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight", &[8, 8]));
        files::tensors(&self.at(name), &all);
    }

    pub fn copy(&self, from: &str, to: &str) {
        std::fs::create_dir_all(self.at(to).parent().unwrap()).unwrap();
        std::fs::copy(self.at(from), self.at(to)).unwrap();
    }

    pub fn clip_l(&self, name: &str) {
        files::tensors(&self.at(name), &[("text_model.encoder.layers.0.mlp.fc1.weight", &[3072, 768])]);
    }

    /// T5, or the one of many languages, which must not be taken for it.
    pub fn t5(&self, name: &str, words: u64) {
        files::tensors(
            &self.at(name),
            &[
                ("shared.weight", &[words, 4]),
                ("encoder.block.0.layer.0.SelfAttention.q.weight", &[4, 4]),
                ("encoder.block.23.layer.1.DenseReluDense.wi_1.weight", &[2, 4096]),
            ],
        );
    }

    /// A VAE of 16 channels, as FLUX.1 and SD 3 have it.
    pub fn vae(&self, name: &str) {
        let (first, last) =
            (("decoder.conv_in.weight", &[512, 16, 3, 3][..]), ("encoder.conv_out.weight", &[32, 512, 3, 3][..]));
        files::tensors(&self.at(name), &[first, last]);
    }

    /// A LoRA for SDXL that says this of itself.
    pub fn told_lora(&self, name: &str, metadata: &[(&str, &str)]) {
        files::lora(&self.at(name), 2048, metadata);
    }

    pub fn rename(&self, from: &str, to: &str) {
        std::fs::create_dir_all(self.at(to).parent().unwrap()).unwrap();
        std::fs::rename(self.at(from), self.at(to)).unwrap();
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        std::fs::File::create(self.at(name)).unwrap().write_all(bytes).unwrap();
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.at(name)).unwrap();
    }

    fn at(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.path()).join(name)
    }
}
