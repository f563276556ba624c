//! What was published is made again byte for byte, whatever has changed since, and every change says why.

use crate::support::{command, demo_copy, on};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

const THEN: &str = "2024-09-16";
const NEXT: &str = "2024-09-17T06:00:00Z";
const FILES: [&str; 3] = ["report.html", "report.pdf", "report.json"];

fn bytes(folder: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    let read = |name: &'static str| (name, std::fs::read(folder.join(name)).expect(name));
    FILES.map(read).into()
}

fn edit(project: &Path, file: &str, from: &str, to: &str) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).expect(file);
    assert!(text.contains(from), "{file} does not hold {from}");
    std::fs::write(path, text.replacen(from, to, 1)).expect(file);
}

/// A project that was published, then got another target and another method, and was published again.
fn restated(name: &str) -> (PathBuf, BTreeMap<&'static str, Vec<u8>>) {
    let project = demo_copy(name);
    let published = bytes(&project.join("data/reports/2024T2"));
    let targets = std::fs::read_to_string(project.join("seeds/targets.csv")).unwrap();
    let line = targets
        .lines()
        .find(|line| line.starts_with("2024,hr__sick_leave_pct,RS,,"))
        .expect("a target of the sick leave");
    edit(&project, "seeds/targets.csv", line, &line.replacen(",5,", ",\"Högst 9 %\",", 1));
    edit(
        &project,
        "sql/measure/hr__worked_time.sql",
        "worked_time.sick_hours",
        "2 * worked_time.sick_hours as sick_hours",
    );
    let path = project.join("sql/indicator/hr__sick_leave_pct.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let version = "\n[[version]]\nnumber = 99\nvalid_from = \"2024-01-01\"\nreason = \"Sjuktimmar räknas dubbelt i detta prov.\"\n";
    std::fs::write(path, text + version).unwrap();
    on(&project, &["run", "--as-of", NEXT]);
    let now = bytes(&project.join("data/reports/2024T2"));
    assert_ne!(now, published, "the change changed nothing");
    (project, published)
}

fn as_of(project: &Path, more: &[&str]) -> BTreeMap<&'static str, Vec<u8>> {
    let mut arguments = vec!["report", "2024T2", "--as-of", THEN, "--format", "html,pdf,json"];
    arguments.extend(more);
    let answer = on(project, &arguments).ended(0);
    let first = answer.out.lines().next().expect("a path").to_owned();
    bytes(Path::new(&first).parent().unwrap())
}

