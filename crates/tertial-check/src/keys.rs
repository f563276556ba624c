//! Keys of typed rows: as hashes, to find what may stand twice, and exactly, to know that it does.
//!
//! A set of columns is hashed to 64 bits a row. Two rows with one hash are suspected, no more: what
//! is told to a person and what sets a row aside is decided on the exact values
//! ([`Uniqueness`](crate::Uniqueness)). The same functions serve rows that come back from the lake.

use crate::kernel::hash::RowKey;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type};
use tertial_model::Contract;

/// The hash of a row that lacks a value where values, not rows, must be unique.
pub const NO_KEY: u64 = 0;

/// Columns that together never hold the same values twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet {
    /// The columns' names, in the key's order.
    pub columns: Vec<String>,
    /// Whether a missing value counts as a value, as it does in the contract's key.
    pub missing_counts: bool,
}

/// The sets of a contract: its key first, when it has one, then every column that is unique alone.
pub fn key_sets(contract: &Contract) -> Vec<KeySet> {
    let key = (!contract.key.is_empty())
        .then(|| KeySet { columns: contract.key.clone(), missing_counts: true });
    let alone = contract.columns.iter().filter(|column| column.unique);
    let alone = alone.filter(|column| contract.key != [column.name.as_str()]);
    let alone =
        alone.map(|column| KeySet { columns: vec![column.name.clone()], missing_counts: false });
    key.into_iter().chain(alone).collect()
}

/// The hash of every row over some of its columns; [`NO_KEY`] where a value is missing and missing
/// ones do not count.
pub fn hashes(rows: &RecordBatch, columns: &[usize], missing_counts: bool) -> Vec<u64> {
    let mut keys = vec![RowKey::START; rows.num_rows()];
    for index in columns {
        add(&mut keys, rows.column(*index));
    }
    let mut hashes: Vec<u64> = keys.into_iter().map(|key| key.finish().max(NO_KEY + 1)).collect();
    if !missing_counts {
        for index in columns.iter().filter(|index| rows.column(**index).null_count() > 0) {
            let column = rows.column(*index);
            let missing = hashes.iter_mut().enumerate().filter(|(row, _)| column.is_null(*row));
            missing.for_each(|(_, hash)| *hash = NO_KEY);
        }
    }
    hashes
}

/// Adds one column's values to the keys of their rows.
fn add(keys: &mut [RowKey], array: &ArrayRef) {
    match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            add_values(keys, array, |key, row| key.text(texts.value(row).as_bytes()));
        }
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().values();
            add_values(keys, array, |key, row| key.number(values[row].into()));
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>().values();
            add_values(keys, array, |key, row| key.number(values[row].into()));
        }
        DataType::Boolean => {
            let values = array.as_boolean();
            add_values(keys, array, |key, row| key.number(values.value(row).into()));
        }
        _ => {
            let values = array.as_primitive::<Decimal128Type>().values();
            add_values(keys, array, |key, row| key.number(values[row]));
        }
    }
}

fn add_values(keys: &mut [RowKey], array: &ArrayRef, add: impl Fn(&mut RowKey, usize)) {
    if array.null_count() == 0 {
        keys.iter_mut().enumerate().for_each(|(row, key)| add(key, row));
        return;
    }
    for (row, key) in keys.iter_mut().enumerate() {
        if array.is_null(row) { key.missing() } else { add(key, row) }
    }
}

/// The exact values of one row's key. Equal for equal values and only for them.
pub fn exact(rows: &RecordBatch, columns: &[usize], row: usize) -> Box<[u8]> {
    let mut bytes = Vec::with_capacity(columns.len() * 16);
    for index in columns {
        let array = rows.column(*index);
        if array.is_null(row) {
            bytes.push(0);
            continue;
        }
        bytes.push(1);
        let number = match array.data_type() {
            DataType::Utf8 => {
                let text = array.as_string::<i32>().value(row);
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.as_bytes());
                continue;
            }
            DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
            DataType::Date32 => array.as_primitive::<Date32Type>().value(row).into(),
            DataType::Boolean => array.as_boolean().value(row).into(),
            _ => array.as_primitive::<Decimal128Type>().value(row),
        };
        bytes.extend(number.to_le_bytes());
    }
    bytes.into()
}

/// The line a row stands on in its source, from its column `_row`.
pub fn line(rows: &RecordBatch, column: usize, row: usize) -> u64 {
    let line = rows.column(column).as_primitive::<Int64Type>().value(row);
    u64::try_from(line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn rows(texts: Vec<Option<String>>, numbers: Vec<Option<i64>>) -> RecordBatch {
        let texts: ArrayRef = Arc::new(StringArray::from(texts));
        let numbers: ArrayRef = Arc::new(Int64Array::from(numbers));
        RecordBatch::try_from_iter_with_nullable([("t", texts, true), ("n", numbers, true)])
            .unwrap()
    }

    #[test]
    fn a_missing_value_is_a_value_in_a_key_and_none_in_a_unique_column() {
        let rows = rows(vec![None, None, Some(String::new())], vec![Some(1), Some(1), Some(1)]);
        let key = hashes(&rows, &[0, 1], true);
        assert!(key[0] == key[1] && key[0] != key[2] && !key.contains(&NO_KEY));
        let alone = hashes(&rows, &[0], false);
        assert!(alone[..2] == [NO_KEY; 2] && alone[2] != NO_KEY);
    }

    proptest! {
        #[test]
        fn equal_values_have_equal_keys_and_others_have_others(
            values in prop::collection::vec((prop::option::of("[ab]{0,3}"), prop::option::of(0i64..3)), 2..12),
        ) {
            let (texts, numbers) = values.iter().cloned().unzip();
            let rows = rows(texts, numbers);
            let hashes = hashes(&rows, &[0, 1], true);
            for a in 0..values.len() {
                for b in 0..values.len() {
                    let same = values[a] == values[b];
                    prop_assert_eq!(same, exact(&rows, &[0, 1], a) == exact(&rows, &[0, 1], b));
                    prop_assert_eq!(same, hashes[a] == hashes[b]);
                }
            }
        }
    }
}
