//! One block of delimited text to a batch: decode, split, mark what is no row.
//!
//! Cells are spans of the decoded block; only a cell with doubled quotes is copied. Delimiters and
//! line ends are found eight bytes at a time.

use super::boundary::{closing_quote, line_breaks};
use super::dialect::{Dialect, LineEnd};
use crate::ReadOptions;
use crate::encoding::{BadByte, Encoding, byte_fault};
use std::sync::Arc;
use tertial_model::{Cell, Code, Diagnostic, Location, Place, TextBatch};

/// What every block of a file shares.
pub struct Layout {
    /// Between fields.
    pub delimiter: u8,
    /// Between records.
    pub line_end: LineEnd,
    /// Encoding of the blocks' bytes.
    pub encoding: Encoding,
    headings: Vec<String>,
    file: String,
}

/// Whole records of a file, not yet looked at.
pub struct Block {
    /// What all blocks share.
    pub layout: Arc<Layout>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Physical line on which they begin.
    pub first_line: u64,
}

impl Layout {
    /// The layout of a file with these headings.
    pub fn new(
        dialect: &Dialect,
        encoding: Encoding,
        headings: Vec<String>,
        options: &ReadOptions,
    ) -> Layout {
        Layout {
            delimiter: dialect.delimiter,
            line_end: dialect.line_end,
            encoding,
            headings,
            file: options.file.clone(),
        }
    }
}

/// Splits one record into texts, quotes taken off.
pub fn split_record(record: &str, delimiter: char) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let mut text = String::new();
        if let Some(inner) = rest.strip_prefix('"') {
            let close = closing_quote(inner.as_bytes(), 0).unwrap_or(inner.len());
            text.push_str(&inner[..close].replace("\"\"", "\""));
            rest = inner.get(close + 1..).unwrap_or("");
        }
        let end = rest.find(delimiter);
        text.push_str(&rest[..end.unwrap_or(rest.len())]);
        fields.push(text);
        match end {
            Some(end) => rest = &rest[end + delimiter.len_utf8()..],
            None => return fields,
        }
    }
}

impl Block {
    /// The rows of the block.
    pub fn parse(self) -> TextBatch {
        let layout = &self.layout;
        let decoded = layout.encoding.decode(self.bytes);
        let mut rows = Rows::new(layout, decoded.text, self.first_line);
        if memchr::memchr(b'"', rows.text.as_bytes()).is_some() {
            rows.split::<true>();
        } else {
            rows.split::<false>();
        }
        rows.mark_bad_bytes(&decoded.bad);
        rows.into_batch()
    }
}

/// Rows under construction.
struct Rows<'a> {
    layout: &'a Layout,
    width: usize,
    text: String,
    /// Texts of cells with doubled quotes; they follow the block's text in the buffer.
    unquoted: String,
    cells: Vec<Cell>,
    lines: Vec<u64>,
    raw: Vec<Cell>,
    spans: Vec<(usize, usize)>,
    faults: Vec<(usize, Diagnostic)>,
    line: u64,
}

