//! The tables a SIE file gives, and the rows under construction.

use super::lexer::{Field, Kind};
use crate::Limits;
use crate::batch::part;
use tertial_model::{Cell, ColumnType, Diagnostic, Part, Place, TextBatch};

/// The parts, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartIndex {
    /// `#KONTO` with `#KTYP`, `#ENHET` and `#SRU`.
    Accounts,
    /// `#DIM`, `#UNDERDIM`.
    Dimensions,
    /// `#OBJEKT`.
    Objects,
    /// `#IB`, `#UB`, `#RES`, `#OIB`, `#OUB`.
    Balances,
    /// `#PSALDO`, `#PBUDGET`.
    PeriodBalances,
    /// `#VER`.
    Vouchers,
    /// `#TRANS`.
    Transactions,
}

/// How many parts there are.
pub const PARTS: usize = 7;

/// The dimensions with a column of their own, in order.
pub const DIMENSIONS: [&str; 10] = ["1", "2", "6", "7", "8", "9", "10", "20", "21", "22"];

/// Money: two decimals by the format.
const AMOUNT: ColumnType = ColumnType::Decimal { precision: 18, scale: 2 };
/// Quantities carry more decimals in real files.
const QUANTITY: ColumnType = ColumnType::Decimal { precision: 18, scale: 6 };

/// How many cells a row of transactions has.
pub const ENTRY_CELLS: usize = 26;

/// The parts with their headings and the types the format guarantees. `voucher` is the voucher's place
/// among those of the file, from 1, and `voucher_line` the line of its `#VER`.
pub fn parts() -> Vec<Part> {
    use ColumnType::{Date, Integer, Month, Text};
    let entry_start = [
        ("series", Text),
        ("number", Text),
        ("date", Date),
        ("text", Text),
        ("registration_date", Date),
    ];
    let dimensions: Vec<(String, ColumnType)> =
        DIMENSIONS.iter().map(|dimension| (format!("dim_{dimension}"), Text)).collect();
    let mut vouchers = entry_start.to_vec();
    vouchers.extend([("signature", Text), ("row_count", Integer), ("sum", AMOUNT)]);
    vouchers.extend([("voucher", Integer), ("voucher_line", Integer)]);
    let mut entries = entry_start.to_vec();
    entries.extend([("row", Integer), ("kind", Text), ("account", Text)]);
    entries.extend(dimensions.iter().map(|(name, column_type)| (name.as_str(), *column_type)));
    entries.extend([("objects", Text), ("amount", AMOUNT), ("transaction_date", Date)]);
    entries.extend([("row_text", Text), ("quantity", QUANTITY), ("signature", Text)]);
    entries.extend([("voucher", Integer), ("voucher_line", Integer)]);
    let balance_end =
        [("dimension", Text), ("object", Text), ("amount", AMOUNT), ("quantity", QUANTITY)];
    let mut balances = vec![
        ("kind", Text),
        ("year_index", Integer),
        ("year_start", Date),
        ("year_end", Date),
        ("account", Text),
    ];
    balances.extend(balance_end);
    let mut months =
        vec![("kind", Text), ("year_index", Integer), ("period", Month), ("account", Text)];
    months.extend(balance_end);
    vec![
        part(
            "accounts",
            &[
                ("account", Text),
                ("name", Text),
                ("type", Text),
                ("unit", Text),
                ("tax_code", Text),
            ],
        ),
        part("dimensions", &[("dimension", Text), ("name", Text), ("parent", Text)]),
        part("objects", &[("dimension", Text), ("object", Text), ("name", Text)]),
        part("balances", &balances),
        part("period_balances", &months),
        part("vouchers", &vouchers),
        part("transactions", &entries),
    ]
}

