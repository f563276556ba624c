//! What is said about a cell that cannot be taken: every wording of the check, in one place.
//!
//! Only rejected cells come here, so nothing needs to be fast, except that advice which searches
//! known values is left out once a batch has very many faults.

use crate::cell::civic::CivicFault;
use crate::cell::moment::{MomentFault, looks_day_first};
use crate::cell::number::{NumberFault, odd_character};
use crate::cell::trim;
use crate::kernel::compiled::{Compiled, CompiledColumn, CompiledCorrection, Kind};
use crate::mask;
use crate::uniqueness::First;
use tertial_model::formula::{FAILED, NO_RESULT, STALE_RESULT};
use tertial_model::{Code, Column, ColumnType, Decimal, Diagnostic, TextBatch, similar};

/// Why a cell was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    Missing,
    Number(NumberFault),
    Date(MomentFault),
    Month(MomentFault),
    Truth,
    Code,
    Allowed,
    Range,
    Outside,
    Long,
    Short,
    Pattern,
    Civic(CivicFault),
    Reference,
    /// A civic number where none is expected.
    Stranger,
    /// A failed formula of a workbook.
    SheetError,
}

/// Most values listed in an "expected".
const MOST_LISTED: usize = 8;
const SET_ASIDE: &str = "row set aside";

/// How much is said about a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Everything, near known values included.
    Searched,
    /// Everything but near known values.
    Full,
    /// Neither excerpt nor advice.
    Lean,
}

/// The cell at fault.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub compiled: &'a Compiled,
    pub batch: &'a TextBatch,
    pub row: usize,
    pub column: &'a CompiledColumn,
    /// Source columns of the row that are not shown.
    pub masked: &'a [usize],
}

/// Whether a cell that does not fit its column may be another one's, with a name or a diagnosis in it:
/// words that are near nothing that the column knows.
pub(crate) fn may_be_misplaced(
    column: &CompiledColumn,
    problem: Problem,
    text: &str,
    detail: Detail,
) -> bool {
    !matches!(problem, Problem::Missing | Problem::SheetError | Problem::Outside | Problem::Range)
        && mask::has_words(text)
        && (detail != Detail::Searched || near_values(column, problem, trim(text)).is_none())
}

/// What to do about a formula without a result.
pub(crate) const FORMULA_HINT: &str = "open the workbook in a spreadsheet program, let it compute, save it, and deliver that; or ask for the sheet with values only";

/// The complete diagnostic of a cell.
pub(crate) fn cell(
    place: Place,
    problem: Problem,
    text: Option<&str>,
    detail: Detail,
) -> Diagnostic {
    let Place { compiled, batch, row, column, masked } = place;
    let text = text.map(trim).unwrap_or("");
    let rules = &column.column;
    let source = column.source.unwrap_or(0);
    let location = batch.location(&compiled.file, &compiled.part, row, source);
    let location = mask::location(batch, location, masked);
    let mut fault = Diagnostic::error(code(rules, problem), message(rules, problem), location)
        .with_found(found(place, problem, text))
        .with_expected(expected(compiled, column, problem))
        .with_contract(format!("{}, `{}`", compiled.contract_file, rules.name))
        .with_effect(SET_ASIDE);
    if detail != Detail::Lean {
        fault.excerpt = mask::excerpt(batch, row, source, masked);
        if detail == Detail::Searched {
            fault.hints.extend(near_values(column, problem, text));
        }
        fault.hints.extend(hints(place, problem, text));
    }
    fault
}

fn code(column: &Column, problem: Problem) -> Code {
    match problem {
        Problem::Missing => Code::ValueMissing,
        Problem::SheetError => match column.column_type {
            ColumnType::Text => Code::PatternMismatch,
            ColumnType::Integer => Code::NotAnInteger,
            ColumnType::Decimal { .. } | ColumnType::Double => Code::NotADecimal,
            ColumnType::Date => Code::NotADate,
            ColumnType::Month => Code::NotAMonth,
            ColumnType::Boolean => Code::NotABoolean,
        },
        Problem::Number(NumberFault::NotANumber) if column.column_type == ColumnType::Integer => {
            Code::NotAnInteger
        }
        Problem::Number(NumberFault::TooPrecise | NumberFault::NoUnit | NumberFault::OtherUnit)
            if column.column_type == ColumnType::Integer =>
        {
            Code::NotAnInteger
        }
        Problem::Number(NumberFault::NoUnit | NumberFault::OtherUnit) => Code::NotADecimal,
        Problem::Number(NumberFault::NotANumber) => Code::NotADecimal,
        Problem::Number(NumberFault::OtherMark) => Code::WrongDecimalMark,
        Problem::Number(NumberFault::TooPrecise | NumberFault::TooLarge) => Code::NumberTooLarge,
        Problem::Date(_) => Code::NotADate,
        Problem::Month(_) => Code::NotAMonth,
        Problem::Truth => Code::NotABoolean,
        Problem::Code | Problem::Allowed => Code::ValueNotAllowed,
        Problem::Range => Code::OutOfRange,
        Problem::Outside => Code::RowOutsidePeriod,
        Problem::Long | Problem::Short | Problem::Pattern => Code::PatternMismatch,
        Problem::Civic(_) => Code::InvalidCivicNumber,
        Problem::Stranger => Code::UnexpectedCivicNumber,
        Problem::Reference => Code::UnknownReference,
    }
}

