//! A night that must not be: a secret, a setting, the clock or the run itself is gone or changed, and
//! what follows is the same release or a refusal that says so, never another figure.

use crate::support::{
    Answer, KEY, close, command, demo_copy, demo_copy_that_tells, folder, give_key, on,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tertial_model::seal;

const NEXT: &str = "2024-09-17T06:00:00Z";
const OTHER_KEY: &str = "5be0937cd41f82a6b07e63d9f2184ac53d96e10b7fc842a95810de36b4f7921c";
const OTHER_ID: &str = "9b7f2d0f185791d2";

/// Everything a reader sees of the figures.
fn outcomes(project: &Path) -> String {
    let query = "select * from indicator.outcomes order by id, unit_id, period, sex, breakdown";
    on(project, &["sql", "--format", "csv", query]).ended(0).out
}

fn current(project: &Path) -> PathBuf {
    std::fs::read_link(project.join("data/releases/current")).unwrap()
}

/// What a refusal must leave as it is.
fn state(project: &Path) -> (PathBuf, usize, usize, String) {
    let count = |folder: &str| std::fs::read_dir(project.join(folder)).unwrap().count();
    let log = std::fs::read_to_string(project.join("data/received/receipts.jsonl")).unwrap();
    (current(project), count("data/published"), count("data/deliveries"), log)
}

/// The night is refused with a code, a new file in the drop folder is left, and nothing has changed.
fn is_refused(project: &Path, answer: Answer, code: &str, parts: &[&str]) {
    let told = answer.ended(2).err;
    for part in [&[code][..], parts].concat() {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    assert!(told.contains("hint: "), "{told}");
    assert!(project.join("data/releases/current").exists());
}

fn run(project: &Path) -> Answer {
    on(project, &["run", "--as-of", NEXT])
}

fn edit(project: &Path, file: &str, from: &str, to: &str) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).expect(file);
    assert!(text.contains(from), "{file} does not hold {from}");
    std::fs::write(path, text.replacen(from, to, 1)).expect(file);
}

