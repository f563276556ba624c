//! What the public database and the report hold of figures about persons, in place of exact ones.
//!
//! How finely a figure may be told is decided in [`tertial_outcomes::precision`]; here its rules become
//! SQL over the tables that leave the house, and marts are followed to the persons they stand on.

use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use tertial_model::Contract;
use tertial_outcomes::precision::{AboutPersons, SIZE_DIGITS, printed};
use tertial_report::Value as Shown;
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
    ("indicator.unit_panels", &["total", "tau", "phi"]),
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

/// The outcomes, as marts read them.
const OUTCOMES: &str = "indicator.outcomes";

/// What a project tells of persons.
pub struct Coarse<'a> {
    project: &'a Project,
    /// Whose figures are told as printed.
    pub persons: AboutPersons<'a>,
}

impl Coarse<'_> {
    /// For the definitions and queries of a project.
    pub fn new(project: &Project) -> Coarse<'_> {
        Coarse { project, persons: AboutPersons::among(project.definitions.values()) }
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
            let ids: Vec<String> = self.persons.iter().map(|one| literal(&one.id)).collect();
            let ids = ids.join(", ");
            return Some(format!(
                "case when id in ({ids}){is_ratio} then null else {name} end as {name}"
            ));
        }
        if holds(&SIZES) {
            let ids: Vec<String> = self.persons.iter().map(|one| literal(&one.id)).collect();
            let ids = ids.join(", ");
            let digits = format!("{} - 1 - cast(floor(log10({name})) as integer)", SIZE_DIGITS);
            return Some(format!(
                "case when id in ({ids}) and {name} > 0 then round({name}, {digits}) else {name} end as {name}"
            ));
        }
        if holds(&VALUES) {
            let mut by_decimals: BTreeMap<u8, Vec<String>> = BTreeMap::new();
            for definition in self.persons.iter() {
                let ids = by_decimals.entry(definition.decimals).or_default();
                ids.push(literal(&definition.id));
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
        named.is_empty() || named.iter().any(|text| self.persons.holds(text))
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

/// Printed decimals of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimals(u8);

fn is_fraction(kind: &tertial_model::contract::ColumnType) -> bool {
    let kind = kind.to_string();
    kind.starts_with("decimal") || kind == "double"
}
