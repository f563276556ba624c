//! Numerators and denominators to outcomes: value, target, status, completeness, suppression.
//!
//! The one place where an indicator's value is computed. Every indicator passes it, so that small
//! groups are hidden and targets are read in the same way for all of them.

use super::build::ask;
use super::standing::Deliveries;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use tertial_indicator::target::{Baseline, Comparator, Context, Resolved, Target, Unresolved};
use tertial_indicator::{Definition, Direction, Frequency, Ratio, judge, status};
use tertial_model::{
    Code, Completeness, Decimal, Diagnostic, Location, Missing, Outcome, Period, Sex, Status,
};
use tertial_warehouse::engine::identifier;
use tertial_warehouse::{Engine, Rows, Value};

/// One row of an indicator's query.
#[derive(Debug, Clone)]
pub struct Fact {
    /// Unit.
    pub unit_id: String,
    /// Period.
    pub period: Period,
    /// Sex.
    pub sex: Sex,
    /// Breakdown, empty when none.
    pub breakdown: String,
    /// Exact numerator.
    pub numerator: Option<Decimal>,
    /// Exact denominator.
    pub denominator: Option<Decimal>,
    /// Persons behind the row.
    pub person_count: Option<u64>,
    /// Hidden by the disclosure control.
    pub hidden: bool,
}

/// A target as the plan prints it.
struct PlanTarget {
    plan: String,
    indicator_id: String,
    unit_id: String,
    breakdown: String,
    printed: String,
    kind: String,
    baseline: Option<String>,
    valid_from: String,
    valid_to: String,
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
}

impl PlanEntry {
    /// Whether the plan wants this cell in its tertial reports.
    fn wants(&self, (unit, period, _, breakdown): &Key) -> bool {
        self.unit_id == *unit && self.breakdown == *breakdown && self.reports(*period)
    }

    /// Whether the period is one of the tertials the plan follows.
    pub fn reports(&self, period: Period) -> bool {
        matches!(period, Period::Tertial { .. }) && holds(period, &self.valid_from, &self.valid_to)
    }
}

type Key = (String, Period, Sex, String);

/// The reason of an outcome that nobody judges.
const NOT_JUDGED: &str = "inget mål gäller denna nivå och uppdelning";

