//! The engine room: one batch, column by column, from text cells into Arrow arrays.
//!
//! Rules are branches outside the loops. An accepted cell costs no allocation beyond the arrays; a
//! refused one costs a [`Diagnostic`]. Every row of the batch has a place in every array until the
//! end, when the rows set aside are filtered out.

pub(crate) mod compiled;
pub(crate) mod form;
pub(crate) mod hash;
mod sinks;

use crate::cell::trim;
use crate::checker::{Checked, Reject};
use crate::corrections::CorrectionUse;
use crate::fault::{self, Detail, Problem};
use crate::keys;
use crate::mask;
use crate::sums::Sums;
use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, new_null_array};
use arrow::compute::filter;
use arrow::util::display::array_value_to_string;
use compiled::{Compiled, CompiledColumn, KeyColumns, Kind, arrow_type};
pub(crate) use sinks::FALSE_WORD;
use sinks::{DaySink, NumberSink, Sink, TextSink, TruthSink};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tertial_model::formula::is_sheet_error;
use tertial_model::{Diagnostic, Location, Place, TextBatch, same};

/// Most diagnostics kept of one row.
const MOST_PER_ROW: u8 = 8;
/// After this many in one batch, diagnostics come without excerpt and advice: a file that is wrong
/// throughout must not cost a gigabyte of words.
const MOST_IN_FULL: usize = 1000;
/// After this many in one batch, known values are no longer searched for near ones.
const MOST_SEARCHED: usize = 100;

/// What a row is found to be before its cells are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowKind {
    Data,
    /// The reader could not divide it.
    Fault,
    /// A sum row.
    Sum,
}

/// Faults of a batch's cells.
pub(crate) struct CellFaults<'a> {
    compiled: &'a Compiled,
    batch: &'a TextBatch,
    refused: Vec<Refused<'a>>,
    /// Source columns of a row whose cells are another column's, most likely, and about a person.
    misplaced: BTreeMap<usize, Vec<usize>>,
    strangers: Vec<(String, u64)>,
    counts: Vec<u8>,
    total: usize,
}

/// A cell that was not taken.
struct Refused<'a> {
    row: usize,
    column: &'a CompiledColumn,
    problem: Problem,
    text: Option<String>,
    detail: Detail,
}

impl<'a> CellFaults<'a> {
    fn push(
        &mut self,
        row: usize,
        column: &'a CompiledColumn,
        problem: Problem,
        text: Option<&str>,
    ) {
        self.total += 1;
        let count = &mut self.counts[row];
        *count = count.saturating_add(1);
        let detail = match self.total {
            total if total <= MOST_SEARCHED => Detail::Searched,
            total if total <= MOST_IN_FULL => Detail::Full,
            _ => Detail::Lean,
        };
        if self.compiled.concerns_persons
            && let Some(source) = column.source
            && fault::may_be_misplaced(column, problem, text.unwrap_or(""), detail)
        {
            self.misplaced.entry(row).or_default().push(source);
        }
        if self.counts[row] <= MOST_PER_ROW {
            let text = text.map(str::to_owned);
            self.refused.push(Refused { row, column, problem, text, detail });
        }
    }

    /// The source columns of a row that are not shown.
    fn masked(&self, row: usize) -> Cow<'a, [usize]> {
        match self.misplaced.get(&row) {
            None => Cow::Borrowed(&self.compiled.masked),
            Some(more) => Cow::Owned(self.compiled.masked.iter().chain(more).copied().collect()),
        }
    }

    /// What is said of each cell that was not taken: once all of a row's are known, since a message
    /// shows the others too.
    fn diagnostics(&self) -> Vec<(usize, Diagnostic)> {
        let told = self.refused.iter().map(|refused| {
            let Refused { row, column, problem, text, detail } = refused;
            let masked = self.masked(*row);
            let (compiled, batch, row) = (self.compiled, self.batch, *row);
            let place = fault::Place { compiled, batch, row, column, masked: &masked };
            (row, fault::cell(place, *problem, text.as_deref(), *detail))
        });
        told.collect()
    }
}

/// Texts that corrections put in the place of the source's, by contract column and row.
#[derive(Default)]
struct Overrides<'a> {
    cells: Vec<(usize, usize, &'a str)>,
    uses: Vec<CorrectionUse>,
    diagnostics: Vec<Diagnostic>,
}

