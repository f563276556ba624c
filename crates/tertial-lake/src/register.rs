//! `data/seals.json`: how far the log of receipts had come, and how many publications there were.
//!
//! The manifests carry their seals themselves. A log that is only ever added to cannot, and neither can
//! a folder of records tell that its last one is gone; so both are counted here, beside them. The
//! register says too that a lake is sealed: a manifest without a seal is then one whose seal was taken
//! off. A lake from before has no register and is sealed as it stands, once.

use crate::{Lake, SHARED_FILE, SHARED_FOLDER, atomic};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use tertial_model::seal::{self, Seal};
use tertial_model::{Code, Diagnostic, Location};

/// Name of the register in the data folder.
pub(crate) const FILE: &str = "seals.json";

/// What is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// The log of receipts, as far as it had been written.
    pub receipts: LogMark,
    /// How many publications were recorded.
    pub publications: u64,
    /// The releases that lay there.
    #[serde(default)]
    pub releases: Vec<String>,
}

/// The beginning of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMark {
    /// How many lines.
    pub lines: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Hash of the bytes, hex; empty when there are none.
    pub sha256: String,
}

/// What the register says of a lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// Never written: the lake is new, or from before there were seals.
    Never,
    /// As it was written.
    Sound(Register),
    /// Damaged.
    Broken,
}

impl LogMark {
    pub(crate) fn of(log: &[u8]) -> LogMark {
        let lines = log.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let sha256 = if log.is_empty() { String::new() } else { seal::sha256(log) };
        LogMark { lines, bytes: log.len() as u64, sha256 }
    }

    /// Whether a log begins with what was marked; it may have grown since.
    pub(crate) fn begins(&self, log: &[u8]) -> bool {
        let head = usize::try_from(self.bytes).ok().and_then(|bytes| log.get(..bytes));
        head.is_some_and(|head| LogMark::of(head) == *self)
    }
}

impl Lake {
    /// Reads the register.
    pub fn register(&self) -> Result<Registered, Box<Diagnostic>> {
        let path = self.register_path();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Registered::Never),
            Err(error) => return Err(self.unusable("read", &path, &error)),
        };
        let is_sound = seal::check(&bytes) == Seal::Sound;
        let read = is_sound.then(|| serde_json::from_slice(&bytes).ok()).flatten();
        Ok(read.map_or(Registered::Broken, Registered::Sound))
    }

    /// Marks how far the log has come, when it has grown. A lake from before there were seals gets its
    /// register when it is sealed, and not before.
    pub fn mark_receipts(&self) -> Result<(), Box<Diagnostic>> {
        let registered = self.register()?;
        let receipts = self.log_mark()?;
        let known = match registered {
            Registered::Sound(known) if known.receipts == receipts => return Ok(()),
            Registered::Sound(known) => known,
            Registered::Broken => return Ok(()),
            Registered::Never if receipts.bytes == 0 || self.has_unsealed()? => return Ok(()),
            Registered::Never => Register::default(),
        };
        self.write_register(&Register { receipts, ..known })
    }

    /// Counts the publications, when there are more than before.
    pub fn mark_publications(&self, publications: u64) -> Result<(), Box<Diagnostic>> {
        let known = self.known()?;
        if known.publications >= publications {
            return Ok(());
        }
        self.write_register(&Register { publications, ..known })
    }

    /// How many publications were counted; none where nothing is known.
    pub fn publications_counted(&self) -> Result<u64, Box<Diagnostic>> {
        Ok(self.known()?.publications)
    }

    /// Notes which releases lie there, when they are others than before.
    pub fn mark_releases(&self, releases: Vec<String>) -> Result<(), Box<Diagnostic>> {
        let known = self.known()?;
        if known.releases == releases {
            return Ok(());
        }
        self.write_register(&Register { releases, ..known })
    }

    /// The releases that lay there when they were last noted.
    pub fn releases_noted(&self) -> Result<Vec<String>, Box<Diagnostic>> {
        Ok(self.known()?.releases)
    }

    /// How far the log has come.
    pub fn log_mark(&self) -> Result<LogMark, Box<Diagnostic>> {
        Ok(LogMark::of(&self.log_bytes()?))
    }

    fn known(&self) -> Result<Register, Box<Diagnostic>> {
        Ok(match self.register()? {
            Registered::Sound(register) => register,
            Registered::Never | Registered::Broken => Register::default(),
        })
    }

    /// Writes the register.
    pub fn write_register(&self, register: &Register) -> Result<(), Box<Diagnostic>> {
        let path = self.register_path();
        let bytes = crate::manifest::sealed(register);
        let written = atomic::create_dir(self.data_dir(), SHARED_FOLDER)
            .and_then(|()| atomic::write_with_mode(&path, &bytes, SHARED_FILE));
        written.map_err(|error| self.unusable("write", &path, &error))
    }

    /// T0821: the register is not what was written; what it counts is counted anew.
    pub fn register_lost(&self, found: &str) -> Diagnostic {
        let message = "the register of seals was lost and has been made again";
        Diagnostic::warning(
            Code::StoredFileRestored,
            message,
            Location::file(self.shown(&self.register_path())),
        )
        .with_found(found)
        .with_expected("the register as it was written by the night before")
        .with_effect("the log of receipts and the publications count as they stand now")
        .with_hint(
            "compare `data/received/receipts.jsonl` and `data/published` with a backup if \
                 somebody else has written in `data/`",
        )
    }

    fn register_path(&self) -> PathBuf {
        self.data.join(FILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_may_grow_and_not_shrink_or_change() {
        let mark = LogMark::of(b"a\nb\n");
        assert!(mark.begins(b"a\nb\n") && mark.begins(b"a\nb\nc\n"));
        for log in [b"" as &[u8], b"a\n", b"a\nb", b"a\nc\n", b"b\na\n"] {
            assert!(!mark.begins(log));
        }
        assert!(LogMark::default().begins(b"") && LogMark::default().begins(b"a\n"));
    }

    #[test]
    fn the_register_counts_upwards() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        assert_eq!(lake.register().unwrap(), Registered::Never);
        lake.mark_receipts().unwrap();
        assert_eq!(lake.register().unwrap(), Registered::Never, "nothing has come yet");
        lake.mark_publications(3).unwrap();
        lake.mark_publications(2).unwrap();
        lake.mark_receipts().unwrap();
        assert_eq!(lake.publications_counted().unwrap(), 3);
        std::fs::write(folder.path().join(FILE), "{ cut").unwrap();
        assert_eq!(lake.register().unwrap(), Registered::Broken);
    }
}
