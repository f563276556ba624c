//! Rows set aside, as a Parquet file: one row per diagnostic.

use crate::encode::{Layout, ParquetFile};
use crate::fault::as_io;
use crate::partition::Slot;
use crate::{Lake, LakeFile};
use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use tertial_model::{Diagnostic, Location, persons};

/// Rows that wait before they are written.
const BATCH_ROWS: usize = 65_536;
/// Bytes of text that wait before they are written.
const BATCH_BYTES: usize = 32 << 20;

const TEXT_COLUMNS: [&str; 12] = [
    "delivery_id",
    "table_name",
    "raw",
    "code",
    "column_name",
    "location",
    "message",
    "found",
    "expected",
    "effect",
    "severity",
    "known",
];

/// A row that was set aside, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The table it was meant for.
    pub table: String,
    /// Physical line in the source.
    pub line: u64,
    /// The row as it stood, masked by the caller where a column is sensitive; civic numbers are masked
    /// here wherever they stand.
    pub raw: String,
    /// What was wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Writes rejects as they come, in bounded memory.
pub struct RejectWriter {
    lake: Lake,
    delivery_id: String,
    layout: Arc<Layout>,
    file: Option<ParquetFile>,
    texts: [StringBuilder; TEXT_COLUMNS.len()],
    lines: Int64Builder,
    bytes: usize,
}

impl RejectWriter {
    /// A writer for the rejects of one delivery. No file is made before a reject comes.
    pub fn new(lake: &Lake, delivery_id: &str) -> RejectWriter {
        RejectWriter {
            lake: lake.clone(),
            delivery_id: delivery_id.to_owned(),
            layout: Arc::new(Layout::new(
                schema(),
                delivery_id,
                &[],
                &[("tertial.delivery", delivery_id)],
            )),
            file: None,
            texts: Default::default(),
            lines: Int64Builder::new(),
            bytes: 0,
        }
    }

    /// Adds a row that was set aside; `known` is a JSON object with what could be read of it that
    /// tells what it was about.
    pub fn push(
        &mut self,
        table: &str,
        line: u64,
        raw: &str,
        known: Option<&str>,
        diagnostics: &[Diagnostic],
    ) -> Result<(), Box<Diagnostic>> {
        let raw = persons::masked(raw);
        let known = known.map(persons::masked);
        for diagnostic in diagnostics {
            let diagnostic = diagnostic.clone().without_civic_numbers();
            let location = diagnostic.location.to_string();
            let column = column_of(&diagnostic);
            let values = [
                Some(self.delivery_id.as_str()),
                Some(table),
                Some(&*raw),
                Some(diagnostic.code.name()),
                column.as_deref(),
                Some(&location),
                Some(&diagnostic.message),
                diagnostic.found.as_deref(),
                diagnostic.expected.as_deref(),
                diagnostic.effect.as_deref(),
                Some(diagnostic.severity.word()),
                known.as_deref(),
            ];
            for (builder, value) in self.texts.iter_mut().zip(values) {
                builder.append_option(value);
                self.bytes += value.map_or(0, str::len);
            }
            self.lines.append_value(i64::try_from(line).unwrap_or(i64::MAX));
            if self.lines.values_slice().len() == BATCH_ROWS || self.bytes > BATCH_BYTES {
                self.write()?;
            }
        }
        Ok(())
    }

    /// Ends the file; `None` when nothing was set aside. [`crate::LoadManifest::rejects`] must name it.
    pub fn finish(mut self) -> Result<Option<LakeFile>, Box<Diagnostic>> {
        self.write()?;
        let file = self.file.map(|file| file.finish(&self.delivery_id, Slot::All));
        file.transpose()
    }

    fn write(&mut self) -> Result<(), Box<Diagnostic>> {
        let lines = self.lines.finish();
        let mut columns: Vec<ArrayRef> =
            self.texts.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
        self.bytes = 0;
        if lines.is_empty() {
            return Ok(());
        }
        columns.insert(2, Arc::new(lines));
        let folder = self.lake.rejects_folder();
        let batch = RecordBatch::try_new(schema(), columns)
            .map_err(|error| self.lake.unusable("write", &folder, &as_io(error)))?;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(ParquetFile::create(&self.lake, folder, &self.layout)?),
        };
        file.append(&[batch])
    }
}

