//! What lies stored: whether it is still what was written, and putting right what can be put right.
//!
//! Each night asks of every stored file whether it is there with its size, reads in whole a share of
//! them that changes from day to day, so that everything has been read within some nights, and reads
//! what it uses. What follows from damage is one of three: the file is made again from what it was made
//! from and the figures are what they were; or it cannot be made again and matters to no figure of this
//! night, which is told; or it matters, and the night stops. How a single file is looked at is the
//! lake's business, and how a release is put together that of the steps.

mod inventory;
mod verify;

use inventory::Kind;
pub use verify::verify;

use super::lost::{lost_bytes, lost_delivery};
use super::mended::{advised, again, made_again};
use super::methods::{self, Methods};
use super::receive::restore::{Lost, restore};
use super::record::{Identity, Publication, Record};
use crate::clock::Moment;
use crate::project::Project;
use inventory::{Item, Stock};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tertial_lake::{
    Damage, DeliveryManifest, Lake, LoadManifest, Receipts, Register, Registered, Stored,
};
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::publish::Releases;

/// How many bytes a night reads only to see that they are still the same. Larger files are read by
/// `tertial verify`, and by whoever uses them.
const SHARE_BYTES: u64 = 32 << 20;

/// What a night found before it began.
#[derive(Debug, Default)]
pub struct Found {
    /// What was put right, and what cannot be.
    pub diagnostics: Vec<Diagnostic>,
    /// The release in force, when it is not whole and has to be made again, and what is wrong with it.
    pub lost: Option<(Identity, Diagnostic)>,
}

/// Looks at what lies stored, and puts right what can be put right before the night begins. Files of
/// the lake that are damaged are taken away, so that their deliveries are loaded again.
pub fn look(project: &Project, lake: &Lake, moment: &Moment) -> Result<Found, Faults> {
    let mut look = Look::new(project, lake)?;
    look.go(moment)?;
    Ok(look.found)
}

/// A look under way.
struct Look<'a> {
    project: &'a Project,
    lake: &'a Lake,
    log: Receipts,
    received: Vec<DeliveryManifest>,
    loads: Vec<LoadManifest>,
    publications: Vec<Publication>,
    found: Found,
}

