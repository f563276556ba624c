//! The two manifests: what was received, and what was made of it.
//!
//! Both are small JSON files with their keys in a fixed order, so that the same load gives the same
//! bytes, and end with their seal. Reading tolerates keys it does not know; a file that is no manifest
//! at all, or not the one that was written, is T0806.

use crate::{Lake, SHARED_FOLDER, atomic};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tertial_model::seal::{self, Seal};
use tertial_model::{Diagnostic, Origin, Reconciliation, persons};

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

    /// Path of the file in messages: where it lies among the received ones, under its own name.
    pub fn place(&self) -> String {
        format!("data/received/{}/{}/{}", self.source, self.id, self.original_name)
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

/// Sound manifests, and of each of the others the delivery's id and the fault.
pub type SoundLoads = (Vec<LoadManifest>, Vec<(String, Box<Diagnostic>)>);

impl LoadManifest {
    /// What its own numbers contradict; none when rows and files agree.
    fn miscounted(&self) -> Option<String> {
        self.tables.iter().find_map(|table| {
            let in_files: u64 = table.files.iter().map(|file| file.rows).sum();
            let apart = table.rows_accepted + table.rows_rejected + table.rows_sum;
            let name = &table.table;
            if self.state == LoadState::Loaded && in_files != table.rows_accepted {
                let accepted = table.rows_accepted;
                return Some(format!(
                    "{in_files} rows in the files of `{name}`, {accepted} accepted"
                ));
            }
            let read = table.rows_read;
            (apart != read).then(|| format!("{read} rows of `{name}` read, {apart} accounted for"))
        })
    }

    /// As it is kept: with every civic number masked in what is said about the file.
    pub fn without_civic_numbers(&self) -> LoadManifest {
        let shown = |text: &String| persons::masked(text).into_owned();
        let mut kept = self.clone();
        kept.decisions = self.decisions.iter().map(shown).collect();
        kept.facts = self.facts.iter().map(|(name, value)| (shown(name), shown(value))).collect();
        let diagnostics = kept.diagnostics.into_iter();
        kept.diagnostics = diagnostics.map(Diagnostic::without_civic_numbers).collect();
        for reconciliation in &mut kept.reconciliations {
            reconciliation.subject = shown(&reconciliation.subject);
        }
        kept
    }

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
            .and_then(|()| atomic::write(&path, &sealed(&manifest.without_civic_numbers())));
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
        // A night asks for every manifest more than once, and parsing them is most of the answer.
        let parsed = || self.parsed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let sealed = fs::read(&path).ok().filter(|bytes| seal::check(bytes) == Seal::Sound);
        let sealed = sealed.map(|bytes| seal::sha256(&bytes));
        if let Some(sealed) = &sealed
            && let Some((known, manifest)) = parsed().get(&path)
            && known == sealed
        {
            return Ok(Some(manifest.clone()));
        }
        let manifest = self.read_load(delivery_id, &path, hint)?;
        if let (Some(sealed), Some(manifest)) = (sealed, &manifest) {
            parsed().insert(path, (sealed, manifest.clone()));
        }
        Ok(manifest)
    }

    fn read_load(
        &self,
        delivery_id: &str,
        path: &Path,
        hint: &str,
    ) -> Result<Option<LoadManifest>, Box<Diagnostic>> {
        let manifest: Option<LoadManifest> = self.read_manifest(path, hint)?;
        match manifest {
            Some(found) if found.delivery.id != delivery_id => {
                let found = format!("the manifest of `{}`", found.delivery.id);
                Err(self.damaged(path, found, hint))
            }
            Some(found) => match found.miscounted() {
                Some(told) => Err(self.damaged(path, told, hint)),
                None => Ok(Some(found)),
            },
            None => Ok(None),
        }
    }

    /// Every delivery that was loaded or refused, by id.
    pub fn loads(&self) -> Result<Vec<LoadManifest>, Box<Diagnostic>> {
        let (loads, faults) = self.sound_loads()?;
        faults.into_iter().next().map_or(Ok(loads), |(_, fault)| Err(fault))
    }

    /// The manifests that are as they were written, by id, and what is wrong with the others.
    pub fn sound_loads(&self) -> Result<SoundLoads, Box<Diagnostic>> {
        let folder = self.manifests_folder();
        let names = atomic::names(&folder).map_err(|e| self.unusable("read", &folder, &e))?;
        let ids = names.iter().filter(|(name, _)| !atomic::is_temporary(name));
        let ids = ids.filter_map(|(name, _)| name.strip_suffix(".json"));
        let (mut loads, mut faults) = (Vec::new(), Vec::new());
        for id in ids {
            match self.load_of(id) {
                Ok(load) => loads.extend(load),
                Err(fault) => faults.push((id.to_owned(), fault)),
            }
        }
        Ok((loads, faults))
    }

    /// Whether the files of a manifest are still the bytes that were written; names the first that
    /// is not. Reads every byte.
    pub fn verify(&self, manifest: &LoadManifest) -> Result<(), Box<Diagnostic>> {
        for file in manifest.files() {
            let path = self.path(file);
            let hashed = crate::receive::hash_file(&path);
            let (sha256, _) = hashed.map_err(|e| self.unusable("read", &path, &e))?;
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
        let manifest: T = serde_json::from_slice(&bytes)
            .map_err(|error| self.damaged(path, error.to_string(), hint))?;
        match seal::check(&bytes) {
            Seal::Sound => Ok(Some(manifest)),
            Seal::Missing if !self.is_sealed => Ok(Some(manifest)),
            Seal::Missing => Err(self.damaged(path, "no seal".to_owned(), hint)),
            Seal::Broken => {
                let found = "other bytes than those that were sealed".to_owned();
                Err(self.damaged(path, found, hint))
            }
        }
    }

    /// Seals the manifests of a lake that is from before there were seals; how many they were.
    pub fn seal_manifests(&self) -> Result<usize, Box<Diagnostic>> {
        let mut count = 0;
        for (path, mode) in self.manifest_files()? {
            let bytes = fs::read(&path).map_err(|error| self.unusable("read", &path, &error))?;
            if seal::check(&bytes) == Seal::Missing {
                let written = atomic::write_with_mode(&path, &seal::seal(&bytes), mode);
                written.map_err(|error| self.unusable("write", &path, &error))?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Whether a manifest has no seal.
    pub(crate) fn has_unsealed(&self) -> Result<bool, Box<Diagnostic>> {
        let is_unsealed = |(path, _): &(PathBuf, u32)| {
            fs::read(path).is_ok_and(|bytes| seal::check(&bytes) == Seal::Missing)
        };
        Ok(self.manifest_files()?.iter().any(is_unsealed))
    }

    /// Every manifest, and the mode it is written with.
    fn manifest_files(&self) -> Result<Vec<(PathBuf, u32)>, Box<Diagnostic>> {
        let folder = self.manifests_folder();
        let loads = atomic::names(&folder).map_err(|e| self.unusable("read", &folder, &e))?;
        let is_load = |name: &str| name.ends_with(".json") && !atomic::is_temporary(name);
        let loads = loads.into_iter().filter(|(name, _)| is_load(name));
        let mut files: Vec<(PathBuf, u32)> =
            loads.map(|(_, path)| (path, crate::SHARED_FILE)).collect();
        for (source, id) in self.received_ids()? {
            let path = self.delivery_folder(&source, &id).join(crate::receive::MANIFEST);
            if path.is_file() {
                files.push((path, crate::PRIVATE_FILE));
            }
        }
        Ok(files)
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

/// The same with its seal, as it is stored.
pub(crate) fn sealed(value: &impl Serialize) -> Vec<u8> {
    seal::seal(&to_json(value))
}
