//! What senders must agree about: no key stands in deliveries of two of them.
//!
//! Two files of one source and scope are one sender's statements, of which the later one stands
//! (`restated`); two of different sources or scopes contradict each other, and nobody here can say which
//! is right. A delivery is compared with those in force of other senders that were received before it
//! and hold rows of the same table in the same partition; where partitions are disjoint, as between months, nothing is read, and
//! tables that are not divided by period are left alone.
//! Which files a delivery was compared with stands in its manifest, so that it is compared anew when
//! they change and left alone when they do not. Whether a delivery is in force never depends on what
//! is found here, so that the order of comparing does not matter.

use super::task::{Taken, TakenKey};
use super::{Done, Night, untold};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use tertial_check::First;
use tertial_check::keys::{exact, hashes, line};
use tertial_lake::{KeyScreen, LakeFile, LoadManifest, TableLoad};
use tertial_model::{Code, Contract, Diagnostic, Location};

/// How many keys of one table may stand in other deliveries; each is kept in memory.
const MOST_TAKEN: usize = 1_000_000;

/// A file of another delivery.
#[derive(Debug, Clone)]
struct Other {
    file: LakeFile,
    place: Arc<str>,
    sender: Sender,
}

/// Source and scope.
type Sender = (String, Option<String>);

fn sender(manifest: &LoadManifest) -> Sender {
    (manifest.delivery.source.clone(), manifest.delivery.scope.clone())
}

/// Files by table and partition, of the deliveries received so far.
type Held = BTreeMap<String, BTreeMap<String, Vec<Other>>>;

/// Compares every delivery in force whose surroundings have changed, and loads again those that repeat
/// a key or did so before.
pub fn compare(
    night: &Night,
    known: &mut BTreeMap<String, LoadManifest>,
    done: &mut BTreeMap<String, Done>,
) -> Result<(), Box<Diagnostic>> {
    let standings =
        night.lake.standings_among(known.values().cloned().collect(), Some(&night.moment.at))?;
    let mut in_force: Vec<LoadManifest> =
        standings.into_iter().filter(|one| one.in_force).map(|one| one.manifest).collect();
    in_force.sort_by(|a, b| {
        (&a.delivery.received_at, &a.delivery.id).cmp(&(&b.delivery.received_at, &b.delivery.id))
    });
    let mut held = Held::new();
    for mut manifest in in_force {
        let others = others(night, &held, &manifest);
        let mut paths: Vec<String> =
            others.values().flatten().map(|other| other.file.path.clone()).collect();
        paths.sort();
        if paths != manifest.compared {
            let Settled { again, is_read } = settle(night, manifest, &others, &paths)?;
            manifest = again.manifest.clone();
            let id = &manifest.delivery.id;
            known.insert(id.clone(), manifest.clone());
            match done.get_mut(id) {
                Some(earlier) if !is_read => {
                    earlier.manifest = again.manifest;
                    earlier.told.extend(again.told);
                }
                None if !is_read && again.told.is_empty() => {}
                _ => drop(done.insert(id.clone(), again)),
            }
        }
        hold(&mut held, &manifest);
    }
    Ok(())
}

/// Adds a delivery's files to those that later ones are compared with.
fn hold(held: &mut Held, manifest: &LoadManifest) {
    let place: Arc<str> = manifest.delivery.place().into();
    for table in &manifest.tables {
        let partitions = held.entry(table.table.clone()).or_default();
        for file in &table.files {
            let (place, sender) = (Arc::clone(&place), sender(manifest));
            let other = Other { file: file.clone(), place, sender };
            partitions.entry(file.period.clone()).or_default().push(other);
        }
    }
}

/// The files a delivery's tables are compared with, by table: those in partitions where it has rows,
/// or had rows before they were set aside.
fn others(night: &Night, held: &Held, manifest: &LoadManifest) -> BTreeMap<String, Vec<Other>> {
    let mut others = BTreeMap::new();
    for table in &manifest.tables {
        let keyed = keyed(night, &table.table).is_some();
        let (true, Some(partitions)) = (keyed, held.get(&table.table)) else { continue };
        let mut own: BTreeSet<&str> = table.files.iter().map(|file| file.period.as_str()).collect();
        let before = manifest.compared.iter().filter_map(|path| {
            let (folder, rest) = path.strip_prefix("lake/")?.split_once("/period=")?;
            (folder == table.table).then(|| rest.split('/').next()).flatten()
        });
        own.extend(before);
        let files = own.iter().filter_map(|period| partitions.get(*period)).flatten();
        let is_foreign = |other: &&Other| other.sender != sender(manifest);
        let files: Vec<Other> = files.filter(is_foreign).cloned().collect();
        if !files.is_empty() {
            others.insert(table.table.clone(), files);
        }
    }
    others
}

/// The contract of a table whose rows are compared. A table that is not divided by period is a picture
/// of a state, such as a chart of accounts: every delivery of it holds the same keys.
fn keyed<'a>(night: &'a Night, table: &str) -> Option<&'a Contract> {
    let contract = night.project.contracts.get(table)?;
    (contract.period_column.is_some() && !contract.key.is_empty()).then_some(contract)
}

