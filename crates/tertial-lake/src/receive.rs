//! Taking in a file: its bytes are copied, hashed and kept, and nothing touches them again.
//!
//! The copy and its manifest appear together, by the rename of one folder. The same bytes from the
//! same source are one delivery, whatever the file is called the second time: the first receipt stays.

use crate::manifest::to_json;
use crate::{
    DeliveryManifest, Lake, PRIVATE_FILE, PRIVATE_FOLDER, SHARED_FOLDER, atomic, match_pattern,
};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tertial_model::pipeline::FileSpec;
use tertial_model::{Code, Diagnostic, Location};

const MANIFEST: &str = "manifest.json";

/// What became of a file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The delivery it is.
    pub manifest: DeliveryManifest,
    /// Whether these bytes were new; if not, the manifest is the first receipt's.
    pub is_new: bool,
}

impl Lake {
    /// Receives a file of a source under one of its patterns, at a time told as RFC 3339.
    pub fn receive(
        &self,
        source: &str,
        pattern: &FileSpec,
        file: &Path,
        received_at: &str,
    ) -> Result<Receipt, Box<Diagnostic>> {
        let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let Some(found) = match_pattern(&pattern.pattern, &name) else {
            return Err(self.name_does_not_fit(source, &pattern.pattern, file, &name));
        };
        let received_at = self.timestamp(received_at)?.to_string();
        if !is_source_name(source) {
            return Err(not_a_source_name(source));
        }
        let folder = self.received_folder();
        let write_fault = |error: io::Error| self.unusable("write", &folder, &error);
        atomic::create_dir(&self.data, SHARED_FOLDER).map_err(write_fault)?;
        let sources = folder.join(source);
        atomic::create_dir(&sources, PRIVATE_FOLDER).map_err(write_fault)?;
        let incoming = tempfile::Builder::new()
            .prefix(".")
            .suffix(atomic::TEMPORARY_SUFFIX)
            .tempdir_in(&folder)
            .map_err(write_fault)?;
        let original_name = plain_name(&name);
        let copy = incoming.path().join(&original_name);
        let (sha256, bytes) = self.copy_hashed(file, &copy)?;

        let manifest = DeliveryManifest {
            id: format!("{source}-{}", &sha256[..12]),
            source: source.to_owned(),
            pattern: pattern.pattern.clone(),
            period: found.period,
            scope: found.scope,
            original_name,
            sha256,
            bytes,
            received_at,
        };
        if let Some(first) = self.first_receipt(&manifest)? {
            return Ok(Receipt { manifest: first, is_new: false });
        }
        let target = self.delivery_folder(source, &manifest.id);
        let published = atomic::write_with_mode(
            &incoming.path().join(MANIFEST),
            &to_json(&manifest),
            PRIVATE_FILE,
        )
        .and_then(|()| fs::set_permissions(incoming.path(), Permissions::from_mode(PRIVATE_FOLDER)))
        .and_then(|()| fs::rename(incoming.path(), &target))
        .and_then(|()| atomic::sync_dir(&sources));
        match published {
            Ok(()) => {
                let _ = incoming.keep();
                Ok(Receipt { manifest, is_new: true })
            }
            // Somebody else received the same bytes a moment ago.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                match self.first_receipt(&manifest)? {
                    Some(manifest) => Ok(Receipt { manifest, is_new: false }),
                    None => Err(self.unusable("write", &target, &error)),
                }
            }
            Err(error) => Err(self.unusable("write", &target, &error)),
        }
    }

    /// Every delivery ever received and still kept, by source and id.
    pub fn received(&self) -> Result<Vec<DeliveryManifest>, Box<Diagnostic>> {
        let mut deliveries = Vec::new();
        for (source, folder) in self.folders_in(&self.received_folder())? {
            for (id, _) in self.folders_in(&folder)? {
                deliveries.extend(self.delivery(&source, &id)?);
            }
        }
        Ok(deliveries)
    }

    /// The receipt of one delivery; `None` when there is no such delivery.
    pub fn delivery(
        &self,
        source: &str,
        id: &str,
    ) -> Result<Option<DeliveryManifest>, Box<Diagnostic>> {
        let folder = self.delivery_folder(source, id);
        let hint = "move the folder away and receive the file again";
        let path = folder.join(MANIFEST);
        let manifest: Option<DeliveryManifest> = self.read_manifest(&path, hint)?;
        match manifest {
            Some(manifest) if manifest.id == id && manifest.source == source => Ok(Some(manifest)),
            Some(manifest) => {
                Err(self.damaged(&path, format!("the manifest of `{}`", manifest.id), hint))
            }
            None if atomic::names(&folder).is_ok_and(|names| !names.is_empty()) => {
                Err(self.damaged(&path, "no manifest beside the file".to_owned(), hint))
            }
            None => Ok(None),
        }
    }

    fn folders_in(&self, folder: &Path) -> Result<Vec<(String, PathBuf)>, Box<Diagnostic>> {
        let mut names = atomic::names(folder).map_err(|e| self.unusable("read", folder, &e))?;
        names.retain(|(name, path)| !name.starts_with('.') && path.is_dir());
        Ok(names)
    }

    fn first_receipt(
        &self,
        new: &DeliveryManifest,
    ) -> Result<Option<DeliveryManifest>, Box<Diagnostic>> {
        let Some(first) = self.delivery(&new.source, &new.id)? else { return Ok(None) };
        let path = self.received_path(&first);
        let kept = fs::metadata(&path).map(|metadata| metadata.len()).ok();
        if first.sha256 != new.sha256 || kept != Some(new.bytes) {
            let found = match kept {
                None => "the file it speaks of is gone".to_owned(),
                Some(bytes) => format!("sha256 `{}`, {bytes} bytes kept", first.sha256),
            };
            let hint = "move the folder away and receive the file again";
            let manifest = self.delivery_folder(&new.source, &new.id).join(MANIFEST);
            return Err(self.damaged(&manifest, found, hint));
        }
        Ok(Some(first))
    }

    /// Copies `from` to `to`, a file only we may read, synced; gives hash and size of the copy.
    fn copy_hashed(&self, from: &Path, to: &Path) -> Result<(String, u64), Box<Diagnostic>> {
        let read_fault = |error: io::Error| self.unusable("read", from, &error);
        let write_fault = |error: io::Error| self.unusable("write", to, &error);
        if !fs::metadata(from).map_err(read_fault)?.is_file() {
            return Err(read_fault(io::Error::other("it is not a file")));
        }
        let mut reader = File::open(from).map_err(read_fault)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(PRIVATE_FILE);
        let mut writer = HashingWriter::new(options.open(to).map_err(write_fault)?);
        let mut buffer = vec![0; 1 << 20];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => writer.write_all(&buffer[..count]).map_err(write_fault)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(read_fault(error)),
            }
        }
        writer.inner.sync_all().map_err(write_fault)?;
        Ok(writer.finish())
    }

    /// A time in the form that manifests hold.
    pub(crate) fn timestamp(&self, text: &str) -> Result<jiff::Timestamp, Box<Diagnostic>> {
        text.parse().map_err(|_| not_a_time(text))
    }

    fn name_does_not_fit(
        &self,
        source: &str,
        pattern: &str,
        file: &Path,
        name: &str,
    ) -> Box<Diagnostic> {
        let message = format!("the file name does not fit the pattern of `{source}`");
        let fault = Diagnostic::error(Code::T0102, message, Location::file(self.shown(file)))
            .with_found(format!("`{name}`"))
            .with_expected(format!("`{pattern}`"))
            .with_effect("the file was not received")
            .with_hint("rename the file, or correct the pattern in `pipeline.toml`");
        Box::new(fault)
    }
}

