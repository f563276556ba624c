//! What is written is what was given: the same rows, sorted, divided by period, in the same bytes.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Field, Int64Type, Schema, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::ParquetMetaData;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use tertial_lake::{FileMetadata, Lake, LakeFile, TableWriter};

const FIRST_DAY: i32 = 19_723; // 2024-01-01

type Row = (Option<String>, Option<i32>, Option<i128>, Option<bool>);

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("unit_code", DataType::Utf8, true),
        Field::new("entry_date", DataType::Date32, true),
        Field::new("amount_sek", DataType::Decimal128(18, 2), true),
        Field::new("is_manager", DataType::Boolean, true),
        Field::new("_row", DataType::Int64, false),
    ]))
}

fn batch(rows: &[(i64, Row)]) -> RecordBatch {
    let amounts: Decimal128Array = rows.iter().map(|(_, row)| row.2).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|(_, row)| row.0.clone()).collect::<StringArray>()),
        Arc::new(rows.iter().map(|(_, row)| row.1).collect::<Date32Array>()),
        Arc::new(amounts.with_precision_and_scale(18, 2).unwrap()),
        Arc::new(rows.iter().map(|(_, row)| row.3).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|(line, _)| *line).collect::<Int64Array>()),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

fn rows_of(batch: &RecordBatch) -> Vec<(i64, Row)> {
    let texts = batch.column(0).as_string::<i32>();
    let days = batch.column(1).as_primitive::<Date32Type>();
    let amounts = batch.column(2).as_primitive::<Decimal128Type>();
    let flags = batch.column(3).as_boolean();
    let lines = batch.column_by_name("_row").unwrap().as_primitive::<Int64Type>();
    let row = |i: usize| {
        let text = texts.is_valid(i).then(|| texts.value(i).to_owned());
        let day = days.is_valid(i).then(|| days.value(i));
        let amount = amounts.is_valid(i).then(|| amounts.value(i));
        (lines.value(i), (text, day, amount, flags.is_valid(i).then(|| flags.value(i))))
    };
    (0..batch.num_rows()).map(row).collect()
}

struct Written {
    folder: tempfile::TempDir,
    lake: Lake,
    files: Vec<LakeFile>,
}

impl Written {
    fn bytes(&self) -> Vec<Vec<u8>> {
        self.files.iter().map(|file| fs::read(self.lake.path(file)).unwrap()).collect()
    }

    fn read(&self, file: &LakeFile) -> Vec<(i64, Row)> {
        rows_of(&read(&self.lake.path(file)).0)
    }
}

fn read(path: &Path) -> (RecordBatch, Arc<ParquetMetaData>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let (schema, metadata) = (builder.schema().clone(), builder.metadata().clone());
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    (concat_batches(&schema, &batches).unwrap(), metadata)
}

/// Writes the batches, keyed by unit and divided by entry date.
fn write(batches: Vec<RecordBatch>, limit: usize) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path().join("data")).unwrap();
    let metadata = FileMetadata { sha256: "ab".repeat(32), contract_version: "1.2.0".to_owned() };
    let key = ["unit_code".to_owned()];
    let date = Some("entry_date");
    let writer =
        TableWriter::new(&lake, "ledger__entries", "ledger-1", schema(), &key, date, &metadata);
    let mut writer = writer.with_memory_limit(limit);
    for batch in batches {
        writer.write(batch).unwrap();
    }
    let files = writer.finish().unwrap();
    Written { folder, lake, files }
}

/// Key, nulls first, then line.
fn sort_key(row: &(i64, Row)) -> (Option<String>, i64) {
    (row.1.0.clone(), row.0)
}

#[test]
fn a_file_says_where_its_rows_come_from() {
    let row = |code: &str, day: i32| (Some(code.to_owned()), Some(day), Some(1250), Some(true));
    let rows =
        [(2, row("702", FIRST_DAY)), (3, row("701", FIRST_DAY)), (4, row("701", FIRST_DAY + 31))];
    let written = write(vec![batch(&rows)], 1 << 20);
    let paths: Vec<String> = written.files.iter().map(|file| file.path.clone()).collect();
    for (path, (file, period)) in paths.iter().zip(written.files.iter().zip(["2024-01", "2024-02"]))
    {
        let stem = format!("lake/ledger__entries/period={period}/ledger-1-{}", &file.sha256[..8]);
        assert_eq!(*path, format!("{stem}.parquet"));
        assert_eq!((file.period.as_str(), file.first_month.as_deref()), (period, Some(period)));
        assert_eq!(file.bytes, fs::metadata(written.lake.path(file)).unwrap().len());
    }
    let (_, metadata) = read(&written.lake.path(&written.files[0]));
    let footer = metadata.file_metadata();
    assert_eq!(footer.created_by(), Some("tertial"));
    let pairs = footer.key_value_metadata().unwrap().iter();
    let pairs: Vec<(&str, &str)> =
        pairs.map(|pair| (pair.key.as_str(), pair.value.as_deref().unwrap())).collect();
    let sha256 = "ab".repeat(32);
    let expected = [
        ("tertial.table", "ledger__entries"),
        ("tertial.delivery", "ledger-1"),
        ("tertial.sha256", &sha256),
        ("tertial.contract_version", "1.2.0"),
    ];
    assert_eq!(pairs, expected);
    assert_eq!(written.read(&written.files[0]), [rows[1].clone(), rows[0].clone()]);
}

#[test]
fn a_writer_that_is_dropped_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).unwrap();
    let metadata = FileMetadata { sha256: String::new(), contract_version: String::new() };
    let writer = TableWriter::new(&lake, "a__b", "a-1", schema(), &[], None, &metadata);
    let mut writer = writer.with_memory_limit(0);
    writer.write(batch(&[(1, (None, None, None, None))])).unwrap();
    let partition = folder.path().join("lake/a__b/period=all");
    assert_eq!(fs::read_dir(&partition).unwrap().count(), 1, "the row was written at once");
    drop(writer);
    assert_eq!(fs::read_dir(&partition).unwrap().count(), 0);
}

