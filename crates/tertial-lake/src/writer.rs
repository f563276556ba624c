//! Typed rows to Parquet, divided by period, in bounded memory.
//!
//! Rows wait in a buffer per partition. When a partition has a full row group it is written; when all
//! buffers together grow above the limit, the largest are. What is written when depends only on the
//! rows and batches that came, never on threads.

use crate::encode::{Layout, ParquetFile, ROW_GROUP_ROWS};
use crate::partition::{Rule, Slot, SplitError, split};
use crate::{Lake, LakeFile};
use arrow::array::{Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tertial_model::{Code, Diagnostic, Location};

/// Bytes of rows that may wait, all partitions together.
const MEMORY_LIMIT: usize = 64 << 20;
/// Partitions of one delivery: every month of the three centuries that a period can lie in.
const MOST_PARTITIONS: usize = 3_600;

/// What every file's footer says about where its rows come from, beside the delivery's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMetadata {
    /// Hash of the received bytes.
    pub sha256: String,
    /// Version of the contract the rows were checked against.
    pub contract_version: String,
}

/// Writes the rows of one table of one delivery.
pub struct TableWriter {
    lake: Lake,
    table: String,
    delivery_id: String,
    folder: PathBuf,
    layout: Arc<Layout>,
    rule: Rule,
    limit: usize,
    waiting: usize,
    partitions: BTreeMap<Slot, Partition>,
}

/// The rows of one period: those written and those that wait.
#[derive(Default)]
struct Partition {
    file: Option<ParquetFile>,
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

impl TableWriter {
    /// A writer for `table`, rows sorted by `key` and then `_row`, divided by `period_column`: by
    /// month when it holds dates, by year when it holds whole numbers, else not at all. The files get a
    /// column `_delivery` before `_row`.
    ///
    /// # Panics
    /// When the table's name is no plain word, a key or the period is no column of the schema, or a type
    /// is nested: faults of the caller.
    pub fn new(
        lake: &Lake,
        table: &str,
        delivery_id: &str,
        schema: SchemaRef,
        key: &[String],
        period_column: Option<&str>,
        metadata: &FileMetadata,
    ) -> TableWriter {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
        let fits = table.bytes().all(plain) && !table.starts_with('.') && !table.is_empty();
        assert!(fits, "`{table}` is no name of a table");
        let rule = Rule::of(&schema, period_column);
        let metadata = [
            ("tertial.table", table),
            ("tertial.delivery", delivery_id),
            ("tertial.sha256", &metadata.sha256),
            ("tertial.contract_version", &metadata.contract_version),
        ];
        let layout = Arc::new(Layout::new(schema, delivery_id, key, &metadata));
        TableWriter {
            folder: lake.lake_folder().join(table),
            lake: lake.clone(),
            table: table.to_owned(),
            delivery_id: delivery_id.to_owned(),
            layout,
            rule,
            limit: MEMORY_LIMIT,
            waiting: 0,
            partitions: BTreeMap::new(),
        }
    }

    /// Lets another number of bytes wait before rows are written. The same limit gives the same bytes.
    pub fn with_memory_limit(mut self, bytes: usize) -> TableWriter {
        self.limit = bytes;
        self
    }

    /// Takes the rows of a batch. Batches must come in an order that does not depend on threads.
    pub fn write(&mut self, batch: RecordBatch) -> Result<(), Box<Diagnostic>> {
        assert_eq!(batch.schema().fields(), self.layout.rows().fields(), "another table's rows");
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let parts = split(batch, self.rule).map_err(|error| self.undividable(error))?;
        for (slot, rows) in parts {
            self.add(slot, rows)?;
        }
        if self.waiting > self.limit {
            self.write_largest()?;
        }
        Ok(())
    }

