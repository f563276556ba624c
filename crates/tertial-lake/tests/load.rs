//! What a committed load is, what a second load does to the first, and what a sweep removes.

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tertial_lake::{
    DeliveryManifest, FileMetadata, Lake, LoadManifest, LoadState, TableLoad, TableWriter,
};

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

    /// Writes and commits a delivery of years.
    fn load(&self, years: &[i64]) -> LoadManifest {
        let manifest = self.write(years);
        self.lake.commit(&manifest).unwrap();
        manifest
    }

    fn write(&self, years: &[i64]) -> LoadManifest {
        let column: ArrayRef = Arc::new(Int64Array::from(years.to_vec()));
        let batch = RecordBatch::try_from_iter([("year", column)]).unwrap();
        let metadata = FileMetadata { sha256: "ab".into(), contract_version: "1.0.0".into() };
        let (schema, year) = (batch.schema(), Some("year"));
        let mut writer = TableWriter::new(&self.lake, "a__b", "a-1", schema, &[], year, &metadata);
        writer.write(batch).unwrap();
        let count = years.len() as u64;
        let table = TableLoad {
            table: "a__b".into(),
            contract_version: "1.0.0".into(),
            rows_read: count,
            rows_accepted: count,
            rows_rejected: 0,
            rows_sum: 0,
            files: writer.finish().unwrap(),
        };
        LoadManifest {
            delivery: DeliveryManifest {
                id: "a-1".into(),
                source: "a".into(),
                pattern: "a.csv".into(),
                period: None,
                scope: None,
                original_name: "a.csv".into(),
                sha256: "ab".into(),
                bytes: 1,
                received_at: "2024-09-10T06:00:00Z".into(),
                origin: None,
            },
            load_fingerprint: "f".into(),
            state: LoadState::Loaded,
            program_version: "0.1.0".into(),
            tables: vec![table],
            rejects: None,
            decisions: vec!["encoding utf-8".into()],
            facts: vec![("program".into(), "x".into())],
            diagnostics: Vec::new(),
            reconciliations: Vec::new(),
            compared: Vec::new(),
            rows_repeated: 0,
        }
    }

    /// Every file below `data`, without the digest in its name.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.lake.data_dir().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(self.plain(&path)) }
            }
        }
        files.sort();
        files
    }

    fn plain(&self, path: &Path) -> String {
        let path = path.strip_prefix(self.lake.data_dir()).unwrap().display().to_string();
        match path.rsplit_once("a-1-") {
            Some((start, rest)) => format!("{start}a-1-…{}", &rest[8..]),
            None => path,
        }
    }
}

#[test]
fn a_load_reads_back_as_it_was_committed() {
    let room = Room::new();
    assert_eq!(room.lake.loads().unwrap(), []);
    let manifest = room.load(&[2023, 2024, 2023]);
    assert_eq!(room.lake.load_of("a-1").unwrap(), Some(manifest.clone()));
    assert_eq!(room.lake.loads().unwrap().len(), 1);
    room.lake.verify(&manifest).unwrap();
    let files = manifest.tables[0].files.iter();
    let files: Vec<(&str, u64)> = files.map(|file| (file.period.as_str(), file.rows)).collect();
    assert_eq!(files, [("2023", 2), ("2024", 1)]);
    let first = &manifest.tables[0].files[0];
    assert_eq!(first.first_month.as_deref(), Some("2023-01"));
    assert_eq!(first.last_month.as_deref(), Some("2023-12"));

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let path = room.lake.path(first);
    assert_eq!(mode(&path), 0o640);
    assert!(path.ancestors().skip(1).take(4).all(|folder| mode(folder) == 0o750));
    assert_eq!(mode(&room.folder.path().join("data/deliveries/a-1.json")), 0o640);
}

