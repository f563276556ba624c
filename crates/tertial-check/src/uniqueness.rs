//! Rows that repeat a key, set aside; decided on the exact values.
//!
//! A delivery's keys are looked through as hashes while it is read (by the caller, who has a disk to
//! put them on). Where no hash came twice no key did, and the rows need not be seen again. Otherwise
//! the delivery is read once more with the hashes that did come twice, and this is where its rows
//! pass, in the file's order, so that the first row wins whatever the number of threads. Only the
//! keys under suspicion are kept, so memory follows the number of faults and not the number of rows.

use crate::checker::{Checked, Reject};
use crate::fault;
use crate::kernel::hash::BuildFolding;
use crate::kernel::{self, compiled::Compiled};
use crate::keys;
use crate::mask;
use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tertial_model::{Contract, TextBatch};

/// Where a key stands for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// On an earlier line of the same file.
    Line(u64),
    /// In another delivery: its file and line.
    Elsewhere {
        /// The file, as messages name it.
        file: Arc<str>,
        /// The line in it.
        line: u64,
    },
}

/// The keys under suspicion, and where each was seen first.
#[derive(Debug)]
pub struct Uniqueness {
    sets: Vec<Set>,
}

#[derive(Debug, Default)]
struct Set {
    /// None: every row is suspected.
    suspects: Option<HashSet<u64, BuildFolding>>,
    first: HashMap<Box<[u8]>, First, BuildFolding>,
}

impl Set {
    fn suspects(&self, hash: u64) -> bool {
        hash != keys::NO_KEY && self.suspects.as_ref().is_none_or(|known| known.contains(&hash))
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
    /// For one table of one delivery, with every row under suspicion: memory follows the number of
    /// rows.
    pub fn new(contract: &Contract) -> Uniqueness {
        let sets = keys::key_sets(contract).into_iter().map(|_| Set::default());
        Uniqueness { sets: sets.collect() }
    }

    /// For one table of one delivery of which these hashes came more than once, a list for each of
    /// [`keys::key_sets`].
    pub fn among(suspects: Vec<Vec<u64>>) -> Uniqueness {
        let set = |hashes: Vec<u64>| Set {
            suspects: Some(hashes.into_iter().collect()),
            first: HashMap::default(),
        };
        Uniqueness { sets: suspects.into_iter().map(set).collect() }
    }

    /// Tells of a key that another delivery holds, with its hash: rows that repeat it are set aside
    /// (T0306).
    pub fn taken(&mut self, set: usize, hash: u64, exact: Box<[u8]>, first: First) {
        let set = &mut self.sets[set];
        if let Some(suspects) = &mut set.suspects {
            suspects.insert(hash);
        }
        set.first.entry(exact).or_insert(first);
    }

    /// Moves rows whose key was seen before from the accepted to the set aside (T0302, T0306). To be
    /// called with a delivery's batches in the file's order, each from
    /// [`Checker::check_owned`](crate::Checker::check_owned).
    pub fn filter(&mut self, mut checked: Checked) -> Checked {
        let Some(held) = checked.held.take() else { return checked };
        let key_sets = &held.compiled.keys;
        let mut keep = vec![true; checked.lines.len()];
        let mut repeated: Vec<Reject> = Vec::new();
        for (row, keep) in keep.iter_mut().enumerate() {
            let mut diagnostics = Vec::new();
            let mut fresh = Vec::new();
            for (index, set) in self.sets.iter().enumerate() {
                if !set.suspects(checked.keys[index][row]) {
                    continue;
                }
                let exact = keys::exact(&checked.accepted, &key_sets[index].columns, row);
                match set.first.get(&exact) {
                    Some(first) => {
                        let (compiled, batch) = (&held.compiled, &held.batch);
                        let row = held.rows[row] as usize;
                        diagnostics.push(fault::duplicate(compiled, batch, row, index, first));
                    }
                    None => fresh.push((index, exact)),
                }
            }
            let line = checked.lines[row];
            if diagnostics.is_empty() {
                for (index, exact) in fresh {
                    self.sets[index].first.insert(exact, First::Line(line));
                }
                continue;
            }
            *keep = false;
            let raw = mask::raw_row(&held.batch, held.rows[row] as usize, &held.compiled.masked);
            let known = kernel::known(&held.compiled, checked.accepted.columns(), row);
            repeated.push(Reject { line, raw, known, diagnostics });
        }
        if repeated.is_empty() {
            return checked;
        }
        checked.rejects.append(&mut repeated);
        checked.rejects.sort_by_key(|reject| reject.line);
        retain(&mut checked.lines, &keep);
        checked.keys.iter_mut().for_each(|hashes| retain(hashes, &keep));
        checked.accepted = filter_record_batch(&checked.accepted, &BooleanArray::from(keep))
            .expect("mask and batch are equally long");
        checked
    }
}

fn retain<T>(values: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    values.retain(|_| kept.next().copied().unwrap_or(true));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Delivery, accepted, column, contract, set_aside};

