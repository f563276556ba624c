//! `tertial report`: the document of a period, in the forms asked for.

use super::{Ending, Outcome, edition, moment_of};
use crate::args::{Past, ReportFormat};
use crate::night::report;
use crate::output;
use crate::project::Project;
use std::path::PathBuf;
use tertial_model::{Faults, Period};

/// Writes the files, or prints the JSON document when it alone is asked for.
pub fn run(project: &Project, period: Period, formats: &[ReportFormat], past: &Past) -> Outcome {
    let document = report::document(&edition(project, past)?, period)?;
    if formats == [ReportFormat::Json] {
        output::document(&tertial_report::json::render(&document));
        return Ok(Ending::Clean);
    }
    for path in report::write(&folder(project, period, past)?, &document, formats)? {
        output::line(&path.to_string_lossy());
    }
    Ok(Ending::Clean)
}

/// The period's folder; what is seen from another day has one of its own below it.
fn folder(project: &Project, period: Period, past: &Past) -> Result<PathBuf, Faults> {
    let folder = project.data().join("reports").join(period.to_string());
    let Some(day) = &past.as_of else { return Ok(folder) };
    let mut name = format!("as-of-{}", moment_of("--as-of", Some(day))?.at.replace(':', ""));
    if past.with_todays_methods {
        name.push_str("-todays-methods");
    }
    Ok(folder.join(name))
}
