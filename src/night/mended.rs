//! What is told of stored files that were lost or changed and have been made again.

use crate::project::Project;
use tertial_lake::{Damage, Stored};
use tertial_model::{Code, Diagnostic, Location};

/// T0821 of something whose damage was told by another fault.
pub fn again(what: &str, fault: &Diagnostic) -> Diagnostic {
    let message = format!("{what} was lost or changed and has been made again");
    let told = Diagnostic::warning(Code::StoredFileRestored, message, fault.location.clone());
    let told = told.with_found(fault.found.clone().unwrap_or_default());
    advised(told.with_expected("the file as it was written"))
}

/// A file of the lake, in messages.
pub const LAKE_FILE: &str = "a file of the lake";
/// A file of a report, in messages.
pub const REPORT_FILE: &str = "a file of a report";

/// T0821: a file was made again.
pub fn made_again(project: &Project, what: &str, stored: &Stored, damage: &Damage) -> Diagnostic {
    let message = format!("{what} was lost or changed and has been made again");
    let place = Location::file(project.shown(&stored.path));
    advised(
        Diagnostic::warning(Code::StoredFileRestored, message, place)
            .with_found(damage.found())
            .with_expected(damage.expected(&stored.written)),
    )
}

/// What follows from it, and what to do.
pub fn advised(told: Diagnostic) -> Diagnostic {
    told.with_effect("the figures are what they were")
        .with_hint("see who or what writes in `data` besides `tertial`, and look at the disk")
        .with_hint("`tertial verify` checks everything that is stored")
}
