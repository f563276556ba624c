//! What a person takes back: a delivery that should not have come, and a release that should not have
//! been published; and what is done after a night for others.

use crate::support::{Answer, demo_copy, on};
use serde_json::Value;
use std::path::Path;

const FILE: &str = "helpdesk_2023.csv";

fn figures(project: &Path) -> String {
    let query = "select * from indicator.outcomes order by id, unit_id, period, sex, breakdown";
    on(project, &["sql", "--format", "csv", query]).ended(0).out
}

fn current(project: &Path) -> String {
    let link = std::fs::read_link(project.join("data/releases/current")).unwrap();
    link.to_string_lossy().into_owned()
}

fn run(project: &Path, at: &str) -> Answer {
    on(project, &["run", "--as-of", at])
}

/// A decision about something, at a moment.
fn decide(project: &Path, what: &[&str], at: &str) -> Answer {
    let decision =
        ["--reason", "fel månad i filen", "--decided-by", "analysenheten", "--as-of", at];
    on(project, &[what, &decision].concat())
}

/// One call to the helpdesk fewer was solved at once.
fn correct(project: &Path) {
    let file = project.join("data/inbox/helpdesk").join(FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(rows[1].contains(";Telefon;"));
    let (calls, solved) = rows[1].rsplit_once(';').unwrap();
    rows[1] = format!("{calls};{}", solved.parse::<u64>().unwrap() - 1);
    std::fs::write(&file, rows.join("\r\n") + "\r\n").unwrap();
}

#[test]
fn a_withdrawn_delivery_gives_way_and_can_count_again() {
    let project = demo_copy("undo-withdraw");
    let before = figures(&project);
    correct(&project);
    run(&project, "2024-09-17T06:00:00Z").ended(0);
    let corrected = figures(&project);
    assert_ne!(corrected, before);

    let answer = decide(&project, &["withdraw", FILE], "2024-09-18T06:00:00Z").ended(0);
    assert!(answer.out.starts_with("withdrawn  helpdesk-"), "{}", answer.out);
    assert!(answer.out.contains("in force   helpdesk-"), "{}", answer.out);
    // Nothing is published by the decision itself.
    assert_eq!(figures(&project), corrected);
    run(&project, "2024-09-19T06:00:00Z").ended(0);
    assert_eq!(figures(&project), before);
    let states = on(
        &project,
        &[
            "sql",
            "--format",
            "csv",
            "select state, count(*) as n from meta.deliveries where pattern like 'helpdesk%' and period = '2023' group by all order by all",
        ],
    );
    assert_eq!(states.ended(0).out, "state,n\nloaded,1\nwithdrawn,1\n");
    let status = on(&project, &["status", "--as-of", "2024-09-19T06:00:00Z"]).out;
    assert!(status.contains("analysenheten: fel månad i filen"), "{status}");

    // Also the only one of its kind; the figures that stood on it say why they are gone.
    decide(&project, &["withdraw", FILE], "2024-09-20T06:00:00Z").ended(0);
    run(&project, "2024-09-21T06:00:00Z");
    let changes = on(&project, &["changes", "--format", "json"]).ended(0).out;
    assert!(changes.contains("\"withdrawn\""), "{changes}");
    assert!(changes.contains("räknas inte längre"), "{changes}");

    // Moments keep what was known then, and the decision is taken back as it was taken.
    let id = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.into_iter().find(|word| word.starts_with("helpdesk-")).unwrap().to_owned()
    };
    let own = id(&answer.out);
    decide(&project, &["withdraw", &own, "--undo"], "2024-09-22T06:00:00Z").ended(0);
    run(&project, "2024-09-23T06:00:00Z").ended(0);
    assert_eq!(figures(&project), corrected);
    let then =
        on(&project, &["report", "2024T2", "--format", "json", "--as-of", "2024-09-19T06:30:00Z"]);
    then.ended(0);
}

#[test]
fn a_decision_that_cannot_be_taken_is_refused_and_leaves_no_trace() {
    let project = demo_copy("undo-refused");
    let log = project.join("data/received/receipts.jsonl");
    let before = std::fs::read(&log).unwrap();
    let refused = |what: &[&str], at: &str, parts: &[&str]| {
        let told = decide(&project, what, at).ended(2).err;
        for part in parts {
            assert!(told.contains(part), "{part} is not in:\n{told}");
        }
    };
    let at = "2024-09-18T06:00:00Z";
    refused(
        &["withdraw", "okänd.csv"],
        at,
        &["there is no delivery `okänd.csv`", "meta.deliveries"],
    );
    refused(&["withdraw", FILE, "--undo"], at, &["there is no delivery"]);
    refused(&["withdraw", FILE], "2024-09-01T06:00:00Z", &["T0813"]);
    refused(&["rollback"], at, &["there is no earlier release", "nothing was decided"]);
    refused(&["rollback", "20200101-0123456789ab"], at, &["was never published"]);
    let own = current(&project);
    refused(&["rollback", &own], at, &["is in force already"]);
    let blank = [&["withdraw", FILE, "--reason", " "], &["--decided-by", "a", "--as-of", at][..]];
    let told = on(&project, &blank.concat()).ended(2).err;
    assert!(told.contains("`--reason` says nothing"), "{told}");
    assert_eq!(std::fs::read(&log).unwrap(), before);
    assert_eq!(current(&project), own);
}

