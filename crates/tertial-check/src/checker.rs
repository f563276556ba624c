//! One part of one delivery against its contract: what happens once, before the first row.
//!
//! [`Checker::new`] finds every contract column among the headings, tells what has drifted, and makes
//! the rules ready; [`Checker::check`] then turns batches into typed rows and rejects, on any number
//! of threads. What must see a file in order is left to [`Uniqueness`](crate::Uniqueness), what must
//! see all of it to [`SumRows`](crate::SumRows).

use crate::corrections::{CorrectionUse, Corrections};
use crate::headings;
use crate::kernel;
use crate::kernel::compiled::{
    Compiled, CompiledColumn, CompiledCorrection, DayRule, Form, Hashing, KeyColumns, Kind, Known,
    NumberRule, Pattern, Strangers, TextRule, arrow_type,
};
use crate::kernel::form::FixedForm;
use crate::keys::key_sets;
use crate::mask;
use crate::sums::Sums;
use crate::uniqueness::Held;
use crate::{Codes, Headings, PseudonymKey, References};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use jiff::civil::Date;
use regex::Regex;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use tertial_model::contract::{Classification, Transform};
use tertial_model::{
    Code, Column, ColumnType, Contract, Diagnostic, Faults, Location, Part, Period, Reconciliation,
    TextBatch, same, similar,
};

/// What a part of a delivery is checked against.
#[derive(Debug, Clone, Copy)]
pub struct CheckInput<'a> {
    /// What the table must be.
    pub contract: &'a Contract,
    /// The part the batches belong to.
    pub part: &'a Part,
    /// The file's path, for messages.
    pub place_file: &'a str,
    /// The delivery's id, stored with every row.
    pub delivery: &'a str,
    /// The day the delivery came; settles the century of civic numbers of ten digits.
    pub received_on: Date,
    /// The period that rows must lie in, by the contract's period column; none = any.
    pub within: Option<Period>,
    /// The decimal mark agreed with the source; a point when nothing was agreed.
    pub decimal: Option<char>,
    /// Texts that mean "no value"; an empty cell always does.
    pub missing: &'a [String],
    /// Texts that mark a sum row, in any cell.
    pub sum_rows: &'a [String],
    /// The source's headings.
    pub headings: &'a Headings,
    /// The source's code lists.
    pub codes: &'a Codes,
    /// The source's corrections.
    pub corrections: &'a Corrections,
    /// Values of other tables.
    pub references: &'a References,
    /// The key for pseudonyms; needed when a column is transformed.
    pub key: Option<&'a PseudonymKey>,
}

/// A contract made ready for one part of one delivery.
#[derive(Debug, Clone)]
pub struct Checker {
    compiled: Arc<Compiled>,
}

/// A batch after the check.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The rows that follow the contract: its columns in order, then `_row`, the line each stands on.
    pub accepted: RecordBatch,
    /// The hashed key of each accepted row, for each of [`key_sets`].
    pub keys: Vec<Vec<u64>>,
    /// The source line of each accepted row.
    pub lines: Vec<u64>,
    /// The rows set aside, by line.
    pub rejects: Vec<Reject>,
    /// Accepted, set aside and sum rows together.
    pub rows_read: u64,
    /// Rows that were sums.
    pub sum_rows: u64,
    /// What is not about a row set aside: corrections that have outlived their cause.
    pub diagnostics: Vec<Diagnostic>,
    /// Comparisons made within the batch; those of sum rows come from [`SumRows`](crate::SumRows).
    pub reconciliations: Vec<Reconciliation>,
    /// Corrections that were applied.
    pub corrections: Vec<CorrectionUse>,
    /// Sums of the batch's rows and the sum rows it holds, for [`SumRows`](crate::SumRows).
    pub sums: Sums,
    /// Columns without a transform in which civic numbers stood, and in how many of the cells read.
    pub strangers: Vec<(String, u64)>,
    pub(crate) held: Option<Held>,
}