fn message(column: &Column, problem: Problem) -> String {
    let name = &column.name;
    match code(column, problem) {
        Code::ValueMissing => format!("`{name}` has no value"),
        Code::NotAnInteger => format!("`{name}` is not a whole number"),
        Code::NotADecimal => format!("`{name}` is not a decimal number"),
        Code::WrongDecimalMark => format!("`{name}` has another decimal mark than agreed"),
        Code::NotADate => format!("`{name}` is not a date"),
        Code::NotAMonth => format!("`{name}` is not a month"),
        Code::NotABoolean => format!("`{name}` is neither true nor false"),
        Code::ValueNotAllowed if problem == Problem::Code => {
            format!("`{name}` has a code that is not in the code list")
        }
        Code::ValueNotAllowed => format!("`{name}` is not among the allowed values"),
        Code::OutOfRange => format!("`{name}` is out of range"),
        Code::PatternMismatch if problem == Problem::Long => format!("`{name}` is too long"),
        Code::PatternMismatch if problem == Problem::Short => format!("`{name}` is too short"),
        Code::RowOutsidePeriod => "the row lies outside the delivery's period".to_owned(),
        Code::PatternMismatch => format!("`{name}` does not have the agreed form"),
        Code::InvalidCivicNumber => format!("`{name}` is not a valid civic number"),
        Code::NumberTooLarge => format!("`{name}` does not fit its type"),
        Code::UnexpectedCivicNumber => format!("`{name}` is a civic number"),
        _ => format!("`{name}` refers to something unknown"),
    }
}

fn found(place: Place, problem: Problem, text: &str) -> String {
    let Place { compiled, batch, row, column, masked } = place;
    if problem == Problem::Missing {
        let is_there =
            column.source.is_some_and(|s| s < batch.width && batch.get(row, s).is_some());
        return match (is_there, text.is_empty()) {
            (false, _) => "no cell".to_owned(),
            (true, true) => "an empty cell".to_owned(),
            (true, false) if compiled.is_missing(text) => format!("`{text}`, which means no value"),
            (true, false) => format!("`{text}`, whose code stands for no value"),
        };
    }
    if problem == Problem::SheetError {
        return sheet_error(text);
    }
    if problem == Problem::Stranger
        || column.masked
        || column.source.is_some_and(|source| masked.contains(&source))
    {
        let shown = mask::by_type(text);
        return match problem {
            Problem::Civic(reason) => format!("{shown}: {}", reason.words()),
            _ => shown,
        };
    }
    let shown = mask::quoted(text);
    match problem {
        Problem::Number(NumberFault::NotANumber) => match odd_character(text) {
            Some(words) if text.contains(|c: char| c.is_ascii_digit()) => {
                format!("{shown} ({words})")
            }
            _ => shown,
        },
        Problem::Number(NumberFault::TooPrecise) => match decimals(text) {
            Some(1) => format!("{shown}, 1 decimal"),
            Some(count) => format!("{shown}, {count} decimals"),
            None => shown,
        },
        Problem::Number(NumberFault::OtherMark) if is_ambiguous(text) => {
            format!("{shown}, which can be read in two ways")
        }
        Problem::Date(MomentFault::NoSuchDay) | Problem::Month(MomentFault::NoSuchDay) => {
            format!("{shown}, which does not exist")
        }
        Problem::Date(MomentFault::TimeOfDay) | Problem::Month(MomentFault::TimeOfDay) => {
            format!("{shown}, with a time of day")
        }
        Problem::Month(MomentFault::InsideMonth) => format!("{shown}, a day inside a month"),
        Problem::Number(NumberFault::NoUnit) => {
            format!("{shown}, with a unit, and nothing says what the column holds")
        }
        Problem::Number(NumberFault::OtherUnit) => {
            format!("{shown}, whose unit is not the column's")
        }
        Problem::Long | Problem::Short => match text.chars().count() {
            1 => format!("{shown}, 1 character"),
            count => format!("{shown}, {count} characters"),
        },
        _ => shown,
    }
}

