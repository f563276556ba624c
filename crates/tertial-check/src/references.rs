//! The values other tables hold, for columns that must point at one of them.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Adds the texts of one column of typed rows; a column of another type has none.
pub fn collect(rows: &RecordBatch, column: usize, values: &mut BTreeSet<String>) {
    let column = rows.column(column);
    if column.data_type() != &DataType::Utf8 {
        return;
    }
    let mut last = None;
    for text in column.as_string::<i32>().iter().flatten() {
        // Rows are sorted by key, so that the same value often follows itself.
        if last != Some(text) && !values.contains(text) {
            values.insert(text.to_owned());
        }
        last = Some(text);
    }
}

/// Known values by `schema.table.column`.
#[derive(Debug, Clone, Default)]
pub struct References {
    sets: BTreeMap<String, Arc<BTreeSet<String>>>,
}

impl References {
    /// No values yet.
    pub fn new() -> References {
        References::default()
    }

    /// The values of one column, `seed.units.unit_id`; replaces earlier ones.
    pub fn insert(&mut self, name: impl Into<String>, values: BTreeSet<String>) {
        self.sets.insert(name.into(), Arc::new(values));
    }

    /// The values of a column, when they are known.
    pub fn get(&self, name: &str) -> Option<&Arc<BTreeSet<String>>> {
        self.sets.get(name)
    }

    /// The names for which values are known, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(String::as_str)
    }
}
