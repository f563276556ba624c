//! The two manifests: what was received, and what was made of it.
//!
//! Both are small JSON files with their keys in a fixed order, so that the same load gives the same
//! bytes. Reading tolerates keys it does not know; a file that is no manifest at all is T0806.

use crate::{Lake, SHARED_FOLDER, atomic};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tertial_model::{Diagnostic, Origin, Reconciliation};

/// What was received, written once and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryManifest {
    /// `<source>-<first 12 hex of sha256>`; of the hash of bytes, period and scope when the same
    /// bytes came before for something else.
    pub id: String,
    /// The source's short name.
    pub source: String,
    /// The file name pattern it came under.
    pub pattern: String,
    /// `2024-08`, `2024T2` or `2024`, as the file name said.
    pub period: Option<String>,
    /// The `{scope}` of the file name.
    pub scope: Option<String>,
    /// The file's name, without any folder.
    pub original_name: String,
    /// Hash of the bytes, hex.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
    /// When it was first received, RFC 3339, UTC; later receipts stand in the log.
    pub received_at: String,
    /// The way it came, unless somebody laid it into the drop folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl DeliveryManifest {
    /// What the delivery is a delivery of: a later one with the same key supersedes it.
    pub fn supersession_key(&self) -> (&str, &str, Option<&str>, Option<&str>) {
        (&self.source, &self.pattern, self.period.as_deref(), self.scope.as_deref())
    }
}

/// Whether a delivery's rows may enter figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadState {
    /// Its rows lie in the lake.
    Loaded,
    /// Too much was wrong with it; the last good delivery stays in force.
    Refused,
}

/// What was made of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadManifest {
    /// What was received.
    pub delivery: DeliveryManifest,
    /// Hash of everything the load depends on; another one means that a new load is due.
    pub load_fingerprint: String,
    /// Loaded or refused.
    pub state: LoadState,
    /// The program that loaded it.
    pub program_version: String,
    /// One entry per table the file holds.
    pub tables: Vec<TableLoad>,
    /// The rows set aside, one row per diagnostic; none when there are none.
    #[serde(default)]
    pub rejects: Option<LakeFile>,
    /// Decisions taken from the bytes, in words.
    pub decisions: Vec<String>,
    /// Facts the file states about itself.
    pub facts: Vec<(String, String)>,
    /// Faults that concern the file and not a row.
    pub diagnostics: Vec<Diagnostic>,
    /// Comparisons made while reading and checking.
    pub reconciliations: Vec<Reconciliation>,
    /// Files of other deliveries that its keys were compared with, by path.
    #[serde(default)]
    pub compared: Vec<String>,
    /// Rows set aside because another delivery holds their key.
    #[serde(default)]
    pub rows_repeated: u64,
}

impl LoadManifest {
    /// Every lake file the manifest names, rejects included.
    pub fn files(&self) -> impl Iterator<Item = &LakeFile> {
        self.tables.iter().flat_map(|table| &table.files).chain(&self.rejects)
    }
}

/// One table of a delivery. `rows_read = rows_accepted + rows_rejected + rows_sum`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableLoad {
    /// Table name, `ledger__entries`.
    pub table: String,
    /// Version of the contract it was checked against.
    pub contract_version: String,
    /// Rows in the file.
    pub rows_read: u64,
    /// Rows in the lake.
    pub rows_accepted: u64,
    /// Rows set aside.
    pub rows_rejected: u64,
    /// Sum rows, compared and dropped.
    pub rows_sum: u64,
    /// The Parquet files, by period.
    pub files: Vec<LakeFile>,
}

/// One Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeFile {
    /// Path relative to `data`, with `/`.
    pub path: String,
    /// The partition's value: `2024-08`, `2024` or `all`.
    pub period: String,
    /// First month the rows concern, where the partition says so.
    pub first_month: Option<String>,
    /// Last month the rows concern.
    pub last_month: Option<String>,
    /// How many rows.
    pub rows: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Hash of the file, hex.
    pub sha256: String,
}

