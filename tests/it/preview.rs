//! What a change would do to the figures, before it is published.

use crate::support::{demo_copy, on};
use std::path::Path;

fn edit(project: &Path, file: &str, from: &str, to: &str) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} holds no `{from}`");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn in_force(project: &Path) -> std::path::PathBuf {
    std::fs::canonicalize(project.join("data/releases/current")).unwrap()
}

#[test]
fn a_changed_method_is_seen_with_every_figure_and_nothing_is_published() {
    let project = demo_copy("preview_method");
    let release = in_force(&project);
    let id = "hr__sick_leave_pct";
    edit(&project, &format!("sql/indicator/{id}.toml"), "factor = 100", "factor = 1000");
    let answer = on(&project, &["--quiet", "preview", "2024T2", "--format", "json"]).ended(1);
    let preview = answer.json();
    let changes = preview["changes"].as_array().unwrap();
    let shown = "select count(*) as n from indicator.outcomes where id = 'hr__sick_leave_pct' \
        and period = '2024T2' and value is not null";
    let count = on(&project, &["sql", shown, "--format", "csv"]).ended(0).out;
    let count: usize = count.lines().nth(1).unwrap().parse().unwrap();
    let changed = |change: &&serde_json::Value| change["id"] == id;
    assert_eq!(changes.iter().filter(changed).count(), count);
    assert!(changes.iter().all(|change| {
        !change["reasons"].as_array().unwrap().iter().any(|reason| reason["kind"] == "unknown")
    }));
    assert_eq!(preview["without_version"], serde_json::json!([id]));
    let page = on(&project, &["--quiet", "preview", "2024T2", "--format", "markdown"]).ended(1).out;
    assert!(page.contains("## What this change does to the figures"), "{page}");
    assert!(page.contains(&format!("(`{id}`), {count} figures")), "{page}");
    assert!(page.contains("Without a new `[[version]]`: `hr__sick_leave_pct`"), "{page}");
    assert_eq!(in_force(&project), release, "something was published");
    assert!(!project.join("data/scratch").read_dir().is_ok_and(|mut left| left.next().is_some()));
}

#[test]
fn a_change_of_words_changes_no_figure() {
    let project = demo_copy("preview_words");
    let id = "hr__sick_leave_pct";
    edit(&project, &format!("sql/indicator/{id}.toml"), "kort = \"", "kort = \"Kort sagt: ");
    let answer = on(&project, &["--quiet", "preview"]).ended(0);
    assert!(answer.out.contains("none of "), "{}", answer.out);
}

#[test]
fn a_target_that_is_moved_changes_statuses_and_needs_no_version() {
    let project = demo_copy("preview_target");
    let text = std::fs::read_to_string(project.join("seeds/targets.csv")).unwrap();
    let line = text.lines().find(|line| line.starts_with("2024,hr__sick_leave_pct,RS")).unwrap();
    let moved = line.replacen(",5,printed", ",9,printed", 1);
    assert_ne!(line, moved, "{line}");
    edit(&project, "seeds/targets.csv", line, &moved);
    let preview = on(&project, &["--quiet", "preview", "--format", "json"]);
    let json = preview.json();
    let changes = json["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| change["before"] == change["after"]), "a value changed");
    assert_eq!(json["without_version"], serde_json::json!([]));
}
