//! Numerators and denominators to outcomes: value, target, status, completeness, suppression.
//!
//! The one place where an indicator's value is computed. Every indicator passes it, so that small
//! groups are hidden and targets are read in the same way for all of them. Beside it: what the
//! queries gave ([`facts`]), what the plans want ([`plan`]), how much has come ([`coverage`]), one
//! outcome and its judgement ([`subject`]), the versions of the methods ([`versions`]), the statuses
//! of printed reports ([`published`]), and the rows of the table ([`rows`]).

mod coverage;
mod facts;
mod plan;
mod published;
mod rows;
mod subject;
mod versions;

use super::build::ask;
use super::coarse;
use super::standing::Deliveries;
use super::suppress::{self, Price};
use crate::project::Project;
use coverage::Coverage;
use facts::Facts;
use plan::PlanTarget;
use std::collections::{BTreeMap, BTreeSet};
use subject::{Judge, Subject};
use tertial_indicator::{Definition, Direction, Frequency, Ratio};
use tertial_model::{Code, Decimal, Diagnostic, Location, Outcome, Period, Sex};
use tertial_warehouse::Engine;
use tertial_warehouse::engine::EngineError;

pub use coverage::Spans;
pub use plan::{PlanEntry, check_targets, read_plan};
pub use rows::{missing_from, missing_word, read};

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
    /// How many answered, where people were asked.
    pub response: Option<tertial_model::Response>,
    /// A reservation that the source states.
    pub mark: Option<tertial_model::OutcomeMark>,
    /// Hidden by the disclosure control.
    pub hidden: bool,
}

/// A cell: unit, period, sex, breakdown.
type Key = (String, Period, Sex, String);

impl Fact {
    /// The cell it is about.
    fn key(&self) -> Key {
        (self.unit_id.clone(), self.period, self.sex, self.breakdown.clone())
    }
}

/// Computes every outcome and writes `indicator.outcomes` with what stands beside it.
///
/// `day` is the day the release looks from: a version of a method that was decided later does not
/// exist for it.
pub fn compute(
    engine: &Engine,
    project: &Project,
    deliveries: &Deliveries,
    day: &str,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let units = Units::read(engine)?;
    let spans = Spans::read(engine)?;
    let targets = plan::read_targets(engine)?;
    let wanted = read_plan(engine)?;
    let rules = plan::read_rules(engine)?;
    let definitions: Vec<Definition> =
        project.definitions.values().map(|definition| definition.known_on(day)).collect();
    let mut faults = plan::target_faults(project, &targets);
    let catalog = engine.catalog().map_err(|error| unwritten("indicator.outcomes", &error))?;
    let mut facts = BTreeMap::new();
    for definition in &definitions {
        match Facts::read(engine, &catalog, project, definition) {
            Ok(found) => drop(facts.insert(definition.id.clone(), found)),
            Err(found) => faults.extend(found),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let reported: BTreeSet<Period> = facts
        .values()
        .flat_map(|facts| &facts.valid)
        .map(|fact| fact.period)
        .filter(|period| matches!(period, Period::Tertial { .. }))
        .collect();
    let (mut outcomes, mut restated) = (Vec::new(), Vec::new());
    let mut price = Price::default();
    for definition in &definitions {
        let mut own = facts.remove(&definition.id).unwrap_or_default();
        let is_planned = |fact: &Fact| {
            let asks = |entry: &PlanEntry| match entry.indicator_id == definition.id {
                true => entry.asks_for(fact),
                false => entry.follows_the_unit_of(fact),
            };
            fact.sex == Sex::T && wanted.iter().any(asks)
        };
        suppress::hide(definition, &units, &is_planned, &mut own.valid, &mut price);
        let subjects = Subjects {
            definition,
            targets: targets.iter().filter(|target| target.indicator_id == definition.id).collect(),
            plan: wanted.iter().filter(|entry| entry.indicator_id == definition.id).collect(),
            reported: &reported,
            stated: &own.stated,
            coverage: Coverage { project, deliveries, definition, spans: &spans },
            rules: &rules,
        };
        restated.extend(versions::restatements(definition, own.restated));
        outcomes.extend(subjects.outcomes(own.valid));
    }
    let is_coarse = |outcome: &Outcome| {
        let definition = definitions.iter().find(|one| one.id == outcome.id);
        let has_denominator = outcome.denominator.is_some();
        definition.is_some_and(|one| coarse::is_as_printed(one, has_denominator))
    };
    let written = rows::write(engine, &outcomes, &is_coarse)
        .and_then(|()| price.write(engine))
        .and_then(|()| versions::write(engine, &definitions, &restated))
        .and_then(|()| plan::write_targets(engine, project, &targets));
    written.map_err(|error| unwritten("indicator.outcomes", &error))?;
    published::rejudge(engine, &definitions, &rules)?;
    Ok(Vec::new())
}

/// A table of the runner's that could not be written.
fn unwritten(table: &str, error: &EngineError) -> Vec<Diagnostic> {
    let message = format!("the outcomes cannot be written: {error}");
    vec![Diagnostic::error(Code::T0607, message, Location::file(table))]
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

/// The outcomes of one indicator in the making.
struct Subjects<'a> {
    definition: &'a Definition,
    targets: Vec<&'a PlanTarget>,
    plan: Vec<&'a PlanEntry>,
    reported: &'a BTreeSet<Period>,
    /// The cells whose value a role has stated, with the delivery it came in.
    stated: &'a BTreeMap<Key, String>,
    coverage: Coverage<'a>,
    rules: &'a tertial_indicator::status::Rules,
}

impl Subjects<'_> {
    fn outcomes(&self, facts: Vec<Fact>) -> Vec<Outcome> {
        let mut by_key: BTreeMap<Key, Option<Fact>> =
            facts.into_iter().map(|fact| (fact.key(), Some(fact))).collect();
        // What the plan wants to see exists for every reported period, with a reason when empty.
        for entry in &self.plan {
            for &period in self.reported.iter().filter(|period| entry.is_followed_in(**period)) {
                let key = (entry.unit_id.clone(), period, Sex::T, entry.breakdown.clone());
                by_key.entry(key).or_insert(None);
            }
        }
        let values: BTreeMap<Key, Option<Ratio>> = by_key
            .iter()
            .map(|(key, fact)| {
                let value = fact.as_ref().filter(|fact| !fact.hidden);
                (key.clone(), value.and_then(|fact| value_of(self.definition, fact)))
            })
            .collect();
        let mut known = BTreeMap::new();
        let mut outcomes = Vec::with_capacity(by_key.len());
        for (key, fact) in &by_key {
            let (completeness, source_deliveries) = match self.stated.get(key) {
                Some(delivery) => (coverage::one_delivery(), vec![delivery.clone()]),
                None => known
                    .entry(key.1)
                    .or_insert_with(|| {
                        (self.coverage.completeness(key.1), self.coverage.deliveries(key.1))
                    })
                    .clone(),
            };
            let subject =
                Subject { definition: self.definition, key, fact: fact.as_ref(), values: &values };
            let target = self.targets.iter().find(|target| subject.is_aimed_at_by(target));
            let is_planned = key.2 == Sex::T && self.plan.iter().any(|entry| entry.wants(key));
            outcomes.push(subject.outcome(Judge {
                target: target.copied(),
                is_planned,
                rules: self.rules,
                completeness,
                source_deliveries,
            }));
        }
        outcomes
    }
}

/// The value of a fact in the indicator's unit.
fn value_of(definition: &Definition, fact: &Fact) -> Option<Ratio> {
    Ratio::of(fact.numerator?, fact.denominator, definition.factor)
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
