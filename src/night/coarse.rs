//! What is told of persons outside the warehouse: ratios as they are printed, and nothing finer.
//!
//! Exact numerators and denominators of a ratio about persons stay in `warehouse.duckdb`. In the
//! public database and in every format of the report the ratio has its printed decimals, and what is
//! worked out from it (attainment) or could be turned back into it (limits, forecasts) is no finer.
//! A count of persons is printed in full and told in full. That a ratio tells its numerator only to
//! within its printed digits protects the few that are left of a whole.
//!
//! Nothing is rounded before it is used: everything is worked out from exact figures and rounded
//! where it leaves.

use super::changes::Change;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::Definition;
use tertial_model::{Contract, Decimal, Outcome, swedish};
use tertial_report::{Signal, SignalPoint, UnitFigure, UnitPanel, Value as Shown};
use tertial_warehouse::engine::{identifier, literal};

/// Numbers of the runner's tables that are values in the unit of their indicator, or limits of them.
const VALUES: [(&str, &[&str]); 6] = [
    ("indicator.outcomes", &["value"]),
    ("indicator.restatements", &["value"]),
    (
        "indicator.signals",
        &[
            "mean",
            "lower_limit",
            "upper_limit",
            "slope",
            "forecast",
            "forecast_low",
            "forecast_high",
            "mean_error",
            "last_error",
        ],
    ),
    ("indicator.signal_points", &["value", "judged"]),
    (
        "indicator.unit_figures",
        &[
            "value",
            "low",
            "high",
            "outer_low",
            "outer_high",
            "standardised",
            "standardised_low",
            "standardised_high",
        ],
    ),
    ("indicator.unit_panels", &["total", "tau"]),
];

/// Numbers that tell more than the printed value, and are not told.
const EXACT: [(&str, &[&str]); 3] = [
    ("indicator.restatements", &["numerator", "denominator"]),
    (
        "indicator.outcomes",
        &["numerator", "denominator", "attainment", "response_count", "invited_count"],
    ),
    ("indicator.unit_figures", &["numerator"]),
];

/// Sizes, which place a unit in its funnel; two digits are enough for that.
const SIZES: [(&str, &[&str]); 1] = [("indicator.unit_figures", &["denominator"])];

/// Rows of deliveries about persons: one row more in a night would tell that one person's data came.
const ROWS: [(&str, &[&str]); 2] = [
    ("meta.deliveries", &["byte_count", "rows_read", "rows_accepted", "rows_sum"]),
    ("meta.delivery_tables", &["rows_read", "rows_accepted", "rows_sum"]),
];

/// Sums that a source states of its rows.
const CLAIMS: [(&str, &[&str]); 1] = [("meta.reconciliations", &["expected", "found"])];

/// A number of rows in whole hundreds, as SQL.
pub fn hundreds(column: &str) -> String {
    format!("cast(round({column}, -2) as bigint)")
}

/// Digits of a size.
const SIZE_DIGITS: i32 = 2;

/// The outcomes, as marts read them.
const OUTCOMES: &str = "indicator.outcomes";

/// Whether an indicator is about persons, so that its ratios are told as printed.
pub fn is_about_persons(definition: &Definition) -> bool {
    definition.suppress_max.is_some()
}

/// Whether a figure of an indicator is told as it is printed: it is a ratio, and about persons.
pub fn is_as_printed(definition: &Definition, has_denominator: bool) -> bool {
    has_denominator && is_about_persons(definition)
}

/// What a project tells of persons.
pub struct Coarse<'a> {
    project: &'a Project,
    persons: BTreeMap<&'a str, &'a Definition>,
}

