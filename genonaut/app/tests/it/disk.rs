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
