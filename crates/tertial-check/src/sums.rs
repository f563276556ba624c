//! Sum rows: `Totalsumma` at the foot of an export, compared with its rows and dropped.
//!
//! The comparison needs the whole file. Each [`Checked`](crate::Checked) carries the sums of its own
//! rows and the sum rows it met; the caller feeds them to one [`SumRows`] per part, in any order, and
//! asks for the outcome at the end. Sums are taken over *all* the file's rows, those set aside
//! included, because that is what the source added up.

use crate::cell::number::NumberForm;
use crate::cell::trim;
use crate::kernel::compiled::{Compiled, Kind};
use crate::mask;
use std::collections::BTreeMap;
use tertial_model::formula::is_sheet_error;
use tertial_model::{
    Code, Decimal, Diagnostic, Excerpt, Location, Place, Reconciliation, TextBatch, same,
};

/// The sums and sum rows of one batch.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    totals: BTreeMap<usize, Total>,
    rows: Vec<SumRow>,
}

/// The running sum of a column, in units of its last decimal.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    units: i128,
    unreadable: u64,
}

#[derive(Debug, Clone)]
struct SumRow {
    line: u64,
    label: String,
    location: Location,
    excerpt: Option<Excerpt>,
    cells: Vec<SumCell>,
    failed: Vec<Failed>,
}

/// A sum that its own formula did not give.
#[derive(Debug, Clone)]
struct Failed {
    name: String,
    text: String,
    location: Location,
    excerpt: Option<Excerpt>,
}

#[derive(Debug, Clone)]
struct SumCell {
    column: usize,
    name: String,
    heading: String,
    stated: Decimal,
    location: Location,
    excerpt: Option<Excerpt>,
}

impl Sums {
    pub(crate) fn add_total(&mut self, column: usize, units: i128, unreadable: u64) {
        self.totals.insert(column, Total { units, unreadable });
    }

    /// Remembers a sum row with its readable numbers.
    pub(crate) fn add_row(&mut self, compiled: &Compiled, batch: &TextBatch, row: usize) {
        let text = |column: usize| batch.get(row, column).map(trim).unwrap_or("");
        let place = |column: usize| {
            let location = batch.location(&compiled.file, &compiled.part, row, column);
            let location = mask::location(batch, location, &compiled.masked);
            (location, mask::excerpt(batch, row, column, &compiled.masked))
        };
        let label = (0..batch.width)
            .find(|c| compiled.sum_labels.iter().any(|label| same::is_same(label, text(*c))));
        let label = label.unwrap_or(0);
        let (location, excerpt) = place(label);
        let mut cells = Vec::new();
        let mut failed = Vec::new();
        for (index, column) in compiled.columns.iter().enumerate() {
            let (Kind::Number(rule), Some(source)) = (&column.kind, column.source) else {
                continue;
            };
            if source >= batch.width || text(source).is_empty() || column.codes.is_some() {
                continue;
            }
            let floats = matches!(batch.place, Place::Sheet { .. } | Place::Cube { .. });
            // A sum has more digits than its terms.
            let form = NumberForm { floats, limit: i128::MAX, ..rule.form };
            let is_sheet = matches!(batch.place, Place::Sheet { .. });
            let (location, excerpt) = place(source);
            let Ok(units) = rule.read(&form, is_sheet, text(source)) else {
                if is_sheet_error(text(source)) && !compiled.is_missing(text(source)) {
                    let text = text(source).to_owned();
                    failed.push(Failed {
                        name: column.column.name.clone(),
                        text,
                        location,
                        excerpt,
                    });
                }
                continue;
            };
            cells.push(SumCell {
                column: index,
                name: column.column.name.clone(),
                heading: compiled.part.headings.get(source).cloned().unwrap_or_default(),
                stated: Decimal::new(units, rule.form.scale),
                location,
                excerpt,
            });
        }
        let label = text(label).to_owned();
        let line = batch.lines[row];
        self.rows.push(SumRow { line, label, location, excerpt, cells, failed });
    }
}