/// A row set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Physical line of the row.
    pub line: u64,
    /// The row as it stood, sensitive cells masked.
    pub raw: String,
    /// What could be read of it that tells what it was about (days, months, codes of other tables),
    /// as a JSON object; none when nothing could. Sensitive columns are not among it.
    pub known: Option<String>,
    /// Why; one for each cell at fault, eight at most.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checker {
    /// Makes a contract ready. The notes are about drift that can be lived with; the errors, all of
    /// them at once, about drift that cannot.
    pub fn new(input: CheckInput) -> Result<(Checker, Vec<Diagnostic>), Faults> {
        let mut drift = Drift::new(&input);
        let sources: Vec<Option<usize>> =
            input.contract.columns.iter().map(|column| drift.find(column)).collect();
        drift.new_columns(&sources);
        drift.order(&sources);
        let columns: Vec<CompiledColumn> = input
            .contract
            .columns
            .iter()
            .zip(&sources)
            .filter_map(|(column, source)| compile(&input, column, *source, &mut drift))
            .collect();
        let corrections = corrections(&input, &columns, &mut drift);
        let Drift { notes, errors, .. } = drift;
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let position =
            |name: &String| columns.iter().position(|column| column.column.name == *name);
        let compiled = Compiled {
            part: input.part.clone(),
            file: input.place_file.to_owned(),
            table: input.contract.table.clone(),
            contract_file: input.contract.file.clone(),
            codes_file: input.codes.file().to_owned(),
            received_on: input.received_on,
            within: input.within,
            masked: masked(&input, &columns),
            concerns_persons: input.contract.concerns_persons(),
            keys: key_sets(input.contract)
                .into_iter()
                .map(|set| KeyColumns {
                    columns: set.columns.iter().filter_map(position).collect(),
                    missing_counts: set.missing_counts,
                })
                .collect(),
            missing: input.missing.iter().map(|mark| same::canonical(mark).into_owned()).collect(),
            sum_labels: input
                .sum_rows
                .iter()
                .map(|label| same::canonical(label).into_owned())
                .filter(|l| !l.is_empty())
                .collect(),
            corrections,
            schema: schema(input.contract),
            columns,
        };
        Ok((Checker { compiled: Arc::new(compiled) }, notes))
    }

    /// The accepted rows' schema.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.compiled.schema)
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.compiled.table
    }

    /// Checks one batch; its keys are hashed and not compared.
    pub fn check(&self, batch: &TextBatch) -> Checked {
        kernel::check(&self.compiled, batch).0
    }

    /// As [`Checker::check`], for [`Uniqueness`](crate::Uniqueness): the batch is kept, so that a row
    /// that proves to repeat another one can be shown.
    pub fn check_owned(&self, batch: TextBatch) -> Checked {
        let (mut checked, rows) = kernel::check(&self.compiled, &batch);
        if !self.compiled.keys.is_empty() {
            checked.held = Some(Held { compiled: Arc::clone(&self.compiled), batch, rows });
        }
        checked
    }
}

/// The source columns whose cells are never shown: those of sensitive columns and, in a table about
/// persons, those that the contract does not know and nobody has classed.
fn masked(input: &CheckInput, columns: &[CompiledColumn]) -> Vec<usize> {
    let mut masked: Vec<usize> =
        columns.iter().filter(|c| c.masked).filter_map(|c| c.source).collect();
    if input.contract.concerns_persons() {
        let known: BTreeSet<usize> = columns.iter().filter_map(|column| column.source).collect();
        masked.extend((0..input.part.headings.len()).filter(|at| !known.contains(at)));
    }
    masked
}

/// The contract's columns in order, then the line a row stands on.
fn schema(contract: &Contract) -> SchemaRef {
    let mut fields: Vec<Field> = contract
        .columns
        .iter()
        .map(|column| Field::new(&column.name, arrow_type(column.column_type), !column.required))
        .collect();
    fields.push(Field::new("_row", DataType::Int64, false));
    Arc::new(Schema::new(fields))
}

/// Headings against columns: what is found, missing, changed, doubled, new.
struct Drift<'a> {
    input: &'a CheckInput<'a>,
    headings: Vec<Cow<'a, str>>,
    notes: Vec<Diagnostic>,
    errors: Vec<Diagnostic>,
}

