//! Findings that somebody answers for: the night is clean until one is new, worse or expired.

use crate::support::{MORNING, demo, demo_copy, on};
use std::path::Path;

const FILE: &str = "seeds/known_findings.csv";

fn change(project: &Path, with: impl Fn(&str) -> String) {
    let path = project.join(FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, with(&text)).unwrap();
}

fn night(project: &Path) -> crate::support::Answer {
    on(project, &["--quiet", "run", "--as-of", MORNING])
}

/// Names of the audits that standard error tells of.
fn told(err: &str) -> Vec<&str> {
    let names = err.lines().filter_map(|line| line.strip_prefix("warning[T0702]: audit `"));
    names.filter_map(|rest| rest.split('`').next()).collect()
}

#[test]
fn the_demo_is_clean_and_still_lists_what_is_known() {
    let out = on(
        demo(),
        &[
            "sql",
            "select count(*) filter (where is_known) as known, \
        count(*) filter (where not is_known) as new from meta.findings",
            "--format",
            "csv",
        ],
    );
    let line = out.ended(0).out;
    let (known, new) = line.lines().nth(1).unwrap().split_once(',').unwrap();
    assert!(known.parse::<u32>().unwrap() > 100, "{line}");
    assert_eq!(new, "0", "{line}");
    let reasons = "select count(*) as n from meta.findings where is_known and (known_reason = '' \
        or acknowledged_by is null or expires_on is null)";
    assert_eq!(on(demo(), &["sql", reasons, "--format", "csv"]).ended(0).out, "n\n0\n");
    let listed = on(demo(), &["findings", "--format", "csv"]).ended(0).out;
    assert!(listed.lines().skip(1).all(|line| line.contains(",known,")), "{listed}");
    assert_eq!(
        on(demo(), &["findings", "--new", "--format", "csv"]).ended(0).out.lines().count(),
        1
    );
}

#[test]
fn a_finding_that_is_new_is_told_alone() {
    let project = demo_copy("known_new");
    let audit = "meeting_items__have_a_responsible";
    change(&project, |text| {
        let kept = text.lines().filter(|line| !line.starts_with(audit));
        kept.map(|line| format!("{line}\n")).collect()
    });
    let answer = night(&project).ended(1);
    assert_eq!(told(&answer.err), [audit], "{}", answer.err);
    let draft = on(&project, &["findings", "--draft"]).ended(0).out;
    let mut lines = draft.lines();
    assert_eq!(
        lines.next().unwrap(),
        "audit,finding,at_most,reason,acknowledged_by,decided_on,expires_on"
    );
    assert!(lines.all(|line| line.starts_with(audit)), "{draft}");
    // What the draft gives, completed, is known the next night.
    let completed: String = draft
        .lines()
        .skip(1)
        .map(|line| {
            let head = line.strip_suffix(",,,,").unwrap();
            format!("{head},Prövning.,Analyschef,2024-09-01,2025-01-01\n")
        })
        .collect();
    change(&project, |text| format!("{text}{completed}"));
    assert_eq!(night(&project).ended(0).err, "");
}

#[test]
fn what_has_expired_says_who_knew_of_it() {
    let project = demo_copy("known_expired");
    let audit = "meeting_items__have_a_responsible";
    change(&project, |text| {
        let line = |line: &str| match line.starts_with(audit) {
            true => format!("{},2024-09-16\n", line.rsplit_once(',').unwrap().0),
            false => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    });
    let answer = night(&project).ended(1);
    assert_eq!(told(&answer.err), [audit], "{}", answer.err);
    assert!(answer.err.contains("until 2024-09-16"), "{}", answer.err);
    // The day before, it still held.
    on(&project, &["--quiet", "run", "--as-of", "2024-09-16T06:00:00Z"]);
}

#[test]
fn a_row_that_is_not_whole_is_a_fault_of_the_project() {
    let project = demo_copy("known_faults");
    change(&project, |text| {
        format!("{text}claims__agree_with_statu,,1,,Analyschef,2024-09-01,2025-01-01\n")
    });
    let answer = on(&project, &["check"]).ended(2);
    let line = std::fs::read_to_string(project.join(FILE)).unwrap().lines().count();
    assert!(answer.err.contains(&format!("{FILE}:{line}:1")), "{}", answer.err);
    assert!(answer.err.contains("did you mean `claims__agree_with_status`?"), "{}", answer.err);
    assert!(answer.err.contains("does not say its `reason`"), "{}", answer.err);
    night(&project).ended(2);
}
