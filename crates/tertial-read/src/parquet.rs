//! Parquet: columns of flat values, row group after row group.
//!
//! Values become the text a person would type, as those of a workbook do: exact decimals, shortest
//! floats, dates as `2024-08-01`. The types are the file's own; what they should be is for the
//! contract to say. A row is found again by its running number.

use crate::foreign::not_agreed;
use crate::input::{Input, Source, fill};
use crate::number::float_text;
use crate::prepared::no_rows;
use crate::{Chunk, ReadOptions, Reader};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, make_array};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::io::{Cursor, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use tertial_model::{Cell, Code, Diagnostic, Location, Part, Parts, Place, ReadSummary, TextBatch};

/// The file's bytes, asked for in pieces.
struct Pieces {
    source: Mutex<Box<dyn Source>>,
    length: u64,
}

impl Length for Pieces {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Pieces {
    type T = Cursor<Bytes>;

    /// Only headers of pages are read so; they fit many times into what is taken.
    fn get_read(&self, start: u64) -> Result<Cursor<Bytes>, ParquetError> {
        let length = self.length.saturating_sub(start).min(1 << 20);
        Ok(Cursor::new(self.get_bytes(start, length as usize)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF("a piece lies beyond the end of the file".to_owned()));
        }
        let mut source = self
            .source
            .lock()
            .map_err(|_| ParquetError::General("an earlier piece could not be read".to_owned()))?;
        source.seek(SeekFrom::Start(start))?;
        let mut piece = vec![0; length];
        let count = fill(&mut **source, &mut piece)?;
        piece.truncate(count);
        Ok(Bytes::from(piece))
    }
}

/// The reader of Parquet.
struct Columnar {
    reader: ParquetRecordBatchReader,
    parts: Parts,
    row: u64,
    block_bytes: usize,
    /// Batches that were cut from one that was too large.
    ready: std::collections::VecDeque<TextBatch>,
    summary: ReadSummary,
    options: ReadOptions,
}

/// Opens a Parquet file.
pub fn open(input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let length = input.length;
    let pieces = Pieces { source: Mutex::new(input.into_source(options)?), length };
    let reading = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = guarded(options, || {
        ParquetRecordBatchReaderBuilder::try_new_with_options(pieces, reading)
    })?;
    check_groups(builder.metadata(), options)?;
    let mut summary = ReadSummary::default();
    let (roots, headings) = columns(&builder, &mut summary, options)?;
    summary.diagnostics.extend(crate::csv::twins(&headings, Location::file(&options.file)));
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let builder = builder.with_projection(mask);
    let parts: Parts = Arc::new([Part { name: String::new(), headings, types: Vec::new() }]);
    crate::batch::wanted(&parts, options)?;
    let groups = builder.metadata().num_row_groups();
    let rows = builder.metadata().file_metadata().num_rows();
    if let Some(program) = builder.metadata().file_metadata().created_by() {
        summary.facts.push(("program".to_owned(), program.to_owned()));
    }
    summary.decisions.push(format!("{rows} rows in {groups} row groups"));
    let batch_rows = options.limits.batch_rows.clamp(1, 1024);
    let reader = guarded(options, || builder.with_batch_size(batch_rows).build())?;
    Ok(Box::new(Columnar {
        reader,
        parts,
        row: 0,
        block_bytes: options.limits.block_bytes.max(1),
        ready: std::collections::VecDeque::new(),
        summary,
        options: options.clone(),
    }))
}

/// Runs what decodes bytes of others: a fault or a panic in it is damage of the file.
fn guarded<T>(
    options: &ReadOptions,
    work: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, Box<Diagnostic>> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(ParquetError::NYI(what))) => Err(Box::new(not_known(what, options))),
        Ok(Err(fault)) => Err(Box::new(damaged(fault.to_string(), options))),
        Err(_) => Err(Box::new(damaged("bytes that cannot be decoded".to_owned(), options))),
    }
}

/// What this program cannot do is no damage of the file.
fn not_known(found: String, options: &ReadOptions) -> Diagnostic {
    let mut fault = not_agreed(options, found).with_effect("delivery refused").with_hint(
        "let the source write the file with plain columns, packed with Snappy or Zstandard",
    );
    fault.code = Code::UnsupportedVersion;
    fault.message = "the Parquet file is of a kind that is not read here".to_owned();
    fault
}

