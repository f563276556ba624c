//! What each record of a SIE file says: to which row it goes and what it is summed into.
//!
//! Only `#TRANS` is counted. `#RTRANS` is followed by a plain `#TRANS` for older readers and
//! `#BTRANS` is a removed row, so that a sum of `#TRANS` alone is right. [`summary`] tells what is
//! known at the end.

mod cells;
mod sign;
mod summary;

use super::checksum::Checksum;
use super::lexer::{self, Field, Kind, Line};
use super::parts::{ENTRY_CELLS, PARTS, PartIndex, Rows};
use super::totals::{Balance, Micro, Totals, decimal, parse_amount};
use crate::ReadOptions;
use cells::{Record, first_pair, object_cells, voucher_cells};
use sign::Waiting;
use std::collections::{HashMap, VecDeque};
use tertial_model::{
    Cell, Code, Decimal, Diagnostic, Location, Parts, Reconciliation, Severity, TextBatch,
};

/// No chart of accounts is as large.
const MOST_ACCOUNTS: usize = 1_000_000;

/// Everything known of a file between two lines.
pub struct Records {
    file: String,
    ending_is_import: bool,
    limit: usize,
    wanted: Vec<bool>,
    rows: Vec<Rows>,
    fields: Vec<Field>,
    words: Vec<Field>,
    voucher: Option<Voucher>,
    waiting: Option<Waiting>,
    signs: HashMap<String, u64>,
    accounts: Vec<Account>,
    account_types: HashMap<String, String>,
    account_units: HashMap<String, String>,
    tax_codes: HashMap<String, String>,
    years: HashMap<String, (String, String)>,
    totals: Totals,
    checksum: Sum,
    facts: HashMap<&'static str, String>,
    counts: Counts,
    diagnostics: Vec<Diagnostic>,
    unbalanced: Vec<Reconciliation>,
    finished: bool,
}

/// A `#KONTO` record; its type and unit stand in other records.
struct Account {
    number: u64,
    line: String,
    account: String,
    name: Option<String>,
    fault: Option<Diagnostic>,
}

/// The checksum's state.
enum Sum {
    /// No `#KSUMMA` seen.
    None,
    /// Opened on this line.
    Running(u64, Checksum),
    /// Closed: written and computed.
    Closed { line: u64, written: String, computed: u32 },
}

/// What the file says about itself: the record and the fact's name. Addresses and persons to ask are
/// left where they are.
const FACTS: [(&str, &str); 14] = [
    ("#SIETYP", "sietyp"),
    ("#FLAGGA", "flag"),
    ("#PROGRAM", "program"),
    ("#FORMAT", "format"),
    ("#GEN", "generated"),
    ("#FNR", "company_id"),
    ("#ORGNR", "organisation_number"),
    ("#FNAMN", "company"),
    ("#FTYP", "company_type"),
    ("#BKOD", "industry"),
    ("#KPTYP", "chart"),
    ("#VALUTA", "currency"),
    ("#TAXAR", "tax_year"),
    ("#OMFATTN", "balances_until"),
];

/// Records whose text may come unquoted in several words.
const JOINED: [&str; 2] = ["#PROGRAM", "#FNAMN"];

/// How much there is of everything.
#[derive(Default)]
struct Counts {
    accounts: u64,
    dimensions: u64,
    objects: u64,
    opening: (u64, Micro),
    closing: (u64, Micro),
    result: (u64, Micro),
    months: u64,
    budgets: u64,
    vouchers: u64,
    unnumbered: u64,
    entries: u64,
    added: u64,
    removed: u64,
    unreadable: u64,
    unbalanced: u64,
    faults: u64,
}

/// The voucher whose rows are being read.
struct Voucher {
    line: String,
    /// The line it stands on.
    number: u64,
    /// Its place among the file's vouchers, from 1.
    ordinal: u64,
    /// The number it is given here where the file gives none.
    own_number: Option<String>,
    fields: Vec<Field>,
    rows: u64,
    sum: Micro,
    unreadable: u64,
    /// Its cells in the transactions' current batch.
    cells: Option<VoucherCells>,
    fault: Option<Diagnostic>,
}

