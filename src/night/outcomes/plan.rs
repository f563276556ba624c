//! What the plans want to see and which targets they set, from the seeds in the warehouse.

use super::Key;
use crate::night::build::ask;
use crate::own;
use crate::project::Project;
use tertial_indicator::target::{Baseline, Comparator, Context, Target, Wording};
use tertial_indicator::{Definition, Direction, status};
use tertial_model::{Code, Decimal, Diagnostic, Location, Period};
use tertial_warehouse::{Cell, Engine, Record, Value};

/// The breakdown that holds the nation's figure where the plan names none.
pub(super) const NATION: &str = "Riket";
/// The table of targets, as a person edits it.
const TARGETS: &str = "seeds/targets.csv";

/// A target as the plan prints it.
#[derive(Debug, Clone)]
pub(super) struct PlanTarget {
    /// The plan, in the revision that the row stands in.
    pub plan: String,
    pub indicator_id: String,
    pub unit_id: String,
    pub breakdown: String,
    pub printed: String,
    /// `printed`, `strict`, `reduction` or `nation`.
    pub kind: String,
    /// The base year of a change, or the breakdown that holds the nation's figure.
    pub baseline: Option<String>,
    pub valid_from: String,
    pub valid_to: String,
}

/// An indicator that the plan wants to see.
pub struct PlanEntry {
    /// The indicator.
    pub indicator_id: String,
    /// The level.
    pub unit_id: String,
    /// Breakdown, empty when none.
    pub breakdown: String,
    valid_from: String,
    valid_to: String,
    is_yearly: bool,
    has_target: bool,
}

impl PlanEntry {
    /// Whether the plan sets a target for this cell in its tertial reports, so that it is judged.
    pub(super) fn wants(&self, (unit, period, _, breakdown): &Key) -> bool {
        self.has_target
            && self.unit_id == *unit
            && self.breakdown == *breakdown
            && self.reports(*period)
    }

    /// Whether the plan follows the figure of a fact, whatever its target.
    pub(super) fn asks_for(&self, fact: &super::Fact) -> bool {
        self.unit_id == fact.unit_id
            && self.breakdown == fact.breakdown
            && self.is_followed_in(fact.period)
    }

    /// Whether the plan follows the unit of a fact, whatever indicator it is of: the unit's own figure
    /// is asked for beside the plan's.
    pub(super) fn follows_the_unit_of(&self, fact: &super::Fact) -> bool {
        self.unit_id == fact.unit_id
            && fact.breakdown.is_empty()
            && self.is_followed_in(fact.period)
    }

    /// Whether the period is one of the tertials the plan follows.
    pub fn reports(&self, period: Period) -> bool {
        matches!(period, Period::Tertial { .. }) && self.is_followed_in(period)
    }

    /// Whether the plan follows the figure in the period: once a year or at every tertial.
    pub(super) fn is_followed_in(&self, period: Period) -> bool {
        let is_whole_year = matches!(period, Period::Year(_) | Period::Tertial { number: 3, .. });
        holds(period, &self.valid_from, &self.valid_to)
            && (self.has_target || !self.is_yearly || is_whole_year)
    }
}

fn text(row: &[Value], at: usize) -> String {
    row[at].text().unwrap_or_default()
}

/// Every target in its latest decided revision.
pub(super) fn read_targets(engine: &Engine) -> Result<Vec<PlanTarget>, Vec<Diagnostic>> {
    let rows = ask(
        engine,
        "select plan_revision, indicator_id, unit_id, breakdown, printed, kind, baseline, \
         strftime(valid_from, '%Y-%m') as valid_from, strftime(valid_to, '%Y-%m') as valid_to \
         from core.targets order by all",
    )?;
    let target = |row: &Vec<Value>| PlanTarget {
        plan: text(row, 0),
        indicator_id: text(row, 1),
        unit_id: text(row, 2),
        breakdown: text(row, 3),
        printed: text(row, 4),
        kind: text(row, 5),
        baseline: row[6].text(),
        valid_from: text(row, 7),
        valid_to: text(row, 8),
    };
    Ok(rows.rows.iter().map(target).collect())
}