impl<'a> Drift<'a> {
    fn new(input: &'a CheckInput<'a>) -> Drift<'a> {
        let headings = input.part.headings.iter().map(|heading| same::canonical(heading)).collect();
        Drift { input, headings, notes: Vec::new(), errors: Vec::new() }
    }

    fn place(&self) -> Location {
        match self.input.part.name.as_str() {
            "" => Location::file(self.input.place_file),
            part => Location::file(format!("{}!{part}", self.input.place_file)),
        }
    }

    /// The headings as they are told. In a table about persons a row that has few of the agreed
    /// headings is one of persons: only what is agreed is told of it.
    fn told(&self, headings: &[&str]) -> String {
        let table = &self.input.contract.table;
        let columns = &self.input.contract.columns;
        let agreed: BTreeSet<&str> = columns.iter().flat_map(|column| self.names(column)).collect();
        let is_known = |heading: &str| {
            agreed.contains(heading) || self.input.headings.is_left_out(table, heading)
        };
        let known = self.headings.iter().filter(|heading| is_known(heading)).count();
        let is_telling = self.input.contract.concerns_persons() && known * 2 < columns.len();
        let word = |heading: &&str| match is_telling && !is_known(heading) {
            true => mask::by_type(heading),
            false => format!("`{heading}`"),
        };
        quoted(&headings.iter().map(word).collect::<Vec<_>>())
    }

    fn contract_fact(&self, column: &str) -> String {
        format!("{}, `{column}`", self.input.contract.file)
    }

    /// The texts a column may have as heading.
    fn names(&self, column: &'a Column) -> Vec<&'a str> {
        let names = self.input.headings.of(&self.input.contract.table, &column.name);
        if names.is_empty() { vec![&column.name] } else { names }
    }

    /// The source column of a contract column.
    fn find(&mut self, column: &'a Column) -> Option<usize> {
        let names = self.names(column);
        let places: Vec<usize> = (0..self.headings.len())
            .filter(|index| names.contains(&&*self.headings[*index]))
            .collect();
        match places.as_slice() {
            [place] => {
                let heading = self.headings[*place].clone();
                self.other_period(column, &heading);
                Some(*place)
            }
            [] => {
                self.not_found(column, &names);
                None
            }
            [first, second, ..] => {
                let same = self.headings[*first] == self.headings[*second];
                let message = match same {
                    true => format!("two columns have the heading of `{}`", column.name),
                    false => format!("two headings stand for `{}`", column.name),
                };
                let found: Vec<String> = places
                    .iter()
                    .map(|place| format!("`{}` in column {}", self.headings[*place], place + 1))
                    .collect();
                let fault = Diagnostic::error(Code::DuplicateHeading, message, self.place())
                    .with_found(found.join(", "))
                    .with_expected("one column")
                    .with_contract(self.contract_fact(&column.name))
                    .with_effect("delivery refused")
                    .with_hint("ask the source to remove or rename the column that is too many");
                self.errors.push(fault);
                Some(*first)
            }
        }
    }

    /// A column of months whose heading says weeks or quarters: `202402` is another time in each.
    fn other_period(&mut self, column: &Column, heading: &str) {
        let Some(other) = headings::other_period(column, heading) else { return };
        let message =
            format!("the heading of `{}` says {other}, the contract says month", column.name);
        let fault = Diagnostic::error(Code::NotAMonth, message, self.place())
            .with_found(format!("the heading `{heading}`"))
            .with_expected("a column of months")
            .with_contract(self.contract_fact(&column.name))
            .with_effect("delivery refused")
            .with_hint(headings::PERIOD_HINT);
        self.errors.push(fault);
    }

    /// How many columns of the contract have no heading.
    fn lacking(&self) -> usize {
        let has = |column: &&'a Column| {
            self.names(column).iter().any(|name| self.headings.iter().any(|known| known == name))
        };
        let columns = self.input.contract.columns.iter();
        columns.filter(|column| !has(column)).count()
    }

    fn not_found(&mut self, column: &Column, names: &[&str]) {
        let taken: BTreeSet<&str> =
            self.input.contract.columns.iter().flat_map(|other| self.names(other)).collect();
        let free = self.headings.iter().map(|heading| &**heading);
        let free: Vec<&str> = free.filter(|h| !h.is_empty() && !taken.contains(h)).collect();
        let similar =
            names.iter().find_map(|name| similar::nearest(name, free.iter().copied(), 1).pop());
        // One column lacking and one heading over: most likely the same thing under a new name.
        let alone = (self.lacking() == 1 && free.len() == 1).then(|| free[0]);
        let similar = similar.or(alone);
        let wanted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let all: Vec<&str> = self.headings.iter().map(|heading| &**heading).collect();
        let is_needed = column.required || self.input.contract.key.contains(&column.name);
        let (code, message) = match similar {
            Some(heading) => (
                Code::HeadingChanged,
                format!("the heading of `{}` seems to be `{heading}` now", column.name),
            ),
            None => (Code::ColumnMissing, format!("`{}` is not in the file", column.name)),
        };
        let mut fault = Diagnostic::error(code, message, self.place())
            .with_found(format!("headings {}", self.told(&all)))
            .with_expected(format!("the heading {}", wanted.join(" or ")))
            .with_contract(self.contract_fact(&column.name));
        let file = Some(self.input.headings.file())
            .filter(|file| !file.is_empty())
            .unwrap_or("headings.csv");
        if let Some(heading) = similar {
            fault = fault.with_hint(format!(
                "if it is the same thing, add `{},{heading},{},` to `{file}`",
                self.input.contract.table, column.name
            ));
        } else {
            fault = fault.with_hint(format!(
                "ask the source for the column, or add its new heading to `{file}`"
            ));
        }
        if is_needed {
            self.errors.push(fault.with_effect("delivery refused"));
        } else {
            fault.severity = tertial_model::Severity::Warning;
            self.notes.push(fault.with_effect("the column is empty in this delivery"));
        }
    }

    /// Columns that stand in another order than the source's headings are listed in. They are found by
    /// their headings, so nothing is wrong yet; but the export has been changed.
    fn order(&mut self, sources: &[Option<usize>]) {
        let table = &self.input.contract.table;
        let place = |name: &String| self.input.headings.place_of(table, name);
        let columns = self.input.contract.columns.iter().zip(sources);
        let mut found: Vec<(usize, usize)> = columns
            .filter_map(|(column, source)| Some((place(&column.name)?, (*source)?)))
            .collect();
        found.sort_unstable();
        if found.is_sorted_by_key(|(_, source)| *source) {
            return;
        }
        let agreed: Vec<&str> = found.iter().map(|(_, source)| &*self.headings[*source]).collect();
        let mut stand: Vec<usize> = found.iter().map(|(_, source)| *source).collect();
        stand.sort_unstable();
        let stand: Vec<&str> = stand.into_iter().map(|source| &*self.headings[source]).collect();
        let note = Diagnostic::note(
            Code::ColumnsReordered,
            "the columns stand in another order than agreed",
            self.place(),
        )
        .with_found(format!("headings {}", self.told(&stand)))
        .with_expected(format!("headings {}", self.told(&agreed)))
        .with_contract(self.input.headings.file())
        .with_effect("none: columns are found by their headings")
        .with_hint("see whether the export was changed in other ways; put the lines of `headings.csv` in the new order if it is to stay");
        self.notes.push(note);
    }

    /// Headings that nobody knows. A format with columns of its own has no drift.
    fn new_columns(&mut self, sources: &[Option<usize>]) {
        if !self.input.part.types.is_empty() {
            return;
        }
        let table = &self.input.contract.table;
        let new: Vec<&str> = self
            .headings
            .iter()
            .enumerate()
            .filter(|(index, heading)| !heading.is_empty() && !sources.contains(&Some(*index)))
            .filter(|(_, heading)| !self.input.headings.is_left_out(table, heading))
            .map(|(_, heading)| &**heading)
            .collect();
        if new.is_empty() {
            return;
        }
        let message = match new.as_slice() {
            [_] => format!("a column the contract does not have: {}", self.told(&new)),
            many => format!("{} columns the contract does not have", many.len()),
        };
        let note = Diagnostic::note(Code::ColumnAdded, message, self.place())
            .with_found(format!("headings {}", self.told(&new)))
            .with_contract(self.input.contract.file.clone())
            .with_effect("not loaded")
            .with_hint("add the column to the contract, or list its heading with an empty column in `headings.csv`");
        self.notes.push(note);
    }
}

