//! From numerators and denominators to what may be said of them.
//!
//! The way of a figure once its query has answered: *facts* ([`fact`]) → *coverage* (how much of the
//! data has come) → *disclosure control* (what must not be shown) → *judgement* (value, target, status)
//! → *signals* (variation, assurance, trend, forecast) and *units* beside each other; and the
//! *difference* between two sets of outcomes. Start reading in [`compute`].
//!
//! Everything here is a function of its arguments: no engine, no files, no clock. Rows are read and
//! written by whoever calls; what an indicator means is `tertial-indicator`'s.

pub mod coverage;
pub mod difference;
pub mod disclosure;
pub mod fact;
pub mod organisation;
pub mod plan;
pub mod precision;
pub mod published;
pub mod reporting;
pub mod responsible;
pub mod signals;
pub mod units;
pub mod versions;

mod subject;

pub use coverage::{Arrivals, Spans};
pub use disclosure::HiddenCells;
pub use fact::{Fact, Facts, Key, value_of};
pub use organisation::Organisation;
pub use plan::{PlanEntry, PlanTarget};
pub use versions::Restatement;

use coverage::Coverage;
use std::collections::{BTreeMap, BTreeSet};
use subject::{Judge, Subject};
use tertial_indicator::{Definition, Ratio, status};
use tertial_model::{Outcome, Period, Sex};

/// What outcomes are computed from, beside the facts.
pub struct Input<'a> {
    /// The indicators, as they are known on the day the release looks from.
    pub definitions: &'a [Definition],
    /// Which units lie under which.
    pub organisation: &'a Organisation,
    /// Every target in its latest decided revision.
    pub targets: &'a [PlanTarget],
    /// What the plans want to see.
    pub plan: &'a [PlanEntry],
    /// The versions of the status rule.
    pub rules: &'a status::Rules,
    /// What has been delivered.
    pub arrivals: &'a dyn Arrivals,
}

/// What came of it.
pub struct Computed {
    /// One per cell: unit, period, sex and breakdown of each indicator.
    pub outcomes: Vec<Outcome>,
    /// The same cells by the versions of the method that are not their period's.
    pub restatements: Vec<Restatement>,
    /// How many cells the disclosure control hides.
    pub hidden: HiddenCells,
}

/// Every outcome with its judgement. The one place where an indicator's value is computed: small groups
/// are hidden and targets are read in the same way for all of them.
pub fn compute(input: &Input, mut facts: BTreeMap<String, Facts>) -> Computed {
    let reported: BTreeSet<Period> = facts
        .values()
        .flat_map(|facts| &facts.valid)
        .map(|fact| fact.period)
        .filter(|period| matches!(period, Period::Tertial { .. }))
        .collect();
    let (mut outcomes, mut restatements) = (Vec::new(), Vec::new());
    let mut hidden = HiddenCells::default();
    for definition in input.definitions {
        let mut own = facts.remove(&definition.id).unwrap_or_default();
        let is_planned = |fact: &Fact| {
            let asks = |entry: &PlanEntry| match entry.indicator_id == definition.id {
                true => entry.asks_for(fact),
                false => entry.follows_the_unit_of(fact),
            };
            fact.sex == Sex::T && input.plan.iter().any(asks)
        };
        disclosure::hide(definition, input.organisation, &is_planned, &mut own.valid, &mut hidden);
        let cells = Cells {
            definition,
            targets: of_indicator(input.targets, |target| target.indicator_id == definition.id),
            plan: of_indicator(input.plan, |entry| entry.indicator_id == definition.id),
            reported: &reported,
            stated: &own.stated,
            coverage: Coverage { arrivals: input.arrivals, definition },
            rules: input.rules,
        };
        restatements.extend(versions::restatements(definition, own.restated));
        outcomes.extend(cells.outcomes(own.valid));
    }
    Computed { outcomes, restatements, hidden }
}

fn of_indicator<T>(all: &[T], is_its: impl Fn(&T) -> bool) -> Vec<&T> {
    all.iter().filter(|one| is_its(one)).collect()
}

/// The cells of one indicator, and what they are judged by.
struct Cells<'a> {
    definition: &'a Definition,
    targets: Vec<&'a PlanTarget>,
    plan: Vec<&'a PlanEntry>,
    reported: &'a BTreeSet<Period>,
    /// The cells whose value a role has stated, with the delivery it came in.
    stated: &'a BTreeMap<Key, String>,
    coverage: Coverage<'a>,
    rules: &'a status::Rules,
}

impl Cells<'_> {
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
                None => {
                    known.entry(key.1).or_insert_with(|| self.coverage.of_period(key.1)).clone()
                }
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
