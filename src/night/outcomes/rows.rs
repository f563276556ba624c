//! `indicator.outcomes`: an outcome as a row, and a row as an outcome.

use crate::own;
use std::collections::BTreeMap;
use tertial_model::{
    Code, Completeness, Decimal, Diagnostic, Location, Missing, Outcome, OutcomeMark, Period,
    Response, Sex, Status,
};
use tertial_warehouse::{Cell, Engine, Record, Rows, Value};

/// The table of units.
const UNITS: &str = "core.units";

/// An outcome as a row. `id` is the earlier name of `indicator_id`, for saved queries.
struct OutcomeRow<'a> {
    outcome: &'a Outcome,
    level: Option<&'a String>,
    is_coarse: bool,
}

pub(super) fn write(
    engine: &Engine,
    outcomes: &[Outcome],
    is_coarse: &dyn Fn(&Outcome) -> bool,
) -> Result<(), tertial_warehouse::engine::EngineError> {
    let levels = levels(engine)?;
    let rows = outcomes.iter().map(|outcome| OutcomeRow {
        outcome,
        level: levels.get(&outcome.level),
        // A ratio about persons leaves the house as it is printed.
        is_coarse: is_coarse(outcome),
    });
    own::write(engine, rows)
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

impl Record for OutcomeRow<'_> {
    const TABLE: &'static str = "indicator.outcomes";

    fn cells(&self) -> Vec<Cell> {
        let outcome = self.outcome;
        let target = outcome.target.as_ref();
        let completeness = &outcome.completeness;
        vec![
            ("indicator_id", (&outcome.id).into()),
            ("id", (&outcome.id).into()),
            ("name", (&outcome.name).into()),
            ("unit", (&outcome.unit).into()),
            ("decimals", u32::from(outcome.decimals).into()),
            ("unit_id", (&outcome.level).into()),
            ("level", self.level.into()),
            ("period", outcome.period.to_string().into()),
            ("sex", outcome.sex.to_string().into()),
            ("breakdown", (&outcome.breakdown).into()),
            ("numerator", outcome.numerator.into()),
            ("denominator", outcome.denominator.into()),
            ("value", outcome.value.into()),
            ("missing", outcome.missing.map(missing_word).into()),
            ("target_printed", target.map(|target| &target.printed).into()),
            ("target_comparator", target.map(|target| &target.comparator).into()),
            ("target_value", target.and_then(|target| target.value).into()),
            ("target_unit", target.map(|target| &target.unit).into()),
            ("target_baseline", target.and_then(|target| target.baseline.as_ref()).into()),
            ("plan", target.map(|target| &target.plan).into()),
            ("attainment", outcome.attainment.into()),
            ("status", outcome.status.map(|status| u32::from(status.number())).into()),
            ("status_word", outcome.status.map(Status::word).into()),
            ("status_reason", (&outcome.status_reason).into()),
            ("completeness", completeness.text().into()),
            ("expected", completeness.expected.into()),
            ("reported", completeness.reported.into()),
            ("rejected_rows", completeness.rejected_rows.into()),
            ("method_version", outcome.method_version.into()),
            ("is_preliminary", completeness.preliminary.into()),
            ("completeness_of", (&completeness.of).into()),
            ("source_deliveries", outcome.source_deliveries.join(" ").into()),
            ("mark", outcome.mark.map(OutcomeMark::name).into()),
            ("response_count", outcome.response.as_ref().map(|response| response.answered).into()),
            ("invited_count", outcome.response.as_ref().map(|response| response.asked).into()),
            ("is_coarse", self.is_coarse.into()),
        ]
    }
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
