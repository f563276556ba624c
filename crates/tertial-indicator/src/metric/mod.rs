//! What an indicator sums: a measure's columns, over which months, for which units, sexes and groups.
//!
//! A *measure* is a table of additive facts, `sql/measure/<area>__<what>.sql`: a row per month (or year,
//! or stated period), lowest unit and sex where the source has them, and declared dimensions. A *metric*
//! says in facts what is made of one, in the terms of MetricFlow and Apache Ossie: its type (`simple`,
//! `ratio`, `change`), numerator and denominator by name, the window (`over`), and the groups. The summing
//! itself is written once, in [`query`]; here are the words only. Reading them from a definition is
//! [`form`]'s work; holding them against the measure's contract is [`check`]'s.

mod check;
mod form;
mod query;
#[cfg(test)]
mod tests;

use crate::Definition;
pub use check::faults;
pub(crate) use form::read;
pub use query::resolve;
use serde::Serialize;
use std::collections::BTreeMap;
use tertial_model::{Contract, Diagnostic};

/// What is made of a measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// `simple`, `ratio` or `change`.
    #[serde(rename = "type")]
    pub kind: MetricType,
    /// `climate__food_purchases`, the measure's name without its schema.
    pub measure: String,
    /// The summed columns of the figure itself.
    pub sums: Sums,
    /// The window that is summed over.
    pub over: Window,
    /// What must have been delivered before a period has a figure.
    pub requires: Requires,
    /// The other months of a change.
    pub compared_with: Option<Comparison>,
    /// Whether a row whose denominator is nought has no figure at all, instead of one that cannot be
    /// divided.
    pub requires_denominator: bool,
    /// Kinds of period that have a figure, `month`, `tertial`, `year`; empty for all.
    pub periods: Vec<String>,
    /// Levels of the organisation that have a figure; empty for all. A measure without units is the
    /// region's.
    pub levels: Vec<String>,
    /// Whether women and men have figures of their own.
    pub sexes: Sexes,
    /// Rows of the measure that count: each column has one of its values.
    pub only: Vec<Only>,
    /// Whether there is a figure for all groups together; without it the dimensions of the breakdowns
    /// hold it themselves, as an empty text, or there is none.
    pub total: bool,
    /// Groups that have figures of their own.
    pub breakdowns: Vec<Breakdown>,
    /// The same figure of other columns, each under a name of its own.
    pub variants: Vec<Variant>,
    /// The figure by versions of the method that were decided for other periods.
    pub versions: Vec<VersionSums>,
    /// How many persons stand behind a row, for the disclosure control.
    pub persons: Option<Persons>,
    /// The population that the sum is divided by, where it stands in another measure.
    pub per: Option<Per>,
    /// The definition's own text, to show where a word of it stands.
    #[serde(skip)]
    pub(crate) text: String,
}

/// What kind of metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricType {
    /// One sum.
    Simple,
    /// One sum over another; both are summed before they are divided.
    Ratio,
    /// A sum less the same sum of other months, over the latter.
    Change,
}

/// The columns that are summed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// Column above the line.
    pub numerator: String,
    /// Column below it.
    pub denominator: Option<String>,
    /// The denominator is the mean of the window's months and not their sum: an area, a stock.
    pub is_denominator_mean: bool,
}

/// The window of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The period's own months: a tertial accumulates from January.
    Period,
    /// January to the period's last month.
    YearToDate,
    /// The twelve months that end with the period.
    #[serde(rename = "rolling_12")]
    Rolling12,
    /// The period's last month alone: a stock.
    LastMonth,
    /// The last month of the period that the measure has: a snapshot.
    LatestInPeriod,
    /// The survey that holds in the period, when it is no older than twelve months.
    SurveyInForce,
    /// The calendar year, also for the year's last tertial; the measure has a `year`.
    Year,
    /// None: the measure has a `period`, as the source states it.
    Stated,
}

/// What must have been delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Requires {
    /// The period has begun; what has come so far is shown.
    Opened,
    /// Also, the window does not begin before the measure's first month.
    Start,
    /// Also, it does not end after its last.
    Span,
    /// Every month of the window has rows.
    EveryMonth,
    /// Of a change: a month counts when both it and the month it is compared with have rows.
    PairedMonths,
}

