//! Drop folders into `received/`: bytes are copied once and never touched again.
//!
//! A file stays where its sender put it. The log of receipts tells which were taken in, so that a
//! night without news does not read them again; a file that may still be growing waits for the next
//! run, and a zip archive is taken in member by member. A folder that is gone, and what lies in one and
//! is no file, is told at once.

mod archive;
mod odd;
pub mod restore;

use super::{fetch, timeline};
use crate::clock::Moment;
use crate::project::{Project, Source};
use jiff::Timestamp;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tertial_fetch::Memory;
use tertial_lake::{
    DeliveryManifest, Dropped, Incoming, Lake, ReceiptEvent, Receipts, Rest, atomic, dropped,
    is_archive, match_pattern,
};
use tertial_model::pipeline::FileSpec;
use tertial_model::{Code, Diagnostic, Location, Origin, persons};

/// What a receipt brought.
#[derive(Debug, Default)]
pub struct Received {
    /// Deliveries that were not known before.
    pub new: Vec<DeliveryManifest>,
    /// Deliveries whose bytes came once more.
    pub again: Vec<DeliveryManifest>,
    /// Files that match no pattern, missing required files, files that could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// Takes in everything new from the drop folders of all sources, unless the run looks back. The files
/// of `whole` are known to be finished, however new they are.
pub fn receive(project: &Project, lake: &Lake, now: &Moment, whole: &[PathBuf]) -> Received {
    let mut received = Received::default();
    match timeline::is_look_back(project, lake, now) {
        Ok(false) => {}
        Ok(true) => {
            received.diagnostics.extend(left_untaken(project, lake, now));
            return received;
        }
        Err(fault) => {
            received.diagnostics.push(*fault);
            return received;
        }
    }
    let log = match lake.receipts() {
        Ok(log) => log,
        Err(fault) => {
            received.diagnostics.push(*fault);
            return received;
        }
    };
    let memory = fetch::memory(project);
    let mut desk =
        Desk { project, lake, now, looked_at: now.by_now(), whole, memory, log, received };
    for source in &project.sources {
        let files = match desk.files(source) {
            Ok(files) => files,
            Err(fault) => {
                desk.received.diagnostics.push(*fault);
                continue;
            }
        };
        for file in files {
            if let Err(fault) = desk.take(source, &file) {
                desk.received.diagnostics.push(*fault);
            }
        }
    }
    if let Err(fault) = lake.mark_receipts() {
        desk.received.diagnostics.push(*fault);
    }
    desk.received
}

/// What a run that looks back leaves in the drop folders; none when there is nothing.
fn left_untaken(project: &Project, lake: &Lake, moment: &Moment) -> Option<Diagnostic> {
    let files = untaken(project, lake);
    let first = files.first()?;
    let newest = timeline::newest(project, lake).ok().flatten();
    let newest =
        newest.map_or_else(String::new, |newest| format!("{}, when {}", newest.at, newest.what));
    let message = format!("a run that looks back to {} takes nothing in", moment.at);
    let found = match files.len() {
        1 => "1 file that has not been taken in".to_owned(),
        count => format!("{count} files that have not been taken in, this the first"),
    };
    let fault = Diagnostic::warning(Code::NothingTakenIn, message, Location::file(first))
        .with_found(found)
        .with_expected(format!("a moment not before {newest}"))
        .with_effect(
            "they were left where they are: received then, they would count as older than they are",
        )
        .with_hint("run without `--as-of` to take them in");
    Some(fault)
}

/// The files in the drop folders that have not been taken in, as a person sees them.
fn untaken(project: &Project, lake: &Lake) -> Vec<String> {
    waiting(project, lake).into_iter().map(|(shown, _)| shown).collect()
}

/// How many bytes wait in the drop folders to be taken in.
pub fn waiting_bytes(project: &Project, lake: &Lake) -> u64 {
    waiting(project, lake).iter().map(|(_, bytes)| bytes).sum()
}

/// The files that wait, as a person sees them, with their sizes.
fn waiting(project: &Project, lake: &Lake) -> Vec<(String, u64)> {
    let log = lake.receipts().unwrap_or_default();
    let folders = project.sources.iter().filter_map(|source| dropped(&project.inbox(source)).ok());
    let files = folders.flat_map(|folder| folder.files);
    files
        .map(|file| (project.shown(&file.path), file))
        .filter(|(shown, file)| !log.knows(shown, None, file.bytes, file.changed_ns))
        .map(|(shown, file)| (shown, file.bytes))
        .collect()
}

/// Where files are taken in, one after the other.
struct Desk<'a> {
    project: &'a Project,
    lake: &'a Lake,
    now: &'a Moment,
    /// The moment at which files are judged to be finished.
    looked_at: Timestamp,
    whole: &'a [PathBuf],
    memory: Memory,
    log: Receipts,
    received: Received,
}

