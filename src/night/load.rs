//! Received bytes to the lake: which deliveries are due, one after the other in the order they came,
//! and then what they say against each other.
//!
//! How one delivery is read, checked and written is [`task`]'s business, what two senders must agree
//! about is [`across`]'s, and what one sender states anew is `restated`'s. A load whose manifest or
//! files are not as they were written is due again; bytes that are not those that came are never read.

mod across;
mod pump;
pub mod references;
mod task;

use super::keyring::{self, Keyring};
use super::lost::lost_bytes;
use super::restated::Restated;
use super::untold;
use crate::clock::Moment;
use crate::fingerprint::Fingerprint;
use crate::project::{Project, Source};
use references::RawValues;
use std::collections::{BTreeMap, BTreeSet};
use task::{Taken, Task};
use tertial_check::{Corrections, References};
use tertial_lake::{DeliveryManifest, Lake, LoadManifest, LoadState};
use tertial_model::pipeline::FileSpec;
use tertial_model::{Code, Diagnostic, Faults, Location};

/// What loading brought.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Deliveries read in this run.
    pub loads: Vec<LoadManifest>,
    /// Faults to tell: those of files, and examples of those of rows.
    pub diagnostics: Vec<Diagnostic>,
}

/// What all loads of a run have in common.
struct Night<'a> {
    project: &'a Project,
    lake: &'a Lake,
    moment: &'a Moment,
    keyring: &'a Keyring,
    references: References,
    raw: RawValues,
}

/// What became of a delivery in this run.
struct Done {
    manifest: LoadManifest,
    told: Vec<Diagnostic>,
}

/// Loads every delivery that was received by `moment` and whose load is due.
///
/// What there is to tell of a load is kept in the lake before the load counts. `only` limits the work
/// to some deliveries, whether their load is due or not.
pub fn load(
    project: &Project,
    lake: &Lake,
    moment: &Moment,
    keyring: &Keyring,
    only: Option<&dyn Fn(&DeliveryManifest) -> bool>,
) -> Result<Loaded, Faults> {
    let faults = references::faults(project);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let references = project.references();
    let raw = RawValues::default();
    let mut night = Night { project, lake, moment, keyring, references, raw };
    // A manifest that is damaged is as good as none: its delivery is read again.
    let (sound, _) = lake.sound_loads()?;
    let mut known: BTreeMap<String, LoadManifest> =
        sound.into_iter().map(|manifest| (manifest.delivery.id.clone(), manifest)).collect();
    let mut received = lake.received()?;
    received.retain(|delivery| delivery.received_at <= moment.at);
    received.sort_by(|a, b| (&a.received_at, &a.id).cmp(&(&b.received_at, &b.id)));
    let mut turns: BTreeMap<usize, Vec<&DeliveryManifest>> = BTreeMap::new();
    for delivery in &received {
        if let Some((_, spec)) = project.spec_of(delivery) {
            turns.entry(references::turn(project, spec)).or_default().push(delivery);
        }
    }
    let mut loaded = Loaded::default();
    let mut done: BTreeMap<String, Done> = BTreeMap::new();
    let mut unread: Vec<(&DeliveryManifest, Diagnostic)> = Vec::new();
    let mut spoilt: Vec<Done> = Vec::new();
    for deliveries in turns.into_values() {
        for delivery in deliveries {
            night.look_up(delivery, &known)?;
            let ready = match night.prepare(delivery) {
                Some(Ok(ready)) => ready,
                Some(Err(faults)) => {
                    loaded.diagnostics.extend(faults);
                    continue;
                }
                None => continue,
            };
            let is_due = match only {
                Some(wanted) => wanted(delivery),
                None => known.get(&delivery.id).is_none_or(|load| {
                    load.load_fingerprint != ready.fingerprint || !is_whole(lake, delivery, load)
                }),
            };
            if is_due && let Some(damage) = lake.look(&lake.stored_bytes(delivery)) {
                let load = known.get(&delivery.id);
                unread.push((delivery, lost_bytes(project, lake, delivery, load, &damage)));
            } else if is_due {
                let read = night.read(&ready, &Taken::default(), &[])?;
                match known.get(&delivery.id).filter(|before| is_spoilt(before, &read.manifest)) {
                    // Whether it matters is known when all that has come is read.
                    Some(_) => spoilt.push(read),
                    None => {
                        night.keep(&read)?;
                        known.insert(delivery.id.clone(), read.manifest.clone());
                        done.insert(delivery.id.clone(), read);
                    }
                }
            }
        }
    }
    let is_stopped = !unread.is_empty() && matter(&night, &known, &unread)?;
    loaded.diagnostics.extend(unread.into_iter().map(|(_, fault)| fault));
    if is_stopped {
        return Err(loaded.diagnostics.into());
    }
    // Asked only where it is needed: standings take every manifest.
    let in_force = match spoilt.is_empty() {
        true => BTreeSet::new(),
        false => in_force(&night, &known)?,
    };
    let (stops, passed): (Vec<Done>, Vec<Done>) =
        spoilt.into_iter().partition(|one| in_force.contains(&one.manifest.delivery.id));
    if !stops.is_empty() {
        for Done { manifest, told } in stops {
            let before = known.get(&manifest.delivery.id);
            loaded.diagnostics.extend(before.map(|before| no_longer_read(before, &manifest)));
            loaded.diagnostics.extend(told);
        }
        return Err(loaded.diagnostics.into());
    }
    for read in passed {
        night.keep(&read)?;
        known.insert(read.manifest.delivery.id.clone(), read.manifest.clone());
        done.insert(read.manifest.delivery.id.clone(), read);
    }
    across::compare(&night, &mut known, &mut done)?;
    let standings = lake.standings_among(known.into_values().collect(), Some(&moment.at))?;
    let restated = Restated::tell(project, lake, &standings)?;
    for delivery in received {
        let Some(Done { manifest, told }) = done.remove(&delivery.id) else { continue };
        loaded.diagnostics.extend(told);
        loaded.loads.push(manifest);
    }
    loaded.diagnostics.extend(restated);
    Ok(loaded)
}

