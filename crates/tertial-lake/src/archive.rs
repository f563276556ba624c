//! Zip archives in a drop folder: what they hold, and their members as files.
//!
//! An archive is hostile until it has been looked through: every fault of every member is told before
//! a byte is unpacked, and an archive with a fault is taken in not at all. Members get their base
//! names in a private folder, so that no path of the archive's ever names a place on disk.

use crate::drop_folder::open_plain;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use tertial_model::pipeline::DropSpec;
use tertial_model::{Code, Diagnostic, Faults, Location};
use zip::ZipArchive;
use zip::result::ZipError;

/// Endings of archives, in small letters; none is opened inside another.
const ARCHIVES: [&str; 8] = [".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz"];

/// What follows from a fault.
const EFFECT: &str = "nothing of the archive was taken in";

/// Whether a file of that name is opened as an archive.
pub fn is_archive(name: &str) -> bool {
    name.to_lowercase().ends_with(".zip")
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Path in the archive.
    pub path: String,
    /// The path's last part.
    pub name: String,
    index: usize,
}

/// An archive that was looked through and found sound.
pub struct Archive<'a> {
    zip: ZipArchive<BufReader<File>>,
    shown: &'a str,
    /// Size of the archive itself.
    packed: u64,
    limits: &'a DropSpec,
    members: Vec<Member>,
}

