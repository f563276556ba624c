//! Text rows with a position for every cell: what readers give and the check takes.
//!
//! A batch owns one UTF-8 buffer; cells are spans into it, row-major. Nothing is copied per cell and
//! a position is worked out only for a cell somebody complains about.

use crate::{ColumnType, Decimal, Diagnostic, Excerpt, Location};
use std::sync::Arc;

/// A cell: a span of the batch's buffer, or no cell at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    start: u32,
    length: u32,
}

impl Cell {
    /// No cell stood there (a short row, a JSON null, a cube cell without a number).
    pub const ABSENT: Cell = Cell { start: 0, length: u32::MAX };

    /// The bytes `start..start + length` of the buffer.
    pub fn new(start: usize, length: usize) -> Cell {
        debug_assert!(start <= u32::MAX as usize && length < u32::MAX as usize);
        Cell { start: start as u32, length: length as u32 }
    }

    /// Whether there is a cell.
    pub fn is_present(self) -> bool {
        self.length != u32::MAX
    }
}

/// One part of a file: a sheet, the transactions of a SIE file, the only table of a CSV.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// `transactions`, a sheet's name, or empty for the only part.
    pub name: String,
    /// The headings as they stand in the source, or the reader's own names.
    pub headings: Vec<String>,
    /// The types the format itself guarantees, one per heading; empty = all text.
    pub types: Vec<ColumnType>,
}

/// How the cells of a batch are found in the source.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Delimited text: `line_starts[row]` is where the row's first physical line begins in the buffer.
    Text,
    /// A workbook: `lines` holds sheet rows, from 1.
    Sheet {
        /// Sheet name.
        sheet: String,
        /// Zero-based sheet column of the first cell.
        first_column: u32,
    },
    /// Tagged records: the label and the cells that name the record's owner.
    Record {
        /// `#TRANS`.
        label: &'static str,
        /// What the key columns name together: `verifikation`; empty = nothing.
        owner: &'static str,
        /// Columns whose texts name the owner.
        key: Vec<usize>,
    },
    /// A cube or JSON document: the cells that are coordinates.
    Cube {
        /// Columns that are dimensions.
        key: Vec<usize>,
    },
}

/// A number of rows of one part.
#[derive(Debug, Clone)]
pub struct TextBatch {
    /// Index into the file's parts.
    pub part: usize,
    /// How many cells a row has.
    pub width: usize,
    /// The text all cells point into.
    pub buffer: String,
    /// `rows × width` cells, row-major.
    pub cells: Vec<Cell>,
    /// Physical line (or sheet row, or running number) of each row, from 1.
    pub lines: Vec<u64>,
    /// The whole row as it stood in the source, one span a row; empty = rebuilt from the cells.
    pub raw: Vec<Cell>,
    /// How positions are told.
    pub place: Place,
    /// Rows that could not be read as rows; their cells are absent and the check must reject them.
    pub faults: Vec<(usize, Diagnostic)>,
}

impl TextBatch {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The text of a cell, `None` where there is none.
    #[inline]
    pub fn get(&self, row: usize, column: usize) -> Option<&str> {
        self.text(self.cells[row * self.width + column])
    }

    /// The text a cell points at.
    #[inline]
    pub fn text(&self, cell: Cell) -> Option<&str> {
        if !cell.is_present() {
            return None;
        }
        let start = cell.start as usize;
        self.buffer.get(start..start + cell.length as usize)
    }

    /// The whole row as text: as it stood in the source, or its cells joined by `;`.
    pub fn raw_row(&self, row: usize) -> String {
        if let Some(text) = self.raw.get(row).and_then(|cell| self.text(*cell)) {
            return text.trim_end_matches(['\r', '\n']).to_owned();
        }
        let cells = (0..self.width).map(|column| self.get(row, column).unwrap_or(""));
        cells.collect::<Vec<_>>().join(";")
    }

    /// Where a cell stands. `file` is the path to show, `part` the part the batch belongs to.
    pub fn location(&self, file: &str, part: &Part, row: usize, column: usize) -> Location {
        let heading = part.headings.get(column).cloned().unwrap_or_default();
        let field = Some((column as u32 + 1, heading));
        let file = file.to_owned();
        match &self.place {
            Place::Text => {
                let (line, before, _, _) = self.line_of(row, column);
                Location::Text { file, line, column: before.chars().count() as u32 + 1, field }
            }
            Place::Sheet { sheet, first_column } => {
                let letters = column_letters(first_column + column as u32);
                let cell = format!("{letters}{}", self.lines[row]);
                Location::Sheet { file, sheet: sheet.clone(), cell, field }
            }
            Place::Record { label, owner, key } => {
                let names: Vec<&str> = key.iter().filter_map(|k| self.get(row, *k)).collect();
                let record = if owner.is_empty() || names.is_empty() {
                    (*label).to_owned()
                } else {
                    format!("{label}, {owner} {}", names.join(" "))
                };
                Location::Record { file, line: self.lines[row], record, field }
            }
            Place::Cube { key } => {
                let coordinates = key
                    .iter()
                    .map(|k| {
                        let name = part.headings.get(*k).cloned().unwrap_or_default();
                        (name, self.get(row, *k).unwrap_or("").to_owned())
                    })
                    .collect();
                Location::Cube { file, coordinates }
            }
        }
    }