impl Desk<'_> {
    /// The files in the drop folder of a source; what else lies there is told.
    fn files(&mut self, source: &Source) -> Result<Vec<Dropped>, Box<Diagnostic>> {
        let folder = self.project.inbox(source);
        let found = match dropped(&folder) {
            Ok(found) => found,
            // A new source: the folder is there from now on, and from now on it is missed.
            Err(error) if error.kind() == ErrorKind::NotFound && self.is_new(source) => {
                atomic::create_dir(&folder, 0o750)
                    .map_err(|error| odd::no_folder(self.project, source, &error))?;
                return Ok(Vec::new());
            }
            Err(error) => return Err(odd::no_folder(self.project, source, &error)),
        };
        let others: Vec<PathBuf> =
            self.project.sources.iter().map(|source| self.project.inbox(source)).collect();
        // The folder of another source may lie in this one's.
        let is_told = |path: &Path| !others.iter().any(|other| other.starts_with(path));
        let told = found.odd.iter().filter(|odd| is_told(&odd.path));
        let told = told.map(|odd| odd::no_file(source, &self.project.shown(&odd.path), odd));
        self.received.diagnostics.extend(told);
        Ok(found.files)
    }

    /// Whether a source has a folder of our own making, and nothing ever came there.
    fn is_new(&self, source: &Source) -> bool {
        let folder = format!("{}/", self.project.shown(&self.project.inbox(source)));
        let came = |event: &ReceiptEvent| event.file.starts_with(&folder);
        source.pipeline.inbox.is_none() && !self.log.events().iter().any(came)
    }

    fn take(&mut self, source: &Source, file: &Dropped) -> Result<(), Box<Diagnostic>> {
        let shown = self.project.shown(&file.path);
        if self.log.knows(&shown, None, file.bytes, file.changed_ns) {
            return Ok(());
        }
        let quiet_seconds = source.pipeline.drop_folder.quiet_seconds;
        match file.rest(self.looked_at, quiet_seconds) {
            Rest::Unfinished => return Err(unfinished(&shown)),
            Rest::Moving { seconds } if !self.whole.contains(&file.path) => {
                return Err(moving(&shown, seconds, quiet_seconds, source));
            }
            _ => {}
        }
        let Some(spec) = spec_for(source, &file.name) else {
            if is_archive(&file.name) {
                return self.take_archive(source, file, &shown);
            }
            return Err(unknown_file(source, &shown));
        };
        let key = format!("{}/{}", source.pipeline.name, file.name);
        let fetched = self.memory.of(&key).cloned();
        let origin = |sha256: &str| {
            let fetched = fetched.as_ref().filter(|kept| kept.sha256 == sha256);
            fetched.map(|kept| kept.origin.clone())
        };
        let event = self.take_in(source, spec, &file.path, &origin)?;
        self.record(vec![ReceiptEvent {
            file: shown,
            bytes: file.bytes,
            changed_ns: file.changed_ns,
            ..event
        }])
    }

    /// Takes in a file; what is to be written down of it, all but where it lay.
    fn take_in(
        &mut self,
        source: &Source,
        spec: &FileSpec,
        file: &Path,
        origin: &dyn Fn(&str) -> Option<Origin>,
    ) -> Result<ReceiptEvent, Box<Diagnostic>> {
        let name = &source.pipeline.name;
        let incoming = Incoming { source: name, spec, file, received_at: &self.now.at, origin };
        let receipt = self.lake.take_in(&incoming)?;
        let manifest = receipt.manifest;
        // A delivery that no line speaks of was taken in by a run that was killed before it wrote it
        // down, or the log is gone: this is that receipt, and no new one.
        let is_late_line = !receipt.is_new && !self.log.names(&manifest.id);
        let received_at =
            if is_late_line { manifest.received_at.clone() } else { self.now.at.clone() };
        let event = ReceiptEvent {
            received_at,
            source: name.clone(),
            file: String::new(),
            member: None,
            bytes: 0,
            changed_ns: 0,
            sha256: manifest.sha256.clone(),
            delivery: Some(manifest.id.clone()),
        };
        if receipt.is_new {
            self.received.new.push(manifest);
        } else if !is_late_line {
            self.received.again.push(manifest);
        }
        Ok(event)
    }

    fn record(&mut self, events: Vec<ReceiptEvent>) -> Result<(), Box<Diagnostic>> {
        self.lake.record(&events)?;
        self.log.add(events);
        Ok(())
    }
}

