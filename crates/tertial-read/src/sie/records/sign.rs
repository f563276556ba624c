//! What stands for the number of a voucher that has none, as systems before the ledger write it.
//!
//! Its day and a sign of all it holds: company, series, text, and account, objects, amount, day, text
//! and quantity of every row. So the same voucher is known again wherever it stands and in whichever
//! file, and two that differ in anything are two. Who entered it and when is left out. Whether a file
//! holds several that are equal is counted by the caller.

use super::super::lexer::{self, Field, Line};
use super::super::totals::parse_amount;
use super::cells::Record;
use tertial_model::Diagnostic;

/// A voucher's lines are kept up to here; the sign of a longer one is that of its beginning.
const MOST_BYTES: usize = 64 << 20;
/// FNV-1a, 64 bits: short, and the same on every machine.
const OFFSET: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01B3;

/// A voucher whose rows are not all there yet.
pub(super) struct Waiting {
    /// Its lines so far, after that of `#VER`.
    pub lines: Vec<(u64, String, Option<Diagnostic>)>,
    date: String,
    hash: u64,
    bytes: usize,
    fields: Vec<Field>,
}

impl Waiting {
    /// After a `#VER`, in a file of a company.
    pub fn new(company: &[&str], record: &Record<'_>) -> Waiting {
        let mut waiting = Waiting {
            lines: Vec::new(),
            date: record.plain(2),
            hash: OFFSET,
            bytes: 0,
            fields: Vec::new(),
        };
        for word in company {
            waiting.mix(word);
        }
        for field in [0, 2, 3] {
            waiting.mix(&record.plain(field));
        }
        waiting
    }

    /// Keeps a line, or says that it belongs to the voucher no longer.
    pub fn add(&mut self, number: u64, line: &str, fault: &Option<Diagnostic>) -> bool {
        let mut fields = std::mem::take(&mut self.fields);
        let found = lexer::read(line, &mut fields);
        let belongs = match found {
            Line::Blank | Line::Open | Line::Other => true,
            Line::Close => false,
            Line::Record { start, end, .. } => match &line[start..end] {
                "#TRANS" => {
                    self.entry(&Record { number, line, fields: &fields });
                    true
                }
                label => matches!(label, "#RTRANS" | "#BTRANS"),
            },
        };
        self.fields = fields;
        self.bytes += line.len();
        if !belongs || self.bytes > MOST_BYTES {
            return false;
        }
        self.lines.push((number, line.to_owned(), fault.clone()));
        true
    }

    fn entry(&mut self, record: &Record<'_>) {
        let (list, rest) = record.list_at(1);
        self.mix(record.text(0));
        self.mix(list.map_or("", |list| list.text(record.line).trim()));
        let text = |at: usize| rest.get(at).map_or("", |field: &Field| field.text(record.line));
        match parse_amount(text(0)) {
            Some(amount) => self.mix(&amount.to_string()),
            None => self.mix(text(0)),
        }
        for at in 1..4 {
            self.mix(text(at));
        }
    }

    fn mix(&mut self, word: &str) {
        for byte in word.bytes().chain([0]) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }

    /// `utan nr, 20240825, 5f0c1a93`.
    pub fn sign(&self) -> String {
        format!("utan nr, {}, {:08x}", self.date, (self.hash ^ self.hash >> 32) as u32)
    }
}
