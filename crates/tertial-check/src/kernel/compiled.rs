//! A contract's columns made ready for one delivery: places resolved, rules turned into tables.

use crate::cell::moment;
use crate::cell::number::{NumberFault, NumberForm, power_of_ten};
use crate::cell::unit::{self, Measure};
use crate::corrections::Correction;
use crate::kernel::form::FixedForm;
use crate::kernel::hash::BuildFolding;
use crate::pseudonym::PurposeHash;
use arrow::datatypes::{DataType, SchemaRef};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use tertial_model::{Column, ColumnType, Decimal, Month, Part, Period, same};

/// Everything the kernel needs, shared by the threads that check one part of one delivery.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub part: Part,
    pub file: String,
    pub table: String,
    pub contract_file: String,
    pub codes_file: String,
    pub received_on: Date,
    /// The period rows must lie in.
    pub within: Option<Period>,
    pub columns: Vec<CompiledColumn>,
    /// Source columns whose cells are masked in messages.
    pub masked: Vec<usize>,
    /// Whether the table has columns about persons: then a cell that does not fit its column may be
    /// another column's, and is shown only when it has no words.
    pub concerns_persons: bool,
    /// Contract columns that together never repeat: the key first, then those that are unique alone.
    pub keys: Vec<KeyColumns>,
    pub missing: Vec<String>,
    pub sum_labels: Vec<String>,
    pub corrections: Vec<CompiledCorrection>,
    pub schema: SchemaRef,
}

impl Compiled {
    /// Whether a text is one of the agreed marks for "no value".
    #[inline]
    pub(crate) fn is_missing(&self, text: &str) -> bool {
        !self.missing.is_empty() && {
            let text = same::canonical(text);
            self.missing.iter().any(|mark| *mark == text)
        }
    }
}

/// A [`KeySet`](crate::keys::KeySet) with its columns' places in the contract.
#[derive(Debug)]
pub(crate) struct KeyColumns {
    pub columns: Vec<usize>,
    pub missing_counts: bool,
}

/// One contract column.
#[derive(Debug)]
pub(crate) struct CompiledColumn {
    pub column: Column,
    /// Column in the source; none when the source does not have it.
    pub source: Option<usize>,
    pub masked: bool,
    /// How its texts are written before they are compared and kept.
    pub form: Form,
    pub codes: Option<HashMap<Box<str>, Box<str>, BuildFolding>>,
    /// What an empty cell means, when somebody said so.
    pub empty_means: Option<Box<str>>,
    pub kind: Kind,
}

/// How a column's texts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Not text: numbers and days are read as they stand.
    AsItStands,
    /// Text to be read: its letters composed.
    Composed,
    /// What is compared with something: codes, keys, values of a list.
    Canonical,
}

impl Form {
    #[inline]
    pub(crate) fn of(self, text: &str) -> Cow<'_, str> {
        match self {
            Form::AsItStands => Cow::Borrowed(text),
            Form::Composed => same::composed(text),
            Form::Canonical => same::canonical(text),
        }
    }
}

/// The rule of a type.
#[derive(Debug)]
pub(crate) enum Kind {
    Text(Box<TextRule>),
    Number(NumberRule),
    Date(DayRule),
    Month(DayRule),
    Truth { marks: Vec<String> },
}

/// Rules of a column of days or months, in days since 1970-01-01.
#[derive(Debug, Clone)]
pub(crate) struct DayRule {
    pub earliest: i32,
    pub latest: i32,
    /// First and last day of the delivery's period, where rows must lie in it.
    pub within: (i32, i32),
    /// Where moments lie that name no zone; none: they are refused.
    pub zone: Option<TimeZone>,
}

/// Rules of a text column.
#[derive(Debug, Default)]
pub(crate) struct TextRule {
    pub min_length: Option<u32>,
    pub max_length: Option<u32>,
    pub pattern: Option<Pattern>,
    pub allowed: Vec<String>,
    pub known: Option<Known>,
    pub hashing: Option<Hashing>,
    /// What becomes of a civic number that stands where none is expected.
    pub strangers: Strangers,
}

/// What the whole text must look like.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    Fixed(FixedForm),
    Regex(Regex),
}

impl Pattern {
    #[inline]
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Fixed(form) => form.matches(text),
            Pattern::Regex(regex) => regex.is_match(text),
        }
    }
}

/// The values another table holds.
#[derive(Debug)]
pub(crate) struct Known {
    pub set: HashSet<Box<str>, BuildFolding>,
    pub sorted: Arc<BTreeSet<String>>,
}

/// What becomes of a civic number in a column without a transform.
#[derive(Default)]
pub(crate) enum Strangers {
    /// The column is replaced as a whole.
    #[default]
    None,
    /// A cell that is one gets a code; within a text it is masked.
    Coded(PurposeHash),
    /// It is masked: there is no key.
    Masked,
}

impl std::fmt::Debug for Strangers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Strangers(<masked>)")
    }
}