/// How the rows of a part are named in messages.
fn place(part: PartIndex) -> Place {
    let (label, owner, key) = match part {
        PartIndex::Accounts => ("#KONTO", "konto", vec![0]),
        PartIndex::Dimensions => ("#DIM", "dimension", vec![0]),
        PartIndex::Objects => ("#OBJEKT", "objekt", vec![0, 1]),
        PartIndex::Balances => ("saldo", "post", vec![0, 1, 4]),
        PartIndex::PeriodBalances => ("periodsaldo", "post", vec![0, 2, 3]),
        PartIndex::Vouchers => ("#VER", "verifikation", vec![0, 1]),
        PartIndex::Transactions => ("#TRANS", "verifikation", vec![0, 1]),
    };
    Place::Record { label, owner, key }
}

/// The rows of one part since the last batch.
pub struct Rows {
    part: PartIndex,
    width: usize,
    batch: TextBatch,
    batch_rows: usize,
    block_bytes: usize,
}

impl Rows {
    /// No rows yet.
    pub fn new(part: PartIndex, width: usize, limits: &Limits) -> Rows {
        Rows {
            part,
            width,
            batch: fresh(part, width),
            batch_rows: limits.batch_rows.max(1),
            block_bytes: limits.block_bytes.max(1),
        }
    }

    /// Copies a text; its span can serve several cells until the batch is taken.
    #[inline]
    pub fn text(&mut self, text: &str) -> Cell {
        let start = self.batch.buffer.len();
        self.batch.buffer.push_str(text);
        Cell::new(start, text.len())
    }

    /// A whole number.
    pub fn number(&mut self, number: u64) -> Cell {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let start = self.batch.buffer.len();
        self.batch.buffer.extend(digits[at..].iter().map(|digit| char::from(*digit)));
        Cell::new(start, digits.len() - at)
    }

    /// The cell of a field of a line that was copied to `start` with [`Rows::text`].
    #[inline]
    pub fn field(&mut self, start: usize, line: &str, field: Option<&Field>) -> Cell {
        match field {
            None => Cell::ABSENT,
            Some(field) if field.kind == Kind::Escaped => {
                let text = field.text(line).replace("\\\"", "\"");
                self.text(&text)
            }
            Some(field) => Cell::new(start + field.start, field.end - field.start),
        }
    }

    /// Where the next text will begin.
    #[inline]
    pub fn offset(&self) -> usize {
        self.batch.buffer.len()
    }

    /// Ends a row.
    #[inline]
    pub fn push(&mut self, line: u64, raw: Cell, cells: &[Cell]) {
        debug_assert_eq!(cells.len(), self.width);
        self.batch.cells.extend_from_slice(cells);
        self.batch.lines.push(line);
        self.batch.raw.push(raw);
    }

    /// The row that was pushed last cannot be read.
    pub fn fault(&mut self, fault: Diagnostic) {
        let Some(row) = self.batch.lines.len().checked_sub(1) else { return };
        let cells = self.batch.cells.len();
        self.batch.cells[cells - self.width..].fill(Cell::ABSENT);
        self.batch.faults.push((row, fault));
    }

    /// Whether the batch is large enough to be given out.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.batch.lines.len() >= self.batch_rows || self.batch.buffer.len() >= self.block_bytes
    }

    /// The rows so far, if any; spans made before are of no use after.
    pub fn take(&mut self) -> Option<TextBatch> {
        if self.batch.lines.is_empty() {
            return None;
        }
        let mut next = fresh(self.part, self.width);
        next.buffer.reserve(self.batch.buffer.len().min(self.block_bytes + (64 << 10)));
        next.cells.reserve(self.batch.cells.len());
        next.lines.reserve(self.batch.lines.len());
        next.raw.reserve(self.batch.lines.len());
        Some(std::mem::replace(&mut self.batch, next))
    }
}

fn fresh(part: PartIndex, width: usize) -> TextBatch {
    TextBatch {
        part: part as usize,
        width,
        buffer: String::new(),
        cells: Vec::new(),
        lines: Vec::new(),
        raw: Vec::new(),
        place: place(part),
        faults: Vec::new(),
    }
}