pub(crate) fn not_a_time(text: &str) -> Box<Diagnostic> {
    let fault = Diagnostic::error(Code::T0502, "a time cannot be read", Location::file("as-of"))
        .with_found(format!("`{text}`"))
        .with_expected("`2024-09-16` or `2024-09-16T06:30:00Z`");
    Box::new(fault)
}

fn not_a_source_name(source: &str) -> Box<Diagnostic> {
    let place = Location::file(format!("pipelines/{source}/pipeline.toml"));
    let fault = Diagnostic::error(Code::T0502, "the name of a source cannot be used", place)
        .with_found(format!("`{source}`"))
        .with_expected("small letters a–z, digits and `_`, e.g. `health_talks`")
        .with_hint("rename the folder and the `name` in `pipeline.toml`");
    Box::new(fault)
}

fn is_source_name(source: &str) -> bool {
    !source.is_empty()
        && source.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A name that is one path part, holds no control characters and is not the manifest's.
fn plain_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c == '/' || c == '\\' || c.is_control() { '_' } else { c })
        .collect();
    match plain.as_str() {
        "" | "." | ".." | MANIFEST => format!("_{plain}"),
        _ => plain,
    }
}

/// Hashes what passes through it.
pub(crate) struct HashingWriter<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> HashingWriter<W> {
    pub(crate) fn new(inner: W) -> HashingWriter<W> {
        HashingWriter { inner, hasher: Sha256::new(), bytes: 0 }
    }

