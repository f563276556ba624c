//! Fields of a record as cells of a row.

use super::super::lexer::{self, Field, Kind};
use super::super::parts::{DIMENSIONS, ENTRY_CELLS, Rows};
use super::{Voucher, VoucherCells};
use tertial_model::Cell;

/// The voucher's own cells in the transactions' batch, copied once per batch.
pub(super) fn voucher_cells(rows: &mut Rows, voucher: &mut Voucher) -> VoucherCells {
    if let Some(cells) = voucher.cells {
        return cells;
    }
    let start = rows.offset();
    rows.text(&voucher.line);
    let mut head = [Cell::ABSENT; 5];
    for (index, cell) in head.iter_mut().enumerate() {
        *cell = rows.field(start, &voucher.line, voucher.fields.get(index));
    }
    if let Some(number) = &voucher.own_number {
        head[1] = rows.text(number);
    }
    let (ordinal, line) = (rows.number(voucher.ordinal), rows.number(voucher.number));
    let cells = VoucherCells { head, kind: rows.text("TRANS"), ordinal, line };
    voucher.cells = Some(cells);
    cells
}

/// Writes `1:605|20:100` and points the dimensions' cells into it. Gives whether a word was left
/// without its pair.
pub(super) fn object_cells(
    rows: &mut Rows,
    words: &mut Vec<Field>,
    list: &str,
    cells: &mut [Cell; ENTRY_CELLS],
) -> bool {
    lexer::read_list(list, words);
    let start = rows.offset();
    let plain = |field: &Field| match field.kind {
        Kind::Escaped => std::borrow::Cow::from(field.text(list).replace("\\\"", "\"")),
        _ => std::borrow::Cow::from(field.text(list)),
    };
    let pairs = words.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    for (index, pair) in pairs.enumerate() {
        if index > 0 {
            rows.text("|");
        }
        let dimension = plain(&pair[0]);
        rows.text(&dimension);
        rows.text(":");
        let object = rows.text(&plain(&pair[1]));
        let column = DIMENSIONS.iter().position(|known| *known == dimension);
        if let Some(column) = column.filter(|column| !cells[8 + column].is_present()) {
            cells[8 + column] = object;
        }
    }
    if rows.offset() > start {
        cells[18] = Cell::new(start, rows.offset() - start);
    }
    odd
}

/// Dimension and object of a balance; when a list holds several pairs the first counts.
pub(super) fn first_pair(
    rows: &mut Rows,
    words: &mut Vec<Field>,
    start: usize,
    line: &str,
    list: Option<&Field>,
) -> (Cell, Cell) {
    let Some(list) = list else { return (Cell::ABSENT, Cell::ABSENT) };
    lexer::read_list(list.text(line), words);
    let [dimension, object, ..] = words.as_slice() else { return (Cell::ABSENT, Cell::ABSENT) };
    let shift = |word: &Field| Field {
        start: list.start + word.start,
        end: list.start + word.end,
        kind: word.kind,
    };
    let (dimension, object) = (shift(dimension), shift(object));
    (rows.field(start, line, Some(&dimension)), rows.field(start, line, Some(&object)))
}

/// A line with its fields.
pub(super) struct Record<'a> {
    /// Physical line.
    pub number: u64,
    /// The line.
    pub line: &'a str,
    /// Its fields.
    pub fields: &'a [Field],
}

impl<'a> Record<'a> {
    /// The field as it stands, empty when there is none.
    #[inline]
    pub fn text(&self, index: usize) -> &'a str {
        self.fields.get(index).map_or("", |field| field.text(self.line))
    }

    /// The field with its escapes undone.
    pub fn plain(&self, index: usize) -> String {
        self.text(index).replace("\\\"", "\"")
    }

    /// The fields from `index` on, joined: names of several words come without quotes.
    pub fn joined(&self, index: usize) -> String {
        let words: Vec<String> = (index..self.fields.len()).map(|at| self.plain(at)).collect();
        words.join(" ").trim().to_owned()
    }

    /// The object list, when one stands in that place, and the fields after it.
    #[inline]
    pub fn list_at(&self, index: usize) -> (Option<&'a Field>, &'a [Field]) {
        match self.fields.get(index) {
            Some(field) if field.kind == Kind::List => (Some(field), &self.fields[index + 1..]),
            _ => (None, self.fields.get(index..).unwrap_or(&[])),
        }
    }
}
