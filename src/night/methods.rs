//! The facts a release is made from, kept for as long as its figures are to be made again.
//!
//! Facts are the project's texts: definitions, queries, contracts, pipelines, seeds, the report's
//! composition, `tertial.toml`. Each text is kept once, under its hash; a set of facts is a small
//! file that names them, under the hash of that file. Nothing here is ever changed or removed.
//!
//! ```text
//! data/methods/files/<hash of the text>
//! data/methods/<hash of the set>.json        path -> hash of the text
//! data/methods/open/<hash of the set>/       the set laid out as a project; made when asked for
//! ```

use crate::project::Project;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tertial_lake::atomic;
use tertial_model::{Code, Diagnostic, Location};

/// Path of each text, and the hash it is kept under.
pub type Listing = BTreeMap<String, String>;

/// The store.
#[derive(Debug, Clone)]
pub struct Methods {
    folder: PathBuf,
}

impl Methods {
    /// The folder `methods` below the data folder.
    pub fn new(data: &Path) -> Methods {
        Methods { folder: data.join("methods") }
    }

    /// Keeps a project's facts and gives the hash of the set. What is kept already costs nothing.
    pub fn keep(&self, project: &Project) -> Result<String, Box<Diagnostic>> {
        let listing = listing(project);
        let manifest = manifest(&listing);
        let set = hash(&manifest);
        let path = self.listing_path(&set);
        if !path.is_file() || !self.missing(&listing).is_empty() {
            let texts = project.facts().map(|(_, text)| text);
            self.write_texts(texts)
                .and_then(|()| atomic::write(&path, &manifest))
                .map_err(|error| unusable("kept", &path, &error))?;
        }
        Ok(set)
    }

    /// The texts of a listing that are not kept.
    pub fn missing(&self, listing: &Listing) -> Vec<PathBuf> {
        let files = self.folder.join("files");
        let texts = listing.values().map(|text| files.join(text));
        let mut missing: Vec<PathBuf> = texts.filter(|path| !path.is_file()).collect();
        missing.sort();
        missing.dedup();
        missing
    }

    /// The hashes of the sets that are kept.
    pub fn sets(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut sets: Vec<String> = names
            .filter(|name| !name.starts_with('.'))
            .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
            .collect();
        sets.sort();
        sets
    }

    /// Every file that is kept under its own hash: the texts and the lists of the sets.
    pub fn files(&self) -> Vec<(PathBuf, String)> {
        let texts = fs::read_dir(self.folder.join("files")).into_iter().flatten().flatten();
        let texts = texts.map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (entry.path(), name)
        });
        let mut files: Vec<(PathBuf, String)> =
            texts.filter(|(_, name)| name.len() == 64).collect();
        files.extend(self.sets().into_iter().map(|set| (self.listing_path(&set), set)));
        files.sort();
        files
    }

    /// Which texts a set holds.
    pub fn listing(&self, set: &str) -> Result<Listing, Box<Diagnostic>> {
        let path = self.listing_path(set);
        let bytes = fs::read(&path).map_err(|error| unusable("read", &path, &error))?;
        match serde_json::from_slice(&bytes) {
            Ok(listing) if hash(&bytes) == set => Ok(listing),
            _ => Err(damaged(&path)),
        }
    }

    /// The text of one file of a set; none when the set has no such file.
    pub fn text(&self, set: &str, file: &str) -> Result<Option<String>, Box<Diagnostic>> {
        self.listing(set)?.get(file).map(|text| self.read_text(text)).transpose()
    }

    /// A set laid out as a project folder. It is made new when anything in it is not as it was.
    pub fn folder(&self, set: &str) -> Result<PathBuf, Box<Diagnostic>> {
        let listing = self.listing(set)?;
        let folder = self.folder.join("open").join(set);
        if is_whole(&folder, &listing) {
            return Ok(folder);
        }
        let failed = |error: io::Error| unusable("laid out", &folder, &error);
        let parent = self.folder.join("open");
        atomic::create_dir(&parent, 0o750).map_err(failed)?;
        let private = tempfile::Builder::new().prefix(".").tempdir_in(&parent).map_err(failed)?;
        for (file, text) in &listing {
            let path = private.path().join(file);
            let below = path.parent().unwrap_or(private.path());
            let text = self.read_text(text)?;
            fs::create_dir_all(below)
                .and_then(|()| fs::write(&path, text))
                .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o440)))
                .map_err(failed)?;
        }
        if is_whole(&folder, &listing) {
            // Somebody else has laid it out meanwhile, and reads there.
            return Ok(folder);
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        match fs::rename(private.path(), &folder) {
            // Somebody else laid the same set out in the same moment.
            Err(_) if is_whole(&folder, &listing) => Ok(folder),
            Err(error) => Err(failed(error)),
            Ok(()) => {
                let _ = private.keep();
                Ok(folder)
            }
        }
    }

    /// Writes the texts that are not kept whole yet; durable when it returns.
    fn write_texts<'a>(&self, texts: impl Iterator<Item = &'a str>) -> io::Result<()> {
        let folder = self.folder.join("files");
        atomic::create_dir(&folder, 0o750)?;
        let mut written = Vec::new();
        for text in texts {
            let path = folder.join(hash(text.as_bytes()));
            let is_whole = fs::read(&path).is_ok_and(|found| found == text.as_bytes());
            if !is_whole {
                let beside = path.with_extension("tmp");
                fs::write(&beside, text)?;
                fs::set_permissions(&beside, Permissions::from_mode(0o440))?;
                fs::rename(&beside, &path)?;
                written.push(path);
            }
        }
        for path in &written {
            File::open(path)?.sync_all()?;
        }
        atomic::sync_dir(&folder)
    }

    fn read_text(&self, text: &str) -> Result<String, Box<Diagnostic>> {
        let path = self.folder.join("files").join(text);
        let bytes = fs::read(&path).map_err(|error| unusable("read", &path, &error))?;
        match String::from_utf8(bytes) {
            Ok(found) if hash(found.as_bytes()) == text => Ok(found),
            _ => Err(damaged(&path)),
        }
    }

    /// Where the list of a set lies.
    pub fn listing_path(&self, set: &str) -> PathBuf {
        self.folder.join(format!("{set}.json"))
    }
}

/// The listing of a project as it lies in its folder now.
pub fn listing(project: &Project) -> Listing {
    project.facts().map(|(file, text)| (file.to_owned(), hash(text.as_bytes()))).collect()
}

/// The hash of the set a project's facts are.
pub fn set_of(project: &Project) -> String {
    hash_of(&listing(project))
}

/// The hash of the set that a listing is of.
pub fn hash_of(listing: &Listing) -> String {
    hash(&manifest(listing))
}

fn manifest(listing: &Listing) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(listing).expect("text keys");
    bytes.push(b'\n');
    bytes
}

fn is_whole(folder: &Path, listing: &Listing) -> bool {
    listing
        .iter()
        .all(|(file, text)| fs::read(folder.join(file)).is_ok_and(|bytes| hash(&bytes) == *text))
}

/// SHA-256, hex.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unusable(verb: &str, path: &Path, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("the facts of a release cannot be {verb}: {error}");
    Box::new(Diagnostic::error(Code::FileAccess, message, Location::file(path.to_string_lossy())))
}

fn damaged(path: &Path) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            Code::StoredFileChanged,
            "the facts of a release are not what was kept",
            Location::file(path.to_string_lossy()),
        )
        .with_expected("the bytes whose hash is the file's name")
        .with_effect("what was reported with these facts cannot be made again")
        .with_hint("take the file back from a backup of `data/methods`"),
    )
}