impl Coarse<'_> {
    /// For the definitions and queries of a project.
    pub fn new(project: &Project) -> Coarse<'_> {
        let persons = project.definitions.values().filter(|one| is_about_persons(one));
        Coarse { project, persons: persons.map(|one| (one.id.as_str(), one)).collect() }
    }

    /// What stands in the public database in place of a column; none for the column itself.
    pub fn expression(&self, table: &str, column: &str) -> Option<String> {
        let name = identifier(column);
        let holds = |list: &[(&str, &[&str])]| {
            list.iter().any(|(of, columns)| *of == table && columns.contains(&column))
        };
        if let Some(decimals) = self.decimals_of(table).get(column) {
            let decimals = decimals.0;
            let contract = self.project.contracts.get(table)?.column(column)?;
            let kind = &contract.column_type;
            return Some(format!("cast(round({name}, {decimals}) as {kind}) as {name}"));
        }
        if holds(&CLAIMS) {
            return Some(format!(
                "case when delivery_id in (select delivery_id from meta.deliveries \
                 where concerns_persons) then null else {name} end as {name}"
            ));
        }
        if holds(&ROWS) {
            let told = match column {
                // What is told adds up: read is accepted, set aside and sum rows.
                "rows_read" => {
                    format!(
                        "{} + rows_rejected",
                        ["rows_accepted", "rows_sum"].map(hundreds).join(" + ")
                    )
                }
                _ => hundreds(&name),
            };
            return Some(format!(
                "case when concerns_persons then {told} else {name} end as {name}"
            ));
        }
        if self.persons.is_empty() {
            return None;
        }
        let is_ratio = match table {
            OUTCOMES => " and denominator is not null",
            _ => "",
        };
        if holds(&EXACT) {
            let ids: Vec<String> = self.persons.keys().map(|id| literal(id)).collect();
            let ids = ids.join(", ");
            return Some(format!(
                "case when id in ({ids}){is_ratio} then null else {name} end as {name}"
            ));
        }
        if holds(&SIZES) {
            let ids: Vec<String> = self.persons.keys().map(|id| literal(id)).collect();
            let ids = ids.join(", ");
            let digits = format!("{} - 1 - cast(floor(log10({name})) as integer)", SIZE_DIGITS);
            return Some(format!(
                "case when id in ({ids}) and {name} > 0 then round({name}, {digits}) else {name} end as {name}"
            ));
        }
        if holds(&VALUES) {
            let mut by_decimals: BTreeMap<u8, Vec<String>> = BTreeMap::new();
            for (id, definition) in &self.persons {
                by_decimals.entry(definition.decimals).or_default().push(literal(id));
            }
            // The decimal form first, as in print: a double may lie just below the half it stands for.
            let cases = by_decimals.iter().map(|(decimals, ids)| {
                let ids = ids.join(", ");
                format!(
                    "when id in ({ids}){is_ratio} \
                     then cast(round(try_cast({name} as decimal(38, 12)), {decimals}) as double)"
                )
            });
            let cases: Vec<String> = cases.collect();
            return Some(format!("case {} else {name} end as {name}", cases.join(" ")));
        }
        None
    }

    /// The printed decimals of each column of a mart that is about persons; of others nothing.
    pub fn decimals_of(&self, table: &str) -> BTreeMap<&str, Decimals> {
        let Some(contract) = self.project.contracts.get(table) else { return BTreeMap::new() };
        if !table.starts_with("mart.") || !self.mart_is_about_persons(table) {
            return BTreeMap::new();
        }
        let printed = contract.columns.iter().filter(|column| is_fraction(&column.column_type));
        printed
            .filter_map(|column| Some((column.name.as_str(), Decimals(column.decimals?))))
            .collect()
    }

    /// Whether a mart stands on rows about persons, or on outcomes of indicators about persons: on
    /// those it names, on all when it names none.
    fn mart_is_about_persons(&self, table: &str) -> bool {
        let mut open: Vec<&str> = vec![table];
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(name) = open.pop() {
            let bare = name.trim_start_matches("raw.");
            if self.project.contracts.get(bare).is_some_and(Contract::concerns_persons) {
                return true;
            }
            let Some(model) = self.project.graph.model(name) else { continue };
            for read in &model.reads {
                if read == OUTCOMES {
                    if self.names_persons(&model.sql) {
                        return true;
                    }
                } else if !read.starts_with("indicator.") && seen.insert(read.as_str()) {
                    open.push(read);
                }
            }
        }
        false
    }

    fn names_persons(&self, sql: &str) -> bool {
        let texts: Vec<&str> = sql.split('\'').skip(1).step_by(2).collect();
        let named: Vec<&&str> =
            texts.iter().filter(|text| self.project.definitions.contains_key(**text)).collect();
        named.is_empty() || named.iter().any(|text| self.persons.contains_key(**text))
    }

    /// An outcome as a report tells it.
    pub fn outcome(&self, outcome: &mut Outcome) {
        if !self.persons.contains_key(outcome.id.as_str()) || outcome.denominator.is_none() {
            return;
        }
        outcome.value = outcome.value.map(|value| printed(value, outcome.decimals));
        outcome.numerator = None;
        outcome.denominator = None;
        outcome.attainment = None;
        outcome.response = None;
    }

    /// An answer as a report tells it.
    pub fn signal(&self, signal: &mut Signal) {
        let Some(definition) = self.persons.get(signal.id.as_str()) else { return };
        for value in [
            &mut signal.mean,
            &mut signal.lower_limit,
            &mut signal.upper_limit,
            &mut signal.slope,
            &mut signal.forecast,
            &mut signal.forecast_low,
            &mut signal.forecast_high,
            &mut signal.mean_error,
            &mut signal.last_error,
        ] {
            *value = value.map(|value| printed(value, definition.decimals));
        }
    }

    /// A month behind an answer as a report tells it.
    pub fn signal_point(&self, point: &mut SignalPoint) {
        let Some(definition) = self.persons.get(point.id.as_str()) else { return };
        point.value = printed(point.value, definition.decimals);
        point.judged = printed(point.judged, definition.decimals);
    }

    /// Units beside each other as a report tells them.
    pub fn units(&self, panel: &mut UnitPanel, figures: &mut [UnitFigure]) {
        let Some(definition) = self.persons.get(panel.id.as_str()) else { return };
        let coarse = |value: &mut Option<f64>| {
            *value = value.map(|value| printed(value, definition.decimals));
        };
        coarse(&mut panel.total);
        coarse(&mut panel.tau);
        for figure in figures {
            for value in [
                &mut figure.value,
                &mut figure.low,
                &mut figure.high,
                &mut figure.outer_low,
                &mut figure.outer_high,
                &mut figure.standardised,
                &mut figure.standardised_low,
                &mut figure.standardised_high,
            ] {
                coarse(value);
            }
            figure.numerator = None;
            figure.denominator = figure.denominator.map(size);
        }
    }

    /// A cell of a mart as a report tells it.
    pub fn shown(decimals: Option<&Decimals>, value: Shown) -> Shown {
        let Some(Decimals(decimals)) = decimals else { return value };
        match value {
            Shown::Exact(exact) => Shown::Exact(exact.rescale(*decimals).unwrap_or(exact)),
            Shown::Float(float) => Shown::Float(printed(float, *decimals)),
            other => other,
        }
    }
}

