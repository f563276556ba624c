//! One Parquet file: rows are sorted and encoded a row group at a time, columns side by side.
//!
//! The bytes depend on the rows of each row group and on nothing else: not on how the rows came in
//! batches, not on the number of threads. While it grows the file has a temporary name, and it is
//! open only while it is written to, so that a table may have any number of partitions.

use crate::fault::as_io;
use crate::partition::Slot;
use crate::receive::HashingWriter;
use crate::{Lake, LakeFile, SHARED_FILE, SHARED_FOLDER, atomic};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{concat, interleave, take};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use parquet::arrow::arrow_writer::{
    ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempPath;
use tertial_model::Diagnostic;

/// The most rows of a row group.
pub(crate) const ROW_GROUP_ROWS: usize = 262_144;
/// Low, because the nightly load waits for it and the next levels save only a few per cent.
const ZSTD_LEVEL: i32 = 1;
/// A column with more different values than this holds, amounts above all, is written without a
/// dictionary.
const DICTIONARY_BYTES: usize = 128 << 10;
/// The line of each row in its source; ends every sort and is never the same twice.
const LINE_COLUMN: &str = "_row";
/// The delivery of each row; the same in all rows of a file.
const DELIVERY_COLUMN: &str = "_delivery";

/// What all files of one table and delivery have in common.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Of the rows that come.
    rows: SchemaRef,
    /// Of the file: the rows' columns, and before their line the delivery they came in.
    schema: SchemaRef,
    /// The rows' columns they are sorted by.
    sort: Vec<usize>,
    /// Where the delivery's column stands in the file, and the delivery.
    delivery: Option<(usize, String)>,
    properties: WriterProperties,
}

impl Layout {
    /// Rows sorted by `key` and then by their line; `metadata` goes into every footer. Rows that have a
    /// line get a column with the name of their delivery, which is not carried along with them.
    pub(crate) fn new(
        rows: SchemaRef,
        delivery: &str,
        key: &[String],
        metadata: &[(&str, &str)],
    ) -> Layout {
        let index_of = |schema: &Schema, name: &str| {
            let index = schema.index_of(name);
            index.unwrap_or_else(|_| panic!("the key column `{name}` is no column"))
        };
        let line = rows.index_of(LINE_COLUMN).ok();
        let sorted_by = |schema: &Schema| {
            let mut sort: Vec<usize> = key.iter().map(|name| index_of(schema, name)).collect();
            let line = line.map(|_| index_of(schema, LINE_COLUMN));
            sort.extend(line.filter(|index| !sort.contains(index)));
            sort
        };
        let mut fields: Vec<Arc<Field>> = rows.fields().iter().cloned().collect();
        if let Some(line) = line {
            fields.insert(line, Arc::new(Field::new(DELIVERY_COLUMN, DataType::Utf8, false)));
        }
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let properties = properties(&schema, &sorted_by(&schema), metadata);
        let delivery = line.map(|line| (line, delivery.to_owned()));
        Layout { sort: sorted_by(&rows), rows, schema, delivery, properties }
    }

    /// Of the rows that come.
    pub(crate) fn rows(&self) -> &Schema {
        &self.rows
    }

    /// One column of the file.
    fn column(&self, rows: &Rows, index: usize) -> Result<ArrayRef, ArrowError> {
        match &self.delivery {
            Some((at, delivery)) if *at == index => Ok(repeated(delivery, rows.count())),
            Some((at, _)) if *at < index => rows.column(index - 1),
            _ => rows.column(index),
        }
    }

    /// The order in which rows are written, `None` when they stand in it already.
    fn order(&self, batches: &[RecordBatch]) -> Result<Option<Vec<u32>>, ArrowError> {
        if self.sort.is_empty() {
            return Ok(None);
        }
        if self.sort.len() == 1 && lines_ascend(batches, self.sort[0]) {
            return Ok(None);
        }
        let types = self.sort.iter().map(|index| self.rows.field(*index).data_type().clone());
        let converter = RowConverter::new(types.map(SortField::new).collect())?;
        let count: usize = batches.iter().map(RecordBatch::num_rows).sum();
        let mut keys = converter.empty_rows(count, count * 32);
        for batch in batches {
            let columns: Vec<ArrayRef> =
                self.sort.iter().map(|index| batch.column(*index).clone()).collect();
            converter.append(&mut keys, &columns)?;
        }
        if (1..count).all(|row| keys.row(row - 1) <= keys.row(row)) {
            return Ok(None);
        }
        let key_at = |row: u32| keys.row(row as usize);
        // Most comparisons end within the first bytes, which lie beside the row's number.
        let mut order: Vec<(u128, u32)> =
            (0..count as u32).map(|row| (first_bytes(key_at(row).data()), row)).collect();
        order.par_sort_unstable_by(|a, b| {
            let same_start = || key_at(a.1).cmp(&key_at(b.1));
            a.0.cmp(&b.0).then_with(same_start).then(a.1.cmp(&b.1))
        });
        Ok(Some(order.into_iter().map(|(_, row)| row).collect()))
    }
}

