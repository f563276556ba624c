//! SIE 1–4, the exchange format of Swedish accounting.
//!
//! The file is streamed: block by block it is decoded and cut into lines (`lexer`), each record
//! goes to the rows of its part (`parts`) and to the sums (`totals`, `checksum`), and full
//! batches are given out as they fill. What the file must agree with itself about is a result, not
//! a reason to refuse; only a file that is cut off is refused. What the records say is collected in
//! `records`; [`write`] is the way back.

mod checksum;
mod lexer;
mod parts;
mod records;
mod totals;
pub mod write;

use crate::encoding::{BadByte, Decoded, Encoding};
use crate::foreign::not_agreed;
use crate::input::{self, Input, Source};
use crate::prepared::{no_rows, summary_of};
use crate::{Chunk, ReadOptions, Reader};
use records::Records;
use std::collections::VecDeque;
use std::sync::Arc;
use tertial_model::{Code, Diagnostic, Location, Parts, ReadSummary, TextBatch};

/// How much is read at a time; batches are larger.
const BLOCK_BYTES: usize = 1 << 20;

/// The reader of SIE files.
struct Sie {
    source: Box<dyn Source>,
    encoding: Encoding,
    line_end: u8,
    /// Bytes read and not yet cut into lines.
    pending: Vec<u8>,
    ended: bool,
    line: u64,
    records: Records,
    ready: VecDeque<TextBatch>,
    given: u64,
    parts: Parts,
    summary: ReadSummary,
    options: ReadOptions,
}

/// Opens a SIE file.
pub fn open(mut input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let decision = input.decide(options, Encoding::Cp437)?;
    if decision.encoding.is_wide() {
        let found = format!("text in {}", decision.encoding.name());
        let hint = "SIE files are written in CP437; ask the source to export again";
        return Err(Box::new(not_agreed(options, found).with_hint(hint)));
    }
    refuse_other_text(&input.head[decision.mark.min(input.head.len())..], options)?;
    let line_end = if input.head.contains(&b'\n') { b'\n' } else { b'\r' };
    let parts: Parts = Arc::from(parts::parts());
    let wanted = crate::batch::wanted(&parts, options)?;
    let records = Records::new(&parts, wanted, options);
    let mut reader = Sie {
        source: input.into_source(options)?,
        encoding: decision.encoding,
        line_end,
        pending: Vec::new(),
        ended: false,
        line: 0,
        records,
        ready: VecDeque::new(),
        given: 0,
        parts,
        summary: summary_of(&decision),
        options: options.clone(),
    };
    reader.read_block()?;
    reader.pending.drain(..decision.mark.min(reader.pending.len()));
    Ok(Box::new(reader))
}

/// The first thing in a SIE file is a label.
fn refuse_other_text(head: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    let text = head.trim_ascii_start();
    let label = text.first() == Some(&b'#') && text.get(1).is_some_and(u8::is_ascii_uppercase);
    if label {
        return Ok(());
    }
    let fault = not_agreed(options, "text that does not begin with a label such as `#FLAGGA`");
    Err(Box::new(fault.with_hint("look at the file; it may be an answer from the wrong address")))
}

impl Reader for Sie {
    fn parts(&self) -> Parts {
        self.parts.clone()
    }

    fn next(&mut self) -> Result<Option<Chunk>, Box<Diagnostic>> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                self.given += 1;
                return Ok(Some(Chunk::ready(batch)));
            }
            if self.ended && self.pending.is_empty() {
                if !self.records.end(self.line, &mut self.ready)? {
                    return Ok(None);
                }
                continue;
            }
            self.lines()?;
            self.records.check_size()?;
            self.read_block()?;
        }
    }

    fn finish(mut self: Box<Self>) -> ReadSummary {
        if self.given == 0 {
            self.summary.diagnostics.push(no_rows(&self.options));
        }
        self.records.summarise(&mut self.summary);
        self.summary
    }
}

impl Sie {
    fn read_block(&mut self) -> Result<(), Box<Diagnostic>> {
        if self.ended {
            return Ok(());
        }
        if self.pending.len() > self.options.limits.record_bytes {
            let location = Location::text(&self.options.file, self.line + 1, 1);
            let fault = Diagnostic::error(Code::LimitExceeded, "a line is too long", location)
                .with_found(format!("more than {} bytes", self.options.limits.record_bytes));
            return Err(Box::new(fault));
        }
        let start = self.pending.len();
        self.pending.resize(start + BLOCK_BYTES, 0);
        let count = input::fill(&mut self.source, &mut self.pending[start..]);
        let count = count.map_err(|fault| input::unreadable(&self.options.file, fault))?;
        self.pending.truncate(start + count);
        self.ended = count < BLOCK_BYTES;
        Ok(())
    }

    /// Takes the whole lines out of `pending`.
    fn lines(&mut self) -> Result<(), Box<Diagnostic>> {
        let end = match memchr::memrchr(self.line_end, &self.pending) {
            _ if self.ended => self.pending.len(),
            Some(at) => at + 1,
            None => return Ok(()),
        };
        let rest = self.pending.split_off(end);
        let Decoded { text, bad } =
            self.encoding.decode(std::mem::replace(&mut self.pending, rest));
        let mut bad = bad.as_slice();
        let mut start = 0;
        while start < text.len() {
            let rest = &text.as_bytes()[start..];
            let length = memchr::memchr(self.line_end, rest).unwrap_or(rest.len());
            let line = text[start..start + length].trim_end_matches(['\r', '\n']);
            let line = line.trim_start_matches('\n');
            self.line += 1;
            let (here, later) = bad.split_at(bad.partition_point(|b| b.at < start + length));
            bad = later;
            let fault = here.first().map(|bad| self.bad_byte(line, *bad, start));
            self.records.line(self.line, line, fault, &mut self.ready);
            start += length + 1;
        }
        Ok(())
    }

    fn bad_byte(&self, line: &str, bad: BadByte, start: usize) -> Diagnostic {
        let before = line.get(..bad.at.saturating_sub(start)).unwrap_or(line);
        let column = before.chars().count() as u32 + 1;
        let file = &self.options.file;
        crate::encoding::byte_fault(self.encoding, bad, file, self.line, column)
    }
}

#[cfg(test)]
mod tests;
