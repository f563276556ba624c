//! What lies in a drop folder, and whether it is finished.
//!
//! Nobody tells when a file that is being written is whole. Two signs are taken: a name that programs
//! give to transfers under way, and a change so recent that the next one may follow.

use jiff::Timestamp;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file in a drop folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was changed, in nanoseconds since 1970.
    pub changed_ns: i64,
}

/// Whether a file is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// It has been left alone long enough.
    Still,
    /// It changed so many seconds before it was looked at, or after.
    Moving {
        /// Seconds, rounded down.
        seconds: u64,
    },
    /// Its name says that a transfer is under way.
    Unfinished,
}

/// How names of transfers under way end, in small letters.
const UNFINISHED: [&str; 8] =
    [".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".upload"];

/// Whether a name is that of a transfer under way.
pub fn is_unfinished(name: &str) -> bool {
    let name = name.to_lowercase();
    UNFINISHED.iter().any(|ending| name.ends_with(ending))
}

impl Dropped {
    /// Whether the file is finished, seen from a moment. A file changed long after the moment is
    /// still too: the run looks back, and its own clock says nothing of the file.
    pub fn rest(&self, looked_at: Timestamp, quiet_seconds: u64) -> Rest {
        if is_unfinished(&self.name) {
            return Rest::Unfinished;
        }
        let away = (looked_at.as_nanosecond() - i128::from(self.changed_ns)).unsigned_abs();
        let quiet = u128::from(quiet_seconds) * 1_000_000_000;
        if away >= quiet {
            return Rest::Still;
        }
        Rest::Moving { seconds: u64::try_from(away / 1_000_000_000).unwrap_or(u64::MAX) }
    }

    fn of(path: PathBuf) -> Option<Dropped> {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
        let is_hidden = name.starts_with('.');
        let (bytes, changed_ns) = (metadata.len(), changed_ns(&metadata));
        (!is_hidden).then_some(Dropped { path, name, bytes, changed_ns })
    }
}

/// When a file was changed, in nanoseconds since 1970.
pub(crate) fn changed_ns(metadata: &std::fs::Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

/// The files in a folder that are not hidden, the one changed last last. Of several that came since
/// the last run under names that mean the same thing, the newest is then the one in force.
pub fn dropped(folder: &Path) -> Vec<Dropped> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<Dropped> =
        entries.flatten().filter_map(|entry| Dropped::of(entry.path())).collect();
    files.sort_by(|a, b| (a.changed_ns, &a.name).cmp(&(b.changed_ns, &b.name)));
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(name: &str, changed: &str, quiet_seconds: u64) -> Rest {
        let changed: Timestamp = changed.parse().unwrap();
        let file = Dropped {
            path: PathBuf::from(name),
            name: name.to_owned(),
            bytes: 1,
            changed_ns: i64::try_from(changed.as_nanosecond()).unwrap(),
        };
        file.rest("2024-09-16T06:00:00Z".parse().unwrap(), quiet_seconds)
    }

    #[test]
    fn a_file_rests_when_it_was_left_alone_long_enough() {
        assert_eq!(rest("a.csv", "2024-09-16T05:59:30Z", 30), Rest::Still);
        assert_eq!(rest("a.csv", "2024-09-16T05:59:30.5Z", 30), Rest::Moving { seconds: 29 });
        assert_eq!(rest("a.csv", "2024-09-16T06:00:00Z", 30), Rest::Moving { seconds: 0 });
        assert_eq!(rest("a.csv", "2024-09-16T06:00:00Z", 0), Rest::Still);
        // Written while the run went on.
        assert_eq!(rest("a.csv", "2024-09-16T06:00:20Z", 30), Rest::Moving { seconds: 20 });
        // A run that looks back, with files of today.
        assert_eq!(rest("a.csv", "2026-01-01T00:00:00Z", 30), Rest::Still);
    }

    #[test]
    fn transfers_under_way_are_known_by_their_names() {
        for name in ["a.csv.part", "A.CSV.FILEPART", "a.tmp", "a.csv.crdownload"] {
            assert_eq!(rest(name, "2020-01-01T00:00:00Z", 30), Rest::Unfinished, "{name}");
        }
        for name in ["part.csv", "a.csv", "tmp"] {
            assert_eq!(rest(name, "2020-01-01T00:00:00Z", 30), Rest::Still, "{name}");
        }
    }

    #[test]
    fn the_file_changed_last_comes_last() {
        let folder = tempfile::tempdir().unwrap();
        for (name, seconds) in [("a.csv", 20), ("a (1).csv", 30), ("b.csv", 10), (".c.csv", 5)] {
            let file = std::fs::File::create(folder.path().join(name)).unwrap();
            let changed = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            file.set_modified(changed).unwrap();
        }
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let names: Vec<String> = dropped(folder.path()).into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["b.csv", "a.csv", "a (1).csv"]);
        assert!(dropped(&folder.path().join("none")).is_empty());
    }
}