fn releases(project: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(project.join("data/releases")).unwrap().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Removes the first release, as the program does after some nights.
fn forget_first(project: &Path) {
    let first = releases(project).remove(0);
    assert!(first.file_name().unwrap().to_string_lossy().starts_with(THEN), "{first:?}");
    std::fs::remove_dir_all(first).unwrap();
}

#[test]
fn a_restated_method_and_target_leave_the_published_report_reproducible() {
    let (project, published) = restated("restated");
    assert!(as_of(&project, &[]) == published, "from the release that is kept");
    forget_first(&project);
    assert!(as_of(&project, &[]) == published, "from the facts and the received bytes");
    // What is in force is untouched by looking back.
    let current = std::fs::read_link(project.join("data/releases/current")).unwrap();
    assert!(current.to_string_lossy().starts_with("2024-09-17"), "{current:?}");
    assert!(!project.join("data/scratch").read_dir().is_ok_and(|mut left| left.next().is_some()));
}

#[test]
fn todays_methods_on_the_data_of_then_are_another_choice_and_say_so() {
    let (project, published) = restated("todays-methods");
    let other = as_of(&project, &["--with-todays-methods"]);
    assert_ne!(other["report.json"], published["report.json"]);
    let json: Value = serde_json::from_slice(&other["report.json"]).unwrap();
    let note = json["meta"]["note"].as_str().unwrap();
    assert!(note.contains("inte vad som rapporterades då"), "{note}");
    let page = String::from_utf8(other["report.html"].clone()).unwrap();
    assert!(page.contains(note));
    let before: Value = serde_json::from_slice(&published["report.json"]).unwrap();
    assert_eq!(before["meta"]["note"], Value::Null);
}

#[test]
fn indicators_and_questions_look_back_too() {
    let (project, _) = restated("looked-back-at");
    let question = "select value from indicator.outcomes where id = 'hr__sick_leave_pct' \
                    and period = '2024T2' and unit_id = 'RS' and sex = 'T' and breakdown = ''";
    let answered = |more: &[&str]| {
        let asked = [&["sql", question, "--format", "json"][..], more].concat();
        on(&project, &asked).ended(0).json()[0]["value"].clone()
    };
    let listed = |more: &[&str]| {
        let asked = [&["indicators", "2024T2", "--format", "json"][..], more].concat();
        let all = on(&project, &asked).ended(0).json();
        let is_asked = |figure: &&Value| {
            figure["id"] == "hr__sick_leave_pct"
                && figure["level"] == "RS"
                && figure["sex"] == "T"
                && figure["breakdown"] == ""
        };
        all.as_array().unwrap().iter().find(is_asked).unwrap()["value"].clone()
    };
    let all = |past: &[&str]| {
        let of_warehouse = [past, &["--warehouse"]].concat();
        [listed(past), answered(past), answered(&of_warehouse)]
    };
    let past = ["--as-of", THEN];
    let (now, then) = (all(&[]), all(&past));
    for (now, then) in now.iter().zip(&then) {
        assert!(then.is_number() && now != then, "{now} and {then}");
    }
    forget_first(&project);
    assert_eq!(all(&past), then, "from the facts and the received bytes");
    let todays = ["--as-of", THEN, "--with-todays-methods"];
    assert_eq!(answered(&todays), now[1]);
    for verb in [&["indicators", "2024T2"][..], &["sql", question]] {
        let answer = on(&project, &[verb, &["--as-of", "2024-01-01"]].concat()).ended(2);
        assert!(answer.err.contains("nothing had been published"), "{}", answer.err);
    }
}

#[test]
fn every_changed_figure_says_why() {
    let (project, _) = restated("changes");
    let answer = on(&project, &["changes", "2024T2", "--since", THEN, "--format", "json"]).ended(0);
    let all = answer.json();
    let changes = all["changes"].as_array().unwrap();
    assert!(changes.iter().all(|change| change["id"] == "hr__sick_leave_pct"), "{all}");
    let of = |level: &str, sex: &str| {
        changes.iter().find(|change| change["level"] == level && change["sex"] == sex).unwrap()
    };
    let kinds = |change: &Value| -> Vec<String> {
        let reasons = change["reasons"].as_array().unwrap().iter();
        reasons.map(|reason| reason["kind"].as_str().unwrap().to_owned()).collect()
    };
    let whole = of("RS", "T");
    assert_eq!(kinds(whole), ["target", "method", "method"], "{whole}");
    let told = whole["reasons"].to_string();
    for part in
        ["Högst 9 %", "version 1 till 99", "räknas dubbelt", "sql/measure/hr__worked_time.sql"]
    {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    // A part without a target has only the method to blame.
    assert_eq!(kinds(of("RS", "K")), ["method", "method"]);
    let doubled = whole["value_after"].as_f64().unwrap() / whole["value_before"].as_f64().unwrap();
    assert!((doubled - 2.0).abs() < 1e-12, "{whole}");
    // The report and the explanation tell the same.
    let page = std::fs::read_to_string(project.join("data/reports/2024T2/report.html")).unwrap();
    assert!(page.contains("räknas dubbelt"));
    let text =
        on(&project, &["explain", "hr__sick_leave_pct", "2024T2", "--unit", "RS"]).ended(0).out;
    assert!(text.contains("ändrat sedan förra publiceringen: ja, den 2024-09-16"), "{text}");
    // Looked at from the first day there was nothing before.
    let arguments = ["explain", "hr__sick_leave_pct", "2024T2", "--unit", "RS", "--as-of", THEN];
    let text = on(&project, &arguments).ended(0).out;
    assert!(text.contains("första publiceringen") && text.contains("mål `5`"), "{text}");
}

#[test]
fn late_rows_and_a_corrected_delivery_are_told_apart() {
    let project = demo_copy("late-rows");
    let file = project.join("data/inbox/health_talks/halsosamtal_2024.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&file, lines[..lines.len() - 1].join("\r\n") + "\r\n").unwrap();
    on(&project, &["run", "--as-of", "2024-09-20"]);
    let kind = |since: &str| {
        let arguments = ["changes", "2024T2", "--since", since, "--format", "json"];
        let all = on(&project, &arguments).ended(0).json();
        let changes = all["changes"].as_array().unwrap().clone();
        let first = changes.iter().find(|change| change["id"] == "health__targeted_talks_pct");
        first.unwrap_or_else(|| panic!("{all}"))["reasons"][0].clone()
    };
    assert_eq!(kind(THEN)["kind"], "replaced");
    std::fs::write(&file, text).unwrap();
    on(&project, &["run", "--as-of", "2024-09-21"]);
    let reason = kind("2024-09-20");
    assert_eq!(reason["kind"], "late_rows", "{reason}");
    assert!(reason["text"].as_str().unwrap().contains("ersätter leveransen från 2024-09-20"));
}

#[test]
fn a_look_back_is_never_what_was_said_on_that_day() {
    let (project, published) = restated("look-back");
    let current = || std::fs::read_link(project.join("data/releases/current")).unwrap();
    let record = |number: u32| {
        let path = project.join(format!("data/published/{number:06}.json"));
        std::fs::read_to_string(path)
            .ok()
            .map(|text| -> Value { serde_json::from_str(&text).unwrap() })
    };
    // The day after, somebody looks back with the methods in force: those facts and deliveries have
    // their release already, and nothing is put in force.
    let in_force = current();
    on(&project, &["run", "--as-of", "2024-09-16T07:00:00Z"]);
    assert_eq!(current(), in_force);
    assert_eq!(record(3), None);
    // Looking back with other ones puts them in force, and is entered as a look back.
    edit(
        &project,
        "sql/measure/hr__worked_time.sql",
        "2 * worked_time.sick_hours",
        "3 * worked_time.sick_hours",
    );
    on(&project, &["run", "--as-of", "2024-09-16T07:00:00Z"]);
    assert!(current().to_string_lossy().starts_with(THEN), "{:?}", current());
    assert_eq!(record(3).unwrap()["is_look_back"], true);
    assert!(as_of(&project, &[]) == published);
    let early = on(&project, &["report", "2024T2", "--as-of", "2024-09-01"]);
    assert_eq!(early.code, 2);
    assert!(early.err.contains("nothing had been published at 2024-09-01"), "{}", early.err);
}

#[test]
fn a_kill_while_looking_back_leaves_nothing_and_harms_nothing() {
    let (project, published) = restated("kill-look-back");
    forget_first(&project);
    let path = project.to_str().unwrap();
    for round in 1..=4 {
        let arguments = ["--project", path, "--quiet", "report", "2024T2", "--as-of", THEN];
        let mut child = command(&arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150 * round));
        let _ = child.kill();
        let _ = child.wait();
    }
    assert!(as_of(&project, &[]) == published);
    let left = project.join("data/scratch").read_dir().into_iter().flatten().count();
    assert_eq!(left, 0);
}

#[test]
fn a_run_that_died_after_the_switch_is_entered_by_the_next() {
    let project = demo_copy("unrecorded");
    let record = project.join("data/published/000001.json");
    let written = std::fs::read(&record).unwrap();
    std::fs::remove_file(&record).unwrap();
    // The register of seals counts the record, since it was written before the count.
    let told = on(&project, &["run", "--as-of", NEXT]).ended(2).err;
    assert!(told.contains("T0806") && told.contains("the records of 1 publications"), "{told}");
    std::fs::remove_file(project.join("data/seals.json")).unwrap();
    on(&project, &["run", "--as-of", NEXT]);
    assert_eq!(std::fs::read(&record).unwrap(), written);
    assert!(!project.join("data/published/000002.json").exists(), "entered once");
}

#[test]
fn a_report_that_a_dead_run_did_not_write_is_written_by_the_next() {
    let project = demo_copy("unwritten");
    let folder = project.join("data/reports/2024T2");
    let published = bytes(&folder);
    std::fs::write(folder.join("report.html"), "half a page").unwrap();
    std::fs::remove_file(folder.join("report.json")).unwrap();
    on(&project, &["run", "--as-of", NEXT]);
    assert!(bytes(&folder) == published);
}

#[test]
fn facts_that_are_not_what_was_kept_are_never_used() {
    let (project, _) = restated("damaged-facts");
    let record = std::fs::read_to_string(project.join("data/published/000001.json")).unwrap();
    let record: Value = serde_json::from_str(&record).unwrap();
    let set = record["methods"].as_str().unwrap();
    let listing = project.join(format!("data/methods/{set}.json"));
    let listing: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(listing).unwrap()).unwrap();
    let text = project.join("data/methods/files").join(&listing["seeds/targets.csv"]);
    std::fs::remove_file(&text).unwrap();
    std::fs::write(&text, "another text").unwrap();
    let answer = on(&project, &["report", "2024T2", "--as-of", THEN]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("T0806"), "{}", answer.err);
}