impl Lake {
    /// Writes all rejects of a delivery at once; `None` when there are none.
    pub fn write_rejects(
        &self,
        delivery_id: &str,
        rows: &[RejectedRow],
    ) -> Result<Option<LakeFile>, Box<Diagnostic>> {
        let mut writer = RejectWriter::new(self, delivery_id);
        for row in rows {
            writer.push(&row.table, row.line, &row.raw, None, &row.diagnostics)?;
        }
        writer.finish()
    }
}

fn schema() -> SchemaRef {
    let optional = ["column_name", "found", "expected", "effect", "known"];
    let mut fields: Vec<Field> = TEXT_COLUMNS
        .iter()
        .map(|name| Field::new(*name, DataType::Utf8, optional.contains(name)))
        .collect();
    fields.insert(2, Field::new("line", DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// The column a diagnostic is about: our name from the contract it cites, else the source's heading.
fn column_of(diagnostic: &Diagnostic) -> Option<String> {
    let cited = diagnostic.contract.as_deref().and_then(|text| {
        let (_, column) = text.strip_suffix('`')?.rsplit_once('`')?;
        Some(column.to_owned())
    });
    let heading = match &diagnostic.location {
        Location::Text { field, .. }
        | Location::Sheet { field, .. }
        | Location::Record { field, .. } => field.as_ref().map(|(_, heading)| heading.clone()),
        Location::File { .. } | Location::Cube { .. } | Location::Query { .. } => None,
    };
    cited.or(heading).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::util::pretty::pretty_format_batches;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use tertial_model::Code;

    #[test]
    fn one_row_per_diagnostic_with_all_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        let field = Some((2, "belopp".to_owned()));
        let place = Location::Text { file: "a.csv".to_owned(), line: 7, column: 3, field };
        let diagnostics = vec![
            Diagnostic::error(
                Code::NotADecimal,
                "`amount_sek` is not a decimal number",
                place.clone(),
            )
            .with_found("`1x`")
            .with_expected("decimal(18,2)")
            .with_contract("schemas/a.odcs.yaml, `amount_sek`")
            .with_effect("row set aside"),
            Diagnostic::error(
                Code::WrongFieldCount,
                "three fields, two headings",
                Location::file("a.csv"),
            ),
            Diagnostic::warning(Code::WrongDecimalMark, "another mark", place),
        ];
        let row = RejectedRow { table: "a__b".into(), line: 7, raw: "å;1x".into(), diagnostics };
        let file = lake.write_rejects("a-1", &[row]).unwrap().unwrap();
        assert_eq!(file.rows, 3);
        assert!(file.path.starts_with("rejects/a-1-") && file.path.ends_with(".parquet"));

        let opened = std::fs::File::open(lake.path(&file)).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(opened).unwrap().build().unwrap();
        let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        insta::assert_snapshot!(pretty_format_batches(&batches).unwrap(), @"
        +-------------+------------+------+------+-------+-------------+--------------------------------+--------------------------------------+-------+---------------+---------------+----------+-------+
        | delivery_id | table_name | line | raw  | code  | column_name | location                       | message                              | found | expected      | effect        | severity | known |
        +-------------+------------+------+------+-------+-------------+--------------------------------+--------------------------------------+-------+---------------+---------------+----------+-------+
        | a-1         | a__b       | 7    | å;1x | T0203 | amount_sek  | a.csv:7:3 (column 2, `belopp`) | `amount_sek` is not a decimal number | `1x`  | decimal(18,2) | row set aside | error    |       |
        | a-1         | a__b       | 7    | å;1x | T0301 |             | a.csv                          | three fields, two headings           |       |               |               | error    |       |
        | a-1         | a__b       | 7    | å;1x | T0204 | belopp      | a.csv:7:3 (column 2, `belopp`) | another mark                         |       |               |               | warning  |       |
        +-------------+------------+------+------+-------+-------------+--------------------------------+--------------------------------------+-------+---------------+---------------+----------+-------+
        ");
    }

    #[test]
    fn no_rejects_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path()).unwrap();
        assert_eq!(lake.write_rejects("a-1", &[]).unwrap(), None);
        assert!(!folder.path().join("rejects").exists());
    }
}