/// Why a figure changed, as a report tells it: how many rows came tells how many persons they are of.
pub fn reasons(project: &Project, change: &Change) -> Vec<String> {
    let is_coarse = project.definitions.get(&change.id).is_some_and(is_about_persons);
    let told = |reason: &crate::night::changes::Reason| match is_coarse {
        true => reason.kind.word().to_owned(),
        false => format!("{}: {}", reason.kind.word(), reason.text),
    };
    let mut told: Vec<String> = change.reasons.iter().map(told).collect();
    if is_coarse {
        told.dedup();
    }
    told
}

/// A number of rows as a report tells it, in whole hundreds where they are about persons.
pub fn rows(count: i64, concerns_persons: bool) -> i64 {
    if concerns_persons { (count + 50) / 100 * 100 } else { count }
}

/// Printed decimals of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimals(u8);

fn is_fraction(kind: &tertial_model::contract::ColumnType) -> bool {
    let kind = kind.to_string();
    kind.starts_with("decimal") || kind == "double"
}

/// A value as it is printed.
fn printed(value: f64, decimals: u8) -> f64 {
    let exact = swedish::from_float(value).and_then(|exact| exact.rescale(decimals));
    exact.map_or(value, Decimal::to_f64)
}

/// A size with its first digits.
fn size(size: f64) -> f64 {
    if size <= 0.0 || !size.is_finite() {
        return size;
    }
    // By its decimal digits: a product such as 73 × 0,1 has a binary tail.
    format!("{size:.*e}", SIZE_DIGITS as usize - 1).parse().unwrap_or(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_two_digits() {
        assert_eq!(
            [size(12_345.6), size(99.6), size(7.26), size(0.0)],
            [12_000.0, 100.0, 7.3, 0.0]
        );
    }
}