#[test]
fn an_earlier_release_is_put_in_force_and_held_until_a_person_publishes() {
    let project = demo_copy("undo-rollback");
    let (first, before) = (current(&project), figures(&project));
    correct(&project);
    run(&project, "2024-09-17T06:00:00Z").ended(0);
    let second = current(&project);
    let answer = decide(&project, &["rollback"], "2024-09-18T06:00:00Z").ended(0);
    assert!(answer.out.contains(&format!("release   {first} (in force again)")), "{}", answer.out);
    assert_eq!((current(&project), figures(&project)), (first.clone(), before.clone()));
    let report = std::fs::read_to_string(project.join("data/reports/2024T2/report.html")).unwrap();
    assert!(report.contains(&first) && !report.contains(&second));

    // Night after night, until somebody says otherwise.
    for at in ["2024-09-19T06:00:00Z", "2024-09-20T06:00:00Z"] {
        let night = run(&project, at).ended(1);
        assert!(night.err.contains("[T0823]") && night.err.contains(&second), "{}", night.err);
        assert!(night.out.contains("publishing is held"), "{}", night.out);
        assert_eq!(current(&project), first);
    }
    let status = on(&project, &["status", "--as-of", "2024-09-20T06:00:00Z"]).ended(1);
    assert!(status.out.contains("publishing is held: analysenheten"), "{}", status.out);
    // Who looks back sees what was in force when.
    for (at, seen) in [("2024-09-17T12:00:00Z", &second), ("2024-09-18T12:00:00Z", &first)] {
        let told = on(
            &project,
            &[
                "explain",
                "it__helpdesk_first_call_pct",
                "2023-01",
                "--as-of",
                at,
                "--format",
                "json",
            ],
        );
        let value: Value = serde_json::from_str(&told.ended(0).out).unwrap();
        assert_eq!(value["publication"]["release"], seen.as_str(), "{at}");
    }
    on(&project, &["build", "--as-of", "2024-09-21T06:00:00Z"]).ended(0);
    on(&project, &["publish"]);
    assert_ne!(current(&project), first);
    assert_ne!(figures(&project), before);
    let night = run(&project, "2024-09-21T06:00:00Z").ended(0);
    assert!(!night.err.contains("T0823"), "{}", night.err);
}

#[test]
fn what_waits_for_a_release_is_called_with_what_changed() {
    let project = demo_copy("undo-after");
    let settings = project.join("tertial.toml");
    let mut text = std::fs::read_to_string(&settings).unwrap();
    text.push_str(
        "\n[after]\ncommand = [\"sh\", \"-c\", \"cat > data/called.json\"]\n\
         success_file = \"data/clean\"\nmetrics_file = \"data/tertial.prom\"\n",
    );
    std::fs::write(&settings, text).unwrap();
    let previous = current(&project);
    correct(&project);
    run(&project, "2024-09-17T06:00:00Z").ended(0);
    let called = std::fs::read(project.join("data/called.json")).unwrap();
    let called: Value = serde_json::from_slice(&called).unwrap();
    assert_eq!(called["release"], current(&project).as_str());
    assert_eq!(called["previous"], previous.as_str());
    assert_eq!(called["synthetic"], true);
    let indicators = called["changed_indicators"].as_array().unwrap();
    assert!(!indicators.is_empty() && indicators.len() < 10, "{indicators:?}");
    assert!(indicators.iter().all(|id| id.as_str().unwrap().starts_with("it__")), "{indicators:?}");
    let marts = called["changed_marts"].as_array().unwrap();
    assert!(!marts.is_empty() && marts.len() < 40, "{marts:?}");
    assert!(Path::new(called["database"].as_str().unwrap()).is_file());
    let clean = std::fs::read_to_string(project.join("data/clean")).unwrap();
    assert_eq!(clean, "2024-09-17T06:00:00Z\n");
    let metrics = std::fs::read_to_string(project.join("data/tertial.prom")).unwrap();
    assert!(metrics.contains("tertial_run_exit_code 0\n"), "{metrics}");
    assert!(metrics.contains("tertial_rows{kind=\"rejected\"} 0\n"), "{metrics}");

    // A night without a release calls nobody, and says that it was clean.
    std::fs::remove_file(project.join("data/called.json")).unwrap();
    run(&project, "2024-09-18T06:00:00Z").ended(0);
    assert!(!project.join("data/called.json").exists());
    let clean = std::fs::read_to_string(project.join("data/clean")).unwrap();
    assert_eq!(clean, "2024-09-18T06:00:00Z\n");
    // One that needs a person does not.
    std::fs::write(project.join("data/inbox/helpdesk/helpdesk_2024.csv"), "annat\r\n").unwrap();
    run(&project, "2024-09-19T06:00:00Z").ended(1);
    let clean = std::fs::read_to_string(project.join("data/clean")).unwrap();
    assert_eq!(clean, "2024-09-18T06:00:00Z\n");
    let metrics = std::fs::read_to_string(project.join("data/tertial.prom")).unwrap();
    assert!(metrics.contains("tertial_run_exit_code 1\n"), "{metrics}");
}
