//! Synthetic deliveries of a made-up region, in the dress the sources really wear.
//!
//! Every file is drawn from small tables of totals (`totals/*.csv`): the random numbers decide how
//! a total is spread over rows, never what it is. What a pipeline computes from the rows is
//! therefore known beforehand, whatever the scale and the seed.
//! No figure concerns a person: suppliers, employments and care contacts are invented.
//!
//! This crate writes files and nothing else; no other crate depends on it but the binary.
//! Start reading in [`files`], then in the source you care about; [`random`] says how one source
//! can be changed without moving another.

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub mod agreements;
pub mod chemicals;
pub mod climate;
mod dress;
pub mod health_talks;
pub mod hr;
pub mod kolada;
pub mod ledger;
pub mod listed;
pub mod open_statistics;
pub mod planning;
pub mod population;
pub mod prescriptions;
pub mod primary_care;
pub mod publications;
pub mod purchases;
pub mod random;
pub mod recruitment;
pub mod reported;
mod sheet;
pub mod staff_survey;
pub mod time_reports;
pub mod training;
pub mod waiting_times;
pub mod weather;
mod workbook;

/// How large a region to make, and which one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Multiplies the number of rows, never the amounts; 1 gives the size of a real region.
    pub scale: f64,
    /// The same seed gives the same bytes.
    pub seed: u64,
}

/// Writes one file's bytes.
pub type WriteFile = Box<dyn FnOnce(&mut dyn Write) -> std::io::Result<()> + Send>;

/// One delivery, not yet written: a ledger of scale 1 is some hundred megabytes, so it is streamed.
pub struct DemoFile {
    /// The source's name, equal to its folder under `pipelines/`.
    pub source: &'static str,
    /// File name as the source would give it.
    pub name: String,
    /// Writes the bytes; may be called from any thread.
    pub write: WriteFile,
}

impl DemoFile {
    /// A file whose bytes `write` gives.
    pub fn new(
        source: &'static str,
        name: impl Into<String>,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send + 'static,
    ) -> DemoFile {
        DemoFile { source, name: name.into(), write: Box::new(write) }
    }
}

/// A table of totals that cannot be drawn from: a fault of ours, found by the tests.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A row that is not what the table's type says.
    #[error("totals table `{table}` cannot be read: {reason}")]
    Unreadable {
        /// File name under `totals/`.
        table: &'static str,
        /// What is wrong, with the line.
        reason: String,
    },
    /// Readable, but the figures contradict each other.
    #[error("totals table `{table}` does not hold together: {reason}")]
    Contradiction {
        /// File name under `totals/`.
        table: &'static str,
        /// Which figures.
        reason: String,
    },
}

impl From<DemoError> for std::io::Error {
    fn from(error: DemoError) -> Self {
        std::io::Error::new(std::io::ErrorKind::InvalidData, error)
    }
}

/// One source's files.
type SourceFiles = fn(&Settings) -> Result<Vec<DemoFile>, DemoError>;

/// The sources in the order their files are listed.
const SOURCES: &[SourceFiles] = &[
    ledger::files,
    ledger::view::files,
    purchases::files,
    agreements::files,
    hr::files,
    staff_survey::files,
    recruitment::files,
    training::files,
    time_reports::files,
    prescriptions::files,
    climate::files,
    weather::files,
    chemicals::files,
    population::files,
    kolada::files,
    health_talks::files,
    planning::files,
    reported::files,
    waiting_times::files,
    primary_care::files,
    publications::files,
    open_statistics::files,
    listed::files,
];

/// Every file of every source, in a fixed order.
pub fn files(settings: &Settings) -> Result<Vec<DemoFile>, DemoError> {
    let mut all = Vec::new();
    for source in SOURCES {
        all.extend(source(settings)?);
    }
    Ok(all)
}

/// Writes every file to `data/inbox/<source>/<name>` under `project` and returns the paths in the
/// order of [`files`]. Files are written in parallel; their bytes do not depend on the threads.
pub fn write_deliveries(settings: &Settings, project: &Path) -> std::io::Result<Vec<PathBuf>> {
    let inbox = project.join("data").join("inbox");
    files(settings)?
        .into_par_iter()
        .map(|file| {
            let folder = inbox.join(file.source);
            std::fs::create_dir_all(&folder)?;
            let path = folder.join(&file.name);
            let mut sink = BufWriter::with_capacity(1 << 20, std::fs::File::create(&path)?);
            (file.write)(&mut sink)?;
            sink.flush()?;
            Ok(path)
        })
        .collect()
}

/// Reads a table of totals: comma-separated, one heading row, fields named as in `T`.
pub(crate) fn totals<T: DeserializeOwned>(
    table: &'static str,
    text: &str,
) -> Result<Vec<T>, DemoError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<Vec<T>, _>>()
        .map_err(|error| DemoError::Unreadable { table, reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file written with so many threads, as name and bytes.
    fn delivered(threads: usize) -> Vec<(PathBuf, Vec<u8>)> {
        let project = tempfile::tempdir().unwrap();
        let settings = Settings { scale: 0.001, seed: 7 };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let paths = pool.install(|| write_deliveries(&settings, project.path())).unwrap();
        let name = |path: &PathBuf| path.strip_prefix(project.path()).unwrap().to_path_buf();
        paths.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
    }

    #[test]
    fn bytes_do_not_depend_on_the_threads() {
        let (one, many) = (delivered(1), delivered(8));
        for ((name, bytes), (other_name, other_bytes)) in one.iter().zip(&many) {
            assert_eq!(name, other_name);
            assert!(bytes == other_bytes, "{} differs", name.display());
        }
        assert_eq!(one.len(), many.len());
    }

    #[test]
    fn files_lie_in_their_sources_inbox() {
        for (name, bytes) in delivered(2) {
            assert!(name.starts_with("data/inbox"), "{}", name.display());
            assert!(!bytes.is_empty(), "{}", name.display());
        }
    }

    #[test]
    fn a_broken_table_is_named() {
        let error = totals::<(String, i64)>("x.csv", "a,b\nc,d\n").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("totals table `x.csv` cannot be read: "), "{text}");
    }
}