/// What stands where a formula gave no value, in words.
pub(crate) fn sheet_error(text: &str) -> String {
    match text {
        NO_RESULT => "a formula whose result the workbook does not hold".to_owned(),
        STALE_RESULT => "a formula whose result the workbook calls out of date".to_owned(),
        text => format!("the error {}", mask::quoted(text.strip_prefix(FAILED).unwrap_or(text))),
    }
}

/// How many decimals a text has.
fn decimals(text: &str) -> Option<usize> {
    let (_, fraction) = text.rsplit_once([',', '.'])?;
    fraction.bytes().all(|b| b.is_ascii_digit()).then_some(fraction.len())
}

/// `1.234`: thousands to one program, decimals to another.
fn is_ambiguous(text: &str) -> bool {
    text.rsplit_once('.')
        .is_some_and(|(whole, rest)| rest.len() == 3 && whole.trim_start_matches('-').len() <= 3)
}

fn expected(compiled: &Compiled, column: &CompiledColumn, problem: Problem) -> String {
    let rules = &column.column;
    match problem {
        Problem::Code => {
            let codes = column.codes.iter().flat_map(|codes| codes.keys());
            let mut codes: Vec<&str> = codes.map(|code| &**code).collect();
            codes.sort_unstable();
            format!("one of the codes in {}: {}", compiled.codes_file, list(&codes))
        }
        Problem::Allowed => {
            let values: Vec<&str> = rules.allowed.iter().map(String::as_str).collect();
            format!("one of {}", list(&values))
        }
        Problem::Range => {
            let limit = |number: Option<Decimal>, day: &Option<String>| {
                number.map(|number| number.to_string()).or_else(|| day.clone())
            };
            let low = limit(rules.minimum, &rules.earliest);
            bounds(low, limit(rules.maximum, &rules.latest), "")
        }
        Problem::Outside => {
            let period = compiled.within.map(|period| period.to_string()).unwrap_or_default();
            format!("a row of `{period}`, as the file's name says")
        }
        Problem::Long | Problem::Short => {
            let limit = |length: Option<u32>| length.map(|length| length.to_string());
            bounds(limit(rules.min_length), limit(rules.max_length), " characters")
        }
        Problem::Pattern => {
            let pattern = rules.pattern.as_deref().unwrap_or_default();
            match &rules.example {
                Some(example) => format!("text that matches `{pattern}`, e.g. `{example}`"),
                None => format!("text that matches `{pattern}`"),
            }
        }
        Problem::Civic(_) => "a Swedish civic or coordination number of 12 or 10 digits".to_owned(),
        Problem::Reference => {
            format!("a value of `{}`", rules.references.as_deref().unwrap_or_default())
        }
        Problem::Truth if !rules.allowed.is_empty() => {
            let marks: Vec<&str> = rules.allowed.iter().map(String::as_str).collect();
            format!("boolean: one of {}", list(&marks))
        }
        Problem::Number(NumberFault::TooPrecise | NumberFault::TooLarge) => room(rules.column_type),
        _ => of_type(column),
    }
}

fn bounds(low: Option<String>, high: Option<String>, of: &str) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("at least {low} and at most {high}{of}"),
        (Some(low), None) => format!("at least {low}{of}"),
        (None, high) => format!("at most {}{of}", high.unwrap_or_default()),
    }
}

/// What a number type holds, in words.
fn room(column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Decimal { precision, scale } => {
            let whole = precision - scale;
            format!("{column_type}: at most {whole} digits before the mark and {scale} after it")
        }
        other => format!("{other}: a whole number of at most 18 digits"),
    }
}

/// The type in words with an example in the source's dress.
fn of_type(column: &CompiledColumn) -> String {
    let rules = &column.column;
    let (dress, example) = match &column.kind {
        Kind::Number(rule) => {
            let comma = rule.form.mark == b',';
            let mark = if comma { ',' } else { '.' };
            let dress = match rule.form.scale {
                0 => "",
                _ if comma => " with decimal comma",
                _ => " with decimal point",
            };
            let decimals: String =
                "6050505050505050505".chars().take(rule.form.scale.into()).collect();
            let room = match rules.column_type {
                ColumnType::Decimal { precision, scale } => precision - scale,
                _ => 18,
            };
            let whole = match room {
                0 => "0",
                1 => "1",
                2 => "12",
                3 | 4 => "123",
                _ if comma => "12 345",
                _ => "12345",
            };
            let example = if decimals.is_empty() {
                whole.to_owned()
            } else {
                format!("{whole}{mark}{decimals}")
            };
            (dress, example)
        }
        Kind::Date(_) => ("", "2024-08-31".to_owned()),
        Kind::Month(_) => (", the first day or the month alone", "2024-08".to_owned()),
        Kind::Truth { .. } => {
            return "boolean: `J` or `N`, `Ja` or `Nej`, `1` or `0`, `true` or `false`".to_owned();
        }
        Kind::Text(_) => {
            return match &rules.example {
                Some(example) if !column.masked => {
                    format!("{}, e.g. `{example}`", rules.column_type)
                }
                _ => rules.column_type.to_string(),
            };
        }
    };
    let example = match &rules.example {
        Some(example) if !column.masked => example.clone(),
        _ => example,
    };
    format!("{}{dress}, e.g. `{example}`", rules.column_type)
}

