//! Fixed-width text: every line is a row, and its columns stand at agreed characters.
//!
//! Places are counted in characters, whatever the encoding. A line that ends before its last column
//! begins, or inside a column of stated width, or that goes on beyond the last one, is no row and is
//! never repaired: a missing character would move every figure after it.

use crate::csv::{Feed, refuse_binary, skip_lines};
use crate::encoding::{BadByte, Encoding, byte_fault};
use crate::input::Input;
use crate::prepared::{no_rows, summary_of};
use crate::{Chunk, ReadOptions, Reader};
use std::sync::Arc;
use tertial_model::{Cell, Code, Diagnostic, Location, Part, Parts, Place, ReadSummary, TextBatch};

/// How much is looked at for how lines end.
const SHOWN_BYTES: usize = 64 << 10;

/// The reader of fixed-width text.
struct Fixed {
    feed: Feed,
    encoding: Encoding,
    line_end: u8,
    /// Bytes read and not yet given out; begins at a line.
    pending: Vec<u8>,
    line: u64,
    columns: Vec<Column>,
    parts: Parts,
    given: bool,
    summary: ReadSummary,
    options: ReadOptions,
}

/// The characters of a column, from 0; no end = to the end of the line.
#[derive(Clone, Copy)]
struct Column {
    start: usize,
    end: Option<usize>,
}

/// Opens a fixed-width file. The lines up to and with `header_row` are no rows.
pub fn open(mut input: Input, options: &ReadOptions) -> Result<Box<dyn Reader>, Box<Diagnostic>> {
    let columns = columns(options)?;
    let decision = input.decide(options, Encoding::Windows1252)?;
    refuse_binary(&input, decision.encoding, options)?;
    let mut feed = Feed::new(input.into_source(options)?, decision.encoding, options);
    let mut pending = Vec::new();
    feed.more(&mut pending)?;
    if !decision.encoding.is_wide() {
        pending.drain(..decision.mark.min(pending.len()));
    }
    let header_row = options.tables.iter().find_map(|table| table.header_row);
    let first = header_row.or(options.header_row).unwrap_or(0) + 1;
    let (skipped, line) = skip_lines(&pending, Some(first));
    pending.drain(..skipped);
    let headings = options.columns.iter().map(|column| column.heading.clone()).collect();
    let parts: Parts = Arc::new([Part { name: String::new(), headings, types: Vec::new() }]);
    crate::batch::wanted(&parts, options)?;
    let mut summary = summary_of(&decision);
    summary.decisions.push(format!("rows from line {first}"));
    let encoding = if decision.encoding.is_wide() { Encoding::Utf8 } else { decision.encoding };
    while !feed.ended && pending.len() < SHOWN_BYTES {
        feed.more(&mut pending)?;
    }
    // A file whose lines end with CR alone holds no LF at all.
    let line_end = if memchr::memchr(b'\n', &pending).is_some() { b'\n' } else { b'\r' };
    let options = options.clone();
    let given = false;
    Ok(Box::new(Fixed {
        feed,
        encoding,
        line_end,
        pending,
        line,
        columns,
        parts,
        given,
        summary,
        options,
    }))
}

fn columns(options: &ReadOptions) -> Result<Vec<Column>, Box<Diagnostic>> {
    let column = |column: &tertial_model::pipeline::FixedColumn| {
        let start = (column.start as usize).checked_sub(1)?;
        Some(Column { start, end: column.width.map(|width| start + width as usize) })
    };
    let columns: Option<Vec<Column>> = options.columns.iter().map(column).collect();
    match columns.filter(|columns| !columns.is_empty()) {
        Some(columns) if columns.len() <= options.limits.columns => Ok(columns),
        found => {
            let location = Location::file(&options.file);
            let message = "the columns of the file are not agreed";
            let fault = Diagnostic::error(Code::BadSetting, message, location)
                .with_found(format!("{} usable columns", found.map_or(0, |all| all.len())))
                .with_expected("`[[file.column]]` with `heading`, `start` (from 1) and `width`");
            Err(Box::new(fault))
        }
    }
}

impl Reader for Fixed {
    fn parts(&self) -> Parts {
        self.parts.clone()
    }

    fn next(&mut self) -> Result<Option<Chunk>, Box<Diagnostic>> {
        loop {
            while self.pending.len() < self.options.limits.block_bytes && !self.feed.ended {
                self.feed.more(&mut self.pending)?;
            }
            if self.pending.is_empty() {
                return Ok(None);
            }
            let end = match memchr::memrchr(self.line_end, &self.pending) {
                _ if self.feed.ended => self.pending.len(),
                Some(at) => at + 1,
                None if self.pending.len() > self.options.limits.record_bytes => {
                    return Err(Box::new(self.too_long()));
                }
                None => {
                    self.feed.more(&mut self.pending)?;
                    continue;
                }
            };
            let rest = self.pending.split_off(end);
            let whole = std::mem::replace(&mut self.pending, rest);
            let batch = self.rows(whole);
            if batch.rows() > 0 {
                self.given = true;
                return Ok(Some(Chunk::ready(batch)));
            }
        }
    }

