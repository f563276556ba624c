//! A document that was read when it was opened: its batches wait to be taken.

use crate::encoding::Decision;
use crate::{Chunk, ReadOptions, Reader};
use std::collections::VecDeque;
use tertial_model::{Code, Diagnostic, Location, Parts, ReadSummary, TextBatch};

/// The reader of every format that is read whole.
pub struct Prepared {
    parts: Parts,
    batches: VecDeque<TextBatch>,
    summary: ReadSummary,
}

impl Prepared {
    /// Batches in order, and what the file told; a file without rows gets a T0108 of its own.
    pub fn open(
        parts: Parts,
        batches: Vec<TextBatch>,
        mut summary: ReadSummary,
        options: &ReadOptions,
    ) -> Box<dyn Reader> {
        if batches.iter().all(|batch| batch.rows() == 0) {
            summary.diagnostics.push(no_rows(options));
        }
        Box::new(Prepared { parts, batches: batches.into(), summary })
    }
}

impl Reader for Prepared {
    fn parts(&self) -> Parts {
        self.parts.clone()
    }

    fn next(&mut self) -> Result<Option<Chunk>, Box<Diagnostic>> {
        Ok(self.batches.pop_front().map(Chunk::ready))
    }

    fn finish(self: Box<Self>) -> ReadSummary {
        self.summary
    }
}

/// The file was read and holds no row; whether that is right is for the contract to say.
pub fn no_rows(options: &ReadOptions) -> Diagnostic {
    let location = Location::file(&options.file);
    Diagnostic::warning(Code::FileWithoutRows, "the file holds no rows", location)
        .with_hint("ask the source whether the export was made before its figures were ready")
}

/// A summary that begins with how the bytes were read.
pub fn summary_of(decision: &Decision) -> ReadSummary {
    ReadSummary {
        decisions: vec![decision.words.clone()],
        diagnostics: decision.warnings.clone(),
        ..ReadSummary::default()
    }
}
