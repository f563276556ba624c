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
use crate::similar;
use tertial_model::contract::Transform;
use tertial_model::{Code, Column, ColumnType, Diagnostic, Place, TextBatch};

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
    Length,
    Pattern,
    Civic(CivicFault),
    Reference,
}

/// Most values listed in an "expected".
const MOST_LISTED: usize = 8;
const SET_ASIDE: &str = "row set aside";

/// The complete diagnostic of a cell. `lean` leaves out excerpt and advice.
pub(crate) fn cell(
    compiled: &Compiled,
    batch: &TextBatch,
    row: usize,
    column: &CompiledColumn,
    problem: Problem,
    text: Option<&str>,
    lean: bool,
) -> Diagnostic {
    let text = text.map(trim).unwrap_or("");
    let source = column.source.unwrap_or(0);
    let location = batch.location(&compiled.file, &compiled.part, row, source);
    let location = mask::location(batch, location, &compiled.masked);
    let mut fault = Diagnostic::error(
        code(&column.column, problem),
        message(&column.column, problem),
        location,
    )
    .with_found(found(compiled, batch, row, column, problem, text))
    .with_expected(expected(compiled, column, problem))
    .with_contract(format!("{}, `{}`", compiled.contract_file, column.column.name))
    .with_effect(SET_ASIDE);
    if !lean {
        fault.excerpt = mask::excerpt(batch, row, source, &compiled.masked);
        fault.hints = hints(compiled, batch, column, problem, text);
    }
    fault
}

fn code(column: &Column, problem: Problem) -> Code {
    match problem {
        Problem::Missing => Code::T0201,
        Problem::Number(NumberFault::NotANumber) if column.column_type == ColumnType::Integer => {
            Code::T0202
        }
        Problem::Number(NumberFault::TooPrecise) if column.column_type == ColumnType::Integer => {
            Code::T0202
        }
        Problem::Number(NumberFault::NotANumber) => Code::T0203,
        Problem::Number(NumberFault::OtherMark) => Code::T0204,
        Problem::Number(NumberFault::TooPrecise | NumberFault::TooLarge) => Code::T0212,
        Problem::Date(_) => Code::T0205,
        Problem::Month(_) => Code::T0206,
        Problem::Truth => Code::T0207,
        Problem::Code | Problem::Allowed => Code::T0208,
        Problem::Range => Code::T0209,
        Problem::Length | Problem::Pattern => Code::T0210,
        Problem::Civic(_) => Code::T0211,
        Problem::Reference => Code::T0213,
    }
}

fn message(column: &Column, problem: Problem) -> String {
    let name = &column.name;
    match code(column, problem) {
        Code::T0201 => format!("`{name}` has no value"),
        Code::T0202 => format!("`{name}` is not a whole number"),
        Code::T0203 => format!("`{name}` is not a decimal number"),
        Code::T0204 => format!("`{name}` has another decimal mark than agreed"),
        Code::T0205 => format!("`{name}` is not a date"),
        Code::T0206 => format!("`{name}` is not a month"),
        Code::T0207 => format!("`{name}` is neither true nor false"),
        Code::T0208 if problem == Problem::Code => {
            format!("`{name}` has a code that is not in the code list")
        }
        Code::T0208 => format!("`{name}` is not among the allowed values"),
        Code::T0209 => format!("`{name}` is out of range"),
        Code::T0210 if problem == Problem::Length => format!("`{name}` is too long"),
        Code::T0210 => format!("`{name}` does not have the agreed form"),
        Code::T0211 => format!("`{name}` is not a valid civic number"),
        Code::T0212 => format!("`{name}` does not fit its type"),
        _ => format!("`{name}` refers to something unknown"),
    }
}

