//! Which partition a row belongs to: the month of a date, a year, or the only one there is.

use arrow::array::{AsArray, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Date32Type, Int64Type, Schema};
use arrow::error::ArrowError;
use std::collections::BTreeMap;
use tertial_model::Month;

/// How the rows of a table are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// One partition.
    All,
    /// By the month of this date column.
    Month(usize),
    /// By this column of years.
    Year(usize),
}

impl Rule {
    /// The rule for a period column: a date divides by month, a whole number is a year, any other
    /// type does not divide.
    pub(crate) fn of(schema: &Schema, period_column: Option<&str>) -> Rule {
        let Some(name) = period_column else { return Rule::All };
        let index = schema.index_of(name);
        let index = index.unwrap_or_else(|_| panic!("the period column `{name}` is no column"));
        match schema.field(index).data_type() {
            DataType::Date32 => Rule::Month(index),
            DataType::Int64 => Rule::Year(index),
            _ => Rule::All,
        }
    }
}

/// One partition; the order is that of the periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// The table is not divided.
    All,
    /// The period column holds no value.
    Missing,
    /// A calendar month.
    Month(Month),
    /// A calendar year.
    Year(i16),
}

impl Slot {
    /// The value in the folder's name. Any engine reads the folder of the missing ones as null.
    pub(crate) fn name(self) -> String {
        match self {
            Slot::All => "all".to_owned(),
            Slot::Missing => "__HIVE_DEFAULT_PARTITION__".to_owned(),
            Slot::Month(month) => month.to_string(),
            Slot::Year(year) => format!("{year:04}"),
        }
    }

    /// First and last month of its rows.
    pub(crate) fn months(self) -> Option<(Month, Month)> {
        match self {
            Slot::All | Slot::Missing => None,
            Slot::Month(month) => Some((month, month)),
            Slot::Year(year) => Month::new(year, 1).zip(Month::new(year, 12)),
        }
    }
}

/// Why rows could not be divided.
#[derive(Debug)]
pub(crate) enum SplitError {
    /// A day or year that no partition can be named after, as text.
    OutOfRange(String),
    /// A fault of the Arrow library.
    Arrow(ArrowError),
}

/// Divides a batch; a batch of one partition is passed on as it is.
pub(crate) fn split(
    batch: RecordBatch,
    rule: Rule,
) -> Result<Vec<(Slot, RecordBatch)>, SplitError> {
    match rule {
        Rule::All => Ok(vec![(Slot::All, batch)]),
        Rule::Month(index) => {
            let days = batch.column(index).as_primitive::<Date32Type>().clone();
            divide(batch, days.iter(), month_of)
        }
        Rule::Year(index) => {
            let years = batch.column(index).as_primitive::<Int64Type>().clone();
            divide(batch, years.iter(), year_of)
        }
    }
}

/// Days or years whose partition is remembered while a batch is divided.
const KNOWN: usize = 512;

fn divide<V: Copy + PartialEq + Into<i64>>(
    batch: RecordBatch,
    values: impl Iterator<Item = Option<V>> + Clone,
    slot_of: impl Fn(V) -> Result<Slot, String>,
) -> Result<Vec<(Slot, RecordBatch)>, SplitError> {
    // A delivery has few different days, so the answer for a day is mostly known.
    let mut known = [(None, usize::MAX); KNOWN];
    let mut places: BTreeMap<Slot, usize> = BTreeMap::new();
    let mut rows: Vec<(Slot, Vec<u32>)> = Vec::new();
    for (row, value) in values.enumerate() {
        let memory = &mut known[value.map_or(0, |value| value.into() as usize % KNOWN)];
        if memory.1 == usize::MAX || memory.0 != value {
            let slot = value.map_or(Ok(Slot::Missing), &slot_of);
            let slot = slot.map_err(SplitError::OutOfRange)?;
            let place = *places.entry(slot).or_insert_with(|| {
                rows.push((slot, Vec::new()));
                rows.len() - 1
            });
            *memory = (value, place);
        }
        rows[memory.1].1.push(row as u32);
    }
    rows.sort_unstable_by_key(|(slot, _)| *slot);
    if rows.len() == 1 {
        return Ok(rows.into_iter().map(|(slot, _)| (slot, batch.clone())).collect());
    }
    let taken = rows
        .into_iter()
        .map(|(slot, indices)| Ok((slot, take_record_batch(&batch, &UInt32Array::from(indices))?)));
    taken.collect::<Result<_, ArrowError>>().map_err(SplitError::Arrow)
}

/// The month of a day counted from 1970-01-01 (the civil calendar carried backwards and forwards,
/// counted in years that begin in March so that the leap day comes last).
fn month_of(day: i32) -> Result<Slot, String> {
    let days = i64::from(day) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let found = i16::try_from(year).ok().and_then(|year| Month::new(year, month as u8));
    found.map(Slot::Month).ok_or_else(|| format!("a day in the year {year}"))
}

fn year_of(year: i64) -> Result<Slot, String> {
    let found = i16::try_from(year).ok().filter(|year| Month::new(*year, 1).is_some());
    found.map(Slot::Year).ok_or_else(|| format!("the year {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Date32Array, Int64Array};
    use jiff::civil::{Date, date};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn day(date: Date) -> i32 {
        date.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days()
    }

    fn check(column: ArrayRef, rule: Rule) -> Vec<(String, usize)> {
        let batch = RecordBatch::try_from_iter_with_nullable([("p", column, true)]).unwrap();
        let parts = split(batch, rule).unwrap();
        parts.into_iter().map(|(slot, rows)| (slot.name(), rows.num_rows())).collect()
    }

    #[test]
    fn rows_go_to_their_month_year_or_the_only_partition() {
        let days = [
            Some(day(date(2024, 8, 31))),
            None,
            Some(day(date(2024, 7, 1))),
            Some(day(date(2024, 8, 1))),
        ];
        let days: ArrayRef = Arc::new(Date32Array::from(days.to_vec()));
        let expected = [("__HIVE_DEFAULT_PARTITION__", 1), ("2024-07", 1), ("2024-08", 2)];
        assert_eq!(check(days.clone(), Rule::Month(0)), expected.map(|(n, c)| (n.to_owned(), c)));
        assert_eq!(check(days, Rule::All), [("all".to_owned(), 4)]);
        let years: ArrayRef = Arc::new(Int64Array::from(vec![2023, 2023]));
        assert_eq!(check(years, Rule::Year(0)), [("2023".to_owned(), 2)]);
    }

    #[test]
    fn a_year_that_cannot_be_meant_is_refused() {
        let years: ArrayRef = Arc::new(Int64Array::from(vec![20_240]));
        let batch = RecordBatch::try_from_iter([("p", years)]).unwrap();
        let fault = split(batch, Rule::Year(0));
        assert!(matches!(fault, Err(SplitError::OutOfRange(text)) if text == "the year 20240"));
        assert!(month_of(i32::MIN).is_err() && month_of(i32::MAX).is_err());
    }

    proptest! {
        #[test]
        fn months_agree_with_the_calendar(count in day(date(1900, 1, 1))..=day(date(2199, 12, 31))) {
            let date = date(1970, 1, 1).checked_add(jiff::Span::new().days(count)).unwrap();
            let month = Month::new(date.year(), date.month() as u8).unwrap();
            prop_assert_eq!(month_of(count), Ok(Slot::Month(month)));
        }
    }
}