/// A column that says the same in every row.
fn repeated(text: &str, rows: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, rows)))
}

/// Whether a column of whole numbers, none of them missing, never falls.
fn lines_ascend(batches: &[RecordBatch], index: usize) -> bool {
    let mut last = i64::MIN;
    batches.iter().all(|batch| {
        let Some(lines) = batch.column(index).as_primitive_opt::<Int64Type>() else {
            return false;
        };
        lines.null_count() == 0
            && lines.values().iter().all(|line| std::mem::replace(&mut last, *line) <= *line)
    })
}

fn first_bytes(key: &[u8]) -> u128 {
    let mut bytes = [0; 16];
    let length = key.len().min(16);
    bytes[..length].copy_from_slice(&key[..length]);
    u128::from_be_bytes(bytes)
}

fn properties(schema: &Schema, sort: &[usize], metadata: &[(&str, &str)]) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).expect("the level is one of zstd's");
    let pairs =
        metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()));
    let sorting = sort.iter().map(|index| SortingColumn {
        column_idx: *index as i32,
        descending: false,
        nulls_first: true,
    });
    let mut builder = WriterProperties::builder()
        .set_created_by("tertial".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(true)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(pairs.collect()))
        .set_sorting_columns((!sort.is_empty()).then(|| sorting.collect()));
    if schema.index_of(LINE_COLUMN).is_ok() {
        // Lines never repeat: a dictionary of them would only be built to be thrown away.
        builder = builder
            .set_column_dictionary_enabled(LINE_COLUMN.into(), false)
            .set_column_encoding(LINE_COLUMN.into(), Encoding::DELTA_BINARY_PACKED);
    }
    // Texts outside the key stand in no order: their smallest and largest tell nothing, and to find
    // them every text is compared twice.
    for (index, field) in schema.fields().iter().enumerate() {
        if field.data_type() == &DataType::Utf8 && !sort.contains(&index) {
            let column = field.name().as_str().into();
            builder = builder.set_column_statistics_enabled(column, EnabledStatistics::None);
        }
    }
    // The values of a key of one column, which are sorted and never repeat, are told by what they
    // differ in.
    let mut key = sort.iter().map(|index| schema.field(*index));
    if let (Some(only), Some(last), None) = (key.next(), key.next(), key.next())
        && last.name() == LINE_COLUMN
    {
        let encoding = match only.data_type() {
            DataType::Utf8 => Some(Encoding::DELTA_BYTE_ARRAY),
            DataType::Int64 | DataType::Date32 => Some(Encoding::DELTA_BINARY_PACKED),
            _ => None,
        };
        if let Some(encoding) = encoding {
            let column = || only.name().as_str().into();
            builder = builder
                .set_column_dictionary_enabled(column(), false)
                .set_column_encoding(column(), encoding);
        }
    }
    builder.build()
}

/// The rows of one row group and the order they are to be written in.
struct Rows<'a> {
    batches: &'a [RecordBatch],
    order: Option<Order>,
}

enum Order {
    /// Of the only batch.
    Single(UInt32Array),
    /// Batch and row.
    Several(Vec<(usize, usize)>),
}

impl<'a> Rows<'a> {
    fn new(batches: &'a [RecordBatch], order: Option<Vec<u32>>) -> Rows<'a> {
        let order = order.map(|order| {
            if batches.len() == 1 {
                return Order::Single(UInt32Array::from(order));
            }
            let places: Vec<(usize, usize)> = batches
                .iter()
                .enumerate()
                .flat_map(|(index, batch)| (0..batch.num_rows()).map(move |row| (index, row)))
                .collect();
            Order::Several(order.into_iter().map(|row| places[row as usize]).collect())
        });
        Rows { batches, order }
    }

    fn count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    fn column(&self, index: usize) -> Result<ArrayRef, ArrowError> {
        let column = |batch: &'a RecordBatch| batch.column(index).as_ref();
        match &self.order {
            None if self.batches.len() == 1 => Ok(self.batches[0].column(index).clone()),
            None => concat(&self.batches.iter().map(column).collect::<Vec<_>>()),
            Some(Order::Single(order)) => take(column(&self.batches[0]), order, None),
            Some(Order::Several(order)) => {
                interleave(&self.batches.iter().map(column).collect::<Vec<_>>(), order)
            }
        }
    }
}

/// A Parquet file being written.
pub(crate) struct ParquetFile {
    lake: Lake,
    folder: PathBuf,
    /// Removes the file when it is never finished.
    temporary: TempPath,
    writer: SerializedFileWriter<HashingWriter<Sink>>,
    columns: ArrowRowGroupWriterFactory,
    layout: Arc<Layout>,
    groups: usize,
    rows: u64,
}

impl ParquetFile {
    pub(crate) fn create(
        lake: &Lake,
        folder: PathBuf,
        layout: &Arc<Layout>,
    ) -> Result<ParquetFile, Box<Diagnostic>> {
        let made = atomic::create_dir(&folder, SHARED_FOLDER).and_then(|()| {
            let mut builder = tempfile::Builder::new();
            let file = builder.prefix(".").suffix(atomic::TEMPORARY_SUFFIX).tempfile_in(&folder)?;
            file.as_file().set_permissions(Permissions::from_mode(SHARED_FILE))?;
            let temporary = file.into_temp_path();
            let sink = HashingWriter::new(Sink { path: temporary.to_path_buf(), file: None });
            let (writer, columns) = open_writer(sink, layout).map_err(as_io)?;
            Ok((temporary, writer, columns))
        });
        let (temporary, writer, columns) =
            made.map_err(|error| lake.unusable("write", &folder, &error))?;
        let (lake, layout) = (lake.clone(), layout.clone());
        Ok(ParquetFile { lake, folder, temporary, writer, columns, layout, groups: 0, rows: 0 })
    }

