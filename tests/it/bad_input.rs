//! What the analyst reads on a bad morning: the complete text of each kind of fault, and a night
//! that goes on with the sources that are sound.

use crate::support::{
    KEY, MORNING, copy, demo, demo_copy, folder, give_key, on, repository, without_hashes,
};
use std::path::{Path, PathBuf};

/// A project with the ledger and HR only and no queries: the door by itself.
fn door(name: &str) -> PathBuf {
    let project = folder(name);
    std::fs::write(
        project.join("tertial.toml"),
        "[region]\nname = \"Region\"\nsynthetic = true\n\n[privacy]\nkey_file = \"key\"\n",
    )
    .unwrap();
    give_key(&project.join("key"), KEY);
    for source in ["ledger", "hr"] {
        copy(&repository().join("pipelines").join(source), &project.join("pipelines").join(source));
    }
    std::fs::create_dir_all(project.join("schemas")).unwrap();
    for entry in std::fs::read_dir(repository().join("schemas")).unwrap().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let is_of_them = ["ledger__", "hr__", "fields."].iter().any(|name| file.starts_with(name));
        if is_of_them {
            std::fs::copy(entry.path(), project.join("schemas").join(file)).unwrap();
        }
    }
    std::fs::create_dir_all(project.join("seeds")).unwrap();
    for seed in ["units.csv", "accounts.csv"] {
        std::fs::copy(repository().join("seeds").join(seed), project.join("seeds").join(seed))
            .unwrap();
    }
    project
}

/// A delivery of the demo as bytes.
fn delivery(source: &str, file: &str) -> Vec<u8> {
    std::fs::read(demo().join("data/inbox").join(source).join(file)).unwrap()
}

fn put(project: &Path, source: &str, file: &str, bytes: &[u8]) {
    let folder = project.join("data/inbox").join(source);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(file), bytes).unwrap();
}

