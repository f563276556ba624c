//! Everything is read and held against what was written; nothing is changed.

use super::inventory::{Item, Kind, Stock};
use super::{altered, of_folders, of_lists, of_records, of_release, of_sets};
use crate::night::keyring;
use crate::night::lost::lost_bytes;
use crate::night::record::{Publication, Record};
use crate::output;
use crate::project::Project;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tertial_lake::{Damage, DeliveryManifest, Lake, LoadManifest};
use tertial_model::{Code, Diagnostic, Faults, Location};

/// How many files of a kind were read, and how many bytes.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// What they are.
    pub kind: &'static str,
    /// How many.
    pub files: usize,
    /// How many bytes they should have.
    pub bytes: u64,
    /// How many are not what was written.
    pub damaged: usize,
}

/// Reads everything. What is damaged is remembered, so that the next night looks at it first.
pub fn verify(project: &Project, lake: &Lake) -> Result<(Vec<Checked>, Vec<Diagnostic>), Faults> {
    let mut told = Vec::new();
    // The manifests first: what they say is what the rest is held against.
    if let Err(fault) = lake.receipts() {
        told.push(*fault);
    }
    if lake.register()? == tertial_lake::Registered::Broken {
        told.push(lake.register_lost("a damaged file"));
    }
    let (received, unread) = lake.sound_received()?;
    told.extend(unread.into_iter().map(|(_, _, fault)| *fault));
    let (loads, unread) = lake.sound_loads()?;
    told.extend(unread.into_iter().map(|(_, fault)| *fault));
    for load in &loads {
        let delivery = &load.delivery;
        if received.iter().all(|known| known.id != delivery.id) {
            told.push(lost_bytes(project, lake, delivery, Some(load), &Damage::Gone));
        }
    }
    told.extend(keyring::look(project, lake)?);
    let record = Record::new(project);
    let publications = match record.all() {
        Ok(publications) => publications,
        Err(fault) => {
            told.push(*fault);
            Vec::new()
        }
    };
    told.extend(unloaded(project, &received, &loads, publications.last()));
    told.extend(of_records(lake, &publications)?);
    told.extend(of_sets(project, &publications));
    told.extend(of_release(project, publications.last()).map(|(_, fault)| fault));
    told.extend(of_lists(project, publications.last()));
    told.extend(of_folders(project, lake, publications.last())?);

    let stock =
        Stock { project, lake, received: &received, loads: &loads, publications: &publications };
    let items = stock.all();
    let mut checked = Vec::new();
    let mut suspects: BTreeSet<PathBuf> = BTreeSet::new();
    for kind in Kind::ALL {
        let of_kind: Vec<&Item> = items.iter().filter(|item| item.kind == kind).collect();
        let damages: Vec<(&Item, Damage)> =
            of_kind.par_iter().filter_map(|item| Some((*item, lake.look(&item.stored)?))).collect();
        let line = Checked {
            kind: kind.words(),
            files: of_kind.len(),
            bytes: of_kind.iter().map(|item| item.stored.written.bytes).sum(),
            damaged: damages.len(),
        };
        output::progress(&format!("{:<26} {:>7} read", line.kind, line.files));
        checked.push(line);
        for (item, damage) in damages {
            suspects.insert(item.stored.path.clone());
            told.push(match kind {
                Kind::Received => {
                    let delivery = received.iter().find(|known| known.id == item.of);
                    let load = loads.iter().find(|load| load.delivery.id == item.of);
                    match delivery {
                        Some(delivery) => lost_bytes(project, lake, delivery, load, &damage),
                        None => altered(project, item, &damage),
                    }
                }
                _ => altered(project, item, &damage),
            });
        }
    }
    lake.suspect(suspects.iter().map(PathBuf::as_path))?;
    dedup(&mut told);
    Ok((checked, told))
}

/// Deliveries that were there when the last release was published, and of whose load nothing is known.
fn unloaded(
    project: &Project,
    received: &[DeliveryManifest],
    loads: &[LoadManifest],
    last: Option<&Publication>,
) -> Vec<Diagnostic> {
    let Some(last) = last else { return Vec::new() };
    let is_unknown = |delivery: &&DeliveryManifest| {
        delivery.received_at.as_str() <= last.moment()
            && project.spec_of(delivery).is_some()
            && loads.iter().all(|load| load.delivery.id != delivery.id)
    };
    let tell = |delivery: &DeliveryManifest| {
        let place = Location::file(format!("data/deliveries/{}.json", delivery.id));
        Diagnostic::error(Code::StoredFileChanged, "the manifest of a load is gone", place)
            .with_found("no such file")
            .with_expected(format!("what was loaded from `{}`", delivery.place()))
            .with_effect("its rows are not found until it is loaded again")
            .with_hint("`tertial run` reads the received bytes again")
    };
    received.iter().filter(is_unknown).map(tell).collect()
}

/// One fault for each place.
fn dedup(told: &mut Vec<Diagnostic>) {
    let mut seen: BTreeSet<(Code, Location)> = BTreeSet::new();
    told.retain(|fault| seen.insert((fault.code, fault.location.clone())));
}
