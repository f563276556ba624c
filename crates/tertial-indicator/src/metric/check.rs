//! A metric against the contract of its measure: what it names must be there and fit.

use super::{Metric, Persons, Sexes, Window};
use crate::place::locate;
use tertial_model::{Code, ColumnType, Contract, Diagnostic, Location};

/// What a metric asks of its measures that they do not give. `file` is the definition's; `levels` are those
/// that the organisation has, empty when nobody has listed them.
///
/// Raises `T0521` (no such measure), `T0522` (a sum that cannot be had), `T0523` (a level that no unit has)
/// and `T0524` (a breakdown or another column that the measure lacks).
pub fn faults(
    file: &str,
    metric: &Metric,
    contract: Option<&Contract>,
    per: Option<&Contract>,
    levels: &[String],
) -> Vec<Diagnostic> {
    let check = Check { file, metric };
    let Some(contract) = contract else {
        return vec![check.no_measure(&metric.measure)];
    };
    let mut faults = check.sums(contract);
    faults.extend(check.lacking(contract, &check.needed()));
    if let Some(wanted) = &metric.per {
        match per {
            None => faults.push(check.no_measure(&wanted.measure)),
            Some(per) => faults.extend(check.lacking(per, &check.needed_of_population())),
        }
    }
    faults.extend(check.levels(levels));
    faults
}

/// A column that is asked for, the word of the definition that asks, and what for.
struct Needed<'a> {
    column: &'a str,
    word: &'a str,
    what: String,
}

struct Check<'a> {
    file: &'a str,
    metric: &'a Metric,
}

impl<'a> Check<'a> {
    /// The columns that are summed: there, and of numbers.
    fn sums(&self, contract: &Contract) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for sums in self.metric.all_sums() {
            for column in std::iter::once(&sums.numerator).chain(&sums.denominator) {
                match contract.column(column).map(|column| column.column_type) {
                    None => faults.push(
                        self.at(
                            Code::NotSummable,
                            format!("`{}` has no column `{column}` to sum", contract.table),
                            column,
                        )
                        .with_found(format!("`{column}`"))
                        .with_expected(format!("of `{}`", names(contract, true)))
                        .with_hint(in_contract(contract)),
                    ),
                    Some(ColumnType::Integer | ColumnType::Decimal { .. }) => {}
                    Some(other) => faults.push(
                        self.at(
                            Code::NotSummable,
                            format!("`{column}` of `{}` cannot be summed", contract.table),
                            column,
                        )
                        .with_found(format!("`{other}`"))
                        .with_expected(format!("of `{}`", names(contract, true))),
                    ),
                }
            }
        }
        faults
    }

    /// What the metric asks of its measure besides its sums.
    fn needed(&self) -> Vec<Needed<'a>> {
        let metric = self.metric;
        let time = match metric.over {
            Window::Year => "year",
            Window::Stated => "period",
            _ => "month",
        };
        let own =
            |column: &'a str, what: &str| Needed { column, word: column, what: what.to_owned() };
        let mut needed =
            vec![Needed { column: time, word: "over", what: format!("over = {:?}", metric.over) }];
        if metric.sexes != Sexes::None {
            needed.push(Needed { column: "sex", word: "sexes", what: "sexes".to_owned() });
        }
        needed.extend(metric.breakdowns.iter().map(|breakdown| own(&breakdown.by, "breakdowns")));
        needed.extend(metric.only.iter().map(|only| own(&only.column, "only")));
        match &metric.persons {
            Some(Persons::Distinct(column) | Persons::Sum(column)) => {
                needed.push(own(column, "persons"));
            }
            Some(Persons::Most { sum, of }) => {
                needed.extend([own(sum, "persons"), own(of, "persons")]);
            }
            None => {}
        }
        needed
    }

    /// What it asks of the measure of the population.
    fn needed_of_population(&self) -> Vec<Needed<'a>> {
        let of = |column: &'a str| Needed { column, word: column, what: "per".to_owned() };
        let mut needed = vec![Needed { word: "per", ..of("year") }];
        needed.extend(self.metric.per.iter().map(|per| of(&per.column)));
        if self.metric.sexes != Sexes::None {
            needed.push(Needed { word: "per", ..of("sex") });
        }
        needed.extend(self.metric.breakdowns.iter().map(|breakdown| of(&breakdown.by)));
        needed
    }

    fn lacking(&self, contract: &Contract, needed: &[Needed]) -> Vec<Diagnostic> {
        let absent = needed.iter().filter(|needed| contract.column(needed.column).is_none());
        absent
            .map(|Needed { column, word, what }| {
                let message = format!("`{}` has no column `{column}`", contract.table);
                self.at(Code::UnknownBreakdown, message, word)
                    .with_found(format!("`{column}`, for {what}"))
                    .with_expected(format!("of `{}`", names(contract, false)))
                    .with_hint(in_contract(contract))
            })
            .collect()
    }

    fn levels(&self, levels: &[String]) -> Vec<Diagnostic> {
        let named = self.metric.breakdowns.iter().flat_map(|breakdown| &breakdown.levels);
        let is_unknown = |level: &&String| !levels.is_empty() && !levels.contains(level);
        let named = self.metric.levels.iter().chain(named).filter(is_unknown);
        let mut unknown: Vec<&String> = named.collect();
        unknown.dedup();
        let fault = |level: &String| {
            self.at(Code::UnknownLevel, format!("no unit has the level `{level}`"), level)
                .with_found(format!("`{level}`"))
                .with_expected(format!("of `{}`", levels.join("`, `")))
                .with_effect("the indicator would have no figure on that level")
        };
        unknown.into_iter().map(fault).collect()
    }

    fn no_measure(&self, measure: &str) -> Diagnostic {
        let expected = format!(
            "`sql/measure/{measure}.sql` and its contract `schemas/measure.{measure}.odcs.yaml`"
        );
        self.at(Code::UnknownMeasure, format!("there is no measure `{measure}`"), measure)
            .with_found(format!("`{measure}`"))
            .with_expected(expected)
    }

    /// A fault at the place where the metric says a word: as a text, or as the name of a field.
    fn at(&self, code: Code, message: String, word: &str) -> Diagnostic {
        let text = &self.metric.text;
        let from = text.find("[metric]").unwrap_or(0);
        let quoted = format!("\"{word}\"");
        let as_text = text[from..].find(&quoted).map(|at| from + at..from + at + quoted.len());
        let as_field = || {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let is_field = |at: &usize| {
                let (before, after) = (&text[..*at], &text[at + word.len()..]);
                !before.ends_with(is_name) && after.trim_start_matches(' ').starts_with('=')
            };
            let mut found = text[from..].match_indices(word).map(|(at, _)| from + at);
            found.find(is_field).map(|at| at..at + word.len())
        };
        match as_text.or_else(as_field) {
            Some(span) => {
                let (location, excerpt) = locate(self.file, text, span);
                Diagnostic::error(code, message, location).with_excerpt(excerpt)
            }
            None => Diagnostic::error(code, message, Location::file(self.file)),
        }
    }
}

/// The columns of a contract, for a message; of numbers only, or all.
fn names(contract: &Contract, of_numbers: bool) -> String {
    let is_number =
        |kind: ColumnType| matches!(kind, ColumnType::Integer | ColumnType::Decimal { .. });
    let columns = contract.columns.iter();
    let columns = columns.filter(|column| !of_numbers || is_number(column.column_type));
    columns.map(|column| column.name.as_str()).collect::<Vec<_>>().join("`, `")
}

fn in_contract(contract: &Contract) -> String {
    format!("correct the name, or give the column in `{}`", contract.file)
}