/// The kind of file that a name fits.
fn spec_for<'a>(source: &'a Source, name: &str) -> Option<&'a FileSpec> {
    source.pipeline.files.iter().find(|spec| match_pattern(&spec.pattern, name).is_some())
}

/// The patterns of a source, for messages.
fn patterns(source: &Source) -> String {
    let patterns: Vec<String> =
        source.pipeline.files.iter().map(|spec| format!("`{}`", spec.pattern)).collect();
    patterns.join(" or ")
}

/// What to do about a name that no pattern of a source fits.
fn hint(name: &str, otherwise: String) -> String {
    match persons::holds_civic_number(name) {
        true => "the name holds a civic number, which names a person and no delivery: \
                 ask the sender for a name without it"
            .to_owned(),
        false => otherwise,
    }
}

fn unknown_file(source: &Source, shown: &str) -> Box<Diagnostic> {
    let message =
        format!("a file in the drop folder of `{}` matches no pattern", source.pipeline.name);
    let fault = Diagnostic::warning(Code::UnmatchedFile, message, Location::file(shown))
        .with_expected(patterns(source))
        .with_effect("the file was left where it is and nothing was read from it");
    let pipeline = format!("{}/pipeline.toml", source.folder());
    let otherwise = format!("rename the file, or add its pattern to {pipeline}");
    Box::new(fault.with_hint(hint(shown, otherwise)))
}

fn unfinished(shown: &str) -> Box<Diagnostic> {
    let message = "a file has the name of a transfer under way";
    let fault = Diagnostic::warning(Code::UnfinishedFile, message, Location::file(shown))
        .with_expected("the file's own name, which it gets when the transfer is done")
        .with_effect("the file was left for the next run")
        .with_hint("if nothing is being sent, the transfer broke off: send the file again");
    Box::new(fault)
}

fn moving(shown: &str, seconds: u64, quiet_seconds: u64, source: &Source) -> Box<Diagnostic> {
    let message = "a file changed a moment ago and may still be growing";
    let fault = Diagnostic::warning(Code::UnfinishedFile, message, Location::file(shown))
        .with_found(format!("a change {seconds} s away from the run"))
        .with_expected(format!("{quiet_seconds} s without a change"))
        .with_effect("the file was left for the next run")
        .with_hint(format!(
            "run again in a while; a sender that renames finished files needs no pause: \
             `quiet_seconds = 0` under `[drop]` in {}/pipeline.toml",
            source.folder()
        ));
    Box::new(fault)
}