impl Lake {
    /// Makes a load count: its manifest is written in one step, after its files. A manifest of an
    /// earlier load of the same delivery is replaced, and the files only it named are removed.
    pub fn commit(&self, manifest: &LoadManifest) -> Result<(), Box<Diagnostic>> {
        for file in manifest.files() {
            let path = self.path(file);
            let metadata = fs::metadata(&path).map_err(|e| self.unusable("read", &path, &e))?;
            if metadata.len() != file.bytes {
                let bytes = |count: u64| format!("{count} bytes");
                return Err(self.altered(&path, bytes(metadata.len()), bytes(file.bytes)));
            }
        }
        // A damaged predecessor is replaced too: loading again is the cure for it.
        let earlier = self.load_of(&manifest.delivery.id).ok().flatten();
        let path = self.manifest_path(&manifest.delivery.id);
        let written = atomic::create_dir(&self.manifests_folder(), SHARED_FOLDER)
            .and_then(|()| atomic::write(&path, &to_json(manifest)));
        written.map_err(|error| self.unusable("write", &path, &error))?;

        let kept: BTreeSet<&str> = manifest.files().map(|file| file.path.as_str()).collect();
        for file in earlier.iter().flat_map(LoadManifest::files) {
            if !kept.contains(file.path.as_str()) {
                self.remove_file(&self.path(file))?;
            }
        }
        Ok(())
    }

    /// What was made of a delivery; `None` when it was never loaded.
    pub fn load_of(&self, delivery_id: &str) -> Result<Option<LoadManifest>, Box<Diagnostic>> {
        let path = self.manifest_path(delivery_id);
        let hint = "remove the file and load the delivery again; its bytes are in `received/`";
        let manifest: Option<LoadManifest> = self.read_manifest(&path, hint)?;
        match manifest {
            Some(found) if found.delivery.id != delivery_id => {
                let found = format!("the manifest of `{}`", found.delivery.id);
                Err(self.damaged(&path, found, hint))
            }
            manifest => Ok(manifest),
        }
    }

    /// Every delivery that was loaded or refused, by id.
    pub fn loads(&self) -> Result<Vec<LoadManifest>, Box<Diagnostic>> {
        let folder = self.manifests_folder();
        let names = atomic::names(&folder).map_err(|e| self.unusable("read", &folder, &e))?;
        let ids = names.iter().filter(|(name, _)| !atomic::is_temporary(name));
        let ids = ids.filter_map(|(name, _)| name.strip_suffix(".json"));
        ids.filter_map(|id| self.load_of(id).transpose()).collect()
    }

    /// Whether the files of a manifest are still the bytes that were written; names the first that
    /// is not. Reads every byte.
    pub fn verify(&self, manifest: &LoadManifest) -> Result<(), Box<Diagnostic>> {
        for file in manifest.files() {
            let path = self.path(file);
            let mut opened = fs::File::open(&path).map_err(|e| self.unusable("read", &path, &e))?;
            let mut hasher = crate::receive::HashingWriter::new(io::sink());
            io::copy(&mut opened, &mut hasher).map_err(|e| self.unusable("read", &path, &e))?;
            let (sha256, _) = hasher.finish();
            if sha256 != file.sha256 {
                let hash = |hex: &str| format!("sha256 `{hex}`");
                return Err(self.altered(&path, hash(&sha256), hash(&file.sha256)));
            }
        }
        Ok(())
    }

    fn manifest_path(&self, delivery_id: &str) -> PathBuf {
        self.manifests_folder().join(format!("{delivery_id}.json"))
    }

    pub(crate) fn read_manifest<T: DeserializeOwned>(
        &self,
        path: &Path,
        hint: &str,
    ) -> Result<Option<T>, Box<Diagnostic>> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unusable("read", path, &error)),
        };
        let read = serde_json::from_slice(&bytes).map(Some);
        read.map_err(|error| self.damaged(path, error.to_string(), hint))
    }

    /// Removes a file that may be gone already.
    pub(crate) fn remove_file(&self, path: &Path) -> Result<(), Box<Diagnostic>> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.unusable("remove", path, &error))
            }
            _ => Ok(()),
        }
    }
}

/// The bytes of a manifest: indented, keys in the order of the type, a line break at the end.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("manifests hold text keys only");
    bytes.push(b'\n');
    bytes
}