    fn add(&mut self, slot: Slot, mut rows: RecordBatch) -> Result<(), Box<Diagnostic>> {
        if !self.partitions.contains_key(&slot) && self.partitions.len() == MOST_PARTITIONS {
            return Err(self.undividable(SplitError::OutOfRange(format!(
                "more than {MOST_PARTITIONS} periods"
            ))));
        }
        let partition = self.partitions.entry(slot).or_default();
        while rows.num_rows() > 0 {
            let fits = rows.num_rows().min(ROW_GROUP_ROWS - partition.rows);
            let rest = rows.slice(fits, rows.num_rows() - fits);
            self.waiting += partition.push(rows.slice(0, fits));
            rows = rest;
            if partition.rows == ROW_GROUP_ROWS {
                self.waiting -= partition.bytes;
                partition.write(&self.lake, &self.folder, slot, &self.layout)?;
            }
        }
        Ok(())
    }

    /// Writes the largest partitions until half the limit is free again.
    fn write_largest(&mut self) -> Result<(), Box<Diagnostic>> {
        let mut by_size: Vec<(&Slot, &mut Partition)> = self.partitions.iter_mut().collect();
        by_size.sort_by_key(|(slot, partition)| (std::cmp::Reverse(partition.bytes), **slot));
        let mut left = self.waiting;
        let count = by_size.iter().take_while(|(_, partition)| {
            let more = left > self.limit / 2;
            left -= partition.bytes;
            more
        });
        let count = count.count();
        by_size.truncate(count);
        self.waiting -= by_size.iter().map(|(_, partition)| partition.bytes).sum::<usize>();
        let (lake, folder, layout) = (&self.lake, &self.folder, &self.layout);
        let written = by_size
            .into_par_iter()
            .map(|(slot, partition)| partition.write(lake, folder, *slot, layout));
        written.collect::<Vec<_>>().into_iter().collect()
    }

    /// Writes what waits and gives every file its name. Readers see the files once a manifest that
    /// names them is committed; a writer dropped before this leaves nothing.
    pub fn finish(self) -> Result<Vec<LakeFile>, Box<Diagnostic>> {
        let TableWriter { lake, folder, layout, delivery_id, partitions, .. } = self;
        let partitions: Vec<(Slot, Partition)> = partitions.into_iter().collect();
        let finished = partitions.into_par_iter().map(|(slot, mut partition)| {
            partition.write(&lake, &folder, slot, &layout)?;
            let file = partition.file.expect("a partition exists when it has rows");
            file.finish(&delivery_id, slot)
        });
        finished.collect::<Vec<_>>().into_iter().collect()
    }

    fn undividable(&self, error: SplitError) -> Box<Diagnostic> {
        let place = format!("{} of {}", self.table, self.delivery_id);
        match error {
            SplitError::OutOfRange(found) => Box::new(
                Diagnostic::error(
                    Code::LimitExceeded,
                    format!("`{}` has a period that no partition can hold", self.table),
                    Location::Query { query: place, key: String::new() },
                )
                .with_found(found)
                .with_expected("years from 1900 to 2199")
                .with_effect("the delivery was not loaded")
                .with_hint("give the period column a smallest and a largest value in the contract"),
            ),
            SplitError::Arrow(error) => {
                self.lake.unusable("write", &self.folder, &crate::fault::as_io(error))
            }
        }
    }
}

impl Partition {
    /// Adds rows and gives the bytes they take.
    fn push(&mut self, rows: RecordBatch) -> usize {
        let bytes = size_of(&rows);
        self.rows += rows.num_rows();
        self.bytes += bytes;
        self.batches.push(rows);
        bytes
    }

    /// Writes what waits as one row group.
    fn write(
        &mut self,
        lake: &Lake,
        folder: &std::path::Path,
        slot: Slot,
        layout: &Arc<Layout>,
    ) -> Result<(), Box<Diagnostic>> {
        if self.batches.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let folder = folder.join(format!("period={}", slot.name()));
                none.insert(ParquetFile::create(lake, folder, layout)?)
            }
        };
        file.append(&self.batches)?;
        self.batches.clear();
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// Bytes of the values themselves: what the allocator spares room for is not the same in every run.
fn size_of(rows: &RecordBatch) -> usize {
    let sizes = rows.columns().iter().map(|column| column.to_data().get_slice_memory_size());
    sizes.map(|size| size.unwrap_or(0)).sum()
}
