//! A file that is brought by another way, into the drop folder whole or not at all.

use crate::fault::{Fault, Whose};
use crate::memory::request_id;
use crate::spool::Spool;
use crate::{Fetched, Kept, Memory};
use std::io::{self, Write};
use std::path::Path;
use tertial_model::{Faults, Origin};

/// A file to be brought, and where it belongs.
#[derive(Debug, Clone, Copy)]
pub struct Landing<'a> {
    /// The source.
    pub source: &'a str,
    /// Path of the `pipeline.toml`, for messages.
    pub pipeline: &'a str,
    /// Its name in the drop folder.
    pub file: &'a str,
    /// The drop folder.
    pub inbox: &'a Path,
    /// Largest file.
    pub max_bytes: u64,
}

/// Writes a file and tells its origin.
pub type Writing<'a> = dyn FnMut(&mut dyn Write) -> Result<Origin, Faults> + 'a;

/// Brings a file: `write` writes it and tells its origin. What was brought before from the same origin
/// is not delivered again. On a fault nothing is delivered and the memory stays as it was.
pub fn land(
    landing: &Landing<'_>,
    memory: &mut Memory,
    write: &mut Writing<'_>,
) -> Result<Fetched, Faults> {
    let whose = Whose { source: landing.source, pipeline: landing.pipeline };
    let tell = |fault: Fault| Faults::from(fault.tell(whose, landing.file));
    let mut spool = Spool::new(landing.inbox, landing.max_bytes).map_err(tell)?;
    let origin = write(&mut Filling { spool: &mut spool })?;
    settle(landing, spool, origin, None, memory).map_err(tell)
}

/// Delivers what is in the spool unless it is known, and remembers it.
pub(crate) fn settle(
    landing: &Landing<'_>,
    mut spool: Spool,
    origin: Origin,
    last_modified: Option<String>,
    memory: &mut Memory,
) -> Result<Fetched, Fault> {
    let key = format!("{}/{}", landing.source, landing.file);
    let (sha256, bytes) = spool.digest()?;
    let request = request_of(&origin);
    let is_known =
        memory.of(&key).is_some_and(|kept| kept.request == request && kept.sha256 == sha256);
    let target = landing.inbox.join(landing.file);
    if !is_known {
        spool.deliver(&target)?;
    }
    memory.keep(key, Kept { request, origin, etag: None, last_modified, sha256, bytes, pages: 1 });
    Ok(if is_known { Fetched::Unchanged } else { Fetched::New(target) })
}

/// What was asked for: of a file on another machine its place, whenever it was changed.
pub(crate) fn request_of(origin: &Origin) -> String {
    match origin {
        Origin::Sftp { url, .. } => request_id(url),
        other => request_id(other),
    }
}

/// The spool as a thing that is written to.
struct Filling<'a> {
    spool: &'a mut Spool,
}

impl Write for Filling<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let full = |_| io::Error::new(io::ErrorKind::StorageFull, "no more room for the answer");
        self.spool.add(bytes).map_err(full)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(query: &str) -> Origin {
        Origin::Odbc {
            query: query.to_owned(),
            query_sha256: String::new(),
            parameters: Vec::new(),
            driver: None,
            data_source: None,
            system: "X".to_owned(),
        }
    }

    #[test]
    fn the_same_answer_is_delivered_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = Memory::default();
        let landing = Landing {
            source: "payments",
            pipeline: "pipelines/payments/pipeline.toml",
            file: "a.csv",
            inbox: &folder.path().join("inbox"),
            max_bytes: 10,
        };
        let mut bring = |text: &'static str, query: &'static str| {
            land(&landing, &mut memory, &mut |out| {
                out.write_all(text.as_bytes()).unwrap();
                Ok(origin(query))
            })
        };
        let target = landing.inbox.join("a.csv");
        assert_eq!(bring("a\n1\n", "q.sql"), Ok(Fetched::New(target.clone())));
        assert_eq!(bring("a\n1\n", "q.sql"), Ok(Fetched::Unchanged));
        assert_eq!(bring("a\n2\n", "q.sql"), Ok(Fetched::New(target.clone())));
        assert_eq!(bring("a\n2\n", "other.sql"), Ok(Fetched::New(target.clone())));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "a\n2\n");
        // A fault leaves nothing behind, and what was there stays.
        let failed = land(&landing, &mut memory, &mut |out| {
            assert!(out.write_all(b"much too much").is_err());
            Err(Vec::new().into())
        });
        assert_eq!(failed, Err(Vec::new().into()));
        assert_eq!(std::fs::read_dir(landing.inbox).unwrap().count(), 1);
    }
}