impl<'a> Look<'a> {
    fn new(project: &'a Project, lake: &'a Lake) -> Result<Look<'a>, Box<Diagnostic>> {
        let mut found = Found::default();
        let publications = Record::new(project).all()?;
        let log = lake.receipts()?;
        let count = publications.last().map_or(0, |last| last.number);
        found.diagnostics.extend(register(lake, count)?);
        Ok(Look {
            project,
            lake,
            log,
            received: Vec::new(),
            loads: Vec::new(),
            publications,
            found,
        })
    }

    fn go(&mut self, moment: &Moment) -> Result<(), Box<Diagnostic>> {
        self.manifests()?;
        self.missing_deliveries()?;
        if self.publications.is_empty() && self.lake.publications_counted()? > 0 {
            return Err(Box::new(no_records(self.lake.publications_counted()?)));
        }
        let stock = Stock {
            project: self.project,
            lake: self.lake,
            received: &self.received,
            loads: &self.loads,
            publications: &self.publications,
        };
        let releases = Releases::new(&self.project.data());
        let gone = of_folders(self.project, self.lake, self.publications.last())?;
        // An earlier release whose list is lost is listed as it lies there; that of the one in force is
        // missed below.
        for id in without_list(&releases, self.publications.last()) {
            let place = releases.path(&id);
            releases.list_again(&id).map_err(|error| unlisted(self.project, &place, &error))?;
        }
        let items = stock.of_a_night();
        let suspects: BTreeSet<PathBuf> = self.lake.suspects().into_iter().collect();
        let today = inventory::share(&items, day_number(moment), SHARE_BYTES);
        for (item, is_today) in items.iter().zip(today) {
            let is_read = is_today || suspects.contains(&item.stored.path);
            let damage = if is_read { self.lake.look(&item.stored) } else { item.stored.glance() };
            if let Some(damage) = damage {
                self.mend(item, &damage)?;
            }
        }
        self.found.diagnostics.extend(of_records(self.lake, &self.publications)?);
        self.facts()?;
        if self.found.lost.is_none() {
            self.found.lost = of_release(self.project, self.publications.last());
        }
        self.found.diagnostics.extend(gone);
        for id in releases.list().unwrap_or_default() {
            let place = releases.path(&id);
            releases.link_again(&id).map_err(|error| unlisted(self.project, &place, &error))?;
        }
        self.lake.mark_releases(releases.list().unwrap_or_default())?;
        if !suspects.is_empty() {
            self.lake.clear_suspects()?;
        }
        Ok(())
    }

    /// Manifests that are not as they were written: a load's is made again by loading, a receipt from
    /// the copy of it that the load's holds.
    fn manifests(&mut self) -> Result<(), Box<Diagnostic>> {
        let (loads, damaged) = self.lake.sound_loads()?;
        self.loads = loads;
        for (id, fault) in damaged {
            let is_there = |source: &str| self.lake.delivery(source, &id).ok().flatten();
            let source = id.rsplit_once('-').map_or("", |(source, _)| source);
            if is_there(source).is_some_and(|delivery| can_be_read(self.project, &delivery)) {
                self.found.diagnostics.push(again("the manifest of a load", &fault));
            }
        }
        let (received, damaged) = self.lake.sound_received()?;
        self.received = received;
        for (source, id, fault) in damaged {
            let copy = self.loads.iter().find(|load| load.delivery.id == id);
            let copy = copy.map(|load| load.delivery.clone());
            let has_bytes =
                |kept: &&DeliveryManifest| self.lake.look(&self.lake.stored_bytes(kept)).is_none();
            if let Some(kept) = copy.as_ref().filter(has_bytes) {
                self.lake.restore_receipt(kept)?;
                self.received.push(kept.clone());
                self.found.diagnostics.push(again("the receipt of a delivery", &fault));
                continue;
            }
            let lost = Lost { source: &source, id: &id, manifest: copy.as_ref() };
            if restore(self.project, self.lake, &self.log, &lost)? {
                self.received.extend(self.lake.delivery(&source, &id)?);
                self.found.diagnostics.push(again("a delivery", &fault));
            }
            // Otherwise whoever reads the receipts tells it, and the night ends there.
        }
        Ok(())
    }

    /// Deliveries that the log or a load speaks of and that are not there.
    fn missing_deliveries(&mut self) -> Result<(), Box<Diagnostic>> {
        let known: BTreeSet<&str> = self.received.iter().map(|one| one.id.as_str()).collect();
        let mut missing: BTreeMap<String, String> = BTreeMap::new();
        for event in self.log.events() {
            if let Some(id) = event.delivery.as_ref().filter(|id| !known.contains(id.as_str())) {
                missing.insert(id.clone(), event.source.clone());
            }
        }
        for load in self.loads.iter().filter(|load| !known.contains(load.delivery.id.as_str())) {
            missing.insert(load.delivery.id.clone(), load.delivery.source.clone());
        }
        for (id, source) in missing {
            if self.lake.delivery(&source, &id).is_err() {
                // Its receipt is damaged, which is told.
                continue;
            }
            let load = self.loads.iter().find(|load| load.delivery.id == id).cloned();
            let manifest = load.as_ref().map(|load| &load.delivery);
            let lost = Lost { source: &source, id: &id, manifest };
            if restore(self.project, self.lake, &self.log, &lost)? {
                let delivery = self.lake.delivery(&source, &id)?;
                if let Some(delivery) = delivery {
                    let stored = self.lake.stored_bytes(&delivery);
                    self.found.diagnostics.push(made_again(
                        self.project,
                        Kind::Received.one(),
                        &stored,
                        &Damage::Gone,
                    ));
                    self.received.push(delivery);
                }
            } else {
                self.found.diagnostics.push(match &load {
                    Some(load) => {
                        let delivery = &load.delivery;
                        lost_bytes(self.project, self.lake, delivery, Some(load), &Damage::Gone)
                    }
                    None => lost_delivery(&source, &id, &self.log),
                });
            }
        }
        Ok(())
    }

    /// What follows from a damaged file.
    fn mend(&mut self, item: &Item, damage: &Damage) -> Result<(), Box<Diagnostic>> {
        let fault = match item.kind {
            Kind::Received => self.mend_bytes(item, damage)?,
            Kind::Lake | Kind::Rejects => self.mend_rows(item, damage)?,
            Kind::Facts => {
                // What belongs to the project as it lies there is kept again below.
                self.lake.discard(&item.stored)?;
                let is_own = methods::listing(self.project).values().any(|own| {
                    item.stored.path.file_name().is_some_and(|name| name == own.as_str())
                });
                let set = Methods::new(&self.project.data());
                let is_set = item.stored.path == set.listing_path(&methods::set_of(self.project));
                if is_own || is_set {
                    made_again(self.project, item.kind.one(), &item.stored, damage)
                } else {
                    altered(self.project, item, damage)
                }
            }
            Kind::Release | Kind::Published => {
                let fault = altered(self.project, item, damage);
                let is_own = |last: &&Publication| {
                    let Identity { release, outcomes, deliveries, .. } = &last.identity;
                    let name = item.stored.path.file_name().and_then(|name| name.to_str());
                    *release == item.of
                        || (item.kind == Kind::Published
                            && (name == outcomes.as_deref() || name == Some(deliveries)))
                };
                if let Some(last) = self.publications.last().filter(is_own) {
                    self.found.lost.get_or_insert((last.identity.clone(), fault));
                    return Ok(());
                }
                if item.kind == Kind::Release { self.take_away(&item.of, &fault)? } else { fault }
            }
            Kind::Report => altered(self.project, item, damage),
        };
        self.found.diagnostics.push(fault);
        Ok(())
    }

    /// Takes an earlier release away that is not whole: it is made again when it is asked for.
    fn take_away(&self, id: &str, fault: &Diagnostic) -> Result<Diagnostic, Box<Diagnostic>> {
        let folder = Releases::new(&self.project.data()).path(id);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unlisted(self.project, &folder, &error));
            }
            _ => {}
        }
        let message = "an earlier release was lost or changed and has been taken away";
        let told = Diagnostic::warning(Code::StoredFileRestored, message, fault.location.clone());
        let told = told.with_found(fault.found.clone().unwrap_or_default());
        let told = told.with_expected(fault.expected.clone().unwrap_or_default());
        Ok(can_be_made_again(id, told))
    }

    fn mend_bytes(&self, item: &Item, damage: &Damage) -> Result<Diagnostic, Box<Diagnostic>> {
        let delivery = self.received.iter().find(|one| one.id == item.of);
        let Some(delivery) = delivery else { return Ok(altered(self.project, item, damage)) };
        let lost = Lost { source: &delivery.source, id: &delivery.id, manifest: Some(delivery) };
        if restore(self.project, self.lake, &self.log, &lost)? {
            return Ok(made_again(self.project, item.kind.one(), &item.stored, damage));
        }
        let load = self.loads.iter().find(|load| load.delivery.id == item.of);
        Ok(lost_bytes(self.project, self.lake, delivery, load, damage))
    }

    fn mend_rows(&self, item: &Item, damage: &Damage) -> Result<Diagnostic, Box<Diagnostic>> {
        let delivery = self.received.iter().find(|one| one.id == item.of);
        let is_readable = delivery.is_some_and(|delivery| {
            can_be_read(self.project, delivery)
                && self.lake.look(&self.lake.stored_bytes(delivery)).is_none()
        });
        if !is_readable {
            return Ok(altered(self.project, item, damage));
        }
        self.lake.discard(&item.stored)?;
        Ok(made_again(self.project, item.kind.one(), &item.stored, damage))
    }

    /// The facts of the release in force.
    fn facts(&mut self) -> Result<(), Box<Diagnostic>> {
        let Some(last) = self.publications.last() else { return Ok(()) };
        let set = &last.identity.methods;
        let store = Methods::new(&self.project.data());
        let own = methods::listing(self.project);
        if *set != methods::hash_of(&own) {
            self.found.diagnostics.extend(of_sets(self.project, std::slice::from_ref(last)));
            return Ok(());
        }
        let mut gone = store.missing(&own);
        if !store.listing_path(set).is_file() {
            gone.push(store.listing_path(set));
        }
        if !gone.is_empty() {
            store.keep(self.project)?;
        }
        for path in gone {
            let known =
                |told: &Diagnostic| *told.location.container() == *self.project.shown(&path);
            if !self.found.diagnostics.iter().any(known) {
                let written = tertial_model::seal::Listed { bytes: 0, sha256: String::new() };
                let stored = Stored { path, written };
                let fault = made_again(self.project, Kind::Facts.one(), &stored, &Damage::Gone);
                self.found.diagnostics.push(Diagnostic { expected: None, ..fault });
            }
        }
        Ok(())
    }
}