impl<'a> Archive<'a> {
    /// As [`Archive::read`], of a file that is no link and has one name.
    pub fn open(path: &Path, shown: &'a str, limits: &'a DropSpec) -> Result<Archive<'a>, Faults> {
        let opened =
            open_plain(path).map_err(|error| Faults::from(unreadable(shown, &error.into())))?;
        Archive::read(opened, shown, limits)
    }

    /// Looks through an archive; every fault at once. `shown` is its path in messages.
    pub fn read(file: File, shown: &'a str, limits: &'a DropSpec) -> Result<Archive<'a>, Faults> {
        let opened = file.metadata().map_err(ZipError::Io).and_then(|metadata| {
            let packed = metadata.len();
            let listed = file.try_clone()?;
            let mut zip = ZipArchive::new(BufReader::new(file))?;
            let paths = listed_paths(&listed, zip.central_directory_start())?;
            let overlaps = zip.has_overlapping_files()?;
            Ok((zip, packed, paths, overlaps))
        });
        let (zip, packed, paths, overlaps) =
            opened.map_err(|error| Faults::from(unreadable(shown, &error)))?;
        let mut archive = Archive { zip, shown, packed, limits, members: Vec::new() };
        let mut faults = archive.size_faults(paths.len() as u64);
        if overlaps {
            let fault = fault(
                Code::OversizedArchive,
                "members of an archive lie on top of each other",
                shown,
            );
            faults.push(fault.with_expected("bytes of its own for each member").with_hint(
                "such archives are made to fill disks; ask the sender where it comes from",
            ));
        }
        if faults.is_empty() {
            faults = archive.look_through(&paths);
        }
        if faults.is_empty() { Ok(archive) } else { Err(faults.into()) }
    }

    /// The files, by path. Hidden ones and what a Mac adds are passed over.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Writes members into a private, empty folder, each under its name; their paths in order.
    pub fn unpack(
        &mut self,
        members: &[Member],
        folder: &Path,
    ) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
        let (shown, limits) = (self.shown, self.limits);
        let mut room = limits.archive_max_bytes;
        let mut paths = Vec::new();
        for member in members {
            let place = format!("{shown} [{}]", member.path);
            let path = folder.join(&member.name);
            let unwritten = |error: io::Error| {
                let message = format!("`{}` could not be unpacked", member.path);
                let told = fault(Code::FileAccess, &message, shown).with_found(error.to_string());
                Box::new(told.with_hint("see to the disk and run again"))
            };
            let mut file = File::create_new(&path).map_err(unwritten)?;
            let from = self.zip.by_index(member.index);
            let from = from.map_err(|error| Box::new(unreadable(&place, &error)))?;
            let announced = from.size();
            let mut written = 0;
            // One byte more than there is room for tells that there is more.
            let mut bounded = from.take(room.saturating_add(1));
            let mut buffer = vec![0; 1 << 16];
            loop {
                let count = match bounded.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(Box::new(unreadable(&place, &error.into()))),
                };
                if count as u64 > room {
                    return Err(Box::new(bursts(shown, &member.path, limits.archive_max_bytes)));
                }
                room -= count as u64;
                written += count as u64;
                if written > announced {
                    return Err(Box::new(lies(shown, &member.path, written, announced)));
                }
                file.write_all(&buffer[..count]).map_err(unwritten)?;
            }
            if written != announced {
                return Err(Box::new(lies(shown, &member.path, written, announced)));
            }
            paths.push(path);
        }
        Ok(paths)
    }

    /// Too many members, or too much that they say they hold.
    fn size_faults(&self, count: u64) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let most = self.limits.archive_max_members;
        if count > most {
            let fault =
                fault(Code::OversizedArchive, "an archive has too many members", self.shown);
            faults.push(
                fault
                    .with_found(format!("{count} members"))
                    .with_expected(format!("at most {most}"))
                    .with_hint("ask for fewer at a time, or raise `archive_max_members`"),
            );
        }
        let announced = self.zip.decompressed_size().unwrap_or(u128::MAX);
        if announced > u128::from(self.limits.archive_max_bytes) {
            let fault =
                fault(Code::OversizedArchive, "an archive would unpack to too much", self.shown);
            faults.push(
                fault
                    .with_found(format!("{announced} bytes out of {}", self.packed))
                    .with_expected(format!("at most {} bytes", self.limits.archive_max_bytes))
                    .with_hint("ask for less at a time, or raise `archive_max_bytes`"),
            );
        }
        faults
    }

    /// Finds the members, and what is wrong with them.
    fn look_through(&mut self, listed: &[Vec<u8>]) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for index in 0..self.zip.len() {
            let member = match self.zip.by_index_raw(index) {
                Ok(member) => member,
                Err(error) => {
                    faults.push(unreadable(self.shown, &error));
                    continue;
                }
            };
            let path = member.name().to_owned();
            let times = listed.iter().filter(|raw| raw.as_slice() == member.name_raw()).count();
            let (is_dir, is_symlink) = (member.is_dir(), member.is_symlink());
            let is_special = member.unix_mode().is_some_and(is_special);
            let encrypted = member.encrypted();
            let mut push = |message: &str, expected: &str, hint: &str| {
                let told = fault(Code::UnusableMember, message, self.shown);
                let told = told.with_found(format!("`{}`", path.escape_debug()));
                faults.push(told.with_expected(expected).with_hint(hint));
            };
            if leads_away(&path) || is_symlink {
                push(
                    "a member of an archive names a place outside of it",
                    "a path below the archive, e.g. `2024/arbetstid_2024-08.csv`",
                    "such archives are made to overwrite files; ask the sender where it comes from",
                );
                continue;
            }
            let name = path.rsplit('/').next().unwrap_or("").to_owned();
            if is_dir || name.starts_with('.') || path.starts_with("__MACOSX/") {
                continue;
            }
            if is_special {
                push(
                    "a member of an archive is no file",
                    "regular files and folders",
                    "a pipe, a socket or a device can hold no delivery; ask the sender for files",
                );
                continue;
            }
            if ARCHIVES.iter().any(|ending| name.to_lowercase().ends_with(ending)) {
                push(
                    "an archive holds another archive",
                    "files in one archive",
                    "ask the sender for the files themselves, or unpack it by hand",
                );
                continue;
            }
            if encrypted {
                push(
                    "a member of an archive is encrypted",
                    "members that open without a password",
                    "ask the sender for an archive without a password, sent over a closed way",
                );
                continue;
            }
            by_name.entry(name.clone()).or_default().extend(vec![path.clone(); times.max(1)]);
            self.members.push(Member { path, name, index });
        }
        for (name, paths) in by_name.into_iter().filter(|(_, paths)| paths.len() > 1) {
            let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
            let told =
                fault(Code::UnusableMember, "members of an archive have the same name", self.shown);
            faults.push(
                told.with_found(paths.join(" and "))
                    .with_expected(format!("one member with the name `{name}`"))
                    .with_hint(
                        "which one is meant cannot be known; ask the sender for one of them",
                    ),
            );
        }
        self.members.sort_by(|a, b| a.path.cmp(&b.path));
        faults
    }
}