    /// Writes the rows of all batches, at most [`ROW_GROUP_ROWS`], as one row group.
    pub(crate) fn append(&mut self, batches: &[RecordBatch]) -> Result<(), Box<Diagnostic>> {
        let appended = self.append_group(batches);
        appended.map_err(|error| self.lake.unusable("write", &self.folder, &as_io(error)))
    }

    fn append_group(&mut self, batches: &[RecordBatch]) -> Result<(), ParquetError> {
        let rows = Rows::new(batches, self.layout.order(batches)?);
        let writers = self.columns.create_column_writers(self.groups)?;
        let schema = &self.layout.schema;
        let chunks = writers.into_par_iter().enumerate().map(|(index, mut writer)| {
            let column = self.layout.column(&rows, index)?;
            for leaf in compute_leaves(schema.field(index), &column)? {
                writer.write(&leaf)?;
            }
            writer.close()
        });
        let chunks: Vec<_> = chunks.collect::<Result<_, ParquetError>>()?;
        let mut group = self.writer.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.writer.flush()?;
        self.groups += 1;
        self.rows += batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
        Ok(())
    }

    /// Ends the file, syncs it and gives it its name: the stem and the start of its own hash, so that
    /// another content never takes the place of a file that a manifest names.
    pub(crate) fn finish(self, stem: &str, slot: Slot) -> Result<LakeFile, Box<Diagnostic>> {
        let ParquetFile { lake, folder, temporary, writer, rows, .. } = self;
        let fault = |error: io::Error| lake.unusable("write", &folder, &error);
        let hashing = writer.into_inner().map_err(|error| fault(as_io(error)))?;
        let (sha256, bytes) = hashing.finish();
        let path = folder.join(format!("{stem}-{}.parquet", &sha256[..8]));
        File::open(&temporary).and_then(|file| file.sync_all()).map_err(fault)?;
        temporary.persist(&path).map_err(|error| fault(error.error))?;
        atomic::sync_dir(&folder).map_err(fault)?;
        let months = slot.months();
        Ok(LakeFile {
            path: relative(&lake, &path),
            period: slot.name(),
            first_month: months.map(|(first, _)| first.to_string()),
            last_month: months.map(|(_, last)| last.to_string()),
            rows,
            bytes,
            sha256,
        })
    }
}

fn relative(lake: &Lake, path: &Path) -> String {
    path.strip_prefix(lake.data_dir()).unwrap_or(path).display().to_string()
}

type OpenWriter = (SerializedFileWriter<HashingWriter<Sink>>, ArrowRowGroupWriterFactory);

fn open_writer(sink: HashingWriter<Sink>, layout: &Layout) -> Result<OpenWriter, ParquetError> {
    let leaves = ArrowSchemaConverter::new().convert(&layout.schema)?.num_columns();
    assert_eq!(leaves, layout.schema.fields().len(), "the lake holds no nested types");
    // Without Arrow's own copy of the schema: the Parquet types say all there is to say.
    let options = ArrowWriterOptions::new()
        .with_properties(layout.properties.clone())
        .with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(sink, layout.schema.clone(), options)?
        .into_serialized_writer()
}

/// Appends to a file and closes it at every flush.
struct Sink {
    path: PathBuf,
    file: Option<File>,
}

impl Write for Sink {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            closed => closed.insert(OpenOptions::new().append(true).open(&self.path)?),
        };
        file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file = None;
        Ok(())
    }
}