/// The register of a lake that has none, or a damaged one, is written anew.
fn register(lake: &Lake, publications: u64) -> Result<Option<Diagnostic>, Box<Diagnostic>> {
    let told = match lake.register()? {
        Registered::Sound(_) => return Ok(None),
        Registered::Broken => Some(lake.register_lost("a damaged file")),
        Registered::Never => {
            let (loads, _) = lake.sound_loads()?;
            if lake.receipts()?.events().is_empty() && loads.is_empty() && publications == 0 {
                return Ok(None);
            }
            // A lake from before there were seals has none on its manifests.
            match lake.seal_manifests()? {
                0 => Some(lake.register_lost("no file")),
                _ => None,
            }
        }
    };
    lake.write_register(&Register {
        receipts: lake.log_mark()?,
        publications,
        releases: Vec::new(),
    })?;
    Ok(told)
}

/// Records that are not there: numbers without a gap, as many as were counted.
fn of_records(
    lake: &Lake,
    publications: &[Publication],
) -> Result<Vec<Diagnostic>, Box<Diagnostic>> {
    let last = publications.last().map_or(0, |last| last.number);
    let counted = lake.publications_counted()?.max(last);
    let is_there = |number: &u64| publications.iter().any(|known| known.number == *number);
    let gone = (1..=counted).filter(|number| !is_there(number));
    let fault = |number: u64| {
        let place = Location::file(format!("data/published/{number:06}.json"));
        Diagnostic::error(Code::StoredFileChanged, "the record of a publication is gone", place)
            .with_found("no file")
            .with_expected(format!("a record for each of {counted} publications"))
            .with_effect(
                "what was in force then cannot be told; the release in force now is not touched",
            )
            .with_hint("take the file back from a backup of `data/published`")
    };
    Ok(gone.map(fault).collect())
}

