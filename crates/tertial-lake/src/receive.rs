//! Taking in a file: its bytes are copied, hashed and kept, and nothing touches them again.
//!
//! The copy and its manifest appear together, by the rename of one folder. The same bytes of the same
//! thing (source, pattern, period, scope) are one delivery, whatever the file is called the second
//! time, and its manifest is never written again: when they came once more, the log of receipts tells.

use crate::drop_folder::{Dropped, changed_ns, open_plain};
use crate::manifest::sealed;
use crate::{
    DeliveryManifest, Lake, PRIVATE_FILE, PRIVATE_FOLDER, SHARED_FOLDER, atomic, match_pattern,
};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tertial_model::pipeline::FileSpec;
use tertial_model::seal::hex;
use tertial_model::{Code, Diagnostic, Location, Origin, persons};

/// Name of the manifest beside the received bytes.
pub(crate) const MANIFEST: &str = "manifest.json";

/// What became of a file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The delivery it is.
    pub manifest: DeliveryManifest,
    /// Whether these bytes were new; if not, the manifest is the first receipt's.
    pub is_new: bool,
}

/// A file that is handed in.
pub struct Incoming<'a> {
    /// The source.
    pub source: &'a str,
    /// The kind of file, whose pattern fits the name.
    pub spec: &'a FileSpec,
    /// Where the file lies.
    pub file: &'a Path,
    /// The moment, RFC 3339.
    pub received_at: &'a str,
    /// The way it came, by the hash of its bytes.
    pub origin: &'a dyn Fn(&str) -> Option<Origin>,
}

impl Lake {
    /// Receives a file that somebody laid into a drop folder, at a time told as RFC 3339.
    pub fn receive(
        &self,
        source: &str,
        spec: &FileSpec,
        file: &Path,
        received_at: &str,
    ) -> Result<Receipt, Box<Diagnostic>> {
        self.take_in(&Incoming { source, spec, file, received_at, origin: &|_| None })
    }

