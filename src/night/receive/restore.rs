//! Received bytes that were lost, put back from the file that still lies in the drop folder.
//!
//! A sender's file stays where it was laid, so what the lake has lost is often still at hand. It is
//! taken back only when its hash is the one that stood in the receipt, and gets the receipt it had.

use super::{fetch, spec_for};
use crate::project::{Project, Source};
use std::path::{Path, PathBuf};
use tertial_lake::{Archive, DeliveryManifest, Incoming, Lake, Receipts, hash_file};
use tertial_model::{Diagnostic, Origin};

/// A delivery whose bytes or receipt are lost.
pub struct Lost<'a> {
    /// The source.
    pub source: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its receipt, where a copy of it is left.
    pub manifest: Option<&'a DeliveryManifest>,
}

/// Puts a delivery back as it was; `false` when no drop folder holds its bytes any more.
pub fn restore(
    project: &Project,
    lake: &Lake,
    log: &Receipts,
    lost: &Lost<'_>,
) -> Result<bool, Box<Diagnostic>> {
    let own = |id: &Option<String>| id.as_deref() == Some(lost.id);
    let Some(source) = project.sources.iter().find(|one| one.pipeline.name == lost.source) else {
        return Ok(false);
    };
    let Some(first) = log.events().iter().find(|event| own(&event.delivery)) else {
        return Ok(false);
    };
    let received_at = lost.manifest.map_or(&first.received_at, |kept| &kept.received_at);
    let room = lake.private_folder()?;
    for event in log.events().iter().rev().filter(|event| own(&event.delivery)) {
        let file = project.root.join(&event.file);
        let (path, way) = match &event.member {
            None => (Some(file.clone()), None),
            Some(member) => member_of(source, &file, &event.file, member, room.path()),
        };
        let Some(path) = path.filter(|path| lake.holds(path, &event.sha256)) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(spec) = spec_for(source, &name) else { continue };
        let known = lost.manifest.and_then(|kept| kept.origin.clone()).or(way);
        let memory = fetch::memory(project);
        let key = format!("{}/{name}", lost.source);
        let remembered = memory.of(&key).filter(|kept| kept.sha256 == event.sha256);
        let origin = known.or_else(|| remembered.map(|kept| kept.origin.clone()));
        lake.set_aside(lost.source, lost.id)?;
        let receipt = lake.take_in(&Incoming {
            source: lost.source,
            spec,
            file: &path,
            received_at,
            origin: &|_| origin.clone(),
        })?;
        return Ok(receipt.manifest.id == lost.id);
    }
    Ok(false)
}

/// A member of an archive, unpacked, and the way it came.
fn member_of(
    source: &Source,
    file: &Path,
    shown: &str,
    member: &str,
    room: &Path,
) -> (Option<PathBuf>, Option<Origin>) {
    let unpacked = || {
        let (archive_sha256, _) = hash_file(file).ok()?;
        let mut archive = Archive::open(file, shown, &source.pipeline.drop_folder).ok()?;
        let wanted = archive.members().iter().find(|one| one.path == member)?.clone();
        let folder = tempfile::tempdir_in(room).ok()?.keep();
        let paths = archive.unpack(&[wanted], &folder).ok()?;
        let archive = file.file_name()?.to_string_lossy().into_owned();
        let origin = Origin::Archive { archive, archive_sha256, member: member.to_owned() };
        Some((paths.into_iter().next()?, origin))
    };
    unpacked().map_or((None, None), |(path, origin)| (Some(path), Some(origin)))
}
