//! Which units lie under which.

use std::collections::{BTreeMap, BTreeSet};

/// The organisation, for the additive structure of units.
#[derive(Debug, Default)]
pub struct Organisation {
    /// Parent of each unit; none at the top.
    pub parents: BTreeMap<String, Option<String>>,
}

impl Organisation {
    /// A unit and every unit under it.
    pub fn with_those_below(&self, unit: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([unit.to_owned()]);
        loop {
            let is_below = |parent: &Option<String>| {
                parent.as_ref().is_some_and(|parent| found.contains(parent))
            };
            let more: Vec<String> = self
                .parents
                .iter()
                .filter(|(unit, parent)| !found.contains(*unit) && is_below(parent))
                .map(|(unit, _)| unit.clone())
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }
}
