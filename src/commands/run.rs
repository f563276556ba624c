//! `tertial run`: the night. Only what changed is done again; killed anywhere, the next run finishes.

mod after;

use super::{Ending, Outcome};
use crate::args::{ReportFormat, Ways};
use crate::clock::{self, Moment};
use crate::night::edition::Edition;
use crate::night::record::{Publication, Record, Rollback};
use crate::night::standing::{self, Deliveries};
use crate::night::{
    again, audit, build, fetch, intact, keyring, load, publish, receive, report, space, store,
    timeline, untold,
};
use crate::output;
use crate::project::Project;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;
use tertial_lake::{Lake, LoadManifest, LoadState, atomic};
use tertial_model::{Code, Diagnostic, Faults, Location, Period};
use tertial_warehouse::AuditResult;
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
    /// Deliveries read whose rows count.
    pub loaded: usize,
    /// Deliveries read and refused.
    pub refused: usize,
    /// Rows read, accepted, set aside, and sum rows, in this run.
    pub rows: [u64; 4],
    /// Whether a warehouse was built.
    pub is_built: bool,
    /// Audits of it that hold, and all.
    pub audits: [usize; 2],
    /// Audits that do not hold and whose findings are all known.
    pub known_audits: usize,
    /// Findings that are known, and those that are new.
    pub findings: [u64; 2],
    /// Lines of known findings that no finding is about.
    pub idle_known: usize,
    /// Whether an audit stopped what was built.
    pub is_stopped: bool,
    /// The release in force afterwards.
    pub release: Option<String>,
    /// Whether a new release was published.
    pub is_new_release: bool,
    /// Whether there is something to publish that a rollback holds back.
    pub is_held: bool,
    /// Messages of an earlier run that died before telling them.
    pub late_messages: usize,
    /// Reports written.
    pub reports: Vec<PathBuf>,
    /// Seconds per step.
    pub seconds: Vec<(&'static str, f64)>,
    /// Exit code.
    pub exit_code: u8,
}

impl Night {
    /// Whether anything new was taken in, read or built.
    fn did_something(&self) -> bool {
        let counts = [self.received, self.loaded, self.refused];
        self.is_built || counts.iter().any(|&count| count > 0)
    }
}

/// What was typed besides the moment.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Where deliveries may come from.
    pub ways: Ways,
    /// The id of a key for pseudonyms that is new on purpose.
    pub new_key: Option<String>,
}

/// The verb.
pub fn run(project: &Project, lake: &Lake, moment: &Moment, wish: &Wish) -> Outcome {
    let (night, ending) = tell(project, lake, moment, wish)?;
    if ending == Ending::Failed {
        return Ok(ending);
    }
    if output::is_json() {
        output::json(&night);
    } else {
        output::data(&summary(project, &night));
    }
    Ok(ending)
}

/// Runs the night and tells what it found, and what an earlier one found and died before telling.
fn tell(
    project: &Project,
    lake: &Lake,
    moment: &Moment,
    wish: &Wish,
) -> Result<(Night, Ending), Faults> {
    let previous = Releases::new(&project.data()).current_id();
    let mut course = Course::new(project, lake, moment);
    let ran = course.run(wish);
    let Course { mut night, mut told, loads, built, .. } = course;
    let in_force = Releases::new(&project.data()).current_id();
    let untold = lake.untold()?;
    let late = untold::left(untold, &loads, built.as_deref(), in_force.as_deref());
    night.late_messages = late.len();
    told.extend(late);
    night.release = in_force;
    told.extend(after::hook(project, &night, previous.as_deref()));
    let mut ending = match ran {
        Ok(()) => Ending::of(&told),
        Err(faults) => {
            // What was found before that must not be lost.
            told.extend(faults);
            Ending::Failed
        }
    };
    night.exit_code = ending.number();
    let unwritten = after::leave(project, &night, clock::wall().as_second());
    ending = ending.max(Ending::of(&unwritten));
    night.exit_code = ending.number();
    told.extend(unwritten);
    keep_journal(project, &night);
    output::diagnostics(&told);
    lake.forget_untold()?;
    Ok((night, ending))
}

/// A night under way.
struct Course<'a> {
    project: &'a Project,
    lake: &'a Lake,
    moment: &'a Moment,
    clock: Instant,
    night: Night,
    told: Vec<Diagnostic>,
    loads: Vec<LoadManifest>,
    built: Option<String>,
}