fn quoted(words: &[String]) -> String {
    const MOST: usize = 40;
    match words.len() {
        0 => "none".to_owned(),
        count if count > MOST => format!("{} and {} more", words[..MOST].join(", "), count - MOST),
        _ => words.join(", "),
    }
}

/// The purpose of the codes of civic numbers that stand where none is expected.
const STRANGERS: &str = "unexpected";

/// A column's rules as tables; a fault in what they need is added to `drift`.
fn compile(
    input: &CheckInput,
    column: &Column,
    source: Option<usize>,
    drift: &mut Drift,
) -> Option<CompiledColumn> {
    let codes = input.codes.list(&input.contract.table, &column.name);
    let has_codes = codes.is_some();
    let empty_code =
        codes.iter().flatten().find(|(code, _)| code.is_empty()).map(|(_, value)| *value);
    let native = source.and_then(|source| input.part.types.get(source));
    let is_native = matches!(native, Some(ColumnType::Decimal { .. } | ColumnType::Integer));
    // Our own values in a code list and a format's own numbers are in machine form.
    let mark = match input.decimal {
        Some(',') if !has_codes && !is_native => b',',
        _ => b'.',
    };
    let empty_is_false =
        column.column_type == ColumnType::Boolean && column.allowed.iter().any(String::is_empty);
    let is_period = input.contract.period_column.as_ref() == Some(&column.name);
    let within = input.within.filter(|_| is_period);
    let kind = match column.column_type {
        ColumnType::Text => Kind::Text(Box::new(text_rule(input, column, drift)?)),
        ColumnType::Integer | ColumnType::Decimal { .. } => {
            let years = within.filter(|_| column.column_type == ColumnType::Integer);
            let heading = source.and_then(|source| input.part.headings.get(source));
            let said: Vec<&str> =
                heading.map(String::as_str).into_iter().chain([&*column.label]).collect();
            Kind::Number(NumberRule::new(column, mark, years, &said))
        }
        ColumnType::Date => Kind::Date(DayRule::new(column, within)),
        ColumnType::Month => Kind::Month(DayRule::new(column, within)),
        ColumnType::Boolean => {
            let marks = column.allowed.iter().map(|mark| same::canonical(mark).into_owned());
            Kind::Truth { marks: if has_codes { Vec::new() } else { marks.collect() } }
        }
        // No contract of a delivered table says so.
        ColumnType::Double => return None,
    };
    let empty_means = empty_code.or(empty_is_false.then_some(kernel::FALSE_WORD));
    let form = form(input, column, has_codes);
    Some(CompiledColumn {
        column: column.clone(),
        source,
        masked: column.classification == Classification::Sensitive
            || column.transform != Transform::None,
        form,
        codes: codes.map(|codes| {
            codes
                .into_iter()
                .filter(|(code, _)| !code.is_empty())
                .map(|(code, value)| (code.into(), value.into()))
                .collect()
        }),
        empty_means: empty_means.map(Into::into),
        kind,
    })
}