/// Computes every outcome and writes `indicator.outcomes`.
pub fn compute(
    engine: &Engine,
    project: &Project,
    deliveries: &Deliveries,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let units = Units::read(engine)?;
    let spans = Spans::read(engine)?;
    let targets = read_targets(engine)?;
    let plan = read_plan(engine)?;
    let mut faults = target_faults(project, &targets);
    let mut outcomes = Vec::new();
    let mut facts = BTreeMap::new();
    for definition in project.definitions.values() {
        match read_facts(engine, definition) {
            Ok(found) => drop(facts.insert(definition.id.clone(), found)),
            Err(found) => faults.extend(found),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let reported: BTreeSet<Period> = facts
        .values()
        .flatten()
        .map(|fact| fact.period)
        .filter(|period| matches!(period, Period::Tertial { .. }))
        .collect();
    for definition in project.definitions.values() {
        let mut own = facts.remove(&definition.id).unwrap_or_default();
        super::suppress::hide(definition, &units, &mut own);
        let coverage = Coverage { project, deliveries, definition, spans: &spans };
        let own_targets: Vec<&PlanTarget> =
            targets.iter().filter(|target| target.indicator_id == definition.id).collect();
        let own_plan: Vec<&PlanEntry> =
            plan.iter().filter(|entry| entry.indicator_id == definition.id).collect();
        outcomes.extend(outcomes_of(
            project,
            definition,
            own,
            &own_targets,
            &own_plan,
            &reported,
            &coverage,
        ));
    }
    write(engine, &outcomes).map_err(|error| {
        let message = format!("the outcomes cannot be written: {error}");
        vec![Diagnostic::error(Code::T0607, message, Location::file("indicator.outcomes"))]
    })?;
    Ok(Vec::new())
}

/// The organisation, for the additive structure of units.
pub struct Units {
    /// Parent of each unit.
    pub parents: BTreeMap<String, Option<String>>,
}

impl Units {
    /// As `core.units` says.
    pub fn read(engine: &Engine) -> Result<Units, Vec<Diagnostic>> {
        let rows = ask(engine, "select unit_id, parent_unit_id from core.units order by 1")?;
        let parents = rows
            .rows
            .iter()
            .map(|row| (row[0].text().unwrap_or_default(), row[1].text()))
            .collect();
        Ok(Units { parents })
    }

    /// A unit and every unit under it.
    pub fn with_those_below(&self, unit: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::from([unit.to_owned()]);
        loop {
            let is_below = |parent: &Option<String>| {
                parent.as_ref().is_some_and(|parent| found.contains(parent))
            };
            let more: Vec<String> = self
                .parents
                .iter()
                .filter(|(unit, parent)| !found.contains(*unit) && is_below(parent))
                .map(|(unit, _)| unit.clone())
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }
}

fn read_facts(engine: &Engine, definition: &Definition) -> Result<Vec<Fact>, Vec<Diagnostic>> {
    const COLUMNS: [&str; 7] =
        ["unit_id", "period", "sex", "breakdown", "numerator", "denominator", "person_count"];
    let table = format!("indicator.{}", identifier(&definition.id));
    let found = engine.columns_of(&format!("indicator.{}", definition.id)).unwrap_or_default();
    if let Some(lacking) = COLUMNS.iter().find(|&&column| !found.iter().any(|name| name == column))
    {
        let file = format!("sql/indicator/{}.sql", definition.id);
        return Err(vec![
            Diagnostic::error(
                Code::T0606,
                format!("the query lacks the column `{lacking}`"),
                Location::file(file),
            )
            .with_found(found.join(", "))
            .with_expected(COLUMNS.join(", ")),
        ]);
    }
    let sql = format!("select {} from {table} order by 1, 2, 3, 4", COLUMNS.join(", "));
    let rows = ask(engine, &sql)?;
    let mut facts = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        facts.push(fact(definition, row)?);
    }
    Ok(facts)
}

fn fact(definition: &Definition, row: &[Value]) -> Result<Fact, Vec<Diagnostic>> {
    let file = format!("sql/indicator/{}.sql", definition.id);
    let text = |at: usize| row[at].text().unwrap_or_default();
    let wrong = |what: &str, found: String| {
        vec![
            Diagnostic::error(
                Code::T0606,
                format!("the query gives a `{what}` that is none"),
                Location::file(&file),
            )
            .with_found(format!("`{found}`")),
        ]
    };
    Ok(Fact {
        unit_id: text(0),
        period: Period::parse(&text(1)).ok_or_else(|| wrong("period", text(1)))?,
        sex: Sex::parse(&text(2)).ok_or_else(|| wrong("sex", text(2)))?,
        breakdown: text(3),
        numerator: row[4].decimal(),
        denominator: row[5].decimal(),
        person_count: row[6].integer().and_then(|count| u64::try_from(count).ok()),
        hidden: false,
    })
}

fn read_targets(engine: &Engine) -> Result<Vec<PlanTarget>, Vec<Diagnostic>> {
    let rows = ask(
        engine,
        "select plan, indicator_id, unit_id, breakdown, printed, kind, baseline, \
         strftime(valid_from, '%Y-%m') as valid_from, strftime(valid_to, '%Y-%m') as valid_to \
         from core.targets order by all",
    )?;
    let text = |row: &[Value], at: usize| row[at].text().unwrap_or_default();
    Ok(rows
        .rows
        .iter()
        .map(|row| PlanTarget {
            plan: text(row, 0),
            indicator_id: text(row, 1),
            unit_id: text(row, 2),
            breakdown: text(row, 3),
            printed: text(row, 4),
            kind: text(row, 5),
            baseline: row[6].text(),
            valid_from: text(row, 7),
            valid_to: text(row, 8),
        })
        .collect())
}

/// What the plans want to see.
pub fn read_plan(engine: &Engine) -> Result<Vec<PlanEntry>, Vec<Diagnostic>> {
    let rows = ask(
        engine,
        "select indicator_id, unit_id, breakdown, strftime(valid_from, '%Y-%m') as valid_from, \
         strftime(valid_to, '%Y-%m') as valid_to from core.plan_indicators order by all",
    )?;
    let text = |row: &[Value], at: usize| row[at].text().unwrap_or_default();
    Ok(rows
        .rows
        .iter()
        .map(|row| PlanEntry {
            indicator_id: text(row, 0),
            unit_id: text(row, 1),
            breakdown: text(row, 2),
            valid_from: text(row, 3),
            valid_to: text(row, 4),
        })
        .collect())
}

fn holds(period: Period, valid_from: &str, valid_to: &str) -> bool {
    period.first_month().to_string().as_str() >= valid_from
        && period.last_month().to_string().as_str() <= valid_to
}

fn context<'a>(definition: &'a Definition, target: &PlanTarget) -> Context<'a> {
    let year = target.baseline.as_deref().and_then(|year| year.parse().ok());
    let baseline = year.map_or(Baseline::None, Baseline::Year);
    Context { direction: definition.direction, unit: &definition.unit, baseline }
}