    fn finish(mut self: Box<Self>) -> ReadSummary {
        if !self.given {
            self.summary.diagnostics.push(no_rows(&self.options));
        }
        self.summary
    }
}

impl Fixed {
    fn too_long(&self) -> Diagnostic {
        let location = Location::text(&self.options.file, self.line, 1);
        let limit = self.options.limits.record_bytes;
        Diagnostic::error(Code::LimitExceeded, "a line is too long", location)
            .with_found(format!("more than {limit} bytes without an end"))
            .with_effect("delivery refused")
    }

    /// The rows of whole lines.
    fn rows(&mut self, bytes: Vec<u8>) -> TextBatch {
        let decoded = self.encoding.decode(bytes);
        let text = decoded.text;
        let zeros = memchr::memchr_iter(0, text.as_bytes()).map(|at| BadByte { at, byte: 0 });
        let mut bad: Vec<BadByte> = decoded.bad.iter().copied().chain(zeros).collect();
        bad.sort_by_key(|bad| bad.at);
        let width = self.columns.len();
        let (mut cells, mut lines, mut raw) = (Vec::new(), Vec::new(), Vec::new());
        let mut faults = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let rest = &text.as_bytes()[start..];
            let length = memchr::memchr(self.line_end, rest).unwrap_or(rest.len());
            let line = text[start..start + length].trim_end_matches('\r');
            if !line.is_empty() {
                let found = bad.partition_point(|bad| bad.at < start);
                let bad = bad.get(found).filter(|bad| bad.at < start + line.len());
                let divided = match bad {
                    Some(bad) => Err(Box::new(self.bad_byte(&line[..bad.at - start], *bad))),
                    None => self.divide(line, start, &mut cells),
                };
                if let Err(fault) = divided {
                    faults.push((lines.len(), (*fault).with_effect("row set aside")));
                    cells.resize((lines.len() + 1) * width, Cell::ABSENT);
                }
                lines.push(self.line);
                raw.push(Cell::new(start, line.len()));
            }
            self.line += 1;
            start += length + 1;
        }
        TextBatch { part: 0, width, buffer: text, cells, lines, raw, place: Place::Text, faults }
    }

    fn bad_byte(&self, before: &str, bad: BadByte) -> Diagnostic {
        let column = before.chars().count() as u32 + 1;
        if bad.byte != 0 {
            return byte_fault(self.encoding, bad, &self.options.file, self.line, column);
        }
        let location = Location::text(&self.options.file, self.line, column);
        Diagnostic::error(Code::UnreadableRecord, "the row holds a zero byte", location)
            .with_hint("ask the source to export again; text files hold no zero bytes")
    }

    /// Adds the cells of a line that begins at `offset` of the buffer.
    fn divide(
        &self,
        line: &str,
        offset: usize,
        cells: &mut Vec<Cell>,
    ) -> Result<(), Box<Diagnostic>> {
        let from = cells.len();
        let mut places = Places::new(line);
        for column in &self.columns {
            let Some(start) = places.byte_of(column.start) else {
                cells.truncate(from);
                return Err(Box::new(self.wrong_length(line)));
            };
            let end = match column.end {
                None => Some(line.len()),
                Some(end) => places.byte_of(end),
            };
            let Some(end) = end else {
                cells.truncate(from);
                return Err(Box::new(self.wrong_length(line)));
            };
            cells.push(Cell::new(offset + start, end - start));
        }
        let beyond = self.columns.last().and_then(|last| places.byte_of(last.end?));
        if beyond.is_some_and(|at| !line[at..].trim().is_empty()) {
            cells.truncate(from);
            return Err(Box::new(self.wrong_length(line)));
        }
        Ok(())
    }

    fn wrong_length(&self, line: &str) -> Diagnostic {
        let length = line.chars().count();
        let message = format!("the line has {length} characters, which does not fit its columns");
        let last = self.columns[self.columns.len() - 1];
        let expected = match last.end {
            Some(end) => format!("{end} characters, then nothing but blanks"),
            None => format!("at least {} characters", last.start),
        };
        Diagnostic::error(Code::WrongFieldCount, message, Location::text(&self.options.file, self.line, 1))
            .with_found(format!("{length} characters"))
            .with_expected(expected)
            .with_hint("the row may be cut off, or trailing blanks were removed; ask for the file as it left the system")
    }
}

/// Byte places of characters, asked for in order.
struct Places<'a> {
    line: &'a str,
    character: usize,
    byte: usize,
}