/// How a column's texts are written before they are compared and kept. What is looked up in a list, or
/// tells rows or persons apart, must not differ by what nobody sees.
fn form(input: &CheckInput, column: &Column, has_codes: bool) -> Form {
    let is_compared = has_codes
        || !column.allowed.is_empty()
        || column.references.is_some()
        || column.pattern.is_some()
        || column.unique
        || column.transform != Transform::None
        || input.contract.key.contains(&column.name);
    match column.column_type {
        ColumnType::Boolean => Form::Canonical,
        _ if has_codes => Form::Canonical,
        ColumnType::Text if is_compared => Form::Canonical,
        ColumnType::Text => Form::Composed,
        _ => Form::AsItStands,
    }
}

fn text_rule(input: &CheckInput, column: &Column, drift: &mut Drift) -> Option<TextRule> {
    let mut rule = TextRule {
        min_length: column.min_length,
        max_length: column.max_length,
        allowed: column.allowed.iter().map(|text| same::canonical(text).into_owned()).collect(),
        ..TextRule::default()
    };
    if let Some(pattern) = &column.pattern {
        match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(regex) => {
                let fixed = FixedForm::parse(pattern).map(Pattern::Fixed);
                rule.pattern = Some(fixed.unwrap_or(Pattern::Regex(regex)));
            }
            Err(_) => {
                let message = "the pattern is not a regular expression";
                let fault = Diagnostic::error(
                    Code::InvalidContract,
                    message,
                    Location::file(&input.contract.file),
                );
                drift.errors.push(
                    fault
                        .with_found(format!("`{pattern}`"))
                        .with_contract(drift.contract_fact(&column.name)),
                );
                return None;
            }
        }
    }
    if let Some(name) = &column.references {
        match input.references.get(name) {
            Some(values) => {
                let set = values.iter().map(|value| same::canonical(value).into()).collect();
                rule.known = Some(Known { set, sorted: Arc::clone(values) });
            }
            None => drift.notes.push(
                Diagnostic::warning(
                    Code::InvalidReferenceTable,
                    "a reference table is not there to check against",
                    drift.place(),
                )
                .with_found(format!("`{name}`"))
                .with_contract(drift.contract_fact(&column.name))
                .with_effect("the column's values are not looked up"),
            ),
        }
    }
    rule.hashing = match (&column.transform, input.key) {
        (Transform::None, _) => None,
        (Transform::CivicNumber { purpose }, Some(key)) => {
            Some(Hashing::Civic(key.for_purpose(purpose)))
        }
        (Transform::Pseudonym { purpose }, Some(key)) => {
            Some(Hashing::Any(key.for_purpose(purpose)))
        }
        (_, None) => {
            drift.errors.push(
                Diagnostic::error(
                    Code::KeyMissing,
                    "the key for pseudonyms is missing",
                    drift.place(),
                )
                .with_contract(drift.contract_fact(&column.name))
                .with_effect("delivery not checked")
                .with_hint("give the program its key file or variable, the same as last time"),
            );
            return None;
        }
    };
    rule.strangers = match (&rule.hashing, input.key) {
        (Some(_), _) => Strangers::None,
        (None, Some(key)) => Strangers::Coded(key.for_purpose(STRANGERS)),
        (None, None) => Strangers::Masked,
    };
    Some(rule)
}

