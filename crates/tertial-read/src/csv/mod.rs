//! Delimited text: cut into blocks at record ends, each block parsed on any thread.
//!
//! [`Delimited::next`] only finds where a record ends near each block's end ([`boundary`]);
//! decoding and splitting wait for [`Block::parse`] ([`parse`]). Delimiter and line ends are settled
//! at the beginning ([`dialect`]). A row with the wrong number of fields becomes a fault of its
//! batch and is never repaired.

mod boundary;
mod dialect;
mod parse;

pub use parse::Block;

use crate::encoding::{Encoding, WideDecoder, wide_fault};
use crate::input::{self, Input, Source};
use crate::prepared::{no_rows, summary_of};
use crate::{Chunk, Limits, ReadOptions, Reader};
use boundary::last_record_end;
use dialect::{Dialect, LineEnd};
use parse::Layout;
use std::sync::Arc;
use tertial_model::{Code, Diagnostic, Location, Part, Parts, ReadSummary};

/// The reader of delimited text.
struct Delimited {
    feed: Feed,
    /// Bytes read and not yet given out; begins at a record.
    pending: Vec<u8>,
    /// Physical line on which `pending` begins.
    line: u64,
    layout: Arc<Layout>,
    parts: Parts,
    limits: Limits,
    blocks: u64,
    summary: ReadSummary,
    options: ReadOptions,
}

/// Opens a delimited text file and reads its headings.
pub fn open(mut input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let decision = input.decide(options, Encoding::Windows1252)?;
    refuse_binary(&input, decision.encoding, options)?;
    let mut feed = Feed::new(input.into_source(options)?, decision.encoding, options);
    let mut pending = Vec::new();
    feed.more(&mut pending)?;
    if !decision.encoding.is_wide() {
        pending.drain(..decision.mark.min(pending.len()));
    }
    let stated = dialect::stated(&pending);
    let agreed = &match (stated, options.delimiter) {
        (None, _) => options.clone(),
        (Some(stated), Some(agreed)) if stated != agreed => {
            return Err(Box::new(other_delimiter(stated, agreed, options)));
        }
        (Some(stated), _) => ReadOptions { delimiter: Some(stated), ..options.clone() },
    };
    let header_row = options.tables.iter().find_map(|table| table.header_row);
    // The headings cannot stand where the delimiter is stated.
    let header_row = header_row.or(options.header_row).filter(|row| stated.is_none() || *row > 1);
    let above = if stated.is_some() { skip_lines(&pending, Some(2)).0 } else { 0 };
    let (skipped, line) = match header_row {
        None if above > 0 => {
            let (below, line) = skip_lines(&pending[above..], None);
            (above + below, line + 1)
        }
        header_row => skip_lines(&pending, header_row),
    };
    pending.drain(..skipped);
    while !feed.ended && !dialect::shows_line_end(&pending) {
        refuse_long(&pending, options)?;
        feed.more(&mut pending)?;
    }
    let mut dialect = dialect::decide(&pending, agreed)?;
    if stated.is_some() && options.delimiter.is_none() {
        dialect.words[0] = dialect.words[0].replace("as agreed", "as the first line says");
    }
    let header_end = header_end(&mut feed, &mut pending, &dialect, options)?;
    let encoding = if decision.encoding.is_wide() { Encoding::Utf8 } else { decision.encoding };
    let headings = read_headings(&pending[..header_end], encoding, &dialect, line, options)?;
    let next_line = line + boundary::line_breaks(&pending[..header_end], dialect.line_end.byte());
    pending.drain(..header_end);

    let parts: Parts =
        Arc::new([Part { name: String::new(), headings: headings.clone(), types: Vec::new() }]);
    crate::batch::wanted(&parts, options)?;
    let mut summary = summary_of(&decision);
    summary.diagnostics.extend(twins(&headings, Location::text(&options.file, line, 1)));
    summary.decisions.extend(dialect.words.clone());
    summary.decisions.push(format!("headings on line {line}"));
    let layout = Arc::new(Layout::new(&dialect, encoding, headings, options));
    Ok(Box::new(Delimited {
        feed,
        pending,
        line: next_line,
        layout,
        parts,
        limits: options.limits.clone(),
        blocks: 0,
        summary,
        options: options.clone(),
    }))
}

impl Reader for Delimited {
    fn parts(&self) -> Parts {
        self.parts.clone()
    }

    fn next(&mut self) -> Result<Option<Chunk>, Box<Diagnostic>> {
        if self.layout.line_end == LineEnd::Cr && self.pending.first() == Some(&b'\n') {
            self.pending.remove(0);
        }
        while self.pending.len() < self.limits.block_bytes && !self.feed.ended {
            self.feed.more(&mut self.pending)?;
        }
        loop {
            if self.pending.is_empty() {
                return Ok(None);
            }
            let byte = self.layout.line_end.byte();
            let delimiter = self.layout.delimiter;
            let found = last_record_end(&self.pending, |b| b == delimiter, byte);
            if self.feed.ended {
                if let Some(quote) = found.open_quote {
                    return Err(Box::new(self.never_closed(quote)));
                }
                return Ok(Some(self.block(self.pending.len())));
            }
            if let Some(end) = found.end {
                return Ok(Some(self.block(end)));
            }
            if self.pending.len() > self.limits.record_bytes {
                return Err(Box::new(self.too_long(found.open_quote)));
            }
            self.feed.more(&mut self.pending)?;
        }
    }

