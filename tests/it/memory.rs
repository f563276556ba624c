//! Memory does not follow the size of a delivery: the peak of a whole process, read from the kernel.

use crate::support::{command, copy, folder, on, repository};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The bench's project, its ledger's file written by `rows`.
fn project(name: &str, rows: impl FnOnce(&mut dyn Write)) -> PathBuf {
    let project = folder(name);
    copy(&repository().join("tests/bench/project"), &project);
    let inbox = project.join("data/inbox/ledger");
    std::fs::create_dir_all(&inbox).unwrap();
    let file = std::fs::File::create(inbox.join("ledger_2024T2.csv")).unwrap();
    let mut file = BufWriter::with_capacity(1 << 20, file);
    file.write_all(
        "verifikationsnummer;serie;bokföringsdatum;konto;ansvar;motpart;belopp;text\n".as_bytes(),
    )
    .unwrap();
    rows(&mut file);
    file.flush().unwrap();
    on(&project, &["--quiet", "receive"]);
    project
}

/// Loads, and gives the most memory the process held at any time, in megabytes.
fn peak_of_load(project: &Path) -> u64 {
    let folder = project.to_str().unwrap();
    let mut child = command(&["--quiet", "--project", folder, "load"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("the program runs").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = kilobytes.unwrap_or(0).max(peak);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    peak / 1024
}

fn row(file: &mut dyn Write, number: u32) {
    let (month, day) = (number % 8 + 1, number % 28 + 1);
    writeln!(file, "{number:08};A;2024-{month:02}-{day:02};4011;605;1;{},50;x", number % 500)
        .unwrap();
}

#[test]
fn ten_million_keys_are_told_apart_in_bounded_memory() {
    const ROWS: u32 = 10_000_000;
    let project = project("memory-keys", |file| (0..ROWS).for_each(|number| row(file, number)));
    let peak = peak_of_load(&project);
    let loads = std::fs::read_dir(project.join("data/deliveries")).unwrap().flatten();
    let manifest = loads.map(|entry| std::fs::read_to_string(entry.path()).unwrap()).next();
    assert!(manifest.unwrap().contains(&format!("\"rows_accepted\": {ROWS}")));
    // The rows need about 250 MB; a table of all keys would add at least as much.
    assert!(peak < 400, "{peak} MB");
    std::fs::remove_dir_all(project).unwrap();
}
