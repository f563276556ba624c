//! Whether the disk has room for what is about to be written, asked before it is begun: a disk that is
//! full in the middle of a night ends it there, and who runs the database beside it is met, too.

use super::receive;
use crate::project::Project;
use tertial_lake::Lake;
use tertial_model::{Code, Diagnostic, Location};
use tertial_warehouse::publish::Releases;

/// What is left alone, whatever is written: journals, messages, the report.
const RESERVE: u64 = 64 << 20;

/// Before files are taken in: they are copied and read into the lake, and a release is built.
pub fn for_files(project: &Project, lake: &Lake) -> Result<(), Box<Diagnostic>> {
    match receive::waiting_bytes(project, lake) {
        0 => Ok(()),
        waiting => require(lake, waiting.saturating_mul(2).saturating_add(release(project))),
    }
}

/// Before a release is built.
pub fn for_release(project: &Project, lake: &Lake) -> Result<(), Box<Diagnostic>> {
    require(lake, release(project))
}

/// What a release takes while it is built: as much as the one in force, and what the engine puts aside.
fn release(project: &Project) -> u64 {
    let releases = Releases::new(&project.data());
    let listing = releases.current_id().and_then(|id| releases.listing(&id));
    let bytes: u64 =
        listing.map_or(0, |listing| listing.files.values().map(|file| file.bytes).sum());
    bytes.saturating_mul(2)
}

fn require(lake: &Lake, bytes: u64) -> Result<(), Box<Diagnostic>> {
    // Where the disk does not say, the night finds out.
    let Ok(free) = lake.free_bytes() else { return Ok(()) };
    let needed = bytes.saturating_add(RESERVE);
    if free >= needed {
        return Ok(());
    }
    let place = Location::file(lake.data_dir().to_string_lossy());
    let message = "the disk has too little room for the night";
    let fault = Diagnostic::error(Code::FileAccess, message, place)
        .with_found(format!("{} MB free", free >> 20))
        .with_expected(format!("at least {} MB", needed.div_ceil(1 << 20)))
        .with_effect("nothing more is written; the release in force stays")
        .with_hint(
            "make room on the disk, or keep fewer releases: `keep_releases` in `tertial.toml`",
        );
    Err(Box::new(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_disk_has_is_refused_before_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        // A folder that is still to be made lies on the disk of the one above it.
        let lake = Lake::open(folder.path().join("data")).unwrap();
        assert!(require(&lake, 1).is_ok());
        let told = require(&lake, u64::MAX).unwrap_err();
        assert_eq!(told.code, Code::FileAccess);
        assert!(told.found.unwrap().ends_with(" MB free"));
        assert_eq!(told.expected.unwrap(), "at least 17592186044416 MB");
    }
}
