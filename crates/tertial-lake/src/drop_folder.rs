//! What lies in a drop folder, and whether it is finished.
//!
//! Whoever may write in the folder could lay a link there and have a file read that is not theirs: the
//! key for pseudonyms, a neighbour's delivery. So only regular files with one name are taken, and they
//! are opened without following a link, so that nothing can be put in their place in between. The
//! folder itself, and those above it, are the region's own and may be links.
//!
//! Nobody tells when a file that is being written is whole. Two signs are taken: a name that programs
//! give to transfers under way, and a change so recent that the next one may follow.

use jiff::Timestamp;
use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What lies in a drop folder.
#[derive(Debug, Default)]
pub struct DropFolder {
    /// The files, the one changed last last.
    pub files: Vec<Dropped>,
    /// What is no file that could be taken in, by name.
    pub odd: Vec<Odd>,
}

/// Something in a drop folder that is not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: NoFile,
}

/// What stands where a file should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFile {
    /// A symbolic link.
    Link,
    /// A file that has other names too, which may lie anywhere.
    HardLink {
        /// How many names.
        names: u64,
    },
    /// A folder.
    Folder,
    /// A pipe, a socket or a device.
    Special,
    /// It cannot be looked at.
    Unreadable(String),
}

impl NoFile {
    fn of(metadata: &Metadata) -> Option<NoFile> {
        let kind: FileType = metadata.file_type();
        if kind.is_symlink() {
            Some(NoFile::Link)
        } else if kind.is_dir() {
            Some(NoFile::Folder)
        } else if kind.is_fifo()
            || kind.is_socket()
            || kind.is_block_device()
            || kind.is_char_device()
            || !kind.is_file()
        {
            Some(NoFile::Special)
        } else {
            let names = metadata.nlink();
            (names > 1).then_some(NoFile::HardLink { names })
        }
    }

    /// In words.
    pub fn words(&self) -> String {
        match self {
            NoFile::Link => "a symbolic link".to_owned(),
            NoFile::HardLink { names } => format!("a file with {names} names (hard links)"),
            NoFile::Folder => "a folder".to_owned(),
            NoFile::Special => "a pipe, a socket or a device".to_owned(),
            NoFile::Unreadable(fault) => fault.clone(),
        }
    }
}

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

    /// Opens the file as it was found; a link that was put in its place meanwhile is not followed.
    pub fn open(&self) -> io::Result<File> {
        open_plain(&self.path)
    }
}

/// Opens a regular file with one name, following no link and waiting for no pipe.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let opened = options.open(path).map_err(|error| match error.raw_os_error() {
        Some(libc::ELOOP) => io::Error::other(format!("it is {}", NoFile::Link.words())),
        Some(libc::ENXIO) => io::Error::other(format!("it is {}", NoFile::Special.words())),
        _ => error,
    })?;
    match NoFile::of(&opened.metadata()?) {
        Some(what) => Err(io::Error::other(format!("it is {}", what.words()))),
        None => Ok(opened),
    }
}

/// When a file was changed, in nanoseconds since 1970.
pub(crate) fn changed_ns(metadata: &std::fs::Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

/// What lies in a folder and is not hidden, the file changed last last. Of several that came since the
/// last run under names that mean the same thing, the newest is then the one in force.
pub fn dropped(folder: &Path) -> io::Result<DropFolder> {
    let mut found = DropFolder::default();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') {
            continue;
        }
        let what = match path.symlink_metadata() {
            // Taken away since the folder was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => Some(NoFile::Unreadable(error.to_string())),
            Ok(metadata) => {
                let what = NoFile::of(&metadata);
                if what.is_none() {
                    let (bytes, changed_ns) = (metadata.len(), changed_ns(&metadata));
                    let (path, name) = (path.clone(), name.clone());
                    found.files.push(Dropped { path, name, bytes, changed_ns });
                }
                what
            }
        };
        found.odd.extend(what.map(|what| Odd { path, name, what }));
    }
    found.files.sort_by(|a, b| (a.changed_ns, &a.name).cmp(&(b.changed_ns, &b.name)));
    found.odd.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
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
        let found = dropped(folder.path()).unwrap();
        let names: Vec<&str> = found.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["b.csv", "a.csv", "a (1).csv"]);
        assert!(found.odd.is_empty());
        assert!(dropped(&folder.path().join("none")).is_err());
    }

    #[test]
    fn only_a_regular_file_with_one_name_is_a_file() {
        let room = tempfile::tempdir().unwrap();
        let (folder, secret) = (room.path().join("inbox"), room.path().join("key"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&secret, "secret").unwrap();
        std::fs::write(folder.join("a.csv"), "a").unwrap();
        std::fs::create_dir(folder.join("b.csv")).unwrap();
        std::os::unix::fs::symlink(&secret, folder.join("c.csv")).unwrap();
        std::os::unix::fs::symlink("nowhere", folder.join("d.csv")).unwrap();
        std::fs::hard_link(&secret, folder.join("e.csv")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.join("f.csv")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.join("g.csv")).status().unwrap();
        assert!(made.success());
        let found = dropped(&folder).unwrap();
        assert_eq!(found.files.len(), 1);
        let odd: Vec<String> =
            found.odd.iter().map(|odd| format!("{} {}", odd.name, odd.what.words())).collect();
        assert_eq!(
            odd,
            [
                "b.csv a folder",
                "c.csv a symbolic link",
                "d.csv a symbolic link",
                "e.csv a file with 2 names (hard links)",
                "f.csv a pipe, a socket or a device",
                "g.csv a pipe, a socket or a device",
            ]
        );
        // Nor is one of them opened that is put in a file's place after the look, and a pipe makes
        // nobody wait.
        for odd in &found.odd {
            let fault = open_plain(&odd.path).unwrap_err();
            assert!(fault.to_string().starts_with("it is a "), "{}: {fault}", odd.name);
        }
        assert!(found.files[0].open().is_ok());
    }

    #[test]
    fn the_folder_itself_may_be_a_link() {
        let room = tempfile::tempdir().unwrap();
        std::fs::create_dir(room.path().join("real")).unwrap();
        std::fs::write(room.path().join("real/a.csv"), "a").unwrap();
        std::os::unix::fs::symlink("real", room.path().join("inbox")).unwrap();
        let found = dropped(&room.path().join("inbox")).unwrap();
        assert!(found.files.len() == 1 && found.files[0].open().is_ok());
    }
}