#[test]
fn loading_again_replaces_the_manifest_and_its_files() {
    let room = Room::new();
    room.load(&[2023, 2024]);
    // The first load stays whole until the second is committed.
    let second = room.write(&[2024, 2024]);
    let first = room.lake.load_of("a-1").unwrap().unwrap();
    room.lake.verify(&first).unwrap();
    room.lake.commit(&second).unwrap();
    let files = ["deliveries/a-1.json", "lake/a__b/period=2024/a-1-….parquet"];
    assert_eq!(room.files(), files);
    assert_eq!(room.lake.loads().unwrap(), [second]);
}

#[test]
fn a_sweep_removes_what_no_manifest_names_and_nothing_else() {
    let room = Room::new();
    room.load(&[2023]);
    room.write(&[2022]);
    let data = room.lake.data_dir().to_owned();
    let leave = |path: &str| {
        let path = data.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"12345").unwrap();
    };
    leave("lake/a__b/period=2023/.x1.tmp");
    leave("deliveries/.x2.tmp");
    leave("received/.x3.tmp/a.csv");
    leave("received/a/a-1/a.csv");
    leave("releases/1/tertial.duckdb");
    leave("rejects/a-1-0badcafe.parquet");
    let orphan: u64 = fs::read_dir(data.join("lake/a__b/period=2022"))
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    let lock = room.lake.lock("test").unwrap();
    let swept = room.lake.sweep(&lock).unwrap();
    assert_eq!((swept.files, swept.bytes), (5, 4 * 5 + orphan));
    let left = [
        "deliveries/a-1.json",
        "lake/a__b/period=2023/a-1-….parquet",
        "lock",
        "received/a/a-1/a.csv",
        "releases/1/tertial.duckdb",
    ];
    assert_eq!(room.files(), left);
    assert!(!data.join("lake/a__b/period=2022").exists());
    assert_eq!(room.lake.sweep(&lock).unwrap().files, 0);
}

#[test]
fn a_damaged_manifest_is_told_and_a_new_load_cures_it() {
    let room = Room::new();
    let manifest = room.load(&[2023]);
    let path = room.folder.path().join("data/deliveries/a-1.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let fault = room.lake.loads().unwrap_err();
    let found = fault.found.clone().unwrap_or_default();
    assert!(found.starts_with("EOF while parsing"), "{found}");
    insta::assert_snapshot!(fault.to_string().replace(&found, "…"), @"
    error[T0806]: a stored manifest is damaged
       --> data/deliveries/a-1.json
        = found:    …

    hint: remove the file and load the delivery again; its bytes are in `received/`
    ");
    let lock = room.lake.lock("test").unwrap();
    assert!(room.lake.sweep(&lock).is_err(), "nothing is removed while a manifest is unreadable");
    room.lake.commit(&manifest).unwrap();
    assert_eq!(room.lake.loads().unwrap(), [manifest]);
}

#[test]
fn a_file_that_changed_after_the_load_is_found() {
    let room = Room::new();
    let manifest = room.load(&[2023]);
    let path: PathBuf = room.lake.path(&manifest.tables[0].files[0]);
    let mut bytes = fs::read(&path).unwrap();
    bytes[10] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let fault = room.lake.verify(&manifest).unwrap_err().to_string();
    let sha256 = &manifest.tables[0].files[0].sha256;
    let found = fault.split('`').nth(1).unwrap();
    let text = fault.replace(sha256, "WRITTEN").replace(&sha256[..8], "DIGEST");
    insta::assert_snapshot!(text.replace(found, "FOUND"), @"
    error[T0806]: a file of the lake is not as it was written
       --> data/lake/a__b/period=2023/a-1-DIGEST.parquet
        = found:    sha256 `FOUND`
        = expected: sha256 `WRITTEN`

    hint: load the delivery again; its bytes are in `received/`
    ");
    fs::write(&path, &bytes[1..]).unwrap();
    assert!(room.lake.commit(&manifest).is_err(), "a cut file is not committed");
}