fn parse_target(definition: &Definition, target: &PlanTarget) -> Result<Target, Box<Diagnostic>> {
    let place = Location::Query {
        query: "seeds/targets.csv".to_owned(),
        key: format!(
            "indicator_id={}, unit_id={}, plan={}",
            target.indicator_id, target.unit_id, target.plan
        ),
    };
    Target::parse(&target.printed, &context(definition, target), &place)
}

/// Every target text that cannot be read, and every target of an unknown indicator.
fn target_faults(project: &Project, targets: &[PlanTarget]) -> Vec<Diagnostic> {
    let fault = |target: &PlanTarget| match project.definitions.get(&target.indicator_id) {
        // The nation's figure is the target; the printed text only repeats it.
        Some(_) if target.kind == "nation" => None,
        Some(definition) => parse_target(definition, target).err().map(|fault| *fault),
        None => Some(
            Diagnostic::error(
                Code::T0507,
                format!("a target names the unknown indicator `{}`", target.indicator_id),
                Location::file("seeds/targets.csv"),
            )
            .with_expected("an indicator with a definition in `sql/indicator/`"),
        ),
    };
    targets.iter().filter_map(fault).collect()
}

/// Every target text of the seed that cannot be read, with its line; needs no data.
pub fn check_targets(project: &Project) -> Vec<Diagnostic> {
    const FILE: &str = "seeds/targets.csv";
    let mut reader = csv::Reader::from_reader(project.text(FILE).as_bytes());
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
            faults.push(Diagnostic { location: Location::text(FILE, line, 1), ..fault });
        }
    }
    faults
}

/// How much of an indicator's data has come.
struct Coverage<'a> {
    project: &'a Project,
    deliveries: &'a Deliveries,
    definition: &'a Definition,
    spans: &'a Spans,
}

impl Coverage<'_> {
    /// Months of the period against partitions of the raw tables; the table with the fewest counts.
    fn completeness(&self, period: Period) -> Completeness {
        let months: BTreeSet<String> = period.months().map(|month| month.to_string()).collect();
        let mut rejected_rows = 0;
        let mut fewest: Option<(u32, u32)> = None;
        for table in &self.definition.completeness {
            rejected_rows += self.deliveries.rejected_rows(table);
            let periods = self.deliveries.periods_of(table);
            if periods.iter().any(|partition| partition.len() == 4 || partition == "all") {
                continue;
            }
            let reported = months.iter().filter(|&month| periods.contains(month)).count() as u32;
            if fewest.is_none_or(|(fewest, _)| reported < fewest) {
                fewest = Some((reported, months.len() as u32));
            }
        }
        let preliminary = self
            .definition
            .preliminary_until
            .as_deref()
            .is_some_and(|until| period.last_month().to_string().as_str() >= until);
        let (of, expected, reported) = match fewest {
            Some((reported, expected)) => ("månader", expected, reported),
            None => ("leverans", 1, u32::from(!self.deliveries(period).is_empty())),
        };
        Completeness { of: of.to_owned(), expected, reported, rejected_rows, preliminary }
    }

    /// The deliveries behind the value: of every raw table the query stands on, those with rows in
    /// the months that the query looks at.
    fn deliveries(&self, period: Period) -> Vec<String> {
        let months = self.spans.of_query(self.project, &self.definition.id, period);
        let table = format!("indicator.{}", self.definition.id);
        let raw = self.project.graph.raw_tables_behind(&table);
        let ids = raw.iter().flat_map(|name| {
            self.deliveries.of_table(name.trim_start_matches("raw."), period, &months)
        });
        ids.collect::<BTreeSet<String>>().into_iter().collect()
    }
}

/// The texts that a query compares with; those that name a span tell which months it reads.
fn spans_of_query<'a>(project: &'a Project, indicator: &str) -> impl Iterator<Item = &'a str> {
    let code =
        project.text_of_query(indicator).lines().map(|line| line.split("--").next().unwrap_or(""));
    code.flat_map(|line| line.split('\'').skip(1).step_by(2))
}

/// Which months each span of each period covers, as `core.period_months` says.
#[derive(Default)]
pub struct Spans(BTreeMap<(String, String), BTreeSet<String>>);