/// What the plans want to see.
pub fn read_plan(engine: &Engine) -> Result<Vec<PlanEntry>, Vec<Diagnostic>> {
    let rows = ask(
        engine,
        "select indicator_id, unit_id, breakdown, strftime(valid_from, '%Y-%m') as valid_from, \
         strftime(valid_to, '%Y-%m') as valid_to, frequency = 'year' as is_yearly, has_target \
         from core.plan_indicators order by all",
    )?;
    let entry = |row: &Vec<Value>| PlanEntry {
        indicator_id: text(row, 0),
        unit_id: text(row, 1),
        breakdown: text(row, 2),
        valid_from: text(row, 3),
        valid_to: text(row, 4),
        is_yearly: row[5] == Value::Boolean(true),
        has_target: row[6] == Value::Boolean(true),
    };
    Ok(rows.rows.iter().map(entry).collect())
}

/// The versions of the status rule; the house's own where the project states none.
pub(super) fn read_rules(engine: &Engine) -> Result<status::Rules, Vec<Diagnostic>> {
    if engine.columns_of("core.status_rules").unwrap_or_default().is_empty() {
        return Ok(status::Rules::default());
    }
    let rows = ask(
        engine,
        "select strftime(valid_from, '%Y-%m-%d') as valid_from, version, partly_from, \
         in_line_tolerance from core.status_rules order by all",
    )?;
    let house = status::Settings::default();
    let version = |row: &Vec<Value>| {
        let number = |at: usize, other: Decimal| row[at].decimal().unwrap_or(other);
        let settings = status::Settings {
            version: row[1].integer().and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
            partly_from: number(2, house.partly_from),
            in_line_tolerance: number(3, house.in_line_tolerance),
        };
        (text(row, 0), settings)
    };
    Ok(status::Rules::new(rows.rows.iter().map(version).collect()))
}

/// Whether a period lies between two months.
pub(super) fn holds(period: Period, valid_from: &str, valid_to: &str) -> bool {
    period.first_month().to_string().as_str() >= valid_from
        && period.last_month().to_string().as_str() <= valid_to
}

fn context<'a>(definition: &'a Definition, target: &PlanTarget) -> Context<'a> {
    let year = target.baseline.as_deref().and_then(|year| year.parse().ok());
    let baseline = year.map_or(Baseline::None, Baseline::Year);
    let wording = match target.kind.as_str() {
        "strict" => Wording::Strict,
        "reduction" => Wording::Reduction,
        _ => Wording::Plain,
    };
    Context { direction: definition.direction, unit: &definition.unit, baseline, wording }
}

/// Reads a target of the plan in the light of its indicator.
pub(super) fn parse_target(
    definition: &Definition,
    target: &PlanTarget,
) -> Result<Target, Box<Diagnostic>> {
    let place = Location::Query {
        query: TARGETS.to_owned(),
        key: format!(
            "indicator_id={}, unit_id={}, plan={}",
            target.indicator_id, target.unit_id, target.plan
        ),
    };
    Target::parse(&target.printed, &context(definition, target), &place)
}

/// Every target text that cannot be read, and every target of an unknown indicator.
pub(super) fn target_faults(project: &Project, targets: &[PlanTarget]) -> Vec<Diagnostic> {
    const KINDS: [&str; 4] = ["printed", "strict", "reduction", "nation"];
    let fault = |target: &PlanTarget| match project.definitions.get(&target.indicator_id) {
        Some(_) if !KINDS.contains(&target.kind.as_str()) => Some(
            Diagnostic::error(
                Code::T0507,
                format!("a target has the unknown kind `{}`", target.kind),
                Location::file(TARGETS),
            )
            .with_expected(format!("one of `{}`", KINDS.join("`, `"))),
        ),
        // The nation's figure is the target; the printed text only repeats it.
        Some(_) if target.kind == "nation" => None,
        Some(definition) => parse_target(definition, target).err().map(|fault| *fault),
        None => Some(
            Diagnostic::error(
                Code::T0507,
                format!("a target names the unknown indicator `{}`", target.indicator_id),
                Location::file(TARGETS),
            )
            .with_expected("an indicator with a definition in `sql/indicator/`"),
        ),
    };
    targets.iter().filter_map(fault).collect()
}

