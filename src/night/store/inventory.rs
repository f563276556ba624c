//! Every stored file of which it is known what was written: the list that a look goes through.

use crate::night::mended;
use crate::night::methods::Methods;
use crate::night::record::Publication;
use crate::night::report;
use crate::project::Project;
use std::path::{Path, PathBuf};
use tertial_lake::{DeliveryManifest, Lake, LoadManifest, Stored};
use tertial_model::seal::{Listed, Listing};
use tertial_warehouse::publish::Releases;

/// What a stored file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The bytes of a delivery.
    Received,
    /// Rows that count.
    Lake,
    /// Rows that were set aside.
    Rejects,
    /// Outcomes or deliveries of a publication.
    Published,
    /// A text that a release was made from, or the list of them.
    Facts,
    /// A database of a release.
    Release,
    /// A rendering of a report.
    Report,
}

impl Kind {
    /// Every kind, in the order of the walk.
    pub const ALL: [Kind; 7] = [
        Kind::Received,
        Kind::Lake,
        Kind::Rejects,
        Kind::Facts,
        Kind::Release,
        Kind::Published,
        Kind::Report,
    ];

    /// In words, of several.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Received => "received files",
            Kind::Lake => "files of the lake",
            Kind::Rejects => "files of rejects",
            Kind::Published => "snapshots of publications",
            Kind::Facts => "kept facts",
            Kind::Release => "files of releases",
            Kind::Report => "files of reports",
        }
    }

    /// In words, of one.
    pub fn one(self) -> &'static str {
        match self {
            Kind::Received => "a received file",
            Kind::Lake => mended::LAKE_FILE,
            Kind::Rejects => "a file of rejects",
            Kind::Published => "a snapshot of a publication",
            Kind::Facts => "a kept fact",
            Kind::Release => "a file of a release",
            Kind::Report => mended::REPORT_FILE,
        }
    }
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Where it lies and what was written there.
    pub stored: Stored,
    /// The delivery or release it belongs to; empty for what belongs to several.
    pub of: String,
}

/// Where a list of stored files is drawn from.
pub struct Stock<'a> {
    /// The project.
    pub project: &'a Project,
    /// The lake.
    pub lake: &'a Lake,
    /// Deliveries whose receipt is sound.
    pub received: &'a [DeliveryManifest],
    /// Loads whose manifest is sound.
    pub loads: &'a [LoadManifest],
    /// Every publication.
    pub publications: &'a [Publication],
}

impl Stock<'_> {
    /// What a night looks at: everything but the reports, which are looked at when they are written.
    pub fn of_a_night(&self) -> Vec<Item> {
        let releases = Releases::new(&self.project.data());
        let mut items = self.of_the_lake();
        items.extend(self.published());
        items.extend(self.facts());
        for id in releases.list().unwrap_or_default() {
            items.extend(self.release(&id));
        }
        items
    }

    /// Everything.
    pub fn all(&self) -> Vec<Item> {
        let mut items = self.of_a_night();
        items.extend(self.reports(&self.project.data().join("reports")));
        items
    }

    fn of_the_lake(&self) -> Vec<Item> {
        let mut items = Vec::new();
        for delivery in self.received {
            let stored = self.lake.stored_bytes(delivery);
            items.push(Item { kind: Kind::Received, stored, of: delivery.id.clone() });
        }
        for load in self.loads {
            let of = || load.delivery.id.clone();
            let files = load.tables.iter().flat_map(|table| &table.files);
            items.extend(files.map(|file| Item {
                kind: Kind::Lake,
                stored: self.lake.stored_file(file),
                of: of(),
            }));
            items.extend(load.rejects.iter().map(|file| Item {
                kind: Kind::Rejects,
                stored: self.lake.stored_file(file),
                of: of(),
            }));
        }
        items
    }

    /// Each lies under its own hash.
    fn published(&self) -> Vec<Item> {
        let folder = self.project.data().join("published");
        let mut items: Vec<Item> = Vec::new();
        for publication in self.publications {
            let identity = &publication.identity;
            for name in identity.outcomes.iter().chain([&identity.deliveries]) {
                let sha256 = name.trim_end_matches(".parquet").to_owned();
                let stored = of_its_own_hash(folder.join(name), sha256);
                if items.iter().all(|known| known.stored.path != stored.path) {
                    let of = identity.release.clone();
                    items.push(Item { kind: Kind::Published, stored, of });
                }
            }
        }
        items
    }

    fn facts(&self) -> Vec<Item> {
        let files = Methods::new(&self.project.data()).files().into_iter();
        let item = |(path, sha256)| Item {
            kind: Kind::Facts,
            stored: of_its_own_hash(path, sha256),
            of: String::new(),
        };
        files.map(item).collect()
    }

    fn release(&self, id: &str) -> Vec<Item> {
        let releases = Releases::new(&self.project.data());
        let listing = releases.listing(id).unwrap_or_default();
        listed(Kind::Release, &releases.path(id), listing)
    }

    /// The reports below a folder that have a list of their files.
    fn reports(&self, folder: &Path) -> Vec<Item> {
        let mut items = Vec::new();
        if let Some(listing) = report::listing(folder) {
            items.extend(listed(Kind::Report, folder, listing));
        }
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut below: Vec<PathBuf> =
            entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        below.sort();
        items.extend(below.iter().flat_map(|folder| self.reports(folder)));
        items
    }
}

