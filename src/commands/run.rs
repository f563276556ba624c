//! `tertial run`: the night. Only what changed is done again; killed anywhere, the next run finishes.

use super::{Ending, Outcome};
use crate::args::{ReportFormat, Ways};
use crate::clock::Moment;
use crate::night::edition::Edition;
use crate::night::record::Record;
use crate::night::standing::{self, Deliveries};
use crate::night::{audit, build, fetch, load, publish, receive, report, store};
use crate::output;
use crate::project::Project;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;
use tertial_lake::{Lake, LoadState, atomic};
use tertial_model::Diagnostic;
use tertial_warehouse::publish::{PUBLIC_FILE, Releases};

/// What a night did, as the journal keeps it.
#[derive(Debug, Default, Serialize)]
pub struct Night {
    /// The moment looked from.
    pub as_of: String,
    /// Files taken in.
    pub received: usize,
    /// Files taken in whose bytes had come before.
    pub again: usize,
    /// Deliveries read.
    pub loaded: usize,
    /// Deliveries refused in this run.
    pub refused: usize,
    /// Rows read, accepted, set aside, and sum rows, in this run.
    pub rows: [u64; 4],
    /// Audits that hold, and all.
    pub audits: [usize; 2],
    /// The release in force afterwards.
    pub release: Option<String>,
    /// Whether a new release was published.
    pub is_new_release: bool,
    /// Reports written.
    pub reports: Vec<PathBuf>,
    /// Seconds per step.
    pub seconds: Vec<(&'static str, f64)>,
    /// Exit code.
    pub exit_code: u8,
}

/// The verb.
pub fn run(project: &Project, lake: &Lake, moment: &Moment, ways: Ways) -> Outcome {
    let (night, diagnostics) = night(project, lake, moment, ways)?;
    output::diagnostics(&diagnostics);
    if output::is_json() {
        output::json(&night);
    } else {
        output::data(&summary(project, &night));
    }
    Ok(if night.exit_code == 0 { Ending::Clean } else { Ending::NeedsAPerson })
}

/// The steps in order; what goes wrong with one source does not keep the others from going on.
pub fn night(
    project: &Project,
    lake: &Lake,
    moment: &Moment,
    ways: Ways,
) -> Result<(Night, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut night = Night { as_of: moment.at.clone(), ..Night::default() };
    let mut told = Vec::new();
    let mut clock = Instant::now();
    let mut step = |night: &mut Night, name: &'static str| {
        let seconds = (clock.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        night.seconds.push((name, seconds));
        output::progress(&format!("{name:<8} {seconds:>7.2} s"));
        clock = Instant::now();
    };

    let stored = store::look(project, lake, moment)?;
    told.extend(stored.diagnostics);
    step(&mut night, "look");
    let mut whole = Vec::new();
    if !ways.offline && fetch::is_wanted(project) {
        let brought = fetch::fetch(project, moment);
        whole = brought.new;
        told.extend(brought.diagnostics);
        step(&mut night, "fetch");
    }
    let received = receive::receive(project, lake, moment, &whole);
    night.received = received.new.len();
    night.again = received.again.len();
    told.extend(received.diagnostics);
    step(&mut night, "receive");

    let loaded = load::load(project, lake, moment, None)?;
    count(&mut night, &loaded);
    told.extend(loaded.diagnostics);
    step(&mut night, "load");

    let mut deliveries = Deliveries::at(project, lake, moment)?;
    told.extend(standing::stale(project, &deliveries, moment));
    let releases = Releases::new(&project.data());
    let id = build::release_id(project, &deliveries, moment);
    let is_current = || releases.current_id().is_some_and(|current| current.ends_with(&id[10..]));
    if stored.lost.is_some() || !is_current() {
        // What a build reads is read in whole before.
        let cleared = store::clear_lake(project, lake, &deliveries)?;
        if !cleared.is_empty() {
            told.extend(cleared);
            told.extend(load::load(project, lake, moment, None)?.diagnostics);
            deliveries = Deliveries::at(project, lake, moment)?;
        }
    }
    if let Some((identity, fault)) = &stored.lost {
        told.extend(store::make_release_again(project, lake, identity, fault)?);
    }
    // A run that died between putting a release in force and entering it in the record.
    Record::new(project).enter().map_err(|fault| vec![*fault])?;
    if !is_current() {
        publish_new(project, lake, &deliveries, moment, &mut night, &mut told, &mut step)?;
    }
    night.release = releases.current_id();

    if let Some(period) = project.config.night.open_period.filter(|_| project.report.is_some()) {
        let folder = project.data().join("reports").join(period.to_string());
        let formats = [ReportFormat::Html, ReportFormat::Pdf, ReportFormat::Json];
        let kept = night.release.as_deref().map(|release| report::kept(&folder, release, &formats));
        if kept.as_ref().is_some_and(|kept| *kept != report::Kept::Whole) {
            let written = Edition::in_force(project)
                .and_then(|edition| report::document(&edition, period))
                .and_then(|document| report::write(&folder, &document, &formats));
            match written {
                Ok(paths) => {
                    night.reports = paths;
                    told.extend(kept.iter().flat_map(|kept| store::report_again(project, kept)));
                }
                Err(faults) => told.extend(faults),
            }
            step(&mut night, "report");
        }
    }
    night.exit_code = Ending::of(&told).number();
    keep_journal(project, &night);
    Ok((night, told))
}

fn publish_new(
    project: &Project,
    lake: &Lake,
    deliveries: &Deliveries,
    moment: &Moment,
    night: &mut Night,
    told: &mut Vec<Diagnostic>,
    step: &mut impl FnMut(&mut Night, &'static str),
) -> Result<(), Vec<Diagnostic>> {
    let (built, from_build) = match build::build(project, lake, deliveries, moment) {
        Ok(done) => done,
        // The sources were taken in all the same: what is told of them must not be lost.
        Err(faults) => return Err(told.drain(..).chain(faults).collect()),
    };
    told.extend(from_build.diagnostics);
    step(night, "build");
    let (results, from_audit) = audit::audit(project, &built)?;
    night.audits = [results.iter().filter(|result| result.offenders == 0).count(), results.len()];
    told.extend(from_audit.diagnostics);
    step(night, "audit");
    if !audit::stops(&results) {
        publish::publish(project, &built)?;
        night.is_new_release = true;
        step(night, "publish");
    }
    Ok(())
}

fn count(night: &mut Night, loaded: &load::Loaded) {
    night.loaded = loaded.loads.len();
    for manifest in &loaded.loads {
        night.refused += usize::from(manifest.state == LoadState::Refused);
        for table in &manifest.tables {
            night.rows[0] += table.rows_read;
            night.rows[1] += table.rows_accepted;
            night.rows[2] += table.rows_rejected;
            night.rows[3] += table.rows_sum;
        }
    }
}

/// A file per run that did something; a night without news leaves no trace.
fn keep_journal(project: &Project, night: &Night) {
    if night.received + night.loaded == 0 && !night.is_new_release && night.reports.is_empty() {
        return;
    }
    let folder = project.data().join("runs");
    let name = format!("{}.json", night.as_of.replace(':', ""));
    let bytes = serde_json::to_vec_pretty(night).expect("text keys");
    let written =
        atomic::create_dir(&folder, 0o750).and_then(|()| atomic::write(&folder.join(name), &bytes));
    if let Err(error) = written {
        output::progress(&format!("the run journal cannot be written: {error}"));
    }
}

/// The ten lines of the morning.
pub fn summary(project: &Project, night: &Night) -> String {
    let region = &project.config.region;
    let label = if region.synthetic { " — SYNTHETIC DATA" } else { "" };
    let number = |value: u64| {
        tertial_model::swedish::decimal(tertial_model::Decimal::whole(value.into()), 0)
    };
    let mut lines = vec![format!("{}{label}, as of {}", region.name, night.as_of)];
    if night.received + night.loaded == 0 && !night.is_new_release {
        lines.push("nothing has changed since the last run; nothing was done again".to_owned());
    } else {
        let again = match night.again {
            0 => String::new(),
            count => format!(", {count} that had come before"),
        };
        lines.push(format!("received  {} new files{again}", night.received));
        lines.push(format!("loaded    {} deliveries, {} refused", night.loaded, night.refused));
        lines.push(format!(
            "rows      {} read = {} accepted + {} rejected + {} sum rows",
            number(night.rows[0]),
            number(night.rows[1]),
            number(night.rows[2]),
            number(night.rows[3])
        ));
        lines.push(format!("audits    {} of {} hold", night.audits[0], night.audits[1]));
    }
    let data = project.data();
    match &night.release {
        Some(release) => {
            let state = if night.is_new_release { "published" } else { "in force" };
            lines.push(format!("release   {release} ({state})"));
            lines.push(format!(
                "database  {}",
                data.join("releases/current").join(PUBLIC_FILE).display()
            ));
        }
        None => lines.push("release   none: nothing has passed its audits yet".to_owned()),
    }
    if let Some(period) = project.config.night.open_period {
        let folder = data.join("reports").join(period.to_string());
        for name in ["report.html", "report.pdf"] {
            if folder.join(name).exists() {
                lines.push(format!("report    {}", folder.join(name).display()));
            }
        }
    }
    lines.push(match night.exit_code {
        0 => "result    clean".to_owned(),
        _ => "result    a person is needed: see the messages above and the chapter on data quality"
            .to_owned(),
    });
    lines.join("\n")
}