impl Spans {
    /// Empty when there is no such table.
    pub fn read(engine: &Engine) -> Result<Spans, Vec<Diagnostic>> {
        let mut spans = Spans::default();
        if engine.columns_of("core.period_months").unwrap_or_default().is_empty() {
            return Ok(spans);
        }
        let sql = "select period_id, span, strftime(month, '%Y-%m') from core.period_months";
        for row in ask(engine, sql)?.rows {
            let text = |at: usize| row[at].text().unwrap_or_default();
            spans.0.entry((text(0), text(1))).or_default().insert(text(2));
        }
        Ok(spans)
    }

    /// The months that an indicator's query looks at, for a period.
    pub fn of_query(&self, project: &Project, indicator: &str, period: Period) -> BTreeSet<String> {
        self.months(spans_of_query(project, indicator), period)
    }

    /// The months of the spans named; the period's own when none is.
    fn months<'a>(&self, names: impl Iterator<Item = &'a str>, period: Period) -> BTreeSet<String> {
        let found = names.filter_map(|name| self.0.get(&(period.to_string(), name.to_owned())));
        let months: BTreeSet<String> = found.flatten().cloned().collect();
        if months.is_empty() {
            return period.months().map(|month| month.to_string()).collect();
        }
        months
    }
}

fn outcomes_of(
    project: &Project,
    definition: &Definition,
    facts: Vec<Fact>,
    targets: &[&PlanTarget],
    plan: &[&PlanEntry],
    reported: &BTreeSet<Period>,
    coverage: &Coverage,
) -> Vec<Outcome> {
    let mut by_key: BTreeMap<Key, Option<Fact>> = facts
        .into_iter()
        .map(|fact| {
            ((fact.unit_id.clone(), fact.period, fact.sex, fact.breakdown.clone()), Some(fact))
        })
        .collect();
    // What the plan wants to see exists for every reported period, with a reason when it is empty.
    for entry in plan {
        for &period in reported.iter().filter(|p| holds(**p, &entry.valid_from, &entry.valid_to)) {
            let key = (entry.unit_id.clone(), period, Sex::T, entry.breakdown.clone());
            by_key.entry(key).or_insert(None);
        }
    }
    let values: BTreeMap<Key, Option<Ratio>> = by_key
        .iter()
        .map(|(key, fact)| (key.clone(), fact.as_ref().and_then(|fact| value(definition, fact))))
        .collect();
    let mut known: BTreeMap<Period, (Completeness, Vec<String>)> = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(by_key.len());
    for (key, fact) in &by_key {
        let (completeness, source_deliveries) = known
            .entry(key.1)
            .or_insert_with(|| (coverage.completeness(key.1), coverage.deliveries(key.1)))
            .clone();
        let subject = Subject { definition, key, fact: fact.as_ref(), values: &values };
        let target = targets.iter().find(|target| subject.is_aimed_at_by(target));
        let is_planned = key.2 == Sex::T && plan.iter().any(|entry| entry.wants(key));
        outcomes.push(subject.outcome(
            project,
            target.copied(),
            is_planned,
            completeness,
            source_deliveries,
        ));
    }
    outcomes
}

fn value(definition: &Definition, fact: &Fact) -> Option<Ratio> {
    Ratio::of(fact.numerator?, fact.denominator, definition.factor)
}

/// One outcome in the making.
struct Subject<'a> {
    definition: &'a Definition,
    key: &'a Key,
    fact: Option<&'a Fact>,
    values: &'a BTreeMap<Key, Option<Ratio>>,
}

