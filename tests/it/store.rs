//! What lies stored, file by file: gone, cut or one byte changed, the next night gives the same figures
//! or a refusal, never others, and never in silence. And what lies in a drop folder that is no file.

use crate::support::{Answer, copy, demo, demo_copy, folder, on};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const VISITS: &str = "apiVersion: v3.1.0
kind: DataContract
id: clinic__visits
name: Besök
version: 1.0.0
status: active
schema:
  - name: clinic__visits
    physicalType: table
    description: En rad per besök.
    properties:
      - {name: month, logicalType: date, physicalType: month, classification: open, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: visit_id, logicalType: string, physicalType: varchar, classification: open, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: clinic_code, logicalType: string, physicalType: varchar, classification: open, relationships: [{to: clinic__units.clinic_code}]}
      - {name: fee_sek, logicalType: number, physicalType: \"decimal(9,2)\", classification: open}
    customProperties:
      - {property: tertial.periodColumn, value: month}
      - {property: tertial.rejectMax, value: \"50 %\"}
";

const UNITS: &str = "apiVersion: v3.1.0
kind: DataContract
id: clinic__units
name: Mottagningar
version: 1.0.0
status: active
schema:
  - name: clinic__units
    physicalType: table
    description: En rad per mottagning.
    properties:
      - {name: clinic_code, logicalType: string, physicalType: varchar, classification: open, required: true, primaryKey: true, primaryKeyPosition: 1}
";

const MART: &str = "apiVersion: v3.1.0
kind: DataContract
id: mart__fees
name: Avgifter
version: 1.0.0
status: active
schema:
  - name: mart.fees
    physicalType: table
    description: En rad per månad och mottagning.
    properties:
      - {name: month, logicalType: string, physicalType: varchar, classification: open, required: true, primaryKey: true, primaryKeyPosition: 1, description: Månaden.}
      - {name: clinic_code, logicalType: string, physicalType: varchar, classification: open, required: true, primaryKey: true, primaryKeyPosition: 2, description: Mottagningen.}
      - {name: visit_count, logicalType: integer, physicalType: bigint, classification: open, description: Besöken.}
      - {name: fee_sek, logicalType: number, physicalType: \"decimal(18,2)\", classification: open, description: Avgifterna.}
";

const PIPELINE: &str = "name = \"clinic\"

[[file]]
pattern = \"besok_{scope}_{period}.csv\"
format = \"csv\"
encoding = \"utf-8\"
delimiter = \";\"
decimal = \",\"
[[file.table]]
contract = \"clinic__visits\"

[[file]]
pattern = \"mottagningar_{period}.csv\"
format = \"csv\"
encoding = \"utf-8\"
delimiter = \";\"
[[file.table]]
contract = \"clinic__units\"
";

const HEAD: &str = "month;visit_id;clinic_code;fee_sek\n";
const FIRST: &str = "2024-07;a1;KROM;10,00\n2024-08;a2;KROM;20,00\n";
const SECOND: &str = "2024-07;a1;KROM;11,00\n2024-08;a2;BRUN;20,00\n2024-08;a3;X;1,00\n";
const FIGURES: &str = "select * from mart.fees order by all";

fn write(project: &Path, file: &str, text: &str) {
    let path = project.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn drop_in(project: &Path, file: &str, rows: &str) {
    write(project, &format!("data/inbox/clinic/{file}"), &format!("{HEAD}{rows}"));
}

fn night(project: &Path, day: u8) -> Answer {
    on(project, &["--quiet", "run", "--as-of", &format!("2024-09-{day:02}T06:00:00Z")])
}

/// A project after four nights: a delivery that was replaced and came back, an archive, a row set
/// aside, a table that another points at, and a file whose sender has taken it away.
fn clinic(name: &str) -> PathBuf {
    let project = folder(name);
    write(&project, "tertial.toml", "[region]\nname = \"Region\"\nsynthetic = true\n");
    write(&project, "schemas/clinic__visits.odcs.yaml", VISITS);
    write(&project, "schemas/clinic__units.odcs.yaml", UNITS);
    write(&project, "schemas/mart.fees.odcs.yaml", MART);
    write(&project, "pipelines/clinic/pipeline.toml", PIPELINE);
    write(&project, "pipelines/clinic/README.md", "# Mottagningar\n\nSyntetiska besök.\n");
    write(
        &project,
        "sql/staging/clinic/visits.sql",
        "select month, visit_id, clinic_code, fee_sek from raw.clinic__visits\n",
    );
    write(&project, "sql/core/visits.sql", "select * from staging.clinic__visits\n");
    write(
        &project,
        "sql/mart/fees.sql",
        "select\n    cast(month as varchar) as month,\n    clinic_code,\n    count(*) as visit_count,\n    \
         cast(sum(fee_sek) as decimal(18, 2)) as fee_sek\nfrom core.visits\ngroup by all\norder by all\n",
    );
    write(&project, "data/inbox/clinic/mottagningar_2024.csv", "clinic_code\nKROM\nBRUN\nOSD\n");
    drop_in(&project, "besok_krokom_2024.csv", FIRST);
    drop_in(&project, "besok_borta_2024.csv", "2024-07;d1;OSD;5,00\n");
    night(&project, 1).ended(0);
    std::fs::remove_file(project.join("data/inbox/clinic/besok_borta_2024.csv")).unwrap();
    drop_in(&project, "besok_krokom_2024.csv", SECOND);
    night(&project, 2).ended(1);
    drop_in(&project, "besok_krokom_2024.csv", FIRST);
    night(&project, 3).ended(0);
    let archive = std::fs::File::create(project.join("data/inbox/clinic/mer.zip")).unwrap();
    let mut archive = zip::ZipWriter::new(archive);
    archive.start_file("besok_brunflo_2024.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(format!("{HEAD}2024-08;b1;BRUN;30,00\n").as_bytes()).unwrap();
    archive.finish().unwrap();
    night(&project, 4).ended(0);
    project
}

/// What readers are told.
fn figures(project: &Path) -> String {
    let release = std::fs::read_link(project.join("data/releases/current"));
    let release = release.map(|link| link.display().to_string()).unwrap_or_default();
    release + "\n" + &on(project, &["sql", "--format", "csv", FIGURES]).out
}

/// Files and folders below `data`, relative; links too.
fn entries(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![project.join("data")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            found.push(path.strip_prefix(project).unwrap().display().to_string());
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What may happen to a stored thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    Gone,
    Cut,
    Changed,
}

/// Does harm; `false` when there is nothing to do it to.
fn harm(path: &Path, how: Harm) -> bool {
    let found = path.symlink_metadata().unwrap();
    if found.is_dir() {
        if how == Harm::Gone {
            std::fs::remove_dir_all(path).unwrap();
        }
        return how == Harm::Gone;
    }
    if found.is_symlink() || how == Harm::Gone {
        if how == Harm::Gone {
            std::fs::remove_file(path).unwrap();
        }
        return how == Harm::Gone;
    }
    let mut bytes = std::fs::read(path).unwrap();
    if bytes.is_empty() {
        return false;
    }
    let middle = bytes.len() / 2;
    match how {
        Harm::Cut => bytes.truncate(middle),
        _ => bytes[middle] ^= 1,
    }
    let mode = found.permissions().mode();
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    true
}

/// Things that hold no figure and nothing a figure is made of: harm to them may pass without a word.
fn is_aside(entry: &str) -> bool {
    // What a night did; the lock; what is remembered of queries and fetches and found again; what a
    // sender laid there, which is theirs.
    ["data/runs", "data/lock", "data/queries.json", "data/inbox", "data/untold", "data/scratch"]
        .iter()
        .any(|aside| entry.starts_with(aside))
}

#[test]
fn whatever_is_stored_may_be_lost_and_no_figure_changes() {
    let project = clinic("store-harm");
    let before = figures(&project);
    assert!(before.contains("2024-08-01,BRUN,1,30.00"), "{before}");
    assert!(before.contains("2024-07-01,KROM,1,10.00"), "{before}");
    night(&project, 5).ended(0);
    assert_eq!(figures(&project), before, "a night without news");
    let cases: Vec<(String, Harm)> = entries(&project)
        .into_iter()
        .flat_map(|entry| [Harm::Gone, Harm::Cut, Harm::Changed].map(|how| (entry.clone(), how)))
        // What a sender writes over a file of theirs is a new delivery.
        .filter(|(entry, how)| !entry.starts_with("data/inbox/") || *how == Harm::Gone)
        .collect();
    assert!(cases.len() > 60, "{}", cases.len());
    let told: Vec<Result<String, String>> = cases
        .par_iter()
        .enumerate()
        .map(|(number, (entry, how))| harmed(&project, &before, number, entry, *how))
        .collect();
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for one in told {
        match one {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push(fault),
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), cases.len(), faults.join("\n\n"));
    // Every answer that there is was given.
    for answer in ["same, told", "same, as it was", "refused"] {
        assert!(lines.iter().any(|line| line.ends_with(answer)), "{answer}: {lines:#?}");
    }
}

/// One harm, the night after it, and what is wrong with the outcome.
fn harmed(
    project: &Path,
    before: &str,
    number: usize,
    entry: &str,
    how: Harm,
) -> Result<String, String> {
    let room = folder(&format!("store-harm-{number}"));
    copy(project, &room);
    let entry_before = std::fs::read(project.join(entry)).ok();
    let case = format!("{how:?} {entry}");
    if !harm(&room.join(entry), how) {
        std::fs::remove_dir_all(&room).unwrap();
        return Ok(format!("{case}: nothing"));
    }
    let answer = night(&room, 6);
    let after = figures(&room);
    let said = answer.err.contains("[T0") && answer.code > 0;
    let wrong = |why: &str| {
        Err(format!("{case}: {why}\ncode {}\n{}\n{}\n{after}", answer.code, answer.err, answer.out))
    };
    if !(0..=2).contains(&answer.code) || answer.err.contains("panicked") {
        return wrong("it did not end in order");
    }
    // What a refusal leaves in force is what lay there; a release that was harmed cannot be read.
    let is_unreadable = after.lines().count() < 2;
    if after != before && !(answer.code == 2 && is_unreadable) {
        return wrong("other figures");
    }
    let is_back = std::fs::read(room.join(entry)).ok() == entry_before
        && room.join(entry).symlink_metadata().is_ok();
    if !said && !is_back && !is_aside(entry) {
        return wrong("no word");
    }
    if answer.code < 2 {
        // What was made again is whole: the night after has nothing to do and nothing to add, but for
        // what cannot be made again.
        let next = night(&room, 7);
        if figures(&room) != before {
            return wrong("other figures the night after");
        }
        if next.err.contains("T0821") {
            return wrong(&format!("made again every night:\n{}", next.err));
        }
    }
    std::fs::remove_dir_all(&room).unwrap();
    let outcome = match (answer.code, said) {
        (2, _) => "refused",
        (_, true) => "same, told",
        _ => "same, as it was",
    };
    Ok(format!("{case}: {outcome}"))
}

#[test]
fn verify_finds_every_byte() {
    let project = clinic("store-verify");
    let sound = on(&project, &["verify", "--format", "json"]).ended(0).json();
    assert_eq!(sound["faults"], 0);
    let read: u64 = sound["checked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["files"].as_u64().unwrap())
        .sum();
    assert!(read > 20, "{sound}");
    let names = |entry: &String| {
        let folders =
            ["received", "lake", "rejects", "deliveries", "published", "methods", "releases"];
        folders.iter().any(|folder| entry.starts_with(&format!("data/{folder}/")))
    };
    let entries: Vec<String> = entries(&project)
        .into_iter()
        .filter(|entry| names(entry) && project.join(entry).symlink_metadata().unwrap().is_file())
        .collect();
    let faults: Vec<String> = entries
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, entry)| {
            [Harm::Gone, Harm::Cut, Harm::Changed].map(move |how| (number, entry, how))
        })
        .filter_map(|(number, entry, how)| {
            let room = folder(&format!("store-verify-{number}-{how:?}"));
            copy(&project, &room);
            harm(&room.join(entry), how);
            let answer = on(&room, &["--quiet", "verify"]);
            std::fs::remove_dir_all(&room).unwrap();
            let is_told = answer.code == 1 && answer.err.contains("[T0");
            // A load manifest that is gone is as if the delivery had not been loaded yet.
            let may_be_gone = how == Harm::Gone && entry.starts_with("data/deliveries/");
            (!is_told && !may_be_gone)
                .then(|| format!("{how:?} {entry}: {}\n{}", answer.code, answer.err))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_verify_finds_the_next_night_makes_again() {
    let project = clinic("store-suspect");
    let lake = entries(&project)
        .into_iter()
        .find(|entry| entry.starts_with("data/lake/clinic__visits") && entry.ends_with(".parquet"));
    let lake = project.join(lake.unwrap());
    let bytes = std::fs::read(&lake).unwrap();
    harm(&lake, Harm::Changed);
    let told = on(&project, &["verify"]).ended(1);
    assert!(told.err.contains("a file of the lake is not as it was written"), "{}", told.err);
    assert!(told.out.contains("1 damaged"), "{}", told.out);
    let told = night(&project, 6).ended(1);
    assert!(told.err.contains("T0821"), "{}", told.err);
    assert_eq!(std::fs::read(&lake).unwrap(), bytes);
    on(&project, &["--quiet", "verify"]).ended(0);
}

#[test]
fn altered_bytes_are_never_loaded() {
    let project = clinic("store-altered");
    let before = figures(&project);
    let lost = entries(&project).into_iter().find(|entry| entry.ends_with("besok_borta_2024.csv"));
    let lost = project.join(lost.unwrap());
    let text = std::fs::read_to_string(&lost).unwrap();
    std::fs::write(&lost, text.replace("5,00", "9,00")).unwrap();
    let told = night(&project, 6).ended(1);
    assert!(told.err.contains("T0822") && told.err.contains("stays in force"), "{}", told.err);
    assert_eq!(figures(&project), before);
    // Now it must be read again: the contract has changed.
    let contract = VISITS.replace("version: 1.0.0", "version: 1.1.0");
    write(&project, "schemas/clinic__visits.odcs.yaml", &contract);
    let told = night(&project, 7).ended(2);
    assert!(told.err.contains("T0822"), "{}", told.err);
    assert_eq!(figures(&project), before);
    // The sender lays it there again, and all is well.
    std::fs::write(project.join("data/inbox/clinic/besok_borta_2024.csv"), text).unwrap();
    let told = night(&project, 8);
    assert!(told.code < 2 && !told.err.contains("T0822"), "{}", told.err);
    let after = figures(&project);
    assert!(after.contains("2024-07-01,OSD,1,5.00"), "{after}");
}

/// Name and bytes of the files in a folder that is read by people.
fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let file = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, std::fs::read(entry.path()).unwrap())
    };
    entries.filter(|entry| entry.path().is_file()).map(file).collect()
}

#[test]
fn a_lost_release_or_report_is_made_again_the_same() {
    let project = demo_copy("store-demo");
    let as_of = "2024-09-16T06:00:00Z";
    let count = "select count(*), sum(numerator), sum(denominator) from indicator.outcomes";
    let outcomes = |project: &Path| on(project, &["sql", "--format", "csv", count]).out;
    let current = std::fs::read_link(project.join("data/releases/current")).unwrap();
    let release = project.join("data/releases").join(&current);
    let (before, asked) = (files_in(&release), outcomes(&project));
    let reports = files_in(&project.join("data/reports/2024T2"));
    assert_eq!(files_in(&demo().join("data/reports/2024T2")), reports);
    // A report that is cut, and one that is gone.
    let page = project.join("data/reports/2024T2/report.html");
    harm(&page, Harm::Cut);
    std::fs::remove_file(project.join("data/reports/2024T2/report.pdf")).unwrap();
    let told = on(&project, &["--quiet", "run", "--as-of", as_of]).ended(1);
    assert_eq!(told.err.matches("warning[T0821]: a file of a report").count(), 2, "{}", told.err);
    assert_eq!(files_in(&project.join("data/reports/2024T2")), reports);
    // The database for everybody is gone, and with it the outcomes of the publication.
    std::fs::remove_file(release.join("tertial.duckdb")).unwrap();
    for entry in std::fs::read_dir(project.join("data/published")).unwrap().flatten() {
        if entry.file_name().to_string_lossy().ends_with(".parquet") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    let told = on(&project, &["--quiet", "run", "--as-of", "2024-09-18T06:00:00Z"]);
    assert!(told.err.contains("the release in force was lost or changed"), "{}", told.err);
    assert_eq!(std::fs::read_link(project.join("data/releases/current")).unwrap(), current);
    assert_eq!(outcomes(&project), asked);
    let after = files_in(&release);
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert_eq!(after["release.json"], before["release.json"]);
    assert_eq!(files_in(&project.join("data/reports/2024T2")), reports);
    on(&project, &["--quiet", "verify"]).ended(0);
}

#[test]
fn a_lake_from_before_there_were_seals_is_sealed_once() {
    let project = clinic("store-unsealed");
    let before = figures(&project);
    std::fs::remove_file(project.join("data/seals.json")).unwrap();
    let mut count = 0;
    for entry in entries(&project) {
        let path = project.join(&entry);
        let is_manifest = entry.starts_with("data/deliveries/") || entry.ends_with("manifest.json");
        if is_manifest && path.is_file() {
            let text = std::fs::read_to_string(&path).unwrap();
            let (bare, _) = text.split_once(",\n  \"seal\": ").unwrap();
            std::fs::write(&path, format!("{bare}\n}}\n")).unwrap();
            count += 1;
        }
    }
    assert!(count > 6);
    night(&project, 6).ended(0);
    assert_eq!(figures(&project), before);
    on(&project, &["--quiet", "verify"]).ended(0);
    // From then on one without a seal is one whose seal was taken off.
    let entry = entries(&project).into_iter().find(|entry| entry.starts_with("data/deliveries/"));
    let path = project.join(entry.unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    let (bare, _) = text.split_once(",\n  \"seal\": ").unwrap();
    std::fs::write(&path, format!("{bare}\n}}\n")).unwrap();
    let told = night(&project, 7).ended(1);
    assert!(told.err.contains("no seal") && told.err.contains("T0821"), "{}", told.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_drop_folder_that_is_gone_is_told_the_first_night() {
    let project = clinic("store-inbox");
    let before = figures(&project);
    std::fs::rename(project.join("data/inbox/clinic"), project.join("elsewhere")).unwrap();
    let told = night(&project, 6).ended(1);
    assert!(told.err.contains("error[T0131]: the drop folder of `clinic` is gone"), "{}", told.err);
    assert_eq!(figures(&project), before);
    std::fs::write(project.join("data/inbox/clinic"), "").unwrap();
    let told = night(&project, 7).ended(1);
    assert!(told.err.contains("the drop folder of `clinic` cannot be read"), "{}", told.err);
    // One that the pipeline names must be there from the start.
    let pipeline = PIPELINE.replace(
        "\n[[file]]\npattern = \"besok",
        "inbox = \"delad\"\n\n[[file]]\npattern = \"besok",
    );
    write(&project, "pipelines/clinic/pipeline.toml", &pipeline);
    let told = night(&project, 8);
    assert!(told.code > 0 && told.err.contains("`inbox` in pipelines/clinic"), "{}", told.err);
    // It may be a link: that is the region's own choice.
    std::os::unix::fs::symlink(project.join("elsewhere"), project.join("delad")).unwrap();
    let told = night(&project, 9);
    assert!(!told.err.contains("T0131"), "{}", told.err);
}

#[test]
fn a_link_in_a_drop_folder_shows_nothing_of_what_it_leads_to() {
    let project = clinic("store-links");
    let before = figures(&project);
    let inbox = project.join("data/inbox/clinic");
    write(&project, "data/secret/pseudonym.key", "hemlig-nyckel-hemlig-nyckel-hemlig-nyckel\n");
    let key = project.join("data/secret/pseudonym.key");
    std::os::unix::fs::symlink(&key, inbox.join("besok_lank_2024.csv")).unwrap();
    std::fs::hard_link(&key, inbox.join("besok_hard_2024.csv")).unwrap();
    std::os::unix::fs::symlink(&key, inbox.join("lank.zip")).unwrap();
    std::fs::create_dir(inbox.join("besok_mapp_2024.csv")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(inbox.join("besok_ror_2024.csv")).status();
    assert!(made.unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(inbox.join("uttag.csv")).unwrap();
    // What is a file is taken in all the same.
    drop_in(&project, "besok_as_2024.csv", "2024-08;c1;KROM;7,00\n");
    let told = night(&project, 6).ended(1);
    assert_eq!(
        told.err.matches("[T0132]: what lies in the drop folder").count(),
        6,
        "{}",
        told.err
    );
    assert!(figures(&project).contains("2024-08-01,KROM,2,27.00"), "{before}{}", figures(&project));
    for entry in entries(&project) {
        let is_own = entry.starts_with("data/inbox") || entry.starts_with("data/secret");
        let path = project.join(&entry);
        if !is_own && path.symlink_metadata().unwrap().is_file() {
            let bytes = std::fs::read(path).unwrap();
            assert!(!bytes.windows(13).any(|window| window == b"hemlig-nyckel"), "{entry}");
        }
    }
    assert!(!(told.err + &told.out).contains("hemlig-nyckel"));
}

#[test]
fn a_file_name_cannot_forge_a_message() {
    let project = clinic("store-names");
    let inbox = project.join("data/inbox/clinic");
    let name = "besok\nerror[T0001]: allt är väl\r\u{1b}[2K\u{202e}gpj.\u{200b}csv";
    std::fs::write(inbox.join(name), "x\n").unwrap();
    for format in ["text", "json"] {
        let as_of = "2024-09-06T06:00:00Z";
        let told = on(&project, &["run", "--as-of", as_of, "--format", format]).ended(1);
        let printed = told.err + &told.out;
        assert!(printed.contains("T0115"), "{printed}");
        let hidden = printed.chars().find(|c| tertial_model::shown::is_hidden(*c) && *c != '\n');
        assert_eq!(hidden, None, "{printed:?}");
        assert!(!printed.lines().any(|line| line.starts_with("error[T0001]")), "{printed}");
    }
    let logged = crate::support::command(&["--project", project.to_str().unwrap(), "receive"])
        .env("TERTIAL_LOG", "debug")
        .output()
        .unwrap();
    let logged = String::from_utf8(logged.stderr).unwrap();
    assert!(!logged.chars().any(|c| tertial_model::shown::is_hidden(c) && c != '\n'), "{logged:?}");
}
