//! What the plans want to see, which targets they set, and how a printed target is read.

use crate::fact::{Fact, Key};
use std::collections::BTreeMap;
use tertial_indicator::target::{Baseline, Comparator, Context, Target, Wording};
use tertial_indicator::{Definition, Direction};
use tertial_model::{Code, Decimal, Diagnostic, Location, Period};

/// The breakdown that holds the nation's figure where the plan names none.
pub(crate) const NATION: &str = "Riket";
/// The table of targets, as a person edits it.
const TARGETS: &str = "seeds/targets.csv";
/// The kind of a target that is the nation's own figure.
pub(crate) const KIND_NATION: &str = "nation";

/// A target as the plan prints it.
#[derive(Debug, Clone)]
pub struct PlanTarget {
    /// The plan, in the revision that the row stands in.
    pub plan: String,
    /// The indicator it is set for.
    pub indicator_id: String,
    /// The unit it is set for.
    pub unit_id: String,
    /// Breakdown, empty when none.
    pub breakdown: String,
    /// The target in the plan's own words.
    pub printed: String,
    /// `printed`, `strict`, `reduction` or `nation`.
    pub kind: String,
    /// The base year of a change, or the breakdown that holds the nation's figure.
    pub baseline: Option<String>,
    /// First month it holds, `2024-01`.
    pub valid_from: String,
    /// Last month it holds.
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
    /// First month it is followed, `2024-01`.
    pub valid_from: String,
    /// Last month it is followed.
    pub valid_to: String,
    /// Followed once a year and not at every tertial.
    pub is_yearly: bool,
    /// Whether the plan sets a target for it.
    pub has_target: bool,
}

impl PlanEntry {
    /// Whether the plan sets a target for this cell in its tertial reports, so that it is judged.
    pub(crate) fn wants(&self, (unit, period, _, breakdown): &Key) -> bool {
        self.has_target
            && self.unit_id == *unit
            && self.breakdown == *breakdown
            && self.reports(*period)
    }

    /// Whether the plan follows the figure of a fact, whatever its target.
    pub(crate) fn asks_for(&self, fact: &Fact) -> bool {
        self.unit_id == fact.unit_id
            && self.breakdown == fact.breakdown
            && self.is_followed_in(fact.period)
    }

    /// Whether the plan follows the unit of a fact, whatever indicator it is of: the unit's own figure
    /// is asked for beside the plan's.
    pub(crate) fn follows_the_unit_of(&self, fact: &Fact) -> bool {
        self.unit_id == fact.unit_id
            && fact.breakdown.is_empty()
            && self.is_followed_in(fact.period)
    }

    /// Whether the period is one of the tertials the plan follows.
    pub fn reports(&self, period: Period) -> bool {
        matches!(period, Period::Tertial { .. }) && self.is_followed_in(period)
    }

    /// Whether the plan follows the figure in the period: once a year or at every tertial.
    pub(crate) fn is_followed_in(&self, period: Period) -> bool {
        let is_whole_year = matches!(period, Period::Year(_) | Period::Tertial { number: 3, .. });
        holds(period, &self.valid_from, &self.valid_to)
            && (self.has_target || !self.is_yearly || is_whole_year)
    }
}

/// Whether a period lies between two months.
pub(crate) fn holds(period: Period, valid_from: &str, valid_to: &str) -> bool {
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
pub(crate) fn parse_target(
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
pub fn target_faults(
    definitions: &BTreeMap<String, Definition>,
    targets: &[PlanTarget],
) -> Vec<Diagnostic> {
    const KINDS: [&str; 4] = ["printed", "strict", "reduction", KIND_NATION];
    let fault = |target: &PlanTarget| match definitions.get(&target.indicator_id) {
        Some(_) if !KINDS.contains(&target.kind.as_str()) => Some(
            Diagnostic::error(
                Code::InvalidReferenceTable,
                format!("a target has the unknown kind `{}`", target.kind),
                Location::file(TARGETS),
            )
            .with_expected(format!("one of `{}`", KINDS.join("`, `"))),
        ),
        // The nation's figure is the target; the printed text only repeats it.
        Some(_) if target.kind == KIND_NATION => None,
        Some(definition) => parse_target(definition, target).err().map(|fault| *fault),
        None => Some(
            Diagnostic::error(
                Code::InvalidReferenceTable,
                format!("a target names the unknown indicator `{}`", target.indicator_id),
                Location::file(TARGETS),
            )
            .with_expected("an indicator with a definition in `sql/indicator/`"),
        ),
    };
    targets.iter().filter_map(fault).collect()
}

/// How an outcome is compared with the nation's: it is to be better.
pub(crate) fn better_than(definition: &Definition) -> Comparator {
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

/// How a target of the plan was read: its printed text beside comparator, number and baseline.
#[derive(Debug)]
pub struct ReadTarget {
    /// In words; none when it cannot be read or its indicator is unknown.
    pub read_as: Option<String>,
    /// How the outcome is compared with it.
    pub comparator: Option<Comparator>,
    /// The number to reach, for the target's unit.
    pub value: Option<Decimal>,
    /// The upper end, where the target is a range.
    pub upper: Option<Decimal>,
    /// What it is compared with, where it is a change or the nation's figure.
    pub baseline: Option<String>,
    /// What the printed text says beside the target.
    pub remark: Option<String>,
}

impl ReadTarget {
    /// A target in the light of its indicator, if that is known.
    pub fn of(target: &PlanTarget, definition: Option<&Definition>) -> ReadTarget {
        if let Some(definition) = definition.filter(|_| target.kind == KIND_NATION) {
            return ReadTarget {
                read_as: Some(as_nation(definition, target)),
                comparator: Some(better_than(definition)),
                value: None,
                upper: None,
                baseline: target.baseline.clone(),
                remark: None,
            };
        }
        let read = definition.and_then(|definition| parse_target(definition, target).ok());
        let baseline = match &read {
            Some(read) if read.baseline == Baseline::None => None,
            Some(read) => Some(read.baseline.to_string()),
            None => target.baseline.clone(),
        };
        ReadTarget {
            read_as: read.as_ref().map(Target::text),
            comparator: read.as_ref().map(|read| read.comparator),
            value: read.as_ref().and_then(|read| read.value_for(&target.unit_id)),
            upper: read.as_ref().and_then(|read| read.upper),
            baseline,
            remark: read.and_then(|read| read.remark),
        }
    }
}
