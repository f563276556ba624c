//! Keys that are unique over a whole delivery.
//!
//! Batches are checked in any order on any thread; this is the one step that must see them in the
//! file's order, so that the first row wins whatever the number of threads. Of a key's 128 bits of
//! hash (see `kernel::hash`) 74 are kept, beside its line: 12 bytes in a table that is between six and
//! nine tenths full, about 16 bytes a row. Among ten million rows two different keys look alike once
//! in four hundred million files, and then a row is set aside and told. The table is in parts that
//! grow one at a time, so that growing never doubles the whole.

use crate::checker::{Checked, Reject};
use crate::fault;
use crate::kernel::{self, compiled::Compiled};
use crate::mask;
use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use std::sync::Arc;
use tertial_model::{Contract, TextBatch};

/// Ten bits of a key choose its part.
const PARTS: usize = 1024;
/// The smallest table of a part.
const FEWEST: usize = 16;
/// How many keys are looked for at a time.
const AHEAD: usize = 32;
/// Stands for a line that is too far into a file to be told.
const FAR: u32 = u32::MAX;

/// The keys seen so far.
#[derive(Debug)]
pub struct Uniqueness {
    has_key: bool,
    parts: Vec<Part>,
}

/// Some of the keys: open addressing, each beside its line.
#[derive(Debug, Default, Clone)]
struct Part {
    /// Two words of the key and the line plus one; zero where no key is.
    places: Vec<[u32; 3]>,
    len: usize,
}

impl Part {
    /// The line of the key's first row, when it was seen before; else keeps it.
    #[inline]
    fn first_line(&mut self, key: u64, line: u64) -> Option<u32> {
        if self.len * 10 >= self.places.len() * 9 {
            self.grow();
        }
        let line = u32::try_from(line + 1).unwrap_or(FAR);
        let words = [key as u32, (key >> 32) as u32];
        let at = self.find(key);
        let place = &mut self.places[at];
        if place[2] != 0 {
            return Some(place[2]);
        }
        *place = [words[0], words[1], line];
        self.len += 1;
        None
    }

    /// Where the search for a key begins.
    #[inline]
    fn start(&self, key: u64) -> usize {
        ((u128::from(key) * self.places.len() as u128) >> 64) as usize
    }

    /// Where the key is or may be put.
    #[inline]
    fn find(&self, key: u64) -> usize {
        let words = [key as u32, (key >> 32) as u32];
        let mut at = self.start(key);
        loop {
            let place = self.places[at];
            if place[2] == 0 || place[..2] == words {
                return at;
            }
            at = if at + 1 == self.places.len() { 0 } else { at + 1 };
        }
    }

    fn grow(&mut self) {
        let size = (self.places.len() + self.places.len() / 2).max(FEWEST);
        let old = std::mem::replace(&mut self.places, vec![[0; 3]; size]);
        for place in old.into_iter().filter(|place| place[2] != 0) {
            let at = self.find(u64::from(place[0]) | u64::from(place[1]) << 32);
            self.places[at] = place;
        }
    }
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
        Uniqueness { has_key, parts: vec![Part::default(); parts] }
    }

    /// How many keys have been seen.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len).sum()
    }

    /// Whether no key has been seen.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks where some keys will be sought, so that the memory answers for all of them at once and
    /// not for one after the other.
    fn fetch(&self, keys: &[u128]) {
        let places = keys.iter().map(|key| {
            let part = &self.parts[(*key >> 118) as usize];
            part.places.get(part.start(*key as u64)).map_or(0, |place| place[2])
        });
        std::hint::black_box(places.fold(0, |all, line| all ^ line));
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
            if index % AHEAD == 0 {
                let end = checked.keys.len().min(index + AHEAD);
                self.fetch(&checked.keys[index..end]);
            }
            let part = &mut self.parts[(*key >> 118) as usize];
            if let Some(first) = part.first_line(*key as u64, *line) {
                keep[index] = false;
                let first = (first != FAR).then(|| u64::from(first) - 1);
                duplicates.push((index, first));
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
        return Reject { line, raw: String::new(), known: None, diagnostics: Vec::new() };
    };
    let row = held.rows[index] as usize;
    Reject {
        line,
        raw: mask::raw_row(&held.batch, row, &held.compiled.masked),
        known: kernel::known(&held.compiled, checked.accepted.columns(), index),
        diagnostics: vec![fault::duplicate(&held.compiled, &held.batch, row, first_line)],
    }
}
