//! Killed at any moment, the old or the new release is in force, never neither.

use crate::support::{command, demo_copy, on};
use std::path::Path;
use std::time::{Duration, Instant};

/// The number of outcomes in the release in force, read as a client reads it.
fn answer(project: &Path) -> String {
    let answer =
        on(project, &["sql", "--format", "csv", "select count(*) from indicator.outcomes"]);
    answer.ended(0).out.lines().nth(1).unwrap().to_owned()
}

/// Changes a query by a comment, so that the next night must build and publish.
fn touch(project: &Path, round: usize) {
    let query = project.join("sql/mart/personal.sql");
    let text = std::fs::read_to_string(&query).unwrap();
    let kept: String = text
        .lines()
        .filter(|line| !line.starts_with("-- round"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&query, format!("{kept}-- round {round}\n")).unwrap();
}

#[test]
fn a_kill_leaves_the_old_or_the_new_release() {
    let project = demo_copy("kill");
    let expected = answer(&project);
    let path = project.to_str().unwrap();
    touch(&project, 0);
    let begin = Instant::now();
    on(&project, &["run", "--as-of", "2024-09-16T07:00:00Z"]);
    let whole = begin.elapsed();
    let rounds = 12;
    for round in 1..=rounds {
        touch(&project, round);
        let mut child =
            command(&["--project", path, "--quiet", "run", "--as-of", "2024-09-16T08:00:00Z"])
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
        std::thread::sleep(
            whole.mul_f64(round as f64 / rounds as f64).min(Duration::from_secs(20)),
        );
        let _ = child.kill();
        let _ = child.wait();
        assert_eq!(answer(&project), expected, "round {round}");
    }
    // The next night finishes the work and sweeps what the killed ones left.
    on(&project, &["run", "--as-of", "2024-09-16T09:00:00Z"]);
    assert_eq!(answer(&project), expected);
    let leavings: Vec<String> = std::fs::read_dir(project.join("data/releases"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(leavings.is_empty(), "{leavings:?}");
}

#[test]
fn a_second_run_says_who_holds_the_lock() {
    let project = demo_copy("lock");
    touch(&project, 1);
    let mut child = command(&[
        "--project",
        project.to_str().unwrap(),
        "--quiet",
        "run",
        "--as-of",
        "2024-09-17",
    ])
    .stdout(std::process::Stdio::null())
    .stderr(std::process::Stdio::null())
    .spawn()
    .unwrap();
    // Whoever asks before the run has the lock would take it from the run.
    let holder = || std::fs::read_to_string(project.join("data/lock")).unwrap_or_default();
    for _ in 0..500 {
        if holder().contains("tertial run") && holder().contains(&child.id().to_string()) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let answer = on(&project, &["load"]);
    let _ = child.kill();
    let _ = child.wait();
    let told = answer.err;
    assert_eq!(answer.code, 2, "{told}");
    assert!(told.contains("T0801") && told.contains("tertial run"), "{told}");
}

#[test]
fn a_failed_stop_audit_keeps_the_old_release_in_force() {
    let project = demo_copy("stop-audit");
    let before = std::fs::read_link(project.join("data/releases/current")).unwrap();
    std::fs::write(
        project.join("sql/audits/units__never.sql"),
        "-- severity: stop\n-- Inga enheter finns\nselect unit_id from core.units\n",
    )
    .unwrap();
    let answer = on(&project, &["run", "--as-of", "2024-09-17"]).ended(1);
    assert!(
        answer.err.contains("T0701") && answer.err.contains("stays in force"),
        "{}",
        answer.err
    );
    assert_eq!(std::fs::read_link(project.join("data/releases/current")).unwrap(), before);
}