fn damaged(found: String, options: &ReadOptions) -> Diagnostic {
    let message = "the Parquet file is cut off or damaged";
    Diagnostic::error(Code::DamagedFile, message, Location::file(&options.file))
        .with_found(found)
        .with_effect("delivery refused")
        .with_hint("transfer the file again")
}

/// Row groups that unpack too far.
fn check_groups(
    metadata: &parquet::file::metadata::ParquetMetaData,
    options: &ReadOptions,
) -> Result<(), Box<Diagnostic>> {
    let limit = options.limits.unpacked_bytes;
    for group in metadata.row_groups() {
        let sizes = group.columns().iter().map(|column| column.uncompressed_size());
        let size = sizes.fold(0_u64, |sum, size| sum.saturating_add(size.unsigned_abs()));
        if size > limit {
            let location = Location::file(&options.file);
            let fault =
                Diagnostic::error(Code::LimitExceeded, "a row group is too large", location)
                    .with_found(format!("{size} bytes when unpacked"))
                    .with_expected(format!("at most {limit} bytes"))
                    .with_hint("let the source write smaller row groups");
            return Err(Box::new(fault));
        }
    }
    Ok(())
}

/// Why a column is left out, when it is.
fn unread(
    field: &arrow::datatypes::Field,
    root: usize,
    metadata: &parquet::file::metadata::ParquetMetaData,
) -> Option<String> {
    if field.data_type().is_nested() {
        return Some("lists or records in its cells".to_owned());
    }
    let schema = metadata.file_metadata().schema_descr();
    let mut leaves =
        (0..schema.num_columns()).filter(|leaf| schema.get_column_root_idx(*leaf) == root);
    let packings = leaves.by_ref().flat_map(|leaf| {
        metadata.row_groups().iter().map(move |group| group.column(leaf).compression())
    });
    let mut unread = packings.filter(|packing| {
        !matches!(packing, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_))
    });
    unread.next().map(|packing| format!("the packing {packing}"))
}

/// The columns that can be read, and their headings. What cannot is told and left out: a contract that
/// asks for it does not find it.
fn columns(
    builder: &ParquetRecordBatchReaderBuilder<Pieces>,
    summary: &mut ReadSummary,
    options: &ReadOptions,
) -> Result<(Vec<usize>, Vec<String>), Box<Diagnostic>> {
    let schema = builder.schema();
    if schema.fields().len() > options.limits.columns {
        let location = Location::file(&options.file);
        let fault =
            Diagnostic::error(Code::LimitExceeded, "the file has too many columns", location)
                .with_expected(format!("at most {} columns", options.limits.columns));
        return Err(Box::new(fault));
    }
    let mut roots = Vec::new();
    let mut headings = Vec::new();
    let mut left_out = Vec::new();
    for (root, field) in schema.fields().iter().enumerate() {
        match unread(field, root, builder.metadata()) {
            None => {
                roots.push(root);
                headings.push(field.name().clone());
            }
            Some(why) => left_out.push(format!("column `{}` with {why}", field.name())),
        }
    }
    if left_out.is_empty() {
        return Ok((roots, headings));
    }
    let found = left_out.join(", ");
    if headings.is_empty() {
        let nested = schema.fields().iter().any(|field| field.data_type().is_nested());
        let (message, hint) = match nested {
            true => (
                "Parquet with nested columns is not read here",
                "let the source write one value a cell, or leave the column out",
            ),
            false => (
                "the packing of the Parquet file is not read here",
                "let the source write the file with Snappy, Zstandard or unpacked",
            ),
        };
        let mut fault = not_agreed(options, found).with_hint(hint);
        fault.code = Code::UnsupportedVersion;
        fault.message = message.to_owned();
        return Err(Box::new(fault));
    }
    let message = "columns of the Parquet file are of a kind that is not read here";
    let note = Diagnostic::note(Code::UnsupportedVersion, message, Location::file(&options.file))
        .with_found(found)
        .with_effect("the columns are not read; a contract that asks for one does not find it")
        .with_hint("let the source write one value a cell, packed with Snappy, Zstandard or not at all; or leave the column out");
    summary.diagnostics.push(note);
    Ok((roots, headings))
}

