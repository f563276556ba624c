//! Bytes to text rows with positions, for every format the sources send.
//!
//! A reader has no opinion about meaning: text stays as it was written, leading zeros and all, and
//! every cell can be found again in the source. Encoding, delimiter and version are decided from
//! the agreement and the bytes, and each decision is told in the [`ReadSummary`]. What the texts
//! mean is `tertial-check`'s business.
//!
//! Start with [`open`]; then `csv` for delimited text and [`sie`] for accounting exports. These two,
//! fixed-width text and Parquet are read block by block; the other formats are documents, read whole
//! under [`Limits`].

mod batch;
mod csv;
mod cube;
mod encoding;
mod fixed;
mod foreign;
mod input;
mod json;
mod json_stat;
mod kolada;
mod number;
mod parquet;
mod paxml;
mod prepared;
mod px;
mod recognise;
pub mod sie;
mod smhi;
mod socialstyrelsen;
mod xlsx;

use input::Input;
use std::io::Cursor;
use std::path::Path;
use tertial_model::pipeline::{FixedColumn, Format};
use tertial_model::{Code, Diagnostic, Location, Parts, ReadSummary, TextBatch};

pub use encoding::Encoding;
pub use recognise::format_of;

/// What is agreed about a file, and how far it may go.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The reader.
    pub format: Format,
    /// Path to show in messages, relative to the project.
    pub file: String,
    /// Name of the encoding agreed with the source; `None` = decided from the bytes.
    pub encoding: Option<String>,
    /// Field delimiter agreed with the source; `None` = decided from the first records.
    pub delimiter: Option<char>,
    /// Line (or sheet row) of the headings, from 1; `None` = the first that can be one.
    pub header_row: Option<u32>,
    /// The columns of a fixed-width file.
    pub columns: Vec<FixedColumn>,
    /// The parts to read; empty = every part. A workbook gives one part per choice, in this order.
    pub tables: Vec<PartChoice>,
    /// How far a file may go.
    pub limits: Limits,
}

impl ReadOptions {
    /// Nothing agreed but the format.
    pub fn new(format: Format, file: impl Into<String>) -> ReadOptions {
        ReadOptions {
            format,
            file: file.into(),
            encoding: None,
            delimiter: None,
            header_row: None,
            columns: Vec::new(),
            tables: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// One chosen part of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartChoice {
    /// Sheet name or the reader's part name; `None` = the file's only part.
    pub part: Option<String>,
    /// Row of the headings when it differs from the file's.
    pub header_row: Option<u32>,
    /// `A4:F200`: the cells that hold the table, headings included.
    pub range: Option<String>,
}

/// How far a file may go before it is refused with T0109. Inputs are hostile until checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read block by block (CSV, fixed width, SIE, Parquet).
    pub file_bytes: u64,
    /// Largest file that is read whole (JSON, XML, PX, workbooks).
    pub document_bytes: u64,
    /// Largest size of a workbook's parts when unpacked, together, and of a row group of Parquet.
    pub unpacked_bytes: u64,
    /// Longest record, quoted line breaks included.
    pub record_bytes: usize,
    /// Most columns.
    pub columns: usize,
    /// Most cells of a document that is read whole.
    pub cells: usize,
    /// Deepest nesting of a JSON or XML document.
    pub depth: usize,
    /// Most diagnostics and failed reconciliations kept per kind; the rest is counted.
    pub findings: usize,
    /// About how many bytes one chunk holds.
    pub block_bytes: usize,
    /// Most rows of one batch, where the reader builds it row by row.
    pub batch_rows: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: 64 << 30,
            document_bytes: 256 << 20,
            unpacked_bytes: 1 << 30,
            record_bytes: 16 << 20,
            columns: 16_384,
            cells: 50_000_000,
            depth: 64,
            findings: 1_000,
            block_bytes: 1 << 20,
            batch_rows: 65_536,
        }
    }
}

/// An open file: its parts are known, its rows come in chunks.
pub trait Reader: Send {
    /// The parts with their headings; the same before and after the rows were read.
    fn parts(&self) -> Parts;

    /// The next chunk, in the file's order. Cheap for delimited text: the work is in
    /// [`Chunk::parse`].
    fn next(&mut self) -> Result<Option<Chunk>, Box<Diagnostic>>;

