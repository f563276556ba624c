//! `tertial verify`: every stored file, read in whole and held against what was written.

use super::{Ending, Outcome};
use crate::night::store;
use crate::output;
use crate::project::Project;
use serde_json::json;
use std::path::Path;
use tertial_lake::Lake;

/// The verb.
pub fn run(folder: &Path) -> Outcome {
    let project = Project::open(folder)?;
    let lake = Lake::open(project.data())?;
    let _lock = lake.lock("tertial verify")?;
    let (checked, told) = store::verify(&project, &lake)?;
    output::diagnostics(&told);
    let ending = Ending::of(&told);
    if output::is_json() {
        output::json(&json!({
            "checked": checked,
            "faults": told.len(),
            "exit_code": ending.number(),
        }));
    } else {
        for line in &checked {
            let state = match line.damaged {
                0 => "as they were written".to_owned(),
                count => format!("{count} damaged"),
            };
            let (kind, files) = (line.kind, line.files);
            let megabytes = (line.bytes as f64 / 1e6 * 10.0).round() / 10.0;
            output::line(&format!("{files:>7} {kind:<26} {megabytes:>10.1} MB  {state}"));
        }
        output::line(match told.len() {
            0 => "result  everything that is stored is as it was written",
            _ => "result  a person is needed: see the messages above",
        });
    }
    Ok(ending)
}