#[test]
fn a_date_that_no_partition_can_hold_stops_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).unwrap();
    let metadata = FileMetadata { sha256: String::new(), contract_version: String::new() };
    let date = Some("entry_date");
    let mut writer = TableWriter::new(&lake, "a__b", "a-1", schema(), &[], date, &metadata);
    let fault = writer.write(batch(&[(1, (None, Some(1_000_000), None, None))])).unwrap_err();
    insta::assert_snapshot!(fault, @"
    error[T0109]: `a__b` has a period that no partition can hold
       --> a__b of a-1
        = found:    a day in the year 4707
        = expected: years from 1900 to 2199
        = effect:   the delivery was not loaded

    hint: give the period column a smallest and a largest value in the contract
    ");
}

#[test]
fn row_groups_are_full_and_sorted_and_the_bytes_are_the_same_on_one_thread() {
    let rows: Vec<(i64, Row)> = (0..600_000_i64)
        .map(|line| {
            let mixed = line.wrapping_mul(2_654_435_761) % 1_000_003;
            let unit = format!("{:03}", mixed % 900);
            (line, (Some(unit), Some(FIRST_DAY), Some(i128::from(mixed)), Some(mixed % 2 == 0)))
        })
        .collect();
    let batches: Vec<RecordBatch> = rows.chunks(65_536).map(batch).collect();
    let many = write(batches.clone(), 1 << 30);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let one = pool.install(|| write(batches, 1 << 30));
    assert!(many.bytes() == one.bytes(), "threads must not change a byte");

    let (whole, metadata) = read(&many.lake.path(&many.files[0]));
    let groups: Vec<i64> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [262_144, 262_144, 75_712]);
    let read = rows_of(&whole);
    let mut start = 0;
    for group in groups {
        let end = start + group as usize;
        let mut expected = rows[start..end].to_vec();
        expected.sort_by_key(sort_key);
        assert!(read[start..end] == expected, "rows {start}..{end} are sorted");
        start = end;
    }
}

fn row() -> impl Strategy<Value = Row> {
    let text = proptest::option::weighted(0.9, "[a-cåäö]{0,3}");
    let day = proptest::option::weighted(0.95, FIRST_DAY - 40..FIRST_DAY + 80);
    let amount = proptest::option::weighted(0.9, -10i128.pow(17)..10i128.pow(17));
    (text, day, amount, any::<Option<bool>>())
}

/// Rows numbered by line, cut into batches.
fn batches() -> impl Strategy<Value = Vec<Vec<(i64, Row)>>> {
    proptest::collection::vec(proptest::collection::vec(row(), 0..60), 0..8).prop_map(|batches| {
        let mut line = 1;
        let number = |row: Row| {
            line += 1;
            (line, row)
        };
        let mut number = number;
        batches.into_iter().map(|rows| rows.into_iter().map(&mut number).collect()).collect()
    })
}

fn totals(
    rows: &[(i64, Row)],
    period: impl Fn(&(i64, Row)) -> String,
) -> BTreeMap<String, (u64, i128)> {
    let mut totals: BTreeMap<String, (u64, i128)> = BTreeMap::new();
    for row in rows {
        let total = totals.entry(period(row)).or_default();
        total.0 += 1;
        total.1 += row.1.2.unwrap_or(0);
    }
    totals
}

fn month_of(row: &(i64, Row)) -> String {
    let Some(days) = row.1.1 else { return "__HIVE_DEFAULT_PARTITION__".to_owned() };
    let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
    format!("{:04}-{:02}", day.year(), day.month())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn rows_written_are_rows_read(batches in batches(), limit in prop_oneof![Just(0usize), 0usize..8_000, Just(1 << 20)]) {
        let written = write(batches.iter().map(|rows| batch(rows)).collect(), limit);
        let given: Vec<(i64, Row)> = batches.concat();
        let mut found = Vec::new();
        for file in &written.files {
            let rows = written.read(file);
            prop_assert_eq!(rows.len() as u64, file.rows);
            prop_assert!(rows.iter().all(|row| month_of(row) == file.period));
            found.extend(rows);
        }
        prop_assert_eq!(totals(&given, month_of), totals(&found, month_of));
        found.sort_by_key(|row| row.0);
        prop_assert_eq!(found, given);
        let left = fs::read_dir(written.folder.path().join("data/lake/ledger__entries"));
        let partitions = left.map_or(0, Iterator::count);
        prop_assert_eq!(partitions, written.files.len());
    }

    #[test]
    fn the_order_and_cut_of_batches_does_not_matter_to_a_row_group(
        batches in batches(), cut in 1usize..100,
    ) {
        let straight = write(batches.iter().map(|rows| batch(rows)).collect(), 1 << 20);
        let mut turned = batches.concat();
        turned.reverse();
        let turned = write(turned.chunks(cut).map(batch).collect(), 1 << 20);
        for file in &straight.files {
            let rows = straight.read(file);
            prop_assert!(rows.is_sorted_by_key(sort_key));
        }
        prop_assert_eq!(&straight.files, &turned.files);
        prop_assert!(straight.bytes() == turned.bytes());
    }

    #[test]
    fn two_runs_give_the_same_bytes(batches in batches(), limit in 0usize..20_000) {
        let run = || write(batches.iter().map(|rows| batch(rows)).collect(), limit);
        let (first, second) = (run(), run());
        prop_assert_eq!(&first.files, &second.files);
        prop_assert!(first.bytes() == second.bytes());
    }
}