fn list(values: &[&str]) -> String {
    let mut words: Vec<String> = values
        .iter()
        .take(MOST_LISTED)
        .map(|v| if v.is_empty() { "nothing".to_owned() } else { format!("`{v}`") })
        .collect();
    if values.len() > MOST_LISTED {
        words.push(format!("and {} more", values.len() - MOST_LISTED));
    }
    words.join(", ")
}

fn hints(place: Place, problem: Problem, text: &str) -> Vec<String> {
    let hint = match problem {
        Problem::Number(NumberFault::OtherMark) => {
            let is_sheet = matches!(place.batch.place, tertial_model::Place::Sheet { .. });
            let sheet = "numbers a workbook stores as numbers come with a point: leave `decimal` out for it";
            let mark = "ask the source for one decimal mark, or state the one it uses as `decimal` in `pipeline.toml`";
            return if is_sheet {
                vec![sheet.to_owned(), mark.to_owned()]
            } else {
                vec![mark.to_owned()]
            };
        }
        Problem::Number(NumberFault::TooPrecise) => {
            "nothing is rounded at the door: give the column more decimals in the contract, or ask for rounded figures"
        }
        Problem::Date(MomentFault::Form) | Problem::Month(MomentFault::Form)
            if looks_day_first(text) =>
        {
            "day and month cannot be told apart in this form: ask the source for `2024-08-31`"
        }
        Problem::Date(MomentFault::TimeOfDay) | Problem::Month(MomentFault::TimeOfDay) => {
            "if the column holds moments, say so in the contract with `{property: tertial.timeZone, value: Europe/Stockholm}`: those without a zone of their own lie there, and the day is that of Sweden; otherwise ask the source for the day alone"
        }
        Problem::Missing => {
            "fill in the cell in the source and export again; if it may be empty, say so in the contract"
        }
        Problem::Code => {
            return vec![format!("if the code is new, add it to `{}`", place.compiled.codes_file)];
        }
        Problem::Allowed => {
            "if the value is sound, add it to the contract, or map it in `codes.csv`"
        }
        Problem::SheetError if matches!(text, NO_RESULT | STALE_RESULT) => FORMULA_HINT,
        Problem::SheetError => {
            "a formula failed in the workbook: correct it there, or ask for the sheet with values only"
        }
        Problem::Number(NumberFault::NoUnit) => {
            "state the column's unit in the contract as `tertial.unit`: with `%` the cell `42 %` is 42, with `andel` it is 0.42"
        }
        Problem::Number(NumberFault::OtherUnit) => {
            "correct the cell's format in the workbook, or the column's unit (`tertial.unit`) in the contract"
        }
        Problem::Outside => {
            "ask the source for the rows of the period alone; if the file holds other months too, say so in its name"
        }
        Problem::Stranger => {
            "see whether columns were swapped in the source, and ask for a new export"
        }
        Problem::Reference => "if it is new, add it to the table it should stand in",
        Problem::Civic(CivicFault::Interim) => "ask the source for the permanent number",
        _ => {
            "correct the cell in the source and export again, or agree on a correction in `corrections.toml`"
        }
    };
    vec![hint.to_owned()]
}

/// "Did you mean" among what is known; nothing about identifiers of persons.
fn near_values(column: &CompiledColumn, problem: Problem, text: &str) -> Option<String> {
    if column.masked {
        return None;
    }
    let known: Vec<&str> = match (problem, &column.kind) {
        (Problem::Code, _) => {
            column.codes.iter().flat_map(|codes| codes.keys()).map(|c| &**c).collect()
        }
        (Problem::Allowed, _) => column.column.allowed.iter().map(String::as_str).collect(),
        (Problem::Reference, Kind::Text(rule)) => {
            rule.known.iter().flat_map(|known| known.sorted.iter()).map(String::as_str).collect()
        }
        _ => return None,
    };
    similar::question(&similar::nearest(text, known, 3))
}

