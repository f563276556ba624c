//! `tertial check`: everything that can be said without data, in one run.

use super::{Ending, Outcome};
use crate::catalogue;
use crate::night::{access, load, outcomes, persons};
use crate::output;
use crate::project::Project;
use std::path::Path;

/// Opens the project, which validates it, and says what it holds.
pub fn run(folder: &Path) -> Outcome {
    let project = Project::open(folder)?;
    let mut faults = load::references::faults(&project);
    faults.extend(load::references::seed_faults(&project));
    faults.extend(catalogue::faults(&project));
    faults.extend(outcomes::check_targets(&project));
    faults.extend(project.decision().errors());
    faults.extend(persons::faults(&project));
    faults.extend(access::of(&project).err().into_iter().flatten());
    if !faults.is_empty() {
        return Err(faults);
    }
    let warnings = project.decision().warnings();
    output::diagnostics(&warnings);
    let summary = serde_json::json!({
        "pipelines": project.sources.len(),
        "contracts": project.contracts.len(),
        "seeds": project.seeds.len(),
        "queries": project.graph.models.len(),
        "audits": project.graph.audits.len(),
        "indicators": project.definitions.len(),
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
    }
    Ok(Ending::of(&warnings))
}
