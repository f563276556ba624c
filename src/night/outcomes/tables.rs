//! Outcomes and what stands beside them as rows of a release, there and back.

use crate::own;
use std::collections::BTreeMap;
use tertial_indicator::suppression::{RULE, VERSION};
use tertial_indicator::{Definition, Judgement, Ratio, target::Comparator};
use tertial_model::{
    Code, Completeness, Decimal, Diagnostic, Faults, Location, Missing, Outcome, OutcomeMark,
    Period, Response, Sex, Status,
};
use tertial_outcomes::disclosure::Count;
use tertial_outcomes::plan::ReadTarget;
use tertial_outcomes::{HiddenCells, PlanTarget, Restatement};
use tertial_warehouse::engine::EngineError;
use tertial_warehouse::{Cell, Engine, Record, Rows, Value};

/// The table of units.
const UNITS: &str = "core.units";

/// An outcome as a row. `id` is the earlier name of `indicator_id`, for saved queries.
struct OutcomeRow<'a> {
    outcome: &'a Outcome,
    level: Option<&'a String>,
    is_coarse: bool,
}

/// Writes `indicator.outcomes`; `is_coarse` says of an outcome whether it is told as printed.
pub(super) fn write_outcomes(
    engine: &Engine,
    outcomes: &[Outcome],
    is_coarse: &dyn Fn(&Outcome) -> bool,
) -> Result<(), EngineError> {
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
fn levels(engine: &Engine) -> Result<BTreeMap<String, String>, EngineError> {
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

/// Writes how many cells the disclosure control hides.
pub(super) fn write_hidden(engine: &Engine, hidden: &HiddenCells) -> Result<(), EngineError> {
    let rows = hidden.iter();
    own::write(engine, rows.map(|(indicator, kind, count)| HiddenRow { indicator, kind, count }))
}

struct HiddenRow<'a> {
    indicator: &'a str,
    kind: &'a str,
    count: &'a Count,
}

impl Record for HiddenRow<'_> {
    const TABLE: &'static str = "meta.hidden_cells";

    fn cells(&self) -> Vec<Cell> {
        vec![
            ("indicator_id", self.indicator.into()),
            ("period_kind", self.kind.into()),
            ("cell_count", self.count.cells.into()),
            ("hidden_for_few_persons_count", self.count.for_few_persons.into()),
            ("hidden_for_others_count", self.count.for_others.into()),
            ("rule", RULE.into()),
            ("rule_version", VERSION.into()),
        ]
    }
}

/// Writes the versions of the methods.
pub(super) fn write_versions(
    engine: &Engine,
    definitions: &[Definition],
) -> Result<(), EngineError> {
    let versions = definitions.iter().flat_map(|definition| {
        (0..definition.versions.len()).map(move |at| VersionRow { definition, at })
    });
    own::write(engine, versions)
}

/// One of a definition's versions, by its place.
struct VersionRow<'a> {
    definition: &'a Definition,
    at: usize,
}

impl Record for VersionRow<'_> {
    const TABLE: &'static str = "indicator.versions";

    fn cells(&self) -> Vec<Cell> {
        let definition = self.definition;
        let version = &definition.versions[self.at];
        let next = definition.versions.get(self.at + 1);
        let day = |day: &str| Value::Date(day.to_owned());
        let base_year = version.base_year.map(i64::from);
        vec![
            ("indicator_id", (&definition.id).into()),
            ("id", (&definition.id).into()),
            ("method_version", version.number.into()),
            ("valid_from", day(&version.valid_from)),
            ("valid_before", next.map(|next| day(&next.valid_from)).into()),
            ("decided_on", day(version.known_from())),
            ("breaks_series", version.breaks_series.into()),
            ("name", version.name.as_ref().unwrap_or(&definition.name).into()),
            ("measures", version.measures.as_ref().unwrap_or(&definition.measures).into()),
            ("base_year", base_year.into()),
            ("start_value", version.start_value.into()),
            ("reason", (&version.reason).into()),
        ]
    }
}

/// Writes the cells as other versions of the methods give them.
pub(super) fn write_restatements(
    engine: &Engine,
    restated: &[Restatement],
) -> Result<(), EngineError> {
    own::write(engine, restated.iter().map(RestatementRow))
}