/// A correction whose cell no longer holds what it was made for.
pub(crate) fn outlived(
    compiled: &Compiled,
    batch: &TextBatch,
    row: usize,
    entry: &CompiledCorrection,
    current: &str,
) -> Diagnostic {
    let masked = compiled.columns[entry.column].masked;
    let show = |text: &str| match (masked, text.is_empty()) {
        (true, _) => mask::by_type(text),
        (false, true) => "an empty cell".to_owned(),
        (false, false) => mask::quoted(text),
    };
    let location = batch.location(&compiled.file, &compiled.part, row, entry.source);
    let is_mended = current == entry.correction.value;
    let hint = if is_mended {
        "the source has been corrected: remove the record"
    } else {
        "decide again, and change or remove the record"
    };
    let mut fault = Diagnostic::warning(
        Code::ObsoleteCorrection,
        format!("the correction of `{}` has outlived its cause", entry.correction.column),
        mask::location(batch, location, &compiled.masked),
    )
    .with_found(show(current))
    .with_expected(format!("{}, as {} says", show(&entry.correction.expect), entry.place))
    .with_effect("not applied; the source's own value is checked")
    .with_hint(hint);
    fault.excerpt = mask::excerpt(batch, row, entry.source, &compiled.masked);
    fault
}

const REPEATED_KEY: &str = "remove the row that is too many in the source, or add the column that tells the rows apart to the key";
const REPEATED_VALUE: &str =
    "ask the source why the value stands twice, or take `unique` out of the contract";
const TAKEN_KEY: &str = "ask the senders which of the two the row belongs to, and have the other one deliver again without it";

/// A row with the key of an earlier one, in the same delivery or another.
pub(crate) fn duplicate(
    compiled: &Compiled,
    batch: &TextBatch,
    row: usize,
    set: usize,
    first: &First,
) -> Diagnostic {
    let set = &compiled.keys[set];
    let columns = &set.columns;
    let source = columns.iter().find_map(|index| compiled.columns[*index].source).unwrap_or(0);
    let values: Vec<String> = columns
        .iter()
        .map(|index| {
            let column = &compiled.columns[*index];
            let text = column.source.filter(|s| *s < batch.width).and_then(|s| batch.get(row, s));
            let text = trim(text.unwrap_or(""));
            let shown = if column.masked { mask::by_type(text) } else { mask::quoted(text) };
            format!("{} {shown}", column.column.name)
        })
        .collect();
    let location = batch.location(&compiled.file, &compiled.part, row, source);
    let location = mask::location(batch, location, &compiled.masked);
    let alone = columns.first().filter(|_| !set.missing_counts);
    let alone = alone.map(|index| &compiled.columns[*index].column.name);
    let subject = alone.map_or("key".to_owned(), |name| format!("value in `{name}`"));
    let rule = alone.map_or("key".to_owned(), |name| format!("`{name}`, unique"));
    let values = values.join(", ");
    let mut fault = match first {
        First::Line(line) => {
            let (expected, advice) = match alone {
                Some(_) => ("another value in each row", REPEATED_VALUE),
                None => ("one row for each key", REPEATED_KEY),
            };
            let message = format!("two rows have the same {subject}");
            Diagnostic::error(Code::DuplicateKey, message, location)
                .with_found(format!("{values}, first on line {line}"))
                .with_expected(expected)
                .with_effect("row set aside; the first one stays")
                .with_hint(advice)
        }
        First::Elsewhere { file, line } => {
            let message = format!("another delivery holds a row with the same {subject}");
            Diagnostic::error(Code::DuplicateKeyAcrossDeliveries, message, location)
                .with_found(format!("{values}, also in `{file}`, line {line}"))
                .with_expected("one row for each key among the deliveries in force")
                .with_effect("row set aside; the one received first stays")
                .with_hint(TAKEN_KEY)
        }
    }
    .with_contract(format!("{}, {rule}", compiled.contract_file));
    fault.excerpt = mask::excerpt(batch, row, source, &compiled.masked);
    fault
}

/// What the reader said about a row of a table with sensitive columns, with nothing of the row left.
pub fn foreign(mut fault: Diagnostic) -> Diagnostic {
    if let Some(excerpt) = &mut fault.excerpt {
        excerpt.text = mask::undivided(&excerpt.text);
    }
    fault.message = mask::digit_runs(&fault.message);
    fault.found = fault.found.map(|found| mask::digit_runs(&found));
    fault.hints = fault.hints.iter().map(|hint| mask::digit_runs(hint)).collect();
    fault
}