fn found(
    compiled: &Compiled,
    batch: &TextBatch,
    row: usize,
    column: &CompiledColumn,
    problem: Problem,
    text: &str,
) -> String {
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
    if column.masked {
        let masked = mask::by_type(text);
        return match problem {
            Problem::Civic(reason) => format!("{masked}: {}", reason.words()),
            _ => masked,
        };
    }
    let shown = mask::quoted(text);
    match problem {
        Problem::Number(NumberFault::NotANumber) => match odd_character(text) {
            Some(words) => format!("{shown} ({words})"),
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
        Problem::Length => format!("{shown}, {} characters", text.chars().count()),
        _ => shown,
    }
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
        Problem::Range => match (rules.minimum, rules.maximum) {
            (Some(low), Some(high)) => format!("at least {low} and at most {high}"),
            (Some(low), None) => format!("at least {low}"),
            (_, high) => {
                format!("at most {}", high.map(|high| high.to_string()).unwrap_or_default())
            }
        },
        Problem::Length => format!("at most {} characters", rules.max_length.unwrap_or_default()),
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
        _ => of_type(column),
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
            let whole = if comma { "12 345" } else { "12345" };
            let fits = match rules.column_type {
                ColumnType::Decimal { precision, scale } => precision - scale >= 5,
                _ => true,
            };
            let whole = if fits { whole } else { "0" };
            let example = if decimals.is_empty() {
                whole.to_owned()
            } else {
                format!("{whole}{mark}{decimals}")
            };
            (dress, example)
        }
        Kind::Date => ("", "2024-08-31".to_owned()),
        Kind::Month => (", the first day or the month alone", "2024-08".to_owned()),
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

fn hints(
    compiled: &Compiled,
    batch: &TextBatch,
    column: &CompiledColumn,
    problem: Problem,
    text: &str,
) -> Vec<String> {
    let in_source = "correct the cell in the source and export again, or agree on a correction in `corrections.toml`";
    let mut hints = Vec::new();
    match problem {
        Problem::Number(NumberFault::OtherMark) => {
            if matches!(batch.place, Place::Sheet { .. }) {
                hints.push("numbers a workbook stores as numbers come with a point: leave `decimal` out for it".to_owned());
            }
            hints.push("ask the source for one decimal mark, or state the one it uses as `decimal` in `pipeline.toml`".to_owned());
        }
        Problem::Number(NumberFault::TooPrecise) => {
            hints.push("nothing is rounded at the door: give the column more decimals in the contract, or ask for rounded figures".to_owned());
        }
        Problem::Date(MomentFault::Form) | Problem::Month(MomentFault::Form)
            if looks_day_first(text) =>
        {
            hints.push(
                "day and month cannot be told apart in this form: ask the source for `2024-08-31`"
                    .to_owned(),
            );
        }
        Problem::Missing => {
            hints.push("fill in the cell in the source and export again; if it may be empty, say so in the contract".to_owned());
        }
        Problem::Code => {
            let codes = column.codes.iter().flat_map(|codes| codes.keys()).map(|code| &**code);
            hints.extend(suggestion(column, text, codes));
            hints.push(format!("if the code is new, add it to `{}`", compiled.codes_file));
        }
        Problem::Allowed => {
            hints.extend(suggestion(
                column,
                text,
                column.column.allowed.iter().map(String::as_str),
            ));
            hints.push(
                "if the value is sound, add it to the contract, or map it in `codes.csv`"
                    .to_owned(),
            );
        }
        Problem::Reference => {
            if let Kind::Text(rule) = &column.kind
                && let Some(known) = &rule.known
            {
                hints.extend(suggestion(column, text, known.sorted.iter().map(String::as_str)));
            }
            hints.push("if it is new, add it to the table it should stand in".to_owned());
        }
        Problem::Civic(CivicFault::Interim) => {
            hints.push("ask the source for the permanent number".to_owned());
        }
        _ => hints.push(in_source.to_owned()),
    }
    hints
}

fn suggestion<'a>(
    column: &CompiledColumn,
    text: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let is_secret = column.masked || column.column.transform != Transform::None;
    if is_secret { None } else { similar::question(&similar::nearest(text, known, 3)) }
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
        Code::T0508,
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

/// A later row with the key of an earlier one.
pub(crate) fn duplicate(
    compiled: &Compiled,
    batch: &TextBatch,
    row: usize,
    first_line: Option<u64>,
) -> Diagnostic {
    let source = compiled.key.iter().find_map(|index| compiled.columns[*index].source).unwrap_or(0);
    let values: Vec<String> = compiled
        .key
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
    let first = match first_line {
        Some(line) => format!("first on line {line}"),
        None => "first on an earlier line".to_owned(),
    };
    let mut fault = Diagnostic::error(
        Code::T0302,
        "two rows have the same key",
        mask::location(batch, location, &compiled.masked),
    )
    .with_found(format!("{}, {first}", values.join(", ")))
    .with_expected("one row for each key")
    .with_contract(format!("{}, key", compiled.contract_file))
    .with_effect("row set aside; the first one stays")
    .with_hint("remove the row that is too many in the source, or add the column that tells the rows apart to the key");
    fault.excerpt = mask::excerpt(batch, row, source, &compiled.masked);
    fault
}

/// What the reader said about a row of a table with sensitive columns, with nothing of the row left.
pub(crate) fn foreign(mut fault: Diagnostic) -> Diagnostic {
    if let Some(excerpt) = &mut fault.excerpt {
        excerpt.text = mask::undivided(&excerpt.text);
    }
    fault.message = mask::digit_runs(&fault.message);
    fault.found = fault.found.map(|found| mask::digit_runs(&found));
    fault.hints = fault.hints.iter().map(|hint| mask::digit_runs(hint)).collect();
    fault
}