/// The sums of a whole part.
#[derive(Debug, Clone, Default)]
pub struct SumRows {
    totals: BTreeMap<usize, Total>,
    rows: Vec<SumRow>,
}

impl SumRows {
    /// Nothing added up yet.
    pub fn new() -> SumRows {
        SumRows::default()
    }

    /// Takes in one batch's sums.
    pub fn add(&mut self, sums: &Sums) {
        for (column, more) in &sums.totals {
            let total = self.totals.entry(*column).or_default();
            total.units = total.units.saturating_add(more.units);
            total.unreadable += more.unreadable;
        }
        self.rows.extend(sums.rows.iter().cloned());
    }

    /// One note (T0304) per sum row that agrees, one warning (T0305) per column that does not, and
    /// every comparison as a reconciliation.
    pub fn finish(mut self) -> (Vec<Diagnostic>, Vec<Reconciliation>) {
        self.rows.sort_by_key(|row| row.line);
        let mut diagnostics = Vec::new();
        let mut reconciliations = Vec::new();
        for row in &self.rows {
            let mut agreeing = Vec::new();
            let mut disagrees = false;
            for cell in &row.cells {
                let total = self.totals.get(&cell.column).copied().unwrap_or_default();
                let summed = Decimal::new(total.units, cell.stated.scale());
                let comparison = Reconciliation {
                    claim: "sum_row".to_owned(),
                    subject: format!("`{}`, kolumn `{}`", row.label, cell.heading),
                    expected: cell.stated,
                    found: summed,
                    line: row.line,
                };
                if comparison.holds() {
                    agreeing.push(format!("`{}`", cell.name));
                } else {
                    disagrees = true;
                    diagnostics.push(disagreement(row, cell, summed, total.unreadable));
                }
                reconciliations.push(comparison);
            }
            diagnostics.extend(row.failed.iter().map(|cell| no_sum(row, cell)));
            if !disagrees {
                diagnostics.push(agreement(row, &agreeing));
            }
        }
        (diagnostics, reconciliations)
    }
}

fn agreement(row: &SumRow, columns: &[String]) -> Diagnostic {
    let found = match columns {
        [] => "no sums to compare".to_owned(),
        names => format!("the rows' own sums in {}", names.join(", ")),
    };
    let message = format!("the sum row `{}` was compared and dropped", row.label);
    let mut note = Diagnostic::note(Code::SumRowDropped, message, row.location.clone())
        .with_found(found)
        .with_effect("row not loaded");
    note.excerpt = row.excerpt.clone();
    note
}

/// A sum that cannot be compared.
fn no_sum(row: &SumRow, cell: &Failed) -> Diagnostic {
    let message = format!("the sum row `{}` has no sum to compare in `{}`", row.label, cell.name);
    let mut warning = Diagnostic::warning(Code::SumRowMismatch, message, cell.location.clone())
        .with_found(crate::fault::sheet_error(&cell.text))
        .with_expected("the sum of the rows")
        .with_effect("row not loaded, and not compared in this column")
        .with_hint(crate::fault::FORMULA_HINT);
    warning.excerpt = cell.excerpt.clone();
    warning
}

fn disagreement(row: &SumRow, cell: &SumCell, summed: Decimal, unreadable: u64) -> Diagnostic {
    let message = format!("the sum row `{}` disagrees with its rows in `{}`", row.label, cell.name);
    let difference = cell.stated.checked_sub(summed);
    let difference = difference.map(|d| format!(", a difference of `{d}`")).unwrap_or_default();
    let mut warning = Diagnostic::warning(Code::SumRowMismatch, message, cell.location.clone())
        .with_found(format!("`{}` in the sum row", cell.stated))
        .with_expected(format!("`{summed}`, the sum of the rows{difference}"))
        .with_effect("row not loaded; the rows are");
    if unreadable > 0 {
        let rows = if unreadable == 1 {
            "1 row has".to_owned()
        } else {
            format!("{unreadable} rows have")
        };
        warning = warning
            .with_hint(format!("{rows} no readable number in this column; correct them first"));
    }
    warning = warning.with_hint("ask the source whether rows are missing from the export");
    warning.excerpt = cell.excerpt.clone();
    warning
}
