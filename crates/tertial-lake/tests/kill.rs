//! Killed at any moment, the lake holds its last complete state, and the next run finishes the work.
//!
//! The test starts itself as a child process that receives, writes and commits without end, and kills
//! it again and again. It then lets the work be finished and compares with work never disturbed.

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tertial_lake::{
    DeliveryManifest, FileMetadata, Lake, LoadManifest, LoadState, RejectedRow, TableLoad,
    TableWriter,
};
use tertial_model::pipeline::{FileSpec, Format};
use tertial_model::{Code, Diagnostic, Location};

const CHILD: &str = "TERTIAL_LAKE_TEST_FOLDER";
const KILLS: u64 = 40;
const DELIVERIES: i64 = 6;
const ROWS: i64 = 4_000;

#[test]
fn a_kill_at_any_moment_leaves_the_last_complete_state() {
    if let Some(folder) = std::env::var_os(CHILD) {
        work_without_end(&PathBuf::from(folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let (disturbed, calm) = (folder.path().join("disturbed"), folder.path().join("calm"));
    for project in [&disturbed, &calm] {
        write_exports(project);
    }

    let mut commits_seen = 0;
    for kill in 0..KILLS {
        let mut child = start_child(&disturbed);
        // Wait until it is at work, then a while that differs from kill to kill.
        let started = Instant::now();
        while lock_is_free(&disturbed) {
            assert!(started.elapsed() < Duration::from_secs(60), "the child never began");
            assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(kill * 7_919 % 90_000));
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        commits_seen += check_whole(&disturbed);
    }
    assert!(commits_seen > 0, "no kill came after a commit");

    for project in [&disturbed, &calm] {
        let lake = lake_of(project);
        let lock = lake.lock("test").unwrap();
        work_once(project, &lake, 0);
        lake.sweep(&lock).unwrap();
        drop(lock);
        assert_eq!(lake.in_force(None).unwrap().len(), DELIVERIES as usize);
    }
    assert_eq!(tree(&calm.join("data")), tree(&disturbed.join("data")));
}

fn start_child(project: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_kill_at_any_moment_leaves_the_last_complete_state"])
        .env(CHILD, project)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn lock_is_free(project: &Path) -> bool {
    lake_of(project).lock("test").is_ok()
}

/// Everything committed is there, with the bytes its manifest says. Gives how many loads there are.
fn check_whole(project: &Path) -> usize {
    let lake = lake_of(project);
    for delivery in lake.received().unwrap() {
        let bytes = fs::read(lake.received_path(&delivery)).unwrap();
        assert_eq!(bytes.len() as u64, delivery.bytes);
        assert_eq!(bytes, fs::read(project.join("inbox").join(&delivery.original_name)).unwrap());
    }
    let loads = lake.loads().unwrap();
    for load in &loads {
        lake.verify(load).unwrap();
        let rows: u64 = load.tables.iter().flat_map(|t| &t.files).map(|file| file.rows).sum();
        assert_eq!(rows, ROWS as u64);
    }
    loads.len()
}

fn lake_of(project: &Path) -> Lake {
    Lake::open(project.join("data")).unwrap()
}

fn write_exports(project: &Path) {
    fs::create_dir_all(project.join("inbox")).unwrap();
    for number in 0..DELIVERIES {
        fs::write(export(project, number), format!("{number}\n").repeat(20_000)).unwrap();
    }
}

fn export(project: &Path, number: i64) -> PathBuf {
    project.join("inbox").join(format!("fil_2024-0{}.csv", number + 1))
}

fn work_without_end(project: &Path) -> ! {
    let lake = lake_of(project);
    // Each round has another contract, so that every delivery is loaded again with other bytes.
    for round in 1.. {
        let lock = loop {
            // The parent looks at the lock too.
            if let Ok(lock) = lake.lock("child") {
                break lock;
            }
        };
        work_once(project, &lake, round);
        if round % 3 == 0 {
            lake.sweep(&lock).unwrap();
        }
    }
    unreachable!("rounds do not end")
}

fn work_once(project: &Path, lake: &Lake, round: i64) {
    let spec = FileSpec {
        pattern: "fil_{period}.csv".to_owned(),
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
    };
    for number in 0..DELIVERIES {
        let file = export(project, number);
        let receipt = lake.receive("hr", &spec, &file, "2024-09-10T06:00:00Z").unwrap();
        lake.commit(&load(lake, receipt.manifest, number, round)).unwrap();
    }
}

fn load(lake: &Lake, delivery: DeliveryManifest, number: i64, round: i64) -> LoadManifest {
    let contract_version = format!("1.{round}.0");
    let days: ArrayRef =
        Arc::new((0..ROWS).map(|row| Some(19_723 + (row % 90) as i32)).collect::<Date32Array>());
    let values: ArrayRef = Arc::new(
        (0..ROWS).map(|row| Some(row * 31 % 977 + number + round)).collect::<Int64Array>(),
    );
    let batch = RecordBatch::try_from_iter([("day", days), ("value", values)]).unwrap();
    let metadata = FileMetadata {
        sha256: delivery.sha256.clone(),
        contract_version: contract_version.clone(),
    };
    let (schema, key, day) = (batch.schema(), ["value".to_owned()], Some("day"));
    let mut writer = TableWriter::new(lake, "hr__time", &delivery.id, schema, &key, day, &metadata);
    writer.write(batch).unwrap();
    let files = writer.finish().unwrap();
    let reject = RejectedRow {
        table: "hr__time".to_owned(),
        line: 1,
        raw: "x".to_owned(),
        diagnostics: vec![Diagnostic::error(
            Code::NotAnInteger,
            format!("round {round}"),
            Location::file("fil.csv"),
        )],
    };
    let rejects = lake.write_rejects(&delivery.id, &[reject]).unwrap();
    let table = TableLoad {
        table: "hr__time".to_owned(),
        contract_version,
        rows_read: ROWS as u64 + 1,
        rows_accepted: ROWS as u64,
        rows_rejected: 1,
        rows_sum: 0,
        files,
    };
    LoadManifest {
        delivery,
        load_fingerprint: round.to_string(),
        state: LoadState::Loaded,
        program_version: "0.0.0".to_owned(),
        tables: vec![table],
        rejects,
        decisions: Vec::new(),
        facts: Vec::new(),
        diagnostics: Vec::new(),
        reconciliations: Vec::new(),
        compared: Vec::new(),
        rows_repeated: 0,
    }
}

/// Every file below a folder with its bytes, the lock aside.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != "lock" {
                let bytes = fs::read(&path).unwrap();
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
            }
        }
    }
    files
}
