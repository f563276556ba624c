//! What was received and what was made of it: files, manifests and Parquet under `data/`.
//!
//! Bytes come in through [`Lake::receive`], typed rows go to Parquet through [`TableWriter`], and a
//! delivery counts only when [`Lake::commit`] has written its manifest; [`Lake::in_force`] picks the
//! deliveries that figures are made of. A process may be killed at any instant: every manifest is
//! written beside its place, synced and renamed, and no reader takes a file that no manifest names.
//!
//! ```text
//! data/received/<source>/<delivery>/<original name>, manifest.json
//! data/received/receipts.jsonl
//! data/lake/<table>/period=2024-08/<delivery>-<digest>.parquet
//! data/rejects/<delivery>-<digest>.parquet
//! data/deliveries/<delivery>.json
//! data/seals.json
//! data/keys.json
//! data/untold.jsonl
//! data/lock
//! ```
//!
//! Parsing and checking rows is left to others, and so is the clock: "now" is an argument.

mod archive;
pub mod atomic;
mod columns;
mod drop_folder;
mod encode;
mod fault;
mod keys;
mod lock;
mod manifest;
mod partition;
mod pattern;
mod receipts;
mod receive;
mod register;
mod rejects;
mod restated;
mod screen;
mod standing;
mod stored;
mod sweep;
mod untold;
mod writer;

pub use archive::{Archive, Member, is_archive};
pub use drop_folder::{DropFolder, Dropped, NoFile, Odd, Rest, dropped, is_unfinished};
pub use keys::{KeyStanding, KnownKey};
pub use lock::Lock;
pub use manifest::{DeliveryManifest, LakeFile, LoadManifest, LoadState, SoundLoads, TableLoad};
pub use pattern::{Pattern, PatternMatch, match_pattern};
pub use receipts::{DeliveryDecision, ReceiptEvent, Receipts};
pub use receive::{Incoming, Receipt, hash_file};
pub use register::{LogMark, Register, Registered};
pub use rejects::{RejectWriter, RejectedRow};
pub use restated::Kind;
pub use screen::KeyScreen;
pub use standing::Standing;
pub use stored::{Damage, SoundReceived, Stored};
pub use sweep::Swept;
pub use untold::Untold;
pub use writer::{FileMetadata, TableWriter};

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tertial_model::Diagnostic;

/// Folders below `received/`: they hold what the sources sent, persons included.
const PRIVATE_FOLDER: u32 = 0o700;
/// Files below `received/`.
const PRIVATE_FILE: u32 = 0o600;
/// The other folders.
const SHARED_FOLDER: u32 = 0o750;
/// The other files.
const SHARED_FILE: u32 = 0o640;

/// The `data` folder of a project.
#[derive(Debug, Clone)]
pub struct Lake {
    data: PathBuf,
    /// Whether every manifest must have its seal.
    is_sealed: bool,
    /// Stored files that were read in this process and found sound, by path and hash.
    seen: Arc<Mutex<HashSet<(PathBuf, String)>>>,
    /// Load manifests that were read in this process, by path, with the hash of their bytes.
    parsed: Arc<Mutex<HashMap<PathBuf, (String, LoadManifest)>>>,
}

impl Lake {
    /// The lake in `data_dir`. Nothing is created until something is written.
    pub fn open(data_dir: impl Into<PathBuf>) -> Result<Lake, Box<Diagnostic>> {
        let data: PathBuf = data_dir.into();
        let is_sealed = data.join(register::FILE).exists();
        let lake = Lake { data, is_sealed, seen: Arc::default(), parsed: Arc::default() };
        match std::fs::metadata(&lake.data) {
            Ok(metadata) if !metadata.is_dir() => {
                let error = std::io::ErrorKind::NotADirectory.into();
                Err(lake.unusable("read", &lake.data, &error))
            }
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(lake.unusable("read", &lake.data, &error))
            }
            _ => Ok(lake),
        }
    }

    /// The `data` folder.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// Where a file of a manifest lies.
    pub fn path(&self, file: &LakeFile) -> PathBuf {
        self.data.join(&file.path)
    }

    /// Where the received bytes of a delivery lie.
    pub fn received_path(&self, delivery: &DeliveryManifest) -> PathBuf {
        self.delivery_folder(&delivery.source, &delivery.id).join(&delivery.original_name)
    }

    /// Bytes that the user who asks may still write on the disk of the `data` folder.
    pub fn free_bytes(&self) -> std::io::Result<u64> {
        let there = self.data.ancestors().find(|folder| folder.exists());
        let disk = rustix::fs::statvfs(there.unwrap_or(Path::new(".")))?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn received_folder(&self) -> PathBuf {
        self.data.join("received")
    }

    fn delivery_folder(&self, source: &str, id: &str) -> PathBuf {
        self.received_folder().join(source).join(id)
    }

    fn lake_folder(&self) -> PathBuf {
        self.data.join("lake")
    }

    fn rejects_folder(&self) -> PathBuf {
        self.data.join("rejects")
    }

    fn manifests_folder(&self) -> PathBuf {
        self.data.join("deliveries")
    }

    /// A path as a person sees it: from the project folder.
    fn shown(&self, path: &Path) -> String {
        let project = self.data.parent().unwrap_or(&self.data);
        path.strip_prefix(project).unwrap_or(path).display().to_string()
    }
}