/// Checks one batch; also tells which of its rows were accepted.
pub(crate) fn check(compiled: &Compiled, batch: &TextBatch) -> (Checked, Vec<u32>) {
    let kinds = row_kinds(compiled, batch);
    let count = |wanted: RowKind| kinds.iter().filter(|kind| **kind == wanted).count() as u64;
    let overrides = overrides(compiled, batch, &kinds);
    let counts = vec![0; batch.rows()];
    let mut faults = CellFaults {
        compiled,
        batch,
        refused: Vec::new(),
        misplaced: BTreeMap::new(),
        strangers: Vec::new(),
        counts,
        total: 0,
    };
    let mut sums = Sums::default();
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(compiled.columns.len() + 2);
    for (index, column) in compiled.columns.iter().enumerate() {
        let (array, total) = column_array(column, index, &kinds, &overrides.cells, &mut faults);
        arrays.push(array);
        if let Some(total) = total.filter(|_| !compiled.sum_labels.is_empty()) {
            sums.add_total(index, total.units, total.unreadable + count(RowKind::Fault));
        }
    }
    for row in (0..batch.rows()).filter(|row| kinds[*row] == RowKind::Sum) {
        sums.add_row(compiled, batch, row);
    }
    let keep: Vec<bool> = kinds
        .iter()
        .zip(&faults.counts)
        .map(|(kind, count)| *kind == RowKind::Data && *count == 0)
        .collect();
    let kept = |row: &usize| keep[*row];
    let lines: Vec<u64> = (0..keep.len()).filter(kept).map(|row| batch.lines[row]).collect();
    let rows: Vec<u32> = (0..keep.len()).filter(kept).map(|row| row as u32).collect();
    let rejects = rejects(compiled, batch, &arrays, &faults);
    let accepted = accepted(compiled, arrays, &keep, &lines);
    let hashes = |set: &KeyColumns| keys::hashes(&accepted, &set.columns, set.missing_counts);
    let checked = Checked {
        keys: compiled.keys.iter().map(hashes).collect(),
        accepted,
        lines,
        rejects,
        rows_read: batch.rows() as u64,
        sum_rows: count(RowKind::Sum),
        diagnostics: overrides.diagnostics,
        reconciliations: Vec::new(),
        corrections: overrides.uses,
        sums,
        strangers: faults.strangers,
        held: None,
    };
    (checked, rows)
}

fn row_kinds(compiled: &Compiled, batch: &TextBatch) -> Vec<RowKind> {
    let mut kinds = vec![RowKind::Data; batch.rows()];
    if let Some(shortest) = compiled.sum_labels.iter().map(String::len).min() {
        let is_label = |text: &str| {
            text.len() >= shortest && {
                let text = same::canonical(text);
                compiled.sum_labels.iter().any(|label| *label == text)
            }
        };
        for (row, kind) in kinds.iter_mut().enumerate() {
            if (0..batch.width).any(|column| batch.get(row, column).is_some_and(is_label)) {
                *kind = RowKind::Sum;
            }
        }
    }
    for (row, fault) in &batch.faults {
        if concerns(compiled, fault) {
            kinds[*row] = RowKind::Fault;
        }
    }
    kinds
}

/// Whether a reader's fault is about the row or about a column that the contract asks for. A single
/// cell of another column is nobody's business.
fn concerns(compiled: &Compiled, fault: &Diagnostic) -> bool {
    match &fault.location {
        Location::Record { field: Some((number, _)), .. } => {
            compiled.columns.iter().any(|column| column.source == (*number as usize).checked_sub(1))
        }
        _ => true,
    }
}