/// Every target text of the seed that cannot be read, with its line; needs no data.
pub fn check_targets(project: &Project) -> Vec<Diagnostic> {
    let mut reader = csv::Reader::from_reader(project.text(TARGETS).as_bytes());
    let Ok(heads) = reader.headers().cloned() else { return Vec::new() };
    let mut faults = Vec::new();
    for record in reader.records().flatten() {
        let text = |name: &str| {
            let at = heads.iter().position(|head| head == name);
            at.and_then(|at| record.get(at)).unwrap_or("").to_owned()
        };
        let target = PlanTarget {
            plan: text("plan"),
            indicator_id: text("indicator_id"),
            unit_id: text("unit_id"),
            breakdown: text("breakdown"),
            printed: text("printed"),
            kind: text("kind"),
            baseline: Some(text("baseline")).filter(|baseline| !baseline.is_empty()),
            valid_from: text("valid_from_period"),
            valid_to: text("valid_to_period"),
        };
        let line = record.position().map_or(1, csv::Position::line);
        for fault in target_faults(project, &[target]) {
            faults.push(Diagnostic { location: Location::text(TARGETS, line, 1), ..fault });
        }
    }
    faults
}

/// How an outcome is compared with the nation's: it is to be better.
pub(super) fn better_than(definition: &Definition) -> Comparator {
    match definition.direction {
        Direction::Higher => Comparator::Above,
        _ => Comparator::Below,
    }
}

/// A target that is the nation's own figure, in words: the number differs from period to period.
fn as_nation(definition: &Definition, target: &PlanTarget) -> String {
    let word = match better_than(definition) {
        Comparator::Above => "över",
        _ => "under",
    };
    let nation = target.baseline.as_deref().unwrap_or(NATION);
    format!("{word} {nation} samma månader")
}

/// Writes how every target was read: its printed text beside comparator, number and baseline.
pub(super) fn write_targets(
    engine: &Engine,
    project: &Project,
    targets: &[PlanTarget],
) -> Result<(), tertial_warehouse::engine::EngineError> {
    let rows = targets.iter().map(|target| {
        let definition = project.definitions.get(&target.indicator_id);
        TargetRow { target, definition }
    });
    own::write(engine, rows)
}

struct TargetRow<'a> {
    target: &'a PlanTarget,
    definition: Option<&'a Definition>,
}

impl Record for TargetRow<'_> {
    const TABLE: &'static str = "indicator.targets";

    fn cells(&self) -> Vec<Cell> {
        let target = self.target;
        let nation = self.definition.filter(|_| target.kind == "nation");
        let own = self.definition.filter(|_| nation.is_none());
        let read = own.and_then(|definition| parse_target(definition, target).ok());
        let comparator = match nation {
            Some(definition) => Some(better_than(definition)),
            None => read.as_ref().map(|read| read.comparator),
        };
        let baseline = match &read {
            Some(read) if read.baseline == Baseline::None => None,
            Some(read) => Some(read.baseline.to_string()),
            None => target.baseline.clone(),
        };
        let read_as = match nation {
            Some(definition) => Some(as_nation(definition, target)),
            None => read.as_ref().map(|read| read.text()),
        };
        let value = read.as_ref().and_then(|read| read.value_for(&target.unit_id));
        vec![
            ("plan", (&target.plan).into()),
            ("indicator_id", (&target.indicator_id).into()),
            ("id", (&target.indicator_id).into()),
            ("unit_id", (&target.unit_id).into()),
            ("breakdown", (&target.breakdown).into()),
            ("printed", (&target.printed).into()),
            ("kind", (&target.kind).into()),
            ("read_as", read_as.into()),
            ("comparator", comparator.map(Comparator::sign).into()),
            ("value", value.into()),
            ("upper", read.as_ref().and_then(|read| read.upper).into()),
            ("baseline", baseline.into()),
            ("remark", read.as_ref().and_then(|read| read.remark.as_deref()).into()),
        ]
    }
}
