//! One file per verb. Each returns what it has to tell; printing and exit codes are settled here.

mod changes;
mod check;
mod completions;
mod demo;
mod docs;
mod explain;
mod findings;
mod indicators;
mod init;
mod preview;
mod profile;
mod rejects;
mod report;
mod rollback;
mod run;
mod sql;
mod status;
mod steps;
mod test;
mod verify;
mod withdraw;

use crate::args::{Arguments, AsOf, Past, Verb};
use crate::clock::{Moment, NoMoment};
use crate::night::edition::{Edition, Methodology};
use crate::night::timeline;
use crate::output;
use crate::project::Project;
use std::collections::BTreeSet;
use std::process::ExitCode;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Faults, Location, Severity, similar};

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

type Outcome = Result<Ending, Faults>;

/// Runs a verb.
pub fn run(arguments: Arguments) -> ExitCode {
    let folder = arguments.common.project;
    let outcome = match arguments.verb {
        Verb::Demo { dir, scale, seed, only_deliveries } => {
            demo::run(&demo::Wish { dir, scale, seed, only_deliveries })
        }
        Verb::Init { dir, name } => init::run(&dir, &name),
        Verb::Profile { file, name } => profile::run(&file, &name),
        Verb::Docs { contracts: Some(target), .. } => docs::contracts(&folder, &target),
        Verb::Docs { check, .. } => docs::run(&folder, check),
        Verb::Check { .. } => check::run(&folder),
        Verb::Test { names, .. } => test::run(&folder, &names),
        Verb::Completions { shell } => completions::run(shell),
        Verb::Explain { what, period, figure, sql, rows, table, limit, past, format } => {
            let wanted = rows.then_some(explain::Wanted { table, limit });
            let wish = explain::Wish { what, period, figure, sql, wanted, past, format };
            explain::run(&folder, &wish)
        }
        Verb::Changes { period, since, as_of, format } => {
            let wish = changes::Wish { period, since, as_of, format };
            Project::open(&folder).and_then(|project| changes::run(&project, &wish))
        }
        Verb::Preview { period, format } => {
            let wish = preview::Wish { period, format };
            Project::open(&folder).and_then(|project| preview::run(&project, &wish))
        }
        Verb::Receive { as_of, ways } => {
            with_lake(&folder, Some(&as_of), "receive", |project, lake, now| {
                steps::receive(project, lake, now, ways)
            })
        }
        Verb::Load { as_of, key } => {
            with_lake(&folder, Some(&as_of), "load", |project, lake, moment| {
                steps::load(project, lake, moment, key.new_key.as_deref())
            })
        }
        Verb::Build { as_of } => with_lake(&folder, Some(&as_of), "build", steps::build),
        Verb::Audit { .. } => with_lake(&folder, None, "audit", steps::audit),
        Verb::Publish => with_lake(&folder, None, "publish", steps::publish),
        Verb::Run { as_of, ways, key } => {
            let wish = run::Wish { ways, new_key: key.new_key };
            with_lake(&folder, Some(&as_of), "run", |project, lake, moment| {
                run::run(project, lake, moment, &wish)
            })
        }
        Verb::Report { period, format, past } => {
            let project = Project::open(&folder);
            project.and_then(|project| report::run(&project, period, &format, &past))
        }
        Verb::Indicators { period, past, format } => {
            let project = Project::open(&folder);
            project.and_then(|project| indicators::run(&project, period, &past, format))
        }
        Verb::Findings { new, draft, format } => {
            let wish = findings::Wish { new, draft, format };
            Project::open(&folder).and_then(|project| findings::run(&project, &wish))
        }
        Verb::Verify { .. } => verify::run(&folder),
        Verb::Withdraw { delivery, decision, undo } => {
            with_lake(&folder, Some(&decision.as_of), "withdraw", |project, lake, moment| {
                let wish = withdraw::Wish { delivery, decision: &decision, undo };
                withdraw::run(project, lake, moment, &wish)
            })
        }
        Verb::Rollback { release, decision } => {
            with_lake(&folder, Some(&decision.as_of), "rollback", |project, lake, moment| {
                rollback::run(project, lake, moment, release.as_deref(), &decision)
            })
        }
        Verb::Rejects { action, .. } => rejects::run(&folder, action),
        Verb::Sql { query, warehouse, time_limit, past, format } => {
            let wish = sql::Wish { query, warehouse, time_limit, past, format };
            Project::open(&folder).and_then(|project| sql::run(&project, &wish))
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
    let ending = match output::loss() {
        None => ending,
        Some(fault) => {
            output::diagnostics(&[fault]);
            Ending::Failed
        }
    };
    ExitCode::from(ending.number())
}

/// How many names are offered in place of one that is not known.
const NEAR: usize = 3;

/// The fault with the question whether one of these names was meant.
fn asking(fault: Diagnostic, near: &[&str]) -> Diagnostic {
    match similar::question(near) {
        Some(question) => fault.with_hint(question),
        None => fault,
    }
}

/// The first five names, and how many more there are: `` `a`, `b` ``; none when there are none.
fn few(names: &BTreeSet<&str>) -> Option<String> {
    const FEW: usize = 5;
    let shown: Vec<String> = names.iter().take(FEW).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => None,
        count if count > FEW => Some(format!("{} and {} more", shown.join(", "), count - FEW)),
        _ => Some(shown.join(", ")),
    }
}

/// The moment asked for.
pub fn moment(as_of: Option<&AsOf>) -> Result<Moment, Faults> {
    moment_of("--as-of", as_of.and_then(|as_of| as_of.as_of.as_deref()))
}

/// The moment an option names.
fn moment_of(option: &str, text: Option<&str>) -> Result<Moment, Faults> {
    Moment::parse(text).map_err(|fault| {
        let text = text.unwrap_or_default();
        let place = Location::file(option);
        Faults::from(match fault {
            NoMoment::Unreadable => {
                Diagnostic::error(Code::BadSetting, format!("`{text}` is no moment"), place)
                    .with_expected(
                        "a day such as `2024-09-16`, or a moment such as `2024-09-16T06:00:00Z`",
                    )
            }
            NoMoment::Future { now } => {
                let message = format!("`{text}` has not been yet");
                Diagnostic::error(Code::MomentInFuture, message, place)
                    .with_found(format!("the clock says {now}"))
                    .with_expected("a day that has been, or a moment up to now")
                    .with_effect("nothing was done")
                    .with_hint(format!("leave `{option}` out to look from now"))
                    .with_hint("if the clock of this machine is behind, set it and ask again")
            }
        })
    })
}

/// The release in force, or what was in force at the moment asked for.
fn edition<'a>(project: &'a Project, past: &Past) -> Result<Edition<'a>, Faults> {
    let Some(day) = &past.as_of else { return Edition::in_force(project) };
    let methods = match past.with_todays_methods {
        true => Methodology::Todays,
        false => Methodology::OfThen,
    };
    Edition::at(project, &moment_of("--as-of", Some(day))?, methods)
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
    let lake = Lake::open(project.data())?;
    let lock = lake.lock(&format!("tertial {verb}"))?;
    if as_of.is_none_or(|as_of| as_of.as_of.is_none()) {
        timeline::require_clock(&project, &lake, &moment)?;
    }
    let ending = work(&project, &lake, &moment)?;
    // What an earlier run that was killed left in the lake, no manifest names.
    lake.sweep(&lock)?;
    Ok(ending)
}