impl Reader for Columnar {
    fn parts(&self) -> Parts {
        self.parts.clone()
    }

    fn next(&mut self) -> Result<Option<Chunk>, Box<Diagnostic>> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(Chunk::ready(batch)));
            }
            let reader = &mut self.reader;
            let next = guarded(&self.options, || {
                reader.next().transpose().map_err(|fault| ParquetError::General(fault.to_string()))
            })?;
            match next {
                None => return Ok(None),
                Some(batch) => self.take(&batch)?,
            }
        }
    }

    fn finish(mut self: Box<Self>) -> ReadSummary {
        if self.row == 0 {
            self.summary.diagnostics.push(no_rows(&self.options));
        }
        self.summary
    }
}

impl Columnar {
    /// Turns a batch into text, in batches of a bounded size.
    fn take(&mut self, batch: &RecordBatch) -> Result<(), Box<Diagnostic>> {
        let shown = FormatOptions::default()
            .with_timestamp_format(Some("%Y-%m-%dT%H:%M:%S%.f"))
            .with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.f%:z"));
        let moments: Vec<ArrayRef> = batch.columns().iter().map(in_utc).collect();
        let columns: Result<Vec<Texts<'_>>, _> =
            moments.iter().map(|array| Texts::of(array, &shown)).collect();
        let columns =
            columns.map_err(|fault| Box::new(damaged(fault.to_string(), &self.options)))?;
        let mut rows = fresh(columns.len());
        for row in 0..batch.num_rows() {
            self.row += 1;
            let mut fault = None;
            for (column, texts) in columns.iter().enumerate() {
                let start = rows.buffer.len();
                match texts.write(row, &mut rows.buffer) {
                    Ok(true) => rows.cells.push(Cell::new(start, rows.buffer.len() - start)),
                    Ok(false) => rows.cells.push(Cell::ABSENT),
                    Err(found) => {
                        rows.cells.push(Cell::ABSENT);
                        fault.get_or_insert((column, found));
                    }
                }
            }
            rows.lines.push(self.row);
            if let Some((column, found)) = fault {
                let fault = self.no_text(column, found);
                rows.faults.push((rows.lines.len() - 1, fault));
            }
            if rows.buffer.len() >= self.block_bytes {
                self.ready.push_back(std::mem::replace(&mut rows, fresh(columns.len())));
            }
        }
        if !rows.lines.is_empty() {
            self.ready.push_back(rows);
        }
        Ok(())
    }

    fn no_text(&self, column: usize, found: String) -> Diagnostic {
        let heading = self.parts[0].headings.get(column).cloned().unwrap_or_default();
        let location = Location::Record {
            file: self.options.file.clone(),
            line: self.row,
            record: LABEL.to_owned(),
            field: Some((column as u32 + 1, heading)),
        };
        Diagnostic::error(Code::WrongEncoding, "the bytes of a cell are no text", location)
            .with_found(found)
            .with_expected("utf-8 text")
            .with_effect("row set aside")
            .with_hint("let the source write the column as text (`STRING`)")
    }
}

const LABEL: &str = "row";

/// Moments are kept in UTC, whatever zone stands beside them, and are written so: by its offset, since
/// names of zones are not known here.
fn in_utc(array: &ArrayRef) -> ArrayRef {
    let DataType::Timestamp(unit, Some(_)) = array.data_type() else { return Arc::clone(array) };
    let utc = DataType::Timestamp(*unit, Some("+00:00".into()));
    match array.to_data().into_builder().data_type(utc).build() {
        Ok(data) => make_array(data),
        Err(_) => Arc::clone(array),
    }
}

fn fresh(width: usize) -> TextBatch {
    TextBatch {
        part: 0,
        width,
        buffer: String::new(),
        cells: Vec::new(),
        lines: Vec::new(),
        raw: Vec::new(),
        place: Place::Record { label: LABEL, owner: "", key: Vec::new() },
        faults: Vec::new(),
    }
}