    /// What is known when the last chunk has come.
    fn finish(self: Box<Self>) -> ReadSummary;
}

/// A piece of a file that can be parsed on any thread; the caller restores the order.
pub struct Chunk(Work);

enum Work {
    Ready(TextBatch),
    Delimited(csv::Block),
}

impl Chunk {
    pub(crate) fn ready(batch: TextBatch) -> Chunk {
        Chunk(Work::Ready(batch))
    }

    pub(crate) fn delimited(block: csv::Block) -> Chunk {
        Chunk(Work::Delimited(block))
    }

    /// The rows.
    pub fn parse(self) -> TextBatch {
        match self.0 {
            Work::Ready(batch) => batch,
            Work::Delimited(block) => block.parse(),
        }
    }
}

/// Opens a file: looks at its bytes, settles encoding and headings, or says why it cannot be read.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let missing = |fault: std::io::Error| {
        let location = Location::file(&options.file);
        let message = format!("the file cannot be opened: {fault}");
        Box::new(Diagnostic::error(Code::FileNotDelivered, message, location))
    };
    let file = std::fs::File::open(path).map_err(missing)?;
    if file.metadata().map_err(missing)?.is_dir() {
        let location = Location::file(&options.file);
        let fault =
            Diagnostic::error(Code::WrongFormat, "a folder stands where a file should", location);
        return Err(Box::new(fault));
    }
    open_input(Input::new(Box::new(file), options)?, options)
}

/// As [`open`], for bytes that are already at hand.
pub fn open_bytes(
    bytes: Vec<u8>,
    options: &ReadOptions,
) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    open_input(Input::new(Box::new(Cursor::new(bytes)), options)?, options)
}

fn open_input(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    foreign::refuse(&input, options)?;
    match options.format {
        Format::Csv => csv::open(input, options),
        Format::Fixed => fixed::open(input, options),
        Format::Sie => sie::open(input, options),
        Format::Xlsx => xlsx::open(input, options),
        Format::JsonStat => json_stat::open(input, options),
        Format::Kolada => kolada::open(input, options),
        Format::Socialstyrelsen => socialstyrelsen::open(input, options),
        Format::Json => json::open(input, options),
        Format::Px => px::open(input, options),
        Format::Smhi => smhi::open(input, options),
        Format::Paxml => paxml::open(input, options),
        Format::Parquet => parquet::open(input, options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FORMATS: [Format; 12] = [
        Format::Csv,
        Format::Fixed,
        Format::Xlsx,
        Format::Sie,
        Format::JsonStat,
        Format::Kolada,
        Format::Px,
        Format::Paxml,
        Format::Smhi,
        Format::Socialstyrelsen,
        Format::Json,
        Format::Parquet,
    ];

    fn run(bytes: &[u8], format: Format) {
        let column =
            |heading: &str, start, width| FixedColumn { heading: heading.to_owned(), start, width };
        let columns = vec![column("a", 1, Some(2)), column("b", 4, None)];
        let options = ReadOptions { columns, ..ReadOptions::new(format, "f") };
        let Ok(mut reader) = open_bytes(bytes.to_vec(), &options) else { return };
        while let Ok(Some(chunk)) = reader.next() {
            let batch = chunk.parse();
            assert_eq!(batch.cells.len(), batch.rows() * batch.width);
            for row in 0..batch.rows() {
                batch.raw_row(row);
            }
        }
        reader.finish();
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic_any_reader(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            start in prop::sample::select(vec![
                "", "a;b\n", "#FLAGGA 0\n", "{\"values\": [{\"values\": [", "{\"data\": [",
                "{\"class\": \"dataset\", \"id\": [", "CHARSET=\"ANSI\";", "<?xml version=\"1.0\"?><paxml>",
                "Datum;Tid (UTC);x;Kvalitet\n", "PK\u{3}\u{4}", "PAR1",
            ]),
        ) {
            let bytes = [start.as_bytes(), &bytes].concat();
            for format in FORMATS {
                run(&bytes, format);
            }
        }
    }

    #[test]
    fn a_file_that_has_not_come_is_told() {
        let fault = open(Path::new("/nowhere/RJH.SE"), &ReadOptions::new(Format::Sie, "RJH.SE"));
        assert_eq!(fault.err().unwrap().code, Code::FileNotDelivered);
    }
}