    /// The hash in hex and the number of bytes.
    pub(crate) fn finish(self) -> (String, u64) {
        (hex(&self.hasher.finalize()), self.bytes)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tertial_model::pipeline::Format;

    pub(crate) fn spec(pattern: &str) -> FileSpec {
        FileSpec {
            pattern: pattern.to_owned(),
            format: Format::Csv,
            encoding: None,
            delimiter: None,
            decimal: None,
            missing: Vec::new(),
            sum_rows: Vec::new(),
            header_row: None,
            within_period: false,
            required: false,
            tables: Vec::new(),
        }
    }

    struct Room {
        folder: tempfile::TempDir,
        lake: Lake,
    }

    impl Room {
        fn new() -> Room {
            let folder = tempfile::tempdir().unwrap();
            let lake = Lake::open(folder.path().join("data")).unwrap();
            Room { folder, lake }
        }

        fn receive(&self, name: &str, bytes: &[u8], at: &str) -> Receipt {
            let file = self.folder.path().join(name);
            fs::write(&file, bytes).unwrap();
            self.lake.receive("hr", &spec("arbetstid_{period}*.csv"), &file, at).unwrap()
        }
    }

    #[test]
    fn bytes_are_kept_with_what_is_known_about_them() {
        let room = Room::new();
        let receipt = room.receive("arbetstid_202408.csv", b"abc", "2024-09-10T08:00:00+02:00");
        assert!(receipt.is_new);
        insta::assert_snapshot!(String::from_utf8(to_json(&receipt.manifest)).unwrap(), @r#"
        {
          "id": "hr-ba7816bf8f01",
          "source": "hr",
          "pattern": "arbetstid_{period}*.csv",
          "period": "2024-08",
          "scope": null,
          "original_name": "arbetstid_202408.csv",
          "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
          "bytes": 3,
          "received_at": "2024-09-10T06:00:00Z"
        }
        "#);
        let path = room.lake.received_path(&receipt.manifest);
        assert_eq!(fs::read(&path).unwrap(), b"abc");
        assert_eq!(room.lake.received().unwrap(), [receipt.manifest]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        for folder in path.ancestors().skip(1).take(3) {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }

    #[test]
    fn the_same_bytes_are_one_delivery_and_the_first_receipt_stays() {
        let room = Room::new();
        let first = room.receive("arbetstid_2024-08.csv", b"abc", "2024-09-10T06:00:00Z");
        let again = room.receive("arbetstid_2024-08 (1).csv", b"abc", "2024-09-11T06:00:00Z");
        let other = room.receive("arbetstid_2024-08.csv", b"abd", "2024-09-11T06:00:00Z");
        assert!(!again.is_new);
        assert_eq!(again.manifest, first.manifest);
        assert!(other.is_new);
        assert_eq!(room.lake.received().unwrap().len(), 2);
        let left = atomic::names(&room.lake.received_folder()).unwrap();
        assert_eq!(left.len(), 1, "nothing is left beside the source: {left:?}");
    }

    #[test]
    fn a_name_that_does_not_fit_is_told_with_the_pattern() {
        let room = Room::new();
        let file = room.folder.path().join("lista.csv");
        fs::write(&file, b"x").unwrap();
        let fault =
            room.lake.receive("hr", &spec("arbetstid_{period}.csv"), &file, "2024-09-10T06:00:00Z");
        insta::assert_snapshot!(fault.unwrap_err(), @"
        error[T0102]: the file name does not fit the pattern of `hr`
           --> lista.csv
            = found:    `lista.csv`
            = expected: `arbetstid_{period}.csv`
            = effect:   the file was not received

        hint: rename the file, or correct the pattern in `pipeline.toml`
        ");
    }

    #[test]
    fn a_lost_file_or_a_damaged_manifest_is_told() {
        let room = Room::new();
        let receipt = room.receive("arbetstid_2024-08.csv", b"abc", "2024-09-10T06:00:00Z");
        let path = room.lake.received_path(&receipt.manifest);
        fs::remove_file(&path).unwrap();
        let file = room.folder.path().join("arbetstid_2024-08.csv");
        let spec = spec("arbetstid_{period}*.csv");
        let again = || room.lake.receive("hr", &spec, &file, "2024-09-10T06:00:00Z").unwrap_err();
        assert_eq!(again().found.as_deref(), Some("the file it speaks of is gone"));

        fs::write(path.with_file_name(MANIFEST), b"{\"id\": \"hr-").unwrap();
        insta::assert_snapshot!(again(), @"
        error[T0806]: a stored manifest is damaged
           --> data/received/hr/hr-ba7816bf8f01/manifest.json
            = found:    EOF while parsing a string at line 1 column 11

        hint: move the folder away and receive the file again
        ");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let room = Room::new();
        let missing = room.folder.path().join("arbetstid_2024-08.csv");
        let spec = spec("arbetstid_{period}.csv");
        let fault = room.lake.receive("hr", &spec, &missing, "2024-09-10T06:00:00Z").unwrap_err();
        insta::assert_snapshot!(fault, @"
        error[T0805]: could not read `arbetstid_2024-08.csv`
           --> arbetstid_2024-08.csv
            = found:    No such file or directory (os error 2)

        hint: see that the path exists and run again
        ");
        fs::create_dir(&missing).unwrap();
        assert!(room.lake.receive("hr", &spec, &missing, "2024-09-10T06:00:00Z").is_err());
        assert!(room.lake.receive("hr", &spec, &missing, "yesterday").is_err());
        assert!(room.lake.receive("../hr", &spec, &missing, "2024-09-10T06:00:00Z").is_err());
        assert_eq!(room.lake.received().unwrap(), []);
    }

    #[test]
    fn names_are_one_harmless_path_part() {
        let names = ["..", "a/b", "a\\b", "a\nb", "manifest.json", "år 2024.csv"].map(plain_name);
        assert_eq!(names, ["_..", "a_b", "a_b", "a_b", "_manifest.json", "år 2024.csv"]);
    }
}