    fn delivery() -> Delivery {
        let columns = [
            column("id", "varchar", ", required: true, primaryKey: true, primaryKeyPosition: 1"),
            column("card", "varchar", ", unique: true"),
        ];
        Delivery::new(contract(&columns.join("\n"), ""), "id;card")
    }

    fn run(uniqueness: &mut Uniqueness, rows: &str) -> Checked {
        let (checker, _) = delivery().checker().unwrap();
        uniqueness.filter(checker.check_owned(crate::tests::batch(rows, 2, 2)))
    }

    #[test]
    fn a_hash_that_two_keys_share_sets_nothing_aside() {
        // Every row is under the same suspicion, as if all their hashes were one.
        let mut all = Uniqueness::new(&delivery().contract);
        let checked = run(&mut all, "a;1\nb;2\nc;\nd;\na;3");
        assert_eq!(accepted(&checked.accepted), ["a|1", "b|2", "c|∅", "d|∅"]);
        assert_eq!(checked.rejects.len(), 1);
    }

    #[test]
    fn a_row_without_suspicion_is_not_looked_at() {
        let mut none = Uniqueness::among(vec![Vec::new(), Vec::new()]);
        assert_eq!(run(&mut none, "a;1\na;2").rejects.len(), 0);
    }

    #[test]
    fn a_row_that_repeats_two_things_is_told_both_and_takes_neither() {
        let mut all = Uniqueness::new(&delivery().contract);
        let checked = run(&mut all, "a;1\nb;2\na;2\nc;3\na;4\nd;4");
        assert_eq!(accepted(&checked.accepted), ["a|1", "b|2", "c|3", "d|4"]);
        let codes = checked.rejects.iter().map(|reject| reject.diagnostics.len());
        assert_eq!(codes.collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn a_key_of_another_delivery_is_told_with_its_file_and_line() {
        let mut keys = Uniqueness::among(vec![Vec::new(), Vec::new()]);
        let (checker, _) = delivery().checker().unwrap();
        let rows = checker.check(&crate::tests::batch("b;7", 2, 2));
        let exact = keys::exact(&rows.accepted, &[0], 0);
        let first =
            First::Elsewhere { file: "data/received/hr/hr-1/a_2024-07.csv".into(), line: 9 };
        keys.taken(0, rows.keys[0][0], exact, first);
        let checked = run(&mut keys, "a;1\nb;2");
        insta::assert_snapshot!(set_aside(&checked), @r"
        error[T0306]: another delivery holds a row with the same key
           --> received/hr/arbetstid_2024-08.csv:3:1 (column 1, `id`)
            |
          3 | b;2
            | ^
            = found:    id `b`, also in `data/received/hr/hr-1/a_2024-07.csv`, line 9
            = expected: one row for each key among the deliveries in force
            = contract: schemas/hr__worked_time.odcs.yaml, key
            = effect:   row set aside; the one received first stays

        hint: ask the senders which of the two the row belongs to, and have the other one deliver again without it
        ");
    }
}
