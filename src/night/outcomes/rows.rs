//! `indicator.outcomes`: an outcome as a row, and a row as an outcome.

use std::collections::BTreeMap;
use tertial_model::{
    Code, Completeness, Decimal, Diagnostic, Location, Missing, Outcome, OutcomeMark, Period,
    Response, Sex, Status,
};
use tertial_warehouse::{Engine, Rows, Value};

/// The table of units.
const UNITS: &str = "core.units";

/// The columns of `indicator.outcomes`. `id` is the earlier name of `indicator_id`, for saved queries.
const COLUMNS: [(&str, &str); 29] = [
    ("indicator_id", "varchar"),
    ("id", "varchar"),
    ("name", "varchar"),
    ("unit", "varchar"),
    ("decimals", "bigint"),
    ("unit_id", "varchar"),
    ("level", "varchar"),
    ("period", "varchar"),
    ("sex", "varchar"),
    ("breakdown", "varchar"),
    ("numerator", "decimal(38,6)"),
    ("denominator", "decimal(38,6)"),
    ("value", "double"),
    ("missing", "varchar"),
    ("target_printed", "varchar"),
    ("target_comparator", "varchar"),
    ("target_value", "double"),
    ("target_unit", "varchar"),
    ("target_baseline", "varchar"),
    ("plan", "varchar"),
    ("attainment", "double"),
    ("status", "bigint"),
    ("status_word", "varchar"),
    ("status_reason", "varchar"),
    ("completeness", "varchar"),
    ("expected", "bigint"),
    ("reported", "bigint"),
    ("rejected_rows", "bigint"),
    ("method_version", "bigint"),
];

pub(super) fn write(
    engine: &Engine,
    outcomes: &[Outcome],
    is_about_persons: &dyn Fn(&str) -> bool,
) -> Result<(), tertial_warehouse::engine::EngineError> {
    let mut columns = COLUMNS.to_vec();
    columns.push(("is_preliminary", "boolean"));
    columns.push(("completeness_of", "varchar"));
    columns.push(("source_deliveries", "varchar"));
    columns.push(("mark", "varchar"));
    columns.push(("response_count", "bigint"));
    columns.push(("invited_count", "bigint"));
    columns.push(("is_coarse", "boolean"));
    let levels = levels(engine)?;
    let rows = outcomes.iter().map(|outcome| {
        let mut row = row(outcome, levels.get(&outcome.level));
        // A ratio about persons leaves the house as it is printed.
        let is_coarse = is_about_persons(&outcome.id) && outcome.denominator.is_some();
        row.push(Value::Boolean(is_coarse));
        row
    });
    engine.create_table("indicator.outcomes", &columns, rows)
}

/// The level of each unit that has one.
fn levels(
    engine: &Engine,
) -> Result<BTreeMap<String, String>, tertial_warehouse::engine::EngineError> {
    if !engine.columns_of(UNITS)?.iter().any(|column| column == "level") {
        return Ok(BTreeMap::new());
    }
    let rows = engine.query(&format!("select unit_id, level from {UNITS}"), &[])?;
    Ok(rows.rows.iter().filter_map(|row| row[0].text().zip(row[1].text())).collect())
}

fn row(outcome: &Outcome, level: Option<&String>) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let optional = |value: Option<&str>| value.map_or(Value::Null, text);
    let exact = |value: Option<Decimal>| value.map_or(Value::Null, Value::Decimal);
    let float = |value: Option<f64>| value.map_or(Value::Null, Value::Float);
    let count = |value: Option<u64>| value.map_or(Value::Null, |n| Value::Integer(n as i64));
    let target = outcome.target.as_ref();
    let missing = outcome.missing.map(missing_word);
    vec![
        text(&outcome.id),
        text(&outcome.id),
        text(&outcome.name),
        text(&outcome.unit),
        Value::Integer(outcome.decimals.into()),
        text(&outcome.level),
        optional(level.map(String::as_str)),
        Value::Text(outcome.period.to_string()),
        Value::Text(outcome.sex.to_string()),
        text(&outcome.breakdown),
        exact(outcome.numerator),
        exact(outcome.denominator),
        float(outcome.value),
        optional(missing),
        optional(target.map(|target| target.printed.as_str())),
        optional(target.map(|target| target.comparator.as_str())),
        float(target.and_then(|target| target.value)),
        optional(target.map(|target| target.unit.as_str())),
        optional(target.and_then(|target| target.baseline.as_deref())),
        optional(target.map(|target| target.plan.as_str())),
        float(outcome.attainment),
        outcome.status.map_or(Value::Null, |status| Value::Integer(status.number().into())),
        optional(outcome.status.map(Status::word)),
        text(&outcome.status_reason),
        Value::Text(outcome.completeness.text()),
        Value::Integer(outcome.completeness.expected.into()),
        Value::Integer(outcome.completeness.reported.into()),
        Value::Integer(outcome.completeness.rejected_rows as i64),
        Value::Integer(outcome.method_version.into()),
        Value::Boolean(outcome.completeness.preliminary),
        text(&outcome.completeness.of),
        Value::Text(outcome.source_deliveries.join(" ")),
        optional(outcome.mark.map(OutcomeMark::name)),
        count(outcome.response.map(|response| response.answered)),
        count(outcome.response.map(|response| response.asked)),
    ]
}