    /// Receives a file. A file that changes while it is copied is not received.
    pub fn take_in(&self, incoming: &Incoming<'_>) -> Result<Receipt, Box<Diagnostic>> {
        let Incoming { source, spec, file, .. } = *incoming;
        let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let Some(found) = match_pattern(&spec.pattern, &name) else {
            return Err(self.name_does_not_fit(source, &spec.pattern, file, &name));
        };
        let received_at = self.timestamp(incoming.received_at)?.to_string();
        if !is_source_name(source) {
            return Err(not_a_source_name(source));
        }
        let folder = self.received_folder();
        let write_fault = |error: io::Error| self.unusable("write", &folder, &error);
        atomic::create_dir(&self.data, SHARED_FOLDER).map_err(write_fault)?;
        let sources = folder.join(source);
        atomic::create_dir(&sources, PRIVATE_FOLDER).map_err(write_fault)?;
        let arriving = self.private_folder()?;
        let original_name = persons::masked(&plain_name(&name)).into_owned();
        let copy = arriving.path().join(&original_name);
        let (sha256, bytes) = self.copy_hashed(file, &copy)?;

        let mut manifest = DeliveryManifest {
            id: format!("{source}-{}", &sha256[..12]),
            source: source.to_owned(),
            pattern: spec.pattern.clone(),
            period: found.period,
            scope: found.scope,
            original_name,
            origin: (incoming.origin)(&sha256),
            sha256,
            bytes,
            received_at,
        };
        if let Some(first) = self.first_receipt(&mut manifest)? {
            return Ok(Receipt { manifest: first, is_new: false });
        }
        let target = self.delivery_folder(source, &manifest.id);
        let published = atomic::write_with_mode(
            &arriving.path().join(MANIFEST),
            &sealed(&manifest),
            PRIVATE_FILE,
        )
        .and_then(|()| fs::set_permissions(arriving.path(), Permissions::from_mode(PRIVATE_FOLDER)))
        .and_then(|()| fs::rename(arriving.path(), &target))
        .and_then(|()| atomic::sync_dir(&sources));
        match published {
            Ok(()) => {
                let _ = arriving.keep();
                Ok(Receipt { manifest, is_new: true })
            }
            // Somebody else received the same bytes a moment ago.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                match self.first_receipt(&mut manifest)? {
                    Some(manifest) => Ok(Receipt { manifest, is_new: false }),
                    None => Err(self.unusable("write", &target, &error)),
                }
            }
            Err(error) => Err(self.unusable("write", &target, &error)),
        }
    }

    /// A new folder that only we may read, below `received/`; it goes when it is dropped.
    pub fn private_folder(&self) -> Result<tempfile::TempDir, Box<Diagnostic>> {
        let folder = self.received_folder();
        let mut builder = tempfile::Builder::new();
        builder.prefix(".").suffix(atomic::TEMPORARY_SUFFIX);
        let made =
            atomic::create_dir(&folder, PRIVATE_FOLDER).and_then(|()| builder.tempdir_in(&folder));
        made.map_err(|error| self.unusable("write", &folder, &error))
    }

    /// Every delivery ever received and still kept, by source and id.
    pub fn received(&self) -> Result<Vec<DeliveryManifest>, Box<Diagnostic>> {
        let mut deliveries = Vec::new();
        for (source, id) in self.received_ids()? {
            deliveries.extend(self.delivery(&source, &id)?);
        }
        Ok(deliveries)
    }

    /// Source and id of every delivery that has a folder.
    pub(crate) fn received_ids(&self) -> Result<Vec<(String, String)>, Box<Diagnostic>> {
        let mut ids = Vec::new();
        for (source, folder) in self.folders_in(&self.received_folder())? {
            let own = self.folders_in(&folder)?.into_iter();
            ids.extend(own.map(|(id, _)| (source.clone(), id)));
        }
        Ok(ids)
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

    /// The earlier receipt of the same bytes for the same thing. When the bytes are known for another
    /// thing, the new delivery gets an id of its own.
    fn first_receipt(
        &self,
        new: &mut DeliveryManifest,
    ) -> Result<Option<DeliveryManifest>, Box<Diagnostic>> {
        let Some(first) = self.delivery(&new.source, &new.id)? else { return Ok(None) };
        if first.sha256 == new.sha256 && first.supersession_key() != new.supersession_key() {
            let own = own_id(new);
            if own == new.id {
                return Ok(None);
            }
            new.id = own;
            return self.first_receipt(new);
        }
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

    /// Copies `from`, a regular file and no link, to `to`, a file only we may read, synced; gives hash
    /// and size of the copy.
    pub(crate) fn copy_hashed(
        &self,
        from: &Path,
        to: &Path,
    ) -> Result<(String, u64), Box<Diagnostic>> {
        let read_fault = |error: io::Error| self.unusable("read", from, &error);
        let write_fault = |error: io::Error| self.unusable("write", to, &error);
        let mut reader = open_plain(from).map_err(read_fault)?;
        let before = reader.metadata().map_err(read_fault)?;
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
        let after = fs::symlink_metadata(from).map_err(read_fault)?;
        let (sha256, bytes) = writer.finish();
        let is_same = before.len() == bytes && state(&after) == state(&before);
        if is_same {
            Ok((sha256, bytes))
        } else {
            Err(self.moving(from, before.len(), after.len()))
        }
    }

    /// The hash of an open file that is still as it was found.
    pub fn hash_unchanged(&self, file: &Dropped, opened: &File) -> Result<String, Box<Diagnostic>> {
        let read_fault = |error: io::Error| self.unusable("read", &file.path, &error);
        let (sha256, bytes) = hash_opened(opened).map_err(read_fault)?;
        let after = fs::symlink_metadata(&file.path).map_err(read_fault)?;
        let own = opened.metadata().map_err(read_fault)?;
        let is_same = bytes == file.bytes
            && changed_ns(&after) == file.changed_ns
            && state(&after) == state(&own);
        if is_same { Ok(sha256) } else { Err(self.moving(&file.path, file.bytes, after.len())) }
    }

    fn moving(&self, file: &Path, before: u64, after: u64) -> Box<Diagnostic> {
        let place = Location::file(self.shown(file));
        let message = "a file changed while it was copied";
        let fault = Diagnostic::warning(Code::UnfinishedFile, message, place)
            .with_found(match before == after {
                true => format!("{before} bytes, changed meanwhile"),
                false => format!("{before} bytes before, {after} bytes after"),
            })
            .with_expected("a file that is left alone")
            .with_effect("the file was left for the next run");
        Box::new(fault)
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
        let fault = Diagnostic::error(Code::WrongFormat, message, Location::file(self.shown(file)))
            .with_found(format!("`{name}`"))
            .with_expected(format!("`{pattern}`"))
            .with_effect("the file was not received")
            .with_hint("rename the file, or correct the pattern in `pipeline.toml`");
        Box::new(fault)
    }
}

/// What tells one state of one file from another: device and number, size, time of change.
fn state(metadata: &fs::Metadata) -> (u64, u64, u64, i64) {
    (metadata.dev(), metadata.ino(), metadata.len(), changed_ns(metadata))
}

/// Hash, hex, and size of a file.
pub fn hash_file(path: &Path) -> io::Result<(String, u64)> {
    hash_opened(&File::open(path)?)
}

/// Reads from the start, wherever others have read to.
fn hash_opened(file: &File) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        match file.read_at(&mut buffer, bytes) {
            Ok(0) => return Ok((hex(&hasher.finalize()), bytes)),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

pub(crate) fn not_a_time(text: &str) -> Box<Diagnostic> {
    let fault =
        Diagnostic::error(Code::BadSetting, "a time cannot be read", Location::file("as-of"))
            .with_found(format!("`{text}`"))
            .with_expected("`2024-09-16` or `2024-09-16T06:30:00Z`");
    Box::new(fault)
}

fn not_a_source_name(source: &str) -> Box<Diagnostic> {
    let place = Location::file(format!("pipelines/{source}/pipeline.toml"));
    let fault = Diagnostic::error(Code::BadSetting, "the name of a source cannot be used", place)
        .with_found(format!("`{source}`"))
        .with_expected("small letters a–z, digits and `_`, e.g. `health_talks`")
        .with_hint("rename the folder and the `name` in `pipeline.toml`");
    Box::new(fault)
}

/// The id of bytes that are known already, for another thing.
fn own_id(delivery: &DeliveryManifest) -> String {
    let (_, pattern, period, scope) = delivery.supersession_key();
    let mut hasher = Sha256::new();
    for part in [delivery.sha256.as_str(), pattern, period.unwrap_or(""), scope.unwrap_or("")] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    format!("{}-{}", delivery.source, &hex(&hasher.finalize())[..12])
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::to_json;
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
            columns: Vec::new(),
            within_period: false,
            sends: None,
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
        let stored = fs::read(path.with_file_name(MANIFEST)).unwrap();
        assert_eq!(tertial_model::seal::check(&stored), tertial_model::seal::Seal::Sound);
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
    fn the_same_bytes_for_another_period_are_a_delivery_of_their_own() {
        let room = Room::new();
        let july = room.receive("arbetstid_2024-07.csv", b"abc", "2024-09-10T06:00:00Z");
        let august = room.receive("arbetstid_2024-08.csv", b"abc", "2024-09-10T06:00:00Z");
        assert!(july.is_new && august.is_new);
        assert_eq!(july.manifest.id, "hr-ba7816bf8f01");
        assert_eq!(august.manifest.sha256, july.manifest.sha256);
        assert_ne!(august.manifest.id, july.manifest.id);
        let again = room.receive("arbetstid_2024-08 sen.csv", b"abc", "2024-09-11T06:00:00Z");
        assert_eq!((again.is_new, &again.manifest), (false, &august.manifest));
        let again = room.receive("arbetstid_2024-07.csv", b"abc", "2024-09-11T06:00:00Z");
        assert_eq!((again.is_new, &again.manifest), (false, &july.manifest));
        assert_eq!(room.lake.received().unwrap().len(), 2);
    }

    #[test]
    fn a_file_that_grows_under_our_hands_is_left() {
        let room = Room::new();
        let fault = room.lake.moving(&room.folder.path().join("arbetstid_2024-08.csv"), 10, 20);
        insta::assert_snapshot!(fault, @"
        warning[T0121]: a file changed while it was copied
           --> arbetstid_2024-08.csv
            = found:    10 bytes before, 20 bytes after
            = expected: a file that is left alone
            = effect:   the file was left for the next run
        ");
        assert!(room.lake.moving(Path::new("a"), 10, 10).found.unwrap().contains("meanwhile"));
    }

    #[test]
    fn the_way_it_came_stands_in_the_manifest() {
        let room = Room::new();
        let file = room.folder.path().join("arbetstid_2024-08.csv");
        fs::write(&file, b"abc").unwrap();
        let url = "https://portal.region.example/arbetstid".to_owned();
        let origin =
            |sha256: &str| sha256.starts_with("ba78").then(|| Origin::Http { url: url.clone() });
        let incoming = Incoming {
            source: "hr",
            spec: &spec("arbetstid_{period}.csv"),
            file: &file,
            received_at: "2024-09-10T06:00:00Z",
            origin: &origin,
        };
        let receipt = room.lake.take_in(&incoming).unwrap();
        let json = String::from_utf8(to_json(&receipt.manifest)).unwrap();
        assert!(
            json.contains("\"origin\": {\n    \"way\": \"http\",\n    \"url\": \"https://portal"),
            "{json}"
        );
        assert_eq!(room.lake.received().unwrap(), [receipt.manifest]);
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
