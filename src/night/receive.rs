//! Drop folders into `received/`: bytes are copied once and never touched again.
//!
//! A file stays where its sender put it. What was taken in is remembered by name, size and time of
//! change, so that a night without news does not read it again.

use crate::clock::Moment;
use crate::project::{Project, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tertial_lake::{DeliveryManifest, Lake, atomic, match_pattern};
use tertial_model::{Code, Diagnostic, Location};

/// What a receipt brought.
#[derive(Debug, Default)]
pub struct Received {
    /// Deliveries that were not known before.
    pub new: Vec<DeliveryManifest>,
    /// Files that match no pattern, missing required files, files that could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// What is known about a file in a drop folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    bytes: u64,
    changed_ns: i128,
}

type Index = BTreeMap<String, Seen>;

/// Takes in everything new from the drop folders of all sources.
pub fn receive(project: &Project, lake: &Lake, now: &Moment) -> Received {
    let index_path = lake.data_dir().join("received").join("seen.json");
    let mut index = read_index(&index_path);
    let before = index.clone();
    let mut received = Received::default();
    for source in &project.sources {
        receive_source(project, lake, source, now, &mut index, &mut received);
    }
    if index != before {
        let bytes = serde_json::to_vec_pretty(&index).expect("text keys");
        let written = atomic::create_dir(index_path.parent().expect("a folder"), 0o700)
            .and_then(|()| atomic::write_with_mode(&index_path, &bytes, 0o600));
        if let Err(error) = written {
            let message = format!("the list of files taken in cannot be written: {error}");
            let place = Location::file(index_path.to_string_lossy());
            received.diagnostics.push(Diagnostic::warning(Code::T0805, message, place));
        }
    }
    received
}

/// A missing or damaged index only means that files are hashed again.
fn read_index(path: &Path) -> Index {
    std::fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

fn receive_source(
    project: &Project,
    lake: &Lake,
    source: &Source,
    now: &Moment,
    index: &mut Index,
    received: &mut Received,
) {
    let name = &source.pipeline.name;
    for file in files_in(&inbox(project, source)) {
        let file_name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let specs = &source.pipeline.files;
        let spec = specs.iter().find(|spec| match_pattern(&spec.pattern, &file_name).is_some());
        let Some(spec) = spec else {
            received.diagnostics.push(unknown_file(project, source, &file));
            continue;
        };
        let Ok(metadata) = file.metadata() else { continue };
        let changed_ns =
            i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        let seen = Seen { bytes: metadata.len(), changed_ns };
        let key = shown(project, &file);
        if index.get(&key) == Some(&seen) {
            continue;
        }
        match lake.receive(name, spec, &file, &now.at) {
            Ok(receipt) => {
                if receipt.is_new {
                    received.new.push(receipt.manifest);
                }
                index.insert(key, seen);
            }
            Err(fault) => received.diagnostics.push(*fault),
        }
    }
}

/// The drop folder of a source.
pub fn inbox(project: &Project, source: &Source) -> PathBuf {
    match &source.pipeline.inbox {
        Some(folder) => project.root.join(folder),
        None => project.data().join("inbox").join(&source.pipeline.name),
    }
}

/// A path as a person sees it from the project folder.
pub fn shown(project: &Project, path: &Path) -> String {
    path.strip_prefix(&project.root).unwrap_or(path).to_string_lossy().into_owned()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .filter(|path| {
            !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
        })
        .collect();
    files.sort();
    files
}

fn unknown_file(project: &Project, source: &Source, file: &Path) -> Diagnostic {
    let patterns: Vec<String> =
        source.pipeline.files.iter().map(|spec| format!("`{}`", spec.pattern)).collect();
    Diagnostic::warning(
        Code::T0115,
        format!("a file in the drop folder of `{}` matches no pattern", source.pipeline.name),
        Location::file(shown(project, file)),
    )
    .with_expected(patterns.join(" or "))
    .with_effect("the file was left where it is and nothing was read from it")
    .with_hint(format!("rename the file, or add its pattern to {}/pipeline.toml", source.folder()))
}
