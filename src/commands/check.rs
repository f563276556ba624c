//! `tertial check`: everything that can be said without data, in one run.

use super::{Ending, Outcome};
use crate::night::{access, load, outcomes, persons, rehearsal};
use crate::output;
use crate::own;
use crate::project::Project;
use crate::{catalogue, composition, needs};
use std::path::Path;

/// Opens the project, which validates it, and says what it holds and what is still to be done.
pub fn run(folder: &Path) -> Outcome {
    let mut project = Project::open(folder)?;
    let mut faults = load::references::faults(&project);
    faults.extend(load::references::seed_faults(&project));
    faults.extend(catalogue::faults(&project));
    faults.extend(outcomes::check_targets(&project));
    faults.extend(access::of(&project).err().into_iter().flatten());
    faults.extend(needs::missing_tables(&project, false));
    let mut rehearsed = None;
    if faults.is_empty() {
        let (opened, tables) = rehearsal::rehearse(project);
        project = opened;
        rehearsed = Some(tables);
    }
    faults.extend(project.decision().errors());
    faults.extend(persons::faults(&project));
    // What a rehearsal finds where there are other faults may be an echo of them.
    match rehearsed.filter(|_| faults.is_empty()) {
        Some(Ok(tables)) => {
            faults.extend(needs::missing_columns(&project, |name| tables.columns_of(name)));
            faults.extend(composition::faults(&project, &tables));
        }
        Some(Err(found)) => faults.extend(found),
        None => {}
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let warnings = project.decision().warnings();
    output::diagnostics(&warnings);
    let to_do = to_do(&project);
    let summary = serde_json::json!({
        "pipelines": project.sources.len(),
        "contracts": project.contracts.len() - own::contracts().len(),
        "seeds": project.seeds.len(),
        "queries": project.graph.models.len(),
        "audits": project.graph.audits.len(),
        "indicators": project.definitions.len(),
        "to_do": to_do,
    });
    if output::is_json() {
        output::json(&summary);
    } else {
        output::data(&format!(
            "{} pipelines, {} contracts, {} seeds, {} queries, {} audits, {} indicators: {}",
            summary["pipelines"],
            summary["contracts"],
            summary["seeds"],
            summary["queries"],
            summary["audits"],
            summary["indicators"],
            if warnings.is_empty() { "no fault found" } else { "a person is needed" }
        ));
        if !to_do.is_empty() {
            output::data("still to be done:");
        }
        for item in to_do {
            output::data(&format!("- {item}"));
        }
    }
    Ok(Ending::of(&warnings))
}

/// What a project lacks before it can give a report, in the order it is best done.
pub fn to_do(project: &Project) -> Vec<String> {
    let has_rows = |seed: &str| project.text(&format!("seeds/{seed}.csv")).lines().nth(1).is_some();
    let is_seed = |seed: &str| project.seeds.iter().any(|(name, _)| name == seed);
    let empty = |seed: &str| is_seed(seed) && !has_rows(seed);
    let mut items = Vec::new();
    let mut lacks = |is_lacking: bool, item: &str| {
        if is_lacking {
            items.push(item.to_owned());
        }
    };
    lacks(
        project.sources.is_empty(),
        "describe a source in `pipelines/` and its table in `schemas/`: docs/guide/add-a-source.md",
    );
    lacks(empty("units"), "write the organisation into `seeds/units.csv`, one row a unit");
    lacks(empty("goal_areas"), "write the goal areas into `seeds/goal_areas.csv`");
    lacks(
        empty("plans"),
        "write the plan, its items, indicators and targets into `seeds/plans.csv`, \
         `plan_items.csv`, `plan_indicators.csv` and `targets.csv`",
    );
    lacks(
        project.definitions.is_empty(),
        "define an indicator in `sql/indicator/`: docs/guide/add-an-indicator.md",
    );
    lacks(
        project.report.is_none(),
        "say what the report holds in `seeds/report.toml`; without it no report is made",
    );
    lacks(
        project.report.is_some() && project.config.night.open_period.is_none(),
        "name the period whose report is written each night: `open_period` under `[night]` in \
         `tertial.toml`",
    );
    items
}