/// There were publications, and no record of any is left.
fn no_records(counted: u64) -> Diagnostic {
    let message = "the records of the publications are gone";
    Diagnostic::error(Code::StoredFileChanged, message, Location::file("data/published"))
        .with_found("no record")
        .with_expected(format!("the records of {counted} publications"))
        .with_effect("nothing was loaded or published; the release in force is not touched")
        .with_hint("take `data/published` back from the backup")
        .with_hint(
            "without a backup: remove `data/seals.json`; history then begins with the release in force",
        )
}

fn unlisted(project: &Project, path: &Path, error: &std::io::Error) -> Box<Diagnostic> {
    let message = format!("an earlier release cannot be looked at: {error}");
    Box::new(Diagnostic::error(Code::FileAccess, message, Location::file(project.shown(path))))
}

/// Earlier releases that lay there and are gone, though no newer one has taken their place.
fn of_folders(
    project: &Project,
    lake: &Lake,
    last: Option<&Publication>,
) -> Result<Vec<Diagnostic>, Box<Diagnostic>> {
    let releases = Releases::new(&project.data());
    let there = releases.list().unwrap_or_default();
    if there.len() >= project.config.night.keep_releases {
        return Ok(Vec::new());
    }
    let in_force = last.map(|last| last.identity.release.as_str());
    let mut gone = lake.releases_noted()?;
    gone.retain(|id| Some(id.as_str()) != in_force && !there.contains(id));
    let fault = |id: String| {
        let message = "an earlier release is gone";
        let place = Location::file(project.shown(&releases.path(&id)));
        let told = Diagnostic::warning(Code::StoredFileRestored, message, place)
            .with_found("no folder")
            .with_expected("the release as it was published");
        can_be_made_again(&id, told)
    };
    Ok(gone.into_iter().map(fault).collect())
}

/// What the loss of an earlier release comes to.
fn can_be_made_again(id: &str, told: Diagnostic) -> Diagnostic {
    let effect = format!("`{id}` is made again when it is asked for, from its deliveries");
    Diagnostic { effect: Some(effect), ..advised(told) }
}

/// Sets of facts that are not whole.
fn of_sets(project: &Project, publications: &[Publication]) -> Vec<Diagnostic> {
    let store = Methods::new(&project.data());
    let sets: BTreeSet<&str> =
        publications.iter().map(|known| known.identity.methods.as_str()).collect();
    let mut faults = Vec::new();
    for set in sets.into_iter().filter(|set| !set.is_empty()) {
        match store.listing(set) {
            Err(fault) => faults.push(*fault),
            Ok(listing) => faults.extend(store.missing(&listing).into_iter().map(|path| {
                let place = Location::file(project.shown(&path));
                let message = "the facts of a release are not what was kept";
                Diagnostic::error(Code::StoredFileChanged, message, place)
                    .with_found("no file")
                    .with_expected("the bytes whose hash is the file's name")
                    .with_effect("what was reported with these facts cannot be made again")
                    .with_hint("take the file back from a backup of `data/methods`")
            })),
        }
    }
    faults
}