/// Series, number, date, text, registration date and the kind of row, once per batch.
#[derive(Clone, Copy)]
struct VoucherCells {
    head: [Cell; 5],
    kind: Cell,
    ordinal: Cell,
    line: Cell,
}

impl Voucher {
    fn text(&self, index: usize) -> &str {
        self.fields.get(index).map_or("", |field| field.text(&self.line))
    }

    fn name(&self) -> String {
        let words = [self.text(0), self.text(1)];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        match words.is_empty() {
            true => format!("verifikation på rad {}", self.number),
            false => format!("verifikation {}", words.join(" ")),
        }
    }
}

impl Records {
    /// Nothing read yet.
    pub fn new(parts: &Parts, wanted: Vec<bool>, options: &ReadOptions) -> Records {
        use PartIndex as P;
        let order: [PartIndex; PARTS] = [
            P::Accounts,
            P::Dimensions,
            P::Objects,
            P::Balances,
            P::PeriodBalances,
            P::Vouchers,
            P::Transactions,
        ];
        let rows = order.iter().zip(parts.iter());
        let rows =
            rows.map(|(index, part)| Rows::new(*index, part.headings.len(), &options.limits));
        Records {
            file: options.file.clone(),
            ending_is_import: options.file.to_ascii_lowercase().ends_with(".si"),
            limit: options.limits.findings,
            wanted,
            rows: rows.collect(),
            fields: Vec::new(),
            words: Vec::new(),
            voucher: None,
            waiting: None,
            signs: HashMap::new(),
            accounts: Vec::new(),
            account_types: HashMap::new(),
            account_units: HashMap::new(),
            tax_codes: HashMap::new(),
            years: HashMap::new(),
            totals: Totals::default(),
            checksum: Sum::None,
            facts: HashMap::new(),
            counts: Counts::default(),
            diagnostics: Vec::new(),
            unbalanced: Vec::new(),
            finished: false,
        }
    }

    /// Takes one line. Those of a voucher without a number wait until all of them are there, since what
    /// stands for its number follows from what it holds.
    #[inline]
    pub fn line(
        &mut self,
        number: u64,
        line: &str,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        if let Some(waiting) = &mut self.waiting {
            match waiting.add(number, line, &fault) {
                true => return,
                false => self.stop_waiting(ready),
            }
        }
        self.take(number, line, fault, ready);
    }

    /// Names the voucher that waits, and takes its lines.
    fn stop_waiting(&mut self, ready: &mut VecDeque<TextBatch>) {
        let Some(waiting) = self.waiting.take() else { return };
        if let Some(voucher) = &mut self.voucher {
            let sign = waiting.sign();
            let count = self.signs.entry(sign.clone()).or_default();
            *count += 1;
            voucher.own_number = Some(match count {
                1 => sign,
                count => format!("{sign}, {count}"),
            });
        }
        for (number, line, fault) in waiting.lines {
            self.take(number, &line, fault, ready);
        }
    }

    #[inline]
    fn take(
        &mut self,
        number: u64,
        line: &str,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        let mut fields = std::mem::take(&mut self.fields);
        match lexer::read(line, &mut fields) {
            Line::Blank | Line::Open => {}
            Line::Close => self.end_voucher(ready),
            Line::Other => self.note(number, "a line does not begin with a label"),
            Line::Record { start, end, open } => {
                // A list that is never closed has swallowed the amount. A last text without its mark,
                // as programs cut it to a width, has swallowed nothing.
                let fault = match fields.last() {
                    Some(last) if open && last.kind == Kind::List => {
                        fault.or_else(|| Some(self.never_closed(number)))
                    }
                    _ => fault,
                };
                if open && fault.is_none() {
                    self.note(number, "a quotation mark is never closed on its line");
                }
                if let Sum::Running(_, sum) = &mut self.checksum
                    && &line[start..end] != "#KSUMMA"
                {
                    sum.record(line, (start, end), &fields);
                }
                self.record(number, line, (start, end), &fields, fault, ready);
            }
        }
        self.fields = fields;
    }

