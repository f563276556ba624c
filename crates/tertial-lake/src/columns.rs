//! Some columns of a lake file, read back in batches, when the file is what was written.

use crate::fault::as_io;
use crate::{Lake, LakeFile};
use arrow::array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use tertial_model::Diagnostic;

/// Rows of a batch.
const BATCH_ROWS: usize = 65_536;

impl Lake {
    /// Hands out the named columns of a file, in that order, batch by batch. `false` when the file,
    /// written under an older contract, lacks one of them.
    pub fn columns(
        &self,
        file: &LakeFile,
        names: &[&str],
        mut take: impl FnMut(RecordBatch) -> Result<(), Box<Diagnostic>>,
    ) -> Result<bool, Box<Diagnostic>> {
        let path = self.path(file);
        let stored = self.stored_file(file);
        if let Some(damage) = self.look(&stored) {
            self.suspect([path.as_path()])?;
            let (found, written) = (damage.found(), damage.expected(&stored.written));
            return Err(self.altered(&path, found, written));
        }
        let unreadable = |error| self.unusable("read", &path, &error);
        let opened = File::open(&path).map_err(unreadable)?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(opened);
        let builder = builder.map_err(|error| unreadable(as_io(error)))?;
        if names.iter().any(|name| builder.schema().index_of(name).is_err()) {
            return Ok(false);
        }
        let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build();
        for batch in reader.map_err(|error| unreadable(as_io(error)))? {
            let ordered = batch.and_then(|batch| {
                let places = names.iter().map(|name| batch.schema().index_of(name));
                batch.project(&places.collect::<Result<Vec<_>, _>>()?)
            });
            take(ordered.map_err(|error| unreadable(as_io(error)))?)?;
        }
        Ok(true)
    }
}