/// Whether the same bytes gave rows before and give none now.
fn is_spoilt(before: &LoadManifest, now: &LoadManifest) -> bool {
    before.state == LoadState::Loaded
        && accepted(before) > 0
        && (now.state == LoadState::Refused || accepted(now) == 0)
}

/// Accepted rows of all tables of a load.
fn accepted(load: &LoadManifest) -> u64 {
    load.tables.iter().map(|table| table.rows_accepted).sum()
}

/// The deliveries whose rows count.
fn in_force(
    night: &Night,
    known: &BTreeMap<String, LoadManifest>,
) -> Result<BTreeSet<String>, Box<Diagnostic>> {
    let at = Some(night.moment.at.as_str());
    let standings = night.lake.standings_among(known.values().cloned().collect(), at)?;
    let in_force = standings.into_iter().filter(|one| one.in_force);
    Ok(in_force.map(|one| one.manifest.delivery.id).collect())
}

/// T0405: what changed is not the delivery.
fn no_longer_read(before: &LoadManifest, now: &LoadManifest) -> Diagnostic {
    let found = match now.state {
        LoadState::Refused => "refused as it is read now".to_owned(),
        LoadState::Loaded => {
            let read: u64 = now.tables.iter().map(|table| table.rows_read).sum();
            format!("none of {read} rows accepted")
        }
    };
    let place = Location::file(now.delivery.place());
    let message = "a delivery in force can no longer be read";
    Diagnostic::error(Code::UnreadableBySettings, message, place)
        .with_found(found)
        .with_expected(format!(
            "{} rows, as before pipelines, contracts or reference tables were changed",
            accepted(before)
        ))
        .with_effect("nothing was published; the release in force stays")
        .with_hint(format!(
            "take back what was changed in `pipelines/{}`, in a contract or in a seed it refers to; \
             for a new form of the source write a new `[[file]]`",
            now.delivery.source
        ))
}

/// Whether a load is of this delivery, and all its files have the size they were written with.
fn is_whole(lake: &Lake, delivery: &DeliveryManifest, load: &LoadManifest) -> bool {
    load.delivery == *delivery && load.files().all(|file| lake.stored_file(file).glance().is_none())
}

/// Whether one of the deliveries that cannot be read would be in force, were it sound.
fn matter(
    night: &Night,
    known: &BTreeMap<String, LoadManifest>,
    unread: &[(&DeliveryManifest, Diagnostic)],
) -> Result<bool, Box<Diagnostic>> {
    let mut loads = known.clone();
    for (delivery, _) in unread {
        let unknown = LoadManifest {
            delivery: (*delivery).clone(),
            load_fingerprint: String::new(),
            state: LoadState::Loaded,
            program_version: String::new(),
            tables: Vec::new(),
            rejects: None,
            decisions: Vec::new(),
            facts: Vec::new(),
            diagnostics: Vec::new(),
            reconciliations: Vec::new(),
            compared: Vec::new(),
            rows_repeated: 0,
        };
        loads.entry(delivery.id.clone()).or_insert(unknown);
    }
    let at = Some(night.moment.at.as_str());
    let standings = night.lake.standings_among(loads.into_values().collect(), at)?;
    let is_unread = |id: &str| unread.iter().any(|(delivery, _)| delivery.id == id);
    Ok(standings.iter().any(|one| one.in_force && is_unread(&one.manifest.delivery.id)))
}