    fn finish(mut self: Box<Self>) -> ReadSummary {
        if self.blocks == 0 {
            self.summary.diagnostics.push(no_rows(&self.options));
        }
        self.summary
    }
}

impl Delimited {
    /// The first `end` bytes of `pending` as a chunk, or fewer when they hold too many rows.
    fn block(&mut self, end: usize) -> Chunk {
        let (end, lines) = self.bounded(end);
        let mut rest = Vec::with_capacity(self.limits.block_bytes + self.pending.len() - end);
        rest.extend_from_slice(&self.pending[end..]);
        self.pending.truncate(end);
        let bytes = std::mem::replace(&mut self.pending, rest);
        let first_line = self.line;
        self.line += lines;
        self.blocks += 1;
        Chunk::delimited(Block { layout: Arc::clone(&self.layout), bytes, first_line })
    }

    /// Every line becomes a row with all its cells, even one that is no row: very short lines under
    /// very many headings would fill the memory. Gives the end and the lines up to it.
    fn bounded(&self, mut end: usize) -> (usize, u64) {
        let byte = self.layout.line_end.byte();
        let delimiter = self.layout.delimiter;
        let most_lines = 4 * self.limits.batch_rows.max(1) as u64;
        let most_cells = self.limits.block_bytes.max(1 << 20) as u64;
        let width = self.parts[0].headings.len() as u64;
        loop {
            let lines = boundary::line_breaks(&self.pending[..end], byte);
            if lines <= most_lines && lines.saturating_mul(width) <= most_cells {
                return (end, lines);
            }
            let half = &self.pending[..end / 2];
            match last_record_end(half, |b| b == delimiter, byte).end {
                Some(smaller) => end = smaller,
                None => return (end, lines),
            }
        }
    }

    /// The place of a quote in `pending`.
    fn place(&self, at: usize) -> Location {
        let before = &self.pending[..at];
        let byte = self.layout.line_end.byte();
        let line = self.line + boundary::line_breaks(before, byte);
        let start = memchr::memrchr(byte, before).map_or(0, |at| at + 1);
        let column = self.layout.encoding.decode(before[start..].to_vec()).text.chars().count();
        Location::text(&self.options.file, line, column as u32 + 1)
    }

    fn never_closed(&self, quote: usize) -> Diagnostic {
        let message = "the file ends inside a quoted cell";
        Diagnostic::error(Code::DamagedFile, message, self.place(quote))
            .with_found("a quotation mark that is never closed")
            .with_expected("a closing quotation mark before the file's end")
            .with_effect("delivery refused")
            .with_hint("the file is cut off, or a cell holds a quotation mark that is not doubled; ask the source to export again")
    }

    fn too_long(&self, quote: Option<usize>) -> Diagnostic {
        let message = "a record is too long";
        let mut fault =
            Diagnostic::error(Code::LimitExceeded, message, self.place(quote.unwrap_or(0)))
                .with_found(format!("more than {} bytes without an end", self.limits.record_bytes))
                .with_effect("delivery refused");
        if quote.is_some() {
            fault = fault.with_hint("a quotation mark opens a cell here and is never closed");
        }
        fault
    }
}

/// The file's bytes in pieces; wide text is turned into UTF-8 on the way.
pub struct Feed {
    source: Box<dyn Source>,
    wide: Option<WideDecoder>,
    encoding: Encoding,
    block_bytes: usize,
    file: String,
    /// Whether the last piece has come.
    pub ended: bool,
}

impl Feed {
    /// The pieces of a file, from its beginning.
    pub fn new(source: Box<dyn Source>, encoding: Encoding, options: &ReadOptions) -> Feed {
        Feed {
            source,
            wide: encoding.is_wide().then(|| WideDecoder::new(encoding)),
            encoding,
            block_bytes: options.limits.block_bytes.max(16),
            file: options.file.clone(),
            ended: false,
        }
    }

    /// Appends about one block.
    pub fn more(&mut self, out: &mut Vec<u8>) -> Result<(), Box<Diagnostic>> {
        let start = out.len();
        out.resize(start + self.block_bytes, 0);
        let count = input::fill(&mut self.source, &mut out[start..]);
        let count = count.map_err(|fault| input::unreadable(&self.file, fault))?;
        out.truncate(start + count);
        self.ended = count < self.block_bytes;
        if let Some(wide) = &mut self.wide {
            let bytes = out.split_off(start);
            let pushed = wide.push(&bytes, self.ended, out);
            pushed.map_err(|at| wide_fault(self.encoding, at, &self.file))?;
        }
        Ok(())
    }
}

