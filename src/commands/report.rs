//! `tertial report`: the document of a period, in the forms asked for.

use super::{Ending, Outcome};
use crate::args::ReportFormat;
use crate::night::report;
use crate::output;
use crate::project::Project;
use tertial_model::Period;

/// Writes the files, or prints the JSON document when it alone is asked for.
pub fn run(project: &Project, period: Period, formats: &[ReportFormat]) -> Outcome {
    let document = report::document(project, period)?;
    if formats == [ReportFormat::Json] {
        output::data(&tertial_report::json::render(&document));
        return Ok(Ending::Clean);
    }
    for path in report::write(project, &document, period, formats)? {
        output::data(&path.to_string_lossy());
    }
    Ok(Ending::Clean)
}