impl<'a> Course<'a> {
    fn new(project: &'a Project, lake: &'a Lake, moment: &'a Moment) -> Course<'a> {
        let night = Night { as_of: moment.at.clone(), ..Night::default() };
        let clock = Instant::now();
        let (told, loads, built) = (Vec::new(), Vec::new(), None);
        Course { project, lake, moment, clock, night, told, loads, built }
    }

    /// The steps in order; what goes wrong with one source does not keep the others from going on.
    fn run(&mut self, wish: &Wish) -> Result<(), Faults> {
        let Course { project, lake, moment, .. } = *self;
        let new_key = wish.new_key.as_deref();
        let keyring = keyring::open(project, project, lake, moment, new_key)?;
        let looks_back = timeline::is_look_back(project, lake, moment)?;
        let stored = store::look(project, lake, moment)?;
        self.told.extend(stored.diagnostics);
        self.step("look");

        if !looks_back {
            space::for_files(project, lake)?;
        }
        let mut whole = Vec::new();
        if !wish.ways.offline && !looks_back && fetch::is_wanted(project) {
            let brought = fetch::fetch(project, moment);
            whole = brought.new;
            self.told.extend(brought.diagnostics);
            self.step("fetch");
        }
        let received = receive::receive(project, lake, moment, &whole);
        self.night.received = received.new.len();
        self.night.again = received.again.len();
        self.told.extend(received.diagnostics);
        self.step("receive");
        timeline::require_receipts(lake, moment)?;

        let loaded = load::load(project, lake, moment, &keyring, None)?;
        count(&mut self.night, &loaded);
        self.told.extend(loaded.diagnostics);
        self.loads = loaded.loads;
        self.step("load");

        let mut deliveries = Deliveries::at(project, lake, moment)?;
        self.told.extend(standing::stale(project, &deliveries, moment));
        let releases = Releases::new(&project.data());
        let id = build::release_id(project, &deliveries, moment);
        let is_current =
            || releases.current_id().is_some_and(|current| current.ends_with(&id[10..]));
        if stored.lost.is_some() || !is_current() {
            // What a build reads is read in whole before.
            let cleared = intact::clear_lake(project, lake, &deliveries)?;
            if !cleared.is_empty() {
                self.told.extend(cleared);
                self.told.extend(load::load(project, lake, moment, &keyring, None)?.diagnostics);
                deliveries = Deliveries::at(project, lake, moment)?;
            }
        }
        if let Some((identity, fault)) = &stored.lost {
            self.told.extend(again::make_release_again(project, lake, identity, fault)?);
        }
        // A run that died between putting a release in force and entering it in the record.
        Record::new(project).enter()?;
        if !is_current() {
            match Record::new(project).newest()? {
                Some(Publication { rollback: Some(rollback), identity, .. }) => {
                    self.night.is_held = true;
                    self.told.push(held(&identity.release, &rollback));
                }
                _ => self.publish(&deliveries)?,
            }
        }
        let (reports, told) = write_nightly_report(project, releases.current_id().as_deref());
        if !reports.is_empty() || !told.is_empty() {
            self.step("report");
        }
        self.night.reports = reports;
        self.told.extend(told);
        Ok(())
    }

    /// Builds, audits and puts in force.
    fn publish(&mut self, deliveries: &Deliveries) -> Result<(), Faults> {
        let Course { project, lake, moment, .. } = *self;
        space::for_release(project, lake)?;
        let (built, from_build) = build::build(project, lake, deliveries, moment)?;
        self.night.is_built = true;
        self.step("build");
        let (results, from_audit) = audit::audit(project, &built)?;
        let held = results.iter().filter(|result| result.offenders == 0).count();
        self.night.audits = [held, results.len()];
        let known = |result: &&AuditResult| result.offenders > 0 && result.new_count() == 0;
        self.night.known_audits = results.iter().filter(known).count();
        self.night.findings = [
            results.iter().map(|result| result.known_count).sum(),
            results.iter().map(AuditResult::new_count).sum(),
        ];
        self.night.idle_known = audit::idle(project, &built, &results);
        self.night.is_stopped = audit::stops(&results);
        self.step("audit");
        let found: Vec<Diagnostic> =
            from_build.diagnostics.into_iter().chain(from_audit.diagnostics).collect();
        let published = match self.night.is_stopped {
            true => Ok(()),
            false => publish::publish(project, lake, &built, moment, &found).map(drop),
        };
        self.told.extend(found);
        self.built = Some(built.id);
        published?;
        if !self.night.is_stopped {
            self.night.is_new_release = true;
            self.step("publish");
        }
        Ok(())
    }

    fn step(&mut self, name: &'static str) {
        let seconds = (self.clock.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        self.night.seconds.push((name, seconds));
        output::progress(&format!("{name:<8} {seconds:>7.2} s"));
        self.clock = Instant::now();
    }
}

/// Writes the report of the open period, unless that of the release in force lies there; what was
/// written, and what there is to tell of it.
pub fn write_nightly_report(
    project: &Project,
    release: Option<&str>,
) -> (Vec<PathBuf>, Vec<Diagnostic>) {
    let open = open_report(project).zip(release);
    let Some(((period, folder), release)) = open else { return Default::default() };
    let kept = report::kept(&folder, release, &NIGHTLY);
    if kept == report::Kept::Whole {
        return Default::default();
    }
    let written = Edition::in_force(project)
        .and_then(|edition| report::document(&edition, period))
        .and_then(|document| report::write(&folder, &document, &NIGHTLY));
    match written {
        Ok(paths) => (paths, again::report_again(project, &kept)),
        Err(faults) => (Vec::new(), faults.into()),
    }
}

/// T0823: what has been taken in is not published, since somebody went back to an earlier release.
fn held(release: &str, rollback: &Rollback) -> Diagnostic {
    let Rollback { from, reason, decided_by } = rollback;
    let message = "publishing is held since an earlier release was put in force again";
    Diagnostic::warning(Code::PublishingHeld, message, Location::file("data/releases/current"))
        .with_found(format!("`{release}` in place of `{from}`, by {decided_by}: {reason}"))
        .with_expected("a person who has seen to the cause")
        .with_effect("what has come or changed since is read and not published")
        .with_hint("`tertial preview` shows what a publication would change")
        .with_hint("`tertial build` and `tertial publish` put it in force; nights publish again after that")
}

/// The formats of the report that is written each night.
const NIGHTLY: [ReportFormat; 3] = [ReportFormat::Html, ReportFormat::Pdf, ReportFormat::Json];

/// The period whose report is written each night, and its folder.
fn open_report(project: &Project) -> Option<(Period, PathBuf)> {
    let period = project.config.night.open_period.filter(|_| project.report.is_some())?;
    Some((period, project.data().join("reports").join(period.to_string())))
}

fn count(night: &mut Night, loaded: &load::Loaded) {
    for manifest in &loaded.loads {
        match manifest.state {
            LoadState::Loaded => night.loaded += 1,
            LoadState::Refused => night.refused += 1,
        }
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
    if !night.did_something() && night.again == 0 && night.reports.is_empty() {
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
fn summary(project: &Project, night: &Night) -> String {
    let region = &project.config.region;
    let label = if region.synthetic { " — SYNTHETIC DATA" } else { "" };
    let number = |value: u64| {
        tertial_model::swedish::decimal(tertial_model::Decimal::whole(value.into()), 0)
    };
    let mut lines = vec![format!("{}{label}, as of {}", region.name, night.as_of)];
    let again = match night.again {
        0 => String::new(),
        count => format!(", {count} that had come before"),
    };
    let received = format!("received  {} new files{again}", night.received);
    if !night.did_something() {
        lines.extend((night.again > 0).then_some(received));
        if !night.is_held {
            lines.push("nothing has changed since the last run; nothing was done again".to_owned());
        }
    } else {
        lines.push(received);
        lines.push(format!("loaded    {} deliveries, {} refused", night.loaded, night.refused));
        lines.push(format!(
            "rows      {} read = {} accepted + {} rejected + {} sum rows",
            number(night.rows[0]),
            number(night.rows[1]),
            number(night.rows[2]),
            number(night.rows[3])
        ));
        let [held, all] = night.audits;
        let known = match night.known_audits {
            0 => String::new(),
            count => format!(", {count} find only what is known"),
        };
        lines.push(match (night.is_built, night.is_stopped) {
            (false, _) => "audits    none: the release in force holds all of this".to_owned(),
            (true, true) => {
                format!("audits    {held} of {all} hold{known}; the release was stopped")
            }
            (true, false) => format!("audits    {held} of {all} hold{known}"),
        });
        let [known, new] = night.findings;
        if known + new > 0 {
            let idle = match night.idle_known {
                0 => String::new(),
                1 => "; 1 acknowledgement is about nothing any more".to_owned(),
                count => format!("; {count} acknowledgements are about nothing any more"),
            };
            lines.push(format!("findings  {known} known, {new} new{idle}"));
        }
    }
    match night.late_messages {
        0 => {}
        1 => lines.push("told      1 message of an earlier run that was broken off".to_owned()),
        count => {
            lines.push(format!("told      {count} messages of earlier runs that were broken off"))
        }
    }
    let data = project.data();
    match &night.release {
        Some(release) => {
            let state = match (night.is_new_release, night.is_held) {
                (true, _) => "published",
                (false, true) => "in force; publishing is held",
                (false, false) => "in force",
            };
            lines.push(format!("release   {release} ({state})"));
            lines.push(format!(
                "database  {}",
                data.join("releases/current").join(PUBLIC_FILE).display()
            ));
        }
        None => lines.push("release   none: nothing has passed its audits yet".to_owned()),
    }
    if let Some(((period, folder), release)) = open_report(project).zip(night.release.as_deref()) {
        if report::kept(&folder, release, &NIGHTLY) == report::Kept::Whole {
            let formats = [ReportFormat::Html, ReportFormat::Pdf];
            let names = formats.iter().flat_map(|format| report::file_names(*format));
            lines.extend(names.map(|name| format!("report    {}", folder.join(name).display())));
        } else {
            lines.push(format!("report    none of {period} from the release in force"));
        }
    }
    lines.push(match night.exit_code {
        0 => "result    clean".to_owned(),
        _ => "result    a person is needed: see the messages above and the chapter on data quality"
            .to_owned(),
    });
    lines.join("\n")
}