fn listed(kind: Kind, folder: &Path, listing: Listing) -> Vec<Item> {
    let of = listing.release;
    let item = |(name, written): (String, Listed)| Item {
        kind,
        stored: Stored { path: folder.join(name), written },
        of: of.clone(),
    };
    listing.files.into_iter().map(item).collect()
}

/// A file whose name tells its hash and nothing its size: it has the one it has.
fn of_its_own_hash(path: PathBuf, sha256: String) -> Stored {
    let bytes = std::fs::metadata(&path).map_or(0, |found| found.len());
    Stored { path, written: Listed { bytes, sha256 } }
}

/// The part of a list that is read on a day: it is cut into pieces of at most so many bytes, and each
/// day has the next piece. Files that are larger than a piece are left out.
pub fn share(items: &[Item], day: i64, bytes: u64) -> Vec<bool> {
    let size = |item: &Item| item.stored.written.bytes;
    let mut piece = 0;
    let mut filled = 0;
    let mut pieces = Vec::with_capacity(items.len());
    for item in items {
        if size(item) > bytes {
            pieces.push(None);
            continue;
        }
        if filled + size(item) > bytes {
            piece += 1;
            filled = 0;
        }
        filled += size(item);
        pieces.push(Some(piece));
    }
    let today = day.rem_euclid(piece + 1);
    pieces.into_iter().map(|piece| piece == Some(today)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(bytes: u64) -> Item {
        let written = Listed { bytes, sha256: String::new() };
        Item {
            kind: Kind::Lake,
            stored: Stored { path: PathBuf::new(), written },
            of: String::new(),
        }
    }

    #[test]
    fn every_file_has_its_day_and_none_is_too_much() {
        let items: Vec<Item> = [5, 5, 4, 11, 9, 1, 0, 3].map(item).into();
        let mut seen = vec![0; items.len()];
        for day in 100..104 {
            let today = share(&items, day, 10);
            let read: u64 = items
                .iter()
                .zip(&today)
                .filter(|(_, is)| **is)
                .map(|(i, _)| i.stored.written.bytes)
                .sum();
            assert!(read <= 10, "day {day}: {read}");
            for (count, is_read) in seen.iter_mut().zip(today) {
                *count += i32::from(is_read);
            }
        }
        // Four pieces: 5 + 5, 4, 9 + 1 + 0, 3; the file of 11 is in none of them.
        assert_eq!(seen, [1, 1, 1, 0, 1, 1, 1, 1]);
    }

    #[test]
    fn a_small_store_is_read_each_day() {
        let items: Vec<Item> = [1, 2, 3].map(item).into();
        assert!((0..3).all(|day| share(&items, day, 10).iter().all(|is| *is)));
        assert!(share(&[], 7, 10).is_empty());
    }
}