/// The file's first line says otherwise than the pipeline.
fn other_delimiter(stated: char, agreed: char, options: &ReadOptions) -> Diagnostic {
    let shown = |mark: char| match mark {
        '\t' => "a tab".to_owned(),
        mark => format!("`{mark}`"),
    };
    let message = "the file states another delimiter than agreed";
    Diagnostic::error(Code::WrongFormat, message, Location::text(&options.file, 1, 1))
        .with_found(format!("`sep=`, with {}", shown(stated)))
        .with_expected(format!("{} between the fields", shown(agreed)))
        .with_hint("set `delimiter` in the pipeline to what the source writes, or leave it out: the file says it itself")
}

/// Zero bytes where the encoding has none: no text.
pub fn refuse_binary(
    input: &Input,
    encoding: Encoding,
    options: &ReadOptions,
) -> Result<(), Box<Diagnostic>> {
    let zeros = memchr::memchr_iter(0, &input.head).count();
    if encoding.is_wide() || zeros * 20 < input.head.len() {
        return Ok(());
    }
    let found = format!("{zeros} zero bytes among the first {}", input.head.len());
    let fault = crate::foreign::not_agreed(options, found)
        .with_hint("the file is binary; set `format` in the pipeline to what the source sends");
    Err(Box::new(fault))
}

/// Goes to the line of the headings: the one agreed, or the first that is not blank.
/// Gives the bytes to skip and the line number.
pub fn skip_lines(bytes: &[u8], header_row: Option<u32>) -> (usize, u64) {
    let mut at = 0;
    let mut line = 1;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let done = match header_row {
            Some(row) => line >= u64::from(row),
            None => !rest[..length].iter().all(|b| matches!(b, b' ' | b'\t')),
        };
        if done {
            break;
        }
        at += length;
        at += match bytes[at..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        line += 1;
    }
    (at, line)
}

/// Where the record of the headings ends, its line end included; reads on when it is long.
fn header_end(
    feed: &mut Feed,
    pending: &mut Vec<u8>,
    dialect: &Dialect,
    options: &ReadOptions,
) -> Result<usize, Box<Diagnostic>> {
    loop {
        let opens = |byte| byte == dialect.delimiter;
        if let Some(end) = boundary::first_record_end(pending, opens, dialect.line_end.byte()) {
            return Ok(end);
        }
        if feed.ended {
            return Ok(pending.len());
        }
        refuse_long(pending, options)?;
        feed.more(pending)?;
    }
}

/// The record of the headings has no end within the limit.
fn refuse_long(pending: &[u8], options: &ReadOptions) -> Result<(), Box<Diagnostic>> {
    if pending.len() <= options.limits.record_bytes {
        return Ok(());
    }
    let location = Location::file(&options.file);
    let message = "the record of the headings is too long";
    let fault = Diagnostic::error(Code::LimitExceeded, message, location)
        .with_found(format!("more than {} bytes without an end", options.limits.record_bytes))
        .with_hint("the file is not delimited text, or a quotation mark is never closed");
    Err(Box::new(fault))
}

fn read_headings(
    record: &[u8],
    encoding: Encoding,
    dialect: &Dialect,
    line: u64,
    options: &ReadOptions,
) -> Result<Vec<String>, Box<Diagnostic>> {
    let decoded = encoding.decode(record.to_vec());
    if let Some(bad) = decoded.bad.first() {
        let column = decoded.text[..bad.at].chars().count() as u32 + 1;
        let fault = crate::encoding::byte_fault(encoding, *bad, &options.file, line, column);
        return Err(Box::new(fault));
    }
    let record = decoded.text.trim_end_matches(['\r', '\n']);
    if record.trim().is_empty() {
        let location = Location::text(&options.file, line, 1);
        let fault =
            Diagnostic::error(Code::FileWithoutRows, "the file has no line of headings", location)
                .with_hint("set `header_row` in the pipeline to the line of the headings");
        return Err(Box::new(fault));
    }
    let headings = parse::split_record(record, char::from(dialect.delimiter));
    if headings.len() > options.limits.columns {
        let fault = Diagnostic::error(
            Code::LimitExceeded,
            "the file has too many columns",
            Location::text(&options.file, line, 1),
        )
        .with_found(format!("{} columns", headings.len()))
        .with_expected(format!("at most {} columns", options.limits.columns));
        return Err(Box::new(fault));
    }
    Ok(headings)
}

/// Two columns with the same heading: told here, refused by the check where a contract asks for them.
pub fn twins(headings: &[String], location: Location) -> Option<Diagnostic> {
    let named = |index: &usize| !headings[*index].trim().is_empty();
    for second in (0..headings.len()).filter(named) {
        let first = headings[..second].iter().position(|h| h.trim() == headings[second].trim());
        if let Some(first) = first {
            let message = format!("two columns have the heading `{}`", headings[second].trim());
            let note = Diagnostic::note(Code::DuplicateHeading, message, location)
                .with_found(format!("columns {} and {}", first + 1, second + 1))
                .with_expected("a heading of its own for each column")
                .with_effect("none, unless the contract asks for one of them")
                .with_hint("ask the source to name its columns apart");
            return Some(note);
        }
    }
    None
}

#[cfg(test)]
mod tests;
