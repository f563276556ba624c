//! The rows behind a figure: which they are, in words, and a listing with file and line.

use super::{Ending, NEAR, Outcome, Wanted, asking};
use crate::args::{ExplainFormat, TableFormat};
use crate::night::lineage::{Behind, Lineage, Selection};
use crate::output;
use tertial_model::{Code, Diagnostic, Faults, Location, Outcome as Figure, Sex, similar};

/// What stands under every list of rows that the proof holds for.
const ENOUGH: &str = "prövat: frågan ger samma täljare och nämnare av enbart dessa rader; några av dem kan frågan ha gått förbi";
/// What stands where it does not hold.
const UNPROVEN: &str =
    "inte prövat: raderna är de som frågan kan ha läst för dessa månader och enheter";

/// Lists the rows.
pub fn run(
    lineage: &Lineage,
    figures: &[Figure],
    wanted: &Wanted,
    format: ExplainFormat,
) -> Outcome {
    // Without more said, the figure of both sexes and no breakdown is meant.
    let mut main =
        figures.iter().filter(|figure| figure.sex == Sex::T && figure.breakdown.is_empty());
    let figure = match (figures, main.next(), main.next()) {
        ([figure], _, _) | (_, Some(figure), None) => figure,
        _ => return Err(Faults::from(several(figures))),
    };
    let behind = lineage.behind(figure)?;
    if let Some(reason) = &behind.withheld {
        let place = Location::Query {
            query: format!("indicator.{}", figure.id),
            key: format!("unit_id={}, period={}", figure.level, figure.period),
        };
        return Err(Faults::from(
            Diagnostic::error(
                Code::RowsNotListed,
                "the rows behind a figure are not listed",
                place,
            )
            .with_found(reason.clone())
            .with_effect("nothing about single persons is shown")
            .with_hint("ask about a larger unit"),
        ));
    }
    let is_wanted = |selection: &&Selection| {
        wanted.table.as_ref().is_none_or(|table| selection.table == *table)
    };
    let shown: Vec<&Selection> = behind.selections.iter().filter(is_wanted).collect();
    if shown.is_empty() {
        return Err(Faults::from(no_table(&behind, wanted)));
    }
    if format == ExplainFormat::Csv {
        let [selection] = shown.as_slice() else { return Err(Faults::from(one_table(&shown))) };
        output::table(&lineage.rows(selection, wanted.limit)?, TableFormat::Csv);
        return Ok(Ending::Clean);
    }
    if format == ExplainFormat::Json {
        let mut tables = Vec::new();
        for selection in shown {
            let mut table = told(selection);
            table["rows"] =
                serde_json::json!(output::objects(&lineage.rows(selection, wanted.limit)?));
            tables.push(table);
        }
        let mut whole = summary(&behind);
        whole["tables"] = serde_json::json!(tables);
        output::json(&whole);
        return Ok(Ending::Clean);
    }
    for selection in shown {
        let rows = lineage.rows(selection, wanted.limit)?;
        output::data(&heading(selection));
        output::table(&rows, TableFormat::Table);
        let left = selection.row_count.unwrap_or(0).saturating_sub(rows.rows.len() as u64);
        if left > 0 {
            output::data(&format!("… och {left} rader till; `--limit` visar fler"));
        }
        output::data("");
    }
    output::data(proof(&behind));
    Ok(Ending::Clean)
}

/// A table with what narrows its rows: `core.worked_time: 5 712 rader; 8 månader, …`.
pub fn heading(selection: &Selection) -> String {
    let count = selection.row_count.map(|count| {
        let count = tertial_model::Decimal::whole(count.into());
        format!("{} rader", tertial_model::swedish::decimal(count, 0))
    });
    let parts = count.into_iter().chain(selection.filters.iter().cloned());
    format!("{}: {}", selection.table, parts.collect::<Vec<_>>().join("; "))
}

/// What the proof says.
pub fn proof(behind: &Behind) -> &'static str {
    if behind.is_proven { ENOUGH } else { UNPROVEN }
}

/// The selections without their rows.
pub fn summary(behind: &Behind) -> serde_json::Value {
    serde_json::json!({
        "is_proven": behind.is_proven,
        "withheld": behind.withheld,
        "not_kept": behind.not_kept,
        "tables": behind.selections.iter().map(told).collect::<Vec<_>>(),
    })
}

fn told(selection: &Selection) -> serde_json::Value {
    serde_json::json!({
        "table": selection.table,
        "filters": selection.filters,
        "row_count": selection.row_count,
    })
}

fn several(figures: &[Figure]) -> Diagnostic {
    let named: Vec<String> = figures
        .iter()
        .take(12)
        .map(|figure| {
            let breakdown = match figure.breakdown.as_str() {
                "" => String::new(),
                breakdown => format!(" --breakdown \"{breakdown}\""),
            };
            format!("--unit {} --sex {}{breakdown}", figure.level, figure.sex)
        })
        .collect();
    Diagnostic::error(
        Code::BadSetting,
        "rows are listed for one figure at a time",
        Location::file("--rows"),
    )
    .with_found(format!("{} figures", figures.len()))
    .with_expected(format!("one of them: {}", named.join("; ")))
}

fn no_table(behind: &Behind, wanted: &Wanted) -> Diagnostic {
    let known: Vec<&str> = behind.selections.iter().map(|s| s.table.as_str()).collect();
    let fault = Diagnostic::error(
        Code::UnknownName,
        "no such table with rows stands behind the figure",
        Location::file("--rows"),
    );
    let fault = match &wanted.table {
        Some(table) => {
            let near = similar::meant(table, known.iter().copied(), NEAR);
            asking(fault.with_found(format!("`{table}`")), &near)
        }
        None => fault.with_found("figures that no table with delivery and line leads to"),
    };
    match (known.is_empty(), behind.not_kept.is_empty()) {
        (false, _) => fault.with_expected(format!("one of {}", known.join(", "))),
        (true, false) => fault.with_hint(format!(
            "the release does not hold the rows of {}",
            behind.not_kept.join(", ")
        )),
        (true, true) => fault,
    }
}

fn one_table(shown: &[&Selection]) -> Diagnostic {
    let known: Vec<&str> = shown.iter().map(|selection| selection.table.as_str()).collect();
    Diagnostic::error(
        Code::BadSetting,
        "comma-separated values hold one table",
        Location::file("--format csv"),
    )
    .with_found(format!("{} tables", known.len()))
    .with_expected(format!("`--table` with one of {}", known.join(", ")))
}
