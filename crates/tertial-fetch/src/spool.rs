//! An answer on its way: a hidden file in the drop folder, which gets its name when it is whole.

use crate::fault::Fault;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// How hidden files begin; the receipt passes over every name with a dot.
const PREFIX: &str = ".fetching-";

/// A growing answer that may not grow beyond a limit.
pub(crate) struct Spool {
    file: NamedTempFile,
    written: u64,
    limit: u64,
}

impl Spool {
    /// A new one; what a killed run left behind is taken away.
    pub(crate) fn new(folder: &Path, limit: u64) -> Result<Spool, Fault> {
        let made = fs::create_dir_all(folder).and_then(|()| {
            for entry in fs::read_dir(folder)?.flatten() {
                if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                    fs::remove_file(entry.path())?;
                }
            }
            tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)
        });
        let file = made.map_err(|error| Fault::disk("written", &error))?;
        Ok(Spool { file, written: 0, limit })
    }

    /// One for what is read and thrown away, outside the drop folder.
    pub(crate) fn aside(limit: u64) -> Result<Spool, Fault> {
        let file = NamedTempFile::new().map_err(|error| Fault::disk("written", &error))?;
        Ok(Spool { file, written: 0, limit })
    }

    /// How much there is.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// How much more may come.
    pub(crate) fn room(&self) -> u64 {
        self.limit - self.written
    }

    /// The limit that was set.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Adds bytes; more than may come is refused.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if bytes.len() as u64 > self.room() {
            return Err(Fault::too_large(self.limit, None));
        }
        self.file.write_all(bytes).map_err(|error| Fault::disk("written", &error))?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Forgets everything after a mark.
    pub(crate) fn rewind(&mut self, mark: u64) -> Result<(), Fault> {
        let file = self.file.as_file_mut();
        file.set_len(mark)
            .and_then(|()| file.seek(SeekFrom::Start(mark)))
            .map_err(|error| Fault::disk("written", &error))?;
        self.written = mark;
        Ok(())
    }

    /// The bytes after a mark.
    pub(crate) fn after(&mut self, mark: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let file = self.file.as_file_mut();
        file.seek(SeekFrom::Start(mark))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(|error| Fault::disk("read", &error))?;
        Ok(bytes)
    }

    /// Hash and size of the whole.
    pub(crate) fn digest(&mut self) -> Result<(String, u64), Fault> {
        let mut hasher = Sha256::new();
        let mut hash = |file: &mut File| -> io::Result<()> {
            file.seek(SeekFrom::Start(0))?;
            let mut buffer = vec![0; 1 << 16];
            loop {
                match file.read(&mut buffer)? {
                    0 => return Ok(()),
                    count => hasher.update(&buffer[..count]),
                }
            }
        };
        hash(self.file.as_file_mut()).map_err(|error| Fault::disk("read", &error))?;
        Ok((hex(&hasher.finalize()), self.written))
    }

    /// Gives the file its name, in place of an earlier one.
    pub(crate) fn deliver(self, target: &Path) -> Result<(), Fault> {
        let synced = self.file.as_file().sync_all();
        synced
            .and_then(|()| self.file.persist(target).map_err(|error| error.error))
            .and_then(|_| File::open(target.parent().unwrap_or(Path::new(".")))?.sync_all())
            .map_err(|error| Fault::disk("written", &error))
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