/// A late file that would change figures if it were taken in.
fn deliver_late(project: &Path) {
    let file = project.join("data/inbox/helpdesk/helpdesk_2024.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text.lines().collect();
    std::fs::write(&file, kept[..kept.len() - 1].join("\r\n") + "\r\n").unwrap();
}

#[test]
fn a_key_that_is_gone_or_another_stops_the_night() {
    let project = demo_copy("night-key");
    let key = project.join("data/secret/pseudonym.key");
    let own = std::fs::read_to_string(&key).unwrap();
    let before = (state(&project), outcomes(&project));
    let id = {
        let keys = std::fs::read_to_string(project.join("data/keys.json")).unwrap();
        let keys: Value = serde_json::from_str(&keys).unwrap();
        assert!(!own.contains(keys["keys"][0]["id"].as_str().unwrap()));
        keys["keys"][0]["id"].as_str().unwrap().to_owned()
    };
    deliver_late(&project);

    // Gone: the file, its name in the settings, or its contents.
    std::fs::remove_file(&key).unwrap();
    let gone = ["the key for pseudonyms is missing", &id, "put it back", "nothing was received"];
    is_refused(&project, run(&project), "T0804", &gone);
    edit(&project, "tertial.toml", "key_file = \"data/secret/pseudonym.key\"\n", "");
    is_refused(&project, run(&project), "T0804", &["no `key_file` under `[privacy]`", &id]);
    edit(
        &project,
        "tertial.toml",
        "[privacy]\n",
        "[privacy]\nkey_file = \"data/secret/pseudonym.key\"\n",
    );
    std::fs::create_dir(&key).unwrap();
    is_refused(&project, run(&project), "T0804", &["no file"]);
    std::fs::remove_dir(&key).unwrap();
    for (poor, found) in [
        ("", "0 characters"),
        ("kort", "4 characters"),
        (&*"0".repeat(64), "repeat the first 1"),
        ("correct horse battery staple and more", "as in words"),
        ("0123456789abcdefghijklmnopqrstuvwxyz", "follow a pattern"),
    ] {
        give_key(&key, poor);
        is_refused(&project, run(&project), "T0804", &[found]);
    }
    std::fs::write(&key, [0xff; 40]).unwrap();
    is_refused(&project, run(&project), "T0804", &["bytes that are no text"]);

    // Readable by others.
    for mode in [0o644, 0o640, 0o604, 0o666] {
        give_key(&key, own.trim());
        let open = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&key, open).unwrap();
        let found = format!("mode {mode:03o}");
        is_refused(&project, run(&project), "T0804", &[&found, "chmod 600"]);
    }
    close(&key);

    // Another: in the file, and in the variable, which goes before it.
    give_key(&key, OTHER_KEY);
    let another = ["another than before", &id, OTHER_ID, "--new-key"];
    is_refused(&project, run(&project), "T0811", &another);
    is_refused(&project, on(&project, &["load", "--as-of", NEXT]), "T0811", &another);
    is_refused(&project, on(&project, &["rejects", "replay"]), "T0811", &another);
    give_key(&key, own.trim());
    let with = |value: &std::ffi::OsStr| {
        let output = command(&["--project", project.to_str().unwrap(), "run", "--as-of", NEXT])
            .env("TERTIAL_PSEUDONYM_KEY", value)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Answer {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    };
    is_refused(&project, with(OTHER_KEY.as_ref()), "T0811", &["TERTIAL_PSEUDONYM_KEY", &id]);
    is_refused(&project, with("".as_ref()), "T0804", &["TERTIAL_PSEUDONYM_KEY", "0 characters"]);
    let bytes = std::os::unix::ffi::OsStrExt::from_bytes(&[0xff; 40]);
    is_refused(&project, with(bytes), "T0804", &["TERTIAL_PSEUDONYM_KEY", "no text"]);
    assert!((state(&project), outcomes(&project)) == before, "a refusal left something behind");

    // The same key in the variable alone is the same key: the night takes the late file in.
    std::fs::remove_file(&key).unwrap();
    let answer = with(own.trim().as_ref()).ended(0);
    assert!(answer.out.contains("received  1 new files"), "{}", answer.out);
}

#[test]
fn a_key_that_is_changed_on_purpose_is_stated_once_and_changes_no_figure() {
    let project = demo_copy("night-new-key");
    let key = project.join("data/secret/pseudonym.key");
    let (before, published) = (outcomes(&project), current(&project));
    let persons = |project: &Path| {
        let query = "select min(person_id) from core.worked_time";
        on(project, &["sql", "--warehouse", "--format", "csv", query]).ended(0).out
    };
    let codes = persons(&project);
    give_key(&key, OTHER_KEY);
    let stated = |id: &str| on(&project, &["run", "--as-of", NEXT, "--new-key", id]);
    is_refused(&project, stated("0000000000000000"), "T0811", &["not the one that was stated"]);
    let answer = stated(OTHER_ID).ended(0);
    assert!(answer.out.contains("published"), "{}", answer.out);
    assert_ne!(current(&project), published);
    assert_ne!(persons(&project), codes);
    assert!(outcomes(&project) == before, "another key gives other figures");
    // From now on it is the key, and the earlier one is another.
    let answer = run(&project).ended(0);
    assert!(answer.out.contains("nothing has changed"), "{}", answer.out);
    give_key(&key, KEY);
    is_refused(&project, run(&project), "T0811", &[OTHER_ID]);
    give_key(&key, OTHER_KEY);
    // Without its record the lake does not guess.
    std::fs::remove_file(project.join("data/keys.json")).unwrap();
    is_refused(&project, run(&project), "T0811", &["it is not known which key", OTHER_ID]);
    stated(OTHER_ID).ended(0);
    std::fs::write(project.join("data/keys.json"), "[").unwrap();
    is_refused(&project, run(&project), "T0806", &["data/keys.json"]);
}

#[test]
fn a_project_about_nobody_needs_no_key() {
    let project = folder("night-no-key");
    on(&project, &["init", project.join("p").to_str().unwrap()]).ended(0);
    let project = project.join("p");
    on(&project, &["--quiet", "run", "--as-of", "2024-09-16"]).ended(0);
    assert!(!project.join("data/keys.json").exists());
    let answer = on(&project, &["run", "--as-of", "2024-09-16", "--new-key", OTHER_ID]);
    assert!(answer.ended(2).err.contains("T0811"));
}

#[test]
fn a_setting_that_is_gone_or_changed_gives_the_same_figures_or_a_refusal() {
    let project = demo_copy("night-settings");
    let sound = std::fs::read_to_string(project.join("tertial.toml")).unwrap();
    let before = outcomes(&project);
    let release = current(&project);
    let lines: Vec<&str> = sound.lines().collect();
    let mut tried = Vec::new();
    for at in (0..lines.len()).filter(|&at| !lines[at].trim().is_empty()) {
        let mut left = lines.clone();
        left.remove(at);
        tried.push((format!("without {}", lines[at]), left.join("\n")));
    }
    for (from, to) in [
        ("threads = 2", "threads = 1"),
        ("threads = 2", "threads = 0"),
        ("threads = 2", "threads = -1"),
        ("threads = 2", "threads = \"many\""),
        ("memory_limit = \"600MB\"", "memory_limit = \"700MB\""),
        ("memory_limit = \"600MB\"", "memory_limit = \"much\""),
        ("memory_limit = \"600MB\"", "memory_limit = \"\""),
        ("memory_limit = \"600MB\"", "memory_limit = \"1KB\""),
        ("keep_releases = 7", "keep_releases = 0"),
        ("open_period = \"2024T2\"", "open_period = \"2024T1\""),
        ("open_period = \"2024T2\"", "open_period = \"2031T2\""),
        ("open_period = \"2024T2\"", "open_period = \"none\""),
        ("open_period = \"2024T2\"", "open_period = \"sommaren\""),
        ("open_period = \"2024T2\"", "open_perid = \"2024T2\""),
        ("[night]", "[nigth]"),
    ] {
        assert!(sound.contains(from), "{from} is not in {sound}");
        tried.push((to.to_owned(), sound.replacen(from, to, 1)));
    }
    tried.push(("an empty file".to_owned(), String::new()));
    for (name, text) in tried {
        std::fs::write(project.join("tertial.toml"), &text).unwrap();
        let answer = run(&project);
        match answer.code {
            2 => {
                assert!(answer.err.contains("error[T"), "{name}: {}", answer.err);
                std::fs::write(project.join("tertial.toml"), &sound).unwrap();
            }
            _ => {
                assert!(!answer.err.contains("panicked"), "{name}: {}", answer.err);
                assert!(answer.out.contains("release   2024-09-1"), "{name}: {}", answer.out);
            }
        }
        assert!(outcomes(&project) == before, "{name} gives other figures");
        std::fs::write(project.join("tertial.toml"), &sound).unwrap();
    }
    // As it was, it is the release it was.
    on(&project, &["run", "--as-of", "2024-09-16T06:00:00Z"]);
    let hash = |path: &Path| path.to_string_lossy()[10..].to_owned();
    assert_eq!(hash(&current(&project)), hash(&release));
    // Without the file there is no project.
    std::fs::remove_file(project.join("tertial.toml")).unwrap();
    run(&project).ended(2);
}

#[test]
fn a_label_of_synthetic_data_does_not_fall_off() {
    let project = demo_copy("night-label");
    edit(&project, "tertial.toml", "synthetic = true\n", "");
    let parts = ["region.synthetic = true", "no longer stated", "stays"];
    is_refused(&project, run(&project), "T0502", &parts);
    edit(&project, "tertial.toml", "[night]\n", "[night]\n# said below\n");
    edit(&project, "tertial.toml", "[region]\n", "[region]\nsynthetic = true\n");
    run(&project).ended(0);
}

#[test]
fn what_surrounds_a_run_changes_nothing() {
    let project = demo_copy("night-surroundings");
    let release = current(&project);
    for (name, value) in [
        ("TZ", "Pacific/Auckland"),
        ("TZ", "nonsense"),
        ("LC_ALL", "C"),
        ("LC_ALL", "sv_SE.UTF-8"),
        ("LANG", ""),
        ("HOME", "/nowhere"),
        ("TMPDIR", "/nowhere"),
        ("RAYON_NUM_THREADS", "1"),
        ("TERTIAL_LOG", "nonsense"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ] {
        let output = command(&["--project", project.to_str().unwrap(), "run", "--as-of", NEXT])
            .env(name, value)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{name}={value}: {text}");
        assert!(text.contains("nothing has changed"), "{name}={value}: {text}");
    }
    assert_eq!(current(&project), release);
}

#[test]
fn a_pipeline_that_no_longer_names_its_files_is_told() {
    let project = demo_copy("night-pattern");
    let before = outcomes(&project);
    edit(
        &project,
        "pipelines/helpdesk/pipeline.toml",
        "helpdesk_{period}.csv",
        "arenden_{period}.csv",
    );
    let told = run(&project).ended(1).err;
    assert!(told.contains("T0408") && told.contains("helpdesk_{period}.csv"), "{told}");
    assert!(outcomes(&project) == before);
    std::fs::remove_dir_all(project.join("pipelines/helpdesk")).unwrap();
    let told = run(&project).ended(1).err;
    assert!(told.contains("T0408") && told.contains("2 deliveries of"), "{told}");
    assert!(outcomes(&project) == before);
}

#[test]
fn the_calendar_has_no_end_and_tells_what_lies_outside() {
    let project = demo_copy("night-calendar");
    let before = outcomes(&project);
    let deliver = |year: u32, rows: &str| {
        let head = "Månad;Kanal;Kategori;Antal ärenden;Lösta vid första kontakten\n";
        let file = project.join(format!("data/inbox/helpdesk/helpdesk_{year}.csv"));
        std::fs::write(file, format!("{head}{rows}")).unwrap();
    };
    deliver(2027, "2027-01;Telefon;Program;200;150\n2027-02;Telefon;Program;100;75\n");
    on(&project, &["run", "--as-of", "2024-09-20"]).ended(1);
    let value = |period: &str| {
        let query = format!(
            "select value = 75 as is_right from indicator.outcomes where id = 'it__helpdesk_first_call_pct' \
             and period = '{period}' and unit_id = 'RJH'"
        );
        on(&project, &["sql", "--format", "csv", &query]).ended(0).out
    };
    for period in ["2027-01", "2027-02", "2027T1"] {
        assert_eq!(value(period), "is_right\ntrue\n", "{period}");
    }
    let outside = || {
        let query = "select finding from meta.findings where audit = 'rows__lie_in_a_period' \
                     order by all";
        on(&project, &["sql", "--format", "csv", query]).ended(0).out
    };
    let known = outside();
    assert!(!known.contains("helpdesk"), "{known}");

    // Two slips: a year far ahead of all others, and one before anything begins.
    deliver(2104, "2104-08;Telefon;Program;7;5\n");
    deliver(1924, "1924-08;Telefon;Program;7;5\n");
    let told = on(&project, &["run", "--as-of", "2024-09-21"]).ended(1).err;
    assert!(told.contains("rows__lie_in_a_period"), "{told}");
    let known = outside();
    for part in ["2104-08-01", "1924-08-01"] {
        let line =
            known.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{known}"));
        assert!(line.contains("helpdesk__cases") && line.contains("row_count=1"), "{line}");
    }
    let query = "select max(year) as last_year from core.months";
    let last = on(&project, &["sql", "--warehouse", "--format", "csv", query]).ended(0).out;
    assert_eq!(last, "last_year\n2027\n");
    // What was there before is as it was.
    let now: BTreeSet<String> = outcomes(&project).lines().map(str::to_owned).collect();
    let lost: Vec<&str> = before
        .lines()
        .filter(|line| !line.contains("it__helpdesk") && !now.contains(*line))
        .collect();
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn a_moment_to_come_is_refused() {
    let project = demo_copy("night-future");
    let before = state(&project);
    for verb in ["run", "receive", "load", "build", "status"] {
        let told = on(&project, &[verb, "--as-of", "2099-01-01"]).ended(2).err;
        assert!(told.contains("T0812") && told.contains("the clock says 20"), "{told}");
    }
    for arguments in [
        &["report", "2024T2", "--as-of", "2099-01-01"][..],
        &["changes", "--since", "2099-01-01"],
        &["changes", "--as-of", "2099-01-01T00:00:00Z"],
        &["explain", "hr__sick_leave_pct", "2024T2", "--as-of", "2099-01-01"],
    ] {
        assert!(on(&project, arguments).ended(2).err.contains("T0812"), "{arguments:?}");
    }
    assert!(state(&project) == before);
}

#[test]
fn a_release_that_is_put_right_on_the_same_day_leaves_a_true_history() {
    let project = demo_copy("night-undo");
    let good = current(&project).to_string_lossy().into_owned();
    let report = std::fs::read(project.join("data/reports/2024T2/report.json")).unwrap();
    let file = project.join("seeds/targets.csv");
    let sound = std::fs::read_to_string(&file).unwrap();
    let line = sound
        .lines()
        .find(|line| line.starts_with("2024,hr__sick_leave_pct,RS,,"))
        .expect("a target of the sick leave");
    let wrong = sound.replacen(line, &line.replacen(",5,", ",\"Högst 9 %\",", 1), 1);
    std::fs::write(&file, wrong).unwrap();
    on(&project, &["run", "--as-of", "2024-09-16T10:00:00Z"]).ended(1);
    let bad = current(&project).to_string_lossy().into_owned();
    std::fs::write(&file, &sound).unwrap();
    on(&project, &["run", "--as-of", "2024-09-16T11:00:00Z"]).ended(0);
    assert_eq!(current(&project).to_string_lossy(), good, "the same facts, the same release");
    assert_ne!(good, bad);

    let in_force = |moment: &str| {
        let arguments = ["report", "2024T2", "--as-of", moment, "--format", "json"];
        let document = on(&project, &arguments).ended(0).json();
        document["meta"]["release"].as_str().unwrap().to_owned()
    };
    for (moment, release) in [
        ("2024-09-16T06:00:00Z", &good),
        ("2024-09-16T09:59:59Z", &good),
        ("2024-09-16T10:00:00Z", &bad),
        ("2024-09-16T10:59:59Z", &bad),
        ("2024-09-16T11:00:00Z", &good),
        ("2024-09-16", &good),
        ("2024-09-17", &good),
    ] {
        assert_eq!(&in_force(moment), release, "{moment}");
    }
    let changes = |more: &[&str]| {
        let mut arguments = vec!["changes", "2024T2", "--format", "json"];
        arguments.extend(more);
        let all = on(&project, &arguments).ended(0).json();
        let release = |side: &str| all[side]["release"].as_str().unwrap().to_owned();
        (release("since"), release("until"), all["changes"].as_array().unwrap().clone())
    };
    // The last publication put the target back.
    let (since, until, found) = changes(&[]);
    assert_eq!((&since, &until), (&bad, &good));
    assert!(found.iter().all(|change| change["id"] == "hr__sick_leave_pct"), "{found:?}");
    assert!(found[0]["judged_before"].as_str().unwrap().contains("Högst 9 %"), "{found:?}");
    let (since, until, found) = changes(&["--as-of", "2024-09-16T10:30:00Z"]);
    assert_eq!((&since, &until), (&good, &bad));
    assert!(found[0]["judged_after"].as_str().unwrap().contains("Högst 9 %"), "{found:?}");
    let (_, _, found) = changes(&["--since", "2024-09-16T06:00:00Z"]);
    assert!(found.is_empty(), "{found:?}");
    // The day's own report tells the time, since both are of one day.
    let page = std::fs::read_to_string(project.join("data/reports/2024T2/report.html")).unwrap();
    assert!(page.contains("2024-09-16 kl. 12.00"), "the report does not tell the wrong one's time");
    // The record: three publications of one day, none a look back.
    let record = |number: u32| -> Value {
        let path = project.join(format!("data/published/{number:06}.json"));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    for (number, at) in [(1, "06"), (2, "10"), (3, "11")] {
        let found = record(number);
        assert_eq!(found["published_at"], format!("2024-09-16T{at}:00:00Z"));
        assert_eq!(found["is_look_back"], false);
    }
    assert!(!project.join("data/published/000004.json").exists());
    // As it was seen in the morning, byte for byte.
    let morning = on(&project, &["report", "2024T2", "--as-of", "2024-09-16T07:00:00Z"]).ended(0);
    let folder = Path::new(morning.out.lines().next().unwrap()).parent().unwrap().to_owned();
    assert!(std::fs::read(folder.join("report.json")).unwrap() == report);
}

#[test]
fn a_clock_that_is_behind_stops_the_run() {
    let project = demo_copy("night-clock");
    let before = outcomes(&project);
    deliver_late(&project);
    // A publication of a time to come: by the clock of this machine it has not been.
    let record = project.join("data/published/000001.json");
    let sealed = std::fs::read(&record).unwrap();
    let text = String::from_utf8(seal::unsealed(&sealed).expect("a sealed record")).unwrap();
    let ahead = text.replacen(
        "\"published_at\": \"2024-09-16T06:00:00Z\"",
        "\"published_at\": \"2199-01-01T06:00:00Z\"",
        1,
    );
    assert_ne!(ahead, text);
    std::fs::write(&record, seal::seal(ahead.as_bytes())).unwrap();
    for arguments in [&["run"][..], &["receive"], &["load"], &["build"], &["rejects", "replay"]] {
        let told = on(&project, arguments).ended(2).err;
        let parts =
            ["T0813", "the clock says 20", "2199-01-01T06:00:00Z", "timedatectl", "--as-of"];
        for part in parts {
            assert!(told.contains(part), "{arguments:?}: {part} is not in {told}");
        }
    }
    // With a moment it is a look back: the late file is left for a run that can take it in.
    let answer = on(&project, &["run", "--as-of", NEXT]).ended(1);
    assert!(
        answer.err.contains("T0814") && answer.err.contains("files that have not been taken in"),
        "{}",
        answer.err
    );
    assert!(outcomes(&project) == before);
    std::fs::write(&record, sealed).unwrap();
    let answer = on(&project, &["run", "--as-of", NEXT]).ended(0);
    assert!(answer.out.contains("received  1 new files"), "{}", answer.out);
    assert!(outcomes(&project) != before);
}

#[test]
fn a_look_back_takes_nothing_in_and_loses_nothing() {
    let project = demo_copy("night-look-back");
    deliver_late(&project);
    on(&project, &["run", "--as-of", "2024-09-20T06:00:00Z"]).ended(0);
    let late = outcomes(&project);
    let log = || std::fs::read_to_string(project.join("data/received/receipts.jsonl")).unwrap();
    let taken = log();
    // A still later file waits while somebody looks back.
    let file = project.join("data/inbox/helpdesk/helpdesk_2023.csv");
    let head = "Månad;Kanal;Kategori;Antal ärenden;Lösta vid första kontakten\n";
    std::fs::write(&file, format!("{head}2023-01;Telefon;Program;10;5\n")).unwrap();
    for verb in ["receive", "run"] {
        let told = on(&project, &[verb, "--as-of", "2024-09-18T06:00:00Z"]).ended(1).err;
        assert!(told.contains("T0814") && told.contains("helpdesk_2023.csv"), "{told}");
        assert_eq!(log(), taken, "{verb}");
    }
    // A year of which one month has come is a finding nobody has acknowledged.
    let answer = on(&project, &["run", "--as-of", "2024-09-20T06:00:00Z"]).ended(1);
    assert!(answer.out.contains("received  1 new files"), "{}", answer.out);
    assert!(log().lines().count() == taken.lines().count() + 1);
    assert!(outcomes(&project) != late);
}

/// Starts a night, kills it as soon as `is_time`, and tells whether it was still running.
fn kill_when(project: &Path, is_time: &dyn Fn() -> bool) -> bool {
    let mut child = command(&["--project", project.to_str().unwrap(), "run", "--as-of", NEXT])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    while !is_time() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(begin.elapsed() < Duration::from_secs(300), "the moment never came");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    let ended = child.wait().unwrap();
    std::os::unix::process::ExitStatusExt::signal(&ended) == Some(9)
}

/// The audits that a run tells of.
fn audits_told(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("--> sql/audits/"));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_run_that_is_killed_after_it_published_loses_no_message() {
    let project = demo_copy_that_tells("night-kill-published");
    let before = current(&project);
    // What a run that lives tells.
    let touch = || {
        let file = project.join("sql/mart/personal.sql");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text + "-- once more\n").unwrap();
    };
    touch();
    let whole = run(&project).ended(1);
    let expected = audits_told(&whole.err);
    assert!(expected.len() > 3, "{}", whole.err);
    assert_ne!(current(&project), before);
    run(&project).ended(0);

    touch();
    let published = current(&project);
    assert!(kill_when(&project, &|| current(&project) != published), "it was not killed in time");
    let answer = run(&project).ended(1);
    assert_eq!(audits_told(&answer.err), expected);
    assert!(
        answer.out.contains("messages of earlier runs") && !answer.out.contains("result    clean")
    );
    // The record has it too, and what was told is not told again.
    let answer = run(&project).ended(0);
    assert!(answer.out.contains("result    clean"), "{}", answer.out);
    assert!(!project.join("data/untold.jsonl").exists());
}

#[test]
fn a_run_that_is_killed_while_it_loads_loses_no_message() {
    let project = demo_copy("night-kill-load");
    // Every delivery of the helpdesk has a row that is set aside.
    let faulty = |year: u32| {
        let head = "Månad;Kanal;Kategori;Antal ärenden;Lösta vid första kontakten\n";
        let rows = format!("{year}-01;Telefon;Program;1o0;80\n{year}-02;Telefon;Program;100;80\n");
        let file = project.join(format!("data/inbox/helpdesk/helpdesk_{year}.csv"));
        std::fs::write(file, format!("{head}{rows}")).unwrap();
    };
    let years = 2015..=2023;
    years.clone().for_each(faulty);
    let count = || std::fs::read_dir(project.join("data/deliveries")).unwrap().count();
    let known = count();
    let mut was_killed = 0;
    for step in 1..=3 {
        was_killed += usize::from(kill_when(&project, &|| count() >= known + 2 * step));
    }
    let told = run(&project).ended(1).err;
    assert!(was_killed > 0, "it was never killed in time");
    for year in years {
        let place = format!("helpdesk_{year}.csv:2:");
        assert!(told.contains(&place), "{place} is not in:\n{told}");
    }
}

#[test]
fn the_morning_s_lines_say_what_was() {
    let project = demo_copy("night-summary");
    // A delivery that is refused is not one that was loaded.
    let file = project.join("data/inbox/helpdesk/helpdesk_2023.csv");
    std::fs::write(&file, "Vecka;Något annat\n1;2\n").unwrap();
    let answer = run(&project).ended(1);
    assert!(answer.out.contains("loaded    0 deliveries, 1 refused"), "{}", answer.out);
    // An audit that stops the release, and nothing else is new.
    let audit = project.join("sql/audits/units__never.sql");
    let text = "-- severity: stop\n-- Inga enheter finns\nselect unit_id from core.units\n";
    std::fs::write(&audit, text).unwrap();
    let before = current(&project);
    let answer = run(&project).ended(1);
    assert!(answer.out.contains("the release was stopped"), "{}", answer.out);
    assert!(!answer.out.contains("nothing has changed"), "{}", answer.out);
    assert_eq!(current(&project), before);
    // Told every night until it is put right.
    let again = run(&project).ended(1);
    assert!(again.err.contains("T0701") && again.out.contains("the release was stopped"));
    std::fs::remove_file(audit).unwrap();

    // A report of a period that has none: the one of another release is not called tonight's.
    edit(&project, "seeds/report.toml", "kind = ", "knd = ");
    run(&project).ended(2);
    edit(&project, "seeds/report.toml", "knd = ", "kind = ");
    edit(&project, "tertial.toml", "2024T2", "2031T2");
    let answer = run(&project).ended(1);
    assert!(answer.out.contains("report    none of 2031T2"), "{}", answer.out);
    assert!(!answer.out.contains("report.html"), "{}", answer.out);
}
