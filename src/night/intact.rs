//! The files of the lake that a build reads, read in whole before it: what is not as it was written
//! stops the build, or is taken away to be made again.

use super::mended::{LAKE_FILE, made_again};
use super::standing::Deliveries;
use crate::project::Project;
use tertial_lake::{Damage, Lake, Stored};
use tertial_model::{Code, Diagnostic, Faults, Location};

/// Reads every file that a build reads; one that is not what was written stops it, and the next run
/// makes it again.
pub fn require_lake(lake: &Lake, deliveries: &Deliveries) -> Result<(), Faults> {
    let damaged = damaged(lake, deliveries);
    let paths = damaged.iter().map(|(stored, _)| stored.path.as_path());
    if !damaged.is_empty() {
        lake.suspect(paths)?;
    }
    let fault = |(stored, damage): &(Stored, Damage)| {
        let path = stored.path.strip_prefix(lake.data_dir()).unwrap_or(&stored.path);
        let place = Location::file(format!("data/{}", path.display()));
        Diagnostic::error(
            Code::StoredFileChanged,
            "a file of the lake is not as it was written",
            place,
        )
        .with_found(damage.found())
        .with_expected(damage.expected(&stored.written))
        .with_effect("nothing was built; the release that was published last stays in force")
        .with_hint("run again: the file is made again from the received bytes")
    };
    match damaged.is_empty() {
        true => Ok(()),
        false => Err(damaged.iter().map(fault).collect()),
    }
}

/// Files of the deliveries in force, and rejects, that are not what was written.
fn damaged(lake: &Lake, deliveries: &Deliveries) -> Vec<(Stored, Damage)> {
    use rayon::prelude::*;
    let mut files: Vec<Stored> = Vec::new();
    for standing in &deliveries.all {
        let load = &standing.manifest;
        let rows = load.tables.iter().flat_map(|table| &table.files);
        let rows = rows.filter(|_| standing.in_force);
        files.extend(rows.chain(&load.rejects).map(|file| lake.stored_file(file)));
    }
    let looked = files.into_par_iter().map(|stored| (lake.look(&stored), stored));
    looked.filter_map(|(damage, stored)| Some((stored, damage?))).collect()
}

/// Takes damaged files of the lake away before a build reads them; what was taken away is to be loaded
/// again.
pub fn clear_lake(
    project: &Project,
    lake: &Lake,
    deliveries: &Deliveries,
) -> Result<Vec<Diagnostic>, Faults> {
    let mut told = Vec::new();
    for (stored, damage) in damaged(lake, deliveries) {
        lake.discard(&stored)?;
        told.push(made_again(project, LAKE_FILE, &stored, &damage));
    }
    Ok(told)
}