/// Replaces the first occurrence of `from`.
fn damage(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at =
        bytes.windows(from.len()).position(|window| window == from).expect("the text to damage");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// The first `count` lines of a CSV.
fn head(bytes: &[u8], count: usize) -> Vec<u8> {
    bytes.split_inclusive(|&b| b == b'\n').take(count).flatten().copied().collect()
}

/// Receives and loads one file; what stands on standard error, hashes left out.
fn told(name: &str, source: &str, file: &str, bytes: &[u8]) -> String {
    let project = door(name);
    put(&project, source, file, bytes);
    on(&project, &["--quiet", "receive", "--as-of", MORNING]);
    let answer = on(&project, &["--quiet", "load", "--as-of", MORNING]).ended(1);
    without_hashes(&answer.err)
}

const TIME: &str = "arbetstid_2024.csv";

#[test]
fn a_sound_delivery_is_silent() {
    let project = door("door-sound");
    put(&project, "hr", TIME, &head(&delivery("hr", TIME), 50));
    on(&project, &["--quiet", "receive", "--as-of", MORNING]).ended(0);
    let answer = on(&project, &["--quiet", "load", "--as-of", MORNING]).ended(0);
    assert_eq!(answer.err, "");
}

#[test]
fn a_missing_file() {
    let project = door("door-missing");
    put(&project, "hr", TIME, &head(&delivery("hr", TIME), 50));
    let answer = on(&project, &["--quiet", "run", "--as-of", MORNING]).ended(1);
    insta::assert_snapshot!("missing_file", without_hashes(&answer.err));
}

#[test]
fn a_cut_accounting_file() {
    let whole = delivery("ledger", "RJH_2024.SE");
    insta::assert_snapshot!(
        "cut_accounting_file",
        told("door-cut", "ledger", "RJH_2024.SE", &whole[..whole.len() * 2 / 3])
    );
}

#[test]
fn a_changed_heading() {
    let bytes = damage(&head(&delivery("hr", TIME), 50), b"Sjuktid;", b"Sjukfr\xE5nvarotid;");
    insta::assert_snapshot!("changed_heading", told("door-heading", "hr", TIME, &bytes));
}

#[test]
fn a_decimal_point_where_a_comma_was_agreed() {
    let bytes = damage(&head(&delivery("hr", TIME), 50), b";176,00;", b";176.00;");
    insta::assert_snapshot!("decimal_point", told("door-point", "hr", TIME, &bytes));
}

#[test]
fn an_unknown_account() {
    let whole = delivery("ledger", "RJH_2024.SE");
    let at = whole.windows(12).position(|window| window == b"#TRANS 4510 ").expect("a row");
    let bytes = [&whole[..at], b"#TRANS 4519 ", &whole[at + 12..]].concat();
    let text = told("door-account", "ledger", "RJH_2024.SE", &bytes);
    // The checksum and the account's own balance no longer hold either; the row itself is told first.
    let row: Vec<&str> = text
        .split("\n\n")
        .filter(|part| part.contains("T0213") || part.starts_with("hint"))
        .collect();
    insta::assert_snapshot!("unknown_account", row.join("\n\n"));
}

#[test]
fn an_unknown_unit() {
    let bytes = damage(&head(&delivery("hr", TIME), 50), b";605;", b";699;");
    insta::assert_snapshot!("unknown_unit", told("door-unit", "hr", TIME, &bytes));
}

#[test]
fn a_civic_number_that_fails_its_check_digit() {
    let whole = head(&delivery("hr", TIME), 50);
    let bytes = damage(&whole, b";19620101-9806;", b";19620101-9807;");
    let text = told("door-civic", "hr", TIME, &bytes);
    assert!(
        !text.contains("9807") && !text.contains("19620101"),
        "a civic number is shown: {text}"
    );
    insta::assert_snapshot!("civic_number", text);
}

#[test]
fn two_rows_with_the_same_key() {
    let whole = head(&delivery("hr", TIME), 50);
    let second = whole.split_inclusive(|&b| b == b'\n').nth(1).unwrap().to_vec();
    let bytes = [whole.as_slice(), &second].concat();
    insta::assert_snapshot!("duplicate_key", told("door-key", "hr", TIME, &bytes));
}

#[test]
fn an_error_page_instead_of_data() {
    let page = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>\n";
    insta::assert_snapshot!("error_page", told("door-html", "hr", TIME, page));
}

#[test]
fn too_many_faulty_rows_refuse_the_delivery_and_keep_the_last_good_one() {
    let project = demo_copy("refused");
    let before = on(&project, &["indicators", "2024T2", "--format", "json"]).out;
    let whole = delivery("hr", TIME);
    let text: Vec<u8> = whole.iter().map(|&b| if b == b',' { b'.' } else { b }).collect();
    put(&project, "hr", TIME, &text);
    let answer = on(&project, &["--quiet", "run", "--as-of", "2024-09-17"]).ended(1);
    assert!(
        answer.err.contains("T0401") && answer.err.contains("last good one stays in force"),
        "{}",
        answer.err
    );
    let after = on(&project, &["indicators", "2024T2", "--format", "json"]).out;
    let figures = |text: &str| {
        let rows: serde_json::Value = serde_json::from_str(text).unwrap();
        rows.as_array().unwrap().iter().map(|row| row["value"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(figures(&before), figures(&after));
    let rows = on(&project, &["sql", "--warehouse", "--format", "json",
        "select rows_read, rows_accepted, rows_rejected from meta.deliveries where state = 'refused'"]).json();
    let row = &rows[0];
    let number = |name: &str| row[name].as_i64().unwrap();
    assert_eq!(number("rows_read"), number("rows_accepted") + number("rows_rejected"));
    // The next night without news still says that the delivery waits for a person.
    let next = on(&project, &["--quiet", "run", "--as-of", "2024-09-18"]).ended(1);
    assert!(next.err.contains("T0403") && next.err.contains("was refused"), "{}", next.err);
    let listed = on(&project, &["rejects", "list"]).ended(1);
    assert!(listed.out.contains("T0204"), "{}", listed.out);
}

#[test]
fn the_night_goes_on_with_the_sound_sources() {
    let project = demo_copy("night-goes-on");
    put(&project, "hr", TIME, b"<html>503</html>");
    let talks =
        std::fs::read_to_string(project.join("data/inbox/health_talks/halsosamtal_2024.csv"))
            .unwrap();
    let lines: Vec<&str> = talks.lines().collect();
    put(
        &project,
        "health_talks",
        "halsosamtal_2024.csv",
        (lines[..lines.len() - 1].join("\r\n") + "\r\n").as_bytes(),
    );
    let answer = on(&project, &["run", "--as-of", "2024-09-17"]).ended(1);
    assert!(answer.err.contains("T0102"), "{}", answer.err);
    assert!(answer.out.contains("published"), "{}", answer.out);
    let rows = on(&project, &["sql", "--warehouse", "--format", "json",
        "select state, is_in_force from meta.deliveries where original_name = 'arbetstid_2024.csv' order by received_at"]).json();
    assert_eq!(rows[0]["is_in_force"], true);
    assert_eq!(
        (rows[1]["state"].as_str(), rows[1]["is_in_force"].as_bool()),
        (Some("refused"), Some(false))
    );
}

#[test]
fn replay_takes_in_what_a_correction_mends() {
    let project = door("door-replay");
    put(&project, "hr", TIME, &damage(&head(&delivery("hr", TIME), 50), b";605;", b";699;"));
    on(&project, &["--quiet", "receive", "--as-of", MORNING]);
    on(&project, &["--quiet", "load", "--as-of", MORNING]).ended(1);
    let id = on(&project, &["rejects", "list", "--format", "json"]).json()[0]["delivery_id"]
        .as_str()
        .unwrap()
        .to_owned();
    std::fs::write(
        project.join("pipelines/hr/corrections.toml"),
        format!(
            "[[correction]]\ntable = \"hr__worked_time\"\ncolumn = \"unit_code\"\ndelivery = \"{id}\"\nline = 2\n\
             expect = \"699\"\nvalue = \"605\"\nreason = \"enheten skrevs fel\"\ndecided_by = \"analysenheten\"\ndate = 2024-09-16\n"
        ),
    )
    .unwrap();
    let answer = on(&project, &["--quiet", "rejects", "replay"]);
    assert!(answer.out.contains("0 rows are still set aside"), "{}{}", answer.out, answer.err);
    let manifest =
        std::fs::read_to_string(project.join(format!("data/deliveries/{id}.json"))).unwrap();
    assert!(manifest.contains("corrected by pipelines/hr/corrections.toml"), "{manifest}");
}

#[test]
fn check_tells_every_fault_of_every_file_in_one_run() {
    let project = demo_copy("check-faults");
    std::fs::write(project.join("sql/core/broken.sql"), "select from where\n").unwrap();
    std::fs::write(project.join("sql/core/ahead.sql"), "select * from mart.ekonomi\n").unwrap();
    let pipeline = project.join("pipelines/hr/pipeline.toml");
    let text = std::fs::read_to_string(&pipeline).unwrap();
    std::fs::write(&pipeline, text.replace("hr__worked_time", "hr__worked_tyme")).unwrap();
    let contract = project.join("schemas/hr__employments.odcs.yaml");
    let text = std::fs::read_to_string(&contract).unwrap();
    std::fs::write(&contract, text.replacen("physicalType: month", "physicalType: moon", 1))
        .unwrap();
    let answer = on(&project, &["check"]).ended(2);
    for code in ["T0501", "T0503", "T0601"] {
        assert!(answer.err.contains(code), "{code} is not told:\n{}", answer.err);
    }
}
