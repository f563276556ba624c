//! One file per verb. Each returns what it has to tell; printing and exit codes are settled here.

mod check;
mod demo;
mod docs;
mod explain;
mod indicators;
mod init;
mod profile;
mod rejects;
mod report;
mod run;
mod sql;
mod status;
mod steps;

use crate::args::{Arguments, AsOf, Verb};
use crate::clock::Moment;
use crate::output;
use crate::project::Project;
use std::process::ExitCode;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Location, Severity};

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Nothing to do for a person.
    Clean,
    /// Ran to the end, but a person is needed.
    NeedsAPerson,
    /// Could not run.
    Failed,
}

impl Ending {
    /// From what was told: errors and warnings need a person.
    pub fn of(diagnostics: &[Diagnostic]) -> Ending {
        let worst = diagnostics.iter().map(|diagnostic| diagnostic.severity).max();
        if worst >= Some(Severity::Warning) { Ending::NeedsAPerson } else { Ending::Clean }
    }

    /// The exit code.
    pub fn number(self) -> u8 {
        self as u8
    }
}

type Outcome = Result<Ending, Vec<Diagnostic>>;

/// Runs a verb.
pub fn run(arguments: Arguments) -> ExitCode {
    let folder = arguments.common.project;
    let outcome = match arguments.verb {
        Verb::Demo { dir, scale, seed, only_deliveries } => {
            demo::run(&demo::Wish { dir, scale, seed, only_deliveries })
        }
        Verb::Init { dir, name } => init::run(&dir, &name),
        Verb::Profile { file, name } => profile::run(&file, &name),
        Verb::Docs { check } => docs::run(&folder, check),
        Verb::Check { .. } => check::run(&folder),
        Verb::Explain { what, period, unit, .. } => {
            explain::run(&folder, &what, period, unit.as_deref())
        }
        Verb::Receive { as_of, ways } => {
            with_lake(&folder, Some(&as_of), "receive", |project, lake, now| {
                steps::receive(project, lake, now, ways)
            })
        }
        Verb::Load { as_of } => with_lake(&folder, Some(&as_of), "load", steps::load),
        Verb::Build { as_of } => with_lake(&folder, Some(&as_of), "build", steps::build),
        Verb::Audit { .. } => with_lake(&folder, None, "audit", steps::audit),
        Verb::Publish => with_lake(&folder, None, "publish", steps::publish),
        Verb::Run { as_of, ways } => {
            with_lake(&folder, Some(&as_of), "run", |project, lake, moment| {
                run::run(project, lake, moment, ways)
            })
        }
        Verb::Report { period, format } => {
            Project::open(&folder).and_then(|project| report::run(&project, period, &format))
        }
        Verb::Indicators { period, format } => {
            Project::open(&folder).and_then(|project| indicators::run(&project, period, format))
        }
        Verb::Rejects { action, .. } => rejects::run(&folder, action),
        Verb::Sql { query, warehouse, format } => {
            Project::open(&folder).and_then(|project| sql::run(&project, &query, warehouse, format))
        }
        Verb::Status { as_of } => {
            let moment = moment(Some(&as_of));
            moment.and_then(|moment| status::run(&Project::open(&folder)?, &moment))
        }
    };
    let ending = outcome.unwrap_or_else(|faults| {
        output::diagnostics(&faults);
        Ending::Failed
    });
    ExitCode::from(ending.number())
}

/// The moment asked for.
pub fn moment(as_of: Option<&AsOf>) -> Result<Moment, Vec<Diagnostic>> {
    Moment::parse(as_of.and_then(|as_of| as_of.as_of.as_deref()))
        .map_err(|message| vec![Diagnostic::error(Code::T0502, message, Location::file("--as-of"))])
}

/// Opens the project, takes the lock and does the verb.
fn with_lake(
    folder: &std::path::Path,
    as_of: Option<&AsOf>,
    verb: &str,
    work: impl FnOnce(&Project, &Lake, &Moment) -> Outcome,
) -> Outcome {
    let moment = moment(as_of)?;
    let project = Project::open(folder)?;
    let one = |fault: Box<Diagnostic>| vec![*fault];
    let lake = Lake::open(project.data()).map_err(one)?;
    let lock = lake.lock(&format!("tertial {verb}")).map_err(one)?;
    let ending = work(&project, &lake, &moment)?;
    // What an earlier run that was killed left in the lake, no manifest names.
    lake.sweep(&lock).map_err(one)?;
    Ok(ending)
}