    fn record(
        &mut self,
        number: u64,
        line: &str,
        label: (usize, usize),
        fields: &[Field],
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        let record = Record { number, line, fields };
        match &line[label.0..label.1] {
            "#TRANS" => self.entry(&record, fault, ready),
            "#VER" => {
                self.end_voucher(ready);
                self.begin_voucher(&record, fault);
            }
            "#PSALDO" => self.month("PSALDO", &record, fault, ready),
            "#PBUDGET" => self.month("PBUDGET", &record, fault, ready),
            "#IB" => self.balance("IB", &record, fault, ready),
            "#UB" => self.balance("UB", &record, fault, ready),
            "#RES" => self.balance("RES", &record, fault, ready),
            "#OIB" => self.balance("OIB", &record, fault, ready),
            "#OUB" => self.balance("OUB", &record, fault, ready),
            "#DIM" | "#UNDERDIM" => self.dimension(&record, fault, ready),
            "#OBJEKT" => self.object(&record, fault, ready),
            "#KONTO" => self.account(&record, fault),
            label => {
                self.chart_or_fact(label, &record);
                if let Some(fault) = fault {
                    self.keep(Diagnostic { severity: Severity::Warning, ..fault });
                }
            }
        }
    }

    fn account(&mut self, record: &Record<'_>, fault: Option<Diagnostic>) {
        self.counts.accounts += 1;
        let account = record.plain(0);
        self.totals.declare(&account);
        self.accounts.push(Account {
            number: record.number,
            line: record.line.to_owned(),
            account,
            name: record.fields.get(1).map(|_| record.plain(1)),
            fault,
        });
    }

    fn chart_or_fact(&mut self, label: &str, record: &Record<'_>) {
        match label {
            "#KTYP" => {
                self.account_types.insert(record.plain(0), record.plain(1));
            }
            "#ENHET" => {
                self.account_units.insert(record.plain(0), record.plain(1));
            }
            "#SRU" => {
                let codes = self.tax_codes.entry(record.plain(0)).or_default();
                // More than a few lines for one account are damage, and must not fill the memory.
                if codes.len() < 256 {
                    codes.push_str(if codes.is_empty() { "" } else { "|" });
                    codes.push_str(&record.plain(1));
                }
            }
            "#RAR" => {
                self.years.insert(record.plain(0), (record.plain(1), record.plain(2)));
            }
            "#KSUMMA" => self.checksum_mark(record),
            "#RTRANS" => self.counts.added += 1,
            "#BTRANS" => self.counts.removed += 1,
            // Any other label is skipped, as the format asks.
            label => {
                if let Some((_, name)) = FACTS.iter().find(|(known, _)| *known == label) {
                    let joined = JOINED.contains(&label);
                    let text = if joined { record.joined(0) } else { record.plain(0) };
                    self.facts.insert(name, text);
                }
            }
        }
    }

    fn dimension(
        &mut self,
        record: &Record<'_>,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        self.counts.dimensions += 1;
        self.plain_row(PartIndex::Dimensions, record, fault, ready);
    }

    fn object(
        &mut self,
        record: &Record<'_>,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        self.counts.objects += 1;
        self.plain_row(PartIndex::Objects, record, fault, ready);
    }