/// Which cells corrections replace, and which corrections have outlived their cause.
fn overrides<'a>(compiled: &'a Compiled, batch: &TextBatch, kinds: &[RowKind]) -> Overrides<'a> {
    let mut found = Overrides::default();
    for entry in &compiled.corrections {
        let text = |row: usize, column: usize| trim(batch.get(row, column).unwrap_or(""));
        let fits = |row: &usize| {
            kinds[*row] == RowKind::Data
                && entry.correction.line.is_none_or(|line| line == batch.lines[*row])
                && entry
                    .row
                    .iter()
                    .all(|(column, wanted)| same::is_same(text(*row, *column), wanted))
        };
        for row in (0..batch.rows()).filter(fits) {
            let current = text(row, entry.source);
            if !same::is_same(current, &entry.correction.expect) {
                found.diagnostics.push(fault::outlived(compiled, batch, row, entry, current));
                continue;
            }
            found.cells.push((entry.column, row, &entry.correction.value));
            found.uses.push(CorrectionUse {
                line: batch.lines[row],
                column: entry.correction.column.clone(),
                correction: entry.place.clone(),
                reason: entry.correction.reason.clone(),
            });
        }
    }
    found.cells.sort_by_key(|(column, row, _)| (*column, *row));
    found.cells.dedup_by_key(|(column, row, _)| (*column, *row));
    found
}

/// The sum of a number column's readable cells, and how many could not be read.
struct Total {
    units: i128,
    unreadable: u64,
}

/// One column's array, as long as the batch.
fn column_array<'a>(
    column: &'a CompiledColumn,
    index: usize,
    kinds: &[RowKind],
    overrides: &[(usize, usize, &str)],
    faults: &mut CellFaults<'a>,
) -> (ArrayRef, Option<Total>) {
    let (batch, compiled, rows) = (faults.batch, faults.compiled, kinds.len());
    let Some(source) = column.source.filter(|source| *source < batch.width) else {
        absent(column, kinds, faults);
        return (new_null_array(&arrow_type(column.column.column_type), rows), None);
    };
    let from = overrides.partition_point(|(column, _, _)| *column < index);
    let to = overrides.partition_point(|(column, _, _)| *column <= index);
    let cells = Cells { source, overrides: &overrides[from..to] };
    match &column.kind {
        Kind::Text(rule) => {
            let mut sink = TextSink::new(rule, compiled.received_on, rows, batch.buffer.len());
            drive(cells, column, kinds, &mut sink, faults);
            if sink.strangers > 0 {
                faults.strangers.push((column.column.name.clone(), sink.strangers));
            }
            (sink.finish(), None)
        }
        Kind::Number(rule) => {
            let floats = matches!(batch.place, Place::Sheet { .. } | Place::Cube { .. });
            let is_sheet = matches!(batch.place, Place::Sheet { .. });
            let mut sink = NumberSink::new(rule, floats, is_sheet, rows);
            drive(cells, column, kinds, &mut sink, faults);
            let total = Total { units: sink.total, unreadable: sink.unreadable };
            (sink.finish(column.column.column_type), Some(total))
        }
        Kind::Date(rule) | Kind::Month(rule) => {
            let mut sink = DaySink::new(rule, matches!(column.kind, Kind::Month(_)), rows);
            drive(cells, column, kinds, &mut sink, faults);
            (sink.finish(), None)
        }
        Kind::Truth { marks } => {
            let mut sink = TruthSink::new(marks, rows);
            drive(cells, column, kinds, &mut sink, faults);
            (sink.finish(), None)
        }
    }
}

/// A column the source does not have: missing everywhere.
fn absent<'a>(column: &'a CompiledColumn, kinds: &[RowKind], faults: &mut CellFaults<'a>) {
    for (row, kind) in kinds.iter().enumerate() {
        if column.column.required && *kind == RowKind::Data {
            faults.push(row, column, Problem::Missing, None);
        }
    }
}

/// Where a column's texts come from.
struct Cells<'a> {
    source: usize,
    overrides: &'a [(usize, usize, &'a str)],
}

/// The loop over one column's cells.
fn drive<'a, S: Sink>(
    cells: Cells,
    column: &'a CompiledColumn,
    kinds: &[RowKind],
    sink: &mut S,
    faults: &mut CellFaults<'a>,
) {
    let (batch, compiled) = (faults.batch, faults.compiled);
    let shows_errors = matches!(batch.place, Place::Sheet { .. });
    let mut overrides = cells.overrides.iter();
    let mut next = overrides.next();
    for (row, kind) in kinds.iter().enumerate() {
        if *kind != RowKind::Data {
            sink.missing();
            continue;
        }
        let mut text = batch.get(row, cells.source);
        if let Some((_, at, replacement)) = next
            && *at == row
        {
            text = Some(replacement);
            next = overrides.next();
        }
        let cell = column.form.of(trim(text.unwrap_or("")));
        let cell = &*cell;
        let is_error = shows_errors && is_sheet_error(cell) && !compiled.is_missing(cell);
        let settled = match is_error {
            true => Err(Problem::SheetError),
            false => settle(compiled, column, cell, sink),
        };
        if let Err(problem) = settled {
            sink.missing();
            faults.push(row, column, problem, text);
        }
    }
}