impl Subject<'_> {
    fn is_aimed_at_by(&self, target: &PlanTarget) -> bool {
        let (unit, period, sex, breakdown) = self.key;
        let same_cell = target.unit_id == *unit && target.breakdown == *breakdown;
        same_cell
            && *sex == Sex::T
            && !matches!(period, Period::Month(_))
            && holds(*period, &target.valid_from, &target.valid_to)
    }

    fn missing(&self) -> Option<Missing> {
        match self.fact {
            Some(fact) if fact.hidden => Some(Missing::Suppressed),
            Some(fact) if value(self.definition, fact).is_some() => None,
            _ => {
                let yearly = self.definition.frequency == Frequency::Year;
                let is_year =
                    matches!(self.key.1, Period::Year(_) | Period::Tertial { number: 3, .. });
                Some(if yearly && !is_year { Missing::CannotOccur } else { Missing::NotAvailable })
            }
        }
    }

    /// The target with its number: a target that is the nation's figure takes it from the same
    /// query, the same months and the breakdown named in the plan.
    fn resolve(&self, target: &PlanTarget) -> Option<Result<Resolved, Unresolved>> {
        if target.kind != "nation" {
            let parsed = parse_target(self.definition, target).ok()?;
            return Some(parsed.resolve(&self.key.0, &|_| None));
        }
        let breakdown = target.baseline.clone().unwrap_or_else(|| "Riket".to_owned());
        let key = (self.key.0.clone(), self.key.1, Sex::T, breakdown);
        let Some(nation) = self.values.get(&key).copied().flatten() else {
            return Some(Err(Unresolved::NoReference(Baseline::Nation)));
        };
        let comparator = match self.definition.direction {
            Direction::Higher => Comparator::Above,
            _ => Comparator::Below,
        };
        Some(Ok(Resolved {
            printed: target.printed.clone(),
            comparator,
            value: Some(nation),
            upper: None,
            unit: self.definition.unit.clone(),
            baseline: Baseline::Nation,
        }))
    }

    fn outcome(
        &self,
        project: &Project,
        target: Option<&PlanTarget>,
        is_planned: bool,
        completeness: Completeness,
        source_deliveries: Vec<String>,
    ) -> Outcome {
        let (definition, missing) = (self.definition, self.missing());
        let shown = self.fact.filter(|fact| !fact.hidden);
        let exact =
            if missing.is_none() { shown.and_then(|fact| value(definition, fact)) } else { None };
        let resolved = target.and_then(|target| self.resolve(target));
        let settings = status::Settings {
            partly_from: tertial_model::swedish::from_float(project.config.status.partly_from)
                .unwrap_or(Decimal::new(90, 2)),
            ..status::Settings::default()
        };
        let question = status::Question {
            value: exact,
            missing,
            target: resolved.as_ref().map(Result::as_ref),
            direction: definition.direction,
            form: definition.attainment_form,
            start: definition.start_value.and_then(Ratio::from_decimal),
            completeness: Some(&completeness),
        };
        let judgement = judge(&question, &settings);
        let is_judged = target.is_some() || is_planned;
        let (unit, period, sex, breakdown) = self.key.clone();
        Outcome {
            id: definition.id.clone(),
            name: definition.name.clone(),
            unit: definition.unit.clone(),
            decimals: definition.decimals,
            level: unit,
            period,
            sex,
            breakdown,
            numerator: shown.and_then(|fact| fact.numerator),
            denominator: shown.and_then(|fact| fact.denominator),
            value: exact.map(Ratio::to_f64),
            missing,
            target: target.and_then(|plan_target| {
                let resolved = resolved.as_ref()?.as_ref().ok()?;
                Some(resolved.view(&plan_target.plan))
            }),
            attainment: judgement.attainment.map(Ratio::to_f64),
            status: is_judged.then_some(judgement.status),
            status_reason: if is_judged { judgement.reason } else { NOT_JUDGED.to_owned() },
            completeness,
            source_deliveries,
            method_version: definition
                .version_on(&format!("{}-28", period.last_month()))
                .map_or(1, |version| version.number),
        }
    }
}

/// The columns of `indicator.outcomes`.
const COLUMNS: [(&str, &str); 28] = [
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

fn write(
    engine: &Engine,
    outcomes: &[Outcome],
) -> Result<(), tertial_warehouse::engine::EngineError> {
    let mut columns = COLUMNS.to_vec();
    columns.push(("is_preliminary", "boolean"));
    columns.push(("completeness_of", "varchar"));
    columns.push(("source_deliveries", "varchar"));
    engine.create_table("indicator.outcomes", &columns, outcomes.iter().map(row))
}

fn row(outcome: &Outcome) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let optional = |value: Option<&str>| value.map_or(Value::Null, text);
    let exact = |value: Option<Decimal>| value.map_or(Value::Null, Value::Decimal);
    let float = |value: Option<f64>| value.map_or(Value::Null, Value::Float);
    let target = outcome.target.as_ref();
    let missing = outcome.missing.map(missing_word);
    vec![
        text(&outcome.id),
        text(&outcome.name),
        text(&outcome.unit),
        Value::Integer(outcome.decimals.into()),
        text(&outcome.level),
        text(&outcome.level),
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

/// `higher`, `lower`, `none`.
pub fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Higher => "higher",
        Direction::Lower => "lower",
        Direction::None => "none",
    }
}

/// `tertial`, `year`.
pub fn frequency_word(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Tertial => "tertial",
        Frequency::Year => "year",
    }
}
