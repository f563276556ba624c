//! A project's files as they were known on a day: what was decided later is left out, so that a
//! release seen from before has the same fingerprint whatever has been decided since.
//!
//! The warehouse does the same with the seeds it has loaded
//! ([`tertial_warehouse::Engine::forget_undecided`]).

use super::Project;
use std::borrow::Cow;
use std::collections::BTreeSet;

const PLANS: &str = "seeds/plans.csv";

/// The text of a file without what was decided after `day`.
pub fn known<'a>(project: &Project, file: &str, text: &'a str, day: &str) -> Cow<'a, str> {
    if file.starts_with("seeds/") && file.ends_with(".csv") {
        return rows_known(project, file, text, day);
    }
    let id = file.strip_prefix("sql/indicator/").and_then(|name| name.strip_suffix(".toml"));
    match id.and_then(|id| project.definitions.get(id)) {
        Some(definition) => {
            let known = definition.known_on(day);
            Cow::Owned(serde_json::to_string(&known).expect("a definition is plain data"))
        }
        None => Cow::Borrowed(text),
    }
}

fn rows_known<'a>(project: &Project, file: &str, text: &'a str, day: &str) -> Cow<'a, str> {
    let undecided = if file == PLANS { BTreeSet::new() } else { undecided_plans(project, day) };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let Ok(heads) = reader.headers().cloned() else { return Cow::Borrowed(text) };
    let at = |name: &str| heads.iter().position(|head| head == name);
    let (decided, plan) = (at("decided_on"), at("plan"));
    if decided.is_none() && (plan.is_none() || undecided.is_empty()) {
        return Cow::Borrowed(text);
    }
    let mut kept: Vec<csv::StringRecord> = vec![heads];
    for record in reader.records().flatten() {
        let is_later = decided.and_then(|at| record.get(at)).is_some_and(|of| of > day);
        let is_undecided =
            plan.and_then(|at| record.get(at)).is_some_and(|p| undecided.contains(p));
        if !is_later && !is_undecided {
            kept.push(record);
        }
    }
    // A field cannot hold the separators, so no two tables have one text.
    let lines: Vec<String> =
        kept.iter().map(|record| record.iter().collect::<Vec<_>>().join("\u{1f}")).collect();
    Cow::Owned(lines.join("\u{1e}"))
}

fn undecided_plans(project: &Project, day: &str) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_reader(project.text(PLANS).as_bytes());
    let Ok(heads) = reader.headers().cloned() else { return BTreeSet::new() };
    let at = |name: &str| heads.iter().position(|head| head == name);
    let (Some(plan), Some(decided)) = (at("plan"), at("decided_on")) else {
        return BTreeSet::new();
    };
    let later = |record: &csv::StringRecord| record.get(decided).is_some_and(|of| of > day);
    let records = reader.records().flatten().filter(later);
    records.filter_map(|record| record.get(plan).map(str::to_owned)).collect()
}
