//! `tertial indicators`: every outcome of a period with target, status and completeness.

use super::{Ending, Outcome, edition};
use crate::args::{Past, TableFormat};
use crate::night::{outcomes, signals};
use crate::output;
use crate::project::Project;
use tertial_model::{
    Code, Diagnostic, Faults, Location, Outcome as Figure, Period, Sex, Signal, swedish,
};
use tertial_warehouse::{Rows, Value};

/// The period asked for, or the open one.
pub fn period_or_open(project: &Project, period: Option<Period>) -> Result<Period, Faults> {
    period.or(project.config.night.open_period).ok_or_else(|| {
        Faults::from(
            Diagnostic::error(
                Code::BadSetting,
                "no period was named and the project has no open one",
                Location::file(crate::config::FILE),
            )
            .with_hint("name a period, e.g. `2024T2`, or set `open_period` under `[night]`"),
        )
    })
}

/// The verb.
pub fn run(project: &Project, period: Option<Period>, past: &Past, format: TableFormat) -> Outcome {
    let period = period_or_open(project, period)?;
    let edition = edition(project, past)?;
    let engine = &edition.engine;
    let figures = outcomes::read(engine, "period = $1", &[&period.to_string()])?;
    if format == TableFormat::Json {
        output::json(&with_signals(
            &figures,
            &signals::read(engine, "period = $1", &[&period.to_string()])?,
        ));
        return Ok(Ending::Clean);
    }
    let columns = [
        "indicator",
        "unit",
        "sex",
        "breakdown",
        "value",
        "target",
        "attainment",
        "status",
        "completeness",
    ];
    let rows = Rows {
        columns: columns.iter().map(|&name| (name.to_owned(), "varchar".to_owned())).collect(),
        rows: figures.iter().map(row).collect(),
    };
    output::table(&rows, format);
    Ok(Ending::Clean)
}

/// The figures, each with the answers beside its status; empty for what no plan follows.
pub fn with_signals(figures: &[Figure], signals: &[Signal]) -> Vec<serde_json::Value> {
    let whole = |figure: &Figure| {
        let own: Vec<&Signal> = signals.iter().filter(|signal| is_about(signal, figure)).collect();
        let mut value = serde_json::json!(figure);
        value["signals"] = serde_json::json!(own);
        value
    };
    figures.iter().map(whole).collect()
}

/// Whether an answer is about a figure: answers are given for both sexes together.
pub fn is_about(signal: &Signal, figure: &Figure) -> bool {
    figure.sex == Sex::T
        && signal.id == figure.id
        && signal.level == figure.level
        && signal.breakdown == figure.breakdown
        && signal.period == figure.period
}

fn row(figure: &Figure) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let attainment =
        figure.attainment.map(|share| swedish::with_unit(&swedish::float(share * 100.0, 1), "%"));
    vec![
        text(&figure.id),
        text(&figure.level),
        Value::Text(figure.sex.to_string()),
        text(&figure.breakdown),
        Value::Text(figure.printed()),
        figure.target.as_ref().map_or(Value::Null, |target| text(&target.printed)),
        attainment.map_or(Value::Null, Value::Text),
        figure.status.map_or(Value::Null, |status| {
            Value::Text(format!("{} {}", status.number(), status.word()))
        }),
        Value::Text(figure.completeness.text()),
    ]
}
