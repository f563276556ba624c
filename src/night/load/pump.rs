//! Blocks through the check on all cores and out again in the file's order.
//!
//! One thread reads and takes in; a bounded number of blocks is under way on the others. What must
//! see the file in order (keys, sums, Parquet) sees it in order, so that neither rows nor messages
//! depend on the number of threads.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;
use tertial_check::{Checked, Checker};
use tertial_model::Diagnostic;
use tertial_read::{Chunk, Reader};

/// How many blocks may be under way.
const AHEAD: usize = 8;

/// A checked batch and the part it belongs to.
pub type Piece = (usize, Checked);

/// Reads and checks all blocks, and hands each to `take` in the file's order. `checkers` has one entry
/// a part, none for parts that nobody wants. With `keep` every batch stays with its rows, so that its
/// keys can be compared.
///
/// The outer result is `take`'s, the inner one the reader's.
pub fn pump(
    reader: &mut dyn Reader,
    checkers: &[Option<Checker>],
    keep: bool,
    mut take: impl FnMut(Piece) -> Result<(), Box<Diagnostic>>,
) -> Result<Result<(), Box<Diagnostic>>, Box<Diagnostic>> {
    let (sender, receiver) = mpsc::channel();
    rayon::in_place_scope(|scope| {
        let mut early: BTreeMap<usize, Option<Piece>> = BTreeMap::new();
        let (mut begun, mut taken, mut is_read) = (0, 0, false);
        loop {
            while !is_read && begun - taken < AHEAD {
                match reader.next() {
                    Ok(Some(chunk)) => {
                        let (sender, number) = (sender.clone(), begun);
                        scope.spawn(move |_| {
                            let work = || check(chunk, checkers, keep);
                            // Nobody listens any more after a fault of the disk.
                            let _ = sender.send((number, catch_unwind(AssertUnwindSafe(work))));
                        });
                        begun += 1;
                    }
                    Ok(None) => is_read = true,
                    Err(fault) => return Ok(Err(fault)),
                }
            }
            if begun == taken {
                return Ok(Ok(()));
            }
            let piece = loop {
                if let Some(piece) = early.remove(&taken) {
                    break piece;
                }
                let (number, outcome) = receiver.recv().expect("this thread holds a sender");
                early.insert(number, outcome.unwrap_or_else(|panic| resume_unwind(panic)));
            };
            taken += 1;
            if let Some(piece) = piece {
                take(piece)?;
            }
        }
    })
}

fn check(chunk: Chunk, checkers: &[Option<Checker>], keep: bool) -> Option<Piece> {
    let batch = chunk.parse();
    let part = batch.part;
    let checker = checkers.get(part)?.as_ref()?;
    let checked = if keep { checker.check_owned(batch) } else { checker.check(&batch) };
    Some((part, checked))
}
