//! The answers and the months behind them as rows of a release, there and back.

use super::{POINTS, SIGNALS};
use crate::night::warehouse::ask;
use tertial_model::{
    Answer, Code, Diagnostic, Faults, Location, Month, Period, Question, ResponsibleForecast,
    Signal, SignalPoint,
};
use tertial_warehouse::{Cell, Engine, Record, Rows};

/// An answer as a row.
pub struct SignalRow<'a>(pub &'a Signal);

impl Record for SignalRow<'_> {
    const TABLE: &'static str = SIGNALS;

    fn cells(&self) -> Vec<Cell> {
        let signal = self.0;
        let responsible = signal.responsible.as_ref();
        vec![
            ("indicator_id", (&signal.id).into()),
            ("id", (&signal.id).into()),
            ("unit_id", (&signal.level).into()),
            ("breakdown", (&signal.breakdown).into()),
            ("period", signal.period.to_string().into()),
            ("question", signal.question.name().into()),
            ("answer", signal.answer.name().into()),
            ("answer_word", (&signal.answer_word).into()),
            ("reason", (&signal.reason).into()),
            ("method", (&signal.method).into()),
            ("method_version", signal.method_version.into()),
            ("method_text", (&signal.method_text).into()),
            ("points", signal.points.into()),
            ("mean", signal.mean.into()),
            ("lower_limit", signal.lower_limit.into()),
            ("upper_limit", signal.upper_limit.into()),
            ("slope", signal.slope.into()),
            ("forecast", signal.forecast.into()),
            ("forecast_low", signal.forecast_low.into()),
            ("forecast_high", signal.forecast_high.into()),
            ("mase", signal.mase.into()),
            ("mean_error", signal.mean_error.into()),
            ("tested", signal.tested.into()),
            ("covered", signal.covered.into()),
            ("last_error", signal.last_error.into()),
            ("responsible_forecast", responsible.map(|beside| beside.value).into()),
            ("responsible_made_on", responsible.map(|beside| &beside.made_on).into()),
            ("responsible_role", responsible.map(|beside| &beside.role).into()),
            ("responsible_last_error", responsible.and_then(|beside| beside.last_error).into()),
        ]
    }
}

/// A month behind the answers about a period, as a row.
pub struct PointRow<'a>(pub Period, pub &'a SignalPoint);

impl Record for PointRow<'_> {
    const TABLE: &'static str = POINTS;

    fn cells(&self) -> Vec<Cell> {
        let PointRow(period, point) = self;
        vec![
            ("indicator_id", (&point.id).into()),
            ("id", (&point.id).into()),
            ("unit_id", (&point.level).into()),
            ("breakdown", (&point.breakdown).into()),
            ("period", period.to_string().into()),
            ("month", point.month.to_string().into()),
            ("value", point.value.into()),
            ("judged", point.judged.into()),
            ("cause", (&point.cause).into()),
        ]
    }
}

/// Rows of one of the tables; none from a release that was made before it had them.
fn rows(
    engine: &Engine,
    table: &str,
    rest: &str,
    arguments: &[&str],
) -> Result<Option<Rows>, Faults> {
    if engine.columns_of(table).unwrap_or_default().is_empty() {
        return Ok(None);
    }
    let sql = format!("select * from {table} where {rest}");
    if arguments.is_empty() {
        return ask(engine, &sql).map(Some);
    }
    engine.query(&sql, arguments).map(Some).map_err(|error| {
        let message = format!("the release could not answer: {error}");
        Faults::from(Diagnostic::error(Code::QueryFailed, message, Location::file(table)))
    })
}

/// Answers as they stand in a release.
pub fn read(engine: &Engine, condition: &str, arguments: &[&str]) -> Result<Vec<Signal>, Faults> {
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
) -> Result<Vec<SignalPoint>, Faults> {
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
