//! A release or a report that was lost, made again from what it was made from.

use super::mended::{REPORT_FILE, again, made_again};
use super::record::{Identity, Record};
use super::standing::Deliveries;
use super::warehouse::Built;
use super::{audit, build, publish, report};
use crate::clock::Moment;
use crate::project::Project;
use tertial_lake::{Damage, Lake, Stored};
use tertial_model::{Code, Diagnostic, Faults, Location};
use tertial_warehouse::publish::Releases;

/// What is told of a report that was damaged and has been written again.
pub fn report_again(project: &Project, kept: &report::Kept) -> Vec<Diagnostic> {
    let report::Kept::Damaged(files) = kept else { return Vec::new() };
    let told =
        |(stored, damage): &(Stored, Damage)| made_again(project, REPORT_FILE, stored, damage);
    files.iter().map(told).collect()
}

/// Makes the release in force again: put back where only its link is lost, else built anew from what
/// it was built from. What comes out under another name is told.
pub fn make_release_again(
    project: &Project,
    lake: &Lake,
    identity: &Identity,
    fault: &Diagnostic,
) -> Result<Vec<Diagnostic>, Faults> {
    let releases = Releases::new(&project.data());
    if is_whole(&releases, &identity.release) && snapshots_are_whole(project, identity) {
        releases.put_in_force(&identity.release).map_err(|error| {
            let place = Location::file("data/releases/current");
            let message = format!("the release cannot be put in force again: {error}");
            Faults::from(Diagnostic::error(Code::FileAccess, message, place))
        })?;
        return Ok(vec![again("the link to the release in force", fault)]);
    }
    let Some(moment) = Moment::given(&identity.as_of) else {
        return Ok(vec![replaced(identity, fault)]);
    };
    let deliveries = Deliveries::at(project, lake, &moment)?;
    let id = build::release_id(project, &deliveries, &moment);
    if id != identity.release {
        // What it was made from has changed: what is made now takes its place.
        return Ok(vec![replaced(identity, fault)]);
    }
    let (built, _) = build::build(project, lake, &deliveries, &moment)?;
    let (results, told) = audit::audit(project, &built)?;
    if audit::stops(&results) {
        return Err(told.diagnostics.into());
    }
    let Built { folder, id } = built;
    publish::publish(project, lake, &Built { folder, id: id.clone() }, &moment, &[])?;
    debug_assert_eq!(releases.current_id(), Some(id));
    Ok(vec![again("the release in force", fault)])
}

/// Whether every file of a release is as it was published.
fn is_whole(releases: &Releases, id: &str) -> bool {
    let folder = releases.path(id);
    releases.listing(id).is_some_and(|listing| {
        let mut files = listing.files.into_iter();
        files.all(|(name, written)| Stored { path: folder.join(name), written }.look().is_none())
    })
}

fn snapshots_are_whole(project: &Project, identity: &Identity) -> bool {
    let record = Record::new(project);
    let mut names = identity.outcomes.iter().chain([&identity.deliveries]);
    names.all(|name| {
        let hashed = tertial_lake::hash_file(&record.path(name));
        hashed.is_ok_and(|(sha256, _)| *name == format!("{sha256}.parquet"))
    })
}

/// T0806: a release is lost and the next one takes its place.
fn replaced(identity: &Identity, fault: &Diagnostic) -> Diagnostic {
    Diagnostic {
        hints: vec![
            "it is made again when it is asked for: `tertial report --as-of`".to_owned(),
            "see who or what writes in `data` besides `tertial`, and look at the disk".to_owned(),
        ],
        effect: Some(format!("release `{}` is replaced by the one of this run", identity.release)),
        ..fault.clone()
    }
}