/// A delivery and what it is loaded with.
struct Ready<'a> {
    delivery: &'a DeliveryManifest,
    source: &'a Source,
    spec: &'a FileSpec,
    corrections: Corrections,
    fingerprint: String,
}

impl Night<'_> {
    /// Makes the values ready that a delivery's columns point at.
    fn look_up(
        &mut self,
        delivery: &DeliveryManifest,
        known: &BTreeMap<String, LoadManifest>,
    ) -> Result<(), Box<Diagnostic>> {
        let Some((_, spec)) = self.project.spec_of(delivery) else { return Ok(()) };
        let (mut raw, mut references) =
            (std::mem::take(&mut self.raw), std::mem::take(&mut self.references));
        let found = raw.look_up(self, spec, known, &mut references);
        (self.raw, self.references) = (raw, references);
        found
    }

    /// None when the pipeline no longer knows the file.
    fn prepare<'a>(&'a self, delivery: &'a DeliveryManifest) -> Option<Result<Ready<'a>, Faults>> {
        let (source, spec) = self.project.spec_of(delivery)?;
        let corrections = match corrections_of(source, self.moment) {
            Ok(corrections) => corrections,
            Err(faults) => return Some(Err(faults)),
        };
        let fingerprint = self.fingerprint(source, spec, &corrections);
        Some(Ok(Ready { delivery, source, spec, corrections, fingerprint }))
    }

    /// Everything that a load depends on, besides the delivery's bytes and other deliveries' keys.
    fn fingerprint(&self, source: &Source, spec: &FileSpec, corrections: &Corrections) -> String {
        let mut fingerprint = Fingerprint::new();
        for (name, text) in self.project.texts_below(&source.folder()) {
            if !name.ends_with(".md") {
                fingerprint.add(name, text);
            }
        }
        for table in &spec.tables {
            let Some(contract) = self.project.contracts.get(&table.contract) else { continue };
            fingerprint.add(&contract.file, self.project.text(&contract.file));
            for name in contract.columns.iter().filter_map(|column| column.references.as_deref()) {
                let seed = name.strip_prefix("seed.").and_then(|rest| rest.split('.').next());
                match seed {
                    Some(seed) => {
                        fingerprint.add(name, self.project.text(&format!("seeds/{seed}.csv")));
                    }
                    None => fingerprint.add(name, self.raw.hash(name)),
                }
            }
        }
        for expired in corrections.notes() {
            fingerprint.add("expired correction", expired.location.to_string());
        }
        let contracts =
            spec.tables.iter().filter_map(|table| self.project.contracts.get(&table.contract));
        if let Some(key) = self.keyring.key()
            && contracts.into_iter().any(keyring::is_wanted_by)
        {
            // Another key gives other pseudonyms.
            fingerprint.add("key", key.id());
        }
        fingerprint.finish()
    }

    /// Loads a delivery; `taken` are keys that others hold, found in the files `compared`.
    fn load(
        &self,
        ready: &Ready,
        taken: &Taken,
        compared: &[String],
    ) -> Result<Done, Box<Diagnostic>> {
        let read = self.read(ready, taken, compared)?;
        self.keep(&read)?;
        Ok(read)
    }

    /// Reads a delivery into the lake; it does not count before it is kept.
    fn read(
        &self,
        ready: &Ready,
        taken: &Taken,
        compared: &[String],
    ) -> Result<Done, Box<Diagnostic>> {
        tracing::info!(delivery = ready.delivery.id, "load");
        if let Some(damage) = self.lake.look(&self.lake.stored_bytes(ready.delivery)) {
            return Err(Box::new(lost_bytes(
                self.project,
                self.lake,
                ready.delivery,
                None,
                &damage,
            )));
        }
        let task = Task { night: self, ready, taken };
        let (mut manifest, told) = task.run()?;
        manifest.compared = compared.to_vec();
        let manifest = manifest.without_civic_numbers();
        Ok(Done { manifest, told })
    }

    /// Makes a load count, with what there is to tell of it.
    fn keep(&self, read: &Done) -> Result<(), Box<Diagnostic>> {
        let Done { manifest, told } = read;
        self.lake.keep_untold(&untold::of_load(&manifest.delivery.id), told)?;
        self.lake.commit(manifest)
    }
}

fn corrections_of(source: &Source, moment: &Moment) -> Result<Corrections, Faults> {
    let today = moment.day().parse().expect("a moment begins with a day");
    let file = format!("{}/corrections.toml", source.folder());
    Corrections::parse(&file, &source.corrections, today)
}