    /// The line a cell stands on with the cell underlined; only text files have one.
    pub fn excerpt(&self, row: usize, column: usize) -> Option<Excerpt> {
        if self.place != Place::Text {
            return None;
        }
        let (line, before, cell, after) = self.line_of(row, column);
        let text = format!("{before}{cell}{after}");
        Some(Excerpt { line, text, start: before.chars().count(), length: cell.chars().count() })
    }

    /// Physical line number, text before the cell on it, the cell up to the line's end, the rest.
    fn line_of(&self, row: usize, column: usize) -> (u64, &str, &str, &str) {
        let whole = self.raw.get(row).copied().filter(|cell| cell.is_present());
        let Some(whole) = whole else { return (self.lines[row], "", "", "") };
        let row_start = whole.start as usize;
        let row_end = (row_start + whole.length as usize).min(self.buffer.len());
        let cell = self.cells[row * self.width + column];
        let inside = cell.is_present() && (row_start..=row_end).contains(&(cell.start as usize));
        // An unescaped copy lies outside the row; then the row's first line is shown.
        let (start, length) =
            if inside { (cell.start as usize, cell.length as usize) } else { (row_start, 0) };
        let is_break = |c: char| c == '\n' || c == '\r';
        let head = &self.buffer[row_start..start];
        let line_start = head.rfind(is_break).map_or(row_start, |at| row_start + at + 1);
        let breaks = head.matches("\r\n").count();
        let breaks = head.matches(is_break).count() - breaks;
        let tail = &self.buffer[start..row_end];
        let line_end = tail.find(is_break).map_or(row_end, |at| start + at);
        let cell_end = (start + length).min(line_end);
        (
            self.lines[row] + breaks as u64,
            &self.buffer[line_start..start],
            &self.buffer[start..cell_end],
            &self.buffer[cell_end..line_end],
        )
    }
}

/// `0` is `A`, `25` is `Z`, `26` is `AA`.
pub fn column_letters(index: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.reverse();
    String::from_utf8_lossy(&letters).into_owned()
}

/// A comparison that a source makes possible, kept as a row whether it holds or not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reconciliation {
    /// `voucher_balance`, `opening_plus_entries_is_closing`, `sum_row`, `checksum`.
    pub claim: String,
    /// What it concerns: `verifikation A 17`, `konto 1510`.
    pub subject: String,
    /// The value it should have.
    pub expected: Decimal,
    /// The value it has.
    pub found: Decimal,
    /// Physical line it stands on, 0 when it has none.
    pub line: u64,
}

impl Reconciliation {
    /// Whether both values agree.
    pub fn holds(&self) -> bool {
        self.expected == self.found
    }
}

/// What a reader knows when the file is read.
#[derive(Debug, Clone, Default)]
pub struct ReadSummary {
    /// Decisions taken from the bytes, in words: `encoding cp437 (143 letters in CP437 positions)`.
    pub decisions: Vec<String>,
    /// Facts the file states about itself: `sietyp`, `program`, `updated`, `source`.
    pub facts: Vec<(String, String)>,
    /// Faults that concern the file and not a row.
    pub diagnostics: Vec<Diagnostic>,
    /// Comparisons made on the way.
    pub reconciliations: Vec<Reconciliation>,
}

/// Shared by batches and the check.
pub type Parts = Arc<[Part]>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_as_a_workbook_counts() {
        let letters: Vec<String> = [0, 25, 26, 701, 702].into_iter().map(column_letters).collect();
        assert_eq!(letters, ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn a_cell_after_a_quoted_line_break_stands_on_the_second_line() {
        let buffer = "1;\"a\r\nb\";år;x\r\n".to_owned();
        let at = |text: &str| Cell::new(buffer.find(text).unwrap(), text.len());
        let batch = TextBatch {
            part: 0,
            width: 4,
            cells: vec![at("1"), at("a\r\nb"), at("år"), at("x")],
            lines: vec![7],
            raw: vec![Cell::new(0, buffer.len() - 2)],
            place: Place::Text,
            faults: Vec::new(),
            buffer: buffer.clone(),
        };
        let headings = ["n", "text", "period", "flagga"].map(str::to_owned).to_vec();
        let part = Part { name: String::new(), headings, types: Vec::new() };
        let location = batch.location("f.csv", &part, 0, 3);
        assert_eq!(location.to_string(), "f.csv:8:7 (column 4, `flagga`)");
        let excerpt = batch.excerpt(0, 3).unwrap();
        assert_eq!((excerpt.text.as_str(), excerpt.start, excerpt.length), ("b\";år;x", 6, 1));
    }
}