/// One cell: missing or not, coded or not, then the type's own rule.
#[inline]
fn settle<S: Sink>(
    compiled: &Compiled,
    column: &CompiledColumn,
    text: &str,
    sink: &mut S,
) -> Result<(), Problem> {
    let mut value = text;
    if text.is_empty() {
        value = column.empty_means.as_deref().unwrap_or("");
    } else if let Some(codes) = &column.codes {
        match codes.get(text) {
            Some(known) => value = known,
            None if compiled.is_missing(text) => value = "",
            None => return Err(Problem::Code),
        }
    } else if compiled.is_missing(text) {
        value = "";
    }
    if !value.is_empty() {
        return sink.accept(value);
    }
    if column.column.required {
        return Err(Problem::Missing);
    }
    sink.missing();
    Ok(())
}

/// The rows that are kept, with their line.
fn accepted(
    compiled: &Compiled,
    mut arrays: Vec<ArrayRef>,
    keep: &[bool],
    lines: &[u64],
) -> RecordBatch {
    if lines.len() < keep.len() {
        let mask = BooleanArray::from(keep.to_vec());
        for array in &mut arrays {
            *array = filter(array, &mask).expect("mask and array are equally long");
        }
    }
    arrays.push(Arc::new(lines.iter().map(|line| *line as i64).collect::<Int64Array>()));
    RecordBatch::try_new(Arc::clone(&compiled.schema), arrays).expect("arrays follow the schema")
}

/// The rows set aside, in order, with what the reader or the check said about them.
fn rejects(
    compiled: &Compiled,
    batch: &TextBatch,
    arrays: &[ArrayRef],
    faults: &CellFaults,
) -> Vec<Reject> {
    let mut found = faults.diagnostics();
    let sensitive = compiled.concerns_persons || !compiled.masked.is_empty();
    for (row, diagnostic) in batch.faults.iter().filter(|(_, fault)| concerns(compiled, fault)) {
        let diagnostic = diagnostic.clone();
        found.push((*row, if sensitive { fault::foreign(diagnostic) } else { diagnostic }));
    }
    found.sort_by_key(|(row, _)| *row);
    let undivided: BTreeSet<usize> = batch.faults.iter().map(|(row, _)| *row).collect();
    let mut rejects: Vec<Reject> = Vec::new();
    let mut last = usize::MAX;
    for (row, diagnostic) in found {
        if row != last {
            last = row;
            let raw = match sensitive && undivided.contains(&row) {
                true => mask::undivided(&batch.raw_row(row)),
                false => mask::raw_row(batch, row, &faults.masked(row)),
            };
            let known = known(compiled, arrays, row);
            rejects.push(Reject { line: batch.lines[row], raw, known, diagnostics: Vec::new() });
        }
        if let Some(reject) = rejects.last_mut() {
            reject.diagnostics.push(diagnostic);
        }
    }
    rejects
}

/// What tells which figures a row was about: its days and months, and codes of other tables or of a
/// closed list, where they could be read and concern nobody's secrets.
pub(crate) fn known(compiled: &Compiled, arrays: &[ArrayRef], row: usize) -> Option<String> {
    let tells = |column: &CompiledColumn| {
        let of = &column.column;
        let is_code = of.references.is_some() || !of.allowed.is_empty();
        !column.masked && (is_code || matches!(column.kind, Kind::Date(_) | Kind::Month(_)))
    };
    let mut found = serde_json::Map::new();
    for (column, array) in compiled.columns.iter().zip(arrays) {
        if tells(column)
            && !array.is_null(row)
            && let Ok(text) = array_value_to_string(array, row)
        {
            found.insert(column.column.name.clone(), text.into());
        }
    }
    (!found.is_empty()).then(|| serde_json::Value::Object(found).to_string())
}