/// How the values of one column become text.
enum Texts<'a> {
    /// Floats: shortest decimals, no exponent.
    Floats(&'a ArrayRef),
    /// Bytes without a stated meaning, as older programs write text.
    Bytes(&'a ArrayRef),
    /// Everything else.
    Shown(&'a ArrayRef, ArrayFormatter<'a>),
}

impl<'a> Texts<'a> {
    fn of(
        array: &'a ArrayRef,
        shown: &FormatOptions<'a>,
    ) -> Result<Texts<'a>, arrow::error::ArrowError> {
        Ok(match array.data_type() {
            DataType::Float32 | DataType::Float64 => Texts::Floats(array),
            DataType::Binary => Texts::Bytes(array),
            _ => Texts::Shown(array, ArrayFormatter::try_new(array.as_ref(), shown)?),
        })
    }

    /// Appends a value's text; `false` when there is none, the reason when it is no text.
    fn write(&self, row: usize, out: &mut String) -> Result<bool, String> {
        let (Texts::Floats(array) | Texts::Bytes(array) | Texts::Shown(array, _)) = self;
        if array.is_null(row) {
            return Ok(false);
        }
        match self {
            Texts::Floats(array) if *array.data_type() == DataType::Float32 => {
                let value = array.as_primitive::<Float32Type>().value(row);
                let text = if value.is_finite() { format!("{value}") } else { String::new() };
                out.push_str(if text == "-0" { "0" } else { &text });
            }
            Texts::Floats(array) => {
                out.push_str(&float_text(array.as_primitive::<Float64Type>().value(row)));
            }
            Texts::Bytes(array) => {
                let bytes = array.as_binary::<i32>().value(row);
                let text = std::str::from_utf8(bytes);
                out.push_str(text.map_err(|_| format!("{} bytes that are no text", bytes.len()))?);
            }
            Texts::Shown(_, formatter) => {
                formatter.value(row).write(out).map_err(|fault| fault.to_string())?;
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, open_bytes};
    use arrow::array::{
        BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
        Int64Array, ListArray, StringArray, TimestampMillisecondArray,
    };
    use arrow::datatypes::Int32Type;
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;
    use proptest::prelude::*;
    use tertial_model::pipeline::Format;

    fn table() -> RecordBatch {
        let amounts = Decimal128Array::from(vec![Some(123_450), None, Some(-5)]);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("enhet", Arc::new(StringArray::from(vec![Some("0605"), Some("Östersund"), None]))),
            ("belopp", Arc::new(amounts.with_precision_and_scale(18, 2).unwrap())),
            ("antal", Arc::new(Int64Array::from(vec![Some(1), Some(-2), None]))),
            ("andel", Arc::new(Float64Array::from(vec![0.1 + 0.2, 12.0, f64::NAN]))),
            ("grad", Arc::new(Float32Array::from(vec![0.1, 50.0, -0.0]))),
            ("dag", Arc::new(Date32Array::from(vec![19_936, 0, -1]))),
            ("chef", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
            ("tid", Arc::new(TimestampMillisecondArray::from(vec![1_722_499_200_000, 500, 0]))),
            ("text", Arc::new(BinaryArray::from(vec![Some("å".as_bytes()), None, Some(b"x")]))),
        ];
        RecordBatch::try_from_iter(
            columns.into_iter().map(|(n, c)| (n, c, true)).map(|(n, c, _)| (n, c)),
        )
        .unwrap()
    }

    fn file(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
        writer.write(batch).unwrap();
        writer.close().unwrap();
        bytes
    }

    fn sound() -> Vec<u8> {
        let packing = Compression::ZSTD(parquet::basic::ZstdLevel::default());
        file(&table(), WriterProperties::builder().set_compression(packing).build())
    }

    fn options() -> ReadOptions {
        ReadOptions::new(Format::Parquet, "inbox/utfall.parquet")
    }

    fn read_with(
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Result<(Vec<String>, Vec<String>), Box<Diagnostic>> {
        let mut reader = open_bytes(bytes.to_vec(), options)?;
        let (mut rows, mut faults) = (Vec::new(), Vec::new());
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            rows.extend(
                (0..batch.rows()).map(|row| format!("{} {}", batch.lines[row], batch.raw_row(row))),
            );
            faults.extend(batch.faults.iter().map(|(_, fault)| fault.to_string()));
        }
        Ok((rows, faults))
    }

    #[test]
    fn values_are_what_a_person_would_type() {
        let expected = [
            "1 0605;1234.50;1;0.3;0.1;2024-08-01;true;2024-08-01T08:00:00;å",
            "2 Östersund;;-2;12;50;1970-01-01;false;1970-01-01T00:00:00.500;",
            "3 ;-0.05;;;0;1969-12-31;;1970-01-01T00:00:00;x",
        ];
        assert_eq!(read_with(&sound(), &options()).unwrap().0, expected);
        let plain = file(
            &table(),
            WriterProperties::builder().set_max_row_group_row_count(Some(1)).build(),
        );
        let limits = Limits { block_bytes: 1, batch_rows: 2, ..Limits::default() };
        assert_eq!(read_with(&plain, &ReadOptions { limits, ..options() }).unwrap().0, expected);
    }

    #[test]
    fn bytes_that_are_no_text_set_their_row_aside() {
        let text: ArrayRef = Arc::new(BinaryArray::from(vec![b"a".as_slice(), b"\xFF"]));
        let batch = RecordBatch::try_from_iter([("text", text)]).unwrap();
        let (rows, faults) =
            read_with(&file(&batch, WriterProperties::default()), &options()).unwrap();
        assert_eq!(rows, ["1 a", "2 "]);
        insta::assert_snapshot!(faults[0], @r"
        error[T0104]: the bytes of a cell are no text
           --> inbox/utfall.parquet:2 (row) (column 1, `text`)
            = found:    1 bytes that are no text
            = expected: utf-8 text
            = effect:   row set aside

        hint: let the source write the column as text (`STRING`)
        ");
    }

    #[test]
    fn a_column_that_cannot_be_read_is_left_out_and_told() {
        let lists: ArrayRef =
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)])]));
        let plain: ArrayRef = Arc::new(arrow::array::StringArray::from(vec!["a"]));
        let batch = RecordBatch::try_from_iter([("rader", lists), ("text", plain)]).unwrap();
        let bytes = file(&batch, WriterProperties::default());
        let mut reader = open_bytes(bytes, &options()).unwrap();
        assert_eq!(reader.parts()[0].headings, ["text"]);
        assert_eq!(reader.next().unwrap().unwrap().parse().raw_row(0), "a");
        insta::assert_snapshot!(reader.finish().diagnostics[0], @r"
        note[T0112]: columns of the Parquet file are of a kind that is not read here
           --> inbox/utfall.parquet
            = found:    column `rader` with lists or records in its cells
            = effect:   the columns are not read; a contract that asks for one does not find it

        hint: let the source write one value a cell, packed with Snappy, Zstandard or not at all; or leave the column out
        ");
    }

    #[test]
    fn what_is_not_read_is_named() {
        let lists: ArrayRef =
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)])]));
        let nested = RecordBatch::try_from_iter([("rader", lists)]).unwrap();
        let fault = read_with(&file(&nested, WriterProperties::default()), &options()).unwrap_err();
        insta::assert_snapshot!(fault, @r"
        error[T0112]: Parquet with nested columns is not read here
           --> inbox/utfall.parquet
            = found:    column `rader` with lists or records in its cells
            = expected: a Parquet file

        hint: let the source write one value a cell, or leave the column out
        ");
        let limits = Limits { unpacked_bytes: 100, ..Limits::default() };
        let small = ReadOptions { limits, ..options() };
        assert_eq!(read_with(&sound(), &small).unwrap_err().code, Code::LimitExceeded);
        let cut = sound();
        assert_eq!(
            read_with(&cut[..cut.len() - 5], &options()).unwrap_err().code,
            Code::DamagedFile
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn damage_never_panics(cut in 0usize..4000, flips in prop::collection::vec((0usize..4000, any::<u8>()), 0..6)) {
            let mut bytes = sound();
            let length = bytes.len();
            for (at, byte) in flips {
                bytes[at % length] = byte;
            }
            let _ = read_with(&bytes, &options());
            bytes.truncate(cut);
            let _ = read_with(&bytes, &options());
        }
    }
}