/// The corrections of this table and delivery, with their places found.
fn corrections(
    input: &CheckInput,
    columns: &[CompiledColumn],
    drift: &mut Drift,
) -> Vec<CompiledCorrection> {
    let table = &input.contract.table;
    let mut compiled = Vec::new();
    for entry in input.corrections.entries().iter().filter(|entry| entry.table == *table) {
        if entry.delivery.as_deref().is_some_and(|delivery| delivery != input.delivery) {
            continue;
        }
        let find = |name: &String| columns.iter().position(|column| column.column.name == *name);
        let source = |name: &String| find(name).and_then(|index| columns[index].source);
        let unknown = std::iter::once(&entry.column)
            .chain(entry.row.keys())
            .find(|name| source(name).is_none());
        if let Some(name) = unknown {
            let place = Location::text(input.corrections.file(), entry.at, 1);
            drift.notes.push(
                Diagnostic::warning(
                    Code::ObsoleteCorrection,
                    "a correction names a column that is not there",
                    place,
                )
                .with_found(format!("`{name}`"))
                .with_contract(input.contract.file.clone())
                .with_effect("not applied"),
            );
            continue;
        }
        let (Some(column), Some(place)) = (find(&entry.column), source(&entry.column)) else {
            continue;
        };
        let row = entry.row.iter().filter_map(|(name, text)| Some((source(name)?, text.clone())));
        compiled.push(CompiledCorrection {
            place: format!("{}:{}", input.corrections.file(), entry.at),
            source: place,
            column,
            row: row.collect(),
            correction: entry.clone(),
        });
    }
    compiled
}