/// The months that a change is measured from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same months of the year before.
    PreviousYear,
    /// The same months of a base year.
    BaseYear(i16),
}

/// Women and men.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sexes {
    /// No figures by sex.
    None,
    /// The total is the sum of all rows, whatever their sex; women and men apart beside it.
    Summed,
    /// The measure's rows state their sex, the total among them.
    Stated,
}

/// A condition on a measure's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Only {
    /// The column.
    pub column: String,
    /// The values that count, as SQL literals.
    pub values: Vec<String>,
}

/// Groups of one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    /// The dimension's column; rows without a value belong to no group.
    pub by: String,
    /// Text in front of the group's name.
    pub prefix: String,
    /// Kinds of period that have it; empty for all that the metric has.
    pub periods: Vec<String>,
    /// Levels that have it; empty for all that the metric has.
    pub levels: Vec<String>,
}

/// The figure of other columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// The breakdown's name, in Swedish.
    pub name: String,
    /// Its columns.
    pub sums: Sums,
}

/// The figure by another version of the method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionSums {
    /// The version's number.
    pub number: u32,
    /// Its columns.
    pub sums: Sums,
}

/// How persons are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Persons {
    /// Each person once, by a column that tells them apart.
    Distinct(String),
    /// The sum of a column of counts.
    Sum(String),
    /// The largest of such sums over a dimension: who answered several questions is one person.
    Most {
        /// The column of counts.
        sum: String,
        /// The dimension.
        of: String,
    },
}

/// A denominator in another measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Per {
    /// A measure with `year`, and the metric's sexes and dimensions.
    pub measure: String,
    /// Its column.
    pub column: String,
    /// Which year's.
    pub year: PerYear,
    /// Whether its count is that of the persons behind the row.
    pub is_persons: bool,
}

/// Which year a population is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PerYear {
    /// The period's year.
    Same,
    /// The latest year before the period's that there is.
    LatestBefore,
}

/// What a definition's metric comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The indicator.
    pub indicator: String,
    /// The definition's file, relative to the project.
    pub file: String,
    /// One plain `select`.
    pub sql: String,
}

/// The queries of every definition that states a metric, and what the metrics ask for in vain.
///
/// Contracts are by table, those of measures `measure.<name>`; the levels that may be named are the
/// allowed values of `core.units.level`.
pub fn queries(
    definitions: &BTreeMap<String, Definition>,
    contracts: &BTreeMap<String, Contract>,
) -> (Vec<Query>, Vec<Diagnostic>) {
    let levels = contracts
        .get("core.units")
        .and_then(|contract| contract.column("level"))
        .map_or(&[][..], |column| column.allowed.as_slice());
    let (mut queries, mut found) = (Vec::new(), Vec::new());
    for definition in definitions.values() {
        let Some(metric) = &definition.metric else { continue };
        let file = format!("sql/indicator/{}.toml", definition.id);
        let of = |name: &str| contracts.get(&format!("measure.{name}"));
        let contract = of(&metric.measure);
        let per = metric.per.as_ref().and_then(|per| of(&per.measure));
        let faults = faults(&file, metric, contract, per, levels);
        if let Some(contract) = contract.filter(|_| faults.is_empty()) {
            let sql = resolve(&definition.name, metric, contract, per);
            queries.push(Query { indicator: definition.id.clone(), file, sql });
        }
        found.extend(faults);
    }
    (queries, found)
}

impl Metric {
    /// Every set of summed columns: the figure's own, the variants', the versions'.
    pub fn all_sums(&self) -> impl Iterator<Item = &Sums> {
        let variants = self.variants.iter().map(|variant| &variant.sums);
        let versions = self.versions.iter().map(|version| &version.sums);
        std::iter::once(&self.sums).chain(variants).chain(versions)
    }

    /// The dimensions of the breakdowns, each once, in the order they are stated.
    pub fn dimensions(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for breakdown in &self.breakdowns {
            if !found.contains(&breakdown.by.as_str()) {
                found.push(&breakdown.by);
            }
        }
        found
    }
}
