//! How much of the data behind an outcome has come, and which deliveries it came in.

use crate::night::build::ask;
use crate::night::standing::Deliveries;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::Definition;
use tertial_model::{Completeness, Diagnostic, Period};
use tertial_warehouse::Engine;

/// How much of an indicator's data has come.
pub(super) struct Coverage<'a> {
    pub(super) project: &'a Project,
    pub(super) deliveries: &'a Deliveries,
    pub(super) definition: &'a Definition,
    pub(super) spans: &'a Spans,
}

impl Coverage<'_> {
    /// Months of the period against partitions of the raw tables; the table with the fewest counts.
    pub(super) fn completeness(&self, period: Period) -> Completeness {
        let months: BTreeSet<String> = period.months().map(|month| month.to_string()).collect();
        let mut rejected_rows = 0;
        let mut fewest: Option<(u32, u32)> = None;
        for table in &self.definition.completeness {
            rejected_rows += self.deliveries.rejected_rows(table);
            let periods = self.deliveries.periods_of(table);
            if periods.iter().any(|partition| partition.len() == 4 || partition == "all") {
                continue;
            }
            let reported = months.iter().filter(|&month| periods.contains(month)).count() as u32;
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
            None => ("leverans", 1, u32::from(!self.deliveries(period).is_empty())),
        };
        Completeness { of: of.to_owned(), expected, reported, rejected_rows, preliminary }
    }

    /// The deliveries behind the value: of every raw table the query stands on, those with rows in
    /// the months that the query looks at.
    pub(super) fn deliveries(&self, period: Period) -> Vec<String> {
        let months = self.spans.of_query(self.project, &self.definition.id, period);
        let raw = self.project.raw_tables_of(&self.definition.id);
        let ids = raw.iter().flat_map(|name| {
            self.deliveries.of_table(name.trim_start_matches("raw."), period, &months)
        });
        ids.collect::<BTreeSet<String>>().into_iter().collect()
    }
}

/// What has come of a figure that one row states: that row.
pub(super) fn one_delivery() -> Completeness {
    let of = "leverans".to_owned();
    Completeness { of, expected: 1, reported: 1, rejected_rows: 0, preliminary: false }
}

/// The texts that a query compares with; those that name a span tell which months it reads.
fn spans_of_query<'a>(project: &'a Project, indicator: &str) -> impl Iterator<Item = &'a str> {
    let code =
        project.text_of_query(indicator).lines().map(|line| line.split("--").next().unwrap_or(""));
    code.flat_map(|line| line.split('\'').skip(1).step_by(2))
}

/// Which months each span of each period covers, as `core.period_months` says.
#[derive(Default)]
pub struct Spans(BTreeMap<(String, String), BTreeSet<String>>);

impl Spans {
    /// Empty when there is no such table.
    pub fn read(engine: &Engine) -> Result<Spans, Vec<Diagnostic>> {
        let mut spans = Spans::default();
        if engine.columns_of("core.period_months").unwrap_or_default().is_empty() {
            return Ok(spans);
        }
        let sql = "select period_id, span, strftime(month, '%Y-%m') from core.period_months";
        for row in ask(engine, sql)?.rows {
            let text = |at: usize| row[at].text().unwrap_or_default();
            spans.0.entry((text(0), text(1))).or_default().insert(text(2));
        }
        Ok(spans)
    }

    /// The months that an indicator's query looks at, for a period.
    pub fn of_query(&self, project: &Project, indicator: &str, period: Period) -> BTreeSet<String> {
        self.months(spans_of_query(project, indicator), period)
    }

    /// The months of the spans named; the period's own when none is.
    fn months<'a>(&self, names: impl Iterator<Item = &'a str>, period: Period) -> BTreeSet<String> {
        let found = names.filter_map(|name| self.0.get(&(period.to_string(), name.to_owned())));
        let months: BTreeSet<String> = found.flatten().cloned().collect();
        if months.is_empty() {
            return period.months().map(|month| month.to_string()).collect();
        }
        months
    }
}
