//! The values other tables hold, for columns that must point at one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
