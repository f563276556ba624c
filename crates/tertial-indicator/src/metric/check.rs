//! A metric against the contract of its measure: what it names must be there and fit.

use super::{Metric, Persons, Window};
use tertial_model::{Code, ColumnType, Contract, Diagnostic, Location};

/// What a metric asks of its measures that they do not give. `file` is the definition's; `levels` are those
/// that the organisation has, empty when nobody has listed them.
pub fn faults(
    file: &str,
    metric: &Metric,
    contract: Option<&Contract>,
    per: Option<&Contract>,
    levels: &[String],
) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let Some(contract) = contract else {
        return vec![no_measure(file, &metric.measure)];
    };
    let time = match metric.over {
        Window::Year => "year",
        Window::Stated => "period",
        _ => "month",
    };
    let mut needed: Vec<(&str, String)> = vec![(time, format!("over = {:?}", metric.over))];
    for sums in metric.all_sums() {
        for column in std::iter::once(&sums.numerator).chain(&sums.denominator) {
            match contract.column(column).map(|column| column.column_type) {
                None => needed.push((column, "a sum".to_owned())),
                Some(ColumnType::Integer | ColumnType::Decimal { .. }) => {}
                Some(other) => faults.push(
                    at(
                        file,
                        format!("`{column}` of the measure `{}` cannot be summed", metric.measure),
                    )
                    .with_found(format!("`{other}`"))
                    .with_expected("a column of whole numbers or decimals"),
                ),
            }
        }
    }
    if metric.sexes != super::Sexes::None {
        needed.push(("sex", "sexes".to_owned()));
    }
    for breakdown in &metric.breakdowns {
        needed.push((&breakdown.by, "breakdowns".to_owned()));
    }
    for only in &metric.only {
        needed.push((&only.column, "only".to_owned()));
    }
    match &metric.persons {
        Some(Persons::Distinct(column) | Persons::Sum(column)) => {
            needed.push((column, "persons".to_owned()));
        }
        Some(Persons::Most { sum, of }) => {
            needed.push((sum, "persons".to_owned()));
            needed.push((of, "persons".to_owned()));
        }
        None => {}
    }
    faults.extend(lacking(file, contract, &needed));
    if let Some(wanted) = &metric.per {
        match per {
            None => faults.push(no_measure(file, &wanted.measure)),
            Some(per) => {
                let mut needed =
                    vec![("year", "per".to_owned()), (wanted.column.as_str(), "per".to_owned())];
                if metric.sexes != super::Sexes::None {
                    needed.push(("sex", "per".to_owned()));
                }
                let dimensions = metric.breakdowns.iter().map(|breakdown| breakdown.by.as_str());
                needed.extend(dimensions.map(|name| (name, "per".to_owned())));
                faults.extend(lacking(file, per, &needed));
            }
        }
    }
    let named = metric.breakdowns.iter().flat_map(|breakdown| &breakdown.levels);
    let is_unknown = |level: &&String| !levels.is_empty() && !levels.contains(level);
    let mut unknown: Vec<&String> = metric.levels.iter().chain(named).filter(is_unknown).collect();
    unknown.dedup();
    faults.extend(unknown.into_iter().map(|level| {
        at(file, format!("no unit has the level `{level}`"))
            .with_expected(format!("of `{}`", levels.join("`, `")))
            .with_effect("the indicator would have no figure on that level")
    }));
    faults
}

fn lacking(file: &str, contract: &Contract, needed: &[(&str, String)]) -> Vec<Diagnostic> {
    let columns: Vec<&str> = contract.columns.iter().map(|column| column.name.as_str()).collect();
    let absent = needed.iter().filter(|(column, _)| contract.column(column).is_none());
    absent
        .map(|(column, what)| {
            at(file, format!("`{}` has no column `{column}`", contract.table))
                .with_found(format!("`{column}`, for {what}"))
                .with_expected(format!("of `{}`", columns.join("`, `")))
                .with_hint(format!("correct the name, or give the column in `{}`", contract.file))
        })
        .collect()
}

fn no_measure(file: &str, measure: &str) -> Diagnostic {
    at(file, format!("there is no measure `{measure}`")).with_expected(format!(
        "`sql/measure/{measure}.sql` and its contract `schemas/measure.{measure}.odcs.yaml`"
    ))
}

fn at(file: &str, message: String) -> Diagnostic {
    Diagnostic::error(Code::T0506, message, Location::file(file))
}