impl<'a> Rows<'a> {
    fn new(layout: &'a Layout, text: String, line: u64) -> Rows<'a> {
        let width = layout.headings.len();
        // About how many rows there are, from the length of the first one.
        let first = memchr::memchr(layout.line_end.byte(), text.as_bytes()).unwrap_or(text.len());
        let rows = text.len() / (first + 1).max(8) + 16;
        Rows {
            layout,
            width,
            text,
            unquoted: String::new(),
            cells: Vec::with_capacity(rows * width),
            lines: Vec::with_capacity(rows),
            raw: Vec::with_capacity(rows),
            spans: Vec::new(),
            faults: Vec::new(),
            line,
        }
    }

    fn split<const QUOTES: bool>(&mut self) {
        let text = std::mem::take(&mut self.text);
        let bytes = text.as_bytes();
        let line_end = self.layout.line_end.byte();
        let mut scan = Scan::new(bytes, self.layout.delimiter, line_end);
        let mut row = Row::begin(0, 0);
        let mut field = 0;
        while row.start < bytes.len() {
            if QUOTES && bytes.get(field) == Some(&b'"') {
                field = self.quoted(&text, field, &mut scan, &mut row);
            }
            let end = scan.next().unwrap_or(bytes.len());
            row.last_quoted = row.quoted.is_some();
            let cell = match row.quoted.take() {
                Some(cell) => {
                    row.tail |= !bytes[field..end].iter().all(|b| *b == b'\r');
                    cell
                }
                None => Cell::new(field, end - field),
            };
            self.cells.push(cell);
            if bytes.get(end) == Some(&self.layout.delimiter) {
                field = end + 1;
                continue;
            }
            self.end_row(&text, &mut row, field, end);
            let mut next = end + 1;
            if line_end == b'\r' && bytes.get(next) == Some(&b'\n') {
                next += 1;
            }
            row = Row::begin(next, self.cells.len());
            field = next;
        }
        self.text = text;
    }

    /// A quoted cell that begins at `at`; gives where the text after its closing mark begins.
    fn quoted(&mut self, text: &str, at: usize, scan: &mut Scan<'_>, row: &mut Row) -> usize {
        let bytes = text.as_bytes();
        let start = at + 1;
        let close = closing_quote(bytes, start);
        row.open |= close.is_none();
        let close = close.unwrap_or(bytes.len());
        let inside = &text[start..close];
        row.breaks += line_breaks(inside.as_bytes(), self.layout.line_end.byte());
        let cell = if inside.contains('"') {
            let offset = bytes.len() + self.unquoted.len();
            let before = self.unquoted.len();
            self.unquoted.push_str(&inside.replace("\"\"", "\""));
            Cell::new(offset, self.unquoted.len() - before)
        } else {
            Cell::new(start, close - start)
        };
        row.quoted = Some(cell);
        let after = (close + 1).min(bytes.len());
        scan.seek(after);
        after
    }

    fn end_row(&mut self, text: &str, row: &mut Row, field: usize, end: usize) {
        let bytes = text.as_bytes();
        let line = self.line;
        self.line += 1 + row.breaks;
        let mut length = end;
        if length > field && bytes[length - 1] == b'\r' && self.layout.line_end == LineEnd::Lf {
            length -= 1;
            if let Some(last) = self.cells.last_mut().filter(|_| !row.last_quoted) {
                *last = Cell::new(field, length - field);
            }
        }
        if length == row.start {
            self.cells.truncate(row.cells);
            return;
        }
        let fields = self.cells.len() - row.cells;
        let index = self.lines.len();
        let fault = if row.open || row.tail {
            Some(self.bad_quotes(line, row.open))
        } else if fields != self.width {
            Some(self.wrong_width(line, fields))
        } else {
            None
        };
        if let Some(fault) = fault {
            self.faults.push((index, fault));
            self.cells.truncate(row.cells);
            self.cells.resize(row.cells + self.width, Cell::ABSENT);
        }
        self.lines.push(line);
        self.raw.push(Cell::new(row.start, length - row.start));
        self.spans.push((row.start, length));
    }

    fn wrong_width(&self, line: u64, fields: usize) -> Diagnostic {
        let (width, mark) = (self.width, char::from(self.layout.delimiter));
        let message = format!("the row has {fields} fields, the headings are {width}");
        let hint = if fields > width {
            format!(
                "a cell that holds `{mark}` or a line break must stand in quotation marks; correct the export"
            )
        } else {
            "the row may be cut off or broken by a line end; correct the export".to_owned()
        };
        Diagnostic::error(
            Code::WrongFieldCount,
            message,
            Location::text(&self.layout.file, line, 1),
        )
        .with_found(format!("{fields} fields"))
        .with_expected(format!("{width} fields: {}", heading_list(&self.layout.headings)))
        .with_effect("row set aside")
        .with_hint(hint)
    }

    fn bad_quotes(&self, line: u64, open: bool) -> Diagnostic {
        let message = if open {
            "a quoted cell is never closed"
        } else {
            "text stands between a closing quotation mark and the delimiter"
        };
        Diagnostic::error(
            Code::UnreadableRecord,
            message,
            Location::text(&self.layout.file, line, 1),
        )
        .with_effect("row set aside")
        .with_hint("a quotation mark inside a quoted cell must be doubled; correct the export")
    }

    /// Rows with bytes that are no text in the agreed encoding, or with a zero byte.
    fn mark_bad_bytes(&mut self, bad: &[BadByte]) {
        let zeros = memchr::memchr_iter(0, self.text.as_bytes());
        let zeros = zeros.map(|at| BadByte { at, byte: 0 });
        let mut all: Vec<BadByte> = bad.iter().copied().chain(zeros).collect();
        if all.is_empty() {
            return;
        }
        all.sort_by_key(|bad| bad.at);
        let mut done: Vec<usize> = self.faults.iter().map(|(row, _)| *row).collect();
        for bad in all {
            let row = self.spans.partition_point(|(start, _)| *start <= bad.at);
            let Some(row) = row.checked_sub(1) else { continue };
            if done.binary_search(&row).is_ok() || bad.at >= self.spans[row].1 {
                continue;
            }
            let fault = self.bad_byte(row, bad);
            let place = done.partition_point(|known| *known < row);
            done.insert(place, row);
            self.faults.insert(place, (row, fault));
            self.cells[row * self.width..(row + 1) * self.width].fill(Cell::ABSENT);
        }
    }

    fn bad_byte(&self, row: usize, bad: BadByte) -> Diagnostic {
        let before = &self.text[self.spans[row].0..bad.at];
        let byte = char::from(self.layout.line_end.byte());
        let line = self.lines[row] + before.matches(byte).count() as u64;
        let start = before.rfind(byte).map_or(0, |at| at + 1);
        let column = before[start..].chars().count() as u32 + 1;
        let fault = if bad.byte == 0 {
            let location = Location::text(&self.layout.file, line, column);
            Diagnostic::error(Code::UnreadableRecord, "the row holds a zero byte", location)
                .with_hint("ask the source to export again; text files hold no zero bytes")
        } else {
            byte_fault(self.layout.encoding, bad, &self.layout.file, line, column)
        };
        fault.with_effect("row set aside")
    }

    fn into_batch(mut self) -> TextBatch {
        self.text.push_str(&self.unquoted);
        TextBatch {
            part: 0,
            width: self.width,
            buffer: self.text,
            cells: self.cells,
            lines: self.lines,
            raw: self.raw,
            place: Place::Text,
            faults: self.faults,
        }
    }
}

/// The first headings and how many more there are.
fn heading_list(headings: &[String]) -> String {
    let shown: Vec<&str> = headings.iter().take(8).map(String::as_str).collect();
    let more = headings.len().saturating_sub(8);
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What is known of the row being read.
struct Row {
    start: usize,
    cells: usize,
    /// The quoted cell that was just read.
    quoted: Option<Cell>,
    /// Whether the cell before the line end was quoted.
    last_quoted: bool,
    /// Line ends inside quoted cells.
    breaks: u64,
    open: bool,
    tail: bool,
}

impl Row {
    fn begin(start: usize, cells: usize) -> Row {
        Row { start, cells, quoted: None, last_quoted: false, breaks: 0, open: false, tail: false }
    }
}

/// Finds the delimiters and line ends, eight bytes at a time.
struct Scan<'a> {
    bytes: &'a [u8],
    delimiter: u64,
    line_end: u64,
    /// Start of the word whose matches are in `mask`.
    base: usize,
    /// The high bit of each byte that matches and was not given out yet.
    mask: u64,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;

impl<'a> Scan<'a> {
    fn new(bytes: &'a [u8], delimiter: u8, line_end: u8) -> Scan<'a> {
        let spread = |byte: u8| ONES * u64::from(byte);
        let (delimiter, line_end) = (spread(delimiter), spread(line_end));
        let mut scan = Scan { bytes, delimiter, line_end, base: 0, mask: 0 };
        scan.mask = scan.matches(0);
        scan
    }

    /// The next match.
    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.base += 8;
            if self.base >= self.bytes.len() {
                return None;
            }
            self.mask = self.matches(self.base);
        }
        let at = self.base + self.mask.trailing_zeros() as usize / 8;
        self.mask &= self.mask - 1;
        Some(at)
    }

    /// Goes on from `at`.
    fn seek(&mut self, at: usize) {
        self.base = at & !7;
        self.mask = self.matches(self.base) & (u64::MAX << ((at & 7) * 8));
    }

    #[inline]
    fn matches(&self, base: usize) -> u64 {
        let word = match self.bytes.get(base..base + 8) {
            Some(word) => u64::from_le_bytes(word.try_into().unwrap_or([0; 8])),
            None => return self.last_matches(base),
        };
        zero_bytes(word ^ self.delimiter) | zero_bytes(word ^ self.line_end)
    }

    /// The bytes after the last whole word, filled up with what cannot match.
    fn last_matches(&self, base: usize) -> u64 {
        let Some(rest) = self.bytes.get(base..) else { return 0 };
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        let word = u64::from_le_bytes(word);
        let found = zero_bytes(word ^ self.delimiter) | zero_bytes(word ^ self.line_end);
        if rest.len() < 8 { found & ((1 << (rest.len() * 8)) - 1) } else { found }
    }
}

/// The high bit of every byte that is zero, exactly.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    !(((word & LOW) + LOW) | word | LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delimiter_is_found_at_any_offset() {
        let text = "a;bb\n;;ccccccc;dddddddd;e\nffffffffffffffffff;g";
        let expected: Vec<usize> = text
            .bytes()
            .enumerate()
            .filter(|(_, b)| matches!(b, b';' | b'\n'))
            .map(|(at, _)| at)
            .collect();
        for from in 0..text.len() {
            let mut scan = Scan::new(text.as_bytes(), b';', b'\n');
            scan.seek(from);
            let found: Vec<usize> = std::iter::from_fn(|| scan.next()).collect();
            let rest: Vec<usize> = expected.iter().copied().filter(|at| *at >= from).collect();
            assert_eq!(found, rest, "from {from}");
        }
    }

    #[test]
    fn a_record_splits_with_quotes_taken_off() {
        let check = |record, expected: &[&str]| assert_eq!(split_record(record, ';'), expected);
        check("a;\"b;c\";\"d \"\"e\"\"\";", &["a", "b;c", "d \"e\"", ""]);
        check("", &[""]);
        check("\"open;x", &["open;x"]);
    }
}