/// A restatement as a row.
struct RestatementRow<'a>(&'a Restatement);

impl Record for RestatementRow<'_> {
    const TABLE: &'static str = "indicator.restatements";

    fn cells(&self) -> Vec<Cell> {
        let RestatementRow(restated) = self;
        let fact = &restated.fact;
        vec![
            ("indicator_id", (&restated.id).into()),
            ("id", (&restated.id).into()),
            ("unit_id", (&fact.unit_id).into()),
            ("period", fact.period.to_string().into()),
            ("sex", fact.sex.to_string().into()),
            ("breakdown", (&fact.breakdown).into()),
            ("method_version", restated.version.into()),
            ("numerator", fact.numerator.into()),
            ("denominator", fact.denominator.into()),
            ("value", restated.value.map(Ratio::to_f64).into()),
        ]
    }
}

/// Writes how every target was read.
pub(super) fn write_targets(
    engine: &Engine,
    definitions: &BTreeMap<String, Definition>,
    targets: &[PlanTarget],
) -> Result<(), EngineError> {
    let row = |target| TargetRow { target, definition: definitions.get(&target.indicator_id) };
    own::write(engine, targets.iter().map(row))
}

/// A target beside its reading.
struct TargetRow<'a> {
    target: &'a PlanTarget,
    definition: Option<&'a Definition>,
}

impl Record for TargetRow<'_> {
    const TABLE: &'static str = "indicator.targets";

    fn cells(&self) -> Vec<Cell> {
        let target = self.target;
        let read = ReadTarget::of(target, self.definition);
        vec![
            ("plan", (&target.plan).into()),
            ("indicator_id", (&target.indicator_id).into()),
            ("id", (&target.indicator_id).into()),
            ("unit_id", (&target.unit_id).into()),
            ("breakdown", (&target.breakdown).into()),
            ("printed", (&target.printed).into()),
            ("kind", (&target.kind).into()),
            ("read_as", read.read_as.into()),
            ("comparator", read.comparator.map(Comparator::sign).into()),
            ("value", read.value.into()),
            ("upper", read.upper.into()),
            ("baseline", read.baseline.into()),
            ("remark", read.remark.into()),
        ]
    }
}

/// A printed status beside what the rule gives.
pub(super) struct JudgedRow {
    printed: Vec<Cell>,
    number: i64,
    agrees: bool,
    reason: String,
}

/// The row of a printed status, from its row among the printed and its judgement.
pub(super) fn judged(rows: &Rows, at: usize, judgement: &Judgement) -> JudgedRow {
    let number = i64::from(judgement.status.number());
    let printed = |name| (name, rows.get(at, name).clone());
    JudgedRow {
        printed: vec![
            printed("report_period"),
            printed("nr"),
            printed("indicator_id"),
            ("id", rows.get(at, "indicator_id").clone()),
            printed("unit_id"),
            printed("printed_outcome"),
            printed("printed_target"),
            printed("printed_status"),
        ],
        number,
        agrees: rows.get(at, "printed_status").integer() == Some(number),
        reason: judgement.reason.clone(),
    }
}

impl Record for JudgedRow {
    const TABLE: &'static str = "indicator.published_judgements";

    fn cells(&self) -> Vec<Cell> {
        let mut cells = self.printed.clone();
        cells.push(("rule_status", self.number.into()));
        cells.push(("agrees", self.agrees.into()));
        cells.push(("reason", (&self.reason).into()));
        cells
    }
}

/// Outcomes as they stand in a release.
pub fn read(engine: &Engine, condition: &str, arguments: &[&str]) -> Result<Vec<Outcome>, Faults> {
    let sql = format!(
        "select * from indicator.outcomes where {condition} order by id, unit_id, breakdown, sex desc, period"
    );
    let rows = engine.query(&sql, arguments).map_err(|error| {
        let message = format!("the release could not answer: {error}");
        Faults::from(Diagnostic::error(
            Code::QueryFailed,
            message,
            Location::file("indicator.outcomes"),
        ))
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
