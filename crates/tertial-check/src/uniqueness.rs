//! Keys that are unique over a whole delivery.
//!
//! Batches are checked in any order on any thread; this is the one step that must see them in the
//! file's order, so that the first row wins whatever the number of threads. A key is 128 bits of hash
//! (see `kernel::hash`) and a line: 20 bytes in a table that is between half and fully used, about 32
//! bytes a row on average. The table is in 64 parts that grow one at a time, so that growing never
//! doubles the whole.

use crate::checker::{Checked, Reject};
use crate::fault;
use crate::kernel::compiled::Compiled;
use crate::kernel::hash::BuildFolding;
use crate::mask;
use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tertial_model::{Contract, TextBatch};

const PARTS: usize = 64;

/// The keys seen so far.
#[derive(Debug)]
pub struct Uniqueness {
    has_key: bool,
    parts: Vec<HashMap<[u32; 4], u32, BuildFolding>>,
}

/// What is kept of a batch until its keys are known to be new.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub compiled: Arc<Compiled>,
    pub batch: TextBatch,
    /// The batch's row of each accepted row.
    pub rows: Vec<u32>,
}

impl Uniqueness {
    /// For one table of one delivery, or of all deliveries that must be unique together.
    pub fn new(contract: &Contract) -> Uniqueness {
        let has_key = !contract.key.is_empty();
        let parts = if has_key { PARTS } else { 0 };
        Uniqueness { has_key, parts: (0..parts).map(|_| HashMap::default()).collect() }
    }

    /// How many keys have been seen.
    pub fn len(&self) -> usize {
        self.parts.iter().map(HashMap::len).sum()
    }

    /// Whether no key has been seen.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Moves rows whose key was seen before from the accepted to the set aside (T0302). To be called
    /// with a delivery's batches in the file's order.
    pub fn filter(&mut self, mut checked: Checked) -> Checked {
        let held = checked.held.take();
        if !self.has_key {
            return checked;
        }
        let mut keep = vec![true; checked.keys.len()];
        let mut duplicates = Vec::new();
        for (index, (key, line)) in checked.keys.iter().zip(&checked.lines).enumerate() {
            let words =
                [*key as u32, (*key >> 32) as u32, (*key >> 64) as u32, (*key >> 96) as u32];
            let line = u32::try_from(*line).unwrap_or(u32::MAX);
            match self.parts[words[3] as usize % PARTS].entry(words) {
                Entry::Vacant(place) => drop(place.insert(line)),
                Entry::Occupied(first) => {
                    keep[index] = false;
                    let first = Some(*first.get()).filter(|line| *line != u32::MAX);
                    duplicates.push((index, first.map(u64::from)));
                }
            }
        }
        if duplicates.is_empty() {
            return checked;
        }
        for (index, first_line) in &duplicates {
            checked.rejects.push(reject(held.as_ref(), &checked, *index, *first_line));
        }
        checked.rejects.sort_by_key(|reject| reject.line);
        let mask = BooleanArray::from(keep.clone());
        checked.accepted =
            filter_record_batch(&checked.accepted, &mask).expect("mask and batch are equally long");
        let mut kept = keep.iter();
        checked.keys.retain(|_| kept.next().copied().unwrap_or(true));
        let mut kept = keep.iter();
        checked.lines.retain(|_| kept.next().copied().unwrap_or(true));
        checked
    }
}

fn reject(held: Option<&Held>, checked: &Checked, index: usize, first_line: Option<u64>) -> Reject {
    let line = checked.lines[index];
    let Some(held) = held else {
        return Reject { line, raw: String::new(), diagnostics: Vec::new() };
    };
    let row = held.rows[index] as usize;
    Reject {
        line,
        raw: mask::raw_row(&held.batch, row, &held.compiled.masked),
        diagnostics: vec![fault::duplicate(&held.compiled, &held.batch, row, first_line)],
    }
}