/// How an identifier of a person is replaced.
pub(crate) enum Hashing {
    Civic(PurposeHash),
    Any(PurposeHash),
}

impl std::fmt::Debug for Hashing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashing(<masked>)")
    }
}

/// Rules of a number column, all in units of its last decimal.
#[derive(Debug)]
pub(crate) struct NumberRule {
    pub form: NumberForm,
    pub minimum: i128,
    pub maximum: i128,
    pub allowed: Vec<i128>,
    /// First and last year of the delivery's period, where rows must lie in it.
    pub within: (i128, i128),
    /// What the numbers count, where something says so.
    pub measure: Option<Measure>,
}

/// A correction with its places resolved.
#[derive(Debug)]
pub(crate) struct CompiledCorrection {
    pub correction: Correction,
    /// Where it stands, for messages.
    pub place: String,
    pub source: usize,
    pub column: usize,
    pub row: Vec<(usize, String)>,
}

impl DayRule {
    /// The rule of a `date` or `month` column.
    pub(crate) fn new(column: &Column, within: Option<Period>) -> DayRule {
        let day = |text: &Option<String>| moment::date(text.as_deref()?).ok();
        let first = |month: Month| moment::first_day(month.year() as u32, month.month().into());
        let within = within.and_then(|period| {
            Some((first(period.first_month())?, first(period.last_month().plus(1))? - 1))
        });
        DayRule {
            earliest: day(&column.earliest).unwrap_or(i32::MIN),
            latest: day(&column.latest).unwrap_or(i32::MAX),
            within: within.unwrap_or((i32::MIN, i32::MAX)),
            zone: column.time_zone.as_deref().and_then(moment::zone),
        }
    }
}

impl NumberRule {
    /// The rule of a `bigint` or `decimal(p,s)` column.
    pub(crate) fn new(
        column: &Column,
        mark: u8,
        within: Option<Period>,
        headings: &[&str],
    ) -> NumberRule {
        let (scale, limit) = match column.column_type {
            ColumnType::Decimal { precision, scale } => (scale, power_of_ten(precision)),
            _ => (0, i128::from(i64::MAX) + 1),
        };
        let hours = matches!(column.unit.as_deref(), Some("timmar" | "tim" | "h"));
        let in_units =
            |limit: Option<Decimal>, up: bool| limit.map(|limit| units(limit, scale, up));
        let is_at_most_one = column.maximum == Decimal::parse("1");
        let measure =
            unit::of_column(column.unit.as_deref(), &column.name, headings, is_at_most_one);
        NumberRule {
            measure,
            form: NumberForm { mark, scale, limit, hours, floats: false },
            within: within.map_or((i128::MIN, i128::MAX), |period| {
                (period.first_month().year().into(), period.last_month().year().into())
            }),
            minimum: in_units(column.minimum, true).unwrap_or(i128::MIN),
            maximum: in_units(column.maximum, false).unwrap_or(i128::MAX),
            allowed: column
                .allowed
                .iter()
                .filter_map(|text| Decimal::parse(text)?.rescale(scale))
                .map(Decimal::units)
                .collect(),
        }
    }
}

impl NumberRule {
    /// A number of the column, in units of its last decimal. In a workbook (`shows_units`) the cell's
    /// format may show a unit behind it.
    #[inline]
    pub(crate) fn read(
        &self,
        form: &NumberForm,
        shows_units: bool,
        text: &str,
    ) -> Result<i128, NumberFault> {
        match form.parse(text) {
            Err(NumberFault::NotANumber) if shows_units => unit::parse(form, self.measure, text),
            read => read,
        }
    }
}

/// A limit in units of `10^-scale`, rounded towards the inside of the range.
fn units(limit: Decimal, scale: u8, up: bool) -> i128 {
    let outermost = if limit.units() < 0 { i128::MIN } else { i128::MAX };
    if limit.scale() <= scale {
        return limit.rescale(scale).map_or(outermost, Decimal::units);
    }
    let divisor = power_of_ten(limit.scale() - scale);
    let (quotient, rest) = (limit.units().div_euclid(divisor), limit.units().rem_euclid(divisor));
    quotient + i128::from(up && rest != 0)
}

/// The Arrow type a column has at rest.
pub(crate) fn arrow_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Integer => DataType::Int64,
        ColumnType::Decimal { precision, scale } => DataType::Decimal128(precision, scale as i8),
        ColumnType::Date | ColumnType::Month => DataType::Date32,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Double => DataType::Float64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_rounded_inwards() {
        let limit = |text: &str, scale, up| units(Decimal::parse(text).unwrap(), scale, up);
        assert_eq!(limit("400.5", 2, false), 40_050);
        assert_eq!(limit("0.005", 2, true), 1);
        assert_eq!(limit("0.005", 2, false), 0);
        assert_eq!(limit("-0.005", 2, true), 0);
        assert_eq!(limit("-0.005", 2, false), -1);
    }
}
