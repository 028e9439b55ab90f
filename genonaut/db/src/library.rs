//! The files behind the models: which folders are scanned, what lies in them, and which model each file is. Files
//! that are no checkpoint and no LoRA are here too, and only here.

mod contents;
mod embeddings;
mod files;
mod hashes;
mod hashing;
mod import;
mod missing;
mod model_hashes;
mod own_preview;
mod parts;
mod roots;
mod twins;
mod words;

pub(crate) use contents::DDL as CONTENTS;
pub use embeddings::embeddings;
pub use files::{
    FileProblem, Kinds, Known, Location, PreviewFile, files_there, folders_of_files, kinds, known, locations, preview,
    previews_shown, problems,
};
pub use hashes::{ToHash, hashed, hashes_left, not_hashed};
pub(crate) use hashing::DDL as HASHING;
pub use hashing::{Hashing, Reader, hashing, is_later, read_later};
pub use import::{Batch, Candidate, Entry, Imported, NewFile, Presence, RowProblem, candidates, import};
pub use missing::{finish, root_is_away};
pub use model_hashes::{ModelHashes, model_hashes};
pub use own_preview::{choose_preview, is_own_preview};
pub use parts::{PartFile, named_part, parts};
pub use roots::{Root, add_root, folders, latest_report, remove_root, roots, save_report, try_hold_root};
pub use twins::{Twins, merge_twins};
pub(crate) use words::reread_all;
pub use words::{Unheard, heard, unheard};

pub(crate) const DDL: &str = "
CREATE TABLE roots (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    path text NOT NULL UNIQUE,
    -- What its program keeps there; NULL where the name says nothing.
    kind text,
    -- Whose layout it belongs to, for people.
    origin text NOT NULL,
    -- Only the files directly in it.
    shallow boolean NOT NULL DEFAULT false,
    -- The folder was not there at the last scan.
    away boolean NOT NULL DEFAULT false,
    scanned timestamptz,
    -- How far its scan is, or what the last one came to, for others that wait for it.
    report jsonb,
    last_created timestamptz NOT NULL DEFAULT now()
);

-- What a folder looked like when it was last read whole; the same digest means that nothing in it has changed.
CREATE TABLE folders (
    root uuid NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
    path text NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (root, path)
);

CREATE TABLE files (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    root uuid NOT NULL REFERENCES roots (id) ON DELETE CASCADE,
    -- Below the root; bytes that are no UTF-8 are written as \\xNN.
    folder text NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    -- Nanoseconds since 1970.
    modified bigint NOT NULL,
    device bigint NOT NULL,
    inode bigint NOT NULL,
    -- Of the files beside it that describe it.
    beside bytea NOT NULL,
    -- Of size, header and a sample of the data; NULL for a file that cannot be read.
    digest bytea,
    -- Of the tensors alone and the same sample: it outlasts new metadata in the header. Safetensors only.
    tensors_digest bytea,
    -- checkpoint, lora, vae, …; unknown is one of them.
    kind text NOT NULL DEFAULT 'unknown',
    format text,
    -- Why it cannot be read, as a code and as a sentence.
    problem text,
    reason text,
    -- The model that it is, in that table.
    table_name text,
    model uuid,
    -- Where the data of the tensors begins, for AutoV3.
    tensors_at bigint,
    -- The picture beside it, below the root.
    preview text,
    -- Of what works beside a diffusion model: vae, controlnet, …, or which text encoder (clip_l, t5xxl, …, unknown); the
    -- architectures that it may belong to, likeliest first; the number type of most bytes.
    role text,
    fits text[] NOT NULL DEFAULT '{}',
    precision text,
    -- Hexadecimal digits; NULL until the file has been read whole.
    sha256 text,
    tensors_sha256 text,
    autov1 text,
    blake3 text,
    crc32 text,
    hashed timestamptz,
    -- Why it could not be hashed.
    hash_problem text,
    -- The SHA-256 by which its words were judged, '' without one; NULL when they are to be read again.
    judged text,
    missing_since timestamptz,
    last_created timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT files_place UNIQUE (root, folder, name)
);
CREATE INDEX files_digest ON files (digest);
CREATE INDEX files_tensors_digest ON files (tensors_digest);
CREATE INDEX files_model ON files (model);
CREATE INDEX files_sha256 ON files (sha256 text_pattern_ops);
CREATE INDEX files_tensors_sha256 ON files (tensors_sha256 text_pattern_ops);
CREATE INDEX files_autov1 ON files (autov1 text_pattern_ops);
CREATE INDEX files_unhashed ON files (size) WHERE hashed IS NULL AND hash_problem IS NULL AND missing_since IS NULL AND model IS NOT NULL;
CREATE INDEX files_unheard ON files (id) WHERE judged IS DISTINCT FROM coalesce(sha256, '') AND missing_since IS NULL
    AND (model IS NOT NULL OR judged IS NULL) AND table_name IS NOT NULL;
CREATE INDEX files_missing ON files (root) WHERE missing_since IS NOT NULL;
CREATE INDEX files_role ON files (role) WHERE role IS NOT NULL;
CREATE INDEX files_unjudged ON files (root, folder) WHERE role IS NULL AND kind IN ('vae', 'text_encoder');
CREATE INDEX files_name ON files (name);
CREATE INDEX files_problem ON files (root) WHERE problem IS NOT NULL;
";
