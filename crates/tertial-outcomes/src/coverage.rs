//! How much of the data behind an outcome has come, and which deliveries it came in.

use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::Definition;
use tertial_model::{Completeness, Period};

/// What has been delivered, as far as figures are made of it.
pub trait Arrivals {
    /// The partitions of a raw table that have rows: months (`2024-08`), years, `all`.
    fn partitions(&self, table: &str) -> BTreeSet<String>;
    /// Rows set aside in the deliveries that hold a raw table.
    fn rejected_rows(&self, table: &str) -> u64;
    /// Ids of the deliveries behind an indicator's value of a period, in order: of every raw table the
    /// query stands on, those with rows in the months that the query looks at.
    fn behind(&self, indicator: &str, period: Period) -> Vec<String>;
}

/// How much of an indicator's data has come.
pub(crate) struct Coverage<'a> {
    pub(crate) arrivals: &'a dyn Arrivals,
    pub(crate) definition: &'a Definition,
}

impl Coverage<'_> {
    /// The completeness of a period and the deliveries behind its values.
    pub(crate) fn of_period(&self, period: Period) -> (Completeness, Vec<String>) {
        let deliveries = self.arrivals.behind(&self.definition.id, period);
        (self.completeness(period, !deliveries.is_empty()), deliveries)
    }

    /// Months of the period against partitions of the raw tables; the table with the fewest counts.
    fn completeness(&self, period: Period, is_delivered: bool) -> Completeness {
        let months: BTreeSet<String> = period.months().map(|month| month.to_string()).collect();
        let mut rejected_rows = 0;
        let mut fewest: Option<(u32, u32)> = None;
        for table in &self.definition.completeness {
            rejected_rows += self.arrivals.rejected_rows(table);
            let partitions = self.arrivals.partitions(table);
            if partitions.iter().any(|partition| partition.len() == 4 || partition == "all") {
                continue;
            }
            let reported = months.iter().filter(|&month| partitions.contains(month)).count() as u32;
            if fewest.is_none_or(|(fewest, _)| reported < fewest) {
                fewest = Some((reported, months.len() as u32));
            }
        }
        let preliminary = self
            .definition
            .preliminary_until
            .as_deref()
            .is_some_and(|until| period.last_month().to_string().as_str() >= until);
        let (of, expected, reported) = match fewest {
            Some((reported, expected)) => ("månader", expected, reported),
            None => ("leverans", 1, u32::from(is_delivered)),
        };
        Completeness { of: of.to_owned(), expected, reported, rejected_rows, preliminary }
    }
}

/// What has come of a figure that one row states: that row.
pub(crate) fn one_delivery() -> Completeness {
    let of = "leverans".to_owned();
    Completeness { of, expected: 1, reported: 1, rejected_rows: 0, preliminary: false }
}

/// Which months each span of each period covers: the period itself, year to date, rolling twelve ….
#[derive(Debug, Default)]
pub struct Spans(BTreeMap<(String, String), BTreeSet<String>>);

impl Spans {
    /// Takes in a month of a span of a period.
    pub fn add(&mut self, period: String, span: String, month: String) {
        self.0.entry((period, span)).or_default().insert(month);
    }

    /// The months of the spans named; the period's own when none is.
    pub fn months<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        period: Period,
    ) -> BTreeSet<String> {
        let found = names.filter_map(|name| self.0.get(&(period.to_string(), name.to_owned())));
        let months: BTreeSet<String> = found.flatten().cloned().collect();
        if months.is_empty() {
            return period.months().map(|month| month.to_string()).collect();
        }
        months
    }
}
