//! `tertial rollback`: an earlier release in force again, and no other until a person publishes.

use super::run::write_nightly_report;
use super::{Ending, Outcome, withdraw};
use crate::args::DecisionArguments;
use crate::clock::Moment;
use crate::night::record::{Publication, Record, Rollback};
use crate::night::timeline;
use crate::output;
use crate::project::Project;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::publish::Releases;

/// The verb.
pub fn run(
    project: &Project,
    lake: &Lake,
    moment: &Moment,
    release: Option<&str>,
    decision: &DecisionArguments,
) -> Outcome {
    timeline::require_clock(project, lake, moment)?;
    let record = Record::new(project);
    // What a run that died did not enter.
    record.enter()?;
    let last = record.newest()?.ok_or_else(|| Faults::from(no_earlier(None)))?;
    let earlier = target(&record, &last, release)?;
    let releases = Releases::new(&project.data());
    if !releases.is_whole(&earlier.identity.release) {
        return Err(Faults::from(not_there(&releases, &earlier)));
    }
    let (reason, decided_by) = withdraw::words(decision)?;
    let from = last.identity.release.clone();
    let rollback = Rollback { from, reason, decided_by };
    record.announce_rollback(&earlier.identity, &moment.at_by_now(), rollback)?;
    let id = &earlier.identity.release;
    releases.put_in_force(id).map_err(|error| {
        let message = format!("the release cannot be put in force: {error}");
        let place = Location::file("data/releases/current");
        Faults::from(Diagnostic::error(Code::FileAccess, message, place))
    })?;
    record.enter()?;
    let (reports, told) = write_nightly_report(project, Some(id));
    output::diagnostics(&told);
    if output::is_json() {
        output::json(&serde_json::json!({
            "release": id, "from": last.identity.release, "reports": reports,
        }));
    } else {
        output::data(&format!("release   {id} (in force again)"));
        output::data(&format!("before    {}", last.identity.release));
        output::data(
            "held      nights take in and read, and publish nothing until `tertial build` and \
             `tertial publish`",
        );
    }
    Ok(Ending::of(&told))
}

/// The publication that is gone back to.
fn target(
    record: &Record,
    last: &Publication,
    release: Option<&str>,
) -> Result<Publication, Faults> {
    let Some(id) = release else {
        let before = record.before(last)?;
        return before.ok_or_else(|| Faults::from(no_earlier(Some(last))));
    };
    if id == last.identity.release {
        let message = format!("release `{id}` is in force already");
        let fault = Diagnostic::error(Code::BadSetting, message, Location::file("rollback"));
        return Err(Faults::from(fault.with_effect("nothing was decided")));
    }
    let known = record.of(id)?;
    known.filter(|known| !known.is_look_back).ok_or_else(|| {
        let all = record.all().unwrap_or_default();
        let mut ids: Vec<&str> =
            all.iter().rev().map(|known| known.identity.release.as_str()).collect();
        ids.dedup();
        ids.truncate(5);
        let message = format!("release `{id}` was never published");
        let fault = Diagnostic::error(Code::NoRelease, message, Location::file("rollback"));
        Faults::from(
            fault
                .with_expected(format!("one of the last: {}", ids.join(", ")))
                .with_effect("nothing was decided"),
        )
    })
}

fn no_earlier(last: Option<&Publication>) -> Diagnostic {
    let found = last.map_or_else(
        || "no publication".to_owned(),
        |last| format!("`{}` is the only release", last.identity.release),
    );
    let message = "there is no earlier release";
    Diagnostic::error(Code::NoRelease, message, Location::file("data/published"))
        .with_found(found)
        .with_effect("nothing was decided")
}

fn not_there(releases: &Releases, earlier: &Publication) -> Diagnostic {
    let kept = releases.list().unwrap_or_default();
    let moment = earlier.moment();
    let message = format!("release `{}` does not lie there whole", earlier.identity.release);
    Diagnostic::error(Code::NoRelease, message, Location::file("data/releases"))
        .with_found(format!("kept: {}", kept.join(", ")))
        .with_expected(
            "a release that has not been forgotten; `keep_releases` says how many are kept",
        )
        .with_effect("nothing was decided; the release in force stays")
        .with_hint(format!(
            "what was in force then can still be read: `tertial report PERIOD --as-of {moment}`"
        ))
}