impl<'a> Places<'a> {
    fn new(line: &'a str) -> Places<'a> {
        Places { line, character: 0, byte: 0 }
    }

    /// Where a character begins; the end of the line is a place too, what lies beyond is none.
    fn byte_of(&mut self, character: usize) -> Option<usize> {
        if character < self.character {
            (self.character, self.byte) = (0, 0);
        }
        let mut rest = self.line[self.byte..].chars();
        while self.character < character {
            self.byte += rest.next()?.len_utf8();
            self.character += 1;
        }
        Some(self.byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, open_bytes};
    use proptest::prelude::*;
    use tertial_model::pipeline::{FixedColumn, Format};

    fn options() -> ReadOptions {
        let column =
            |heading: &str, start, width| FixedColumn { heading: heading.to_owned(), start, width };
        let columns = vec![
            column("Enhet", 1, Some(3)),
            column("Belopp", 5, Some(8)),
            column("Text", 14, None),
        ];
        ReadOptions { columns, ..ReadOptions::new(Format::Fixed, "inbox/fil.txt") }
    }

    /// Rows, their lines, and faults.
    type Found = (Vec<String>, Vec<u64>, Vec<String>);

    fn read_with(bytes: &[u8], options: &ReadOptions) -> Result<Found, Box<Diagnostic>> {
        let mut reader = open_bytes(bytes.to_vec(), options)?;
        let (mut rows, mut lines, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(chunk) = reader.next()? {
            let batch = chunk.parse();
            for row in 0..batch.rows() {
                let cells = (0..batch.width).map(|column| batch.get(row, column).unwrap_or("–"));
                rows.push(cells.collect::<Vec<_>>().join("|"));
            }
            lines.extend(&batch.lines);
            faults.extend(batch.faults.iter().map(|(_, fault)| fault.to_string()));
        }
        Ok((rows, lines, faults))
    }

    const FILE: &str = "605  1234,50 Östersund\n607    -12,5 Åre; \"byn\"\n\n811 99999,00 \n";

    #[test]
    fn columns_stand_at_characters_in_every_encoding_and_block_size() {
        let expected = ["605| 1234,50|Östersund", "607|   -12,5|Åre; \"byn\"", "811|99999,00|"];
        let wide: Vec<u8> = FILE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let dresses = [
            FILE.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", FILE.as_bytes()].concat(),
            encoding_rs::WINDOWS_1252.encode(FILE).0.into_owned(),
            oem_cp::encode_string_lossy(FILE, &oem_cp::code_table::ENCODING_TABLE_CP437),
            [b"\xFF\xFE".to_vec(), wide].concat(),
            FILE.replace('\n', "\r\n").into_bytes(),
            FILE.replace('\n', "\r").into_bytes(),
        ];
        for bytes in dresses {
            for block_bytes in [16, 40, 1 << 20] {
                let limits = Limits { block_bytes, ..Limits::default() };
                let (rows, lines, faults) =
                    read_with(&bytes, &ReadOptions { limits, ..options() }).unwrap();
                assert_eq!(
                    (rows, lines, faults),
                    (expected.map(str::to_owned).to_vec(), vec![1, 2, 4], vec![])
                );
            }
        }
    }

    #[test]
    fn a_line_that_does_not_fit_its_columns_is_set_aside() {
        let header_row = Some(2);
        let options = ReadOptions { header_row, ..options() };
        let text = "Rapport\nEnh  Belopp\n605  1234,50 x\n605 1\n607    -12,5 y\n";
        let (rows, lines, faults) = read_with(text.as_bytes(), &options).unwrap();
        assert_eq!(rows, ["605| 1234,50|x", "–|–|–", "607|   -12,5|y"]);
        assert_eq!(lines, [3, 4, 5]);
        insta::assert_snapshot!(faults[0], @r"
        error[T0301]: the line has 5 characters, which does not fit its columns
           --> inbox/fil.txt:4:1
            = found:    5 characters
            = expected: at least 13 characters
            = effect:   row set aside

        hint: the row may be cut off, or trailing blanks were removed; ask for the file as it left the system
        ");
        let mut narrow = options;
        narrow.columns.truncate(2);
        let (_, _, faults) = read_with(text.as_bytes(), &narrow).unwrap();
        assert!(faults[0].contains("12 characters, then nothing but blanks"), "{}", faults[0]);
        assert_eq!(faults.len(), 3, "text beyond the last column is told too");
    }

    #[test]
    fn bytes_that_are_no_text_and_missing_columns_are_told() {
        let agreed = ReadOptions { encoding: Some("utf-8".into()), ..options() };
        let (rows, _, faults) =
            read_with(b"605  1234,50 \xD6\n607  1234,50 x\n811  1234,50 \0\n", &agreed).unwrap();
        assert_eq!(rows[1], "607| 1234,50|x");
        assert!(faults[0].contains("T0104") && faults[0].contains(":1:14"), "{}", faults[0]);
        assert!(faults[1].contains("T0113"), "{}", faults[1]);
        let fault =
            open_bytes(b"605".to_vec(), &ReadOptions::new(Format::Fixed, "f")).err().unwrap();
        assert_eq!(fault.code, Code::BadSetting);
        let limits = Limits { record_bytes: 64, block_bytes: 16, ..Limits::default() };
        let small = ReadOptions { limits, ..options() };
        assert_eq!(read_with(&[b'x'; 200_000], &small).unwrap_err().code, Code::LimitExceeded);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), block_bytes in 1usize..64) {
            let limits = Limits { block_bytes, ..Limits::default() };
            let _ = read_with(&bytes, &ReadOptions { limits, ..options() });
        }
    }
}