/// A delivery after it was compared, and whether it was read again.
struct Settled {
    again: Done,
    is_read: bool,
}

/// Compares one delivery; it is loaded again only when that gives other rows.
fn settle(
    night: &Night,
    manifest: LoadManifest,
    others: &BTreeMap<String, Vec<Other>>,
    paths: &[String],
) -> Result<Settled, Box<Diagnostic>> {
    let delivery = manifest.delivery.clone();
    let is_short = manifest.rows_repeated > 0;
    let mut again = Done { manifest, told: Vec::new() };
    let Some(Ok(ready)) = night.prepare(&delivery) else {
        return Ok(Settled { again, is_read: false });
    };
    // Rows set aside for keys of others are not in the lake: they come back first.
    if is_short {
        again = night.load(&ready, &Taken::default(), &[])?;
    }
    let mut taken = Taken::default();
    let mut excess = Vec::new();
    for table in &again.manifest.tables {
        let (Some(others), Some(contract)) = (others.get(&table.table), keyed(night, &table.table))
        else {
            continue;
        };
        match taken_keys(night, contract, table, others)? {
            Some(found) if found.is_empty() => {}
            Some(found) => drop(taken.0.insert(table.table.clone(), found)),
            None => excess.push(holds_the_same(contract, &delivery.place(), others)),
        }
    }
    if !taken.0.is_empty() {
        again = night.load(&ready, &taken, paths)?;
    }
    let is_read = is_short || !taken.0.is_empty();
    again.manifest.diagnostics.retain(|fault| fault.code != Code::DuplicateKeyAcrossDeliveries);
    again.manifest.diagnostics.extend(excess.iter().cloned());
    again.manifest.compared = paths.to_vec();
    night.lake.keep_untold(&untold::of_keys(&delivery.id), &excess)?;
    again.told.extend(excess);
    night.lake.commit(&again.manifest)?;
    Ok(Settled { again, is_read })
}

/// The keys of one table that other files hold too; `None` when they are too many.
fn taken_keys(
    night: &Night,
    contract: &Contract,
    table: &TableLoad,
    others: &[Other],
) -> Result<Option<Vec<TakenKey>>, Box<Diagnostic>> {
    let periods: BTreeSet<&str> = others.iter().map(|other| other.file.period.as_str()).collect();
    let own: Vec<&LakeFile> =
        table.files.iter().filter(|file| periods.contains(file.period.as_str())).collect();
    let mine = screen(night, contract, own.iter().copied())?;
    let theirs = screen(night, contract, others.iter().map(|other| &other.file))?;
    let Some(both) = mine.repeated(Some(theirs), MOST_TAKEN)? else { return Ok(None) };
    let mut taken = Vec::new();
    if both.is_empty() {
        return Ok(Some(taken));
    }
    let both: HashSet<u64> = both.into_iter().collect();
    let mut names = key_names(contract);
    let key: Vec<usize> = (0..names.len()).collect();
    names.push("_row");
    for other in others {
        night.lake.columns(&other.file, &names, |rows| {
            for (row, hash) in hashes(&rows, &key, true).into_iter().enumerate() {
                if both.contains(&hash) {
                    let line = line(&rows, key.len(), row);
                    let first = First::Elsewhere { file: Arc::clone(&other.place), line };
                    taken.push(TakenKey { hash, exact: exact(&rows, &key, row), first });
                }
            }
            Ok(())
        })?;
    }
    Ok(Some(taken))
}

fn key_names(contract: &Contract) -> Vec<&str> {
    contract.key.iter().map(String::as_str).collect()
}

/// The keys of some files as hashes. A file written under a contract with another key has none.
fn screen<'a>(
    night: &Night,
    contract: &Contract,
    files: impl Iterator<Item = &'a LakeFile>,
) -> Result<KeyScreen, Box<Diagnostic>> {
    let names = key_names(contract);
    let key: Vec<usize> = (0..names.len()).collect();
    let mut screen = KeyScreen::new(night.lake);
    for file in files {
        night.lake.columns(file, &names, |rows| screen.push(&hashes(&rows, &key, true)))?;
    }
    Ok(screen)
}

/// So many keys stand in other deliveries that they cannot be told one by one.
fn holds_the_same(contract: &Contract, file: &str, others: &[Other]) -> Diagnostic {
    let message = format!("the rows of `{}` stand in other deliveries too", contract.table);
    let files: BTreeSet<&str> = others.iter().map(|other| &*other.place).collect();
    let files: Vec<String> = files.into_iter().take(4).map(|file| format!("`{file}`")).collect();
    Diagnostic::error(Code::DuplicateKeyAcrossDeliveries, message, Location::file(file))
        .with_found(format!("more than {MOST_TAKEN} keys that are also in {}", files.join(", ")))
        .with_expected("one row for each key among the deliveries in force")
        .with_contract(format!("{}, key", contract.file))
        .with_effect("the rows are counted twice until one of the files is taken back")
        .with_hint("the same export may have come under two names; name it so that the later one supersedes the earlier one")
}
