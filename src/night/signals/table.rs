//! The answers and the months behind them as rows of a release, there and back.

use super::{POINTS, SIGNALS};
use crate::night::build::ask;
use tertial_model::{Code, Diagnostic, Location, Month, Period};
use tertial_report::{Answer, Question, ResponsibleForecast, Signal, SignalPoint};
use tertial_warehouse::{Engine, Rows, Value};

/// The columns of the answers' table.
pub const COLUMNS: [(&str, &str); 29] = [
    ("indicator_id", "varchar"),
    ("id", "varchar"),
    ("unit_id", "varchar"),
    ("breakdown", "varchar"),
    ("period", "varchar"),
    ("question", "varchar"),
    ("answer", "varchar"),
    ("answer_word", "varchar"),
    ("reason", "varchar"),
    ("method", "varchar"),
    ("method_version", "bigint"),
    ("method_text", "varchar"),
    ("points", "bigint"),
    ("mean", "double"),
    ("lower_limit", "double"),
    ("upper_limit", "double"),
    ("slope", "double"),
    ("forecast", "double"),
    ("forecast_low", "double"),
    ("forecast_high", "double"),
    ("mase", "double"),
    ("mean_error", "double"),
    ("tested", "bigint"),
    ("covered", "bigint"),
    ("last_error", "double"),
    ("responsible_forecast", "double"),
    ("responsible_made_on", "varchar"),
    ("responsible_role", "varchar"),
    ("responsible_last_error", "double"),
];

/// The columns of the months' table.
pub const POINT_COLUMNS: [(&str, &str); 9] = [
    ("indicator_id", "varchar"),
    ("id", "varchar"),
    ("unit_id", "varchar"),
    ("breakdown", "varchar"),
    ("period", "varchar"),
    ("month", "varchar"),
    ("value", "double"),
    ("judged", "double"),
    ("cause", "varchar"),
];

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// An answer as a row.
pub fn row(signal: &Signal) -> Vec<Value> {
    let float = |value: Option<f64>| value.map_or(Value::Null, Value::Float);
    let count = |value: Option<u64>| value.map_or(Value::Null, |n| Value::Integer(n as i64));
    vec![
        text(&signal.id),
        text(&signal.id),
        text(&signal.level),
        text(&signal.breakdown),
        Value::Text(signal.period.to_string()),
        text(signal.question.name()),
        text(signal.answer.name()),
        text(&signal.answer_word),
        text(&signal.reason),
        text(&signal.method),
        Value::Integer(signal.method_version.into()),
        text(&signal.method_text),
        Value::Integer(signal.points as i64),
        float(signal.mean),
        float(signal.lower_limit),
        float(signal.upper_limit),
        float(signal.slope),
        float(signal.forecast),
        float(signal.forecast_low),
        float(signal.forecast_high),
        float(signal.mase),
        float(signal.mean_error),
        count(signal.tested),
        count(signal.covered),
        float(signal.last_error),
        float(signal.responsible.as_ref().map(|beside| beside.value)),
        signal.responsible.as_ref().map_or(Value::Null, |beside| text(&beside.made_on)),
        signal.responsible.as_ref().map_or(Value::Null, |beside| text(&beside.role)),
        float(signal.responsible.as_ref().and_then(|beside| beside.last_error)),
    ]
}

/// A month as a row.
pub fn point_row(period: Period, point: &SignalPoint) -> Vec<Value> {
    vec![
        text(&point.id),
        text(&point.id),
        text(&point.level),
        text(&point.breakdown),
        Value::Text(period.to_string()),
        Value::Text(point.month.to_string()),
        Value::Float(point.value),
        Value::Float(point.judged),
        text(&point.cause),
    ]
}

/// Rows of one of the tables; none from a release that was made before it had them.
fn rows(
    engine: &Engine,
    table: &str,
    rest: &str,
    arguments: &[&str],
) -> Result<Option<Rows>, Vec<Diagnostic>> {
    if engine.columns_of(table).unwrap_or_default().is_empty() {
        return Ok(None);
    }
    let sql = format!("select * from {table} where {rest}");
    if arguments.is_empty() {
        return ask(engine, &sql).map(Some);
    }
    engine.query(&sql, arguments).map(Some).map_err(|error| {
        let message = format!("the release could not answer: {error}");
        vec![Diagnostic::error(Code::T0607, message, Location::file(table))]
    })
}

/// Answers as they stand in a release.
pub fn read(
    engine: &Engine,
    condition: &str,
    arguments: &[&str],
) -> Result<Vec<Signal>, Vec<Diagnostic>> {
    let rest = format!("{condition} order by id, unit_id, breakdown, period, question");
    let Some(rows) = rows(engine, SIGNALS, &rest, arguments)? else { return Ok(Vec::new()) };
    let mut signals: Vec<Signal> =
        (0..rows.rows.len()).filter_map(|at| from_row(&rows, at)).collect();
    signals.sort_by(|a, b| {
        let key = |s: &Signal| (s.id.clone(), s.level.clone(), s.breakdown.clone(), s.period);
        (key(a), a.question).cmp(&(key(b), b.question))
    });
    Ok(signals)
}

fn from_row(rows: &Rows, at: usize) -> Option<Signal> {
    let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
    let float = |name: &str| rows.get(at, name).float();
    let number = |name: &str| rows.get(at, name).integer().unwrap_or(0);
    Some(Signal {
        id: text("id"),
        level: text("unit_id"),
        breakdown: text("breakdown"),
        period: Period::parse(&text("period"))?,
        question: Question::parse(&text("question"))?,
        answer: Answer::parse(&text("answer"))?,
        answer_word: text("answer_word"),
        reason: text("reason"),
        method: text("method"),
        method_version: number("method_version") as u32,
        method_text: text("method_text"),
        points: number("points") as u64,
        mean: float("mean"),
        lower_limit: float("lower_limit"),
        upper_limit: float("upper_limit"),
        slope: float("slope"),
        forecast: float("forecast"),
        forecast_low: float("forecast_low"),
        forecast_high: float("forecast_high"),
        mase: float("mase"),
        mean_error: float("mean_error"),
        tested: rows.get(at, "tested").integer().map(|count| count as u64),
        covered: rows.get(at, "covered").integer().map(|count| count as u64),
        last_error: float("last_error"),
        responsible: float("responsible_forecast").map(|value| ResponsibleForecast {
            made_on: text("responsible_made_on"),
            role: text("responsible_role"),
            value,
            last_error: float("responsible_last_error"),
        }),
    })
}

/// The months behind the limits as they stand in a release.
pub fn read_points(
    engine: &Engine,
    condition: &str,
    arguments: &[&str],
) -> Result<Vec<SignalPoint>, Vec<Diagnostic>> {
    let rest = format!("{condition} order by id, unit_id, breakdown, month");
    let Some(rows) = rows(engine, POINTS, &rest, arguments)? else { return Ok(Vec::new()) };
    let point = |at: usize| {
        let text = |name: &str| rows.get(at, name).text().unwrap_or_default();
        Some(SignalPoint {
            id: text("id"),
            level: text("unit_id"),
            breakdown: text("breakdown"),
            month: Month::parse(&text("month"))?,
            value: rows.get(at, "value").float()?,
            judged: rows.get(at, "judged").float()?,
            cause: text("cause"),
        })
    };
    Ok((0..rows.rows.len()).filter_map(point).collect())
}