/// An archive that holds more than it says.
fn bursts(shown: &str, path: &str, limit: u64) -> Diagnostic {
    fault(Code::OversizedArchive, "an archive unpacks to more than it says", shown)
        .with_found(format!("more than {limit} bytes by `{path}`"))
        .with_expected(format!("at most {limit} bytes"))
        .with_hint("such archives are made to fill disks; ask the sender where it comes from")
}

/// A member that holds another number of bytes than the archive says.
fn lies(shown: &str, path: &str, written: u64, announced: u64) -> Diagnostic {
    let found = match written > announced {
        true => format!("at least {written} bytes in `{path}`"),
        false => format!("{written} bytes in `{path}`"),
    };
    fault(
        Code::OversizedArchive,
        "a member of an archive has another size than the archive says",
        shown,
    )
    .with_found(found)
    .with_expected(format!("{announced} bytes, as the archive's list says"))
    .with_hint("ask the sender for the archive again; an ordinary zip program writes true sizes")
}

/// Whether a Unix mode is that of a pipe, a socket or a device.
fn is_special(mode: u32) -> bool {
    const KIND: u32 = 0o170_000;
    const FILE: u32 = 0o100_000;
    const FOLDER: u32 = 0o040_000;
    !matches!(mode & KIND, 0 | FILE | FOLDER)
}

/// Whether a path leads out of the folder it is unpacked in, on any system.
fn leads_away(path: &str) -> bool {
    let has_drive = path.as_bytes().get(1) == Some(&b':');
    path.starts_with('/')
        || has_drive
        || path.contains(['\\', '\0'])
        || path.chars().any(char::is_control)
        || path.split('/').any(|part| part == "..")
}

/// The paths as the central directory lists them; the same one may stand there twice.
fn listed_paths(file: &File, start: u64) -> Result<Vec<Vec<u8>>, ZipError> {
    let mut list = BufReader::new(Tail(file, start));
    let mut paths = Vec::new();
    loop {
        let mut head = [0; 46];
        match list.read_exact(&mut head) {
            Ok(()) if head.starts_with(b"PK\x01\x02") => {}
            _ => return Ok(paths),
        }
        let length = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
        let mut name = vec![0; length(28)];
        list.read_exact(&mut name)?;
        paths.push(name);
        let rest = (length(30) + length(32)) as u64;
        io::copy(&mut list.by_ref().take(rest), &mut io::sink())?;
    }
}

/// A file read from a place on, beside others who read it.
struct Tail<'a>(&'a File, u64);

impl Read for Tail<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read_at(buffer, self.1)?;
        self.1 += count as u64;
        Ok(count)
    }
}

fn fault(code: Code, message: &str, shown: &str) -> Diagnostic {
    Diagnostic::error(code, message, Location::file(shown)).with_effect(EFFECT)
}

fn unreadable(shown: &str, error: &ZipError) -> Diagnostic {
    let told = fault(Code::UnreadableArchive, "an archive cannot be read", shown);
    let told = match error {
        ZipError::CompressionMethodNotSupported(method) => told
            .with_found(format!("a member packed by method {method}"))
            .with_expected("members packed by `deflate`, or not packed"),
        error => told.with_found(error.to_string()).with_expected("a whole zip archive"),
    };
    told.with_hint("ask the sender for it again; an ordinary zip program makes archives that open")
}