/// Outcomes as they stand in a release.
pub fn read(
    engine: &Engine,
    condition: &str,
    arguments: &[&str],
) -> Result<Vec<Outcome>, Vec<Diagnostic>> {
    let sql = format!(
        "select * from indicator.outcomes where {condition} order by id, unit_id, breakdown, sex desc, period"
    );
    let rows = engine.query(&sql, arguments).map_err(|error| {
        let message = format!("the release could not answer: {error}");
        vec![Diagnostic::error(Code::T0607, message, Location::file("indicator.outcomes"))]
    })?;
    Ok((0..rows.rows.len()).filter_map(|at| from_row(&rows, at)).collect())
}

fn from_row(rows: &Rows, at: usize) -> Option<Outcome> {
    let text = |name: &str| rows.get(at, name).text();
    let number = |name: &str| rows.get(at, name).integer().unwrap_or(0);
    let target = text("target_printed").map(|printed| tertial_model::TargetView {
        printed,
        comparator: text("target_comparator").unwrap_or_default(),
        value: rows.get(at, "target_value").float(),
        unit: text("target_unit").unwrap_or_default(),
        baseline: text("target_baseline"),
        plan: text("plan").unwrap_or_default(),
    });
    let missing = text("missing").and_then(|word| missing_from(&word));
    Some(Outcome {
        id: text("id")?,
        name: text("name")?,
        unit: text("unit").unwrap_or_default(),
        decimals: number("decimals") as u8,
        level: text("unit_id")?,
        period: Period::parse(&text("period")?)?,
        sex: Sex::parse(&text("sex")?)?,
        breakdown: text("breakdown").unwrap_or_default(),
        numerator: rows.get(at, "numerator").decimal().map(Decimal::normalized),
        denominator: rows.get(at, "denominator").decimal().map(Decimal::normalized),
        value: rows.get(at, "value").float(),
        missing,
        target,
        attainment: rows.get(at, "attainment").float(),
        status: rows
            .get(at, "status")
            .integer()
            .and_then(|number| Status::from_number(number as u8)),
        status_reason: text("status_reason").unwrap_or_default(),
        completeness: Completeness {
            of: text("completeness_of").unwrap_or_default(),
            expected: number("expected") as u32,
            reported: number("reported") as u32,
            rejected_rows: number("rejected_rows") as u64,
            preliminary: *rows.get(at, "is_preliminary") == Value::Boolean(true),
        },
        source_deliveries: text("source_deliveries")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        method_version: number("method_version") as u32,
        mark: text("mark").and_then(|name| OutcomeMark::parse(&name)),
        response: rows
            .get(at, "response_count")
            .integer()
            .zip(rows.get(at, "invited_count").integer())
            .map(|(answered, asked)| Response { answered: answered as u64, asked: asked as u64 }),
    })
}

/// The kind of nothing behind a code of the database.
pub fn missing_from(word: &str) -> Option<Missing> {
    ALL_MISSING.into_iter().find(|kind| missing_word(*kind) == word)
}

const ALL_MISSING: [Missing; 4] =
    [Missing::NotAvailable, Missing::CannotOccur, Missing::Suppressed, Missing::NotYetPublished];

/// The code in the database.
pub fn missing_word(missing: Missing) -> &'static str {
    match missing {
        Missing::NotAvailable => "not_available",
        Missing::CannotOccur => "cannot_occur",
        Missing::Suppressed => "suppressed",
        Missing::NotYetPublished => "not_yet_published",
    }
}
