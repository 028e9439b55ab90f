//! How Genonaut learns about models: seed files, model files and what lies beside them. No database inside.

pub mod architectures;
pub mod cancel;
pub mod decode;
pub mod disk;
pub mod entry;
pub mod folder;
pub mod gguf;
pub mod hash;
pub mod header;
pub mod identify;
pub mod meaning;
pub mod model_file;
pub mod not_read;
pub mod pickle;
pub mod picture;
pub mod safetensors;
pub mod setting_limits;
mod sniff;
pub mod table;
mod text;