/// The release in force, when its link, its list or its folder is not what it was.
fn of_release(project: &Project, last: Option<&Publication>) -> Option<(Identity, Diagnostic)> {
    let identity = last?.identity.clone();
    let releases = Releases::new(&project.data());
    let (current, id) = (releases.current_id(), identity.release.as_str());
    let fault = |path: &Path, found: String, expected: String| {
        let message = "the release in force is not as it was published";
        Diagnostic::error(Code::StoredFileChanged, message, Location::file(project.shown(path)))
            .with_found(found)
            .with_expected(expected)
            .with_hint("`tertial run` makes it again from the lake")
    };
    let link = project.data().join("releases/current");
    let fault = match current {
        // Put in force by a run that died before it could write it down.
        Some(other) if other != id => return None,
        None => fault(&link, "no link to a release".to_owned(), format!("a link to `{id}`")),
        Some(_) if releases.listing(id).is_none() => {
            let list = releases.path(id).join(tertial_warehouse::publish::LISTING);
            fault(&list, "no list, or a damaged one".to_owned(), "the list of its files".to_owned())
        }
        Some(_) => return None,
    };
    Some((identity, fault))
}

/// Releases other than the one in force whose list of files is lost.
fn without_list(releases: &Releases, last: Option<&Publication>) -> Vec<String> {
    let in_force = last.map(|last| last.identity.release.as_str());
    let mut found = releases.list().unwrap_or_default();
    found.retain(|id| Some(id.as_str()) != in_force && releases.listing(id).is_none());
    found
}

/// What those are told as: whether their files are as they were published is not known.
fn of_lists(project: &Project, last: Option<&Publication>) -> Vec<Diagnostic> {
    let releases = Releases::new(&project.data());
    let fault = |id: String| {
        let list = releases.path(&id).join(tertial_warehouse::publish::LISTING);
        let message = "the list of the files of an earlier release is not as it was written";
        Diagnostic::error(Code::StoredFileChanged, message, Location::file(project.shown(&list)))
            .with_found("no list, or a damaged one")
            .with_expected("the list of its files")
            .with_effect("whether they are as they were published cannot be told")
            .with_hint("`tertial run` lists them as they lie there; a backup tells how they were")
    };
    without_list(&releases, last).into_iter().map(fault).collect()
}

/// Whether a pipeline knows what to make of a delivery.
fn can_be_read(project: &Project, delivery: &DeliveryManifest) -> bool {
    let source = project.sources.iter().find(|one| one.pipeline.name == delivery.source);
    source.is_some_and(|source| {
        source.pipeline.files.iter().any(|spec| spec.pattern == delivery.pattern)
    })
}

/// Days since 1970.
fn day_number(moment: &Moment) -> i64 {
    let seconds: Option<jiff::Timestamp> = moment.at.parse().ok();
    seconds.map_or(0, |at| at.as_second().div_euclid(86_400))
}

/// T0806: a stored file is not what was written.
fn altered(project: &Project, item: &Item, damage: &Damage) -> Diagnostic {
    let message = format!("{} is not as it was written", item.kind.one());
    let place = Location::file(project.shown(&item.stored.path));
    let fault = Diagnostic::error(Code::StoredFileChanged, message, place)
        .with_found(damage.found())
        .with_expected(damage.expected(&item.stored.written));
    match item.kind {
        Kind::Received => fault.with_hint("take it back from a backup of `data/received`"),
        Kind::Lake | Kind::Rejects => fault
            .with_effect(format!("what was loaded from `{}` cannot be used", item.of))
            .with_hint(
                "the next `tertial run` makes it again from the received bytes, if they are sound",
            ),
        Kind::Facts => fault
            .with_effect("what was reported with these facts cannot be made again")
            .with_hint("take it back from a backup of `data/methods`"),
        Kind::Release => fault
            .with_effect(format!("readers of release `{}` may be given other figures", item.of))
            .with_hint(
                "the next `tertial run` makes the release in force again; an earlier one is made \
                 again when it is asked for, once its folder has been taken away",
            ),
        Kind::Published => fault
            .with_effect(format!("what changed since release `{}` cannot be told", item.of))
            .with_hint("take it back from a backup of `data/published`"),
        Kind::Report => fault
            .with_effect("readers of the file may be told something else than was reported")
            .with_hint(
                "`tertial run` writes the report of the open period again, `tertial report` any",
            ),
    }
}