    /// A row of the record's first three fields.
    fn plain_row(
        &mut self,
        part: PartIndex,
        record: &Record<'_>,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        if !self.wanted[part as usize] {
            return;
        }
        let rows = &mut self.rows[part as usize];
        let start = rows.offset();
        let raw = rows.text(record.line);
        let cells = [0, 1, 2].map(|index| rows.field(start, record.line, record.fields.get(index)));
        rows.push(record.number, raw, &cells);
        self.finish_row(part, fault, ready);
    }

    fn balance(
        &mut self,
        kind: &'static str,
        record: &Record<'_>,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        let (list, rest) = record.list_at(2);
        let amount = self.amount(rest.first().map(|field| field.text(record.line)));
        if record.text(0) == "0"
            && let Some(amount) = amount
        {
            let claim = match kind {
                "IB" => Some((Balance::Opening, &mut self.counts.opening)),
                "UB" => Some((Balance::Closing, &mut self.counts.closing)),
                "RES" => Some((Balance::Result, &mut self.counts.result)),
                _ => None,
            };
            if let Some((balance, (rows, sum))) = claim {
                *rows += 1;
                *sum += amount;
                self.totals.balance(record.text(1), balance, amount);
            }
        }
        if !self.wanted[PartIndex::Balances as usize] {
            return;
        }
        let year = self.years.get(record.text(0));
        let rows = &mut self.rows[PartIndex::Balances as usize];
        let start = rows.offset();
        let raw = rows.text(record.line);
        let kind = rows.text(kind);
        let (first, last) = match year {
            Some((first, last)) => (rows.text(first), rows.text(last)),
            None => (Cell::ABSENT, Cell::ABSENT),
        };
        let (dimension, object) = first_pair(rows, &mut self.words, start, record.line, list);
        let mut field = |field: Option<&Field>| rows.field(start, record.line, field);
        let cells = [
            kind,
            field(record.fields.first()),
            first,
            last,
            field(record.fields.get(1)),
            dimension,
            object,
            field(rest.first()),
            field(rest.get(1)),
        ];
        rows.push(record.number, raw, &cells);
        self.finish_row(PartIndex::Balances, fault, ready);
    }

    fn month(
        &mut self,
        kind: &'static str,
        record: &Record<'_>,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        let (list, rest) = record.list_at(3);
        match kind {
            "PSALDO" => self.counts.months += 1,
            _ => self.counts.budgets += 1,
        }
        let amount = self.amount(rest.first().map(|field| field.text(record.line)));
        // A row with objects is a share of the account's own row and is never added to it.
        let whole = list.is_none_or(|list| list.text(record.line).trim().is_empty());
        if kind == "PSALDO"
            && whole
            && record.text(0) == "0"
            && let Some(amount) = amount
        {
            self.totals.month(record.text(2), amount);
        }
        if !self.wanted[PartIndex::PeriodBalances as usize] {
            return;
        }
        let rows = &mut self.rows[PartIndex::PeriodBalances as usize];
        let start = rows.offset();
        let raw = rows.text(record.line);
        let kind = rows.text(kind);
        let (dimension, object) = first_pair(rows, &mut self.words, start, record.line, list);
        let mut field = |field: Option<&Field>| rows.field(start, record.line, field);
        let cells = [
            kind,
            field(record.fields.first()),
            field(record.fields.get(1)),
            field(record.fields.get(2)),
            dimension,
            object,
            field(rest.first()),
            field(rest.get(1)),
        ];
        rows.push(record.number, raw, &cells);
        self.finish_row(PartIndex::PeriodBalances, fault, ready);
    }

    fn begin_voucher(&mut self, record: &Record<'_>, fault: Option<Diagnostic>) {
        self.counts.vouchers += 1;
        let ordinal = self.counts.vouchers;
        let unnumbered = record.text(1).trim().is_empty();
        self.counts.unnumbered += u64::from(unnumbered);
        self.waiting = unnumbered.then(|| {
            let fact = |name: &str| self.facts.get(name).map_or("", String::as_str);
            let company = [fact("organisation_number"), fact("company_id"), fact("company")];
            Waiting::new(&company, record)
        });
        self.voucher = Some(Voucher {
            line: record.line.to_owned(),
            number: record.number,
            ordinal,
            own_number: None,
            fields: record.fields.to_vec(),
            rows: 0,
            sum: 0,
            unreadable: 0,
            cells: None,
            fault,
        });
    }

    fn entry(
        &mut self,
        record: &Record<'_>,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        let (list, rest) = record.list_at(1);
        self.counts.entries += 1;
        let amount = self.amount(rest.first().map(|field| field.text(record.line)));
        if let Some(amount) = amount {
            self.totals.entry(record.text(0), amount);
        }
        let mut row = 0;
        match &mut self.voucher {
            Some(voucher) => {
                voucher.rows += 1;
                row = voucher.rows;
                voucher.sum += amount.unwrap_or(0);
                voucher.unreadable += u64::from(amount.is_none());
            }
            None => self.note(record.number, "a row stands outside any voucher"),
        }
        if !self.wanted[PartIndex::Transactions as usize] {
            return;
        }
        let rows = &mut self.rows[PartIndex::Transactions as usize];
        let voucher = match &mut self.voucher {
            Some(voucher) => voucher_cells(rows, voucher),
            None => VoucherCells {
                head: [Cell::ABSENT; 5],
                kind: rows.text("TRANS"),
                ordinal: Cell::ABSENT,
                line: Cell::ABSENT,
            },
        };
        let start = rows.offset();
        let raw = rows.text(record.line);
        let mut cells = [Cell::ABSENT; ENTRY_CELLS];
        cells[..5].copy_from_slice(&voucher.head);
        cells[5] = if row > 0 { rows.number(row) } else { Cell::ABSENT };
        cells[6] = voucher.kind;
        cells[7] = rows.field(start, record.line, record.fields.first());
        let mut odd = false;
        if let Some(list) = list.filter(|list| list.start < list.end) {
            odd = object_cells(rows, &mut self.words, list.text(record.line), &mut cells);
        }
        cells[19] = rows.field(start, record.line, rest.first());
        let date = rest.get(1).filter(|field| field.start < field.end);
        cells[20] = match date {
            Some(_) => rows.field(start, record.line, date),
            None => voucher.head[2],
        };
        for (cell, index) in cells[21..24].iter_mut().zip(2..) {
            *cell = rows.field(start, record.line, rest.get(index));
        }
        cells[24] = voucher.ordinal;
        cells[25] = voucher.line;
        rows.push(record.number, raw, &cells);
        if odd {
            self.note(record.number, "an object list does not hold pairs");
        }
        self.finish_row(PartIndex::Transactions, fault, ready);
    }

    fn end_voucher(&mut self, ready: &mut VecDeque<TextBatch>) {
        let Some(mut voucher) = self.voucher.take() else { return };
        if voucher.sum != 0 && voucher.unreadable == 0 {
            self.counts.unbalanced += 1;
            if self.unbalanced.len() < self.limit {
                self.unbalanced.push(Reconciliation {
                    claim: "voucher_balance".to_owned(),
                    subject: voucher.name(),
                    expected: Decimal::ZERO,
                    found: decimal(voucher.sum),
                    line: voucher.number,
                });
            }
        }
        if !self.wanted[PartIndex::Vouchers as usize] {
            return;
        }
        let rows = &mut self.rows[PartIndex::Vouchers as usize];
        let start = rows.offset();
        let raw = rows.text(&voucher.line);
        let mut cells = [Cell::ABSENT; 10];
        for (index, cell) in cells[..6].iter_mut().enumerate() {
            *cell = rows.field(start, &voucher.line, voucher.fields.get(index));
        }
        if let Some(number) = &voucher.own_number {
            cells[1] = rows.text(number);
        }
        cells[8] = rows.number(voucher.ordinal);
        cells[9] = rows.number(voucher.number);
        cells[6] = rows.number(voucher.rows);
        cells[7] = rows.text(&decimal(voucher.sum).to_string());
        rows.push(voucher.number, raw, &cells);
        let fault = voucher.fault.take();
        self.finish_row(PartIndex::Vouchers, fault, ready);
    }

    /// Gives a full batch out, after marking the row just pushed.
    #[inline]
    fn finish_row(
        &mut self,
        part: PartIndex,
        fault: Option<Diagnostic>,
        ready: &mut VecDeque<TextBatch>,
    ) {
        let rows = &mut self.rows[part as usize];
        if let Some(fault) = fault {
            rows.fault(fault.with_effect("row set aside"));
        }
        if rows.is_full() {
            ready.extend(rows.take());
            if let Some(voucher) = &mut self.voucher {
                voucher.cells = None;
            }
        }
    }

    #[inline]
    fn amount(&mut self, text: Option<&str>) -> Option<Micro> {
        let amount = text.and_then(parse_amount);
        self.counts.unreadable += u64::from(amount.is_none());
        amount
    }

    fn checksum_mark(&mut self, record: &Record<'_>) {
        let state = std::mem::replace(&mut self.checksum, Sum::None);
        self.checksum = match state {
            Sum::Running(_, sum) => {
                Sum::Closed { line: record.number, written: record.plain(0), computed: sum.value() }
            }
            Sum::None if record.fields.is_empty() => Sum::Running(record.number, Checksum::new()),
            other => {
                self.note(record.number, "`#KSUMMA` stands where none was opened");
                other
            }
        };
    }

    fn never_closed(&self, line: u64) -> Diagnostic {
        let message = "a brace is never closed on its line";
        Diagnostic::error(Code::UnreadableRecord, message, Location::text(&self.file, line, 1))
            .with_expected("`#TRANS konto {dimension objekt} belopp`, a `}` for each `{`")
            .with_hint("a quotation mark in a text must be written `\\\"`; report it to the ledger's supplier")
    }

    /// A line that cannot be read; the first ones are kept, all are counted.
    fn note(&mut self, line: u64, message: &str) {
        let location = Location::text(&self.file, line, 1);
        self.keep(Diagnostic::warning(Code::UnreadableRecord, message, location));
    }

    fn keep(&mut self, fault: Diagnostic) {
        self.counts.faults += 1;
        if self.diagnostics.len() < self.limit.min(50) {
            self.diagnostics.push(fault);
        }
    }

    /// Accounts and years are kept until the end: there may only be so many.
    pub fn check_size(&self) -> Result<(), Box<Diagnostic>> {
        let kept = [
            self.accounts.len(),
            self.account_types.len(),
            self.account_units.len(),
            self.tax_codes.len(),
            self.years.len(),
            self.totals.len(),
        ];
        if kept.iter().all(|count| *count <= MOST_ACCOUNTS) {
            return Ok(());
        }
        let location = Location::file(&self.file);
        let fault =
            Diagnostic::error(Code::LimitExceeded, "the file has too many accounts", location)
                .with_expected(format!("at most {MOST_ACCOUNTS} accounts"));
        Err(Box::new(fault))
    }

    /// The file has ended. Gives out what is left, or `false` when all is out.
    pub fn end(
        &mut self,
        line: u64,
        ready: &mut VecDeque<TextBatch>,
    ) -> Result<bool, Box<Diagnostic>> {
        if self.finished {
            return Ok(false);
        }
        self.stop_waiting(ready);
        self.refuse_cut_off(line)?;
        self.account_rows(ready);
        for rows in &mut self.rows {
            ready.extend(rows.take());
        }
        self.finished = true;
        Ok(true)
    }

    /// A checksum or a voucher that was opened and never closed.
    fn refuse_cut_off(&self, line: u64) -> Result<(), Box<Diagnostic>> {
        let cut = |what: &str, opened: u64| {
            let location = Location::text(&self.file, line, 1);
            let fault = Diagnostic::error(Code::DamagedFile, "the file is cut off", location)
                .with_found(format!("{what} opened on line {opened} and never closed"))
                .with_effect("delivery refused")
                .with_hint("export or transfer the file again");
            Err(Box::new(fault))
        };
        if let Sum::Running(opened, _) = &self.checksum {
            return cut("a checksum (`#KSUMMA`)", *opened);
        }
        match &self.voucher {
            Some(voucher) => cut(&format!("`#VER`, {},", voucher.name()), voucher.number),
            None => Ok(()),
        }
    }

    fn account_rows(&mut self, ready: &mut VecDeque<TextBatch>) {
        if !self.wanted[PartIndex::Accounts as usize] {
            return;
        }
        for account in std::mem::take(&mut self.accounts) {
            let rows = &mut self.rows[PartIndex::Accounts as usize];
            let raw = rows.text(&account.line);
            let mut optional = |text: Option<&String>| match text {
                Some(text) => rows.text(text),
                None => Cell::ABSENT,
            };
            let cells = [
                optional(Some(&account.account)),
                optional(account.name.as_ref()),
                optional(self.account_types.get(&account.account)),
                optional(self.account_units.get(&account.account)),
                optional(self.tax_codes.get(&account.account)),
            ];
            rows.push(account.number, raw, &cells);
            self.finish_row(PartIndex::Accounts, account.fault, ready);
        }
    }
}
